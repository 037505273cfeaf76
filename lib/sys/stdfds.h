/* lib/sys/stdfds.h - standard input, output and error are open, whoever started us. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_STDFDS_H
#define LIB_SYS_STDFDS_H

/* Before anything else is opened: what is closed of 0, 1, 2 becomes /dev/null. Otherwise a file
 * or a socket gets that number, and what is printed goes there. */
void stdfds_open(void);

#endif
