/* Requests of qmgr: taken apart, kept, answered. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/mail/addr.h"
#include "lib/mail/header.h"
#include "lib/queue/logline.h"
#include "local/front.h"

/* Requests taken at once, where the process limit does not say less. */
enum { CREDIT = 200, RECIPIENTS_MAX = 1000, REQUEST_ARENA = 128 << 20, HEADER_MAX = 4 << 20,
       STALE_MS = 15000, STALE_AGAIN_MS = 60000,
       CLOSE_RETRY_MS = 20 };

/* A channel to qmgr. */
struct client {
	struct list link;
	struct front *front;
	struct ipc_chan chan;
	struct list requests;
	uint32_t n_requests, window;	/* at most so many at once */
	uint32_t owed_credit;		/* requests done since credit was given */
	struct task credit_task, end_task;
	struct timer close_timer;
};

static void on_client_free(struct task *t)
{
	free(LIST_ENTRY(t, struct client, end_task));
}

static void close_client(struct client *c)
{
	list_remove(&c->link);
	task_cancel(&c->credit_task);
	timer_stop(&c->close_timer);
	ipc_chan_done(&c->chan);
	loop_defer(daemon_loop(c->front->daemon), &c->end_task, on_client_free);
}

/* --- requests --- */

static struct request *new_request(struct front *f)
{
	struct list *node = list_pop(&f->spare);
	struct request *q;

	if (node != NULL)
		return LIST_ENTRY(node, struct request, link);
	q = mem_new(1, sizeof(*q));
	arena_init(&q->arena, REQUEST_ARENA);
	task_init(&q->end_task);
	list_init(&q->link);
	return q;
}

/* Run deferred: recipients may still be on the stack when the last result is given. */
static void on_request_end(struct task *t)
{
	struct request *q = LIST_ENTRY(t, struct request, end_task);
	struct front *f = q->front;
	struct arena arena = q->arena;

	arena_reset(&arena);
	*q = (struct request){ .arena = arena };
	task_init(&q->end_task);
	list_init(&q->link);
	list_prepend(&f->spare, &q->link);
	daemon_session_end(f->daemon);
}

static void end_request(struct request *q)
{
	list_remove(&q->link);
	if (q->client != NULL)
		q->client->n_requests--;
	if (q->m.file >= 0)
		close(q->m.file);
	q->m.file = -1;
	loop_defer(daemon_loop(q->front->daemon), &q->end_task, on_request_end);
}

static void drop_client(struct client *c);

/* Requests that were not begun are for the successor: qmgr gives them again when the channel
 * breaks. What was begun is finished first. */
static void close_when_done(struct client *c)
{
	LIST_EACH(node, &c->requests)
		if (!LIST_ENTRY(node, struct request, link)->is_held)
			return;
	if (ipc_chan_backlog(&c->chan) > 0)
		timer_start(&c->close_timer, CLOSE_RETRY_MS);
	else
		drop_client(c);
}

static void on_close_timer(struct timer *t)
{
	close_when_done(LIST_ENTRY(t, struct client, close_timer));
}

static void on_credit(struct task *t)
{
	struct client *c = LIST_ENTRY(t, struct client, credit_task);

	if (daemon_is_draining(c->front->daemon)) {
		close_when_done(c);
		return;
	}
	if (c->owed_credit == 0)
		return;
	deliver_credit_send(&c->chan, &(struct deliver_credit){ .more = c->owed_credit });
	c->owed_credit = 0;
}

/* Credit goes back in lots, but before qmgr could lack it: as soon as more of it lies here than
 * there. So most results need no second packet, which would wake qmgr again. */
static bool is_credit_due(const struct client *c)
{
	return c->owed_credit + c->owed_credit + c->n_requests >= c->window;
}

/* When the last recipient has its result, the request is over and one more may come. */
static void check_end(struct request *q)
{
	struct client *c = q->client;

	if (q->open > 0 || !q->is_complete)
		return;
	end_request(q);
	if (c == NULL)
		return;
	c->owed_credit++;
	if (is_credit_due(c) || daemon_is_draining(q->front->daemon))
		loop_defer(daemon_loop(q->front->daemon), &c->credit_task, on_credit);
}

static struct request *find_request(struct client *c, uint32_t id)
{
	LIST_EACH(node, &c->requests) {
		struct request *q = LIST_ENTRY(node, struct request, link);

		if (q->m.id == id)
			return q;
	}
	return NULL;
}

/* Every string of M is copied into the request's arena. False: it is full. */
static bool keep_strings(struct request *q, const struct deliver *m)
{
	q->m = *m;
#define STR(f, max) \
	q->m.f = arena_slice(&q->arena, m->f); \
	if (q->m.f.p == NULL) \
		return false;
	STR(transport, 0) STR(nexthop, 0) STR(queue_id, 0) STR(sender, 0) STR(envid, 0)
	STR(client_name, 0) STR(client_addr, 0) STR(client_port, 0) STR(client_proto, 0)
	STR(client_helo, 0) STR(sasl_method, 0) STR(sasl_user, 0) STR(sasl_sender, 0)
	STR(log_ident, 0)
#undef STR
	return true;
}

