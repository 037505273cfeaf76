/* SPDX-License-Identifier: ISC */
#include "qmgr/message.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/mail/addr.h"
#include "lib/queue/file.h"
#include "lib/queue/logline.h"
#include "qmgr/intake.h"
#include "qmgr/park.h"
#include "qmgr/report.h"
#include "qmgr/sched.h"

enum { MEMO_ARENA_MAX = 16 << 20 };

/* --- birth --- */

static void begin_round(struct message *m)
{
	for (size_t i = 0; i < m->env.n_rcpts; i++) {
		struct rcpt *r = &m->rcpts[i];

		r->next = QMGR_NO_RCPT;
		r->mark = m->env.rcpts[i].mark;
		switch (m->env.rcpts[i].mark) {
		case QUEUE_MARK_TODO:
			r->state = RCPT_TODO;
			m->n_open++;
			break;
		case QUEUE_MARK_REPORT:
			r->state = RCPT_SENT;	/* before a restart; only the notice is owed */
			break;
		default: r->state = RCPT_OLD;
		}
	}
}

static struct message *alloc_message(struct qmgr *q, const struct queue_id *id, size_t n_rcpts,
				     struct slice tail)
{
	size_t rcpts = n_rcpts * sizeof(struct rcpt);
	struct message *m =
		mem_new(1, sizeof(*m) + n_rcpts * sizeof(struct queue_rcpt) + rcpts + tail.n);

	m->q = q;
	m->id = *id;
	m->log = (struct log_ctx){ .queue_id = queue_id_slice(&m->id) };
	m->marks = QMGR_NO_RCPT;
	m->lock_fd = -1;
	list_init(&m->link);
	list_init(&m->jobs);
	list_init(&m->dirty);
	task_init(&m->bury);
	m->rcpts = (struct rcpt *)(void *)(m->mem + n_rcpts * sizeof(struct queue_rcpt));
	memcpy(m->mem + n_rcpts * sizeof(struct queue_rcpt) + rcpts, tail.p, tail.n);
	return m;
}

enum rc message_new(struct qmgr *q, const struct queue_id *id, struct slice tail,
		    struct message **ret, struct err *err)
{
	struct queue_footer f;
	uint64_t tail_bytes;
	struct message *m;
	size_t n;
	enum rc rc;

	if (tail.n < QUEUE_FOOTER_SIZE ||
	    queue_footer_parse(slice_skip(tail, tail.n - QUEUE_FOOTER_SIZE), &f, &tail_bytes) !=
		    RC_OK)
		return err_set(err, RC_SYNTAX, "no end mark");
	n = f.marks;
	m = alloc_message(q, id, n, tail);
	arena_reset(&q->arena);
	rc = queue_tail_parse(slice_make((char *)(m->rcpts + n), tail.n), &q->arena, &m->env, err);
	if (rc != RC_OK) {
		free(m);
		return rc;
	}
	memcpy(m->mem, m->env.rcpts, n * sizeof(struct queue_rcpt));
	m->env.rcpts = (struct queue_rcpt *)(void *)m->mem;
	m->active_us = loop_unix_us(q->loop);
	begin_round(m);
	*ret = m;
	return RC_OK;
}

/* --- death --- */

void message_free(struct message *m)
{
	if (m->has_memo) {
		table_memo_done(&m->memo);
		arena_done(&m->arena);
	}
	task_cancel(&m->bury);
	list_remove(&m->dirty);
	list_remove(&m->link);
	for (size_t i = 0; i < m->env.n_rcpts; i++)
		free(m->rcpts[i].outcome);
	while (m->extras != NULL) {
		struct extra *x = m->extras;

		m->extras = x->next;
		free(x->outcome);
		free(x);
	}
	if (m->lock_fd >= 0)
		close(m->lock_fd);
	free(m);
}

static void run_bury(struct task *t)
{
	message_free(LIST_ENTRY(t, struct message, bury));
}

