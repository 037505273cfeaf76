/* SPDX-License-Identifier: ISC */
#include "lib/event/event.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"

enum { TASK_ROUNDS_MAX = 100 };	/* tasks that queue tasks let the descriptors in after these */

struct loop {
	struct event_base *base;
	struct event tick;		/* wakes the loop for the nearest timer */
	struct event limit;		/* bounds one loop_turn() */
	struct heap timers;
	struct list tasks;
	struct list children;
	struct sig sigchld;
	void (*orphan)(struct loop *, pid_t, int);
	void (*on_round)(struct loop *);
	int64_t now_ms;
	int64_t armed_ms;		/* when tick fires; -1: not armed */
	int64_t fake_unix_us;
	uint64_t signals;		/* bit SIGNO: a handler is installed */
	bool is_fresh;			/* now_ms was read in this round */
	bool is_fake;
	bool stopping;
	bool reaping;
};

static int64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* The first callback after a wait reads the clock, the others of the round share it. */
static void loop_refresh(struct loop *loop)
{
	if (!loop->is_fake && !loop->is_fresh)
		loop->now_ms = clock_us(CLOCK_MONOTONIC) / 1000;
	loop->is_fresh = true;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;

	(void)fd;
	(void)what;
	loop_refresh(loop);
	loop->armed_ms = -1;
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

struct event_base *loop_base(struct loop *loop)
{
	return loop->base;
}

struct loop *loop_new(void)
{
	struct event_config *cfg = event_config_new();
	struct loop *loop;
	struct event_base *base = NULL;

	if (cfg != NULL) {
		event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
				      EVENT_BASE_FLAG_NO_CACHE_TIME);
		base = event_base_new_with_config(cfg);
		event_config_free(cfg);
	}
	if (base == NULL)
		return NULL;
	loop = mem_new(1, sizeof(*loop));
	loop->base = base;
	loop->armed_ms = -1;
	heap_init(&loop->timers);
	list_init(&loop->tasks);
	list_init(&loop->children);
	event_assign(&loop->tick, base, -1, 0, on_tick, loop);
	event_assign(&loop->limit, base, -1, 0, on_limit, loop);
	loop_refresh(loop);
	return loop;
}

void loop_free(struct loop **loop)
{
	struct loop *l = *loop;

	if (l == NULL)
		return;
	while (list_pop(&l->tasks) != NULL)
		;
	while (list_pop(&l->children) != NULL)
		;
	while (heap_top(&l->timers) != NULL)
		heap_remove(&l->timers, heap_top(&l->timers));
	heap_done(&l->timers);
	if (l->reaping)
		sig_stop(&l->sigchld);
	event_del(&l->tick);
	event_del(&l->limit);
	event_base_free(l->base);
	free(l);
	*loop = NULL;
}

void loop_leave_in_child(struct loop *loop)
{
	for (int signo = 1; signo < 64; signo++)
		if (loop->signals >> signo & 1)
			signal(signo, SIG_DFL);
}

/* Clock */

int64_t loop_now_ms(const struct loop *loop)
{
	return loop->now_ms;
}

int64_t loop_unix_us(const struct loop *loop)
{
	return loop->is_fake ? loop->fake_unix_us : clock_us(CLOCK_REALTIME);
}

void loop_fake_clock(struct loop *loop, int64_t start_unix_s)
{
	loop->is_fake = true;
	loop->fake_unix_us = start_unix_s * 1000000;
}

void loop_advance(struct loop *loop, int64_t ms)
{
	loop->now_ms += ms;
	loop->fake_unix_us += ms * 1000;
}

/* Timers: our own heap, one libevent timer for the nearest. A timer that moved later lets the
 * tick come early once instead of arming it anew each time. */

void timer_init(struct timer *t, struct loop *loop, void (*cb)(struct timer *))
{
	*t = (struct timer){ .loop = loop, .cb = cb };
}

void timer_start(struct timer *t, int64_t after_ms)
{
	heap_move(&t->loop->timers, &t->node, t->loop->now_ms + (after_ms > 0 ? after_ms : 0));
}

void timer_stop(struct timer *t)
{
	if (t->loop != NULL)
		heap_remove(&t->loop->timers, &t->node);
}

bool timer_is_running(const struct timer *t)
{
	return t->node.index != 0;
}

static void run_timers(struct loop *loop)
{
	struct heap_node *top;

	/* The count ends it when callbacks start their timers again with no delay. */
	for (size_t n = loop->timers.n; n > 0; n--) {
		top = heap_top(&loop->timers);
		if (top == NULL || top->key > loop->now_ms)
			break;
		heap_remove(&loop->timers, top);
		LIST_ENTRY(top, struct timer, node)->cb(LIST_ENTRY(top, struct timer, node));
	}
}

static void arm_tick(struct loop *loop)
{
	struct heap_node *top = heap_top(&loop->timers);
	int64_t wait_ms;
	struct timeval tv;

	if (loop->is_fake || top == NULL || (loop->armed_ms >= 0 && loop->armed_ms <= top->key))
		return;
	wait_ms = top->key > loop->now_ms ? top->key - loop->now_ms : 0;
	tv = (struct timeval){ .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000 };
	event_add(&loop->tick, &tv);
	loop->armed_ms = top->key;
}

/* Deferred tasks */

void task_init(struct task *t)
{
	list_init(&t->link);
	t->cb = NULL;
}

void loop_defer(struct loop *loop, struct task *t, void (*cb)(struct task *))
{
	if (t->link.next == NULL)
		list_init(&t->link);
	t->cb = cb;
	if (list_is_empty(&t->link))
		list_append(&loop->tasks, &t->link);
}

void task_cancel(struct task *t)
{
	if (t->link.next != NULL)
		list_remove(&t->link);
}