static enum rc take_deliver(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct client *c = chan->owner;
	struct request *q;
	struct deliver m;

	if (deliver_get(r, &m) != RC_OK || m.file < 0)
		return RC_SYNTAX;
	q = new_request(c->front);
	q->front = c->front;
	q->client = c;
	q->handed_us = loop_unix_us(daemon_loop(c->front->daemon));
	list_append(&c->requests, &q->link);
	c->n_requests++;
	daemon_session_begin(c->front->daemon);
	if (!keep_strings(q, &m) || m.content_bytes < 0 || m.content_offset < 0)
		return RC_SYNTAX;
	q->log = (struct log_ctx){ .queue_id = q->m.queue_id };
	return RC_OK;
}

static struct recipient *add_recipient(struct request *q, const struct deliver_rcpt *m)
{
	struct recipient *r = ARENA_NEW(&q->arena, struct recipient);

	if (q->n == q->size) {
		size_t size = q->size > 0 ? 2 * q->size : 1;
		struct recipient **v = arena_alloc(&q->arena, size * sizeof(*v));

		if (v == NULL || size > RECIPIENTS_MAX)
			return NULL;
		if (q->n > 0)
			memcpy(v, q->recipients, q->n * sizeof(*v));
		q->recipients = v;
		q->size = size;
	}
	if (r == NULL)
		return NULL;
	*r = (struct recipient){ .request = q, .index = m->index, .notify = m->notify,
				 .address = arena_slice(&q->arena, m->address),
				 .original = arena_slice(&q->arena, m->original),
				 .orcpt = arena_slice(&q->arena, m->orcpt) };
	q->recipients[q->n++] = r;
	return r->orcpt.p != NULL ? r : NULL;
}

static void start_request(struct request *q)
{
	q->is_held = false;
	for (size_t i = 0; i < q->n; i++)
		recipient_start(q->recipients[i]);
}

/* No successor came (the new configuration is broken, perhaps): better old tables than no mail. */
static void on_stale_for_long(struct timer *t)
{
	struct front *f = LIST_ENTRY(t, struct front, stale_timer);

	if (daemon_is_draining(f->daemon))
		return;
	log_warn(NULL, "a table has changed, but nobody replaces this process: the old one is used");
	f->is_stale = false;
	f->check_after_ms = loop_now_ms(daemon_loop(f->daemon)) + STALE_AGAIN_MS;
	LIST_EACH(node, &f->clients) {
		struct client *c = LIST_ENTRY(node, struct client, link);

		LIST_EACH(request, &c->requests) {
			struct request *q = LIST_ENTRY(request, struct request, link);

			if (q->is_held)
				start_request(q);
		}
	}
}

/* Confined, the front cannot open a table again: a successor does. */
static void check_tables(struct front *f)
{
	int64_t now = loop_now_ms(daemon_loop(f->daemon));

	if (f->is_stale || now < f->check_after_ms || !config_has_changed(&f->config, now))
		return;
	f->is_stale = true;
	timer_start(&f->stale_timer, STALE_MS);
	daemon_replace(f->daemon, "a table has changed");
}

static enum rc take_rcpt(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct client *c = chan->owner;
	struct front *f = c->front;
	struct deliver_rcpt m;
	struct request *q;

	if (deliver_rcpt_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	q = find_request(c, m.id);
	if (q == NULL || q->is_complete || m.address.n == 0 || add_recipient(q, &m) == NULL)
		return RC_SYNTAX;
	q->open++;
	q->is_complete = m.last;
	if (!m.last)
		return RC_OK;
	check_tables(f);
	if (f->is_stale || daemon_is_draining(f->daemon)) {
		q->is_held = true;
		loop_defer(daemon_loop(f->daemon), &c->credit_task, on_credit);
	} else {
		start_request(q);
	}
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ deliver_type, 0, take_deliver }, { deliver_rcpt_type, 0, take_rcpt },
};

static void drop_client(struct client *c)
{
	LIST_EACH(node, &c->requests) {
		struct request *q = LIST_ENTRY(node, struct request, link);

		q->client = NULL;
		for (size_t i = 0; i < q->n && q->is_complete && !q->is_held; i++)
			recipient_abandon(q->recipients[i]);
		end_request(q);
	}
	close_client(c);
}

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	(void)why;
	drop_client(chan->owner);
}

void front_init(struct front *f)
{
	list_init(&f->clients);
	list_init(&f->spare);
	timer_init(&f->stale_timer, daemon_loop(f->daemon), on_stale_for_long);
}

void front_accept(struct front *f, int fd)
{
	struct client *c = mem_new(1, sizeof(*c));
	unsigned limit = daemon_session_limit(f->daemon);

	c->front = f;
	list_init(&c->requests);
	list_append(&f->clients, &c->link);
	task_init(&c->credit_task);
	task_init(&c->end_task);
	timer_init(&c->close_timer, daemon_loop(f->daemon), on_close_timer);
	ipc_chan_init(&c->chan, daemon_loop(f->daemon), fd, &deliver_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_close, c);
	c->window = limit > 0 && limit < CREDIT ? limit : CREDIT;
	deliver_credit_send(&c->chan, &(struct deliver_credit){ .more = c->window });
}

