/* SPDX-License-Identifier: ISC */
#include "lib/imap/prelogin.h"

#include <assert.h>

#include "lib/base/base64.h"
#include "lib/imap/id.h"

/* A single command adds less than OUT_MAX - OUT_HIGH to out. */
enum { OUT_MAX = 65536, OUT_HIGH = 16384, SECRET_MAX = 16384 };

static const struct { const char *code, *text; } failures[] = {
	[IMAP_PRE_FAIL_CREDENTIALS] = { "AUTHENTICATIONFAILED", "Authentication failed." },
	[IMAP_PRE_FAIL_TEMPORARY] = { "UNAVAILABLE", "Temporary authentication failure." },
	[IMAP_PRE_FAIL_AUTHORIZATION] = { "AUTHORIZATIONFAILED", "Authorization failed." },
	[IMAP_PRE_FAIL_EXPIRED] = { "EXPIRED", "Password expired." },
	[IMAP_PRE_FAIL_DISABLED] = { "CONTACTADMIN", "Login disabled for this user" },
	[IMAP_PRE_FAIL_PLAINTEXT] = { "PRIVACYREQUIRED", "Plaintext authentication disallowed on "
				      "non-secure (SSL/TLS) connections." },
	[IMAP_PRE_FAIL_MECHANISM] = { "CANNOT", "Unsupported authentication mechanism." },
	[IMAP_PRE_FAIL_LIMIT] = { "LIMIT", "Too many connections of this user." },
};
static_assert(sizeof(failures) / sizeof(failures[0]) == IMAP_PRE_FAIL_COUNT, "a text each");

#define TO(state) (1u << IMAP_PRE_##state)
/* Which states may follow which. */
static const unsigned legal_moves[] = {
	[IMAP_PRE_COMMAND] = TO(BUSY) | TO(SECURING) | TO(CLOSED),
	[IMAP_PRE_BUSY] = TO(COMMAND) | TO(ANSWER) | TO(CLOSED),
	[IMAP_PRE_ANSWER] = TO(BUSY) | TO(COMMAND) | TO(CLOSED),
	[IMAP_PRE_SECURING] = TO(COMMAND) | TO(CLOSED),
	[IMAP_PRE_CLOSED] = TO(CLOSED),
};
static_assert(sizeof(legal_moves) / sizeof(legal_moves[0]) == IMAP_PRE_CLOSED + 1, "a row each");

/* The only way to change the state. */
static void set_state(struct imap_prelogin *p, enum imap_pre_state state)
{
	assert((legal_moves[p->state] & 1u << state) != 0);
	p->state = state;
}

void imap_prelogin_init(struct imap_prelogin *p, const struct imap_prelogin_conf *conf)
{
	*p = (struct imap_prelogin){ .conf = *conf, .state = IMAP_PRE_COMMAND };
	imap_parser_init(&p->parser, &imap_limits_prelogin);
	buf_init(&p->out, OUT_MAX);
	buf_init(&p->secret, SECRET_MAX);
	buf_addf(&p->out, "* OK [CAPABILITY %.*s] %.*s\r\n", SLICE_ARG(conf->capability),
		 SLICE_ARG(conf->greeting));
}

static void forget_secret(struct imap_prelogin *p)
{
	buf_wipe(&p->secret);
	p->mech = p->response = (struct slice){ NULL, 0 };
}

void imap_prelogin_done(struct imap_prelogin *p)
{
	forget_secret(p);
	buf_done(&p->secret);
	buf_done(&p->out);
	imap_parser_done(&p->parser);
	set_state(p, IMAP_PRE_CLOSED);
}

void imap_prelogin_bye(struct imap_prelogin *p, struct slice text)
{
	buf_addf(&p->out, "* BYE %.*s\r\n", SLICE_ARG(text));
	set_state(p, IMAP_PRE_CLOSED);
}