static void run_tasks(struct loop *loop)
{
	for (int round = 0; round < TASK_ROUNDS_MAX && !list_is_empty(&loop->tasks); round++) {
		struct list batch;
		struct list *node;

		list_init(&batch);
		list_insert_before(&loop->tasks, &batch);	/* BATCH marks where today ends */
		while ((node = loop->tasks.next) != &batch) {
			struct task *t = LIST_ENTRY(node, struct task, link);

			list_remove(node);
			t->cb(t);
		}
		list_remove(&batch);
	}
}

/* Descriptors. Reading and writing are two libevent events, so that switching one on or off
 * costs one epoll_ctl and never takes the other down. */

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct io *io = arg;

	(void)fd;
	(void)what;
	loop_refresh(io->loop);
	io->cb(io, IO_READ);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct io *io = arg;

	(void)fd;
	(void)what;
	loop_refresh(io->loop);
	io->cb(io, IO_WRITE);
}

void io_init(struct io *io, struct loop *loop, int fd, void (*cb)(struct io *, int))
{
	io->loop = loop;
	io->fd = fd;
	io->want = 0;
	io->cb = cb;
	event_assign(&io->rd, loop->base, fd, EV_READ | EV_PERSIST, on_readable, io);
	event_assign(&io->wr, loop->base, fd, EV_WRITE | EV_PERSIST, on_writable, io);
}

void io_want(struct io *io, int want)
{
	int change = io->want ^ want;

	if (io->loop == NULL)
		return;
	io->want = want;
	if (change & IO_READ) {
		if (want & IO_READ)
			event_add(&io->rd, NULL);
		else
			event_del(&io->rd);
	}
	if (change & IO_WRITE) {
		if (want & IO_WRITE)
			event_add(&io->wr, NULL);
		else
			event_del(&io->wr);
	}
}

void io_stop(struct io *io)
{
	io_want(io, 0);
}

/* Signals and children */

static void on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct sig *s = arg;

	(void)signo;
	(void)what;
	loop_refresh(s->loop);
	s->cb(s);
}

void sig_start(struct sig *s, struct loop *loop, int signo, void (*cb)(struct sig *))
{
	sig_stop(s);
	s->loop = loop;
	s->signo = signo;
	s->cb = cb;
	event_assign(&s->ev, loop->base, signo, EV_SIGNAL | EV_PERSIST, on_signal, s);
	event_add(&s->ev, NULL);
	loop->signals |= UINT64_C(1) << signo;
}

void sig_stop(struct sig *s)
{
	if (s->loop == NULL)
		return;
	event_del(&s->ev);
	s->loop = NULL;
}

static struct child *find_child(struct loop *loop, pid_t pid)
{
	LIST_EACH(node, &loop->children) {
		struct child *c = LIST_ENTRY(node, struct child, link);

		if (c->pid == pid)
			return c;
	}
	return NULL;
}

static void reap(struct sig *s)
{
	struct loop *loop = s->loop;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 || (pid < 0 && errno == EINTR)) {
		struct child *c;

		if (pid < 0)
			continue;
		c = find_child(loop, pid);
		if (c != NULL) {
			list_remove(&c->link);
			c->cb(c, status);
		} else if (loop->orphan != NULL) {
			loop->orphan(loop, pid, status);
		}
	}
}

static void start_reaping(struct loop *loop)
{
	if (loop->reaping)
		return;
	loop->reaping = true;
	sig_start(&loop->sigchld, loop, SIGCHLD, reap);
	/* A child may have ended before anybody listened. */
	event_active(&loop->sigchld.ev, EV_SIGNAL, 1);
}

void child_watch(struct child *c, struct loop *loop, pid_t pid, void (*cb)(struct child *, int))
{
	start_reaping(loop);
	c->pid = pid;
	c->cb = cb;
	list_append(&loop->children, &c->link);
}

void child_forget(struct child *c)
{
	if (c->link.next != NULL)
		list_remove(&c->link);
	c->pid = 0;
}

void loop_on_orphan(struct loop *loop, void (*cb)(struct loop *, pid_t, int))
{
	loop->orphan = cb;
	start_reaping(loop);
}

/* Running */

void loop_on_round(struct loop *loop, void (*cb)(struct loop *))
{
	loop->on_round = cb;
}

/* MAX_WAIT_MS < 0: as long as it takes. */
static void one_round(struct loop *loop, int max_wait_ms)
{
	struct heap_node *top;
	int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;

	run_tasks(loop);
	if (loop->on_round != NULL)
		loop->on_round(loop);
	if (loop->stopping)
		return;
	top = heap_top(&loop->timers);
	if (!list_is_empty(&loop->tasks) || max_wait_ms == 0 ||
	    (top != NULL && top->key <= loop->now_ms))
		flags |= EVLOOP_NONBLOCK;
	else if (max_wait_ms > 0)
		event_add(&loop->limit, &(struct timeval){ max_wait_ms / 1000,
							   max_wait_ms % 1000 * 1000 });
	arm_tick(loop);
	loop->is_fresh = false;
	event_base_loop(loop->base, flags);
	if (max_wait_ms > 0)
		event_del(&loop->limit);
	loop_refresh(loop);
	run_timers(loop);
	run_tasks(loop);
}

void loop_turn(struct loop *loop, int max_wait_ms)
{
	loop->stopping = false;
	loop->is_fresh = false;
	loop_refresh(loop);
	one_round(loop, max_wait_ms);
}

void loop_run(struct loop *loop)
{
	loop->stopping = false;
	loop->is_fresh = false;
	loop_refresh(loop);
	while (!loop->stopping)
		one_round(loop, -1);
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
}
