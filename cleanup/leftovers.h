/* cleanup/leftovers.h - remove unfinished files that a cleanup that is no more has left.
 *
 * An unfinished file (mode 0600) was promised to nobody, and only cleanup makes them. Whoever
 * holds the lock file knows that no other cleanup lives (one that drains after a reload keeps
 * it), so each such file that is not of one of its own transactions can go. */
/* SPDX-License-Identifier: ISC */
#ifndef CLEANUP_LEFTOVERS_H
#define CLEANUP_LEFTOVERS_H

#include "cleanup/server.h"

struct leftovers {
	struct cleanup *c;
	int lock_fd;
	struct timer timer;
};

/* LOCK_FD is a file open for writing; kept for the life of the process. Looks at once, and again
 * every minute until the lock was got and the spool cleaned. */
void leftovers_start(struct leftovers *l, struct cleanup *c, int lock_fd);
void leftovers_stop(struct leftovers *l);

#endif
