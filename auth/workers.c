/* SPDX-License-Identifier: ISC */
#include "auth/workers.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/sys/log.h"

/* The processes of one kind and the jobs that wait for them. */
struct pool {
	struct workers *workers;
	struct worker *v;
	unsigned n;
	struct list waiting;
	unsigned n_waiting;
};

struct worker {
	struct peer peer;
	struct pool *pool;
	struct timer idle;
	struct job *job;	/* NULL: none, or nobody waits for its end */
	uint32_t job_id;
	bool is_started, is_busy;
};

struct workers {
	struct pool hash, system;
	struct loop *loop;
	void (*start)(struct peer *);
	uint32_t last_id;
};

static void give_work(struct pool *p);

/* The job is out of every list; its owner may submit it again from within DONE. */
static void finish(struct job *j, const struct job_result *r)
{
	list_remove(&j->link);
	j->worker = NULL;
	j->workers = NULL;
	j->done(j, r);
}

static void fail(struct job *j, const char *reason)
{
	const struct job_result r = { .code = WORKER_TEMP, .reason = slice_str(reason) };

	finish(j, &r);
}

static void become_free(struct worker *w)
{
	w->is_busy = false;
	w->job = NULL;
	timer_start(&w->idle, WORKERS_IDLE_MS);
	give_work(w->pool);
}

/* An answer to another question than the one in work: the worker is out of step. */
static enum rc take_answer(struct worker *w, uint32_t id, const struct job_result *r)
{
	struct job *j = w->job;

	if (!w->is_busy || id != w->job_id)
		return RC_SYNTAX;
	w->job = NULL;
	if (j != NULL)
		finish(j, r);
	become_free(w);
	return RC_OK;
}

static struct worker *worker_of(struct ipc_chan *c)
{
	return LIST_ENTRY(LIST_ENTRY(c, struct peer, chan), struct worker, peer);
}

static enum rc on_result(struct ipc_chan *c, struct ipc_reader *r)
{
	struct worker_result m;
	struct job_result result = { 0 };

	if (worker_result_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	result.code = m.code;
	result.user = m.user;
	result.reason = m.reason;
	return take_answer(worker_of(c), m.id, &result);
}

static enum rc on_user_found(struct ipc_chan *c, struct ipc_reader *r)
{
	struct worker_user_found m;
	struct job_result result = { .code = WORKER_YES };

	if (worker_user_found_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	result.user = m.user;
	result.uid = m.uid;
	result.gid = m.gid;
	result.home = m.home;
	return take_answer(worker_of(c), m.id, &result);
}

static const struct ipc_handler handlers[] = {
	{ worker_result_type, 0, on_result },
	{ worker_user_found_type, 0, on_user_found },
};

static void send_job(struct worker *w, struct job *j)
{
	uint32_t id = ++w->pool->workers->last_id;

	w->job = j;
	w->job_id = id;
	w->is_busy = true;
	j->worker = w;
	timer_stop(&w->idle);
	switch (j->kind) {
	case JOB_VERIFY:
		worker_verify_send(&w->peer.chan, &(struct worker_verify){
			.id = id, .stored = j->stored, .scheme = j->scheme,
			.password = j->password });
		break;
	case JOB_PAM:
		worker_pam_send(&w->peer.chan, &(struct worker_pam){
			.id = id, .service = j->service, .user = j->user,
			.password = j->password, .remote_addr = j->remote_addr });
		break;
	case JOB_USER:
		worker_user_send(&w->peer.chan, &(struct worker_user){ .id = id, .user = j->user });
		break;
	}
}

/* A free worker, or one that can be started; NULL when all are busy or on their way. */
static struct worker *find_worker(struct pool *p)
{
	struct worker *unused = NULL;
	unsigned coming = 0;

