/* cleanup/leftovers.h - remove unfinished files that a cleanup that is no more has left.
 *
 * An unfinished file (mode 0600) was promised to nobody, and only cleanup makes them. Every
 * cleanup shares the lock file from before its first transaction until its end, also while it
 * drains after a reload. Who has it alone for a moment knows that no other cleanup lives, so each
 * such file that is not of one of its own transactions can go. */
/* SPDX-License-Identifier: ISC */
#ifndef CLEANUP_LEFTOVERS_H
#define CLEANUP_LEFTOVERS_H

#include "cleanup/server.h"

struct leftovers {
	struct cleanup *c;
	int lock_fd;
	struct timer timer;
};

/* LOCK_FD is a file open for reading and writing, kept for the life of the process. Call before
 * the first transaction. Looks at once, and again every minute until it was alone once. */
void leftovers_start(struct leftovers *l, struct cleanup *c, int lock_fd);
void leftovers_stop(struct leftovers *l);

#endif
