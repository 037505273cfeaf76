/* SPDX-License-Identifier: ISC */
#include "qmgr/report.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>

#include "lib/base/mem.h"

/* bounce holds two files for each report in its hands. */
enum { PATIENCE_MS = 30000, OUT_MAX = 100, BACKLOG_MAX = 1000, WAIT_MS = 5 };
static_assert(IPC_OUT_MAX > BACKLOG_MAX + QUEUE_RCPTS_MAX, "one report more has room");

struct report {
	struct list link;	/* in qmgr.reports or reports_out */
	uint32_t id;
	struct message *m;
	enum report_kind kind;
};

static bool speaks_of(enum report_kind kind, const struct rcpt *r)
{
	switch (kind) {
	case REPORT_FAILED: return r->state == RCPT_FAILED;
	case REPORT_DELAYED: return r->state == RCPT_DEFERRED;
	case REPORT_SUCCESS: return r->mark == QUEUE_MARK_REPORT;
	default: return r->state >= RCPT_SENT;
	}
}

static uint32_t count(const struct message *m, enum report_kind kind)
{
	uint32_t n = 0;

	for (size_t i = 0; i < m->env.n_rcpts; i++)
		n += speaks_of(kind, &m->rcpts[i]);
	if (kind == REPORT_FAILED)
		for (const struct extra *x = m->extras; x != NULL; x = x->next)
			n++;
	return n;
}

static const char *action_of(const struct message *m, const struct rcpt *r)
{
	if ((m->env.flags & QUEUE_FLAG_VERIFY) != 0)
		return r->state == RCPT_SENT ? "deliverable" : "undeliverable";
	switch (r->state) {
	case RCPT_FAILED: return "failed";
	case RCPT_DEFERRED: return "delayed";
	default: return "delivered";
	}
}

static void send_rcpt(struct report *p, struct slice address, const struct queue_rcpt *to,
		      const struct outcome *o, const char *action)
{
	static const struct outcome plain = { .dsn = { "2.0.0", 5 }, .text = { "delivered", 9 } };

	if (o == NULL)
		o = &plain;
	if (o->address.n > 0)
		address = o->address;
	bounce_rcpt_send(p->m->q->bounce, &(struct bounce_rcpt){
		.id = p->id, .address = address,
		.original = to->original.n > 0 ? to->original : to->address, .orcpt = to->orcpt,
		.notify = to->notify, .dsn = o->dsn, .text = o->text,
		.action = o->action.n > 0 ? o->action : slice_str(action),
		.remote_mta = o->remote_mta, .diag_type = o->diag_type });
}

static void give_up(struct report *p)
{
	struct message *m = p->m;
	enum report_kind kind = p->kind;

	list_remove(&p->link);
	free(p);
	round_report_done(m, kind, false);
}

/* False: the file is not to be had; P stays for the caller to give up. */
static bool send_report(struct report *p)
{
	struct message *m = p->m;
	struct qmgr *q = m->q;
	struct err err = { 0 };
	int fd;

	if (queue_open(q->spool, QUEUE_ACTIVE, &m->id, O_RDONLY, &fd, &err) != RC_OK) {
		log_warn(&m->log, "no report: the queue file cannot be opened");
		return false;
	}
	bounce_report_send(q->bounce, &(struct bounce_report){
		.id = p->id, .kind = (uint8_t)p->kind, .queue_id = queue_id_slice(&m->id),
		.file = fd, .content_bytes = (int64_t)m->env.content_bytes,
		.arrival_us = m->env.arrived_us, .sender = m->env.sender,
		.dsn_ret = (uint8_t)m->env.ret, .envid = m->env.envid,
		.smtputf8 = (m->env.flags & QUEUE_FLAG_SMTPUTF8) != 0,
		.rcpt_count = count(m, p->kind) });
	for (size_t i = 0; i < m->env.n_rcpts; i++)
		if (speaks_of(p->kind, &m->rcpts[i]))
			send_rcpt(p, m->env.rcpts[i].address, &m->env.rcpts[i],
				  m->rcpts[i].outcome, action_of(m, &m->rcpts[i]));
	if (p->kind == REPORT_FAILED)
		for (const struct extra *x = m->extras; x != NULL; x = x->next)
			send_rcpt(p, x->address, &m->env.rcpts[x->rcpt], x->outcome, "failed");
	list_remove(&p->link);
	list_append(&q->reports_out, &p->link);
	q->n_reports_out++;
	return true;
}

