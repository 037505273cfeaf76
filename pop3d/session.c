/* SPDX-License-Identifier: ISC */
#include "pop3d/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/pop3/session.h"

enum {
	OUT_MAX = 65536,		/* engine's output between two sends */
	PIECE = 32768,			/* of a message, encoded at once */
	LOCK_WAIT_MS = 10000,
	LOCK_KEEP_MS = 60000,		/* the session's lock is touched so often */
	LOG_TEXT_MAX = 512
};

/* Reasons that also get a line to the client. */
static const char INACTIVITY[] = "Inactivity", SHUTDOWN[] = "Server shutting down.";

struct session {
	const struct session_conf *conf;
	struct client client;
	struct buf in, out;
	struct store *store;
	struct store_box *box;
	uint32_t uidvalidity;
	struct pop3_session pop;
	struct pop3_msg *msgs;
	uint32_t *seqs;			/* of the box, by index of msgs */
	uint32_t n;
	uint32_t n_deleted;		/* gone for good */
	const char *reason;		/* for the log */
};

static void say(struct session *s, bool is_error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct session *s, bool is_error, const char *fmt, ...)
{
	char text[LOG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->conf->log(s->conf->log_arg, is_error, text);
}

/* --- the mailbox at login --- */

struct ordered {
	uint32_t seq;
	uint64_t order;
};

static int cmp_order(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->seq < y->seq ? -1 : 1;
}

/* An earlier server's order (uidlist key O) comes first; all others follow by UID. */
static uint32_t *order_messages(struct session *s, uint32_t n)
{
	struct ordered *o = mem_new((size_t)n + 1, sizeof(*o));
	uint32_t *seqs = mem_new((size_t)n + 1, sizeof(*seqs));
	bool sorted = true;

	for (uint32_t i = 0; i < n; i++) {
		struct slice text;

		o[i] = (struct ordered){ i + 1, UINT64_MAX };
		if (!store_box_attr(s->box, i + 1, STORE_ATTR_POP3_ORDER, &text))
			continue;
		if (num_u64(text, UINT32_MAX, &o[i].order) == RC_OK)
			sorted = false;
		else
			o[i].order = UINT64_MAX;
	}
	if (!sorted)
		qsort(o, n, sizeof(*o), cmp_order);
	for (uint32_t i = 0; i < n; i++)
		seqs[i] = o[i].seq;
	free(o);
	return seqs;
}

static enum rc take_snapshot(struct session *s, struct err *err)
{
	enum store_size which = s->conf->fast_sizes ? STORE_SIZE_PHYSICAL : STORE_SIZE_CRLF;
	struct store_box_info info;
	enum rc rc;

	store_box_info(s->box, &info);
	s->uidvalidity = info.uidvalidity;
	s->seqs = order_messages(s, info.count);
	s->msgs = mem_new((size_t)info.count + 1, sizeof(*s->msgs));
	for (uint32_t i = 0; i < info.count; i++) {
		rc = store_box_size(s->box, s->seqs[i], which, &s->msgs[s->n].size_bytes, err);
		if (rc == RC_END)
			continue;	/* removed while we look: never was in this session */
		if (rc == RC_DENIED) {
			say(s, true, "message left out: %s", err->text);
			*err = (struct err){ 0 };
			continue;
		}
		if (rc != RC_OK)
			return rc;
		s->seqs[s->n++] = s->seqs[i];
	}
	return RC_OK;
}

static enum rc open_mail(struct session *s, struct err *err)
{
	const struct session_conf *conf = s->conf;
	enum rc rc = store_open(&conf->store, &s->store, err);

	if (rc == RC_OK && conf->lock)
		rc = store_lock_session(s->store, LOCK_WAIT_MS, err);
	if (rc == RC_OK)
		rc = store_box_open(s->store, "INBOX",
				    conf->no_flag_updates ? STORE_BOX_KEEP_RECENT : 0, &s->box,
				    err);
	return rc == RC_OK ? take_snapshot(s, err) : rc;
}

static void refuse(struct session *s, enum rc rc, const struct err *err)
{
	const char *reply = "-ERR [SYS/TEMP] Internal error occurred. "
			    "Refer to server log for more information.\r\n";

	if (rc == RC_TEMP && s->box == NULL) {
		reply = "-ERR [IN-USE] Mailbox is locked by another session.\r\n";
		say(s, false, "Disconnected: Mailbox is locked: %s", err->text);
	} else {
		say(s, true, "Couldn't open INBOX: %s", err->text);
	}
	client_send(&s->client, slice_str(reply));
}

/* --- commands that need the mailbox --- */

static void put_uidl(void *ctx, uint32_t index, struct buf *out)
{
	struct session *s = ctx;
	uint32_t seq = s->seqs[index];
	struct pop3_uidl v = { .uid = store_box_msg(s->box, seq)->uid,
			       .uidvalidity = s->uidvalidity };
	struct slice fixed;

	if (store_box_attr(s->box, seq, STORE_ATTR_POP3_UIDL, &fixed)) {
		pop3_uidl_put_fixed(fixed, out);
		return;
	}
	(void)store_box_attr(s->box, seq, STORE_ATTR_NAME, &v.name);
	(void)store_box_attr(s->box, seq, STORE_ATTR_GUID, &v.guid);
	pop3_uidl_put(s->conf->uidl_format, &v, out);
}

static void send_out(struct session *s)
{
	client_send(&s->client, buf_slice(&s->out));
	buf_reset(&s->out);
}

static void send_content(struct session *s, struct slice bytes)
{
	struct pop3_stuff e;

	pop3_session_send_ok(&s->pop, &e, &s->out);
	while (bytes.n > 0 && !e.cut && !s->client.gone) {
		struct slice piece = slice_sub(bytes, 0, PIECE);

		bytes = slice_skip(bytes, PIECE);
		while (pop3_stuff_feed(&e, &piece, &s->out) == RC_MORE)
			send_out(s);
	}
	send_out(s);
	pop3_stuff_end(&e, &s->out);
	pop3_session_sent(&s->pop, &e);
}

static void send_message(struct session *s, uint32_t number)
{
	struct store_content c;
	struct err err = { 0 };
	enum rc rc = store_box_read(s->box, s->seqs[number - 1], &c, &err);

	if (rc != RC_OK) {
		if (rc != RC_END)
			say(s, true, "message %u: %s", number, err.text);
		pop3_session_send_failed(&s->pop, rc == RC_END, &s->out);
		return;
	}
	send_content(s, c.bytes);
	store_content_done(&c);
}

/* The messages with the mark that IS asks for, as numbers of the box. */
static size_t marked(struct session *s, bool (*is)(const struct pop3_msg *m), uint32_t *seqs)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->n; i++)
		if (is(&s->msgs[i]))
			seqs[n++] = s->seqs[i];
	return n;
}

