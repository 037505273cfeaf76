/* SPDX-License-Identifier: ISC */
#include "lib/daemon/access.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "lib/ipc/auth.h"
#include "lib/ipc/login.h"
#include "lib/sys/log.h"

enum {
	CLIENT_MEM_MAX = 65536,
	REDEEM_TIMEOUT_MS = 30000,
	FULL_MS = 1000,			/* a job that has let its client go may not yet be reaped */
	PAIRS_MAX = 1000000
};

struct access {
	struct daemon *daemon;
	const struct access_spec *spec;
	struct peer auth;
	struct list waiting;		/* for auth */
	struct list full;		/* for another job of the same user and address to end */
	struct sleep_room *room;	/* NULL: sessions do not sleep */
	struct sleep_spec sleep;
	struct hash pairs;		/* user and address -> unsigned: sessions of theirs */
	uint32_t last_id;
	unsigned n_pending;		/* clients without a job yet */
};

/* A login process. */
struct link {
	struct access *access;
	struct ipc_chan chan;
	struct list clients;	/* waiting for auth */
};

/* A client from hand-over to the end of its session. */
struct handed {
	struct access *access;
	struct list by_link, waiting;	/* WAITING: also in access.full */
	struct link *link;		/* NULL: login has gone, or has been answered */
	struct timer timer;		/* auth's time is over */
	struct arena arena;
	struct access_client c;
	struct slice token;
	struct slice pair;		/* user and address, counted in pairs */
	const char *system_user;	/* NULL: no account of the system */
	uint32_t login_id;
	uint32_t redeem_id;		/* 0: not yet asked */
	uid_t uid;
	gid_t gid;
	int fd;
	bool is_pending;
	struct sleeper *sleeper;	/* NULL: sessions do not sleep */
	bool is_asleep;			/* counted among the daemon's sessions without a job */
	pid_t pid;			/* of the last job */
};

static void end_pending(struct handed *h)
{
	h->access->n_pending -= h->is_pending;
	h->is_pending = false;
}

static void done(struct handed *h)
{
	end_pending(h);
	timer_stop(&h->timer);
	list_remove(&h->by_link);
	list_remove(&h->waiting);
	if (h->fd >= 0)
		close(h->fd);
	sleeper_free(&h->sleeper);
	arena_done(&h->arena);
	free(h);
}

static void refuse(struct handed *h, bool temporary, struct slice reason)
{
	const struct login_refused m = {
		.id = h->login_id, .temporary = temporary, .reason = slice_sub(reason, 0, 256),
	};

	if (h->link != NULL)
		login_refused_send(&h->link->chan, &m);
	done(h);
}

/* --- counting --- */

static void start_job(struct handed *h);

static bool count_in(struct handed *h)
{
	unsigned *n;

	h->pair = slice_str(arena_printf(&h->arena, "%s %s", h->c.user, h->c.remote_addr));
	n = hash_get(&h->access->pairs, h->pair);
	if (n == NULL) {
		n = mem_new(1, sizeof(*n));
		if (hash_put(&h->access->pairs, h->pair, n, NULL) != RC_OK) {
			free(n);
			return false;
		}
	}
	if (h->access->spec->max_user_ip > 0 && *n >= h->access->spec->max_user_ip)
		return false;
	++*n;
	return true;
}

static void count_out(struct handed *h)
{
	unsigned *n = hash_get(&h->access->pairs, h->pair);

	if (n != NULL && --*n == 0)
		free(hash_remove(&h->access->pairs, h->pair));
}

static void on_still_full(struct timer *t)
{
	refuse(LIST_ENTRY(t, struct handed, timer), false,
	       SLICE_LIT("Maximum number of connections from user+IP exceeded"));
}

/* A client that closes one connection and opens another is quicker than the end of its job. */
static void await_place(struct handed *h)
{
	list_append(&h->access->full, &h->waiting);
	timer_init(&h->timer, daemon_loop(h->access->daemon), on_still_full);
	timer_start(&h->timer, FULL_MS);
}

static void start_next(struct access *a, struct slice pair)
{
	LIST_EACH(node, &a->full) {
		struct handed *h = LIST_ENTRY(node, struct handed, waiting);

		if (slice_eq(h->pair, pair)) {
			timer_stop(&h->timer);
			list_remove(&h->waiting);
			start_job(h);
			return;
		}
	}
}

