/* tests/fuzz/fuzz_smtp_server.c - whole sessions against the server engine.
 *
 * Byte 0 picks the options. Properties: the session played at once and cut into pieces gives the
 * same replies and the same messages; every reply line is "DDD[- ]..." CRLF and bounded; content
 * holds no CR; a message is committed only between an accepted recipient and its end; nothing
 * sent in one read with STARTTLS is obeyed. */
/* SPDX-License-Identifier: ISC */
#include <assert.h>

#include "lib/smtp/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct play {
	struct smtp_server s;
	struct smtp_server_conf conf;
	struct buf out, content, all;
	unsigned opened, rcpts, asked;
	bool closed;
};

static void play_init(struct play *p, uint8_t options)
{
	*p = (struct play){ .conf = {
		.hostname = "mx", .banner = "mx ESMTP", .line_max = 100, .size_limit = 1000,
		.recipient_limit = 3, .recipient_overshoot_limit = 2,
		.soft_errors = (options & 1) ? 2 : 1000, .hard_errors = 15, .junk_limit = 5,
		.error_sleep_ms = 1000, .bare_lf_code = 550, .helo_required = (options & 2) != 0,
		.strict_envelopes = (options & 4) != 0, .smtputf8 = (options & 8) != 0,
		.tls_required = (options & 16) != 0,
	} };
	smtp_server_init(&p->s, &p->conf, "c[192.0.2.1]");
	p->s.features = (options & 32) ? ~0u : 0;
	p->s.mechanisms = "PLAIN LOGIN";
	p->s.eol = (enum smtp_eol_policy)(options / 64 % 3);
	buf_init(&p->out, 1 << 22);
	buf_init(&p->content, 64);
	buf_init(&p->all, 1 << 22);
}

static void play_done(struct play *p)
{
	smtp_server_done(&p->s);
	buf_done(&p->out);
	buf_done(&p->content);
	buf_done(&p->all);
}

static void take_content(struct play *p)
{
	assert(!buf_is_over(&p->content));
	assert(slice_chr(buf_slice(&p->content), '\r') < 0);
	buf_add(&p->all, buf_slice(&p->content));
	buf_reset(&p->content);
}

/* Every third question is answered no. */
static void decide(struct play *p, enum smtp_event ev)
{
	struct smtp_reply no = { .code = 450, .dsn = "4.7.1", .text = "no" };
	bool yes = p->asked++ % 3 != 2;

	if (ev == SMTP_EV_MAIL)
		p->rcpts = 0;
	if (ev == SMTP_EV_RCPT)
		p->rcpts += yes;
	if (ev == SMTP_EV_OPEN)
		assert(p->rcpts > 0);
	p->opened = ev == SMTP_EV_OPEN ? yes : p->opened;
	if (ev == SMTP_EV_COMMIT) {
		assert(p->opened);
		take_content(p);
		buf_adds(&p->all, "<END>");
		p->opened = p->rcpts = 0;
	}
	if (!yes)
		smtp_server_answer(&p->s, &no);
	else if (ev == SMTP_EV_COMMIT)
		smtp_server_queued(&p->s, SLICE_LIT("ID"));
	else if (ev == SMTP_EV_AUTH)
		smtp_server_challenge(&p->s, p->s.ev.data);
	else if (ev == SMTP_EV_AUTH_RESPONSE)
		smtp_server_authenticated(&p->s);
	else
		smtp_server_answer(&p->s, NULL);
}

static bool handle(struct play *p, enum smtp_event ev)
{
	switch (ev) {
	case SMTP_EV_MORE:
		return false;
	case SMTP_EV_CLOSE:
		p->closed = true;
		return false;
	case SMTP_EV_CONTENT:
		take_content(p);
		break;
	case SMTP_EV_SECURE:
		smtp_server_secured(&p->s);
		break;
	case SMTP_EV_ABORT:
		take_content(p);
		buf_adds(&p->all, "<ABORT>");
		p->opened = p->rcpts = 0;
		break;
	case SMTP_EV_PAUSE:
	case SMTP_EV_NOTE:
	case SMTP_EV_REJECT:
	case SMTP_EV_AUTH_CANCEL:
		break;
	default:
		decide(p, ev);
	}
	return true;
}

static void play(struct play *p, struct slice in, size_t piece)
{
	struct slice pending = { in.p, 0 };

	while (!p->closed && (in.n > 0 || pending.n > 0)) {
		size_t n = piece < in.n ? piece : in.n, had;

		pending.n += n;
		in = slice_skip(in, n);
		for (bool go = true; go && !p->closed;) {
			had = pending.n;
			enum smtp_event ev = smtp_server_step(&p->s, &pending, &p->out, &p->content);

			assert(pending.n <= had);
			if (pending.n == 0)
				pending.p = in.p;
			go = handle(p, ev);
		}
		if (in.n == 0)
			break;
	}
}

static void check_replies(struct slice out)
{
	while (out.n > 0) {
		ptrdiff_t lf = slice_chr(out, '\n');

		assert(lf >= 5 && (lf < SMTP_REPLY_LINE_MAX || slice_starts(out, SLICE_LIT("334 "))));
		assert(slice_chr(slice_sub(out, 0, (size_t)lf), '\r') == lf - 1);
		assert(char_is_digit(out.p[0]) && char_is_digit(out.p[1]) && char_is_digit(out.p[2]));
		assert(out.p[3] == ' ' || out.p[3] == '-');
		out = slice_skip(out, (size_t)lf + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct slice in = slice_make(data + 2, size - 2);
	struct play whole, cut;
	struct buf counts;
	/* What follows STARTTLS in one read is dropped, so cutting makes a difference then. */
	bool has_tls = slice_ifind(in, SLICE_LIT("STARTTLS")) >= 0;

	play_init(&whole, data[0]);
	play_init(&cut, data[0]);
	play(&whole, in, size);
	play(&cut, in, 1 + data[1] % 32);
	check_replies(buf_slice(&whole.out));
	check_replies(buf_slice(&cut.out));
	if (!has_tls) {
		assert(slice_eq(buf_slice(&whole.out), buf_slice(&cut.out)));
		assert(slice_eq(buf_slice(&whole.all), buf_slice(&cut.all)));
	}
	buf_init(&counts, 1000);
	smtp_server_counts(&whole.s, &counts);
	smtp_server_where(&whole.s, &counts);
	assert(!buf_is_over(&counts));
	buf_done(&counts);
	play_done(&whole);
	play_done(&cut);
	return 0;
}