void message_forget(struct message *m)
{
	struct qmgr *q = m->q;

	sched_take_back(m);
	report_forget(m);
	if (hash_get(&q->active, queue_id_slice(&m->id)) == m)
		(void)hash_remove(&q->active, queue_id_slice(&m->id));
	list_remove(&m->link);
	list_remove(&m->dirty);
	q->n_rcpts -= m->env.n_rcpts;
	loop_defer(q->loop, &m->bury, run_bury);
	if (q->is_draining) {
		if (list_is_empty(&q->messages) && q->hooks.on_drained != NULL)
			q->hooks.on_drained(q);
		return;
	}
	intake_grant(q);
	park_pump(q);
}

/* --- the round --- */

static void route(struct message *m)
{
	struct qmgr *q = m->q;

	for (uint32_t i = 0; i < m->env.n_rcpts; i++) {
		struct err err = { 0 };
		struct route to;
		enum rc rc;

		if (m->rcpts[i].state != RCPT_TODO)
			continue;
		rc = q->hooks.route(q, m, i, &to, &err);
		if (rc == RC_MORE)
			return;
		if (rc == RC_OK)
			sched_add(m, i, &to);
		else if (rc_is_temporary(rc))
			message_settle_here(m, i, RCPT_DEFERRED,
					    outcome_say(err.dsn[0] == '4' ? err.dsn : "4.3.0", "%s",
							err.text));
		else
			message_settle_here(m, i, RCPT_FAILED,
					    outcome_say(err.dsn[0] == '5' ? err.dsn : "5.4.0", "%s",
							err.text));
	}
	m->is_routed = true;
	if (--m->n_open == 0)
		round_over(m);
}

static void on_tables(struct table_memo *memo)
{
	struct message *m = memo->owner;

	if (!m->is_over && m->wish == WISH_NONE && !m->q->is_draining)
		route(m);
}

struct table_memo *message_memo(struct message *m)
{
	if (!m->has_memo) {
		arena_init(&m->arena, MEMO_ARENA_MAX);
		table_memo_init(&m->memo, &m->arena, on_tables, m);
		m->has_memo = true;
	}
	return &m->memo;
}

void message_log_sender(const struct message *m, const char *fmt, ...)
{
	struct buf line;
	va_list ap;

	buf_init(&line, 4 * QUEUE_VALUE_MAX);
	buf_adds(&line, "from=<");
	addr_quote(m->env.sender, &line);
	buf_adds(&line, ">, ");
	va_start(ap, fmt);
	buf_addv(&line, fmt, ap);
	va_end(ap);
	log_info(&m->log, "%s", buf_cstr(&line));
	buf_done(&line);
}

void message_start(struct message *m)
{
	struct qmgr *q = m->q;

	q->n_rcpts += m->env.n_rcpts;
	list_append(&q->messages, &m->link);
	message_log_sender(m, "size=%" PRIu64 ", nrcpt=%zu (queue active)", m->env.content_bytes,
			   m->env.n_rcpts);
	if (q->hooks.on_message != NULL)
		q->hooks.on_message(q);
	m->n_open++;	/* until all are routed, so that settling one does not end the round */
	route(m);
}

void message_mark(struct message *m, uint32_t i, enum queue_mark mark)
{
	struct rcpt *r = &m->rcpts[i];

	if (r->mark == (char)mark)
		return;
	if (r->mark == m->env.rcpts[i].mark) {
		r->next = m->marks;
		m->marks = i;
	}
	r->mark = (char)mark;
	if (list_is_empty(&m->dirty))
		list_append(&m->q->dirty, &m->dirty);
	loop_defer(m->q->loop, &m->q->write_marks, qmgr_run_marks);
}

void message_mark_sent(struct message *m, uint32_t i)
{
	message_mark(m, i, (m->env.rcpts[i].notify & QUEUE_NOTIFY_SUCCESS) != 0
				   ? QUEUE_MARK_REPORT
				   : QUEUE_MARK_DONE);
}

