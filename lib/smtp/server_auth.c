/* AUTH. (RFC 4954) The engine knows nothing of mechanisms: it carries their messages. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/smtp/cmdline.h"
#include "lib/smtp/server_int.h"

bool smtp_check_auth(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	(void)arg;
	if (s->conf->helo_required && s->helo[0] == '\0')
		smtp_reply_set(why, 503, "5.5.1", "Error: send HELO/EHLO first");
	else if (s->mechanisms == NULL || s->mechanisms[0] == '\0' ||
		 (s->features & SMTP_AUTH) == 0)
		smtp_reply_set(why, 503, "5.5.1", "Error: authentication not enabled");
	else if (s->in_transaction)
		smtp_reply_set(why, 503, "5.5.1", "Error: MAIL transaction in progress");
	else if (s->authenticated)
		smtp_reply_set(why, 503, "5.5.1", "Error: already authenticated");
	else
		return true;
	return false;
}

/* False: the client's base64 is none, and was told so. */
static bool decode(struct smtp_server *s, struct slice text, const char *what, struct buf *out)
{
	size_t room, n;
	char *p;

	buf_wipe(&s->decoded);
	p = buf_reserve(&s->decoded, text.n + 1, &room);
	if (base64_decode(text, p, room, &n) == RC_OK) {
		buf_commit(&s->decoded, n);
		s->ev.data = buf_slice(&s->decoded);
		return true;
	}
	smtp_note(s, true,
		  "%s: SASL %s authentication failed: Invalid base64 data in %s, "
		  "sasl_username=(unavailable)", s->client, s->mechanism, what);
	smtp_say(s, out, 535, "5.7.8",
		 "Error: authentication failed: Invalid base64 data in %s", what);
	return false;
}

void smtp_run_auth(struct smtp_server *s, struct slice arg, struct buf *out)
{
	struct slice rest = arg, mechanism = { 0 }, initial = { 0 };
	bool bad = smtp_cmdline_word(&rest, &mechanism) != RC_OK;

	s->ev.has_data = smtp_cmdline_word(&rest, &initial) == RC_OK;
	if (bad || slice_trim(rest).n > 0 || mechanism.n > SMTP_MECHANISM_MAX) {
		smtp_say(s, out, 501, "5.5.4", "Syntax: AUTH mechanism");
		return;
	}
	snprintf(s->mechanism, sizeof(s->mechanism), "%.*s", SLICE_ARG(mechanism));
	for (char *p = s->mechanism; *p != '\0'; p++)
		*p = char_upper(*p);
	if (slice_is(initial, "="))
		initial.n = 0;
	if (!decode(s, initial, "initial response", out))
		return;
	s->ev.name = slice_str(s->mechanism);
	smtp_ask(s, SMTP_EV_AUTH);
}

/* The challenge waits in the buffer that the client's data was in. */
void smtp_server_challenge(struct smtp_server *s, struct slice data)
{
	struct smtp_reply r = { .code = 334 };

	buf_wipe(&s->decoded);
	base64_encode(data, &s->decoded);
	smtp_server_answer(s, &r);
}

void smtp_server_authenticated(struct smtp_server *s)
{
	struct smtp_reply r = { 0 };

	s->authenticated = true;
	smtp_reply_set(&r, 235, "2.7.0", "Authentication successful");
	smtp_server_answer(s, &r);
}

void smtp_after_auth(struct smtp_server *s, struct buf *out)
{
	if (s->reply.code == 334) {
		struct buf *to = smtp_out(s, out);

		smtp_set_state(s, SMTP_AUTH_LINE);
		buf_adds(to, "334 ");
		buf_add(to, buf_slice(&s->decoded));
		buf_adds(to, "\r\n");
		return;
	}
	buf_wipe(&s->decoded);
	smtp_set_state(s, SMTP_COMMAND);
	smtp_end(s, out, &s->reply);
}

void smtp_auth_line(struct smtp_server *s, struct slice line, struct buf *out)
{
	if (slice_is(line, "*")) {
		smtp_set_state(s, SMTP_COMMAND);
		smtp_note(s, true, "%s: SASL %s authentication aborted", s->client, s->mechanism);
		smtp_say(s, out, 501, "5.7.0", "Authentication aborted");
		s->cancel_due = true;
	} else if (decode(s, line, "continued response", out)) {
		s->ev.has_data = true;
		smtp_ask(s, SMTP_EV_AUTH_RESPONSE);
	} else {
		smtp_set_state(s, SMTP_COMMAND);
		s->cancel_due = true;
	}
}
