/* A message on its way from the client into the queue file that cleanup made for it. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "lib/mail/addr.h"
#include "lib/sys/crc.h"
#include "smtpd/session.h"

enum {
	CONTENT_READ_BYTES = 16384,
	CHANNEL_WAIT_MS = 5000,		/* a restart of cleanup takes less */
	HELD_MAX = SMTPD_CONTENT_BYTES / 2,	/* a longer header waits for no slow table */
	PREPEND_MAX = 65536,
	BACKLOG_MAX = 20000,		/* packets; an envelope has one for each recipient */
	BACKLOG_WAIT_MS = 10
};

void message_init(struct session *s)
{
	struct message *m = &s->message;

	*m = (struct message){ .fd = -1 };
	arena_init(&m->arena, SMTPD_ARENA_MAX);
	arena_init(&m->rcpts, s->d->rcpts_max_bytes);
	buf_init(&m->prepend, PREPEND_MAX);
	buf_init(&m->pending, 0);
	buf_init(&m->held, 0);
	m->last = &m->first;
}

/* Whatever stands, nothing of it stays: the only way to end a transaction here. */
void message_reset(struct session *s)
{
	struct message *m = &s->message;

	if (m->id != 0)
		cleanup_abort_send(m->chan, &(struct cleanup_abort){ .id = m->id });
	ask_end(s, &m->id);
	if (m->fd >= 0)
		close(m->fd);
	if (m->has_intake)
		smtp_intake_done(&m->intake);
	buf_done(&m->pending);
	buf_done(&m->held);
	if (m->has_memo)
		table_memo_done(&m->memo);
	buf_done(&m->prepend);
	arena_done(&m->rcpts);
	arena_done(&m->arena);
	s->waits &= ~(unsigned)(WAITS_CLEANUP | WAITS_HEADER);
	message_init(s);
}

void message_begin(struct session *s, struct slice sender, const struct smtp_mail_params *p)
{
	struct message *m = &s->message;

	m->is_active = true;
	m->sender = arena_slice(&m->arena, sender);
	m->params = *p;
	m->arrival_us = loop_unix_us(s->d->loop);
}

bool message_add_rcpt(struct session *s, struct slice address, const struct smtp_rcpt_params *p)
{
	struct message *m = &s->message;
	struct rcpt *r = ARENA_NEW(&m->rcpts, struct rcpt);

	if (r == NULL)
		return false;
	r->address = arena_slice(&m->rcpts, address);
	r->orcpt = arena_slice(&m->rcpts, slice_str(p->orcpt));
	r->notify = p->notify;
	if (r->address.p == NULL || r->orcpt.p == NULL)
		return false;
	*m->last = r;
	m->last = &r->next;
	m->n_rcpts++;
	return true;
}

static bool has_line(struct slice text, struct slice line)
{
	struct slice one;

	while (slice_line(&text, &one))
		if (slice_eq(one, line))
			return true;
	return false;
}

/* Lists are judged for each recipient, and say the same each time. */
void message_prepend(struct session *s, struct slice fields)
{
	struct buf *b = &s->message.prepend;
	struct slice line;

	while (slice_line(&fields, &line)) {
		if (has_line(buf_slice(b), line))
			continue;
		if (buf_room(b) <= line.n) {
			log_warn(&s->log, "too many header fields to prepend: %.*s", SLICE_ARG(line));
			return;
		}
		buf_add(b, line);
		buf_addc(b, '\n');
	}
}

static void refuse(struct session *s, unsigned code, const char *dsn, const char *text)
{
	struct smtp_reply r;

	smtp_reply_set(&r, code, dsn, "%s", text);
	smtp_server_answer(&s->smtp, &r);
}

/* --- the file --- */

static void no_file(struct session *s)
{
	log_warn(&s->log, "no connection to the cleanup service");
	refuse(s, 451, "4.3.0", "Error: queue file write error");
}

void message_open(struct session *s)
{
	struct message *m = &s->message;

	s->waits |= WAITS_CLEANUP;
	if (s->d->cleanup == NULL) {
		m->waits_for_channel = true;
		timer_start(&s->timer, CHANNEL_WAIT_MS);
		return;
	}
	m->id = ask_begin(s);
	if (m->id == 0) {
		s->waits &= ~(unsigned)WAITS_CLEANUP;
		no_file(s);
		return;
	}
	m->chan = s->d->cleanup;
	cleanup_open_send(m->chan, &(struct cleanup_open){
		.id = m->id, .flags = m->hold ? CLEANUP_FLAG_HOLD : 0 });
}