static enum imap_pre_event reply(struct imap_prelogin *p, struct slice tag, const char *text)
{
	if (tag.n == 0)
		tag = SLICE_LIT("*");
	buf_addf(&p->out, "%.*s %s\r\n", SLICE_ARG(tag), text);
	return IMAP_PRE_MORE;
}

static enum imap_pre_event bad(struct imap_prelogin *p, struct slice tag, const char *text)
{
	buf_addf(&p->out, "%.*s BAD %s.\r\n", SLICE_ARG(tag.n > 0 ? tag : SLICE_LIT("*")), text);
	if (++p->n_bad < IMAP_PRE_BAD_MAX)
		return IMAP_PRE_MORE;
	imap_prelogin_bye(p, SLICE_LIT("Too many invalid IMAP commands."));
	return IMAP_PRE_CLOSE;
}

static void keep_tag(struct imap_prelogin *p, struct slice tag)
{
	(void)slice_to_cstr(tag, p->tag, sizeof(p->tag));	/* the parser limits it to fit */
	set_state(p, IMAP_PRE_BUSY);
}

static enum imap_pre_event cmd_capability(struct imap_prelogin *p, struct slice tag,
					  struct imap_args args)
{
	if (!imap_args_is_empty(args))
		return bad(p, tag, "CAPABILITY takes no arguments");
	p->asked_capability = true;
	buf_addf(&p->out, "* CAPABILITY %.*s\r\n", SLICE_ARG(p->conf.capability));
	return reply(p, tag, "OK Pre-login capabilities listed, post-login capabilities have more.");
}

static enum imap_pre_event cmd_noop(struct imap_prelogin *p, struct slice tag,
				    struct imap_args args)
{
	(void)args;
	return reply(p, tag, "OK NOOP completed.");
}

static enum imap_pre_event cmd_logout(struct imap_prelogin *p, struct slice tag,
				      struct imap_args args)
{
	(void)args;
	buf_adds(&p->out, "* BYE Logging out\r\n");
	(void)reply(p, tag, "OK Logout completed.");
	p->said_logout = true;
	set_state(p, IMAP_PRE_CLOSED);
	return IMAP_PRE_CLOSE;
}

static enum imap_pre_event cmd_id(struct imap_prelogin *p, struct slice tag,
				  struct imap_args args)
{
	if (!imap_id_is_valid(args))
		return bad(p, tag, "Invalid ID parameter list");
	buf_addf(&p->out, "* ID %.*s\r\n", SLICE_ARG(p->conf.id));
	return reply(p, tag, "OK ID completed.");
}

static enum imap_pre_event cmd_starttls(struct imap_prelogin *p, struct slice tag,
					struct imap_args args)
{
	if (!imap_args_is_empty(args))
		return bad(p, tag, "STARTTLS takes no arguments");
	if (p->conf.tls == IMAP_PRE_TLS_ACTIVE)
		return bad(p, tag, "TLS is already active");
	if (p->conf.tls == IMAP_PRE_TLS_NONE)
		return bad(p, tag, "TLS support isn't enabled");
	(void)reply(p, tag, "OK Begin TLS negotiation now.");
	set_state(p, IMAP_PRE_SECURING);
	return IMAP_PRE_STARTTLS;
}

static enum imap_pre_event cmd_login(struct imap_prelogin *p, struct slice tag,
				     struct imap_args args)
{
	struct slice user, password;

	if (!imap_args_astring(&args, &user) || !imap_args_astring(&args, &password) ||
	    !imap_args_is_empty(args))
		return bad(p, tag, "LOGIN takes a user name and a password");
	keep_tag(p, tag);
	p->is_login = true;
	if (p->conf.login_disabled) {
		buf_adds(&p->out, "* BAD [ALERT] Plaintext authentication not allowed without "
			 "SSL/TLS, but your client did it anyway. If anyone was listening, the "
			 "password was exposed.\r\n");
		imap_prelogin_fail(p, IMAP_PRE_FAIL_PLAINTEXT, (struct slice){ NULL, 0 });
		return IMAP_PRE_MORE;
	}
	buf_addc(&p->secret, '\0');
	buf_add(&p->secret, user);
	buf_addc(&p->secret, '\0');
	buf_add(&p->secret, password);
	p->mech = SLICE_LIT("PLAIN");
	p->response = buf_slice(&p->secret);
	return IMAP_PRE_AUTH;
}