/* The failure of a member is to be reported first. */
static bool has_extra(const struct message *m, uint32_t i)
{
	const struct extra *x = m->extras;

	while (x != NULL && x->rcpt != i)
		x = x->next;
	return x != NULL;
}

static bool is_soft(const struct message *m, enum rcpt_state state)
{
	return state == RCPT_FAILED && m->q->policy.soft_bounce &&
	       (m->env.flags & QUEUE_FLAG_VERIFY) == 0;
}

void message_settle(struct message *m, uint32_t i, enum rcpt_state state,
		    struct outcome *outcome)
{
	struct rcpt *r = &m->rcpts[i];

	if (is_soft(m, state))
		state = RCPT_DEFERRED;
	r->state = (unsigned char)state;
	free(r->outcome);
	r->outcome = outcome;
	if (state == RCPT_SENT && (m->env.flags & QUEUE_FLAG_VERIFY) == 0 && !has_extra(m, i))
		message_mark_sent(m, i);
	if (--m->n_open == 0)
		round_over(m);
	else
		round_check_wish(m);
}

static const char *status_word(const struct message *m, enum rcpt_state state)
{
	if ((m->env.flags & QUEUE_FLAG_VERIFY) != 0)
		return state == RCPT_SENT ? "deliverable" : "undeliverable";
	if (is_soft(m, state))
		return "SOFTBOUNCE";
	return state == RCPT_SENT ? "sent" : state == RCPT_DEFERRED ? "deferred" : "bounced";
}

void message_settle_here(struct message *m, uint32_t i, enum rcpt_state state,
			 struct outcome *outcome)
{
	int64_t now = loop_unix_us(m->q->loop);
	struct delivery_line l = {
		.to = m->env.rcpts[i].address, .orig_to = m->env.rcpts[i].original,
		.relay = "none", .dsn = outcome->dsn, .text = outcome->text,
		.status = status_word(m, state),
		.times = { m->env.arrived_us, m->active_us, now, now, now },
	};

	buf_reset(&m->q->line);
	delivery_line_put(&m->q->line, &l);
	log_info(&m->log, "%s", buf_cstr(&m->q->line));
	message_settle(m, i, state, outcome);
}

void message_add_extra(struct message *m, uint32_t i, struct slice address,
		       const struct outcome *outcome)
{
	struct extra *x = mem_new(1, sizeof(*x) + address.n);

	memcpy(x->room, address.p, address.n);
	x->address = slice_make(x->room, address.n);
	x->rcpt = i;
	x->outcome = outcome_new(outcome);
	x->next = m->extras;
	m->extras = x;
}

bool message_write_marks(struct message *m)
{
	struct err err = { 0 };
	enum rc rc = RC_OK;
	int fd;

	list_remove(&m->dirty);
	if (m->marks == QMGR_NO_RCPT && !m->warn_mark)
		return true;
	rc = queue_open(m->q->spool, QUEUE_ACTIVE, &m->id, O_WRONLY, &fd, &err);
	if (rc != RC_OK) {
		if (rc != RC_END)	/* else it was removed, and needs no marks */
			log_err(&m->log, &err, "cannot mark recipients as done");
		return false;
	}
	while (m->marks != QMGR_NO_RCPT && rc == RC_OK) {
		struct rcpt *r = &m->rcpts[m->marks];

		rc = queue_file_mark(fd, &m->env, m->marks, (enum queue_mark)r->mark, &err);
		m->marks = r->next;
		r->next = QMGR_NO_RCPT;
	}
	if (rc == RC_OK && m->warn_mark)
		rc = queue_file_mark_warned(fd, &m->env, &err);
	m->warn_mark = false;
	close(fd);
	if (rc != RC_OK)
		log_err(&m->log, &err, "cannot mark recipients as done");
	return rc == RC_OK;
}
