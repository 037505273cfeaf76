/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "login/proto.h"

/* "IMAP4rev1 ... STARTTLS LOGINDISABLED AUTH=PLAIN AUTH=LOGIN" into the session's own room: the
 * engine borrows it. */
static struct slice capability(struct proto_state *p, const struct proto_env *env)
{
	struct slice mechs = slice_str(env->mechs), mech;
	struct buf b;

	buf_init(&b, sizeof(p->capability) - 1);
	buf_adds(&b, env->imap_capability);
	if (env->has_tls && !env->is_tls)
		buf_adds(&b, " STARTTLS");
	if (!env->takes_plaintext)
		buf_adds(&b, " LOGINDISABLED");
	while (slice_token(&mechs, " ", &mech))
		buf_addf(&b, " AUTH=%.*s", SLICE_ARG(mech));
	(void)slice_to_cstr(buf_slice(&b), p->capability, sizeof(p->capability));
	buf_done(&b);
	return slice_str(p->capability);
}

static void move_out(struct proto_state *p, struct buf *out)
{
	buf_add(out, buf_slice(&p->imap.out));
	buf_consume(&p->imap.out, buf_len(&p->imap.out));
}

static void init(struct proto_state *p, const struct proto_env *env, struct buf *out)
{
	const struct imap_prelogin_conf conf = {
		.capability = capability(p, env), .greeting = slice_str(env->greeting),
		.id = slice_str(env->imap_id),
		.tls = env->is_tls ? IMAP_PRE_TLS_ACTIVE
			: env->has_tls ? IMAP_PRE_TLS_OFFERED : IMAP_PRE_TLS_NONE,
	};

	imap_prelogin_init(&p->imap, &conf);
	move_out(p, out);
}

static void done(struct proto_state *p)
{
	imap_prelogin_done(&p->imap);
}

/* That a password was sent where none may be sent is known to the session, which logs it; so LOGIN
 * is never disabled in the engine. */
static enum proto_event feed(struct proto_state *p, struct slice in, size_t *ret_used,
			     struct buf *out, struct proto_ask *ask)
{
	static const enum proto_event events[] = {
		[IMAP_PRE_MORE] = PROTO_MORE, [IMAP_PRE_STARTTLS] = PROTO_STARTTLS,
		[IMAP_PRE_AUTH] = PROTO_AUTH, [IMAP_PRE_RESPONSE] = PROTO_RESPONSE,
		[IMAP_PRE_CANCEL] = PROTO_CANCEL, [IMAP_PRE_CLOSE] = PROTO_CLOSE,
	};
	struct slice rest = in;
	enum proto_event ev = events[imap_prelogin_feed(&p->imap, &rest)];

	*ret_used = in.n - rest.n;
	*ask = (struct proto_ask){ .mech = p->imap.mech, .data = p->imap.response };
	if (ev == PROTO_CLOSE)
		ask->reason = p->imap.said_logout ? "Aborted login by logging out"
			: p->imap.n_bad < IMAP_PRE_BAD_MAX ? "Input buffer full"
			: "Too many invalid commands";
	move_out(p, out);
	return ev;
}

static void challenge(struct proto_state *p, struct slice data, struct buf *out)
{
	imap_prelogin_challenge(&p->imap, data);
	move_out(p, out);
}

static void fail(struct proto_state *p, enum proto_fail why, struct slice text, struct buf *out)
{
	static const enum imap_pre_fail codes[] = {
		[PROTO_FAIL_CREDENTIALS] = IMAP_PRE_FAIL_CREDENTIALS,
		[PROTO_FAIL_TEMPORARY] = IMAP_PRE_FAIL_TEMPORARY,
		[PROTO_FAIL_AUTHORIZATION] = IMAP_PRE_FAIL_AUTHORIZATION,
		[PROTO_FAIL_EXPIRED] = IMAP_PRE_FAIL_EXPIRED,
		[PROTO_FAIL_DISABLED] = IMAP_PRE_FAIL_DISABLED,
		[PROTO_FAIL_PLAINTEXT] = IMAP_PRE_FAIL_PLAINTEXT,
		[PROTO_FAIL_MECHANISM] = IMAP_PRE_FAIL_MECHANISM,
		[PROTO_FAIL_LIMIT] = IMAP_PRE_FAIL_LIMIT,
	};

	if (why == PROTO_FAIL_PLAINTEXT)
		buf_adds(out, "* BAD [ALERT] Plaintext authentication not allowed without SSL/TLS, "
			 "but your client did it anyway. If anyone was listening, the password was "
			 "exposed.\r\n");
	imap_prelogin_fail(&p->imap, codes[why], text);
	move_out(p, out);
}

static void secured(struct proto_state *p, const struct proto_env *env)
{
	imap_prelogin_tls_started(&p->imap, capability(p, env));
}

static void bye(struct proto_state *p, const char *text, struct buf *out)
{
	imap_prelogin_bye(&p->imap, slice_str(text));
	move_out(p, out);
}

static struct slice tag(const struct proto_state *p, bool *ret_tell_capability)
{
	*ret_tell_capability = p->imap.asked_capability;
	return imap_prelogin_tag(&p->imap);
}

const struct proto proto_imap = {
	.service = "imap", .broker = "imapd", .init = init, .done = done, .feed = feed,
	.challenge = challenge, .fail = fail, .secured = secured, .bye = bye, .tag = tag,
};