static void run_send(struct timer *t);

bool report_start(struct message *m, enum report_kind kind)
{
	struct qmgr *q = m->q;
	struct report *p;

	if (count(m, kind) == 0)
		return false;
	p = mem_new(1, sizeof(*p));
	p->id = ++q->last_report;
	p->m = m;
	p->kind = kind;
	list_append(&q->reports, &p->link);
	if (q->bounce != NULL) {
		timer_start(&q->report_patience, 0);
	} else {
		if (!timer_is_running(&q->report_patience))
			timer_start(&q->report_patience, PATIENCE_MS);
		q->hooks.ask_bounce(q);
	}
	return true;
}

/* Send what has room; without a channel for so long, give all up: their messages are deferred
 * and the recipients tried and reported again. */
static void run_send(struct timer *t)
{
	struct qmgr *q = LIST_ENTRY(t, struct qmgr, report_patience);

	while (!list_is_empty(&q->reports) && q->n_reports_out < OUT_MAX &&
	       (q->bounce == NULL || ipc_chan_backlog(q->bounce) < BACKLOG_MAX)) {
		struct report *p = LIST_ENTRY(q->reports.next, struct report, link);

		if (q->bounce == NULL || !send_report(p))
			give_up(p);
	}
	if (!list_is_empty(&q->reports) && q->n_reports_out < OUT_MAX)
		timer_start(t, WAIT_MS);
}

/* Out of bounce's hands: the next one's turn. */
static void came_back(struct qmgr *q, struct report *p)
{
	list_remove(&p->link);
	q->n_reports_out--;
	if (!list_is_empty(&q->reports))
		timer_start(&q->report_patience, 0);
}

void report_forget(struct message *m)
{
	struct qmgr *q = m->q;

	if (m->n_reports == 0)
		return;
	LIST_EACH(node, &q->reports) {
		struct report *p = LIST_ENTRY(node, struct report, link);

		if (p->m == m) {
			list_remove(&p->link);
			free(p);
		}
	}
	LIST_EACH(out, &q->reports_out) {
		struct report *p = LIST_ENTRY(out, struct report, link);

		if (p->m == m) {
			came_back(q, p);
			free(p);
		}
	}
}

static enum rc on_done(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct qmgr *q = peer_owner(chan);
	struct bounce_done d;

	if (bounce_done_get(r, &d) != RC_OK)
		return RC_SYNTAX;
	LIST_EACH(node, &q->reports_out) {
		struct report *p = LIST_ENTRY(node, struct report, link);

		if (p->id != d.id)
			continue;
		if (!d.ok)
			log_warn(&p->m->log, "no report: %.*s", SLICE_ARG(d.text));
		came_back(q, p);
		round_report_done(p->m, p->kind, d.ok);
		free(p);
		return RC_OK;
	}
	return RC_OK;	/* the message is gone meanwhile */
}

const struct ipc_handler report_handlers[] = { { bounce_done_type, 0, on_done } };
const size_t report_n_handlers = sizeof(report_handlers) / sizeof(report_handlers[0]);

void report_up(struct qmgr *q, struct ipc_chan *chan)
{
	q->bounce = chan;
	if (!list_is_empty(&q->reports))
		timer_start(&q->report_patience, 0);
}

void report_down(struct qmgr *q)
{
	q->bounce = NULL;
	for (struct list *n = list_pop(&q->reports_out); n != NULL; n = list_pop(&q->reports_out))
		list_append(&q->reports, n);
	q->n_reports_out = 0;
	if (!list_is_empty(&q->reports))
		timer_start(&q->report_patience, PATIENCE_MS);
}

void report_init(struct qmgr *q)
{
	list_init(&q->reports);
	list_init(&q->reports_out);
	timer_init(&q->report_patience, q->loop, run_send);
}

void report_done(struct qmgr *q)
{
	timer_stop(&q->report_patience);
	for (struct list *n = list_pop(&q->reports); n != NULL; n = list_pop(&q->reports))
		free(LIST_ENTRY(n, struct report, link));
	for (struct list *n = list_pop(&q->reports_out); n != NULL; n = list_pop(&q->reports_out))
		free(LIST_ENTRY(n, struct report, link));
}
