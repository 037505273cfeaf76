/* tests/unit/pop3/test_transcripts.c - POP3 dialogues over the two engines, login to QUIT.
 *
 * conf: tls = no|offered|active, cleartext = no, mechs = LIST, messages = N (default 3; their
 * texts are below), in = no (start after the login). Any user with the password "pw" may in,
 * "down" is a password that finds the server in trouble. Side channel: what the engines ask. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/pop3/prelogin.h"
#include "lib/pop3/session.h"
#include "tests/lib/transcript.h"

static const char *const texts[] = {
	"Subject: one\n\nhello\n.dot\n..two\nend\n",
	"Subject: two\n\nno newline at end",
	"Subject: three\nX: y\n",
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

struct session {
	struct buf in;
	struct pop3_prelogin_config config, secured;
	struct pop3_prelogin pre;
	struct pop3_session post;
	struct pop3_msg msgs[TEXTS];
	char mechs[100];
	bool logged_in, closed;
};

static void uidl(void *ctx, uint32_t index, struct buf *out)
{
	(void)ctx;
	buf_addf(out, "%08x5f3c2a10", index + 1);
}

static void *open_session(const struct transcript_conf *conf, size_t n, struct transcript_io *io)
{
	static const uint64_t sizes[] = { 41, 33, 22 };
	struct session *s = mem_new(1, sizeof(*s));
	uint64_t count = TEXTS;
	bool in = false;

	s->config = (struct pop3_prelogin_config){ .mechs = s->mechs, .cleartext = true };
	memcpy(s->mechs, "PLAIN LOGIN", sizeof("PLAIN LOGIN"));
	for (size_t i = 0; i < n; i++) {
		if (slice_is(conf[i].name, "tls")) {
			s->config.tls_offered = !slice_is(conf[i].value, "no");
			s->config.tls_active = slice_is(conf[i].value, "active");
		} else if (slice_is(conf[i].name, "cleartext")) {
			s->config.cleartext = slice_is(conf[i].value, "yes");
		} else if (slice_is(conf[i].name, "in")) {
			in = slice_is(conf[i].value, "yes");
		} else if (slice_is(conf[i].name, "mechs")) {
			if (!slice_to_cstr(conf[i].value, s->mechs, sizeof(s->mechs)))
				return NULL;
		} else if (!slice_is(conf[i].name, "messages") ||
			   num_u64(conf[i].value, TEXTS, &count) != RC_OK) {
			return NULL;
		}
	}
	for (uint64_t i = 0; i < count; i++)
		s->msgs[i].size_bytes = sizes[i];
	buf_init(&s->in, 100000);
	pop3_session_init(&s->post, s->msgs, (uint32_t)count, uidl, s);
	pop3_prelogin_init(&s->pre, &s->config);
	s->logged_in = in;
	if (!in)
		pop3_prelogin_greet(&s->pre, io->out);
	return s;
}

/* "AGFsaWNlAHB3" is \0alice\0pw. */
static void judge(struct session *s, struct transcript_io *io, bool right, bool down)
{
	if (right) {
		pop3_prelogin_logged_in(&s->pre);
		s->logged_in = true;
		buf_adds(io->out, "+OK Logged in.\r\n");
	} else {
		pop3_prelogin_failed(&s->pre, down ? POP3_FAIL_TEMP : POP3_FAIL_AUTH, NULL,
				     io->out);
	}
}

static void on_prelogin(struct session *s, const struct pop3_prelogin_event *ev,
			struct transcript_io *io)
{
	switch (ev->what) {
	case POP3_PRELOGIN_NOTHING:
		break;
	case POP3_PRELOGIN_CANCEL:
		buf_adds(io->side, "cancel\n");
		break;
	case POP3_PRELOGIN_PASS:
		buf_addf(io->side, "pass %.*s %.*s\n", SLICE_ARG(ev->user), SLICE_ARG(ev->pass));
		judge(s, io, slice_is(ev->pass, "pw"), slice_is(ev->pass, "down"));
		break;
	case POP3_PRELOGIN_AUTH:
		buf_addf(io->side, "auth %.*s\n", SLICE_ARG(ev->mech));
		if (ev->has_response)
			judge(s, io, slice_is(ev->response, "AGFsaWNlAHB3"), false);
		else
			pop3_prelogin_challenge(&s->pre, SLICE_LIT(""), io->out);
		break;
	case POP3_PRELOGIN_RESPONSE:
		buf_addf(io->side, "response %.*s\n", SLICE_ARG(ev->response));
		if (slice_is(ev->response, "!!!"))
			pop3_prelogin_failed(&s->pre, POP3_FAIL_BASE64, NULL, io->out);
		else
			judge(s, io, slice_is(ev->response, "AGFsaWNlAHB3"), false);
		break;
	case POP3_PRELOGIN_START_TLS:
		buf_adds(io->side, "tls\n");
		break;
	case POP3_PRELOGIN_CLOSE:
		buf_addf(io->side, "close %s\n", ev->reason);
		s->closed = true;
		break;
	}
}

