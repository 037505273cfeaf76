/* The commands of the server engine but DATA, BDAT and AUTH. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "lib/smtp/cmdline.h"
#include "lib/smtp/server_int.h"

static const struct feature {
	const char *name;
	unsigned bit;
} features[] = {
	/* in the order of Postfix's EHLO reply */
	{ "PIPELINING", SMTP_PIPELINING }, { "SIZE", SMTP_SIZE },
	{ "VRFY", SMTP_VRFY },		   { "STARTTLS", SMTP_STARTTLS },
	{ "AUTH", SMTP_AUTH },		   { "ENHANCEDSTATUSCODES", SMTP_ENHANCEDSTATUSCODES },
	{ "8BITMIME", SMTP_8BITMIME },	   { "DSN", SMTP_DSN },
	{ "SMTPUTF8", SMTP_SMTPUTF8 },	   { "CHUNKING", SMTP_CHUNKING },
};
enum { N_FEATURES = sizeof(features) / sizeof(features[0]) };

unsigned smtp_feature_by_name(struct slice name)
{
	for (size_t i = 0; i < N_FEATURES; i++)
		if (slice_iis(name, features[i].name))
			return features[i].bit;
	return 0;
}

/* False, with *WHY set: the usual way out of a check. */
#define REFUSE(why, ...) (smtp_reply_set(why, __VA_ARGS__), false)

static bool no_check(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	(void)s;
	(void)arg;
	(void)why;
	return true;
}

static bool needs_helo(const struct smtp_server *s, struct smtp_reply *why)
{
	if (s->conf->helo_required && s->helo[0] == '\0')
		return REFUSE(why, 503, "5.5.1", "Error: send HELO/EHLO first");
	return true;
}

/* --- connection, HELO, EHLO --- */

void smtp_after_connect(struct smtp_server *s, struct buf *out)
{
	smtp_set_state(s, SMTP_COMMAND);
	if (s->reply.code == 0) {
		smtp_reply_set(&s->reply, 220, "", "%s", s->conf->banner);
		smtp_end(s, out, &s->reply);
		return;
	}
	s->denied = true;
	smtp_end(s, out, &s->reply);
	s->errors = 0;
}

static bool check_helo(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	if (arg.n == 0)
		return REFUSE(why, 501, "", "Syntax: %s hostname", smtp_commands[s->verb].name);
	return true;
}

static void run_helo(struct smtp_server *s, struct slice arg, struct buf *out)
{
	(void)out;
	/* Kept now: whoever judges it, and the log of the judgement, need it. */
	snprintf(s->helo, sizeof(s->helo), "%.*s", SLICE_ARG(slice_sub(arg, 0, SMTP_HELO_MAX)));
	for (char *p = s->helo; *p != '\0'; p++)
		if (char_is_cntrl(*p))
			*p = '?';
	s->ev.name = slice_str(s->helo);
	s->extended = s->verb == SMTP_V_EHLO;
	s->ev.is_extended = s->extended;
	smtp_ask(s, SMTP_EV_HELO);
}

static bool offers(const struct smtp_server *s, const struct feature *f)
{
	if ((s->features & f->bit) == 0)
		return false;
	if (f->bit == SMTP_STARTTLS)
		return !s->secure;
	if (f->bit == SMTP_AUTH)
		return s->mechanisms != NULL && s->mechanisms[0] != '\0';
	if (f->bit == SMTP_VRFY)
		return !s->conf->vrfy_disabled;
	return true;
}

static void print_feature(const struct smtp_server *s, const struct feature *f, struct buf *b)
{
	buf_addf(b, "\n%s", f->name);
	if (f->bit == SMTP_SIZE && s->conf->size_limit > 0)
		buf_addf(b, " %lld", (long long)s->conf->size_limit);
	if (f->bit == SMTP_AUTH) {
		buf_addf(b, " %s", s->mechanisms);
		if (s->conf->broken_auth_clients)
			buf_addf(b, "\nAUTH=%s", s->mechanisms);
	}
}

void smtp_after_helo(struct smtp_server *s, struct buf *out)
{
	struct buf b;

	smtp_set_state(s, SMTP_COMMAND);
	if (s->reply.code != 0) {
		s->helo[0] = '\0';
		s->extended = false;
		smtp_end(s, out, &s->reply);
		return;
	}
	smtp_reset(s, true);
	buf_init(&b, SMTP_REPLY_TEXT_MAX);
	buf_adds(&b, s->conf->hostname);
	for (size_t i = 0; i < N_FEATURES && s->extended; i++)
		if (offers(s, &features[i]))
			print_feature(s, &features[i], &b);
	smtp_say(s, out, 250, "", "%s", buf_cstr(&b));
	buf_done(&b);
}

