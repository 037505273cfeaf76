/* SPDX-License-Identifier: ISC */
#include "lib/pop3/prelogin.h"

#include <assert.h>

#include "lib/base/mem.h"
#include "lib/pop3/cmdline.h"

#define CLEARTEXT_REFUSED "Plaintext authentication disallowed on non-secure (SSL/TLS) connections."

#define TO(state) (1u << POP3_PRELOGIN_##state)
/* Which states may follow which. */
static const unsigned legal_moves[] = {
	[POP3_PRELOGIN_COMMAND] = TO(WAIT) | TO(STLS) | TO(OVER),
	[POP3_PRELOGIN_WAIT] = TO(SASL) | TO(COMMAND) | TO(OVER),
	[POP3_PRELOGIN_SASL] = TO(WAIT) | TO(COMMAND) | TO(OVER),
	[POP3_PRELOGIN_STLS] = TO(COMMAND) | TO(OVER),
	[POP3_PRELOGIN_OVER] = TO(OVER),
};
static_assert(sizeof(legal_moves) / sizeof(legal_moves[0]) == POP3_PRELOGIN_OVER + 1, "a row each");

/* The only way to change the state. */
static void set_state(struct pop3_prelogin *p, enum pop3_prelogin_state state)
{
	assert((legal_moves[p->state] & 1u << state) != 0);
	p->state = state;
}

void pop3_prelogin_init(struct pop3_prelogin *p, const struct pop3_prelogin_config *config)
{
	*p = (struct pop3_prelogin){ .config = config };
}

void pop3_prelogin_done(struct pop3_prelogin *p)
{
	mem_wipe(p->user, sizeof(p->user));
	p->user_n = 0;
	p->has_user = false;
	set_state(p, POP3_PRELOGIN_OVER);
}

void pop3_prelogin_greet(const struct pop3_prelogin *p, struct buf *out)
{
	const char *text = p->config->greeting;

	buf_addf(out, "+OK %s\r\n", text != NULL ? text : "Buzon ready.");
}

static void close_with(struct pop3_prelogin *p, struct buf *out, struct pop3_prelogin_event *ev,
		       const char *reply, const char *reason)
{
	buf_adds(out, reply);
	set_state(p, POP3_PRELOGIN_OVER);
	ev->what = POP3_PRELOGIN_CLOSE;
	ev->reason = reason;
}

/* A command that cannot be one; the peer that keeps sending them is not a mail client. */
static void bad_command(struct pop3_prelogin *p, struct buf *out, struct pop3_prelogin_event *ev)
{
	buf_adds(out, "-ERR Unknown command.\r\n");
	if (++p->bad >= POP3_PRELOGIN_BAD_MAX)
		close_with(p, out, ev, "-ERR Too many invalid bad commands.\r\n",
			   "Too many bad commands");
}

static bool is_offered(const struct pop3_prelogin_config *config, struct slice mech)
{
	struct slice list = slice_str(config->mechs), one;

	while (slice_token(&list, " ", &one))
		if (slice_ieq(one, mech))
			return true;
	return false;
}

static void do_capa(struct pop3_prelogin *p, struct slice arg, struct buf *out,
		    struct pop3_prelogin_event *ev)
{
	const struct pop3_prelogin_config *config = p->config;

	(void)arg;
	(void)ev;
	buf_adds(out, "+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\n"
		      "AUTH-RESP-CODE\r\n");
	if (config->tls_offered && !config->tls_active)
		buf_adds(out, "STLS\r\n");
	if (config->cleartext)
		buf_adds(out, "USER\r\n");
	if (config->mechs != NULL && config->mechs[0] != '\0')
		buf_addf(out, "SASL %s\r\n", config->mechs);
	buf_adds(out, ".\r\n");
}

static void do_user(struct pop3_prelogin *p, struct slice arg, struct buf *out,
		    struct pop3_prelogin_event *ev)
{
	(void)ev;
	if (!p->config->cleartext) {
		buf_adds(out, "-ERR [AUTH] " CLEARTEXT_REFUSED "\r\n");
		return;
	}
	p->has_user = false;
	if (arg.n > sizeof(p->user)) {
		buf_adds(out, "-ERR [AUTH] User name too long.\r\n");
		return;
	}
	if (arg.n > 0)
		memcpy(p->user, arg.p, arg.n);
	p->user_n = arg.n;
	p->has_user = true;
	buf_adds(out, "+OK\r\n");
}

static void do_pass(struct pop3_prelogin *p, struct slice arg, struct buf *out,
		    struct pop3_prelogin_event *ev)
{
	if (!p->config->cleartext) {
		buf_adds(out, "-ERR [AUTH] " CLEARTEXT_REFUSED "\r\n");
		return;
	}
	if (!p->has_user) {
		buf_adds(out, "-ERR No username given.\r\n");
		return;
	}
	p->has_user = false;
	ev->what = POP3_PRELOGIN_PASS;
	ev->user = slice_make(p->user, p->user_n);
	ev->pass = arg;
	set_state(p, POP3_PRELOGIN_WAIT);
}

/* AUTH alone is older than CAPA: the list of mechanisms (RFC 1734 clients use it). */
static void list_mechs(const struct pop3_prelogin_config *config, struct buf *out)
{
	struct slice list = slice_str(config->mechs), one;

	buf_adds(out, "+OK\r\n");
	while (slice_token(&list, " ", &one)) {
		buf_add(out, one);
		buf_adds(out, "\r\n");
	}
	buf_adds(out, ".\r\n");
}

static void do_auth(struct pop3_prelogin *p, struct slice arg, struct buf *out,
		    struct pop3_prelogin_event *ev)
{
	struct slice rest = arg, mech, response;