void message_channel_up(struct session *s)
{
	if (!s->message.waits_for_channel)
		return;
	s->message.waits_for_channel = false;
	timer_stop(&s->timer);
	message_open(s);
	if ((s->waits & WAITS_CLEANUP) == 0)
		session_done_waiting(s, WAITS_CLEANUP);
}

void message_no_channel(struct session *s)
{
	s->message.waits_for_channel = false;
	no_file(s);
	session_done_waiting(s, WAITS_CLEANUP);
}

/* <YYYYMMDDHHMMSS.QID@host>, or <QID@host> with long ids. */
static struct slice new_message_id(struct session *s)
{
	struct message *m = &s->message;
	time_t now = (time_t)(m->arrival_us / 1000000);
	char when[32];
	struct tm tm;

	if (s->d->queue.enable_long_queue_ids)
		return slice_str(arena_printf(&m->arena, "<%s@%s>", m->queue_id,
					      s->d->engine.hostname));
	strftime(when, sizeof(when), "%Y%m%d%H%M%S", gmtime_r(&now, &tm));
	return slice_str(arena_printf(&m->arena, "<%s.%s@%s>", when, m->queue_id,
				      s->d->engine.hostname));
}

static struct slice from_value(struct session *s)
{
	struct message *m = &s->message;
	struct slice r;
	struct buf b;

	if (m->sender.n == 0)
		return SLICE_LIT("MAILER-DAEMON");
	buf_init(&b, ADDRESS_MAX * 4);
	addr_quote(m->sender, &b);
	r = arena_slice(&m->arena, buf_slice(&b));
	buf_done(&b);
	return r;
}

/* What an address field of a local client becomes. */
static enum rc rewrite(void *ctx, bool is_sender, struct slice value, struct buf *out)
{
	struct session *s = ctx;
	struct address_query q = { .conf = s->d->address, .memo = &s->message.memo,
				   .arena = &s->message.arena };
	struct err err = { 0 };
	enum rc rc = address_field(&q, is_sender ? ADDRESS_HEADER_SENDER
						 : ADDRESS_HEADER_RECIPIENT, value, out, &err);

	if ((rc == RC_TEMP || rc == RC_PERM) && !s->message.told_fault) {
		log_err(&s->message.log, &err, "header addresses stay as they are");
		s->message.told_fault = true;
	}
	return rc;
}

static void on_header_tables(struct table_memo *memo);

/* Keep the header as it comes, as long as a table might be slow to say what it becomes. */
static void start_holding(struct session *s)
{
	struct message *m = &s->message;

	m->intake_conf.rewrite = rewrite;
	m->intake_conf.ctx = s;
	table_memo_init(&m->memo, &m->arena, on_header_tables, s);
	m->has_memo = true;
	m->holds = address_maps_headers(s->d->address);
	buf_init(&m->held, HELD_MAX);
}

static void start_intake(struct session *s)
{
	struct message *m = &s->message;
	char *head = arena_printf(&m->arena, "%s%.*s", buf_cstr(&m->prepend),
				  SLICE_ARG(received_field(s)));

	m->intake_conf = (struct smtp_intake_conf){
		.received = slice_str(head),
		.drop = s->d->drop,
		.n_drop = s->d->n_drop,
		.field_max = (size_t)s->d->queue.header_size_limit,
		.completes = s->is_local_client || s->d->p.always_add_missing_headers,
	};
	if (m->intake_conf.completes) {
		m->intake_conf.message_id = new_message_id(s);
		m->intake_conf.date = arena_slice(&m->arena, slice_str(smtpd_date(s->d)));
		m->intake_conf.from = from_value(s);
		m->intake_conf.to = slice_str(s->d->p.undisclosed_recipients_header);
	}
	if (s->is_local_client)
		start_holding(s);
	smtp_intake_init(&m->intake, &m->intake_conf);
	m->has_intake = true;
	buf_init(&m->pending, SMTPD_CONTENT_BYTES * 2 + m->intake_conf.field_max +
			      SMTP_INTAKE_EXTRA + m->intake_conf.received.n);
}

static void log_client(const struct session *s)
{
	const struct message *m = &s->message;

	if (s->sasl_user[0] == '\0')
		log_info(&m->log, "client=%s", s->namaddr);
	else
		log_info(&m->log, "client=%s, sasl_method=%s, sasl_username=%s%s%s", s->namaddr,
			 s->sasl_method, s->sasl_user,
			 m->params.auth[0] != '\0' ? ", sasl_sender=" : "", m->params.auth);
}

