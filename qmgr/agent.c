/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/queue/spool.h"
#include "qmgr/qmgr.h"
#include "qmgr/sched.h"

/* A recipient that was in the hands of so many agents when they went away waits for the next
 * round: it may be what kills them. */
enum { BREAKS_MAX = 2, RCPTS_MAX = 1000 /* of one request, where there is no limit */ };

static struct slice key_of(const uint32_t *id)
{
	return slice_make(id, sizeof(*id));
}

/* --- requests --- */

static void send_rcpts(struct transport *tp, const struct request *req, const uint32_t *v,
		       unsigned n)
{
	for (unsigned k = 0; k < n; k++) {
		const struct queue_rcpt *to = &req->m->env.rcpts[v[k]];

		deliver_rcpt_send(tp->chan, &(struct deliver_rcpt){
			.id = req->id, .index = v[k], .address = to->address,
			.original = to->original, .orcpt = to->orcpt, .notify = to->notify,
			.last = k + 1 == n });
	}
}

/* What is for information only is cut to what the message takes. */
static struct slice clip(const struct message *m, enum queue_attr a, size_t max)
{
	return slice_sub(m->env.attr[a], 0, max);
}

static void send_request(struct transport *tp, const struct request *req, int fd)
{
	const struct message *m = req->m;

	deliver_send(tp->chan, &(struct deliver){
		.id = req->id, .transport = slice_str(tp->name),
		.nexthop = slice_sub(req->dest->nexthop, 0, 512),
		.queue_id = queue_id_slice(&m->id), .file = fd,
		.content_bytes = (int64_t)m->env.content_bytes,
		.content_crc = m->env.content_crc, .arrival_us = m->env.arrived_us,
		.active_us = m->active_us, .sender = m->env.sender,
		.dsn_ret = (uint8_t)m->env.ret, .envid = slice_sub(m->env.envid, 0, 256),
		.encoding = (m->env.flags & QUEUE_FLAG_8BIT) != 0 ? 8 : 7,
		.smtputf8 = (m->env.flags & QUEUE_FLAG_SMTPUTF8) != 0,
		.client_name = clip(m, QUEUE_ATTR_CLIENT_NAME, 256),
		.client_addr = clip(m, QUEUE_ATTR_CLIENT_ADDRESS, 64),
		.client_port = clip(m, QUEUE_ATTR_CLIENT_PORT, 8),
		.client_proto = clip(m, QUEUE_ATTR_PROTOCOL, 32),
		.client_helo = clip(m, QUEUE_ATTR_HELO, 256),
		.sasl_method = clip(m, QUEUE_ATTR_SASL_METHOD, 64),
		.sasl_user = clip(m, QUEUE_ATTR_SASL_USERNAME, 256),
		.sasl_sender = clip(m, QUEUE_ATTR_SASL_SENDER, 256),
		.log_ident = clip(m, QUEUE_ATTR_LOG_IDENT, 64),
		.verify = (m->env.flags & QUEUE_FLAG_VERIFY) != 0 });
}

/* The file is gone (an administrator's rm) or cannot be opened now. */
static void no_file(struct job *j, enum rc rc, const struct err *err)
{
	struct message *m = j->m;
	uint32_t i;

	if (rc == RC_END) {
		log_warn(&m->log, "the queue file is gone; the message is forgotten");
		round_wish(m, WISH_DELETE);
		return;
	}
	i = sched_take(j);
	sched_job_used(j);
	if (i != QMGR_NO_RCPT)
		message_settle_here(m, i, RCPT_DEFERRED, outcome_say("4.3.0", "%s", err->text));
}

bool agent_send(struct job *j)
{
	struct message *m = j->m;
	struct dest *d = j->dest;
	struct transport *tp = d->tp;
	unsigned n = 0, max = tp->limits.recipients;
	struct err err = { 0 };
	struct request *req;
	uint32_t *v;
	int fd;
	enum rc rc = queue_open(tp->q->spool, QUEUE_ACTIVE, &m->id, O_RDONLY, &fd, &err);

	if (rc != RC_OK) {
		no_file(j, rc, &err);
		return false;
	}
	if (max == 0 || max > RCPTS_MAX)
		max = RCPTS_MAX;
	if (max > m->env.n_rcpts)
		max = (unsigned)m->env.n_rcpts;
	v = mem_new(max, sizeof(*v));
	req = mem_new(1, sizeof(*req));
	req->id = ++tp->q->last_request;
	req->m = m;
	req->dest = d;
	while (n < max && (v[n] = sched_take(j)) != QMGR_NO_RCPT) {
		m->rcpts[v[n]].state = RCPT_SENDING;
		m->rcpts[v[n]].request = req->id;
		n++;
	}
	req->n_left = n;
	m->n_sending += n;
	if (hash_put(&tp->requests, key_of(&req->id), req, NULL) != RC_OK)
		abort();	/* sched.c sends no more than there is room for */
	send_request(tp, req, fd);
	send_rcpts(tp, req, v, n);
	free(v);
	sched_job_used(j);
	return true;
}

/* --- answers --- */

static void request_free(struct transport *tp, struct request *req)
{
	struct dest *d = req->dest;
	struct outcome *trouble = req->trouble;

	(void)hash_remove(&tp->requests, key_of(&req->id));
	free(req);
	sched_finished(d, trouble);
	free(trouble);
}

