/* SPDX-License-Identifier: ISC */
#include "qmgr/park.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/queue/file.h"
#include "qmgr/intake.h"

enum {
	PUMP_STEP = 64,		/* files loaded between other work */
	SCAN_STEP = 512,	/* names read between other work */
	LOCKED_RETRY_S = 5
};

struct parked {
	union {
		struct heap_node due;	/* in qmgr.waiting; key in Unix seconds */
		struct list link;	/* in qmgr.backlog */
	};
	unsigned char queue;		/* enum queue_name */
	bool verify, forced;
	char id[];
};

struct scan {
	struct list link;		/* in qmgr.scans */
	struct queue_scan walk;
	bool is_open;
	enum queue_name queue;
};

bool park_has_room(const struct qmgr *q)
{
	return hash_count(&q->active) == 0 ||
	       (hash_count(&q->active) < q->policy.message_active_limit &&
		q->n_rcpts < q->policy.message_recipient_limit);
}

void park_add(struct qmgr *q, const struct queue_id *id, enum queue_name queue, int64_t due_s,
	      bool verify, bool forced)
{
	size_t n = strlen(id->s) + 1;
	struct parked *p = mem_new(1, sizeof(*p) + n);

	memcpy(p->id, id->s, n);
	p->queue = (unsigned char)queue;
	p->verify = verify;
	p->forced = forced;
	if (due_s == 0) {
		list_append(&q->backlog, &p->link);
		q->n_backlog++;
	} else {
		heap_insert(&q->waiting, &p->due, due_s);
	}
	park_pump(q);
}

size_t park_flush(struct qmgr *q)
{
	int64_t now = qmgr_now_s(q);
	size_t n = 0;

	/* Keys only fall to the same value, so the heap stays one. */
	for (size_t i = 0; i < q->waiting.n; i++) {
		struct parked *p = LIST_ENTRY(q->waiting.nodes[i], struct parked, due);

		n += p->queue == QUEUE_DEFERRED;
		p->forced = true;
		p->due.key = now;
	}
	park_pump(q);
	return n;
}

/* --- taking up --- */

struct found {
	struct parked *p;
	struct queue_id id;
	struct queue_envelope env;
	int fd;
};

/* Look at the file. RC_OK: it is a message to take up. RC_MORE: P was parked again. Others: P is
 * to be dropped. */
static enum rc inspect(struct qmgr *q, struct found *f, struct err *err)
{
	struct parked *p = f->p;
	struct stat st;
	enum rc rc;

	if (p->queue == QUEUE_DEFERRED && !p->forced && fstat(f->fd, &st) == 0 &&
	    st.st_mtim.tv_sec > qmgr_now_s(q)) {
		heap_insert(&q->waiting, &p->due, st.st_mtim.tv_sec);
		return RC_MORE;
	}
	if (p->verify && flock(f->fd, LOCK_EX | LOCK_NB) != 0) {
		log_info(&(struct log_ctx){ .queue_id = queue_id_slice(&f->id) },
			 "skipped, still being delivered");
		heap_insert(&q->waiting, &p->due, qmgr_now_s(q) + LOCKED_RETRY_S);
		return RC_MORE;
	}
	arena_reset(&q->arena);
	rc = queue_file_load(f->fd, &q->tail, &q->arena, &f->env, err);
	if (rc == RC_OK && p->verify)
		rc = queue_file_verify(f->fd, &f->env, err);
	if (rc == RC_MORE)
		return RC_END;	/* unfinished: its writer will tell */
	if (rc == RC_END)
		log_warn(&(struct log_ctx){ .queue_id = queue_id_slice(&f->id) },
			 "a queue file of Postfix in %s is left alone; deliver it with Postfix",
			 queue_name_str(p->queue));
	return rc == RC_END ? RC_DENIED : rc;
}

