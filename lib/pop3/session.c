/* SPDX-License-Identifier: ISC */
#include "lib/pop3/session.h"

#include <inttypes.h>

#include "lib/pop3/cmdline.h"

enum { LISTING_LINE_MAX = POP3_UIDL_MAX + 16 };	/* "4294967295 ", unique id, CRLF */

struct call {
	struct slice arg;
	struct buf *out;
	struct pop3_event *ev;
};

void pop3_session_init(struct pop3_session *s, struct pop3_msg *msgs, uint32_t n,
		       pop3_uidl_fn *uidl, void *ctx)
{
	*s = (struct pop3_session){ .msgs = msgs, .n = n, .uidl = uidl, .uidl_ctx = ctx };
	for (uint32_t i = 0; i < n; i++)
		s->total_bytes += msgs[i].size_bytes;
}

/* Read a message number off the argument and reply when there is none that can be used. LAST:
 * nothing may follow it. */
static bool take_msg(struct pop3_session *s, struct call *c, bool last, uint32_t *ret_index)
{
	uint64_t number;
	enum rc rc = pop3_cmdline_number(&c->arg, UINT32_MAX, &number);

	if (rc == RC_LIMIT)
		buf_adds(c->out, "-ERR Message number too large.\r\n");
	else if (rc != RC_OK)
		buf_addf(c->out, "-ERR Invalid message number: %.*s\r\n", SLICE_ARG(c->arg));
	else if (last && slice_trim(c->arg).n > 0)
		buf_addf(c->out, "-ERR Noise after message number: %.*s\r\n", SLICE_ARG(c->arg));
	else if (number < 1 || number > s->n)
		buf_addf(c->out, "-ERR There's no message %" PRIu64 ".\r\n", number);
	else if (s->msgs[number - 1].deleted)
		buf_adds(c->out, "-ERR Message is deleted.\r\n");
	else {
		*ret_index = (uint32_t)number - 1;
		return true;
	}
	return false;
}

static void do_stat(struct pop3_session *s, struct call *c)
{
	buf_addf(c->out, "+OK %" PRIu32 " %" PRIu64 "\r\n", s->n - s->n_deleted,
		 s->total_bytes - s->deleted_bytes);
}

static void put_listing_line(struct pop3_session *s, enum pop3_listing what, uint32_t i,
			     struct buf *out)
{
	buf_addf(out, "%" PRIu32 " ", i + 1);
	if (what == POP3_LISTING_UIDS)
		s->uidl(s->uidl_ctx, i, out);
	else
		buf_addf(out, "%" PRIu64, s->msgs[i].size_bytes);
	buf_adds(out, "\r\n");
}

/* As many lines as there is room for; true when the answer is whole. */
static bool put_listing(struct pop3_session *s, struct buf *out)
{
	for (; s->listing_at < s->n; s->listing_at++) {
		if (s->msgs[s->listing_at].deleted)
			continue;
		if (buf_room(out) < LISTING_LINE_MAX)
			return false;
		put_listing_line(s, s->listing, s->listing_at, out);
	}
	if (buf_room(out) < LISTING_LINE_MAX)
		return false;
	buf_adds(out, ".\r\n");
	s->listing = POP3_LISTING_NONE;
	return true;
}

static void list_one_or_all(struct pop3_session *s, struct call *c, enum pop3_listing what)
{
	uint32_t i;

	if (slice_trim(c->arg).n > 0) {
		if (!take_msg(s, c, true, &i))
			return;
		buf_adds(c->out, "+OK ");
		put_listing_line(s, what, i, c->out);
		return;
	}
	if (what == POP3_LISTING_SIZES)
		buf_addf(c->out, "+OK %" PRIu32 " messages:\r\n", s->n - s->n_deleted);
	else
		buf_adds(c->out, "+OK\r\n");
	s->listing = what;
	s->listing_at = 0;
	if (!put_listing(s, c->out))
		c->ev->what = POP3_FLUSH;
}

static void do_list(struct pop3_session *s, struct call *c)
{
	list_one_or_all(s, c, POP3_LISTING_SIZES);
}

static void do_uidl(struct pop3_session *s, struct call *c)
{
	list_one_or_all(s, c, POP3_LISTING_UIDS);
}

static void send_msg(struct pop3_session *s, struct call *c, uint32_t i, uint64_t lines)
{
	s->sending = i + 1;
	s->sending_lines = lines;
	c->ev->what = POP3_SEND;
	c->ev->number = i + 1;
}

static void do_retr(struct pop3_session *s, struct call *c)
{
	uint32_t i;

	if (take_msg(s, c, true, &i))
		send_msg(s, c, i, POP3_ALL_LINES);
}

static void do_top(struct pop3_session *s, struct call *c)
{
	uint64_t lines;
	uint32_t i;
	enum rc rc;

	if (!take_msg(s, c, false, &i))
		return;
	if (slice_trim(c->arg).n == 0) {
		buf_adds(c->out, "-ERR Noise after message number: \r\n");
		return;
	}
	rc = pop3_cmdline_number(&c->arg, POP3_ALL_LINES - 1, &lines);
	if (rc != RC_OK)
		buf_addf(c->out, "-ERR %s: %.*s\r\n",
			 rc == RC_LIMIT ? "Size too large" : "Invalid size", SLICE_ARG(c->arg));
	else if (slice_trim(c->arg).n > 0)
		buf_addf(c->out, "-ERR Noise after size: %.*s\r\n", SLICE_ARG(c->arg));
	else
		send_msg(s, c, i, lines);
}

