/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <unistd.h>

#include "lib/queue/reason.h"
#include "qmgr/park.h"
#include "qmgr/report.h"
#include "qmgr/sched.h"

static int64_t age_s(const struct message *m)
{
	int64_t age = qmgr_now_s(m->q) - m->env.arrived_us / 1000000;

	return age > 0 ? age : 0;
}

static size_t count(const struct message *m, enum rcpt_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < m->env.n_rcpts; i++)
		n += m->rcpts[i].state == state;
	return n;
}

/* --- leaving --- */

/* It stays in active/ for a while, because its file could not be moved or removed. */
static void try_later(struct message *m)
{
	park_add(m->q, &m->id, QUEUE_ACTIVE, qmgr_now_s(m->q) + m->q->policy.minimal_backoff_s,
		 false, true);
	message_forget(m);
}

static void remove_message(struct message *m)
{
	const struct queue_spool *s = m->q->spool;
	struct err err = { 0 };

	if (queue_remove(s, QUEUE_ACTIVE, &m->id, &err) == RC_SYS) {
		log_err(&m->log, &err, "finished message stays");
		(void)message_write_marks(m);
		try_later(m);
		return;
	}
	if (m->has_reasons)
		(void)!queue_remove(s, QUEUE_DEFER, &m->id, NULL);
	log_info(&m->log, "removed");
	message_forget(m);
}

/* For mailq; see lib/queue/reason.h why nothing here is checked or synced. */
static void write_reasons(struct message *m)
{
	struct qmgr *q = m->q;
	enum rc rc;
	int fd;

	buf_reset(&q->line);
	for (uint32_t i = 0; i < m->env.n_rcpts; i++) {
		const struct outcome *o = m->rcpts[i].outcome;

		if (m->rcpts[i].mark == QUEUE_MARK_TODO && o != NULL)
			queue_reason_put(&q->line, &(struct queue_reason){
				.index = i, .recipient = m->env.rcpts[i].address,
				.original = m->env.rcpts[i].original, .status = o->dsn,
				.text = o->text });
	}
	rc = queue_create(q->spool, QUEUE_DEFER, &m->id, &fd, NULL);
	if (rc == RC_END) {	/* those of the last round, or of another message that had the id */
		(void)!queue_remove(q->spool, QUEUE_DEFER, &m->id, NULL);
		rc = queue_create(q->spool, QUEUE_DEFER, &m->id, &fd, NULL);
	}
	if (rc != RC_OK)
		return;
	(void)!write(fd, buf_slice(&q->line).p, buf_len(&q->line));
	close(fd);
	m->has_reasons = true;
}

static int64_t next_attempt_s(const struct message *m)
{
	const struct qmgr_policy *p = &m->q->policy;
	int64_t wait = age_s(m);

	if (wait > p->maximal_backoff_s)
		wait = p->maximal_backoff_s;
	if (wait < p->minimal_backoff_s || m->report_failed)
		wait = p->minimal_backoff_s;
	return qmgr_now_s(m->q) + wait;
}

static void defer_message(struct message *m)
{
	int64_t due = next_attempt_s(m);
	struct queue_id id = m->id;	/* may get another name there */
	struct qmgr *q = m->q;
	struct err err = { 0 };
	enum rc rc;

	write_reasons(m);
	rc = queue_set_due(q->spool, QUEUE_ACTIVE, &m->id, due, &err);
	if (rc == RC_OK)
		rc = qmgr_move(q, QUEUE_ACTIVE, &id, QUEUE_DEFERRED, &err);
	if (rc == RC_SYS) {
		log_err(&m->log, &err, "message not deferred");
		try_later(m);
		return;
	}
	if (rc == RC_OK)	/* else an administrator removed it under our hands */
		park_add(q, &id, QUEUE_DEFERRED, due, false, false);
	message_forget(m);
}

static void leave(struct message *m)
{
	bool is_done = true;

	for (size_t i = 0; i < m->env.n_rcpts && is_done; i++)
		is_done = m->rcpts[i].mark == QUEUE_MARK_DONE;
	if (is_done) {
		remove_message(m);
		return;
	}
	(void)message_write_marks(m);
	if (m->q->is_draining)
		message_forget(m);	/* stays in active/ for our successor */
	else
		defer_message(m);
}

/* --- wishes --- */

