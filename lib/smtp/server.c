/* SPDX-License-Identifier: ISC */
#include "lib/smtp/server.h"

#include <assert.h>
#include <stdio.h>

#include "lib/mail/enc.h"
#include "lib/smtp/cmdline.h"
#include "lib/smtp/server_int.h"

enum { SMTP_FOOTED_MAX = 8192 };	/* the text of a reply with its footer */

/* Which states may follow which. */
static const unsigned legal_moves[] = {
	[SMTP_CONNECTING] = 1u << SMTP_ASKED | 1u << SMTP_CLOSED,
	[SMTP_COMMAND] = 1u << SMTP_ASKED | 1u << SMTP_CHUNK | 1u << SMTP_SKIP | 1u << SMTP_CLOSED |
			 1u << SMTP_AUTH_LINE | 1u << SMTP_COMMAND,
	[SMTP_ASKED] = 1u << SMTP_COMMAND | 1u << SMTP_DATA | 1u << SMTP_CHUNK | 1u << SMTP_SKIP |
		       1u << SMTP_AUTH_LINE | 1u << SMTP_SECURING | 1u << SMTP_CLOSED,
	[SMTP_DATA] = 1u << SMTP_ASKED | 1u << SMTP_COMMAND | 1u << SMTP_CLOSED,
	[SMTP_CHUNK] = 1u << SMTP_ASKED | 1u << SMTP_COMMAND | 1u << SMTP_CLOSED,
	[SMTP_SKIP] = 1u << SMTP_COMMAND | 1u << SMTP_CLOSED,
	[SMTP_AUTH_LINE] = 1u << SMTP_ASKED | 1u << SMTP_COMMAND | 1u << SMTP_CLOSED,
	[SMTP_SECURING] = 1u << SMTP_COMMAND | 1u << SMTP_CLOSED,
	[SMTP_CLOSED] = 1u << SMTP_CLOSED,
};
static_assert(sizeof(legal_moves) / sizeof(legal_moves[0]) == SMTP_CLOSED + 1, "a row per state");

static void (*const after_answer[])(struct smtp_server *s, struct buf *out) = {
	[SMTP_EV_CONNECT] = smtp_after_connect, [SMTP_EV_HELO] = smtp_after_helo,
	[SMTP_EV_MAIL] = smtp_after_mail,	[SMTP_EV_RCPT] = smtp_after_rcpt,
	[SMTP_EV_VRFY] = smtp_after_vrfy,	[SMTP_EV_OPEN] = smtp_after_open,
	[SMTP_EV_COMMIT] = smtp_after_commit,	[SMTP_EV_AUTH] = smtp_after_auth,
	[SMTP_EV_AUTH_RESPONSE] = smtp_after_auth, [SMTP_EV_STARTTLS] = smtp_after_starttls,
};

void smtp_server_init(struct smtp_server *s, const struct smtp_server_conf *conf,
		      const char *client)
{
	*s = (struct smtp_server){ .conf = conf, .client = client, .verb = SMTP_VERBS };
	buf_init(&s->address, SMTP_LINE_MAX * 2);
	buf_init(&s->given, SMTP_LINE_MAX * 2);
	buf_init(&s->held, SMTP_REPLY_LINE_MAX * 32);
	buf_init(&s->decoded, SMTP_AUTH_LINE_MAX);
}

void smtp_server_done(struct smtp_server *s)
{
	buf_wipe(&s->decoded);
	buf_done(&s->decoded);
	buf_done(&s->address);
	buf_done(&s->given);
	buf_done(&s->held);
}

void smtp_set_state(struct smtp_server *s, enum smtp_state state)
{
	assert((legal_moves[s->state] & 1u << state) != 0);
	s->state = state;
}

void smtp_ask(struct smtp_server *s, enum smtp_event ev)
{
	smtp_set_state(s, SMTP_ASKED);
	s->asked = ev;
	s->told = s->answered = false;
	s->reply.code = 0;
}

struct buf *smtp_out(struct smtp_server *s, struct buf *out)
{
	if (s->errors < s->conf->soft_errors || s->conf->error_sleep_ms == 0)
		return out;
	s->paused = true;
	return &s->held;
}

