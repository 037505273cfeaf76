/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/queue/listing.h"
#include "qmgr/intake.h"
#include "qmgr/park.h"
#include "qmgr/sched.h"

/* A walk over queue directories goes in steps of so many files, and waits while the tool is
 * slower than we are. */
enum { STEP = 64, BACKLOG_MAX = 1000, WAIT_MS = 5 };

enum { BIT_INCOMING = 1 << QUEUE_INCOMING, BIT_ACTIVE = 1 << QUEUE_ACTIVE,
       BIT_DEFERRED = 1 << QUEUE_DEFERRED, BIT_HOLD = 1 << QUEUE_HOLD,
       BIT_MAILDROP = 1 << QUEUE_MAILDROP,
       BITS_QUEUED = BIT_INCOMING | BIT_ACTIVE | BIT_DEFERRED };

struct verb;

struct survey {
	struct visitor *v;
	const struct verb *verb;	/* NULL: list */
	unsigned queues;		/* bits still to be walked */
	enum queue_name queue;		/* being walked */
	bool is_open;
	struct queue_scan walk;
	struct timer step;
	struct queue_listing listing;
	uint32_t count;
	char site[256];			/* flush_site */
	/* One file. */
	void (*each)(struct survey *s, const struct queue_id *id);
	void (*finish)(struct survey *s);
};

/* --- walking --- */

static bool next_queue(struct survey *s)
{
	for (int i = 0; i < 5; i++) {
		enum queue_name q = queue_listing_order[i];

		if ((s->queues & 1u << q) == 0)
			continue;
		s->queues &= ~(1u << q);
		s->queue = q;
		if (queue_scan_init(&s->walk, s->v->q->spool, q, NULL) == RC_OK) {
			s->is_open = true;
			return true;
		}
	}
	return false;
}

void control_stop(struct visitor *v)
{
	struct survey *s = v->survey;

	if (s == NULL)
		return;
	timer_stop(&s->step);
	if (s->is_open)
		queue_scan_done(&s->walk);
	queue_listing_done(&s->listing);
	free(s);
	v->survey = NULL;
}

static void run_step(struct timer *t)
{
	struct survey *s = LIST_ENTRY(t, struct survey, step);
	struct visitor *v = s->v;
	struct queue_id id;

	if (ipc_chan_backlog(&v->chan) > BACKLOG_MAX) {
		timer_start(t, WAIT_MS);
		return;
	}
	for (int i = 0; i < STEP && ipc_chan_backlog(&v->chan) <= BACKLOG_MAX; i++) {
		if (!s->is_open && !next_queue(s)) {
			s->finish(s);
			control_stop(v);
			return;
		}
		if (queue_scan_next(&s->walk, &id)) {
			s->each(s, &id);
		} else {
			queue_scan_done(&s->walk);
			s->is_open = false;
		}
	}
	timer_start(t, 0);
}

static struct survey *begin(struct visitor *v, unsigned queues)
{
	struct survey *s = mem_new(1, sizeof(*s));

	for (enum queue_name q = 0; q < QUEUE_N; q++)
		if (v->q->spool->fd[q] < 0)
			queues &= ~(1u << q);
	s->v = v;
	s->queues = queues;
	queue_listing_init(&s->listing);
	timer_init(&s->step, v->q->loop, run_step);
	timer_start(&s->step, 0);
	v->survey = s;
	return s;
}

/* --- list --- */

static void tell_message(struct survey *s, const struct queue_id *id,
			 const struct queue_envelope *e)
{
	qmgr_message_send(&s->v->chan, &(struct qmgr_message){
		.queue_name = slice_str(queue_name_str(s->queue)),
		.queue_id = queue_id_slice(id), .arrival_us = e->arrived_us,
		.message_bytes = (int64_t)e->content_bytes, .sender = e->sender });
}

static void tell_rcpt(struct survey *s, const struct queue_rcpt *r, struct slice reason)
{
	qmgr_rcpt_send(&s->v->chan, &(struct qmgr_rcpt){ .address = r->address,
		.original = r->original, .reason = slice_sub(reason, 0, 1024) });
}

static void tell_active(struct survey *s, const struct message *m)
{
	tell_message(s, &m->id, &m->env);
	for (size_t i = 0; i < m->env.n_rcpts; i++) {
		const struct rcpt *r = &m->rcpts[i];

		if (r->state != RCPT_SENT && r->state != RCPT_OLD)
			tell_rcpt(s, &m->env.rcpts[i], r->outcome != NULL ? r->outcome->text
									  : (struct slice){ 0 });
	}
}

