/* auth/outside.h - the public Dovecot authentication protocol on a stream socket, for Exim, Postfix
 * and other programs that are not ours. The codec is lib/sasl/authproto.h. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_OUTSIDE_H
#define AUTH_OUTSIDE_H

#include "auth/request.h"

enum { OUTSIDE_MAX = 1000 };	/* connections at once; one more is closed unheard */

/* Takes FD over; frees itself when the peer goes. */
void outside_new(struct auth *a, int fd);

#endif