static void do_dele(struct pop3_session *s, struct call *c)
{
	uint32_t i;

	if (!take_msg(s, c, true, &i))
		return;
	s->msgs[i].deleted = true;
	s->deleted_bytes += s->msgs[i].size_bytes;
	s->n_deleted++;
	buf_adds(c->out, "+OK Marked to be deleted.\r\n");
}

static void do_noop(struct pop3_session *s, struct call *c)
{
	(void)s;
	buf_adds(c->out, "+OK\r\n");
}

static void do_rset(struct pop3_session *s, struct call *c)
{
	for (uint32_t i = 0; i < s->n; i++)
		s->msgs[i].deleted = s->msgs[i].retrieved = false;
	s->n_deleted = 0;
	s->deleted_bytes = 0;
	buf_adds(c->out, "+OK\r\n");
}

static void do_capa(struct pop3_session *s, struct call *c)
{
	(void)s;
	buf_adds(c->out, "+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\n"
			 "AUTH-RESP-CODE\r\n.\r\n");
}

static void do_quit(struct pop3_session *s, struct call *c)
{
	s->over = true;
	c->ev->what = POP3_QUIT;
}

static const struct {
	const char *verb;
	void (*run)(struct pop3_session *s, struct call *c);
} commands[] = {
	{ "RETR", do_retr }, { "DELE", do_dele }, { "LIST", do_list }, { "UIDL", do_uidl },
	{ "TOP", do_top },   { "STAT", do_stat }, { "NOOP", do_noop }, { "RSET", do_rset },
	{ "CAPA", do_capa }, { "QUIT", do_quit },
};

static void close_with(struct pop3_session *s, struct call *c, const char *reply,
		       const char *reason)
{
	buf_adds(c->out, reply);
	s->over = true;
	c->ev->what = POP3_CLOSE;
	c->ev->reason = reason;
}

static void bad_command(struct pop3_session *s, struct call *c, struct slice verb)
{
	if (++s->bad > POP3_BAD_MAX)
		close_with(s, c, "-ERR Too many bad commands.\r\n", "Too many bad commands.");
	else if (verb.n == 0)
		buf_adds(c->out, "-ERR Unknown command.\r\n");
	else
		buf_addf(c->out, "-ERR Unknown command: %.*s\r\n",
			 SLICE_ARG(slice_sub(verb, 0, 255)));
}

static void run_line(struct pop3_session *s, struct slice line, struct call *c)
{
	struct pop3_cmdline cmd;

	if (pop3_cmdline_parse(line, &cmd) != RC_OK) {
		bad_command(s, c, (struct slice){ NULL, 0 });
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (slice_iis(cmd.verb, commands[i].verb)) {
			s->bad = 0;
			c->arg = cmd.arg;
			commands[i].run(s, c);
			return;
		}
	}
	bad_command(s, c, cmd.verb);
}

void pop3_session_feed(struct pop3_session *s, struct slice in, size_t *ret_used,
		       struct buf *out, struct pop3_event *ev)
{
	struct call c = { .out = out, .ev = ev };
	struct slice line;
	enum rc rc;

	*ret_used = 0;
	*ev = (struct pop3_event){ .what = POP3_NOTHING };
	if (s->listing != POP3_LISTING_NONE) {
		if (!put_listing(s, out))
			ev->what = POP3_FLUSH;
		return;
	}
	if (s->over || s->sending != 0)
		return;
	rc = pop3_cmdline_next(in, POP3_LINE_MAX, &line, ret_used);
	if (rc == RC_LIMIT)
		close_with(s, &c, "-ERR Input line too long.\r\n", "Input line too long");
	else if (rc == RC_OK)
		run_line(s, line, &c);
}

void pop3_session_send_ok(struct pop3_session *s, struct pop3_stuff *e, struct buf *out)
{
	size_t before = buf_len(out);

	if (s->sending_lines == POP3_ALL_LINES)
		buf_addf(out, "+OK %" PRIu64 " octets\r\n", s->msgs[s->sending - 1].size_bytes);
	else
		buf_adds(out, "+OK\r\n");
	pop3_stuff_init(e, s->sending_lines);
	e->bytes = buf_len(out) - before;	/* Dovecot counts the reply's line too */
}

void pop3_session_sent(struct pop3_session *s, const struct pop3_stuff *e)
{
	if (s->sending_lines == POP3_ALL_LINES) {
		s->retr_count++;
		s->retr_bytes += e->bytes;
		s->msgs[s->sending - 1].retrieved = true;
	} else {
		s->top_count++;
		s->top_bytes += e->bytes;
	}
	s->sending = 0;
}

void pop3_session_send_failed(struct pop3_session *s, bool vanished, struct buf *out)
{
	if (vanished)
		buf_addf(out, "-ERR Message %" PRIu32 " expunged.\r\n", s->sending);
	else
		buf_addf(out, "-ERR [SYS/TEMP] Can't read message %" PRIu32 ".\r\n", s->sending);
	s->sending = 0;
}

void pop3_session_quit(struct pop3_session *s, bool ok, struct buf *out)
{
	if (!ok)
		buf_adds(out, "-ERR [SYS/TEMP] Couldn't update mails in mailbox.\r\n");
	else if (s->n_deleted > 0)
		buf_adds(out, "+OK Logging out, messages deleted.\r\n");
	else
		buf_adds(out, "+OK Logging out.\r\n");
}

void pop3_session_summary(const struct pop3_session *s, uint32_t deleted, struct buf *out)
{
	buf_addf(out, "top=%" PRIu64 "/%" PRIu64 ", retr=%" PRIu64 "/%" PRIu64 ", del=%" PRIu32
		 "/%" PRIu32 ", size=%" PRIu64, s->top_count, s->top_bytes, s->retr_count,
		 s->retr_bytes, deleted, s->n, s->total_bytes);
}
