/* Forwarding: the content again, as a new message, through cleanup. */
/* SPDX-License-Identifier: ISC */
#include "lib/base/mem.h"
#include "lib/mail/addr.h"
#include "lib/mail/date.h"
#include "lib/queue/envelope.h"
#include "local/front.h"

struct forwarder {
	struct front *front;
	struct peer peer;
	struct poster poster;
	struct list waiting;	/* until cleanup is there */
	char *block;
};

static void settle(struct forward *w, int status, const char *dsn, const char *text)
{
	struct outcome out = { 0 };

	outcome_set(&out, status, dsn, "%s", text);
	w->on_done(w, &out);
}

/* --- the message --- */

/* The headers that forwarding adds: what this host did, and for whom. */
static void make_header(const struct forward *w, struct buf *b)
{
	const struct front *f = w->forwarder->front;
	char zone[DATE_ZONE_NAME_MAX];
	struct date d = date_zone(loop_unix_us(daemon_loop(f->daemon)) / 1000000, zone);

	buf_addf(b, "Received: by %s (%s)\n\tid %s; ", f->config.myhostname, f->config.mail_name,
		 w->post.queue_id.s);
	date_print(d, zone, b);
	buf_addc(b, '\n');
	if ((f->config.delivered_in & DELIVERED_FORWARD) != 0) {
		buf_adds(b, "Delivered-To: ");
		addr_quote(w->actions[0]->delivered_to, b);
		buf_addc(b, '\n');
	}
}

static enum rc write_message(struct forward *w, struct err *err)
{
	const struct deliver *q = &w->recipient->request->m;
	struct message m = { .fd = q->file, .offset = q->content_offset,
			     .bytes = (uint64_t)q->content_bytes, .crc = q->content_crc };
	struct slice part;
	uint64_t pos = 0;
	uint32_t crc = 0;
	struct buf header;
	enum rc rc;

	buf_init(&header, 8192);
	make_header(w, &header);
	rc = post_write(&w->post, buf_slice(&header), err);
	buf_done(&header);
	if (rc == RC_OK)
		rc = request_header(w->recipient->request, err);
	while (rc == RC_OK && (rc = message_read(&m, w->forwarder->block, &pos, &crc, &part, err))
			      == RC_OK)
		rc = post_write(&w->post, part, err);
	return rc == RC_END ? RC_OK : rc;
}

static void send_envelope(struct forward *w)
{
	const struct front *f = w->forwarder->front;
	const struct request *q = w->recipient->request;
	bool is_list = w->actions[0]->has_owner;
	struct cleanup_mail mail = {
		.sender = w->actions[0]->sender,
		/* A list's owner has asked for no notices. */
		.dsn_ret = is_list ? 0 : q->m.dsn_ret,
		.envid = is_list ? SLICE_LIT("") : q->m.envid, .encoding = q->m.encoding,
		.smtputf8 = q->m.smtputf8, .arrival_us = loop_unix_us(daemon_loop(f->daemon)),
		.client_name = q->m.client_name, .client_addr = q->m.client_addr,
		.client_port = q->m.client_port, .client_proto = q->m.client_proto,
		.client_helo = q->m.client_helo, .sasl_method = q->m.sasl_method,
		.sasl_user = q->m.sasl_user, .sasl_sender = q->m.sasl_sender,
		.message_id = slice_sub(q->header.message_id, 0, 1024),
		.log_ident = q->m.log_ident,
	};

	post_envelope(&w->post, &mail, w->n, q->header.hops);
}

/* Success was reported here, as "expanded"; the rest is the new message's. (RFC 3461, 5.2.7) */
static uint8_t notify_of(const struct forward *w)
{
	uint8_t notify = w->recipient->notify;

	if (w->actions[0]->has_owner)
		return 0;
	if (notify == QUEUE_NOTIFY_SUCCESS)
		return QUEUE_NOTIFY_NEVER;
	return notify & (uint8_t)~QUEUE_NOTIFY_SUCCESS;
}

