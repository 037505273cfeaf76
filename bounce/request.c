/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

#include "bounce/bounce.h"
#include "lib/base/mem.h"
#include "lib/queue/envelope.h"

/* --- the life of a request --- */

static void request_free(struct request *req)
{
	for (unsigned i = 0; i < req->n_mails; i++)
		post_abort(&req->mails[i].post);
	task_cancel(&req->bury);
	list_remove(&req->link);
	list_remove(&req->waiting);
	if (req->file >= 0)
		close(req->file);
	arena_done(&req->arena);
	free(req);
}

static void run_bury(struct task *t)
{
	request_free(LIST_ENTRY(t, struct request, bury));
}

void request_finish(struct request *req, bool ok, const char *text)
{
	struct bounce *b = req->v->b;

	bounce_done_send(&req->v->chan, &(struct bounce_done){ .id = req->id, .ok = ok,
							       .text = slice_str(text) });
	list_remove(&req->waiting);
	req->is_over = true;
	b->n_requests--;
	if (b->on_requests != NULL)
		b->on_requests(b);
	loop_defer(b->loop, &req->bury, run_bury);
}

static struct request *find(struct visitor *v, uint32_t id)
{
	LIST_EACH(node, &v->requests) {
		struct request *req = LIST_ENTRY(node, struct request, link);

		if (req->id == id && req->left > 0)
			return req;
	}
	return NULL;
}

static void keep_facts(struct request *req, const struct bounce_report *m)
{
	struct arena *a = &req->arena;

	req->facts = (struct report_mail){
		.cfg = &req->v->b->policy.report, .kind = req->kind,
		.queue_id = arena_slice(a, m->queue_id), .sender = arena_slice(a, m->sender),
		.envid = arena_slice(a, m->envid), .dsn_ret = m->dsn_ret,
		.is_utf8 = m->smtputf8,
		.arrived_s = m->arrival_us / 1000000, .content_bytes = m->content_bytes,
	};
	req->log = (struct log_ctx){ .queue_id = req->facts.queue_id };
}

static enum rc on_report(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct visitor *v = chan->owner;
	struct bounce_report m = { .file = -1 };
	struct request *req;

	if (bounce_report_get(r, &m) != RC_OK || m.kind < REPORT_FAILED ||
	    m.kind > REPORT_ASKED || m.rcpt_count == 0 || m.rcpt_count > BOUNCE_ITEMS_MAX ||
	    m.dsn_ret > QUEUE_RET_HDRS || m.content_bytes < 0 || m.content_offset < 0) {
		if (m.file >= 0)
			close(m.file);
		return RC_SYNTAX;
	}
	req = mem_new(1, sizeof(*req));
	req->v = v;
	req->id = m.id;
	req->kind = m.kind;
	req->file = m.file;
	req->content_at = m.content_offset;
	req->left = m.rcpt_count;
	list_init(&req->waiting);
	task_init(&req->bury);
	arena_init(&req->arena, BOUNCE_ARENA_MAX);
	list_append(&v->requests, &req->link);
	keep_facts(req, &m);
	req->items = arena_alloc(&req->arena, m.rcpt_count * sizeof(*req->items));
	v->b->n_requests++;
	if (v->b->on_requests != NULL)
		v->b->on_requests(v->b);
	return req->items != NULL ? RC_OK : RC_SYNTAX;
}

/* Does this recipient's sender want this kind of report? (RFC 3461, 4.1) */
static bool is_wanted(enum report_kind kind, unsigned notify)
{
	switch (kind) {
	case REPORT_FAILED: return notify == 0 || (notify & QUEUE_NOTIFY_FAILURE) != 0;
	case REPORT_DELAYED: return notify == 0 || (notify & QUEUE_NOTIFY_DELAY) != 0;
	case REPORT_SUCCESS: return (notify & QUEUE_NOTIFY_SUCCESS) != 0;
	default: return true;
	}
}

static void keep_item(struct request *req, const struct bounce_rcpt *m)
{
	struct arena *a = &req->arena;

	req->items[req->n_items++] = (struct report_item){
		.address = arena_slice(a, m->address), .original = arena_slice(a, m->original),
		.orcpt = arena_slice(a, m->orcpt), .notify = m->notify,
		.dsn = arena_slice(a, m->dsn), .action = arena_slice(a, m->action),
		.text = arena_slice(a, m->text), .remote_mta = arena_slice(a, m->remote_mta),
		.diag_type = arena_slice(a, m->diag_type),
	};
}

static enum rc on_rcpt(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct bounce_rcpt m;
	struct request *req;

	if (bounce_rcpt_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	req = find(chan->owner, m.id);
	if (req == NULL)
		return RC_SYNTAX;
	if (is_wanted(req->kind, m.notify))
		keep_item(req, &m);
	if (--req->left == 0)
		request_send(req);
	return RC_OK;
}

/* --- those who ask --- */

static const struct ipc_handler handlers[] = {
	{ bounce_report_type, 0, on_report }, { bounce_rcpt_type, 0, on_rcpt },
};

static void visitor_free(struct visitor *v)
{
	while (!list_is_empty(&v->requests)) {
		struct request *req = LIST_ENTRY(v->requests.next, struct request, link);

		v->b->n_requests -= !req->is_over;
		request_free(req);
	}
	if (v->b->on_requests != NULL)
		v->b->on_requests(v->b);
	list_remove(&v->link);
	task_cancel(&v->bury);
	ipc_chan_done(&v->chan);
	free(v);
}

static void run_bury_visitor(struct task *t)
{
	visitor_free(LIST_ENTRY(t, struct visitor, bury));
}

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	struct visitor *v = chan->owner;

	log_debug(NULL, "%s", why->text);
	loop_defer(v->b->loop, &v->bury, run_bury_visitor);
}

void bounce_accept(struct bounce *b, int fd)
{
	struct visitor *v = mem_new(1, sizeof(*v));

	v->b = b;
	list_init(&v->requests);
	task_init(&v->bury);
	list_append(&b->visitors, &v->link);
	ipc_chan_init(&v->chan, b->loop, fd, &bounce_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_close, v);
}

/* --- waiting for cleanup --- */

static void run_patience(struct timer *t)
{
	struct bounce *b = LIST_ENTRY(t, struct bounce, patience);

	for (struct list *n = list_pop(&b->waiting); n != NULL; n = list_pop(&b->waiting))
		request_finish(LIST_ENTRY(n, struct request, waiting), false,
			       "cleanup is not there");
}

void bounce_cleanup_up(struct bounce *b, struct ipc_chan *chan)
{
	struct list batch;

	poster_up(&b->poster, chan);
	timer_stop(&b->patience);
	list_init(&batch);
	for (struct list *n = list_pop(&b->waiting); n != NULL; n = list_pop(&b->waiting))
		list_append(&batch, n);
	for (struct list *n = list_pop(&batch); n != NULL; n = list_pop(&batch))
		request_send(LIST_ENTRY(n, struct request, waiting));
}

void bounce_cleanup_down(struct bounce *b)
{
	poster_down(&b->poster);
}

void bounce_init(struct bounce *b, struct loop *loop, const struct bounce_policy *p)
{
	*b = (struct bounce){ .loop = loop, .policy = *p };
	poster_init(&b->poster);
	list_init(&b->visitors);
	list_init(&b->waiting);
	timer_init(&b->patience, loop, run_patience);
}

void bounce_done_all(struct bounce *b)
{
	timer_stop(&b->patience);
	while (!list_is_empty(&b->visitors))
		visitor_free(LIST_ENTRY(b->visitors.next, struct visitor, link));
	poster_done(&b->poster);
}
