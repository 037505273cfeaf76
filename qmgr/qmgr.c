/* SPDX-License-Identifier: ISC */
#include "qmgr/qmgr.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/queue/envelope.h"
#include "qmgr/intake.h"
#include "qmgr/park.h"
#include "qmgr/report.h"
#include "qmgr/sched.h"

enum { ACTIVE_MAX = 4000000, ARENA_MAX = 64 << 20, ID_TRIES = 20 };

void qmgr_init(struct qmgr *q, struct loop *loop, const struct queue_spool *spool,
	       const struct qmgr_policy *policy, const struct qmgr_hooks *hooks, void *owner)
{
	*q = (struct qmgr){ .loop = loop, .spool = spool, .policy = *policy, .hooks = *hooks,
			    .owner = owner };
	hash_init(&q->active, ACTIVE_MAX, false);
	list_init(&q->messages);
	list_init(&q->dirty);
	task_init(&q->write_marks);
	hash_init(&q->transports, SCHED_TRANSPORTS_MAX, false);
	list_init(&q->runnable);
	task_init(&q->dispatch);
	timer_init(&q->later, loop, sched_run_later);
	park_init(q);
	list_init(&q->intakes);
	list_init(&q->tools);
	report_init(q);
	buf_init(&q->tail, QUEUE_TAIL_MAX);
	buf_init(&q->line, QUEUE_TAIL_MAX);
	arena_init(&q->arena, ARENA_MAX);
}

void qmgr_start(struct qmgr *q)
{
	q->is_running = true;
	park_scan(q, QUEUE_ACTIVE);
	park_scan(q, QUEUE_INCOMING);
	park_scan(q, QUEUE_DEFERRED);
	park_scan(q, QUEUE_DEFER);
	timer_start(&q->look_round, q->policy.queue_run_delay_ms);
}

static void lock_message(struct message *m)
{
	if (queue_open(m->q->spool, QUEUE_ACTIVE, &m->id, O_RDONLY, &m->lock_fd, NULL) != RC_OK)
		m->lock_fd = -1;
	else if (flock(m->lock_fd, LOCK_EX | LOCK_NB) != 0)
		log_warn(&m->log, "queue file cannot be locked; it may be delivered twice");
}

void qmgr_drain(struct qmgr *q)
{
	q->is_draining = true;
	timer_stop(&q->pump);
	timer_stop(&q->scanning);
	timer_stop(&q->look_round);
	intake_done(q);
	LIST_EACH(node, &q->messages) {
		struct message *m = LIST_ENTRY(node, struct message, link);

		sched_take_back(m);
		if (m->n_sending > 0 || m->n_reports > 0)
			lock_message(m);
		else
			round_check_wish(m);
	}
	if (list_is_empty(&q->messages) && q->hooks.on_drained != NULL)
		q->hooks.on_drained(q);
}

void qmgr_done(struct qmgr *q)
{
	intake_done(q);
	LIST_EACH(node, &q->messages) {
		struct message *m = LIST_ENTRY(node, struct message, link);

		sched_take_back(m);
		message_free(m);
	}
	task_cancel(&q->write_marks);
	task_cancel(&q->dispatch);
	timer_stop(&q->later);
	park_done(q);
	report_done(q);
	sched_done(q);
	hash_done(&q->active);
	buf_done(&q->tail);
	buf_done(&q->line);
	arena_done(&q->arena);
}

int64_t qmgr_now_s(const struct qmgr *q)
{
	return loop_unix_us(q->loop) / 1000000;
}

void qmgr_run_marks(struct task *t)
{
	struct qmgr *q = LIST_ENTRY(t, struct qmgr, write_marks);

	while (!list_is_empty(&q->dirty))
		(void)message_write_marks(LIST_ENTRY(q->dirty.next, struct message, dirty));
}

enum rc qmgr_move(struct qmgr *q, enum queue_name from, struct queue_id *id, enum queue_name to,
		  struct err *err)
{
	enum rc rc = queue_move(q->spool, from, id, to, id, err);
	struct queue_id other;

	for (int i = 0; i < ID_TRIES && rc == RC_DENIED; i++) {
		queue_idgen_next(&q->ids, loop_unix_us(q->loop), &other);
		rc = queue_move(q->spool, from, id, to, &other, NULL);
		if (rc != RC_OK)
			continue;
		log_warn(&(struct log_ctx){ .queue_id = queue_id_slice(id) },
			 "is now %s: the id is in use in %s", other.s, queue_name_str(to));
		*id = other;
	}
	return rc == RC_DENIED ? err_set(err, RC_SYS, "no free queue id") : rc;
}

void qmgr_set_aside(struct qmgr *q, enum queue_name from, const struct queue_id *id,
		    const struct err *why)
{
	struct log_ctx log = { .queue_id = queue_id_slice(id) };
	struct queue_id to = *id;
	struct err err = { 0 };

	if (qmgr_move(q, from, &to, QUEUE_CORRUPT, &err) == RC_OK)
		log_warn(&log, "damaged queue file moved from %s to corrupt/%s: %s",
			 queue_name_str(from), to.s, why->text);
	else
		log_err(&log, &err, "damaged queue file stays in %s", queue_name_str(from));
}
