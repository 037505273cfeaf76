/* tests/transcripts/test_imap_login.c - IMAP dialogues before login, over lib/imap/prelogin.h.
 *
 * conf: tls = none|offered|active, login_disabled = yes. PLAIN and LOGIN as mechanisms; bob's
 * password is "secret", "down" finds auth in trouble. A login ends the session as the engine
 * knows it; the side channel has what would be handed over. After STARTTLS all bytes are the
 * handshake's until "event tls". */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/imap/prelogin.h"
#include "tests/lib/transcript.h"

struct session {
	struct imap_prelogin pre;
	struct buf in;		/* not yet taken by the engine */
	struct buf user;	/* LOGIN mechanism: the name, while the password is asked for */
	bool in_handshake;	/* since STARTTLS, until "event tls" */
	bool closed;
};

static bool configure(struct imap_prelogin_conf *c, const struct transcript_conf *conf)
{
	static const char *const tls[] = { "none", "offered", "active" };

	if (slice_is(conf->name, "login_disabled")) {
		c->login_disabled = slice_is(conf->value, "yes");
		return true;
	}
	for (unsigned i = 0; i < sizeof(tls) / sizeof(tls[0]); i++)
		if (slice_is(conf->name, "tls") && slice_is(conf->value, tls[i])) {
			c->tls = (enum imap_pre_tls)i;
			return true;
		}
	return false;
}

static void move_out(struct session *s, struct transcript_io *io)
{
	buf_add(io->out, buf_slice(&s->pre.out));
	buf_reset(&s->pre.out);
}

static void *open_session(const struct transcript_conf *conf, size_t n, struct transcript_io *io)
{
	struct imap_prelogin_conf c = {
		.capability = SLICE_LIT("IMAP4rev1 SASL-IR LITERAL+ ID STARTTLS AUTH=PLAIN "
					"AUTH=LOGIN"),
		.greeting = SLICE_LIT("Buzon ready."), .id = SLICE_LIT("(\"name\" \"Buzon\")"),
		.tls = IMAP_PRE_TLS_OFFERED,
	};
	struct session *s;

	for (size_t i = 0; i < n; i++)
		if (!configure(&c, &conf[i]))
			return NULL;
	s = mem_new(1, sizeof(*s));
	buf_init(&s->in, 1 << 24);
	buf_init(&s->user, 1 << 16);
	imap_prelogin_init(&s->pre, &c);
	move_out(s, io);
	return s;
}

/* PLAIN's "\0user\0password", or LOGIN's two answers joined so. */
static void judge(struct session *s, struct slice message, struct transcript_io *io)
{
	struct slice authzid, user;

	if (!slice_split(&message, '\0', &authzid) || !slice_split(&message, '\0', &user)) {
		imap_prelogin_fail(&s->pre, IMAP_PRE_FAIL_CREDENTIALS, (struct slice){ 0 });
	} else if (slice_is(message, "secret")) {
		buf_addf(io->side, "login %.*s tag=%s tell=%d input=%zu\n", SLICE_ARG(user),
			 s->pre.tag, s->pre.asked_capability, buf_len(&s->in));
		s->closed = true;
	} else {
		imap_prelogin_fail(&s->pre, slice_is(message, "down") ? IMAP_PRE_FAIL_TEMPORARY :
				   IMAP_PRE_FAIL_CREDENTIALS, (struct slice){ 0 });
	}
}

static void on_login_mechanism(struct session *s, struct transcript_io *io)
{
	if (s->pre.response.p == NULL) {
		imap_prelogin_challenge(&s->pre, SLICE_LIT("Username:"));
	} else if (buf_len(&s->user) == 0) {
		buf_addc(&s->user, '\0');
		buf_add(&s->user, s->pre.response);
		buf_addc(&s->user, '\0');
		imap_prelogin_challenge(&s->pre, SLICE_LIT("Password:"));
	} else {
		buf_add(&s->user, s->pre.response);
		judge(s, buf_slice(&s->user), io);
	}
}

static void on_auth(struct session *s, struct transcript_io *io)
{
	static bool is_login;

	if (s->pre.mech.n > 0) {
		is_login = slice_iis(s->pre.mech, "LOGIN");
		buf_reset(&s->user);
	}
	if (s->pre.mech.n > 0 && !is_login && !slice_iis(s->pre.mech, "PLAIN"))
		imap_prelogin_fail(&s->pre, IMAP_PRE_FAIL_MECHANISM, (struct slice){ 0 });
	else if (is_login)
		on_login_mechanism(s, io);
	else if (s->pre.response.p == NULL)
		imap_prelogin_challenge(&s->pre, (struct slice){ 0 });
	else
		judge(s, s->pre.response, io);
}

/* One event of the engine. False: it wants more input. */
static bool step(struct session *s, struct transcript_io *io)
{
	struct slice in = buf_slice(&s->in), was = in;
	enum imap_pre_event ev = imap_prelogin_feed(&s->pre, &in);

	buf_consume(&s->in, was.n - in.n);
	switch (ev) {
	case IMAP_PRE_MORE:
		move_out(s, io);
		return buf_len(&s->in) > 0;
	case IMAP_PRE_STARTTLS:
		buf_addf(io->side, "starttls\n");
		move_out(s, io);
		buf_reset(&s->in);
		s->in_handshake = true;
		return false;
	case IMAP_PRE_AUTH:
	case IMAP_PRE_RESPONSE:
		on_auth(s, io);
		return !s->closed;
	case IMAP_PRE_CANCEL:
		buf_addf(io->side, "cancel\n");
		return true;
	default:
		s->closed = true;
		return false;
	}
}

static void input(void *self, struct slice bytes, struct transcript_io *io)
{
	struct session *s = self;

	if (s->in_handshake)
		return;
	buf_add(&s->in, bytes);
	while (!s->closed && step(s, io))
		;
	move_out(s, io);
}

static bool event(void *self, struct slice text, struct transcript_io *io)
{
	struct session *s = self;

	(void)io;
	if (!slice_is(text, "tls") || !s->in_handshake)
		return false;
	s->in_handshake = false;
	imap_prelogin_tls_started(&s->pre, SLICE_LIT("IMAP4rev1 AUTH=PLAIN"));
	return true;
}

static void eof(void *self, struct transcript_io *io)
{
	(void)io;
	((struct session *)self)->closed = true;
}

static void tick(void *self, int64_t ms, struct transcript_io *io)
{
	struct session *s = self;

	if (s->closed || ms < 180000)
		return;
	imap_prelogin_bye(&s->pre, SLICE_LIT("Disconnected for inactivity."));
	s->closed = true;
	move_out(s, io);
}

static bool is_closed(void *self)
{
	return ((struct session *)self)->closed;
}

static void close_session(void *self)
{
	struct session *s = self;

	imap_prelogin_done(&s->pre);
	buf_done(&s->user);
	buf_done(&s->in);
	free(s);
}

int main(int argc, char **argv)
{
	static const struct transcript_ops ops = {
		.open = open_session, .input = input, .eof = eof, .tick = tick, .event = event,
		.is_closed = is_closed, .close = close_session,
	};

	return transcript_main("imap-login", &ops, argc, argv);
}
