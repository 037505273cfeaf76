/* lib/deliver/lock.h - the locks of mailbox files: dot lock, fcntl, flock.
 *
 * Blocking, as long as spec->lock_attempts and lock_delay_ms say. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DELIVER_LOCK_H
#define LIB_DELIVER_LOCK_H

#include <limits.h>

#include "lib/deliver/mbox.h"

struct dot_lock {
	bool is_held;
	char path[PATH_MAX];
};

/* Make PATH.lock. 0, or -1 with errno: EACCES when the directory does not let this user make
 * files (then the other locks must do), EAGAIN when another holds it. A lock file older than
 * stale_lock_ms is removed. */
int lock_dot(struct dot_lock *l, const struct mbox_spec *spec);
void unlock_dot(struct dot_lock *l);	/* harmless when not held */

/* The fcntl and flock parts, on the open mailbox. -1 with errno. Closing FD unlocks. */
int lock_file(int fd, const struct mbox_spec *spec);

#endif
