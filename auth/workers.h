/* auth/workers.h - auth's side of its worker processes: what would block the loop is done there.
 *
 * Two kinds: one computes costly hashes and may do nothing else, one asks PAM and NSS and stays
 * root. Each worker has one job at a time; jobs wait in order when all are busy; a worker that
 * has had nothing to do for a minute is let go. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_WORKERS_H
#define AUTH_WORKERS_H

#include "lib/base/list.h"
#include "lib/daemon/daemon.h"
#include "lib/ipc/authworker.h"

struct worker;
struct workers;

enum { WORKERS_IDLE_MS = 60000, WORKERS_JOBS_MAX = 20000 };

enum job_kind { JOB_VERIFY, JOB_PAM, JOB_USER };

/* Slices borrow from the worker's message. */
struct job_result {
	unsigned code;		/* WORKER_YES and so on; JOB_USER: YES, UNKNOWN or TEMP */
	struct slice user;
	struct slice reason;
	uint32_t uid, gid;
	struct slice home;
};

/* Embedded in its owner, who keeps what the slices point to until DONE or workers_cancel(). */
struct job {
	struct list link;
	struct worker *worker;
	struct workers *workers;
	enum job_kind kind;
	struct slice stored, scheme;		/* JOB_VERIFY */
	struct slice password;			/* JOB_VERIFY, JOB_PAM */
	struct slice user;			/* JOB_PAM, JOB_USER */
	struct slice service, remote_addr;	/* JOB_PAM */
	void (*done)(struct job *j, const struct job_result *r);
};

/* START is peer_start, or a test's. */
struct workers *workers_new(struct daemon *d, struct loop *loop, unsigned max_hash,
			    unsigned max_system, void (*start)(struct peer *));
void workers_free(struct workers **w);

/* DONE is called later, or at once with WORKER_TEMP when too much is waiting. */
void workers_submit(struct workers *w, struct job *j);

/* J is the owner's again, DONE will not be called; a job in work is finished for nobody. Harmless
 * for a job that was never submitted (zeroed) or is done. */
void workers_cancel(struct job *j);

#endif
