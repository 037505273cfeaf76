/* lib/sys/unixpath.h - connect to a UNIX socket whose path may be of any length.
 *
 * A socket's address holds 107 bytes of path; a spool below a deep directory has longer ones. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_UNIXPATH_H
#define LIB_SYS_UNIXPATH_H

/* Connect the socket FD to PATH. 0, or -1 with errno, as connect(2). For unconfined programs: a
 * long path needs /proc. */
int unixpath_connect(int fd, const char *path);

#endif