/* Decode TEXT into secret from offset AT on; response becomes the result. */
static bool decode_response(struct imap_prelogin *p, struct slice text)
{
	size_t room, n;
	char *dst = buf_reserve(&p->secret, text.n, &room);

	if (base64_decode(text, dst, room, &n) != RC_OK || n > IMAP_PRE_RESPONSE_MAX)
		return false;
	buf_commit(&p->secret, n);
	p->response = slice_make(dst, n);
	return true;
}

static enum imap_pre_event cmd_authenticate(struct imap_prelogin *p, struct slice tag,
					    struct imap_args args)
{
	struct slice mech, initial = { NULL, 0 };
	bool has_initial;

	if (!imap_args_atom(&args, &mech))
		return bad(p, tag, "AUTHENTICATE takes a mechanism and perhaps an initial response");
	has_initial = imap_args_astring(&args, &initial);
	if (!imap_args_is_empty(args))
		return bad(p, tag, "AUTHENTICATE takes a mechanism and perhaps an initial response");
	buf_add(&p->secret, mech);
	p->response = (struct slice){ NULL, 0 };
	if (has_initial && slice_is(initial, "="))	/* an empty one (RFC 4959, 3) */
		initial.n = 0;
	if (has_initial && !decode_response(p, initial)) {
		forget_secret(p);
		return bad(p, tag, "Invalid base64 data in initial response");
	}
	p->mech = slice_sub(buf_slice(&p->secret), 0, mech.n);
	keep_tag(p, tag);
	p->is_login = false;
	return IMAP_PRE_AUTH;
}

static const struct {
	const char *name;
	enum imap_pre_event (*run)(struct imap_prelogin *p, struct slice tag,
				   struct imap_args args);
} commands[] = {
	{ "LOGIN", cmd_login }, { "AUTHENTICATE", cmd_authenticate },
	{ "STARTTLS", cmd_starttls }, { "CAPABILITY", cmd_capability }, { "ID", cmd_id },
	{ "NOOP", cmd_noop }, { "LOGOUT", cmd_logout },
};

static enum imap_pre_event on_command(struct imap_prelogin *p)
{
	struct imap_args args = imap_parser_args(&p->parser);
	struct slice tag = imap_parser_tag(&p->parser), verb;

	if (imap_args_is_empty(args))
		return IMAP_PRE_MORE;	/* an empty line: some clients send one behind a literal */
	(void)imap_args_next(&args);
	if (tag.n == 0)
		return bad(p, tag, "Invalid or missing tag");
	if (!imap_args_atom(&args, &verb))
		return bad(p, tag, "Missing command");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (slice_iis(verb, commands[i].name))
			return commands[i].run(p, tag, args);
	return bad(p, tag, "Unknown command, or one that needs a login first");
}

static enum imap_pre_event on_response(struct imap_prelogin *p, struct slice line)
{
	set_state(p, IMAP_PRE_BUSY);
	if (slice_is(line, "*")) {
		set_state(p, IMAP_PRE_COMMAND);
		(void)reply(p, imap_prelogin_tag(p), "BAD Authentication aborted by client.");
		return IMAP_PRE_CANCEL;
	}
	if (decode_response(p, line))
		return IMAP_PRE_RESPONSE;
	set_state(p, IMAP_PRE_COMMAND);
	forget_secret(p);
	if (bad(p, imap_prelogin_tag(p), "Invalid base64 data in continued response") ==
	    IMAP_PRE_CLOSE)
		return IMAP_PRE_CLOSE;
	return IMAP_PRE_CANCEL;
}