static void take_up(struct qmgr *q, struct found *f)
{
	struct parked *p = f->p;
	struct err err = { 0 };
	struct message *m;
	enum rc rc = RC_OK;

	if (p->queue != QUEUE_ACTIVE)
		rc = qmgr_move(q, p->queue, &f->id, QUEUE_ACTIVE, &err);
	if (rc == RC_SYS) {
		log_err(NULL, &err, "message not taken up");
		park_add(q, &f->id, p->queue, qmgr_now_s(q) + q->policy.minimal_backoff_s,
			 p->verify, true);
	}
	if (rc != RC_OK)
		return;
	rc = message_new(q, &f->id, buf_slice(&q->tail), &m, &err);
	if (rc == RC_OK)
		rc = hash_put(&q->active, queue_id_slice(&m->id), m, NULL);
	if (rc != RC_OK) {
		qmgr_set_aside(q, QUEUE_ACTIVE, &f->id, &err);
		return;
	}
	m->is_first_round = p->queue != QUEUE_DEFERRED;
	m->is_flushed = p->forced;
	m->has_reasons = p->queue == QUEUE_DEFERRED || p->verify;
	message_start(m);
}

/* P is used up, unless it was parked again. */
static void load(struct qmgr *q, struct parked *p)
{
	struct found f = { .p = p };
	struct err err = { 0 };
	enum rc rc;

	(void)!queue_id_parse(slice_str(p->id), &f.id);
	if (p->queue == QUEUE_ACTIVE && hash_get(&q->active, slice_str(p->id)) != NULL) {
		free(p);
		return;
	}
	rc = queue_open(q->spool, p->queue, &f.id, O_RDONLY, &f.fd, &err);
	if (rc == RC_SYS) {
		log_err(NULL, &err, "message not taken up");
		heap_insert(&q->waiting, &p->due, qmgr_now_s(q) + q->policy.minimal_backoff_s);
		return;
	}
	if (rc == RC_PERM)
		qmgr_set_aside(q, p->queue, &f.id, &err);
	if (rc == RC_OK) {
		rc = inspect(q, &f, &err);
		if (rc == RC_OK)
			take_up(q, &f);
		else if (rc == RC_SYNTAX || rc == RC_LIMIT || rc == RC_PERM)
			qmgr_set_aside(q, p->queue, &f.id, &err);
		else if (rc == RC_SYS)
			log_err(NULL, &err, "message %s not taken up", p->id);
		close(f.fd);
	}
	if (rc == RC_SYS)
		heap_insert(&q->waiting, &p->due, qmgr_now_s(q) + q->policy.minimal_backoff_s);
	else if (rc != RC_MORE)
		free(p);
}

static struct parked *next_backlog(struct qmgr *q)
{
	struct list *n = list_pop(&q->backlog);

	if (n == NULL)
		return NULL;
	q->n_backlog--;
	return LIST_ENTRY(n, struct parked, link);
}

static struct parked *next_due(struct qmgr *q)
{
	struct heap_node *top = heap_top(&q->waiting);

	if (top == NULL || top->key > qmgr_now_s(q))
		return NULL;
	heap_remove(&q->waiting, top);
	return LIST_ENTRY(top, struct parked, due);
}

/* New mail and old in turn, so that neither starves the other. */
static struct parked *next_parked(struct qmgr *q)
{
	struct parked *p;

	q->backlog_had_turn = !q->backlog_had_turn;
	p = q->backlog_had_turn ? next_backlog(q) : next_due(q);
	if (p == NULL)
		p = q->backlog_had_turn ? next_due(q) : next_backlog(q);
	return p;
}

static void run_pump(struct timer *t)
{
	struct qmgr *q = LIST_ENTRY(t, struct qmgr, pump);
	struct parked *p = NULL;

	for (int i = 0; i < PUMP_STEP && park_has_room(q); i++) {
		p = next_parked(q);
		if (p == NULL)
			break;
		load(q, p);
	}
	intake_grant(q);
	park_pump(q);
}

void park_pump(struct qmgr *q)
{
	struct heap_node *top = heap_top(&q->waiting);
	int64_t now_us = loop_unix_us(q->loop), wait_ms;

	if (!q->is_running || q->is_draining || !park_has_room(q)) {
		timer_stop(&q->pump);
		return;	/* message_forget() comes back */
	}
	if (!list_is_empty(&q->backlog)) {
		timer_start(&q->pump, 0);
	} else if (top != NULL) {
		wait_ms = (top->key * 1000000 - now_us + 999) / 1000;
		if (!timer_is_running(&q->pump) ||
		    q->pump.node.key > loop_now_ms(q->loop) + wait_ms)
			timer_start(&q->pump, wait_ms);
	}
}

