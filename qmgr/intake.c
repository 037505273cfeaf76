/* SPDX-License-Identifier: ISC */
#include "qmgr/intake.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "qmgr/park.h"

enum { DOUBT_MS = 10000, CREDIT_WINDOW = 500, STATE_TOOL = 1, STATE_CLEANUP = 2 };

/* --- credit --- */

static size_t room(const struct qmgr *q)
{
	size_t used = hash_count(&q->active) + q->granted;

	return used < q->policy.message_active_limit ? q->policy.message_active_limit - used : 0;
}

/* Only while nothing waits: new mail must not overtake what is in incoming/. */
void intake_grant(struct qmgr *q)
{
	if (!q->is_running || q->is_draining || !list_is_empty(&q->backlog) ||
	    !list_is_empty(&q->scans))
		return;
	LIST_EACH(node, &q->intakes) {
		struct visitor *v = LIST_ENTRY(node, struct visitor, link);
		uint32_t more = v->granted < CREDIT_WINDOW / 2 ? CREDIT_WINDOW - v->granted : 0;

		if (more > room(q))
			more = (uint32_t)room(q);
		if (more == 0)
			continue;
		v->granted += more;
		q->granted += more;
		qmgr_credit_send(&v->chan, &(struct qmgr_credit){ .more = more });
	}
}

static enum rc on_intake(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct visitor *v = chan->owner;
	struct qmgr_intake m;
	struct qmgr *q = v->q;

	if (qmgr_intake_get(r, &m) != RC_OK || (v->may & MAY_CHANGE) == 0)
		return RC_SYNTAX;
	v->is_cleanup = true;
	intake_doubt(q);
	chan->state = STATE_CLEANUP;
	list_remove(&v->link);
	list_append(&q->intakes, &v->link);
	if (q->is_running) {	/* what an earlier cleanup committed and could not tell */
		park_scan(q, QUEUE_ACTIVE);
		park_scan(q, QUEUE_INCOMING);
	}
	return RC_OK;
}

/* --- new messages --- */

/* Straight into memory: its file is, or can be brought, in active/. */
static bool take_new(struct qmgr *q, struct queue_id *id, enum queue_name queue,
		     struct slice tail)
{
	struct err err = { 0 };
	struct message *m;

	if (tail.n == 0)
		return false;
	if (queue == QUEUE_INCOMING &&
	    (!park_has_room(q) || !list_is_empty(&q->backlog) ||
	     qmgr_move(q, QUEUE_INCOMING, id, QUEUE_ACTIVE, &err) != RC_OK))
		return false;
	if (message_new(q, id, tail, &m, &err) != RC_OK)
		return false;
	if (hash_put(&q->active, queue_id_slice(&m->id), m, NULL) != RC_OK) {
		message_free(m);
		return false;
	}
	m->is_first_round = true;
	message_start(m);
	return true;
}

void intake_doubt(struct qmgr *q)
{
	q->doubt_until_ms = loop_now_ms(q->loop) + DOUBT_MS;
}

/* A scan has found it already, and it may even be done; or an administrator took it away. */
static bool is_old_news(const struct qmgr *q, const struct queue_id *id)
{
	struct stat st;

	return hash_get(&q->active, queue_id_slice(id)) != NULL ||
	       (loop_now_ms(q->loop) < q->doubt_until_ms &&
		queue_stat(q->spool, QUEUE_ACTIVE, id, &st, NULL) == RC_END);
}

static enum rc on_new(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct visitor *v = chan->owner;
	struct qmgr *q = v->q;
	struct queue_id id;
	struct qmgr_new m;

	if (qmgr_new_get(r, &m) != RC_OK || queue_id_parse(m.queue_id, &id) != RC_OK ||
	    (m.queue != QUEUE_ACTIVE && m.queue != QUEUE_INCOMING))
		return RC_SYNTAX;
	if (m.queue == QUEUE_ACTIVE && v->granted > 0) {
		v->granted--;
		q->granted--;
	}
	if (!q->is_running || q->is_draining)
		return RC_OK;	/* who runs next reads the directories */
	if (m.queue == QUEUE_ACTIVE && is_old_news(q, &id))
		return RC_OK;
	if (!take_new(q, &id, (enum queue_name)m.queue, m.tail))
		park_add(q, &id, (enum queue_name)m.queue, 0, false, false);
	if (v->granted < CREDIT_WINDOW / 2)
		intake_grant(q);
	return RC_OK;
}

/* --- channels --- */

static enum rc on_list(struct ipc_chan *chan, struct ipc_reader *r)
{
	return control_list(chan->owner, r);
}

static enum rc on_do(struct ipc_chan *chan, struct ipc_reader *r)
{
	return control_do(chan->owner, r);
}

static const struct ipc_handler handlers[] = {
	{ qmgr_intake_type, STATE_TOOL, on_intake },
	{ qmgr_new_type, STATE_CLEANUP, on_new },
	{ qmgr_list_type, STATE_TOOL, on_list },
	{ qmgr_do_type, STATE_TOOL, on_do },
};

static void visitor_free(struct visitor *v)
{
	control_stop(v);
	v->q->granted -= v->granted;
	list_remove(&v->link);
	task_cancel(&v->bury);
	ipc_chan_done(&v->chan);
	free(v);
}

static void run_bury(struct task *t)
{
	visitor_free(LIST_ENTRY(t, struct visitor, bury));
}

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	struct visitor *v = chan->owner;

	log_debug(NULL, "%s", why->text);
	loop_defer(v->q->loop, &v->bury, run_bury);
}

void intake_accept(struct qmgr *q, int fd, unsigned may)
{
	struct visitor *v = mem_new(1, sizeof(*v));

	v->q = q;
	v->may = may;
	task_init(&v->bury);
	list_append(&q->tools, &v->link);
	ipc_chan_init(&v->chan, q->loop, fd, &qmgr_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_close, v);
}

void intake_done(struct qmgr *q)
{
	LIST_EACH(node, &q->intakes)
		visitor_free(LIST_ENTRY(node, struct visitor, link));
	LIST_EACH(tool, &q->tools)
		visitor_free(LIST_ENTRY(tool, struct visitor, link));
}
