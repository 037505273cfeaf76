/* SPDX-License-Identifier: ISC */
#include "pickup/refusal.h"

#include <fcntl.h>

#include "lib/ipc/bounce.h"
#include "lib/queue/logline.h"
#include "lib/sys/log.h"

enum { PATIENCE_MS = 30000, KIND_FAILED = 1, KIND_ASKED = 4, LINE_BYTES = 8192 };

static bool is_probe(const struct refusal *r)
{
	return (r->envelope->flags & QUEUE_FLAG_VERIFY) != 0;
}

/* --- the log --- */

static void log_recipients(struct refuser *f, const struct refusal *r)
{
	const struct queue_envelope *e = r->envelope;
	const struct log_ctx log = { .queue_id = r->queue_id };
	int64_t now = loop_unix_us(daemon_loop(f->bounce.daemon));
	struct buf line;

	buf_init(&line, LINE_BYTES);
	for (size_t i = 0; i < e->n_rcpts; i++) {
		const struct delivery_line l = {
			.to = e->rcpts[i].address, .orig_to = e->rcpts[i].original,
			.relay = "none", .dsn = slice_str(r->dsn), .text = slice_str(r->text),
			.status = is_probe(r) ? "undeliverable" : "bounced",
			.times = { e->arrived_us, now, now, now, now },
		};

		if (e->rcpts[i].mark != QUEUE_MARK_TODO)
			continue;
		buf_reset(&line);
		delivery_line_put(&line, &l);
		log_info(&log, "%s", buf_cstr(&line));
	}
	buf_done(&line);
}

/* --- the report --- */

static uint32_t count_open(const struct queue_envelope *e)
{
	uint32_t n = 0;

	for (size_t i = 0; i < e->n_rcpts; i++)
		n += e->rcpts[i].mark == QUEUE_MARK_TODO;
	return n;
}

static void send_rcpts(struct refuser *f, const struct refusal *r)
{
	const struct queue_envelope *e = r->envelope;

	for (size_t i = 0; i < e->n_rcpts; i++) {
		const struct queue_rcpt *to = &e->rcpts[i];

		if (to->mark != QUEUE_MARK_TODO)
			continue;
		bounce_rcpt_send(&f->bounce.chan, &(struct bounce_rcpt){
			.id = f->last_id, .address = to->address,
			.original = to->original.n > 0 ? to->original : to->address,
			.orcpt = to->orcpt, .notify = to->notify, .dsn = slice_str(r->dsn),
			.text = slice_str(r->text),
			.action = slice_str(is_probe(r) ? "undeliverable" : "failed") });
	}
}

/* False: there is no descriptor to spare. */
static bool send_report(struct refuser *f, const struct refusal *r)
{
	const struct queue_envelope *e = r->envelope;
	int fd = fcntl(r->fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return false;
	bounce_report_send(&f->bounce.chan, &(struct bounce_report){
		.id = ++f->last_id, .kind = is_probe(r) ? KIND_ASKED : KIND_FAILED,
		.queue_id = r->queue_id, .file = fd, .content_bytes = (int64_t)e->content_bytes,
		.arrival_us = e->arrived_us, .sender = e->sender, .dsn_ret = (uint8_t)e->ret,
		.envid = e->envid,
		.smtputf8 = (e->flags & QUEUE_FLAG_SMTPUTF8) != 0,
		.rcpt_count = count_open(e) });
	send_rcpts(f, r);
	f->is_sent = true;
	return true;
}

/* The first one is over. */
static void first_done(struct refuser *f, bool ok)
{
	struct refusal *r = LIST_ENTRY(list_pop(&f->waiting), struct refusal, link);

	f->is_sent = false;
	r->on_done(r, ok);
}

static void send_next(struct refuser *f)
{
	while (!f->is_sent && !list_is_empty(&f->waiting))
		if (!send_report(f, LIST_ENTRY(f->waiting.next, struct refusal, link)))
			first_done(f, false);
}

/* --- the channel --- */

static enum rc on_done(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct refuser *f = ((struct peer *)chan->owner)->owner;
	struct bounce_done d;

	if (bounce_done_get(r, &d) != RC_OK || !f->is_sent || d.id != f->last_id)
		return RC_SYNTAX;
	if (!d.ok)
		log_warn(NULL, "no report: %.*s", SLICE_ARG(d.text));
	first_done(f, d.ok);
	send_next(f);
	return RC_OK;
}

static const struct ipc_handler handlers[] = { { bounce_done_type, 0, on_done } };

static void on_up(struct peer *p)
{
	struct refuser *f = p->owner;

	timer_stop(&f->patience);
	send_next(f);
}

static void on_down(struct peer *p, const struct err *why)
{
	struct refuser *f = p->owner;

	(void)why;
	f->is_sent = false;
	if (!list_is_empty(&f->waiting))
		timer_start(&f->patience, PATIENCE_MS);
}

static void on_patience(struct timer *t)
{
	struct refuser *f = LIST_ENTRY(t, struct refuser, patience);

	while (!list_is_empty(&f->waiting))
		first_done(f, false);
}

void refuser_init(struct refuser *f, struct daemon *d)
{
	list_init(&f->waiting);
	timer_init(&f->patience, daemon_loop(d), on_patience);
	peer_init(&f->bounce, d, "bounce", &(struct peer_ops){
		&bounce_proto, handlers, sizeof(handlers) / sizeof(handlers[0]), on_up, on_down },
		  f);
}

void refuser_add(struct refuser *f, struct refusal *r)
{
	log_recipients(f, r);
	list_append(&f->waiting, &r->link);
	if (peer_is_up(&f->bounce)) {
		send_next(f);
		return;
	}
	if (!timer_is_running(&f->patience))
		timer_start(&f->patience, PATIENCE_MS);
	peer_start(&f->bounce);
}