static void send_message(struct session *s, uint32_t number, struct transcript_io *io)
{
	struct slice text = slice_str(texts[number - 1]);
	struct pop3_stuff e;

	pop3_session_send_ok(&s->post, &e, io->out);
	if (pop3_stuff_feed(&e, &text, io->out) != RC_OK)
		abort();
	pop3_stuff_end(&e, io->out);
	pop3_session_sent(&s->post, &e);
}

static void put_marks(struct session *s, struct transcript_io *io)
{
	buf_adds(io->side, "quit");
	for (uint32_t i = 0; i < s->post.n; i++) {
		if (s->msgs[i].deleted)
			buf_addf(io->side, " del%u", i + 1);
		if (s->msgs[i].retrieved)
			buf_addf(io->side, " seen%u", i + 1);
	}
	buf_adds(io->side, "\n");
	pop3_session_summary(&s->post, s->post.n_deleted, io->side);
	buf_adds(io->side, "\n");
}

static void on_session(struct session *s, const struct pop3_event *ev, struct transcript_io *io)
{
	switch (ev->what) {
	case POP3_NOTHING:
	case POP3_FLUSH:
		break;
	case POP3_SEND:
		if (ev->number == 3)
			pop3_session_send_failed(&s->post, true, io->out);
		else
			send_message(s, ev->number, io);
		break;
	case POP3_QUIT:
		put_marks(s, io);
		pop3_session_quit(&s->post, true, io->out);
		s->closed = true;
		break;
	case POP3_CLOSE:
		buf_addf(io->side, "close %s\n", ev->reason);
		s->closed = true;
		break;
	}
}

static void run(struct session *s, struct transcript_io *io)
{
	size_t used = 1;

	while (used > 0 && !s->closed) {
		struct pop3_prelogin_event pre;
		struct pop3_event post;

		if (s->logged_in) {
			pop3_session_feed(&s->post, buf_slice(&s->in), &used, io->out, &post);
			on_session(s, &post, io);
		} else {
			pop3_prelogin_feed(&s->pre, buf_slice(&s->in), &used, io->out, &pre);
			on_prelogin(s, &pre, io);
		}
		buf_consume(&s->in, used);
	}
}

static void input(void *self, struct slice bytes, struct transcript_io *io)
{
	struct session *s = self;

	if (s->closed)
		return;
	buf_add(&s->in, bytes);
	run(s, io);
}

static void eof(void *self, struct transcript_io *io)
{
	struct session *s = self;

	buf_adds(io->side, "eof\n");
	s->closed = true;
}

static void tick(void *self, int64_t ms, struct transcript_io *io)
{
	(void)self;
	(void)ms;
	(void)io;
}

/* "tls": the handshake is over. What was read before it is thrown away, as login does. */
static bool event(void *self, struct slice text, struct transcript_io *io)
{
	struct session *s = self;

	(void)io;
	if (!slice_is(text, "tls"))
		return false;
	buf_reset(&s->in);
	s->secured = s->config;
	s->secured.tls_active = s->secured.cleartext = true;
	pop3_prelogin_secured(&s->pre, &s->secured);
	return true;
}

static bool is_closed(void *self)
{
	return ((struct session *)self)->closed;
}

static void close_session(void *self)
{
	struct session *s = self;

	pop3_prelogin_done(&s->pre);
	buf_done(&s->in);
	free(s);
}

int main(int argc, char **argv)
{
	static const struct transcript_ops ops = {
		.open = open_session, .input = input, .eof = eof, .tick = tick, .event = event,
		.is_closed = is_closed, .close = close_session,
	};

	return transcript_main("pop3", &ops, argc, argv);
}
