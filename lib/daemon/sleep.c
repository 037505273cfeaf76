/* SPDX-License-Identifier: ISC */
#include "lib/daemon/sleep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/ipc/sleep.h"
#include "lib/sys/log.h"

enum {
	WATCHES_MAX = 2,		/* of a session: new/ and cur/ */
	PLACES_MAX = 1 << 20,
	EVENTS_SIZE = 16384,
	CHANGES = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR
};

struct sleep_room {
	struct loop *loop;
	const struct sleep_spec *spec;
	struct io changes;		/* inotify */
	struct hash places;		/* watch descriptor -> struct place */
	struct list sleepers;		/* those that sleep */
	unsigned n_taken, max_taken;	/* descriptors held; all others are for clients who come */
	bool is_closed;
};

/* A directory that somebody waits for. */
struct place {
	int wd;
	struct list watches;
};

struct watch {
	struct list link;	/* in place->watches */
	struct place *place;	/* NULL: not used */
	struct sleeper *sleeper;
};

enum sleeper_state {
	SLEEPER_AWAKE,		/* a job has the session */
	SLEEPER_TAKEN,		/* written down; its job has not ended yet */
	SLEEPER_ASLEEP,
	SLEEPER_WAKING		/* the next job is to be made */
};

struct sleeper {
	struct sleep_room *room;
	uid_t uid;
	gid_t gid;
	void *owner;
	enum sleeper_state state;
	bool is_changed;		/* since it was taken */
	bool no_watch;			/* a directory could not be watched */
	struct list link;
	struct watch watches[WATCHES_MAX];
	struct ipc_chan *job;		/* NULL: none */
	struct io client;
	int fd;				/* the client; -1: the job has it */
	struct timer word;
	struct task wake;
	char *text;			/* state, then last line and NUL */
	size_t state_n;
	uint64_t sent_bytes;
};

/* The legal moves. */
static void set_state(struct sleeper *s, enum sleeper_state to)
{
	static const struct { const char *name; unsigned next; } states[] = {
		[SLEEPER_AWAKE] = { "awake", 1u << SLEEPER_TAKEN | 1u << SLEEPER_AWAKE },
		[SLEEPER_TAKEN] = { "taken", 1u << SLEEPER_ASLEEP | 1u << SLEEPER_AWAKE },
		[SLEEPER_ASLEEP] = { "asleep", 1u << SLEEPER_WAKING | 1u << SLEEPER_AWAKE },
		[SLEEPER_WAKING] = { "waking", 1u << SLEEPER_AWAKE },
	};

	if ((states[s->state].next & 1u << to) == 0)
		log_error(NULL, "a sleeper that is %s cannot be %s", states[s->state].name,
			  states[to].name);
	s->state = to;
}

/* --- directories --- */

static struct slice key_of(const int *wd)
{
	return slice_make((const char *)wd, sizeof(*wd));
}

static struct place *get_place(struct sleep_room *room, int wd)
{
	struct place *p = hash_get(&room->places, key_of(&wd));

	if (p != NULL)
		return p;
	p = mem_new(1, sizeof(*p));
	p->wd = wd;
	list_init(&p->watches);
	if (hash_put(&room->places, key_of(&wd), p, NULL) == RC_OK)
		return p;
	free(p);
	inotify_rm_watch(room->changes.fd, wd);
	return NULL;
}

static void drop_watch(struct watch *w)
{
	struct sleep_room *room = w->sleeper->room;
	struct place *p = w->place;

	if (p == NULL)
		return;
	list_remove(&w->link);
	w->place = NULL;
	if (!list_is_empty(&p->watches))
		return;
	inotify_rm_watch(room->changes.fd, p->wd);
	hash_remove(&room->places, key_of(&p->wd));
	free(p);
}

static void drop_watches(struct sleeper *s)
{
	for (size_t i = 0; i < WATCHES_MAX; i++)
		drop_watch(&s->watches[i]);
}