static enum imap_pre_event on_literal(struct imap_prelogin *p)
{
	if (imap_parser_accept(&p->parser) != RC_OK)
		imap_parser_refuse(&p->parser, "Too large literal");
	else if (p->parser.lit_sync)
		buf_adds(&p->out, "+ OK\r\n");
	return IMAP_PRE_MORE;
}

static enum imap_pre_event on_error(struct imap_prelogin *p)
{
	bool in_exchange = p->state == IMAP_PRE_ANSWER;
	struct slice tag = in_exchange ? imap_prelogin_tag(p) : imap_parser_tag(&p->parser);
	enum imap_pre_event ev = bad(p, tag, p->parser.error);

	if (ev == IMAP_PRE_CLOSE || !in_exchange)
		return ev;
	set_state(p, IMAP_PRE_COMMAND);
	return IMAP_PRE_CANCEL;
}

/* One event of the parser turned into one of ours. */
static enum imap_pre_event step(struct imap_prelogin *p, enum imap_event ev)
{
	enum imap_pre_event ret;

	switch (ev) {
	case IMAP_EV_LITERAL:
		return on_literal(p);
	case IMAP_EV_COMMAND:
		ret = on_command(p);
		break;
	case IMAP_EV_LINE:
		ret = on_response(p, imap_parser_line(&p->parser));
		break;
	case IMAP_EV_ERROR:
		ret = on_error(p);
		break;
	default:
		imap_prelogin_bye(p, SLICE_LIT("Input buffer full, aborting"));
		return IMAP_PRE_CLOSE;
	}
	imap_parser_next(&p->parser);
	return ret;
}

static bool takes_input(const struct imap_prelogin *p)
{
	return p->state == IMAP_PRE_COMMAND || p->state == IMAP_PRE_ANSWER;
}

enum imap_pre_event imap_prelogin_feed(struct imap_prelogin *p, struct slice *in)
{
	enum imap_pre_event ret = IMAP_PRE_MORE;

	if (takes_input(p))
		forget_secret(p);
	while (ret == IMAP_PRE_MORE && takes_input(p)) {
		enum imap_event ev;

		if (buf_len(&p->out) > OUT_HIGH)
			return IMAP_PRE_MORE;
		ev = imap_parser_feed(&p->parser, in);
		if (ev == IMAP_EV_MORE)
			return IMAP_PRE_MORE;
		ret = step(p, ev);
	}
	return p->state == IMAP_PRE_CLOSED ? IMAP_PRE_CLOSE : ret;
}

void imap_prelogin_challenge(struct imap_prelogin *p, struct slice challenge)
{
	assert(p->state == IMAP_PRE_BUSY && !p->is_login);
	buf_adds(&p->out, "+ ");
	base64_encode(challenge, &p->out);
	buf_adds(&p->out, "\r\n");
	forget_secret(p);
	imap_parser_expect_line(&p->parser);
	set_state(p, IMAP_PRE_ANSWER);
}

static void add_text(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (char_is_print(text.p[i]))
			buf_addc(out, text.p[i]);
}

void imap_prelogin_fail(struct imap_prelogin *p, enum imap_pre_fail why, struct slice text)
{
	assert(p->state == IMAP_PRE_BUSY);
	buf_addf(&p->out, "%s NO [%s] ", p->tag, failures[why].code);
	add_text(&p->out, text.n > 0 ? text : slice_str(failures[why].text));
	buf_adds(&p->out, "\r\n");
	forget_secret(p);
	set_state(p, IMAP_PRE_COMMAND);
}

void imap_prelogin_tls_started(struct imap_prelogin *p, struct slice capability)
{
	assert(p->state == IMAP_PRE_SECURING);
	imap_parser_next(&p->parser);
	p->conf.capability = capability;
	p->conf.tls = IMAP_PRE_TLS_ACTIVE;
	p->conf.login_disabled = false;
	p->asked_capability = false;
	set_state(p, IMAP_PRE_COMMAND);
}