/* --- MAIL, RCPT, VRFY --- */

/* Parse WORD into s->ev.address. False: it is no address, or one that needs SMTPUTF8. */
static bool parse_path(struct smtp_server *s, struct slice word, bool may_be_empty, bool utf8)
{
	struct smtp_path path;

	buf_reset(&s->address);
	if (smtp_path_parse(word, &s->address, &path))
		return false;
	if ((path.is_empty && !may_be_empty) || (path.has_8bit_domain && !utf8))
		return false;
	if (s->conf->strict_envelopes && !path.is_bracketed)
		return false;
	buf_reset(&s->given);
	buf_add(&s->given, word);
	s->ev.address = buf_slice(&s->address);
	s->ev.given = buf_slice(&s->given);
	return true;
}

static void bad_address(struct smtp_server *s, struct slice word, struct buf *out)
{
	bool is_sender = s->verb == SMTP_V_MAIL;

	smtp_note(s, true, "Illegal address syntax from %s in %s command: %.*s", s->client,
		  smtp_commands[s->verb].name, SLICE_ARG(slice_sub(word, 0, 200)));
	smtp_say(s, out, 501, is_sender ? "5.1.7" : "5.1.3", "Bad %s address syntax",
		 is_sender ? "sender" : "recipient");
}

static void bad_param(struct smtp_server *s, enum smtp_param_fault fault, struct slice word,
		      struct buf *out)
{
	static const struct { unsigned code; const char *dsn, *text; } replies[] = {
		[SMTP_PARAM_BAD_SIZE] = { 501, "5.5.4", "Bad message size syntax" },
		[SMTP_PARAM_HUGE_SIZE] = { 552, "5.3.4",
					   "Message size exceeds file system imposed limit" },
		[SMTP_PARAM_BAD_RET] = { 501, "5.5.4", "Bad RET parameter syntax" },
		[SMTP_PARAM_BAD_ENVID] = { 501, "5.5.4", "Bad ENVID parameter syntax" },
		[SMTP_PARAM_BAD_AUTH] = { 501, "5.5.4", "Bad AUTH parameter syntax" },
		[SMTP_PARAM_BAD_NOTIFY] = { 501, "5.5.4", "Error: Bad NOTIFY parameter syntax" },
		[SMTP_PARAM_BAD_ORCPT] = { 501, "5.5.4", "Error: Bad ORCPT parameter syntax" },
	};

	if (fault == SMTP_PARAM_UNSUPPORTED)
		smtp_say(s, out, 555, "5.5.4", "Unsupported option: %.*s",
			 SLICE_ARG(slice_sub(word, 0, 200)));
	else
		smtp_say(s, out, replies[fault].code, replies[fault].dsn, "%s",
			 replies[fault].text);
}

/* ARG is "KEYWORD <path> ..."? Then *RET is what follows the keyword. */
static bool after_keyword(struct slice arg, const char *keyword, struct slice *ret)
{
	if (!slice_istarts(arg, slice_str(keyword)))
		return false;
	*ret = slice_trim_space(slice_skip(arg, strlen(keyword)));
	return ret->n > 0;
}

static bool check_mail(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	struct slice rest;

	if (!needs_helo(s, why))
		return false;
	if (s->in_transaction)
		return REFUSE(why, 503, "5.5.1", "Error: nested MAIL command");
	if (s->bdat != SMTP_BDAT_NONE)
		return REFUSE(why, 503, "5.5.1", "Error: MAIL after BDAT");
	if (!after_keyword(arg, "FROM:", &rest))
		return REFUSE(why, 501, "5.5.4", "Syntax: MAIL FROM:<address>");
	return true;
}

static void run_mail(struct smtp_server *s, struct slice arg, struct buf *out)
{
	struct slice word = { 0 }, rest = { 0 }, bad = { 0 };
	enum smtp_param_fault fault;
	enum rc rc;

	after_keyword(arg, "FROM:", &rest);
	rc = smtp_cmdline_word(&rest, &word);
	fault = smtp_mail_params_parse(rest, s->features, &s->mail, &bad);
	if (rc || !parse_path(s, word, true, s->mail.smtputf8)) {
		bad_address(s, word, out);
		return;
	}
	if (fault != SMTP_PARAM_OK) {
		bad_param(s, fault, bad, out);
		return;
	}
	s->ev.mail = &s->mail;
	smtp_ask(s, SMTP_EV_MAIL);
}