static bool tell_rcpt(struct post *p, size_t i, struct cleanup_rcpt *out)
{
	const struct forward *w = LIST_ENTRY(p, struct forward, post);
	const struct recipient *r = w->recipient;
	bool is_list = w->actions[0]->has_owner;	/* whose members the sender does not know */

	*out = (struct cleanup_rcpt){
		.address = w->actions[i]->path,
		.original = is_list ? w->actions[i]->path :
			    r->original.n > 0 ? r->original : r->address,
		.orcpt = is_list ? SLICE_LIT("") : r->orcpt,
		.notify = notify_of(w),
	};
	return true;
}

static void on_open(struct post *p)
{
	struct forward *w = LIST_ENTRY(p, struct forward, post);
	struct err err = { 0 };

	if (write_message(w, &err) == RC_OK) {
		send_envelope(w);
		return;
	}
	post_abort(p);
	settle(w, OUTCOME_DEFERRED, "4.3.0", err.text);
}

/* What cleanup refuses for good (too many hops, too large) does not get better by waiting. */
static void on_done(struct post *p, unsigned code, struct slice dsn, struct slice text)
{
	struct forward *w = LIST_ENTRY(p, struct forward, post);
	struct outcome out = { 0 };

	(void)dsn;
	if (code == 250)
		outcome_set(&out, OUTCOME_SENT, "2.0.0", "forwarded as %s", p->queue_id.s);
	else if (code < 500)
		outcome_set(&out, OUTCOME_DEFERRED, "4.3.0", "cannot forward: %.*s",
			    SLICE_ARG(text));
	else
		outcome_set(&out, OUTCOME_BOUNCED, "5.3.0", "cannot forward: %.*s",
			    SLICE_ARG(text));
	w->on_done(w, &out);
}

static void open_post(struct forward *w)
{
	if (!post_open(&w->forwarder->poster, &w->post, CLEANUP_FLAG_NO_BCC))
		settle(w, OUTCOME_DEFERRED, "4.3.0", "queue service unavailable");
}

/* --- the channel --- */

static enum rc take_opened(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct peer *peer = chan->owner;
	struct forwarder *fw = peer->owner;

	return poster_on_opened(&fw->poster, r);
}

static enum rc take_done(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct peer *peer = chan->owner;
	struct forwarder *fw = peer->owner;

	return poster_on_done(&fw->poster, r);
}

static const struct ipc_handler handlers[] = {
	{ cleanup_opened_type, 0, take_opened }, { cleanup_done_type, 0, take_done },
	{ cleanup_move_type, 0, poster_on_move },
};

static void on_up(struct peer *p)
{
	struct forwarder *fw = p->owner;
	struct list *node;

	poster_up(&fw->poster, &p->chan);
	while ((node = list_pop(&fw->waiting)) != NULL)
		open_post(LIST_ENTRY(node, struct forward, link));
}

/* A commit without an answer may have worked: then the repetition is a duplicate. */
static void on_down(struct peer *p, const struct err *why)
{
	struct forwarder *fw = p->owner;
	struct list *node;
	char text[ERR_TEXT_MAX];

	(void)slice_to_cstr(slice_str(why->text), text, sizeof(text));
	poster_down(&fw->poster);
	while ((node = list_pop(&fw->waiting)) != NULL)
		settle(LIST_ENTRY(node, struct forward, link), OUTCOME_DEFERRED, "4.3.0", text);
}

void forward_start(struct forwarder *fw, struct forward *w)
{
	w->forwarder = fw;
	w->post.poster = NULL;
	w->post.fd = -1;
	w->post.on_open = on_open;
	w->post.rcpt = tell_rcpt;
	w->post.on_done = on_done;
	list_init(&w->link);
	if (peer_is_up(&fw->peer)) {
		open_post(w);
		return;
	}
	list_append(&fw->waiting, &w->link);
	peer_start(&fw->peer);
}

void forward_cancel(struct forward *w)
{
	list_remove(&w->link);
	post_abort(&w->post);
}

struct forwarder *forwarder_new(struct front *f)
{
	struct forwarder *fw = mem_new(1, sizeof(*fw));

	fw->front = f;
	fw->block = mem_new(1, MESSAGE_BLOCK);
	list_init(&fw->waiting);
	poster_init(&fw->poster);
	peer_init(&fw->peer, f->daemon, "cleanup", &(struct peer_ops){
		&cleanup_proto, handlers, sizeof(handlers) / sizeof(handlers[0]), on_up, on_down },
		  fw);
	return fw;
}
