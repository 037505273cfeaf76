/* lib/store/maildir/md_lock.h - Dovecot's dotlock: FILE.lock, made with O_EXCL, holding "PID:HOST".
 *
 * Blocks until it has the lock or the time is up. A lock is stale, and removed, when nobody
 * touched it for 120 s, when its process is gone from this host, or when it stayed empty. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_MAILDIR_MD_LOCK_H
#define LIB_STORE_MAILDIR_MD_LOCK_H

#include <sys/types.h>

#include "lib/base/rc.h"
#include "lib/store/fs.h"

enum { MD_LOCK_STALE_S = 120, MD_LOCK_EMPTY_S = 2, MD_LOCK_TOUCH_S = 10 };

struct md_lock {
	int dir;	/* borrowed; must outlive the lock */
	char name[64];	/* "dovecot-uidlist.lock" */
	int fd;		/* -1: not held */
	uint64_t ino;
	int64_t touched_ns;
};

#define MD_LOCK_NONE ((struct md_lock){ .fd = -1 })

/* RC_TEMP: others hold it for longer than TIMEOUT_MS; RC_DENIED, RC_LIMIT: it cannot be made. */
enum rc md_lock_get(struct md_lock *l, int dir, const char *file, const char *hostname,
		    mode_t mode, unsigned timeout_ms, struct err *err);

/* Show others that a long piece of work goes on; cheap, call it in every round. */
void md_lock_keep(struct md_lock *l);

/* Remove the lock if it is still ours. Harmless when not held. */
void md_lock_drop(struct md_lock *l);

static inline bool md_lock_is_held(const struct md_lock *l) { return l->fd >= 0; }

#endif