/* The kernel wants a path and the right to read what is there, which is the user's and not ours. */
static int watch_as_user(const struct sleeper *s, int dir)
{
	char path[64];
	int wd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	setfsgid(s->gid);
	setfsuid(s->uid);
	wd = inotify_add_watch(s->room->changes.fd, path, CHANGES);
	setfsuid(geteuid());
	setfsgid(getegid());
	return wd;
}

static bool add_watch(struct sleeper *s, int dir)
{
	struct watch *w = s->watches;
	int wd;

	while (w < s->watches + WATCHES_MAX && w->place != NULL)
		w++;
	if (w == s->watches + WATCHES_MAX)
		return false;
	wd = watch_as_user(s, dir);
	w->place = wd >= 0 ? get_place(s->room, wd) : NULL;
	if (w->place == NULL)
		return false;
	list_append(&w->place->watches, &w->link);
	return true;
}

/* --- asleep --- */

static void end_job(struct sleeper *s)
{
	if (s->job != NULL)
		ipc_chan_done(s->job);
	free(s->job);
	s->job = NULL;
}

static void on_wake(struct task *t)
{
	struct sleeper *s = LIST_ENTRY(t, struct sleeper, wake);

	s->room->spec->on_wake(s->owner);
}

static void wake(struct sleeper *s)
{
	if (s->state != SLEEPER_ASLEEP)
		return;
	set_state(s, SLEEPER_WAKING);
	list_remove(&s->link);
	io_stop(&s->client);
	timer_stop(&s->word);
	loop_defer(s->room->loop, &s->wake, on_wake);
}

static void on_client(struct io *io, int ready)
{
	(void)ready;
	wake(LIST_ENTRY(io, struct sleeper, client));
}