/* A refusal goes out with what policy makes of it. */
static void print_refusal(struct smtp_server *s, const struct smtp_reply *r, struct buf *out)
{
	struct smtp_reply last = *r;
	struct buf text;

	buf_init(&text, SMTP_FOOTED_MAX);
	buf_adds(&text, r->text);
	if (s->conf->footer != NULL)
		s->conf->footer(s, r, &text);
	if (s->conf->soft_bounce)
		smtp_reply_soften(&last);
	smtp_reply_print_text(&last, buf_slice(&text), out);
	buf_done(&text);
}

static void print(struct smtp_server *s, const struct smtp_reply *r, struct buf *out)
{
	if (smtp_reply_is_ok(r))
		smtp_reply_print(r, out);
	else
		print_refusal(s, r, out);
}

void smtp_end(struct smtp_server *s, struct buf *out, const struct smtp_reply *r)
{
	print(s, r, smtp_out(s, out));
	if (!smtp_reply_is_ok(r))
		s->errors++;
	else if (s->verb < SMTP_VERBS)
		s->count[s->verb].good++;
	s->must_close = s->must_close || r->code == 421 || r->code == 521;
}

void smtp_say(struct smtp_server *s, struct buf *out, unsigned code, const char *dsn,
	      const char *fmt, ...)
{
	struct smtp_reply r = { 0 };
	va_list ap;

	smtp_reply_set(&r, code, dsn, "%s", "");
	va_start(ap, fmt);
	vsnprintf(r.text, sizeof(r.text), fmt, ap);
	va_end(ap);
	smtp_end(s, out, &r);
}

void smtp_refuse(struct smtp_server *s, struct buf *out, const struct smtp_reply *r)
{
	if (s->verb != SMTP_V_BDAT || s->chunk_left == 0) {
		smtp_end(s, out, r);
		return;
	}
	s->skipped = *r;
	smtp_set_state(s, SMTP_SKIP);
}

void smtp_note(struct smtp_server *s, bool is_warning, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->note, sizeof(s->note), fmt, ap);
	va_end(ap);
	s->note_kind = is_warning ? SMTP_NOTE_WARNING : SMTP_NOTE_INFO;
}

void smtp_reject_note(struct smtp_server *s, const char *text)
{
	smtp_note(s, false, "%s", text);
	s->note_kind = SMTP_NOTE_REJECT;
}

void smtp_reset(struct smtp_server *s, bool tell)
{
	s->abort_due = s->abort_due || (tell && s->in_transaction);
	s->in_transaction = false;
	s->rcpt_count = 0;
	s->overshoot = 0;
	s->bdat = SMTP_BDAT_NONE;
	s->chunk_left = 0;
	s->content_bytes = 0;
	s->mail = (struct smtp_mail_params){ 0 };
	s->rcpt = (struct smtp_rcpt_params){ 0 };
}

void smtp_server_answer(struct smtp_server *s, const struct smtp_reply *reply)
{
	assert(s->state == SMTP_ASKED && !s->answered);
	s->answered = true;
	if (reply != NULL)
		s->reply = *reply;
}

void smtp_server_queued(struct smtp_server *s, struct slice queue_id)
{
	struct smtp_reply r;

	if (s->verb == SMTP_V_BDAT)
		smtp_reply_set(&r, 250, "2.0.0", "Ok: %lld bytes queued as %.*s",
			       (long long)s->content_bytes, SLICE_ARG(queue_id));
	else
		smtp_reply_set(&r, 250, "2.0.0", "Ok: queued as %.*s", SLICE_ARG(queue_id));
	smtp_server_answer(s, &r);
}

void smtp_server_secured(struct smtp_server *s)
{
	smtp_set_state(s, SMTP_COMMAND);
	s->count[SMTP_V_STARTTLS].good++;
	s->secure = true;
	s->extended = false;
	s->authenticated = false;
	s->helo[0] = '\0';
	smtp_reset(s, true);
}

void smtp_server_timed_out(struct smtp_server *s, struct buf *out)
{
	struct smtp_reply r;

	smtp_reply_set(&r, 421, "4.4.2", "%s Error: timeout exceeded", s->conf->hostname);
	print(s, &r, out);
}

void smtp_server_close(struct smtp_server *s)
{
	smtp_set_state(s, SMTP_CLOSED);
}

/* TEXT with CR, LF and other oddities spelled out, for a log line. */
static void escape(struct slice text, char *dst, size_t size)
{
	struct buf b;

	buf_init(&b, size - 1);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\r')
			buf_adds(&b, "\\r");
		else if (text.p[i] == '\n')
			buf_adds(&b, "\\n");
		else if (char_is_print(text.p[i]))
			buf_addc(&b, text.p[i]);
		else
			buf_addf(&b, "\\%03o", (unsigned char)text.p[i]);
	}
	snprintf(dst, size, "%s", buf_cstr(&b));
	buf_done(&b);
}

