/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/sys/log.h"
#include "proxymap/proxymap.h"

enum { FD_LOG_LAST = 4, FD_WORKER = 5 };

struct worker {
	struct ipc_chan chan;
	struct list link;
	struct child child;
	struct timer idle;
	struct task death;
	struct proxymap *proxymap;
	struct question *doing;		/* NULL: idle */
	bool has_ended, is_closed;	/* the process; its channel */
};

static void on_death(struct task *t)
{
	free(LIST_ENTRY(t, struct worker, death));
}

/* Both the process and its channel must be over; they end in any order. */
static void bury(struct worker *w)
{
	if (w->has_ended && w->is_closed)
		loop_defer(daemon_loop(w->proxymap->daemon), &w->death, on_death);
}

static void leave(struct worker *w)
{
	struct proxymap *p = w->proxymap;

	if (w->is_closed)
		return;
	w->is_closed = true;
	timer_stop(&w->idle);
	list_remove(&w->link);
	p->n_workers--;
	ipc_chan_done(&w->chan);
	if (w->doing != NULL)
		question_answer(p, w->doing, PROXYMAP_LATER, (struct slice){ NULL, 0 });
	w->doing = NULL;
	bury(w);
}

static void on_close(struct ipc_chan *c, const struct err *why)
{
	struct worker *w = c->owner;
	struct proxymap *p = w->proxymap;

	if (w->doing != NULL)
		log_err(NULL, why, "a worker ended during a lookup in %.*s",
			SLICE_ARG(w->doing->table));
	leave(w);
	workers_feed(p);
}

static void on_exit_of(struct child *c, int status)
{
	struct worker *w = LIST_ENTRY(c, struct worker, child);

	(void)status;
	w->has_ended = true;
	if (w->is_closed)
		bury(w);
}

static void on_idle(struct timer *t)
{
	leave(LIST_ENTRY(t, struct worker, idle));
}

static enum rc take_answer(struct ipc_chan *c, struct ipc_reader *r)
{
	struct worker *w = c->owner;
	struct proxymap *p = w->proxymap;
	struct proxymap_answer m;
	struct question *q = w->doing;

	if (proxymap_answer_get(r, &m) != RC_OK || q == NULL)
		return RC_SYNTAX;
	w->doing = NULL;
	question_answer(p, q, m.status, m.value);
	timer_start(&w->idle, p->idle_ms);
	workers_feed(p);
	return RC_OK;
}

static const struct ipc_handler handlers[] = { { proxymap_answer_type, 0, take_answer } };

/* The child keeps the log and its end of the channel, nothing of the loop. */
static _Noreturn void run_child(struct proxymap *p, int fd)
{
	sigset_t none;

	loop_leave_in_child(daemon_loop(p->daemon));
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	log_on_lost(NULL);
	if (fd != FD_WORKER && dup2(fd, FD_WORKER) < 0)
		_exit(1);
	close(FD_LOG_LAST - 1);
	close_range(FD_WORKER + 1, ~0U, 0);
	_exit(worker_run(FD_WORKER));
}

static struct worker *make_worker(struct proxymap *p)
{
	sigset_t all, before;
	struct worker *w;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return NULL;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0)
		run_child(p, fds[1]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fds[1]);
	if (pid < 0) {
		log_warn(NULL, "fork: %s", strerror(errno));
		close(fds[0]);
		return NULL;
	}
	w = mem_new(1, sizeof(*w));
	w->proxymap = p;
	task_init(&w->death);
	timer_init(&w->idle, daemon_loop(p->daemon), on_idle);
	child_watch(&w->child, daemon_loop(p->daemon), pid, on_exit_of);
	ipc_chan_init(&w->chan, daemon_loop(p->daemon), fds[0], &proxymap_proto, handlers, 1,
		      on_close, w);
	list_append(&p->workers, &w->link);
	p->n_workers++;
	return w;
}

static struct worker *find_idle(struct proxymap *p)
{
	LIST_EACH(node, &p->workers) {
		struct worker *w = LIST_ENTRY(node, struct worker, link);

		if (w->doing == NULL)
			return w;
	}
	return p->n_workers < p->workers_max ? make_worker(p) : NULL;
}

void workers_feed(struct proxymap *p)
{
	while (!list_is_empty(&p->waiting)) {
		struct worker *w = find_idle(p);

		if (w == NULL)
			return;
		w->doing = LIST_ENTRY(list_pop(&p->waiting), struct question, link);
		timer_stop(&w->idle);
		proxymap_ask_send(&w->chan, &(struct proxymap_ask){
			.table = w->doing->table, .key = w->doing->key });
	}
}

void workers_stop_idle(struct proxymap *p)
{
	LIST_EACH(node, &p->workers) {
		struct worker *w = LIST_ENTRY(node, struct worker, link);

		if (w->doing == NULL)
			leave(w);
	}
}