/* One word, whole or not at all: half of one would spoil the client's stream. */
static bool say(struct sleeper *s, const char *text)
{
	size_t n = strlen(text);
	ssize_t sent = send(s->fd, text, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	s->sent_bytes += sent > 0 ? (size_t)sent : 0;
	return sent == (ssize_t)n || (sent < 0 && errno == EAGAIN);
}

static void on_word(struct timer *t)
{
	struct sleeper *s = LIST_ENTRY(t, struct sleeper, word);

	if (!say(s, s->room->spec->words->still_here)) {
		shutdown(s->fd, SHUT_RDWR);
		wake(s);
		return;
	}
	timer_start(&s->word, s->room->spec->words->still_here_ms);
}

static void changed(struct sleeper *s)
{
	s->is_changed = true;
	wake(s);
}

static void take_event(struct sleep_room *room, const struct inotify_event *e)
{
	struct place *p = hash_get(&room->places, key_of(&e->wd));

	if (e->mask & IN_Q_OVERFLOW)
		LIST_EACH(node, &room->sleepers)
			changed(LIST_ENTRY(node, struct sleeper, link));
	if (p != NULL && (e->mask & IN_IGNORED) == 0)
		LIST_EACH(node, &p->watches)
			changed(LIST_ENTRY(node, struct watch, link)->sleeper);
}

static void on_changes(struct io *io, int ready)
{
	struct sleep_room *room = LIST_ENTRY(io, struct sleep_room, changes);
	_Alignas(struct inotify_event) char events[EVENTS_SIZE];
	ssize_t n = read(io->fd, events, sizeof(events));
	const struct inotify_event *e;

	(void)ready;
	for (ssize_t at = 0; at < n; at += (ssize_t)(sizeof(*e) + e->len)) {
		e = (const struct inotify_event *)(const void *)(events + at);
		take_event(room, e);
	}
}

bool sleeper_settle(struct sleeper *s)
{
	struct sleep_room *room = s->room;

	if (s->state != SLEEPER_TAKEN)
		return false;
	if (room->is_closed) {
		(void)say(s, room->spec->words->bye);
		return false;
	}
	end_job(s);
	set_state(s, SLEEPER_ASLEEP);
	list_append(&room->sleepers, &s->link);
	io_init(&s->client, room->loop, s->fd, on_client);
	if (s->is_changed) {
		wake(s);
		return true;
	}
	io_want(&s->client, IO_READ);
	if (room->spec->words->still_here_ms > 0)
		timer_start(&s->word, room->spec->words->still_here_ms);
	return true;
}

struct slice sleeper_state(const struct sleeper *s)
{
	return slice_make(s->text, s->state_n);
}

int sleeper_client(const struct sleeper *s)
{
	return s->fd;
}

uint64_t sleeper_sent_bytes(const struct sleeper *s)
{
	return s->sent_bytes;
}

const char *sleeper_last_line(const struct sleeper *s)
{
	return s->text + s->state_n;
}

void sleeper_forget(struct sleeper *s)
{
	drop_watches(s);
	if (s->fd >= 0) {
		close(s->fd);
		s->room->n_taken--;
	}
	s->fd = -1;
	free(s->text);
	s->text = NULL;
	s->state_n = 0;
	s->sent_bytes = 0;
	s->is_changed = s->no_watch = false;
	set_state(s, SLEEPER_AWAKE);
}

/* --- the job --- */

static struct sleeper *sleeper_of(struct ipc_chan *c)
{
	return c->owner;
}

static enum rc on_begin(struct ipc_chan *c, struct ipc_reader *r)
{
	struct sleep_begin m;

	if (sleep_begin_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	sleeper_forget(sleeper_of(c));
	return RC_OK;
}

static enum rc on_watch(struct ipc_chan *c, struct ipc_reader *r)
{
	struct sleeper *s = sleeper_of(c);
	struct sleep_watch m;

	if (sleep_watch_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (!add_watch(s, m.dir))
		s->no_watch = true;
	close(m.dir);
	return RC_OK;
}

static bool is_stream(int fd)
{
	int type = 0;
	socklen_t n = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_STREAM;
}

static bool take(struct sleeper *s, const struct sleep_rest *m)
{
	struct sleep_room *room = s->room;

	if (s->no_watch || room->n_taken >= room->max_taken || !is_stream(m->client))
		return false;
	room->n_taken++;
	s->fd = m->client;
	s->text = mem_new(m->state.n + m->last_line.n + 1, 1);
	memcpy(s->text, m->state.p, m->state.n);
	memcpy(s->text + m->state.n, m->last_line.p, m->last_line.n);
	s->state_n = m->state.n;
	set_state(s, SLEEPER_TAKEN);
	return true;
}

static enum rc on_rest(struct ipc_chan *c, struct ipc_reader *r)
{
	struct sleeper *s = sleeper_of(c);
	struct sleep_answer answer = { false };
	struct sleep_rest m;

	if (sleep_rest_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (s->state == SLEEPER_AWAKE)
		answer.taken = take(s, &m);
	if (!answer.taken) {
		close(m.client);
		sleeper_forget(s);
	}
	sleep_answer_send(c, &answer);
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ sleep_begin_type, 0, on_begin },
	{ sleep_watch_type, 0, on_watch },
	{ sleep_rest_type, 0, on_rest },
};

/* The job has ended; its exit status tells how. */
static void on_job_gone(struct ipc_chan *c, const struct err *why)
{
	(void)why;
	ipc_chan_done(c);
}

struct sleeper *sleeper_new(struct sleep_room *room, uid_t uid, gid_t gid, void *owner)
{
	struct sleeper *s = mem_new(1, sizeof(*s));

	s->room = room;
	s->uid = uid;
	s->gid = gid;
	s->owner = owner;
	s->fd = -1;
	list_init(&s->link);
	task_init(&s->wake);
	timer_init(&s->word, room->loop, on_word);
	for (size_t i = 0; i < WATCHES_MAX; i++) {
		list_init(&s->watches[i].link);
		s->watches[i].sleeper = s;
	}
	return s;
}

enum rc sleeper_open(struct sleeper *s, int *ret_fd, struct err *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return err_sys(err, "socketpair");
	end_job(s);
	s->job = mem_new(1, sizeof(*s->job));
	ipc_chan_init(s->job, s->room->loop, fds[0], &sleep_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_job_gone, s);
	*ret_fd = fds[1];
	return RC_OK;
}

void sleeper_free(struct sleeper **ptr)
{
	struct sleeper *s = *ptr;

	if (s == NULL)
		return;
	list_remove(&s->link);
	if (s->state == SLEEPER_ASLEEP)
		io_stop(&s->client);
	timer_stop(&s->word);
	task_cancel(&s->wake);
	sleeper_forget(s);
	end_job(s);
	free(s);
	*ptr = NULL;
}

/* --- the room --- */

enum rc sleep_room_new(struct loop *loop, const struct sleep_spec *spec, struct sleep_room **out,
		       struct err *err)
{
	struct sleep_room *room = mem_new(1, sizeof(*room));
	struct rlimit files = { .rlim_cur = 1024 };
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0) {
		free(room);
		return err_sys(err, "inotify_init1");
	}
	(void)getrlimit(RLIMIT_NOFILE, &files);
	room->max_taken = (unsigned)(files.rlim_cur - files.rlim_cur / 4);
	room->loop = loop;
	room->spec = spec;
	list_init(&room->sleepers);
	hash_init(&room->places, PLACES_MAX, false);
	io_init(&room->changes, loop, fd, on_changes);
	io_want(&room->changes, IO_READ);
	*out = room;
	return RC_OK;
}

void sleep_room_close(struct sleep_room *room)
{
	room->is_closed = true;
	LIST_EACH(node, &room->sleepers) {
		struct sleeper *s = LIST_ENTRY(node, struct sleeper, link);

		(void)say(s, room->spec->words->bye);
		room->spec->on_bye(s->owner);
	}
}

/* --- in the job --- */

enum { ANSWER_MS = 10000 };

static enum rc ask(struct sleep_bed *bed, const struct sleep_down *what, struct err *err)
{
	struct sleep_rest rest = { .state = what->state, .last_line = slice_str(what->last_line) };
	enum rc rc = RC_OK;

	if (!bed->was_used)
		rc = ipc_sync_hello(bed->fd, &sleep_proto, ANSWER_MS, err);
	bed->was_used = true;
	if (rc == RC_OK)
		rc = sleep_begin_sync(bed->fd, &(struct sleep_begin){}, err);
	for (size_t i = 0; i < what->n_dirs && rc == RC_OK; i++)
		rc = sleep_watch_sync(bed->fd, &(struct sleep_watch){
			.dir = fcntl(what->dirs[i], F_DUPFD_CLOEXEC, 0) }, err);
	rest.client = fcntl(what->client, F_DUPFD_CLOEXEC, 0);
	if (rc == RC_OK)
		return sleep_rest_sync(bed->fd, &rest, err);
	close(rest.client);
	return rc;
}

static enum rc answer(struct sleep_bed *bed, struct sleep_answer *out, struct err *err)
{
	struct ipc_inbox *box = mem_new(1, sizeof(*box));
	struct ipc_reader r;
	enum rc rc = ipc_sync_recv(bed->fd, box, &r, ANSWER_MS, err);

	if (rc == RC_OK)
		rc = r.type == sleep_answer_type ? sleep_answer_get(&r, out) : RC_SYNTAX;
	free(box);
	return rc;
}

bool sleep_down(struct sleep_bed *bed, const struct sleep_down *what)
{
	struct sleep_answer a = { false };
	struct err err = { 0 };

	if (bed->fd < 0 || what->state.n > SLEEP_STATE_MAX)
		return false;
	if (ask(bed, what, &err) == RC_OK && answer(bed, &a, &err) == RC_OK)
		return a.taken;
	/* What is still on its way must not be taken for the answer of another time. */
	close(bed->fd);
	bed->fd = -1;
	return false;
}