static const char *verb_name(const struct smtp_server *s)
{
	if (s->verb == SMTP_VERBS)
		return "CONNECT";
	return s->verb == SMTP_V_UNKNOWN ? "UNKNOWN" : smtp_commands[s->verb].name;
}

/* Bytes wait behind a command that a client must not send ahead of the reply. False: the session
 * ends for it. (RFC 2920, 3.1; CVE-2023-51764 and what came before it) */
static bool check_pipelining(struct smtp_server *s, struct slice rest, struct buf *out)
{
	char text[201];

	if (rest.n == 0 || s->ill_pipelining || s->conf->stand_alone)
		return true;
	if (s->verb < SMTP_V_UNKNOWN && s->extended &&
	    (smtp_commands[s->verb].flags & CMD_LAST) == 0)
		return true;
	escape(slice_sub(rest, 0, 100), text, sizeof(text));
	smtp_note(s, false, "improper command pipelining after %s from %s: %s", verb_name(s),
		  s->client, text);
	s->ill_pipelining = true;
	if (!s->conf->forbid_pipelining)
		return true;
	smtp_say(s, out, 554, "5.5.0", "Error: SMTP protocol synchronization");
	s->must_close = true;
	return false;
}

static enum smtp_verb find_verb(struct slice word)
{
	for (int v = 0; v < SMTP_V_UNKNOWN; v++)
		if (slice_iis(word, smtp_commands[v].name))
			return (enum smtp_verb)v;
	return SMTP_V_UNKNOWN;
}

static void unknown_command(struct smtp_server *s, struct slice line, struct slice verb,
			    struct buf *out)
{
	const struct smtp_server_conf *conf = s->conf;

	if (!smtp_cmdline_is_header(verb) &&
	    (conf->is_forbidden == NULL || !conf->is_forbidden(conf->ctx, verb))) {
		smtp_say(s, out, 500, "5.5.2", "Error: command not recognized");
		return;
	}
	smtp_note(s, true, "non-SMTP command from %s: %.*s", s->client,
		  SLICE_ARG(slice_sub(line, 0, 100)));
	smtp_reply_set(&s->reply, 221, "2.7.0", "Error: I can break rules, too. Goodbye.");
	smtp_reply_print(&s->reply, out);
	s->must_close = true;
}

/* Reasons to refuse that do not depend on the command's own rules. */
static bool is_welcome(const struct smtp_server *s, const struct smtp_command *cmd,
		       struct smtp_reply *why)
{
	if (s->denied && s->verb != SMTP_V_QUIT)
		smtp_reply_set(why, 503, "5.7.0", "Error: access denied for %s", s->client);
	else if (s->conf->tls_required && !s->secure && (cmd->flags & CMD_PRE_TLS) == 0)
		smtp_reply_set(why, 530, "5.7.0", "Must issue a STARTTLS command first");
	else
		return true;
	return false;
}

static void run_command(struct smtp_server *s, struct slice arg, struct slice rest,
			struct buf *out)
{
	const struct smtp_command *cmd = &smtp_commands[s->verb];
	struct smtp_reply why = { 0 };

	s->chunk_left = s->chunk_bytes = 0;
	if (s->verb == SMTP_V_BDAT &&
	    smtp_chunk_parse(arg, &s->chunk_bytes, &s->chunk_is_last) == RC_OK)
		s->chunk_left = s->chunk_bytes;
	if (!is_welcome(s, cmd, &why))
		smtp_refuse(s, out, &why);
	else if (!check_pipelining(s, rest, out))
		return;
	else if (!cmd->check(s, arg, &why))
		smtp_refuse(s, out, &why);
	else
		cmd->run(s, arg, out);
	if ((cmd->flags & CMD_LIMIT) != 0 && s->junk++ > s->conf->junk_limit)
		s->errors++;
}

