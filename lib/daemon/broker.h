/* lib/daemon/broker.h - the skeleton of imapd, pop3d and of local's workers: a small root
 * process that makes jobs, each of which becomes its user before it reads a byte.
 *
 * The broker is a loop daemon that keeps root (or the caller, rootless) but is confined by its
 * role to fork, setuid, and passing descriptors. It parses nothing a client or a message wrote.
 * A job is forked from this warm process: parameters and tables are loaded, code is linked, no
 * secret of another job is in memory. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_BROKER_H
#define LIB_DAEMON_BROKER_H

#include "lib/daemon/daemon.h"

/* What the job becomes, and what it gets. Slices are copied into the child by fork. */
struct job_spec {
	uid_t uid;
	gid_t gid;
	const char *user;		/* login name, for initgroups; NULL: no further groups */
	const char *role;		/* lib/sys/roles.def: "imap-job", "local-worker" */
	const char *const *paths;	/* NULL-ended: directories it may read and write; or NULL */
	bool makes_paths;		/* what is missing of PATHS is made, with the user's rights */
	int *fds;			/* kept open in the child, non-blocking or not as they are;
					 * all others but 0 to 2 and the log are closed */
	size_t n_fds;			/* at most BROKER_FDS_MAX */
	/* Runs in the child after it is the user and confined. Returns its exit status. FDS are
	 * the child's numbers, in the order given. */
	int (*run)(void *arg, int *fds, size_t n_fds);
	void *arg;
	/* Runs in the broker when the job has ended; may be NULL. */
	void (*on_exit)(void *arg, pid_t pid, int wait_status);
};

enum { BROKER_FDS_MAX = 16 };

/* Once, in start() (of the daemon or of its helper). Makes the filters of ROLES (NULL-ended). */
enum rc broker_init(struct daemon *d, unsigned max_jobs, const char *const *roles,
		    struct err *err);

/* Fork the job. The broker's copies of FDS stay open: close them. uid 0 is refused with
 * RC_DENIED unless the role's user is ROOT or it has ROLE_MAY_BE_ROOT; so are mail_owner,
 * auth_owner and net_owner for a role whose user is JOB. RC_LIMIT: MAX_JOBS run already.
 * RC_SYS: no fork. Each job counts as a session of the daemon until it has ended; it is
 * terminated when the broker dies. */
enum rc broker_run(struct daemon *d, const struct job_spec *spec, pid_t *ret_pid,
		   struct err *err);

/* CB runs once when the broker is told to end, before its jobs are. */
void broker_on_stop(struct daemon *d, void (*cb)(struct daemon *d));

/* SIGTERM to every job, and SIGKILL to what is left two seconds later. False: there is none. */
bool broker_stop_jobs(struct daemon *d);

#endif
