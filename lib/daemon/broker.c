/* SPDX-License-Identifier: ISC */
#include "lib/daemon/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/daemon/daemon_impl.h"
#include "lib/sys/log.h"

enum { JOB_TERM_MS = 2000, ROLES_MAX = 4, JOB_PATHS_MAX = 16, FD_JOB = 5, EXIT_NOT_CONFINED = 71 };

struct job {
	struct child child;
	struct list link;
	struct daemon *daemon;
	void *arg;
	void (*on_exit)(void *arg, pid_t pid, int wait_status);
};

struct broker {
	struct {
		const struct role *role;
		struct filter *filter;
	} roles[ROLES_MAX];
	size_t n_roles;
	struct list jobs;
	unsigned n_jobs, max_jobs;
	struct timer kill_timer;
	bool stopping;
	void (*on_stop)(struct daemon *d);	/* NULL once it has run */
	struct io relay;	/* what jobs log comes in here ... */
	int relay_in;		/* ... and is put in here */
};

/* A job cannot be given a new way to the log when a reload or a restart has cut its own: it logs
 * through us. */
static void relay_lines(struct broker *b)
{
	char packet[LOG_PACKET_MAX];
	ssize_t n;

	while ((n = recv(b->relay.fd, packet, sizeof(packet), MSG_DONTWAIT)) > 0)
		log_relay(packet, (size_t)n);
}

static void on_relay(struct io *io, int ready)
{
	(void)ready;
	relay_lines(LIST_ENTRY(io, struct broker, relay));
}

static enum rc open_relay(struct broker *b, struct loop *loop, struct err *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) != 0)
		return err_sys(err, "socketpair");
	io_init(&b->relay, loop, fds[0], on_relay);
	io_want(&b->relay, IO_READ);
	b->relay_in = fds[1];
	return RC_OK;
}

enum rc broker_init(struct daemon *d, unsigned max_jobs, const char *const *roles,
		    struct err *err)
{
	struct broker *b = mem_new(1, sizeof(*b));

	d->broker = b;
	b->max_jobs = max_jobs;
	list_init(&b->jobs);
	for (; *roles != NULL && b->n_roles < ROLES_MAX; roles++) {
		const struct role *role = role_find(*roles);

		if (role == NULL)
			return err_set(err, RC_PERM, "there is no role %s", *roles);
		b->roles[b->n_roles].role = role;
		if (!(role->flags & ROLE_NO_FILTER)) {
			b->roles[b->n_roles].filter = filter_new(role, err);
			if (b->roles[b->n_roles].filter == NULL)
				return RC_SYS;
		}
		b->n_roles++;
	}
	return open_relay(b, d->loop, err);
}

/* A copy of FD that is out of the way of the numbers descriptors are going to. */
static int move_up(int fd)
{
	return fd < FD_JOB + BROKER_FDS_MAX ? fcntl(fd, F_DUPFD, FD_JOB + BROKER_FDS_MAX) : fd;
}

/* FDS become FD_JOB, FD_JOB + 1, ... in order, RELAY the log; all others are closed. Any of them can
 * have any number now: a reload has set free even that of the log. */
static bool arrange_fds(int relay, int *fds, size_t n)
{
	relay = move_up(relay);
	for (size_t i = 0; i < n; i++) {
		fds[i] = move_up(fds[i]);
		if (fds[i] < 0)
			return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (dup3(fds[i], FD_JOB + (int)i, O_CLOEXEC) < 0)
			return false;
		fds[i] = FD_JOB + (int)i;
	}
	if (relay < 0 || dup3(relay, FD_LOG, O_CLOEXEC) < 0)
		return false;
	log_become_child(FD_LOG);
	close(FD_CONTROL);
	return close_range((unsigned)FD_JOB + (unsigned)n, ~0U, 0) == 0;
}

static enum rc become(struct daemon *d, const struct job_spec *spec, size_t role_index,
		      struct err *err)
{
	struct role_extra extra[JOB_PATHS_MAX];
	struct role_env env = d->env;

	env.uid = spec->uid;
	env.gid = spec->gid;
	env.user = spec->user;
	env.extra = extra;
	env.n_extra = 0;
	for (const char *const *p = spec->paths; p != NULL && *p != NULL; p++) {
		if (env.n_extra == JOB_PATHS_MAX)
			return err_set(err, RC_LIMIT, "more than %d paths for a job",
				       JOB_PATHS_MAX);
		extra[env.n_extra++] = (struct role_extra){ *p, PATH_READ | PATH_WRITE,
							    spec->makes_paths };
	}
	return role_enter(d->broker->roles[role_index].role, &env,
			  d->broker->roles[role_index].filter, err);
}