static bool is_deleted(const struct pop3_msg *m) { return m->deleted; }
static bool is_seen(const struct pop3_msg *m) { return m->retrieved && !m->deleted; }

static enum rc apply_marks(struct session *s, struct err *err)
{
	struct store_flag_op seen = { .how = STORE_FLAGS_ADD, .flags = STORE_SEEN };
	uint32_t *seqs = mem_new((size_t)s->n + 1, sizeof(*seqs));
	size_t n = s->conf->no_flag_updates ? 0 : marked(s, is_seen, seqs);
	enum rc rc = RC_OK;

	if (n > 0)
		rc = store_box_set_flags(s->box, seqs, n, &seen, NULL, err);
	n = marked(s, is_deleted, seqs);
	if (rc == RC_OK && n > 0)
		rc = store_box_expunge(s->box, seqs, n, err);
	if (rc == RC_OK)
		s->n_deleted = (uint32_t)n;
	free(seqs);
	return rc;
}

static void quit(struct session *s)
{
	struct err err = { 0 };
	enum rc rc = apply_marks(s, &err);

	if (rc != RC_OK)
		say(s, true, "Couldn't update mails in mailbox: %s", err.text);
	pop3_session_quit(&s->pop, rc == RC_OK, &s->out);
	s->reason = "Logged out";
}