/* --- the job --- */

/* Who speaks in the log: the session, whichever process has it. */
static void log_as(const struct handed *h, pid_t pid)
{
	char who[512];

	snprintf(who, sizeof(who), "%s(%s)<%d><%s>", h->access->spec->service, h->c.user, (int)pid,
		 h->c.session);
	log_as_dovecot(who);
}

static int run(void *arg, int *fds, size_t n_fds)
{
	struct handed *h = arg;
	struct sleep_bed bed = { .fd = n_fds > 1 ? fds[1] : -1 };
	const int on = 1;
	sigset_t stop;

	log_as(h, getpid());
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	h->c.stop_fd = signalfd(-1, &stop, SFD_CLOEXEC);
	h->c.bed = &bed;
	/* Answers leave in whole pieces already. Fails on the socketpair of a relayed client. */
	(void)setsockopt(fds[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return h->access->spec->serve(&h->c, fds[0]);
}

static void session_over(struct handed *h)
{
	struct access *a = h->access;

	if (h->is_asleep)
		daemon_session_end(a->daemon);
	count_out(h);
	start_next(a, h->pair);
	done(h);
}

static void on_exit_of(void *arg, pid_t pid, int status)
{
	struct handed *h = arg;

	(void)pid;
	if (h->sleeper != NULL && WIFEXITED(status) && WEXITSTATUS(status) == ACCESS_ASLEEP &&
	    sleeper_settle(h->sleeper)) {
		h->is_asleep = true;
		daemon_session_begin(h->access->daemon);
		return;
	}
	session_over(h);
}

/* "maildir:PATH:OPTIONS" and "mbox:PATH:OPTIONS": the job may use what is below PATH. */
static const char *mail_path(struct handed *h)
{
	struct slice rest = slice_str(h->c.mail_location), part = { NULL, 0 };
	ptrdiff_t colon = slice_chr(rest, ':');

	rest = slice_skip(rest, (size_t)(colon + 1));
	if (colon < 0 || !slice_split(&rest, ':', &part) || part.n == 0)
		return NULL;
	if (slice_is(part, "~") || slice_starts(part, SLICE_LIT("~/")))
		return arena_printf(&h->arena, "%s%.*s", h->c.home, SLICE_ARG(slice_skip(part, 1)));
	return part.p[0] == '/' ? arena_str(&h->arena, part) : NULL;
}

static void started(struct handed *h)
{
	const struct login_started m = { .id = h->login_id, .pid = (uint32_t)h->pid };

	if (h->link != NULL)
		login_started_send(&h->link->chan, &m);
	end_pending(h);
	list_remove(&h->by_link);
	h->link = NULL;
	close(h->fd);
	h->fd = -1;
}

/* A process for H, whose client is FD. */
static enum rc make_job(struct handed *h, int fd, struct err *err)
{
	const char *paths[2] = { mail_path(h), NULL };
	int fds[2] = { fd, -1 };
	struct job_spec job = {
		.uid = h->uid, .gid = h->gid, .user = h->system_user, .role = h->access->spec->role,
		.paths = paths, .makes_paths = true, .fds = fds, .n_fds = 1, .run = run, .arg = h,
		.on_exit = on_exit_of,
	};
	enum rc rc;

	if (h->access->room != NULL && h->sleeper == NULL)
		h->sleeper = sleeper_new(h->access->room, h->uid, h->gid, h);
	if (h->sleeper != NULL) {
		if (sleeper_open(h->sleeper, &fds[1], err) != RC_OK)
			return RC_SYS;
		job.n_fds = 2;
	}
	rc = broker_run(h->access->daemon, &job, &h->pid, err);
	if (fds[1] >= 0)
		close(fds[1]);
	return rc;
}

static void start_job(struct handed *h)
{
	struct err err = { 0 };

	if (mail_path(h) == NULL) {
		log_error(NULL, "user %s: mail location \"%s\" names no directory", h->c.user,
			  h->c.mail_location);
		refuse(h, true, SLICE_LIT("Internal error occurred."));
	} else if (!count_in(h)) {
		await_place(h);
	} else if (make_job(h, h->fd, &err) != RC_OK) {
		log_err(NULL, &err, "user %s", h->c.user);
		count_out(h);
		refuse(h, true, SLICE_LIT("Server is busy, try again later."));
	} else {
		started(h);
	}
}

static void on_wake(void *owner)
{
	struct handed *h = owner;
	struct err err = { 0 };

	h->c.asleep = sleeper_state(h->sleeper);
	h->c.sent_asleep = sleeper_sent_bytes(h->sleeper);
	h->c.input = (struct slice){ NULL, 0 };		/* read long ago */
	if (make_job(h, sleeper_client(h->sleeper), &err) != RC_OK) {
		log_err(NULL, &err, "user %s", h->c.user);
		session_over(h);
		return;
	}
	h->c.asleep = (struct slice){ NULL, 0 };	/* the job's by now */
	sleeper_forget(h->sleeper);
	h->is_asleep = false;
	daemon_session_end(h->access->daemon);
}

static void on_bye(void *owner)
{
	struct handed *h = owner;

	log_as(h, h->pid);
	log_info(NULL, "%s", sleeper_last_line(h->sleeper));
	log_as_dovecot(h->access->spec->service);
	session_over(h);
}

static void on_stop(struct daemon *d)
{
	struct access *a = daemon_user(d);

	sleep_room_close(a->room);
}

/* --- auth --- */

static struct access *access_of(struct ipc_chan *auth)
{
	return LIST_ENTRY(auth, struct access, auth.chan);
}

static struct handed *find_waiting(struct access *a, uint32_t redeem_id)
{
	LIST_EACH(node, &a->waiting) {
		struct handed *h = LIST_ENTRY(node, struct handed, waiting);

		if (h->redeem_id == redeem_id)
			return h;
	}
	return NULL;
}

/* Auth has spoken: H waits no more. */
static void stop_waiting(struct handed *h)
{
	timer_stop(&h->timer);
	list_remove(&h->waiting);
}

/* Only an account of the system has further groups to look up. */
static const char *system_user(struct handed *h, struct slice extra)
{
	static const struct slice name = { "system_user=", 12 };
	struct slice field;

	while (slice_split(&extra, '\0', &field))
		if (slice_starts(field, name) && field.n > name.n)
			return arena_str(&h->arena, slice_skip(field, name.n));
	return NULL;
}

static enum rc on_user_found(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct auth_user_found m;
	enum rc rc = auth_user_found_get(r, &m);
	struct handed *h;

	if (rc != RC_OK)
		return rc;
	h = find_waiting(access_of(chan), m.id);
	if (h == NULL)
		return RC_OK;
	stop_waiting(h);
	h->uid = m.uid;
	h->gid = m.gid;
	h->c.user = arena_str(&h->arena, m.user);
	h->c.home = arena_str(&h->arena, m.home);
	h->c.mail_location = arena_str(&h->arena, m.mail_location);
	h->c.session = arena_str(&h->arena, m.session);
	h->system_user = system_user(h, m.extra);
	if (h->c.session == NULL || h->c.user == NULL || h->c.home == NULL ||
	    h->c.mail_location == NULL || slice_has_nul(m.user) || slice_has_nul(m.home) ||
	    slice_has_nul(m.mail_location))
		refuse(h, true, SLICE_LIT("Internal error occurred."));
	else
		start_job(h);
	return RC_OK;
}

static enum rc on_user_none(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct auth_user_none m;
	enum rc rc = auth_user_none_get(r, &m);
	struct handed *h;

	if (rc != RC_OK)
		return rc;
	h = find_waiting(access_of(chan), m.id);
	if (h != NULL) {
		stop_waiting(h);
		refuse(h, m.temporary, m.reason);
	}
	return RC_OK;
}

static void on_auth_down(struct peer *p, const struct err *why)
{
	struct access *a = p->owner;

	(void)why;
	LIST_EACH(node, &a->waiting)
		refuse(LIST_ENTRY(node, struct handed, waiting), true,
		       SLICE_LIT("Authentication server is not available."));
}

static void on_late(struct timer *t)
{
	refuse(LIST_ENTRY(t, struct handed, timer), true,
	       SLICE_LIT("Authentication server does not answer."));
}

static void redeem(struct handed *h)
{
	struct access *a = h->access;
	struct auth_redeem m = { .token = h->token, .service = slice_str(a->spec->service) };

	if (++a->last_id == 0)
		a->last_id = 1;
	m.id = h->redeem_id = a->last_id;
	auth_redeem_send(&a->auth.chan, &m);
}

/* Clients that came while there was no channel. */
static void on_auth_up(struct peer *p)
{
	struct access *a = p->owner;

	LIST_EACH(node, &a->waiting)
		redeem(LIST_ENTRY(node, struct handed, waiting));
}

/* --- login --- */

static enum rc on_handover(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct link *link = chan->owner;
	struct login_handover m;
	enum rc rc = login_handover_get(r, &m);
	struct handed *h;

	if (rc != RC_OK)
		return rc;
	h = mem_new(1, sizeof(*h));
	arena_init(&h->arena, CLIENT_MEM_MAX);
	h->access = link->access;
	h->link = link;
	list_append(&link->clients, &h->by_link);
	list_append(&h->access->waiting, &h->waiting);
	timer_init(&h->timer, daemon_loop(h->access->daemon), on_late);
	timer_start(&h->timer, REDEEM_TIMEOUT_MS);
	h->login_id = m.id;
	h->fd = m.client;
	h->c.local_addr = arena_str(&h->arena, m.local_addr);
	h->c.remote_addr = arena_str(&h->arena, m.remote_addr);
	h->c.command_tag = arena_str(&h->arena, m.command_tag);
	h->c.tell_capability = m.tell_capability;
	h->c.secured = m.secured;
	h->c.input = arena_slice(&h->arena, m.input);
	h->token = arena_slice(&h->arena, m.token);
	h->is_pending = true;
	h->access->n_pending++;
	/* As many jobs there cannot be; and login may be somebody else's by now. */
	if (h->access->n_pending > h->access->spec->max_jobs)
		refuse(h, true, SLICE_LIT("Server is busy, try again later."));
	else if (peer_is_up(&h->access->auth))
		redeem(h);
	return RC_OK;
}

static const struct ipc_handler login_handlers[] = {
	{ login_handover_type, 0, on_handover },
};
static const struct ipc_handler auth_handlers[] = {
	{ auth_user_found_type, 0, on_user_found },
	{ auth_user_none_type, 0, on_user_none },
};

/* Without login there is nobody to tell; a client in the middle of its login is lost with it. */
static void on_login_gone(struct ipc_chan *chan, const struct err *why)
{
	struct link *link = chan->owner;

	(void)why;
	LIST_EACH(node, &link->clients)
		done(LIST_ENTRY(node, struct handed, by_link));
	ipc_chan_done(&link->chan);
	free(link);
}

void access_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct link *link = mem_new(1, sizeof(*link));

	(void)l;
	link->access = daemon_user(d);
	list_init(&link->clients);
	ipc_chan_init(&link->chan, daemon_loop(d), fd, &login_proto, login_handlers,
		      sizeof(login_handlers) / sizeof(login_handlers[0]), on_login_gone, link);
}

/* A system whose users have taken all inotify instances there are: sessions keep their process. */
static void open_sleep_room(struct access *a)
{
	struct err err = { 0 };

	a->sleep = (struct sleep_spec){ a->spec->words, on_wake, on_bye };
	if (sleep_room_new(daemon_loop(a->daemon), &a->sleep, &a->room, &err) != RC_OK)
		log_err(NULL, &err, "no session will sleep");
}

enum rc access_start(struct daemon *d, const struct access_spec *spec, struct err *err)
{
	const char *const roles[] = { spec->role, NULL };
	struct access *a = mem_new(1, sizeof(*a));

	a->daemon = d;
	a->spec = spec;
	list_init(&a->waiting);
	list_init(&a->full);
	hash_init(&a->pairs, PAIRS_MAX, false);
	peer_init(&a->auth, d, "auth-master", &(struct peer_ops){
		&auth_proto, auth_handlers, sizeof(auth_handlers) / sizeof(auth_handlers[0]),
		on_auth_up, on_auth_down }, a);
	peer_start(&a->auth);
	daemon_set_user(d, a);
	if (spec->words != NULL)
		open_sleep_room(a);
	if (broker_init(d, spec->max_jobs, roles, err) != RC_OK)
		return err->code;
	if (a->room != NULL)
		broker_on_stop(d, on_stop);
	return RC_OK;
}

void access_log(void *arg, bool is_error, const char *text)
{
	(void)arg;
	if (is_error)
		log_error(NULL, "%s", text);
	else
		log_info(NULL, "%s", text);
}