static void run_line(struct smtp_server *s, struct slice line, struct slice rest, struct buf *out)
{
	struct smtp_cmdline cmd;

	if (s->conf->smtputf8 && !enc_is_utf8(line)) {
		smtp_say(s, out, 500, "5.5.2", "Error: bad UTF-8 syntax");
		return;
	}
	if (smtp_cmdline_parse(line, &cmd)) {
		smtp_say(s, out, 500, "5.5.2", "Error: bad syntax");
		return;
	}
	if (s->conf->is_noop != NULL && s->conf->is_noop(s->conf->ctx, cmd.verb)) {
		smtp_reply_set(&s->reply, 250, "2.0.0", "Ok");
		smtp_reply_print(&s->reply, smtp_out(s, out));	/* not a command, so not counted */
		s->errors += s->junk++ > s->conf->junk_limit;
		return;
	}
	s->verb = find_verb(cmd.verb);
	s->count[s->verb].total++;
	if (s->verb == SMTP_V_UNKNOWN)
		unknown_command(s, line, cmd.verb, out);
	else
		run_command(s, cmd.arg, rest, out);
}

/* What was too long, for the log; of AUTH the verb only, the rest may be a password. */
static void note_long_line(struct smtp_server *s, struct slice line, size_t max)
{
	bool is_secret = s->state == SMTP_AUTH_LINE || slice_istarts(line, SLICE_LIT("AUTH "));
	char text[121];

	escape(is_secret ? SLICE_LIT("AUTH ") : slice_sub(line, 0, 30), text, sizeof(text));
	smtp_note(s, true, "%s: request longer than %zu: %s...", s->client, max, text);
}

/* Cut a line off *IN. RC_MORE: none yet. RC_DENIED: something about it ended the session. */
static enum rc take_line(struct smtp_server *s, struct slice *in, size_t max, struct buf *out,
			 struct slice *ret)
{
	size_t line, used;
	enum smtp_eol eol = smtp_eol_find(slice_sub(*in, 0, max + 2), false, &line, &used);

	if (eol == SMTP_EOL_NONE && line > 0 && in->p[line - 1] == '\r')
		line--;		/* may be the first half of the line's end */
	if (line > max) {
		note_long_line(s, *in, max);
		if (s->state == SMTP_AUTH_LINE)
			smtp_say(s, out, 500, "5.5.6", "Authentication exchange line is too long");
		else
			smtp_say(s, out, 500, "5.5.2", "%s Error: command too long",
				 s->conf->hostname);
		s->must_close = true;
		return RC_DENIED;
	}
	if (eol == SMTP_EOL_NONE)
		return RC_MORE;
	s->saw_bare_lf = s->saw_bare_lf || eol == SMTP_EOL_BARE;
	if (eol == SMTP_EOL_BARE && s->eol == SMTP_EOL_REJECT) {
		smtp_reject_note(s, "bare <LF> received");
		smtp_say(s, out, s->conf->bare_lf_code, "5.5.2", "%s Error: bare <LF> received",
			 s->conf->hostname);
		s->must_close = true;
		return RC_DENIED;
	}
	*ret = slice_sub(*in, 0, line);
	*in = slice_skip(*in, used);
	return RC_OK;
}

static enum smtp_event read_command(struct smtp_server *s, struct slice *in, struct buf *out)
{
	size_t max = s->conf->line_max;
	struct slice line;
	enum rc rc;

	if (s->errors >= s->conf->hard_errors) {
		smtp_note(s, false, "too many errors after %s from %s", verb_name(s), s->client);
		smtp_say(s, out, 421, "4.7.0", "%s Error: too many errors", s->conf->hostname);
		return SMTP_EV_NONE;
	}
	if (max < SMTP_AUTH_LINE_MAX && slice_istarts(*in, SLICE_LIT("AUTH ")))
		max = SMTP_AUTH_LINE_MAX;
	rc = take_line(s, in, max, out, &line);
	if (rc == RC_OK)
		run_line(s, line, *in, out);
	return rc == RC_MORE ? SMTP_EV_MORE : SMTP_EV_NONE;
}

static enum smtp_event read_auth(struct smtp_server *s, struct slice *in, struct buf *out)
{
	struct slice line;
	enum rc rc = take_line(s, in, SMTP_AUTH_LINE_MAX, out, &line);

	if (rc == RC_OK)
		smtp_auth_line(s, line, out);
	return rc == RC_MORE ? SMTP_EV_MORE : SMTP_EV_NONE;
}

static enum smtp_event give_note(struct smtp_server *s)
{
	bool is_reject = s->note_kind == SMTP_NOTE_REJECT;

	s->ev.note = slice_str(s->note);
	s->ev.note_is_warning = s->note_kind == SMTP_NOTE_WARNING;
	s->note_kind = SMTP_NOTE_NONE;
	return is_reject ? SMTP_EV_REJECT : SMTP_EV_NOTE;
}