static void move_away(struct message *m, enum queue_name to, const char *what)
{
	struct queue_id id = m->id;
	struct err err = { 0 };
	enum rc rc;

	(void)message_write_marks(m);
	rc = qmgr_move(m->q, QUEUE_ACTIVE, &id, to, &err);
	if (rc == RC_SYS) {
		log_err(&m->log, &err, "message not moved");
		try_later(m);
		return;
	}
	if (m->has_reasons && to == QUEUE_MAILDROP)
		(void)!queue_remove(m->q->spool, QUEUE_DEFER, &m->id, NULL);
	log_info(&m->log, "%s", what);
	if (to == QUEUE_MAILDROP && m->q->hooks.wake_pickup != NULL)
		m->q->hooks.wake_pickup(m->q);
	message_forget(m);
}

void round_check_wish(struct message *m)
{
	if (m->n_sending > 0 || m->n_reports > 0 ||
	    (m->wish == WISH_NONE && !m->q->is_draining))
		return;
	switch (m->wish) {
	case WISH_DELETE: message_forget(m); break;
	case WISH_HOLD: move_away(m, QUEUE_HOLD, "placed on hold"); break;
	case WISH_REQUEUE: move_away(m, QUEUE_MAILDROP, "requeued"); break;
	default:
		(void)message_write_marks(m);
		message_forget(m);
	}
}

void round_wish(struct message *m, enum wish w)
{
	m->wish = w;
	sched_take_back(m);
	if (w == WISH_DELETE) {
		(void)!queue_remove(m->q->spool, QUEUE_ACTIVE, &m->id, NULL);
		(void)!queue_remove(m->q->spool, QUEUE_DEFER, &m->id, NULL);
		log_info(&m->log, "removed");
		report_forget(m);
		m->n_reports = 0;
	}
	round_check_wish(m);
}

/* --- the end of a round --- */

static bool is_expired(const struct message *m)
{
	const struct qmgr_policy *p = &m->q->policy;
	int64_t limit = message_has_null_sender(m) && p->bounce_lifetime_s < p->maximal_lifetime_s
				? p->bounce_lifetime_s
				: p->maximal_lifetime_s;

	return age_s(m) >= limit;
}

static void expire(struct message *m)
{
	message_log_sender(m, "status=expired, returned to sender");
	for (size_t i = 0; i < m->env.n_rcpts; i++)
		if (m->rcpts[i].state == RCPT_DEFERRED)
			m->rcpts[i].state = RCPT_FAILED;
}

static void start_reports(struct message *m)
{
	const struct qmgr_policy *p = &m->q->policy;

	if ((m->env.flags & QUEUE_FLAG_VERIFY) != 0) {
		m->n_reports += report_start(m, REPORT_ASKED);
		return;
	}
	m->n_reports += report_start(m, REPORT_FAILED);
	m->n_reports += report_start(m, REPORT_SUCCESS);
	if ((m->env.flags & QUEUE_FLAG_REPORT) != 0 && m->is_first_round)
		m->n_reports += report_start(m, REPORT_ASKED);
	if (p->delay_warning_s > 0 && !m->env.is_warned && age_s(m) >= p->delay_warning_s)
		m->n_reports += report_start(m, REPORT_DELAYED);
}

void round_over(struct message *m)
{
	if (m->wish != WISH_NONE) {
		round_check_wish(m);
		return;
	}
	m->is_over = true;
	if ((m->env.flags & QUEUE_FLAG_VERIFY) == 0 && count(m, RCPT_DEFERRED) > 0 &&
	    is_expired(m))
		expire(m);
	start_reports(m);
	if (m->n_reports == 0)
		leave(m);
}

/* The report is durable, so those it speaks of are done with. */
static void mark_reported(struct message *m, enum report_kind kind)
{
	for (uint32_t i = 0; i < m->env.n_rcpts; i++) {
		const struct rcpt *r = &m->rcpts[i];

		if ((kind == REPORT_FAILED && r->state == RCPT_FAILED) ||
		    (kind == REPORT_SUCCESS && r->mark == QUEUE_MARK_REPORT) ||
		    (kind == REPORT_ASKED && (m->env.flags & QUEUE_FLAG_VERIFY) != 0))
			message_mark(m, i, QUEUE_MARK_DONE);
	}
	for (const struct extra *x = m->extras; x != NULL && kind == REPORT_FAILED; x = x->next)
		if (m->rcpts[x->rcpt].state == RCPT_SENT)
			message_mark_sent(m, x->rcpt);
	if (kind == REPORT_DELAYED)
		m->warn_mark = true;
}

void round_report_done(struct message *m, unsigned kind, bool ok)
{
	if (ok)
		mark_reported(m, (enum report_kind)kind);
	else
		m->report_failed = true;
	if (--m->n_reports > 0)
		return;
	if (m->wish != WISH_NONE)
		round_check_wish(m);
	else
		leave(m);
}