void smtp_after_mail(struct smtp_server *s, struct buf *out)
{
	smtp_set_state(s, SMTP_COMMAND);
	if (s->reply.code == 0) {
		s->in_transaction = true;
		smtp_reply_set(&s->reply, 250, "2.1.0", "Ok");
	}
	smtp_end(s, out, &s->reply);
}

static bool check_rcpt(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	struct slice rest;

	if (!s->in_transaction)
		return REFUSE(why, 503, "5.5.1", "Error: need MAIL command");
	if (s->bdat != SMTP_BDAT_NONE)
		return REFUSE(why, 503, "5.5.1", "Error: RCPT after BDAT");
	if (!after_keyword(arg, "TO:", &rest))
		return REFUSE(why, 501, "5.5.4", "Syntax: RCPT TO:<address>");
	return true;
}

/* Recipients beyond the limit: some are refused at no cost, as clients with long lists do not
 * know the limit; the rest are errors. */
static void too_many_recipients(struct smtp_server *s, struct buf *out)
{
	smtp_say(s, out, 452, "4.5.3", "Error: too many recipients");
	if (s->overshoot++ < s->conf->recipient_overshoot_limit) {
		s->errors--;
		s->count[SMTP_V_RCPT].good++;
	}
}

static void run_rcpt(struct smtp_server *s, struct slice arg, struct buf *out)
{
	struct slice word = { 0 }, rest = { 0 }, bad = { 0 };
	enum smtp_param_fault fault;

	after_keyword(arg, "TO:", &rest);
	if (smtp_cmdline_word(&rest, &word) || !parse_path(s, word, false, s->mail.smtputf8)) {
		bad_address(s, word, out);
		return;
	}
	fault = smtp_rcpt_params_parse(rest, s->features, &s->rcpt, &bad);
	if (fault != SMTP_PARAM_OK) {
		bad_param(s, fault, bad, out);
		return;
	}
	if (s->conf->recipient_limit > 0 && s->rcpt_count >= s->conf->recipient_limit) {
		too_many_recipients(s, out);
		return;
	}
	s->ev.rcpt = &s->rcpt;
	smtp_ask(s, SMTP_EV_RCPT);
}

void smtp_after_rcpt(struct smtp_server *s, struct buf *out)
{
	smtp_set_state(s, SMTP_COMMAND);
	if (s->reply.code == 0) {
		s->rcpt_count++;
		smtp_reply_set(&s->reply, 250, "2.1.5", "Ok");
	}
	smtp_end(s, out, &s->reply);
}

static bool check_vrfy(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	if (s->conf->vrfy_disabled)
		return REFUSE(why, 502, "5.5.1", "VRFY command is disabled");
	if (s->bdat != SMTP_BDAT_NONE)
		return REFUSE(why, 503, "5.5.1", "Error: VRFY after BDAT");
	if (arg.n == 0)
		return REFUSE(why, 501, "5.5.4", "Syntax: VRFY address%s",
			      (s->features & SMTP_SMTPUTF8) != 0 ? " [SMTPUTF8]" : "");
	return true;
}

static void run_vrfy(struct smtp_server *s, struct slice arg, struct buf *out)
{
	struct slice rest = arg, word = { 0 };
	bool bad = smtp_cmdline_word(&rest, &word) != RC_OK;
	bool utf8 = slice_iis(slice_trim(rest), "SMTPUTF8") && (s->features & SMTP_SMTPUTF8) != 0;

	if (bad || (!utf8 && slice_trim(rest).n > 0) || !parse_path(s, word, false, utf8)) {
		bad_address(s, arg, out);
		return;
	}
	smtp_ask(s, SMTP_EV_VRFY);
}

void smtp_after_vrfy(struct smtp_server *s, struct buf *out)
{
	smtp_set_state(s, SMTP_COMMAND);
	if (s->reply.code == 0)
		smtp_reply_set(&s->reply, 252, "2.0.0", "%.*s",
			       SLICE_ARG(slice_sub(s->ev.given, 0, SMTP_REPLY_LINE_MAX)));
	smtp_end(s, out, &s->reply);
}