	if (!slice_token(&rest, " ", &mech)) {
		list_mechs(p->config, out);
		return;
	}
	if (!is_offered(p->config, mech)) {
		bool needs_tls = !p->config->cleartext &&
				 (slice_iis(mech, "PLAIN") || slice_iis(mech, "LOGIN"));

		buf_addf(out, "-ERR [AUTH] %s\r\n",
			 needs_tls ? CLEARTEXT_REFUSED : "Unsupported authentication mechanism.");
		return;
	}
	ev->what = POP3_PRELOGIN_AUTH;
	ev->mech = mech;
	response = slice_trim(rest);
	ev->has_response = response.n > 0;
	if (!slice_is(response, "="))
		ev->response = response;
	set_state(p, POP3_PRELOGIN_WAIT);
}

static void do_stls(struct pop3_prelogin *p, struct slice arg, struct buf *out,
		    struct pop3_prelogin_event *ev)
{
	(void)arg;
	if (p->config->tls_active) {
		buf_adds(out, "-ERR TLS is already active.\r\n");
		return;
	}
	if (!p->config->tls_offered) {
		buf_adds(out, "-ERR TLS support isn't enabled.\r\n");
		return;
	}
	buf_adds(out, "+OK Begin TLS negotiation now.\r\n");
	ev->what = POP3_PRELOGIN_START_TLS;
	set_state(p, POP3_PRELOGIN_STLS);
}

static void do_quit(struct pop3_prelogin *p, struct slice arg, struct buf *out,
		    struct pop3_prelogin_event *ev)
{
	(void)arg;
	close_with(p, out, ev, "+OK Logging out\r\n", "Aborted login by logging out");
}

static const struct {
	const char *verb;
	void (*run)(struct pop3_prelogin *p, struct slice arg, struct buf *out,
		    struct pop3_prelogin_event *ev);
} commands[] = {
	{ "CAPA", do_capa }, { "USER", do_user }, { "PASS", do_pass },
	{ "AUTH", do_auth }, { "STLS", do_stls }, { "QUIT", do_quit },
};

static void run_line(struct pop3_prelogin *p, struct slice line, struct buf *out,
		     struct pop3_prelogin_event *ev)
{
	struct pop3_cmdline cmd;

	if (pop3_cmdline_parse(line, &cmd) == RC_OK) {
		for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
			if (slice_iis(cmd.verb, commands[i].verb)) {
				commands[i].run(p, cmd.arg, out, ev);
				return;
			}
		}
	}
	bad_command(p, out, ev);
}

static void run_response(struct pop3_prelogin *p, struct slice line, struct buf *out,
			 struct pop3_prelogin_event *ev)
{
	if (slice_is(line, "*")) {
		buf_adds(out, "-ERR Authentication aborted by client.\r\n");
		ev->what = POP3_PRELOGIN_CANCEL;
		set_state(p, POP3_PRELOGIN_COMMAND);
		return;
	}
	ev->what = POP3_PRELOGIN_RESPONSE;
	ev->response = line;
	set_state(p, POP3_PRELOGIN_WAIT);
}

void pop3_prelogin_feed(struct pop3_prelogin *p, struct slice in, size_t *ret_used,
			struct buf *out, struct pop3_prelogin_event *ev)
{
	struct slice line;
	enum rc rc;

	*ret_used = 0;
	*ev = (struct pop3_prelogin_event){ .what = POP3_PRELOGIN_NOTHING };
	if (p->state != POP3_PRELOGIN_COMMAND && p->state != POP3_PRELOGIN_SASL)
		return;
	rc = pop3_cmdline_next(in, POP3_PRELOGIN_LINE_MAX, &line, ret_used);
	if (rc == RC_LIMIT)
		close_with(p, out, ev, "-ERR Input buffer full, aborting\r\n",
			   "Input buffer full");
	if (rc != RC_OK)
		return;
	if (p->state == POP3_PRELOGIN_SASL)
		run_response(p, line, out, ev);
	else
		run_line(p, line, out, ev);
}

void pop3_prelogin_challenge(struct pop3_prelogin *p, struct slice challenge, struct buf *out)
{
	buf_adds(out, "+ ");
	buf_add(out, challenge);
	buf_adds(out, "\r\n");
	set_state(p, POP3_PRELOGIN_SASL);
}

void pop3_prelogin_failed(struct pop3_prelogin *p, enum pop3_prelogin_fail why, const char *text,
			  struct buf *out)
{
	static const struct {
		const char *code, *text;
	} replies[] = {
		[POP3_FAIL_AUTH] = { "AUTH", "Authentication failed." },
		[POP3_FAIL_TEMP] = { "SYS/TEMP", "Temporary authentication failure." },
		[POP3_FAIL_LIMIT] = { "IN-USE", "Too many connections of this user." },
		[POP3_FAIL_MECH] = { "AUTH", "Unsupported authentication mechanism." },
		[POP3_FAIL_BASE64] = { "AUTH", "Invalid base64 in response" },
	};

	buf_addf(out, "-ERR [%s] %s\r\n", replies[why].code,
		 text != NULL ? text : replies[why].text);
	if (why == POP3_FAIL_BASE64)
		p->bad++;
	set_state(p, POP3_PRELOGIN_COMMAND);
}

void pop3_prelogin_logged_in(struct pop3_prelogin *p)
{
	set_state(p, POP3_PRELOGIN_OVER);
}

void pop3_prelogin_secured(struct pop3_prelogin *p, const struct pop3_prelogin_config *config)
{
	p->config = config;
	p->has_user = false;
	mem_wipe(p->user, sizeof(p->user));
	set_state(p, POP3_PRELOGIN_COMMAND);
}