	for (unsigned i = 0; i < p->n; i++) {
		struct worker *w = &p->v[i];

		if (w->is_started && !w->is_busy && peer_is_up(&w->peer))
			return w;
		if (!w->is_started && unused == NULL)
			unused = w;
		coming += w->is_started && !peer_is_up(&w->peer);
	}
	return coming < p->n_waiting ? unused : NULL;
}

static void give_work(struct pool *p)
{
	while (!list_is_empty(&p->waiting)) {
		struct worker *w = find_worker(p);
		struct list *first;

		if (w == NULL)
			return;
		if (!w->is_started) {
			w->is_started = true;
			p->workers->start(&w->peer);
			if (!peer_is_up(&w->peer))
				continue;
		}
		if (w->is_busy)
			continue;
		first = list_pop(&p->waiting);
		if (first == NULL)
			return;
		p->n_waiting--;
		send_job(w, LIST_ENTRY(first, struct job, link));
	}
}

static void on_up(struct peer *peer)
{
	struct worker *w = LIST_ENTRY(peer, struct worker, peer);

	become_free(w);
}

/* Nobody is there or comes: those who wait are told instead of being kept. */
static void fail_waiting(struct pool *p)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->v[i].is_started)
			return;
	while (!list_is_empty(&p->waiting)) {
		p->n_waiting--;
		fail(LIST_ENTRY(list_pop(&p->waiting), struct job, link), "no worker process");
	}
}

static void on_down(struct peer *peer, const struct err *why)
{
	struct worker *w = LIST_ENTRY(peer, struct worker, peer);
	struct job *j = w->job;

	if (w->is_busy || !list_is_empty(&w->pool->waiting))
		log_err(NULL, why, "worker process lost");
	timer_stop(&w->idle);
	w->job = NULL;
	w->is_started = w->is_busy = false;
	peer_stop(peer);
	if (j != NULL)
		fail(j, "worker process lost");
	fail_waiting(w->pool);
}

static void on_idle(struct timer *t)
{
	struct worker *w = LIST_ENTRY(t, struct worker, idle);

	peer_stop(&w->peer);
	w->is_started = w->is_busy = false;
}

static void pool_init(struct pool *p, struct workers *w, struct daemon *d, const char *service,
		      unsigned n)
{
	static const struct peer_ops ops = {
		&authworker_proto, handlers, sizeof(handlers) / sizeof(handlers[0]), on_up, on_down
	};

	*p = (struct pool){ .workers = w, .n = n };
	list_init(&p->waiting);
	p->v = mem_new(n, sizeof(*p->v));
	for (unsigned i = 0; i < n; i++) {
		p->v[i].pool = p;
		timer_init(&p->v[i].idle, w->loop, on_idle);
		peer_init(&p->v[i].peer, d, service, &ops, &p->v[i]);
	}
}

struct workers *workers_new(struct daemon *d, struct loop *loop, unsigned max_hash,
			    unsigned max_system, void (*start)(struct peer *))
{
	struct workers *w = mem_new(1, sizeof(*w));

	w->loop = loop;
	w->start = start;
	pool_init(&w->hash, w, d, "auth-hash", max_hash);
	pool_init(&w->system, w, d, "auth-worker", max_system);
	return w;
}

static void pool_done(struct pool *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		timer_stop(&p->v[i].idle);
		peer_stop(&p->v[i].peer);
	}
	free(p->v);
}

void workers_free(struct workers **w)
{
	if (*w == NULL)
		return;
	pool_done(&(*w)->hash);
	pool_done(&(*w)->system);
	free(*w);
	*w = NULL;
}

void workers_submit(struct workers *w, struct job *j)
{
	struct pool *p = j->kind == JOB_VERIFY ? &w->hash : &w->system;

	list_init(&j->link);
	j->workers = w;
	j->worker = NULL;
	if (p->n_waiting >= WORKERS_JOBS_MAX) {
		fail(j, "too many logins are waiting");
		return;
	}
	list_append(&p->waiting, &j->link);
	p->n_waiting++;
	give_work(p);
}

void workers_cancel(struct job *j)
{
	struct pool *p;

	if (j->workers == NULL)
		return;
	p = j->kind == JOB_VERIFY ? &j->workers->hash : &j->workers->system;
	if (j->worker != NULL)
		j->worker->job = NULL;
	else
		p->n_waiting--;
	list_remove(&j->link);
	j->workers = NULL;
	j->worker = NULL;
}
