/* tests/transcripts/test_smtp.c - SMTP transcripts over the real engine; the rest of the server
 * is played here by simple rules.
 *
 * conf names: those of struct smtp_server_conf that a test needs (see set_conf), and
 *	connect, helo, mail, data = REPLY	refuse at that stage
 *	mechanisms = PLAIN LOGIN		offer AUTH; the only account is bob, password secret
 * Recipients: unknown@... is refused (550), later@... is refused (450), drop@... gets a 421,
 * slow@... is answered by "event answer". A message with SIZE= over the limit is refused.
 * Side channel: what happened, content with LF shown as "|". Notes on pipelining are left out, for
 * they depend on how bytes arrive; tests/unit/smtp/test_server.c has them. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/smtp/server.h"
#include "tests/lib/transcript.h"

enum { TIMEOUT_MS = 300000, CONTENT_MAX = 4096 };

struct rules {
	struct slice connect, helo, mail, data, mechanisms;
};

struct session {
	struct smtp_server smtp;
	struct smtp_server_conf conf;
	struct rules rules;
	struct buf in, content, message, rcpts;
	char *mechanisms;
	char sender[256], user[64];
	int64_t now_ms, resume_ms, silent_since_ms;
	bool waits_for_answer, waits_for_clock, closed;
	unsigned next_id;
};

static bool is_forbidden(void *ctx, struct slice verb)
{
	(void)ctx;
	return slice_iis(verb, "GET") || slice_iis(verb, "POST") || slice_iis(verb, "CONNECT") ||
	       !char_is_alpha(verb.p[0]);
}

static bool is_noop(void *ctx, struct slice verb)
{
	(void)ctx;
	return slice_iis(verb, "HELLO");
}

static bool is_yes(struct slice v)
{
	return slice_is(v, "yes");
}

static bool set_number(struct smtp_server_conf *c, struct slice name, struct slice value)
{
	uint64_t n;

	if (num_u64(value, INT64_MAX, &n))
		return false;
	if (slice_is(name, "size_limit"))
		c->size_limit = (int64_t)n;
	else if (slice_is(name, "line_max"))
		c->line_max = n;
	else if (slice_is(name, "recipient_limit"))
		c->recipient_limit = (unsigned)n;
	else if (slice_is(name, "recipient_overshoot_limit"))
		c->recipient_overshoot_limit = (unsigned)n;
	else if (slice_is(name, "soft_errors"))
		c->soft_errors = (unsigned)n;
	else if (slice_is(name, "hard_errors"))
		c->hard_errors = (unsigned)n;
	else if (slice_is(name, "junk_limit"))
		c->junk_limit = (unsigned)n;
	else if (slice_is(name, "error_sleep_ms"))
		c->error_sleep_ms = (int64_t)n;
	else
		return false;
	return true;
}

static bool set_bool(struct smtp_server_conf *c, struct slice name, struct slice value)
{
	const struct { const char *name; bool *var; } vars[] = {
		{ "helo_required", &c->helo_required },
		{ "strict_envelopes", &c->strict_envelopes },
		{ "vrfy_disabled", &c->vrfy_disabled },
		{ "smtputf8", &c->smtputf8 },
		{ "broken_auth_clients", &c->broken_auth_clients },
		{ "tls_required", &c->tls_required },
		{ "forbid_pipelining", &c->forbid_pipelining },
		{ "stand_alone", &c->stand_alone },
		{ "keeps_cr", &c->keeps_cr },
	};

	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]); i++)
		if (slice_is(name, vars[i].name)) {
			*vars[i].var = is_yes(value);
			return true;
		}
	return false;
}

static bool set_rule(struct session *t, struct slice name, struct slice value)
{
	const struct { const char *name; struct slice *var; } vars[] = {
		{ "connect", &t->rules.connect }, { "helo", &t->rules.helo },
		{ "mail", &t->rules.mail },	  { "data", &t->rules.data },
		{ "mechanisms", &t->rules.mechanisms },
	};

	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]); i++)
		if (slice_is(name, vars[i].name)) {
			*vars[i].var = value;
			return true;
		}
	return false;
}

static bool set_eol(struct session *t, struct slice value)
{
	if (slice_is(value, "normalize"))
		t->smtp.eol = SMTP_EOL_NORMALIZE;
	else if (slice_is(value, "reject"))
		t->smtp.eol = SMTP_EOL_REJECT;
	else if (slice_is(value, "no"))
		t->smtp.eol = SMTP_EOL_ANY;
	else
		return false;
	return true;
}

static bool set_discard(struct session *t, struct slice value)
{
	struct slice word;

	while (slice_token(&value, ", ", &word))
		t->smtp.features &= ~smtp_feature_by_name(word);
	return true;
}

static bool set_conf(struct session *t, const struct transcript_conf *c)
{
	if (slice_is(c->name, "forbid_bare_newline"))
		return set_eol(t, c->value);
	if (slice_is(c->name, "discard"))
		return set_discard(t, c->value);
	return set_number(&t->conf, c->name, c->value) || set_bool(&t->conf, c->name, c->value) ||
	       set_rule(t, c->name, c->value);
}

static void answer_text(struct session *t, struct slice text)
{
	struct smtp_reply r = { 0 };

	if (text.n > 0)
		smtp_reply_parse(text, 554, "5.7.1", &r);
	smtp_server_answer(&t->smtp, text.n > 0 ? &r : NULL);
}

static void drop_transaction(struct session *t)
{
	t->sender[0] = '\0';
	buf_reset(&t->rcpts);
	buf_reset(&t->message);
	buf_reset(&t->content);
}

static void on_mail(struct session *t, struct transcript_io *io)
{
	const struct smtp_server_data *ev = &t->smtp.ev;
	const struct smtp_mail_params *m = ev->mail;

	if (t->conf.size_limit > 0 && m->size_bytes > t->conf.size_limit) {
		answer_text(t, SLICE_LIT("552 5.3.4 Message size exceeds fixed limit"));
		return;
	}
	snprintf(t->sender, sizeof(t->sender), "%.*s", SLICE_ARG(ev->address));
	buf_addf(io->side, "mail <%s> size=%lld encoding=%u utf8=%d ret=%u envid=%s auth=%d%s\n",
		 t->sender, (long long)m->size_bytes, m->encoding, m->smtputf8, m->ret, m->envid,
		 m->has_auth, m->auth);
	answer_text(t, t->rules.mail);
}

static void on_rcpt(struct session *t, struct transcript_io *io)
{
	const struct smtp_server_data *ev = &t->smtp.ev;

	buf_addf(io->side, "rcpt <%.*s> notify=%u orcpt=%s\n", SLICE_ARG(ev->address),
		 ev->rcpt->notify, ev->rcpt->orcpt);
	if (slice_starts(ev->address, SLICE_LIT("unknown@"))) {
		answer_text(t, SLICE_LIT("550 5.1.1 <unknown>: Recipient address rejected"));
	} else if (slice_starts(ev->address, SLICE_LIT("later@"))) {
		answer_text(t, SLICE_LIT("450 4.7.1 <later>: Recipient address rejected"));
	} else if (slice_starts(ev->address, SLICE_LIT("drop@"))) {
		answer_text(t, SLICE_LIT("421 4.7.1 go away"));
	} else {
		buf_addf(&t->rcpts, "<%.*s>", SLICE_ARG(ev->address));
		if (slice_starts(ev->address, SLICE_LIT("slow@")))
			t->waits_for_answer = true;
		else
			answer_text(t, (struct slice){ 0 });
	}
}

static void show(struct buf *side, struct slice content)
{
	for (size_t i = 0; i < content.n && i < 300; i++)
		if (content.p[i] == '\n')
			buf_addc(side, '|');
		else if (char_is_print(content.p[i]))
			buf_addc(side, content.p[i]);
		else
			buf_addf(side, "\\x%02x", (unsigned char)content.p[i]);
}

static void on_commit(struct session *t, struct transcript_io *io)
{
	char id[16];

	buf_add(&t->message, buf_slice(&t->content));
	buf_addf(io->side, "message from=<%s> to=%s bytes=%zu: ", t->sender, buf_cstr(&t->rcpts),
		 buf_len(&t->message));
	show(io->side, buf_slice(&t->message));
	buf_addc(io->side, '\n');
	if (t->conf.size_limit > 0 && (int64_t)buf_len(&t->message) > t->conf.size_limit) {
		answer_text(t, SLICE_LIT("552 5.3.4 Error: message file too big"));
	} else {
		snprintf(id, sizeof(id), "QID%u", ++t->next_id);
		smtp_server_queued(&t->smtp, slice_str(id));
	}
	drop_transaction(t);
}

static void auth_verdict(struct session *t, bool good)
{
	if (good)
		smtp_server_authenticated(&t->smtp);
	else
		answer_text(t, SLICE_LIT("535 5.7.8 Error: authentication failed: "
					 "wrong"));
}

static void on_auth(struct session *t, bool first)
{
	const struct smtp_server_data *ev = &t->smtp.ev;
	bool login = slice_is(slice_str(t->smtp.mechanism), "LOGIN");

	if (first && !login && !slice_is(ev->name, "PLAIN")) {
		answer_text(t, SLICE_LIT("535 5.7.8 Error: authentication failed: "
					 "Invalid authentication mechanism"));
	} else if (first && !ev->has_data) {
		t->user[0] = '\0';
		smtp_server_challenge(&t->smtp, login ? SLICE_LIT("Username:") : SLICE_LIT(""));
	} else if (!login) {
		auth_verdict(t, slice_eq(ev->data, slice_make("\0bob\0secret", 11)));
	} else if (t->user[0] == '\0') {
		snprintf(t->user, sizeof(t->user), "%.*s", SLICE_ARG(ev->data));
		smtp_server_challenge(&t->smtp, SLICE_LIT("Password:"));
	} else {
		auth_verdict(t, slice_is(slice_str(t->user), "bob") && slice_is(ev->data, "secret"));
	}
}

static void on_close(struct session *t, struct transcript_io *io)
{
	t->closed = true;
	buf_adds(io->side, "close ");
	smtp_server_counts(&t->smtp, io->side);
	buf_addc(io->side, '\n');
}

static void secure(struct session *t)
{
	buf_reset(&t->in);
	smtp_server_secured(&t->smtp);
}

static void on_event(struct session *t, enum smtp_event ev, struct transcript_io *io)
{
	const struct smtp_server_data *d = &t->smtp.ev;
	struct buf where;

	switch (ev) {
	case SMTP_EV_PAUSE:
		t->waits_for_clock = true;
		t->resume_ms = t->now_ms + d->pause_ms;
		break;
	case SMTP_EV_NOTE:
		if (slice_starts(d->note, SLICE_LIT("improper command pipelining")))
			break;
		buf_addf(io->side, "%s: %.*s\n", d->note_is_warning ? "warning" : "note",
			 SLICE_ARG(d->note));
		break;
	case SMTP_EV_REJECT:
		buf_init(&where, 100);
		smtp_server_where(&t->smtp, &where);
		buf_addf(io->side, "reject: %s: %.*s\n", buf_cstr(&where), SLICE_ARG(d->note));
		buf_done(&where);
		break;
	case SMTP_EV_CONNECT:
		answer_text(t, t->rules.connect);
		break;
	case SMTP_EV_HELO:
		answer_text(t, t->rules.helo);
		break;
	case SMTP_EV_MAIL:
		on_mail(t, io);
		break;
	case SMTP_EV_RCPT:
		on_rcpt(t, io);
		break;
	case SMTP_EV_OPEN:
		answer_text(t, t->rules.data);
		break;
	case SMTP_EV_CONTENT:
		buf_add(&t->message, buf_slice(&t->content));
		buf_reset(&t->content);
		break;
	case SMTP_EV_COMMIT:
		on_commit(t, io);
		break;
	case SMTP_EV_ABORT:
		buf_adds(io->side, "abort\n");
		drop_transaction(t);
		break;
	case SMTP_EV_AUTH:
	case SMTP_EV_AUTH_RESPONSE:
		on_auth(t, ev == SMTP_EV_AUTH);
		break;
	case SMTP_EV_AUTH_CANCEL:
		buf_adds(io->side, "auth canceled\n");
		break;
	case SMTP_EV_VRFY:
	case SMTP_EV_STARTTLS:
		answer_text(t, (struct slice){ 0 });
		break;
	case SMTP_EV_SECURE:
		secure(t);
		break;
	case SMTP_EV_CLOSE:
		on_close(t, io);
		break;
	case SMTP_EV_MORE:
	case SMTP_EV_NONE:
		break;
	}
}

static void run(struct session *t, struct transcript_io *io)
{
	enum smtp_event ev = SMTP_EV_NONE;

	while (ev != SMTP_EV_MORE && !t->closed && !t->waits_for_answer && !t->waits_for_clock) {
		struct slice in = buf_slice(&t->in);
		size_t had = in.n;

		ev = smtp_server_step(&t->smtp, &in, io->out, &t->content);
		buf_consume(&t->in, had - in.n);
		on_event(t, ev, io);
	}
}

static void *session_open(const struct transcript_conf *conf, size_t n, struct transcript_io *io)
{
	struct session *t = mem_new(1, sizeof(*t));
	bool ok = true;

	t->conf = (struct smtp_server_conf){
		.hostname = "mx.demo.test", .banner = "mx.demo.test ESMTP Postfix",
		.size_limit = 10240000, .line_max = SMTP_LINE_MAX, .recipient_limit = 1000,
		.recipient_overshoot_limit = 1000, .soft_errors = 10, .hard_errors = 20,
		.junk_limit = 100, .error_sleep_ms = 1000, .bare_lf_code = 550, .smtputf8 = true,
		.is_forbidden = is_forbidden, .is_noop = is_noop,
	};
	smtp_server_init(&t->smtp, &t->conf, "client.test[192.0.2.1]");
	t->smtp.features = ~0u;
	buf_init(&t->in, 1 << 24);
	buf_init(&t->content, CONTENT_MAX);
	buf_init(&t->message, 1 << 24);
	buf_init(&t->rcpts, 1 << 20);
	for (size_t i = 0; i < n; i++)
		ok = set_conf(t, &conf[i]) && ok;
	t->mechanisms = mem_dup(t->rules.mechanisms.p, t->rules.mechanisms.n);
	t->smtp.mechanisms = t->mechanisms;
	if (!ok)
		return NULL;
	run(t, io);
	return t;
}

static void session_input(void *self, struct slice bytes, struct transcript_io *io)
{
	struct session *t = self;

	t->silent_since_ms = t->now_ms;
	buf_add(&t->in, bytes);
	run(t, io);
}

static void session_eof(void *self, struct transcript_io *io)
{
	struct session *t = self;

	if (t->closed)
		return;
	buf_adds(io->side, "lost connection after ");
	smtp_server_where(&t->smtp, io->side);
	buf_addc(io->side, '\n');
	on_close(t, io);
}

static void session_tick(void *self, int64_t ms, struct transcript_io *io)
{
	struct session *t = self;

	t->now_ms += ms;
	if (t->closed)
		return;
	if (t->waits_for_clock && t->now_ms >= t->resume_ms) {
		t->waits_for_clock = false;
		run(t, io);
	} else if (t->now_ms - t->silent_since_ms >= TIMEOUT_MS) {
		buf_adds(io->side, "timeout after ");
		smtp_server_where(&t->smtp, io->side);
		buf_addc(io->side, '\n');
		smtp_server_timed_out(&t->smtp, io->out);
		on_close(t, io);
	}
}

static bool session_event(void *self, struct slice text, struct transcript_io *io)
{
	struct session *t = self;

	if (!slice_is(text, "answer") || !t->waits_for_answer)
		return false;
	t->waits_for_answer = false;
	answer_text(t, (struct slice){ 0 });
	run(t, io);
	return true;
}

static bool session_is_closed(void *self)
{
	return ((struct session *)self)->closed;
}

static void session_close(void *self)
{
	struct session *t = self;

	smtp_server_done(&t->smtp);
	buf_done(&t->in);
	buf_done(&t->content);
	buf_done(&t->message);
	buf_done(&t->rcpts);
	free(t->mechanisms);
	free(t);
}

static const struct transcript_ops ops = { session_open,  session_input,     session_eof,
					   session_tick,  session_event,     session_is_closed,
					   session_close };

int main(int argc, char **argv)
{
	return transcript_main("smtp", &ops, argc, argv);
}