static void list_one(struct survey *s, const struct queue_id *id)
{
	struct qmgr *q = s->v->q;
	struct message *m = hash_get(&q->active, queue_id_slice(id));
	const struct queue_rcpt *to;
	struct slice reason;

	if (s->queue == QUEUE_ACTIVE && m != NULL) {
		tell_active(s, m);
		return;
	}
	if (!queue_listing_load(&s->listing, q->spool, s->queue, id))
		return;
	tell_message(s, id, &s->listing.env);
	while (queue_listing_next(&s->listing, &to, &reason))
		tell_rcpt(s, to, reason);
}

static void list_end(struct survey *s)
{
	qmgr_list_end_send(&s->v->chan, &(struct qmgr_list_end){ .error = { 0 } });
}

enum rc control_list(struct visitor *v, struct ipc_reader *r)
{
	struct qmgr_list m;
	struct survey *s;

	if (qmgr_list_get(r, &m) != RC_OK || v->survey != NULL)
		return RC_SYNTAX;
	if ((v->may & MAY_LIST) == 0) {
		qmgr_list_end_send(&v->chan, &(struct qmgr_list_end){
			.error = SLICE_LIT("not allowed to list the queue") });
		return RC_OK;
	}
	s = begin(v, BITS_QUEUED | BIT_HOLD | BIT_MAILDROP);
	s->each = list_one;
	s->finish = list_end;
	return RC_OK;
}

/* --- changes --- */

static bool is_complete(const struct qmgr *q, enum queue_name queue, const struct queue_id *id)
{
	struct stat st;

	return queue_stat(q->spool, queue, id, &st, NULL) == RC_OK && S_ISREG(st.st_mode) &&
	       queue_mode_is_complete(st.st_mode);
}

static struct message *in_memory(const struct qmgr *q, enum queue_name queue,
				 const struct queue_id *id)
{
	return queue == QUEUE_ACTIVE ? hash_get(&q->active, queue_id_slice(id)) : NULL;
}

static bool delete_one(struct qmgr *q, enum queue_name queue, const struct queue_id *id)
{
	struct message *m = in_memory(q, queue, id);

	if (m != NULL) {
		round_wish(m, WISH_DELETE);
		return true;
	}
	if (!is_complete(q, queue, id) || queue_remove(q->spool, queue, id, NULL) != RC_OK)
		return false;
	if (queue == QUEUE_ACTIVE)
		intake_doubt(q);
	(void)!queue_remove(q->spool, QUEUE_DEFER, id, NULL);
	log_info(&(struct log_ctx){ .queue_id = queue_id_slice(id) }, "removed");
	return true;
}

static bool move_one(struct qmgr *q, enum queue_name from, const struct queue_id *id,
		     enum queue_name to, const char *what)
{
	struct queue_id new_id = *id;
	struct err err = { 0 };

	if (!is_complete(q, from, id))
		return false;
	if (qmgr_move(q, from, &new_id, to, &err) != RC_OK) {
		log_err(&(struct log_ctx){ .queue_id = queue_id_slice(id) }, &err, "not moved");
		return false;
	}
	if (from == QUEUE_ACTIVE)
		intake_doubt(q);
	log_info(&(struct log_ctx){ .queue_id = queue_id_slice(&new_id) }, "%s", what);
	return true;
}

static bool hold_one(struct qmgr *q, enum queue_name queue, const struct queue_id *id)
{
	struct message *m = in_memory(q, queue, id);

	if (m == NULL)
		return move_one(q, queue, id, QUEUE_HOLD, "placed on hold");
	round_wish(m, WISH_HOLD);
	return true;
}

static bool release_one(struct qmgr *q, enum queue_name queue, const struct queue_id *id)
{
	int64_t now = qmgr_now_s(q);

	(void)!queue_set_due(q->spool, queue, id, now, NULL);
	if (!move_one(q, queue, id, QUEUE_DEFERRED, "released from hold"))
		return false;
	park_add(q, id, QUEUE_DEFERRED, now, false, true);
	return true;
}

static bool requeue_one(struct qmgr *q, enum queue_name queue, const struct queue_id *id)
{
	struct message *m = in_memory(q, queue, id);

	if (m != NULL) {
		round_wish(m, WISH_REQUEUE);
		return true;
	}
	if (!move_one(q, queue, id, QUEUE_MAILDROP, "requeued"))
		return false;
	(void)!queue_remove(q->spool, QUEUE_DEFER, id, NULL);
	if (q->hooks.wake_pickup != NULL)
		q->hooks.wake_pickup(q);
	return true;
}