/* --- reading directories --- */

static bool scan_open(struct qmgr *q, struct scan *s)
{
	struct err err = { 0 };

	if (s->is_open)
		return true;
	if (queue_scan_init(&s->walk, q->spool, s->queue, &err) != RC_OK) {
		log_err(NULL, &err, "queue not read");
		return false;
	}
	s->is_open = true;
	return true;
}

static void scan_free(struct scan *s)
{
	list_remove(&s->link);
	if (s->is_open)
		queue_scan_done(&s->walk);
	free(s);
}

/* Reasons of a message that is gone: the process that removed it was killed before it got there. */
static void drop_leftover(const struct queue_spool *s, const struct queue_id *id)
{
	static const enum queue_name at[] = { QUEUE_DEFERRED, QUEUE_HOLD, QUEUE_ACTIVE,
					      QUEUE_INCOMING };
	struct stat st;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		if (queue_stat(s, at[i], id, &st, NULL) != RC_END)
			return;
	(void)!queue_remove(s, QUEUE_DEFER, id, NULL);
}

static void note(struct qmgr *q, enum queue_name queue, const struct queue_id *id)
{
	struct stat st;

	if (queue == QUEUE_DEFER) {
		drop_leftover(q->spool, id);
	} else if (queue == QUEUE_DEFERRED) {
		if (queue_stat(q->spool, queue, id, &st, NULL) == RC_OK)
			park_add(q, id, queue, st.st_mtim.tv_sec > 0 ? st.st_mtim.tv_sec : 1,
				 false, false);
	} else if (queue != QUEUE_ACTIVE || hash_get(&q->active, queue_id_slice(id)) == NULL) {
		park_add(q, id, queue, 0, true, false);
	}
}

static void run_scan(struct timer *t)
{
	struct qmgr *q = LIST_ENTRY(t, struct qmgr, scanning);
	struct queue_id id;

	for (int i = 0; i < SCAN_STEP && !list_is_empty(&q->scans); i++) {
		struct scan *s = LIST_ENTRY(q->scans.next, struct scan, link);

		if (scan_open(q, s) && queue_scan_next(&s->walk, &id))
			note(q, s->queue, &id);
		else
			scan_free(s);
	}
	if (!list_is_empty(&q->scans))
		timer_start(&q->scanning, 0);
	else
		intake_grant(q);
}

void park_scan(struct qmgr *q, enum queue_name queue)
{
	struct scan *s = mem_new(1, sizeof(*s));

	s->queue = queue;
	list_append(&q->scans, &s->link);
	if (!timer_is_running(&q->scanning))
		timer_start(&q->scanning, 0);
}

/* Files that came into incoming/ in another way than through cleanup. */
static void run_look_round(struct timer *t)
{
	struct qmgr *q = LIST_ENTRY(t, struct qmgr, look_round);

	if (list_is_empty(&q->backlog) && list_is_empty(&q->scans))
		park_scan(q, QUEUE_INCOMING);
	timer_start(t, q->policy.queue_run_delay_ms);
}

void park_init(struct qmgr *q)
{
	list_init(&q->backlog);
	list_init(&q->scans);
	heap_init(&q->waiting);
	timer_init(&q->pump, q->loop, run_pump);
	timer_init(&q->scanning, q->loop, run_scan);
	timer_init(&q->look_round, q->loop, run_look_round);
}

void park_done(struct qmgr *q)
{
	struct parked *p;

	timer_stop(&q->pump);
	timer_stop(&q->scanning);
	timer_stop(&q->look_round);
	while (!list_is_empty(&q->scans))
		scan_free(LIST_ENTRY(q->scans.next, struct scan, link));
	while ((p = next_backlog(q)) != NULL)
		free(p);
	while (heap_top(&q->waiting) != NULL) {
		p = LIST_ENTRY(heap_top(&q->waiting), struct parked, due);
		heap_remove(&q->waiting, &p->due);
		free(p);
	}
	heap_done(&q->waiting);
}