void message_opened(struct session *s, const struct cleanup_opened *o)
{
	struct message *m = &s->message;

	m->fd = o->file;
	if (!slice_to_cstr(o->queue_id, m->queue_id, sizeof(m->queue_id)))
		m->queue_id[0] = '\0';
	m->log = (struct log_ctx){ .parent = &s->log, .queue_id = slice_str(m->queue_id) };
	log_client(s);
	start_intake(s);
	conn_expect(&s->conn, CONTENT_READ_BYTES);
	smtp_server_answer(&s->smtp, NULL);
	session_done_waiting(s, WAITS_CLEANUP);
}

/* --- content --- */

static void write_pending(struct session *s)
{
	struct message *m = &s->message;
	struct slice rest = buf_slice(&m->pending);

	m->crc = crc32c(m->crc, rest);
	while (rest.n > 0 && m->write_errno == 0) {
		ssize_t n = write(m->fd, rest.p, rest.n);

		if (n > 0)
			rest = slice_skip(rest, (size_t)n);
		else if (n == 0 || errno != EINTR)
			m->write_errno = n == 0 ? ENOSPC : errno;
	}
	buf_reset(&m->pending);
	if (m->write_errno != 0)
		log_warn(&m->log, "queue file write error: %s", strerror(m->write_errno));
}

static bool is_spoilt(const struct message *m)
{
	return m->is_too_big || m->write_errno != 0;
}

/* What the intake added to pending counts, too. */
static void added(struct session *s, size_t before)
{
	struct message *m = &s->message;
	int64_t limit = s->d->engine.size_limit;

	m->bytes += (int64_t)(buf_len(&m->pending) - before);
	if (limit > 0 && m->bytes > limit) {
		m->is_too_big = true;
		buf_reset(&m->pending);
		log_warn(&m->log, "queue file size limit exceeded");
	} else if (buf_len(&m->pending) >= SMTPD_CONTENT_BYTES && !m->holds) {
		write_pending(s);
	}
}

static void feed(struct session *s, struct slice content)
{
	struct message *m = &s->message;
	size_t before = buf_len(&m->pending);

	smtp_intake_feed(&m->intake, content, &m->pending);
	added(s, before);
}

/* Did a table leave the header open? Then nothing goes on until it has answered. */
static bool is_held_up(struct session *s)
{
	struct message *m = &s->message;

	if (m->holds && m->intake.is_later && m->memo.pending > 0 && !buf_is_over(&m->held)) {
		s->waits |= WAITS_HEADER;
		return true;
	}
	if (smtp_intake_is_in_body(&m->intake)) {
		m->holds = false;
		buf_done(&m->held);
	}
	return false;
}

/* The header again from its start, with the answers that have come. Nothing is written yet. */
static void on_header_tables(struct table_memo *memo)
{
	struct session *s = memo->owner;
	struct message *m = &s->message;

	if ((s->waits & WAITS_HEADER) == 0)
		return;
	smtp_intake_done(&m->intake);
	smtp_intake_init(&m->intake, &m->intake_conf);
	buf_reset(&m->pending);
	m->bytes = 0;
	feed(s, buf_slice(&m->held));
	if (!is_held_up(s))
		session_done_waiting(s, WAITS_HEADER);
}

void message_content(struct session *s)
{
	struct message *m = &s->message;

	if (m->fd >= 0 && !is_spoilt(m)) {
		if (m->holds)
			buf_add(&m->held, buf_slice(&s->d->content));
		feed(s, buf_slice(&s->d->content));
		(void)is_held_up(s);
	}
	buf_reset(&s->d->content);
}

/* --- the end --- */

static void send_envelope(struct session *s)
{
	struct message *m = &s->message;
	struct ipc_chan *chan = m->chan;
	const struct smtp_mail_params *p = &m->params;

	cleanup_mail_send(chan, &(struct cleanup_mail){
		.id = m->id, .sender = m->sender, .dsn_ret = p->ret,
		.envid = slice_str(p->envid), .encoding = p->encoding, .smtputf8 = p->smtputf8,
		.arrival_us = m->arrival_us, .client_name = slice_str(s->name),
		.client_addr = slice_str(s->addr), .client_port = slice_str(s->port),
		.client_proto = slice_str(s->smtp.extended ? "ESMTP" : "SMTP"),
		.client_helo = slice_str(s->smtp.helo), .sasl_method = slice_str(s->sasl_method),
		.sasl_user = slice_str(s->sasl_user), .sasl_sender = slice_str(p->auth),
		.message_id = slice_str(m->intake.message_id),
		.resent_message_id = slice_str(m->intake.resent_message_id),
		.log_ident = slice_str(m->queue_id) });
	for (const struct rcpt *r = m->first; r != NULL; r = r->next)
		cleanup_rcpt_send(chan, &(struct cleanup_rcpt){
			.id = m->id, .address = r->address, .orcpt = r->orcpt,
			.notify = r->notify });
	cleanup_commit_send(chan, &(struct cleanup_commit){
		.id = m->id, .content_bytes = m->bytes, .content_crc = m->crc,
		.hops = (uint16_t)(m->intake.hops < UINT16_MAX ? m->intake.hops : UINT16_MAX) });
}