static bool flush_one(struct qmgr *q, enum queue_name queue, const struct queue_id *id)
{
	if (!is_complete(q, queue, id))
		return false;
	park_add(q, id, QUEUE_DEFERRED, qmgr_now_s(q), false, true);
	return true;
}

static const struct verb {
	const char *name;
	unsigned may, queues;
	bool (*one)(struct qmgr *q, enum queue_name queue, const struct queue_id *id);
} verbs[] = {
	{ "flush", MAY_FLUSH, BIT_DEFERRED, NULL },
	{ "flush_id", MAY_FLUSH, BIT_DEFERRED, flush_one },
	{ "flush_site", MAY_FLUSH, BIT_DEFERRED, flush_one },
	{ "delete", MAY_CHANGE, BITS_QUEUED | BIT_HOLD, delete_one },
	{ "hold", MAY_CHANGE, BITS_QUEUED, hold_one },
	{ "release", MAY_CHANGE, BIT_HOLD, release_one },
	{ "requeue", MAY_CHANGE, BITS_QUEUED | BIT_HOLD, requeue_one },
};

static void answer(struct visitor *v, uint32_t count, const char *error)
{
	qmgr_did_send(&v->chan, &(struct qmgr_did){ .count = count, .error = slice_str(error) });
}

static void do_each(struct survey *s, const struct queue_id *id)
{
	if (s->verb->one(s->v->q, s->queue, id))
		s->count++;
}

static bool goes_to(const struct queue_envelope *e, const char *site)
{
	for (size_t i = 0; i < e->n_rcpts; i++) {
		struct slice a = e->rcpts[i].address;
		ptrdiff_t at = slice_rchr(a, '@');

		if (e->rcpts[i].mark == QUEUE_MARK_TODO && at >= 0 &&
		    slice_iis(slice_skip(a, (size_t)at + 1), site))
			return true;
	}
	return false;
}

static void site_each(struct survey *s, const struct queue_id *id)
{
	if (queue_listing_load(&s->listing, s->v->q->spool, s->queue, id) &&
	    goes_to(&s->listing.env, s->site))
		do_each(s, id);
}

static void do_end(struct survey *s)
{
	answer(s->v, s->count, "");
}

static void do_by_id(struct visitor *v, const struct verb *verb, unsigned queues,
		     const struct queue_id *id)
{
	uint32_t count = 0;

	for (enum queue_name q = 0; q < QUEUE_N && count == 0; q++)
		if ((queues & 1u << q) != 0 && v->q->spool->fd[q] >= 0)
			count += verb->one(v->q, q, id);
	answer(v, count, "");
}

static void do_verb(struct visitor *v, const struct verb *verb, unsigned queues,
		    struct slice target)
{
	struct queue_id id;
	struct survey *s;
	bool is_site = slice_is(slice_str(verb->name), "flush_site");

	if (verb->one == NULL) {
		sched_forget_dead(v->q);
		answer(v, (uint32_t)park_flush(v->q), "");
		return;
	}
	if (!is_site && queue_id_parse(target, &id) == RC_OK) {
		do_by_id(v, verb, queues, &id);
		return;
	}
	if (!is_site && !slice_is(target, "ALL")) {
		answer(v, 0, "not a queue id");
		return;
	}
	s = begin(v, queues);
	s->verb = verb;
	s->each = is_site ? site_each : do_each;
	s->finish = do_end;
	(void)slice_to_cstr(target, s->site, sizeof(s->site));
}

enum rc control_do(struct visitor *v, struct ipc_reader *r)
{
	const struct verb *verb = verbs, *end = verbs + sizeof(verbs) / sizeof(verbs[0]);
	enum queue_name queue;
	struct qmgr_do m;
	unsigned queues;

	if (qmgr_do_get(r, &m) != RC_OK || v->survey != NULL)
		return RC_SYNTAX;
	while (verb < end && !slice_is(m.verb, verb->name))
		verb++;
	queue = queue_name_find(m.queue);
	if (verb == end || (m.queue.n > 0 && queue == QUEUE_N)) {
		answer(v, 0, verb == end ? "unknown request" : "unknown queue");
		return RC_OK;
	}
	queues = m.queue.n > 0 ? verb->queues & 1u << queue : verb->queues;
	if ((v->may & verb->may) == 0)
		answer(v, 0, "not allowed");
	else if (!v->q->is_running)
		answer(v, 0, "the queue manager is starting");
	else
		do_verb(v, verb, queues, m.target);
	return RC_OK;
}
