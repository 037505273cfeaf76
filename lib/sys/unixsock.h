/* lib/sys/unixsock.h - connecting to a socket in the file system, however long its path is.
 *
 * An address holds 107 bytes of path; a spool may lie deeper. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_UNIXSOCK_H
#define LIB_SYS_UNIXSOCK_H

/* A socket of TYPE (with SOCK_NONBLOCK if wanted), closed on exec and connected to PATH; -1 with
 * errno when it cannot be. */
int unixsock_connect(const char *path, int type);

#endif