/* False: the message cannot be kept, and the client was told so. */
static bool can_keep(struct session *s)
{
	struct message *m = &s->message;
	bool is_full = m->write_errno == ENOSPC || m->write_errno == EDQUOT ||
		       m->write_errno == EROFS;

	if (m->is_too_big)
		refuse(s, 552, "5.3.4", "Error: message file too big");
	else if (is_full)
		refuse(s, 452, "4.3.1", "Insufficient system storage");
	else if (m->write_errno != 0 || m->fd < 0 || m->id == 0)
		refuse(s, 451, "4.3.0", "Error: queue file write error");
	else
		return true;
	return false;
}

void message_commit(struct session *s)
{
	struct message *m = &s->message;
	size_t before = buf_len(&m->pending);

	if (m->fd >= 0 && !is_spoilt(m)) {
		smtp_intake_finish(&m->intake, &m->pending);
		added(s, before);
		if (is_held_up(s))
			return;
		if (!is_spoilt(m))
			write_pending(s);
	}
	if (!can_keep(s)) {
		message_reset(s);
		return;
	}
	if (m->discard) {
		smtp_server_queued(&s->smtp, slice_str(m->queue_id));
		message_reset(s);
		return;
	}
	close(m->fd);
	m->fd = -1;
	s->waits |= WAITS_CLEANUP;
	message_hand_over(s);
}

/* Many long envelopes at once must not overflow the channel, which would break it for all. */
void message_hand_over(struct session *s)
{
	struct message *m = &s->message;

	m->waits_for_room = ipc_chan_backlog(m->chan) > BACKLOG_MAX;
	if (!m->waits_for_room)
		send_envelope(s);
	timer_start(&s->timer, m->waits_for_room ? BACKLOG_WAIT_MS : s->d->base.ipc_timeout);
}

/* cleanup has judged: after commit, or instead of a file. */
void message_answered(struct session *s, const struct cleanup_done *a)
{
	struct message *m = &s->message;
	bool is_waiting = (s->waits & WAITS_CLEANUP) != 0;
	char id[65];

	snprintf(id, sizeof(id), "%s", m->queue_id);
	ask_end(s, &m->id);
	if (!is_waiting) {
		/* The file is gone while content still comes: told at the end. */
		m->write_errno = m->write_errno != 0 ? m->write_errno
						     : a->code == 452 ? ENOSPC : EIO;
		return;
	}
	if (a->code == 250) {
		smtp_server_queued(&s->smtp, slice_str(id));
	} else {
		struct smtp_reply r = { .code = a->code };

		smtp_reply_set(&r, a->code, "", "%.*s", SLICE_ARG(a->text));
		snprintf(r.dsn, sizeof(r.dsn), "%.*s", SLICE_ARG(a->dsn));
		smtp_server_answer(&s->smtp, &r);
	}
	if (s->asked == SMTP_EV_COMMIT)
		message_reset(s);
	session_done_waiting(s, WAITS_CLEANUP);
}

void message_lost(struct session *s)
{
	struct message *m = &s->message;

	if (m->id == 0)
		return;
	ask_end(s, &m->id);
	m->chan = NULL;
	if ((s->waits & WAITS_CLEANUP) != 0 && s->asked == SMTP_EV_OPEN) {
		message_open(s);	/* nothing is lost yet */
		return;
	}
	m->write_errno = EPIPE;
	if ((s->waits & WAITS_CLEANUP) == 0)
		return;
	/* It may have been kept: then the client sends it twice, which loses nothing. */
	refuse(s, 451, "4.3.0", "Error: queue file write error");
	if (s->asked == SMTP_EV_COMMIT)
		message_reset(s);
	session_done_waiting(s, WAITS_CLEANUP);
}