/* What has to leave before anything else happens. */
static enum smtp_event flush_pending(struct smtp_server *s, struct buf *out)
{
	if (s->note_kind != SMTP_NOTE_NONE)
		return give_note(s);
	if (s->abort_due) {
		s->abort_due = false;
		return SMTP_EV_ABORT;
	}
	if (s->cancel_due) {
		s->cancel_due = false;
		return SMTP_EV_AUTH_CANCEL;
	}
	if (s->paused) {
		s->paused = false;
		s->ev.pause_ms = s->conf->error_sleep_ms;
		return SMTP_EV_PAUSE;
	}
	buf_add(out, buf_slice(&s->held));
	buf_reset(&s->held);
	if (!s->must_close || s->state == SMTP_CLOSED)
		return SMTP_EV_NONE;
	smtp_reset(s, true);
	smtp_set_state(s, SMTP_CLOSED);
	return flush_pending(s, out);
}

static enum smtp_event wait_for_answer(struct smtp_server *s, struct slice in, struct buf *out)
{
	if (!s->told) {
		s->told = true;
		return s->asked;
	}
	assert(s->answered);
	if (s->asked == SMTP_EV_CONNECT && s->reply.code == 0 && !check_pipelining(s, in, out))
		smtp_set_state(s, SMTP_COMMAND);
	else
		after_answer[s->asked](s, out);
	return SMTP_EV_NONE;
}

/* One move of the machine; SMTP_EV_NONE: look again. */
static enum smtp_event move(struct smtp_server *s, struct slice *in, struct buf *out,
			    struct buf *content)
{
	switch (s->state) {
	case SMTP_CONNECTING:
		smtp_ask(s, SMTP_EV_CONNECT);
		return SMTP_EV_NONE;
	case SMTP_ASKED:
		return wait_for_answer(s, *in, out);
	case SMTP_COMMAND:
		return read_command(s, in, out);
	case SMTP_DATA:
		return smtp_feed_data(s, in, out, content);
	case SMTP_CHUNK:
		return smtp_feed_chunk(s, in, out, content);
	case SMTP_SKIP:
		return smtp_feed_skip(s, in, out);
	case SMTP_AUTH_LINE:
		return read_auth(s, in, out);
	case SMTP_SECURING:
		*in = (struct slice){ 0 };
		return SMTP_EV_SECURE;
	case SMTP_CLOSED:
		break;
	}
	return SMTP_EV_CLOSE;
}

enum smtp_event smtp_server_step(struct smtp_server *s, struct slice *in, struct buf *out,
				 struct buf *content)
{
	enum smtp_event ev;

	do {
		ev = flush_pending(s, out);
		if (ev == SMTP_EV_NONE)
			ev = move(s, in, out, content);
	} while (ev == SMTP_EV_NONE);
	return ev;
}

void smtp_server_where(const struct smtp_server *s, struct buf *out)
{
	if (s->state == SMTP_ASKED && s->asked == SMTP_EV_COMMIT)
		buf_adds(out, "END-OF-MESSAGE");
	else
		buf_adds(out, verb_name(s));
	if (s->state == SMTP_DATA || (s->state == SMTP_CHUNK && s->content_bytes > 0))
		buf_addf(out, " (%lld bytes)", (long long)s->content_bytes);
}

static void add_count(struct buf *out, const char *name, struct smtp_count c)
{
	if (c.total == 0)
		return;
	for (const char *p = name; *p != '\0'; p++)
		buf_addc(out, char_lower(*p));
	buf_addf(out, c.good == c.total ? "=%u " : "=%u/", c.good);
	if (c.good != c.total)
		buf_addf(out, "%u ", c.total);
}

void smtp_server_counts(const struct smtp_server *s, struct buf *out)
{
	struct smtp_count all = { 0 };

	for (int v = 0; v < SMTP_VERBS; v++) {
		add_count(out, v == SMTP_V_UNKNOWN ? "unknown" : smtp_commands[v].name, s->count[v]);
		all.total += s->count[v].total;
		all.good += s->count[v].good;
	}
	if (all.good == all.total && all.total > 0)
		buf_addf(out, "commands=%u", all.total);
	else
		buf_addf(out, "commands=%u/%u", all.good, all.total);
	if (s->saw_bare_lf)
		buf_adds(out, " notes=bare_lf");
}
