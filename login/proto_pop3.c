/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "lib/base/base64.h"
#include "login/proto.h"

enum { MEM_MAX = 8192 };

static void configure(struct proto_state *p, const struct proto_env *env)
{
	p->pop3.config = (struct pop3_prelogin_config){
		.greeting = env->greeting, .mechs = env->mechs, .cleartext = env->takes_plaintext,
		.tls_offered = env->has_tls && !env->is_tls, .tls_active = env->is_tls,
	};
}

static void init(struct proto_state *p, const struct proto_env *env, struct buf *out)
{
	configure(p, env);
	buf_init(&p->pop3.mem, MEM_MAX);
	pop3_prelogin_init(&p->pop3.engine, &p->pop3.config);
	pop3_prelogin_greet(&p->pop3.engine, out);
}

static void done(struct proto_state *p)
{
	buf_wipe(&p->pop3.mem);
	buf_done(&p->pop3.mem);
	pop3_prelogin_done(&p->pop3.engine);
}

/* USER and PASS are SASL's PLAIN. */
static void as_plain(struct proto_state *p, const struct pop3_prelogin_event *e,
		     struct proto_ask *ask)
{
	struct buf *b = &p->pop3.mem;

	buf_addc(b, '\0');
	buf_add(b, e->user);
	buf_addc(b, '\0');
	buf_add(b, e->pass);
	ask->mech = SLICE_LIT("PLAIN");
	ask->data = buf_slice(b);
}

static bool decode(struct proto_state *p, struct slice text, struct slice *out)
{
	size_t room, n;
	char *mem = buf_reserve(&p->pop3.mem, MEM_MAX, &room);

	if (base64_decode(text, mem, room, &n) != RC_OK)
		return false;
	buf_commit(&p->pop3.mem, n);
	*out = slice_make(mem, n);
	return true;
}

/* A response that is no base64 ends the exchange; an initial one never began it. */
static enum proto_event decoded(struct proto_state *p, const struct pop3_prelogin_event *e,
				enum proto_event good, struct buf *out, struct proto_ask *ask)
{
	struct slice text = e->response;

	ask->mech = e->mech;
	if (good == PROTO_AUTH && !e->has_response)
		return good;
	if (good == PROTO_AUTH && slice_is(text, "="))
		text.n = 0;
	if (decode(p, text, &ask->data))
		return good;
	pop3_prelogin_failed(&p->pop3.engine, POP3_FAIL_BASE64, NULL, out);
	return PROTO_CANCEL;
}

static enum proto_event feed(struct proto_state *p, struct slice in, size_t *ret_used,
			     struct buf *out, struct proto_ask *ask)
{
	struct pop3_prelogin_event e;

	*ask = (struct proto_ask){ 0 };
	buf_wipe(&p->pop3.mem);
	pop3_prelogin_feed(&p->pop3.engine, in, ret_used, out, &e);
	switch (e.what) {
	case POP3_PRELOGIN_NOTHING: return PROTO_MORE;
	case POP3_PRELOGIN_PASS: as_plain(p, &e, ask); return PROTO_AUTH;
	case POP3_PRELOGIN_AUTH: return decoded(p, &e, PROTO_AUTH, out, ask);
	case POP3_PRELOGIN_RESPONSE: return decoded(p, &e, PROTO_RESPONSE, out, ask);
	case POP3_PRELOGIN_CANCEL: return PROTO_CANCEL;
	case POP3_PRELOGIN_START_TLS: return PROTO_STARTTLS;
	case POP3_PRELOGIN_CLOSE: break;
	}
	ask->reason = e.reason;
	return PROTO_CLOSE;
}

static void challenge(struct proto_state *p, struct slice data, struct buf *out)
{
	struct buf b;

	buf_init(&b, MEM_MAX);
	base64_encode(data, &b);
	pop3_prelogin_challenge(&p->pop3.engine, buf_slice(&b), out);
	buf_done(&b);
}

static void fail(struct proto_state *p, enum proto_fail why, struct slice text, struct buf *out)
{
	static const struct {
		enum pop3_prelogin_fail code;
		const char *text;
	} answers[] = {
		[PROTO_FAIL_CREDENTIALS] = { POP3_FAIL_AUTH, NULL },
		[PROTO_FAIL_TEMPORARY] = { POP3_FAIL_TEMP, NULL },
		[PROTO_FAIL_AUTHORIZATION] = { POP3_FAIL_AUTH, "Authorization failed." },
		[PROTO_FAIL_EXPIRED] = { POP3_FAIL_AUTH, "Password expired." },
		[PROTO_FAIL_DISABLED] = { POP3_FAIL_AUTH, "Login disabled for this user" },
		[PROTO_FAIL_PLAINTEXT] = { POP3_FAIL_AUTH, "Plaintext authentication disallowed on "
					   "non-secure (SSL/TLS) connections." },
		[PROTO_FAIL_MECHANISM] = { POP3_FAIL_MECH, NULL },
		[PROTO_FAIL_LIMIT] = { POP3_FAIL_LIMIT, NULL },
	};
	char own[256];

	for (size_t i = 0; i < text.n; i++)
		if (!char_is_print(text.p[i]))
			text.n = i;
	snprintf(own, sizeof(own), "%.*s", SLICE_ARG(text));
	pop3_prelogin_failed(&p->pop3.engine, answers[why].code,
			     text.n > 0 ? own : answers[why].text, out);
}

static void secured(struct proto_state *p, const struct proto_env *env)
{
	configure(p, env);
	pop3_prelogin_secured(&p->pop3.engine, &p->pop3.config);
}

static void bye(struct proto_state *p, const char *text, struct buf *out)
{
	(void)p;
	buf_addf(out, "-ERR %s\r\n", text);
}

static struct slice tag(const struct proto_state *p, bool *ret_tell_capability)
{
	(void)p;
	*ret_tell_capability = false;
	return (struct slice){ 0 };
}

const struct proto proto_pop3 = {
	.service = "pop3", .broker = "pop3d", .init = init, .done = done, .feed = feed,
	.challenge = challenge, .fail = fail, .secured = secured, .bye = bye, .tag = tag,
};