/* --- STARTTLS, RSET, NOOP, HELP, QUIT --- */

static bool check_starttls(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	if (arg.n > 0)
		return REFUSE(why, 501, "5.5.4", "Syntax: STARTTLS");
	if (s->bdat != SMTP_BDAT_NONE)
		return REFUSE(why, 503, "5.5.1", "Error: STARTTLS after BDAT");
	if (s->secure)
		return REFUSE(why, 554, "5.5.1", "Error: TLS already active");
	if ((s->features & SMTP_STARTTLS) == 0)
		return REFUSE(why, 502, "5.5.1", "Error: command not implemented");
	return true;
}

static void run_starttls(struct smtp_server *s, struct slice arg, struct buf *out)
{
	(void)arg;
	(void)out;
	smtp_ask(s, SMTP_EV_STARTTLS);
}

void smtp_after_starttls(struct smtp_server *s, struct buf *out)
{
	if (s->reply.code != 0) {
		smtp_set_state(s, SMTP_COMMAND);
		smtp_end(s, out, &s->reply);
		return;
	}
	/* Counted as done when the handshake is. */
	smtp_set_state(s, SMTP_SECURING);
	smtp_reply_set(&s->reply, 220, "2.0.0", "Ready to start TLS");
	smtp_reply_print(&s->reply, smtp_out(s, out));
}

static bool check_rset(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	(void)s;
	return arg.n == 0 || REFUSE(why, 501, "5.5.4", "Syntax: RSET");
}

static void run_rset(struct smtp_server *s, struct slice arg, struct buf *out)
{
	(void)arg;
	smtp_reset(s, true);
	smtp_say(s, out, 250, "2.0.0", "Ok");
}

static void run_noop(struct smtp_server *s, struct slice arg, struct buf *out)
{
	(void)arg;
	smtp_say(s, out, 250, "2.0.0", "Ok");
}

static void run_help(struct smtp_server *s, struct slice arg, struct buf *out)
{
	struct buf b;

	(void)arg;
	buf_init(&b, SMTP_REPLY_LINE_MAX);
	for (int v = 0; v < SMTP_V_UNKNOWN; v++)
		buf_addf(&b, " %s", smtp_commands[v].name);
	smtp_say(s, out, 214, "2.0.0", "Commands:%s", buf_cstr(&b));
	buf_done(&b);
}

static void run_quit(struct smtp_server *s, struct slice arg, struct buf *out)
{
	(void)arg;
	smtp_say(s, out, 221, "2.0.0", "Bye");
	s->must_close = true;
}

const struct smtp_command smtp_commands[SMTP_VERBS] = {
	[SMTP_V_HELO] = { "HELO", CMD_LIMIT | CMD_PRE_TLS | CMD_LAST, check_helo, run_helo },
	[SMTP_V_EHLO] = { "EHLO", CMD_LIMIT | CMD_PRE_TLS | CMD_LAST, check_helo, run_helo },
	[SMTP_V_STARTTLS] = { "STARTTLS", CMD_PRE_TLS, check_starttls, run_starttls },
	[SMTP_V_AUTH] = { "AUTH", 0, smtp_check_auth, smtp_run_auth },
	[SMTP_V_MAIL] = { "MAIL", 0, check_mail, run_mail },
	[SMTP_V_RCPT] = { "RCPT", 0, check_rcpt, run_rcpt },
	[SMTP_V_DATA] = { "DATA", CMD_LAST, smtp_check_data, smtp_run_data },
	[SMTP_V_BDAT] = { "BDAT", 0, no_check, smtp_run_bdat },
	[SMTP_V_RSET] = { "RSET", CMD_LIMIT, check_rset, run_rset },
	[SMTP_V_NOOP] = { "NOOP", CMD_LIMIT | CMD_PRE_TLS | CMD_LAST, no_check, run_noop },
	[SMTP_V_VRFY] = { "VRFY", CMD_LIMIT | CMD_LAST, check_vrfy, run_vrfy },
	[SMTP_V_HELP] = { "HELP", CMD_LIMIT | CMD_PRE_TLS, no_check, run_help },
	[SMTP_V_QUIT] = { "QUIT", CMD_PRE_TLS, no_check, run_quit },
	[SMTP_V_UNKNOWN] = { "UNKNOWN", 0, no_check, run_noop },
};