static struct request *find(struct transport *tp, uint32_t id, uint32_t i)
{
	struct request *req = hash_get(&tp->requests, key_of(&id));
	const struct rcpt *r;

	if (req == NULL || i >= req->m->env.n_rcpts)
		return NULL;
	r = &req->m->rcpts[i];
	return r->state == RCPT_SENDING && r->request == id ? req : NULL;
}

static enum rc on_credit(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct transport *tp = peer_owner(chan);
	struct deliver_credit m;

	if (deliver_credit_get(r, &m) != RC_OK || m.more > SCHED_REQUESTS_MAX ||
	    tp->credit > SCHED_REQUESTS_MAX)
		return RC_SYNTAX;
	tp->credit += m.more;
	sched_kick(tp);
	return RC_OK;
}

/* A plain success needs no words unless somebody is to be told of it. */
static bool needs_words(const struct message *m, uint32_t i, enum rcpt_state state)
{
	return state != RCPT_SENT || (m->env.rcpts[i].notify & QUEUE_NOTIFY_SUCCESS) != 0 ||
	       (m->env.flags & (QUEUE_FLAG_REPORT | QUEUE_FLAG_VERIFY)) != 0;
}

static enum rc on_result(struct ipc_chan *chan, struct ipc_reader *r)
{
	static const enum rcpt_state states[] = { 0, RCPT_SENT, RCPT_DEFERRED, RCPT_FAILED };
	struct transport *tp = peer_owner(chan);
	struct deliver_result a;
	struct outcome *o = NULL;
	struct request *req;
	struct message *m;

	if (deliver_result_get(r, &a) != RC_OK || a.status < 1 || a.status > 3)
		return RC_SYNTAX;
	req = find(tp, a.id, a.index);
	if (req == NULL)
		return RC_SYNTAX;
	m = req->m;
	if (needs_words(m, a.index, states[a.status]))
		o = outcome_new(&(struct outcome){ .dsn = a.dsn, .text = a.text,
						   .remote_mta = a.remote_mta,
						   .diag_type = a.diag_type, .action = a.action,
						   .address = a.address });
	if (a.agent_dead && req->trouble == NULL)
		req->trouble = outcome_new(&(struct outcome){ .dsn = a.dsn, .text = a.text });
	m->n_sending--;
	if (--req->n_left == 0)
		request_free(tp, req);
	message_settle(m, a.index, states[a.status], o);
	return RC_OK;
}

static enum rc on_failed(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct deliver_failed f;
	struct request *req;

	if (deliver_failed_get(r, &f) != RC_OK)
		return RC_SYNTAX;
	req = find(peer_owner(chan), f.id, f.index);
	if (req == NULL)
		return RC_SYNTAX;
	message_add_extra(req->m, f.index, f.address,
			  &(struct outcome){ .dsn = f.dsn, .text = f.text,
					     .remote_mta = f.remote_mta,
					     .diag_type = f.diag_type });
	return RC_OK;
}

const struct ipc_handler agent_handlers[] = {
	{ deliver_credit_type, 0, on_credit },
	{ deliver_result_type, 0, on_result },
	{ deliver_failed_type, 0, on_failed },
};
const size_t agent_n_handlers = sizeof(agent_handlers) / sizeof(agent_handlers[0]);

/* --- coming and going --- */

void agent_up(struct transport *tp, struct ipc_chan *chan)
{
	tp->chan = chan;
	tp->credit = 0;
	tp->dead_until_ms = 0;
	timer_stop(&tp->patience);
	sched_kick(tp);
}

static void take_back(struct message *m, uint32_t i, struct dest *d)
{
	struct rcpt *r = &m->rcpts[i];

	m->n_sending--;
	if (++r->breaks >= BREAKS_MAX) {
		message_settle_here(m, i, RCPT_DEFERRED,
				    outcome_say("4.3.0", "unknown mail transport error"));
	} else if (m->wish != WISH_NONE || m->q->is_draining) {
		r->state = RCPT_TODO;
		round_check_wish(m);
	} else {
		sched_again(m, i, d);
	}
}

/* The message dies no earlier than in a task, so it may be looked at after each step. */
static void break_request(struct transport *tp, struct request *req)
{
	struct message *m = req->m;
	uint32_t id = req->id;
	struct dest *d = req->dest;

	(void)hash_remove(&tp->requests, key_of(&id));
	d->busy--;
	for (uint32_t i = 0; i < m->env.n_rcpts && req->n_left > 0; i++) {
		if (m->rcpts[i].state != RCPT_SENDING || m->rcpts[i].request != id)
			continue;
		req->n_left--;
		take_back(m, i, d);
	}
	free(req->trouble);
	free(req);
}

void agent_down(struct transport *tp, const char *why)
{
	size_t pos = 0;
	void *req;

	if (tp->chan != NULL && hash_count(&tp->requests) > 0)
		log_warn(NULL, "transport %s: %s; %zu requests are asked again", tp->name, why,
			 hash_count(&tp->requests));
	tp->chan = NULL;
	tp->credit = 0;
	while (hash_next(&tp->requests, &pos, NULL, &req))
		break_request(tp, req);
	sched_kick(tp);
}