/* --- the loop --- */

static void on_event(struct session *s, const struct pop3_event *ev)
{
	switch (ev->what) {
	case POP3_NOTHING:
	case POP3_FLUSH:
		break;
	case POP3_SEND:
		send_message(s, ev->number);
		break;
	case POP3_QUIT:
		quit(s);
		break;
	case POP3_CLOSE:
		s->reason = ev->reason;
		break;
	}
	send_out(s);
}

/* All whole lines that are there. */
static void run_lines(struct session *s)
{
	struct pop3_event ev = { .what = POP3_FLUSH };
	size_t used = 1;

	while ((used > 0 || ev.what == POP3_FLUSH) && s->reason == NULL && !s->client.gone) {
		pop3_session_feed(&s->pop, buf_slice(&s->in), &used, &s->out, &ev);
		buf_consume(&s->in, used);
		on_event(s, &ev);
	}
}

/* More input into s->in. False: the session is over. */
static bool read_more(struct session *s)
{
	int64_t waited = 0;

	for (;;) {
		int64_t step = s->conf->idle_ms - waited;
		enum rc rc;

		if (s->conf->lock && step > LOCK_KEEP_MS)
			step = LOCK_KEEP_MS;
		rc = client_fill(&s->client, step);
		if (s->conf->lock)
			store_keep_session(s->store);
		if (rc == RC_OK)
			break;
		waited += step;
		if (rc == RC_TEMP && waited < s->conf->idle_ms)
			continue;
		s->reason = rc == RC_TEMP ? INACTIVITY : rc == RC_PERM ? SHUTDOWN :
									 "Connection closed";
		return false;
	}
	buf_add(&s->in, client_input(&s->client));
	client_consume(&s->client, client_input(&s->client).n);
	return true;
}

static void serve(struct session *s)
{
	client_send(&s->client, SLICE_LIT("+OK Logged in.\r\n"));
	pop3_session_init(&s->pop, s->msgs, s->n, put_uidl, s);
	while (s->reason == NULL) {
		if (!read_more(s))
			break;
		run_lines(s);
		if (s->client.gone && s->reason == NULL)
			s->reason = "Connection closed";
	}
	if (strcmp(s->reason, INACTIVITY) == 0)
		client_send(&s->client, SLICE_LIT("-ERR Disconnected for inactivity.\r\n"));
	if (strcmp(s->reason, SHUTDOWN) == 0)
		client_send(&s->client, SLICE_LIT("-ERR [SYS/TEMP] Server shutting down.\r\n"));
}

static void log_end(struct session *s)
{
	struct buf summary;

	buf_init(&summary, LOG_TEXT_MAX / 2);
	pop3_session_summary(&s->pop, s->n_deleted, &summary);
	if (strcmp(s->reason, INACTIVITY) == 0)
		say(s, false, "Disconnected: Inactivity - no input for %lld secs %s",
		    (long long)(s->conf->idle_ms / 1000), buf_cstr(&summary));
	else
		say(s, false, "Disconnected: %s %s", s->reason, buf_cstr(&summary));
	buf_done(&summary);
}

static void close_mail(struct session *s)
{
	store_box_free(&s->box);
	store_free(&s->store);
	free(s->msgs);
	free(s->seqs);
}

int session_run(const struct session_conf *conf, const struct client_ops *ops, void *self)
{
	struct session *s = mem_new(1, sizeof(*s));
	struct err err = { 0 };
	int status = 0;
	enum rc rc;

	s->conf = conf;
	client_init(&s->client, ops, self);
	buf_init(&s->in, POP3_LINE_MAX + CLIENT_IN_SIZE);
	buf_init(&s->out, OUT_MAX);
	rc = open_mail(s, &err);
	if (rc == RC_OK) {
		serve(s);
		log_end(s);
	} else {
		refuse(s, rc, &err);
		status = 1;
	}
	client_flush(&s->client);
	close_mail(s);
	client_done(&s->client);
	buf_done(&s->in);
	buf_done(&s->out);
	free(s);
	return status;
}
