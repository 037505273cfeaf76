/* login/address.h - addresses of a connection as text, and what follows from them. */
/* SPDX-License-Identifier: ISC */
#ifndef LOGIN_ADDRESS_H
#define LOGIN_ADDRESS_H

#include "lib/base/slice.h"

/* Numeric; IPv4 in IPv6 clothes is shown as IPv4. Empty and 0 for what is no internet socket. */
void address_of_peer(int fd, char *out, size_t size, uint16_t *ret_port);
void address_of_self(int fd, char *out, size_t size, uint16_t *ret_port);

/* Nobody can listen on the way: both ends are this machine (same address, or loopback). */
bool address_is_local(const char *remote, const char *local);

/* An identifier of a session for the logs, unique on this machine: 16 characters and NUL. */
void address_session_id(int64_t unix_us, uint16_t remote_port, char *out, size_t size);

#endif