void front_drain(struct front *f)
{
	LIST_EACH(node, &f->clients)
		close_when_done(LIST_ENTRY(node, struct client, link));
}

/* --- the content's header --- */

static void note_field(struct request *q, const struct header_field *f, size_t *room)
{
	struct content_header *h = &q->header;

	if (slice_iis(f->name, "Received")) {
		h->hops++;
	} else if (slice_iis(f->name, "Message-ID") && h->message_id.n == 0) {
		h->message_id = f->value;
	} else if (slice_iis(f->name, "Delivered-To")) {
		if (h->n_delivered_to == *room) {
			size_t size = *room > 0 ? 2 * *room : 8;
			struct slice *v = arena_alloc(&q->arena, size * sizeof(*v));

			if (v == NULL)
				return;
			if (*room > 0)
				memcpy(v, h->delivered_to, *room * sizeof(*v));
			h->delivered_to = v;
			*room = size;
		}
		h->delivered_to[h->n_delivered_to++] = f->value;
	}
}

/* The first bytes of the content, in growing pieces, until the header ends in them. */
static enum rc read_header(struct request *q, struct slice *out, struct err *err)
{
	size_t want = 16384;

	for (;;) {
		size_t n = (int64_t)want < q->m.content_bytes ? want : (size_t)q->m.content_bytes;
		char *mem = arena_alloc(&q->arena, n + 1);
		ssize_t got;

		if (mem == NULL)
			return err_set(err, RC_TEMP, "the message's header is too large");
		got = pread(q->m.file, mem, n, (off_t)q->m.content_offset);
		if (got < 0)
			return err_sys(err, "cannot read the queue file");
		*out = slice_make(mem, (size_t)got);
		if (header_length(*out) < out->n || (int64_t)n == q->m.content_bytes)
			return RC_OK;
		if (want >= HEADER_MAX)
			return RC_OK;
		want *= 8;
	}
}

enum rc request_header(struct request *q, struct err *err)
{
	struct header_field f;
	struct slice block;
	size_t room = 0;
	enum rc rc;

	if (q->header.is_read)
		return RC_OK;
	rc = read_header(q, &block, err);
	if (rc != RC_OK)
		return rc;
	while (header_next(&block, &f) == RC_OK)
		note_field(q, &f, &room);
	q->header.is_read = true;
	return RC_OK;
}

/* --- results --- */

static const char *status_word(const struct request *q, const struct outcome *out)
{
	static const char *const words[] = { "", "sent", "deferred", "bounced" };

	if (q->m.verify && out->status != OUTCOME_DEFERRED)
		return out->status == OUTCOME_SENT ? "deliverable" : "undeliverable";
	if (out->status == OUTCOME_DEFERRED && out->dsn[0] == '5')
		return "SOFTBOUNCE";
	return words[out->status];
}

void request_log(struct request *q, struct slice address, struct slice original,
		 const struct outcome *out)
{
	struct buf line, to, orig;

	buf_init(&line, 8192);
	buf_init(&to, 4096);
	buf_init(&orig, 4096);
	addr_quote(address, &to);
	addr_quote(original, &orig);
	delivery_line_put(&line, &(struct delivery_line){
		.to = buf_slice(&to), .orig_to = buf_slice(&orig),
		.relay = q->front->config.service,
		.times = { .arrived_us = q->m.arrival_us, .active_us = q->m.active_us,
			   .handed_us = q->handed_us, .connected_us = q->handed_us,
			   .done_us = loop_unix_us(daemon_loop(q->front->daemon)) },
		.dsn = slice_str(out->dsn), .status = status_word(q, out),
		.text = slice_str(out->text) });
	log_info(&q->log, "%.*s", SLICE_ARG(buf_slice(&line)));
	buf_done(&line);
	buf_done(&to);
	buf_done(&orig);
}

void request_member_failed(struct request *q, const struct recipient *r, struct slice address,
			   const struct outcome *out, const char *diag_type)
{
	if (q->client == NULL)
		return;
	deliver_failed_send(&q->client->chan, &(struct deliver_failed){
		.id = q->m.id, .index = r->index, .address = address,
		.dsn = slice_str(out->dsn), .text = slice_str(out->text),
		.diag_type = slice_str(diag_type) });
}

void request_result(struct request *q, struct recipient *r, struct slice address,
		    const struct outcome *out, const char *action, const char *diag_type)
{
	if (q->client != NULL)
		deliver_result_send(&q->client->chan, &(struct deliver_result){
			.id = q->m.id, .index = r->index, .status = (uint8_t)out->status,
			.dsn = slice_str(out->dsn), .text = slice_str(out->text),
			.action = slice_str(action), .diag_type = slice_str(diag_type),
			.address = slice_eq(address, r->address) ? SLICE_LIT("") : address });
	q->open--;
	check_end(q);
}