static _Noreturn void run_job(struct daemon *d, const struct job_spec *spec, size_t role_index,
			      const sigset_t *signals)
{
	struct err err = { 0 };
	int fds[BROKER_FDS_MAX], status;

	loop_leave_in_child(d->loop);
	sigprocmask(SIG_SETMASK, signals, NULL);
	log_on_lost(NULL);
	memcpy(fds, spec->fds, spec->n_fds * sizeof(fds[0]));
	if (!arrange_fds(d->broker->relay_in, fds, spec->n_fds)) {
		log_error(NULL, "descriptors of a job: %s", strerror(errno));
		_exit(EXIT_NOT_CONFINED);
	}
	if (become(d, spec, role_index, &err) != RC_OK) {
		log_err(NULL, &err, "cannot start a job for %s",
			spec->user != NULL ? spec->user : "a user");
		_exit(EXIT_NOT_CONFINED);
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);	/* becoming the user has cleared it */
	status = spec->run(spec->arg, fds, spec->n_fds);
	log_finish(LAST_WORDS_MS);
	_exit(status);
}

static void on_job_end(struct child *c, int status)
{
	struct job *job = LIST_ENTRY(c, struct job, child);
	struct daemon *d = job->daemon;
	pid_t pid = c->pid;

	list_remove(&job->link);
	relay_lines(d->broker);
	if (--d->broker->n_jobs == 0 && d->broker->stopping)
		daemon_finish(d);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM)
		log_warn(NULL, "job %d killed by signal %d", (int)pid, WTERMSIG(status));
	if (job->on_exit != NULL)
		job->on_exit(job->arg, pid, status);
	free(job);
	daemon_session_end(d);
}

static bool find_role(const struct broker *b, const char *name, size_t *ret)
{
	for (size_t i = 0; i < b->n_roles; i++)
		if (strcmp(b->roles[i].role->name, name) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

/* Who asks for a job has parsed what strangers wrote. Were it taken over, it could ask for a job as
 * one of our own users: the queue, the passwords, the other processes. */
static enum rc check_user(const struct daemon *d, const struct role *role, uid_t uid,
			  struct err *err)
{
	if (d->env.is_rootless)
		return RC_OK;
	if (uid == 0 && role->user != ROLE_USER_ROOT && (role->flags & ROLE_MAY_BE_ROOT) == 0)
		return err_set(err, RC_DENIED, "no job runs as root");
	for (size_t i = 0; i < d->n_own_uids && role->user == ROLE_USER_JOB; i++)
		if (d->own_uids[i] == uid)
			return err_set(err, RC_DENIED, "no job runs as user id %u, which is one "
				       "of the mail system's own", (unsigned)uid);
	return RC_OK;
}

static void watch(struct daemon *d, const struct job_spec *spec, pid_t pid)
{
	struct job *job = mem_new(1, sizeof(*job));

	job->daemon = d;
	job->arg = spec->arg;
	job->on_exit = spec->on_exit;
	list_append(&d->broker->jobs, &job->link);
	d->broker->n_jobs++;
	child_watch(&job->child, d->loop, pid, on_job_end);
	daemon_session_begin(d);
}

enum rc broker_run(struct daemon *d, const struct job_spec *spec, pid_t *ret_pid,
		   struct err *err)
{
	struct broker *b = d->broker;
	sigset_t all, before;
	size_t role_index;
	pid_t pid;

	if (!find_role(b, spec->role, &role_index) || spec->n_fds > BROKER_FDS_MAX)
		return err_set(err, RC_PERM, "role %s is not for this broker", spec->role);
	if (check_user(d, b->roles[role_index].role, spec->uid, err) != RC_OK)
		return RC_DENIED;
	if (b->n_jobs >= b->max_jobs)
		return err_set(err, RC_LIMIT, "%u jobs are running, the most allowed",
			       b->n_jobs);
	/* A signal that came between fork and the reset of handlers would be told to the parent's
	 * loop, whose pipe the child still shares. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0)
		run_job(d, spec, role_index, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return err_sys(err, "fork");
	watch(d, spec, pid);
	if (ret_pid != NULL)
		*ret_pid = pid;
	return RC_OK;
}

static void signal_jobs(struct broker *b, int signo)
{
	LIST_EACH(node, &b->jobs)
		kill(LIST_ENTRY(node, struct job, link)->child.pid, signo);
}

/* Jobs say a last word to their clients; one that is too busy for it is ended. */
static void on_kill_timer(struct timer *t)
{
	struct broker *b = LIST_ENTRY(t, struct broker, kill_timer);

	signal_jobs(b, SIGKILL);
}

void broker_on_stop(struct daemon *d, void (*cb)(struct daemon *d))
{
	d->broker->on_stop = cb;
}

bool broker_stop_jobs(struct daemon *d)
{
	struct broker *b = d->broker;
	void (*on_stop)(struct daemon *d) = b != NULL ? b->on_stop : NULL;

	if (on_stop != NULL) {
		b->on_stop = NULL;
		on_stop(d);
	}
	if (b == NULL || b->n_jobs == 0)
		return false;
	signal_jobs(b, SIGTERM);
	if (!b->stopping) {
		b->stopping = true;
		timer_init(&b->kill_timer, d->loop, on_kill_timer);
		timer_start(&b->kill_timer, JOB_TERM_MS);
	}
	return true;
}
