/* tests/fuzz/fuzz_pop3.c - both POP3 engines: fed whole or byte by byte, the same comes out, and
 * the bytes said to be used lie inside the input. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/pop3/prelogin.h"
#include "lib/pop3/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MSGS = 3, OUT_MAX = 1 << 22 };

static void require(bool fact)
{
	if (!fact)
		abort();
}

static void uidl(void *ctx, uint32_t index, struct buf *out)
{
	(void)ctx;
	buf_addf(out, "%08x", index);
}

static void run_prelogin(struct slice data, size_t step, struct buf *out)
{
	static const struct pop3_prelogin_config config = { .mechs = "PLAIN LOGIN",
							    .cleartext = true,
							    .tls_offered = true };
	struct pop3_prelogin_event ev;
	struct pop3_prelogin p;
	struct buf in;

	buf_init(&in, data.n + 1);
	pop3_prelogin_init(&p, &config);
	for (; data.n > 0; data = slice_skip(data, step)) {
		size_t used;

		buf_add(&in, slice_sub(data, 0, step));
		do {
			pop3_prelogin_feed(&p, buf_slice(&in), &used, out, &ev);
			require(used <= buf_len(&in));
			if (ev.what == POP3_PRELOGIN_AUTH && !ev.has_response)
				pop3_prelogin_challenge(&p, SLICE_LIT("Pz8="), out);
			else if (p.state == POP3_PRELOGIN_WAIT)
				pop3_prelogin_failed(&p, POP3_FAIL_AUTH, NULL, out);
			buf_consume(&in, used);
		} while (used > 0);
	}
	pop3_prelogin_done(&p);
	buf_done(&in);
}

static void send_message(struct pop3_session *s, struct buf *out)
{
	struct slice text = SLICE_LIT("h: 1\n\n.a\r\nb");
	struct pop3_stuff e;

	pop3_session_send_ok(s, &e, out);
	require(pop3_stuff_feed(&e, &text, out) == RC_OK);
	pop3_stuff_end(&e, out);
	pop3_session_sent(s, &e);
}

static void run_session(struct slice data, size_t step, struct buf *out)
{
	struct pop3_msg msgs[MSGS] = { { .size_bytes = 10 }, { .size_bytes = 20 } };
	struct pop3_session s;
	struct pop3_event ev;
	struct buf in;

	buf_init(&in, data.n + 1);
	pop3_session_init(&s, msgs, MSGS, uidl, NULL);
	for (; data.n > 0; data = slice_skip(data, step)) {
		size_t used;

		buf_add(&in, slice_sub(data, 0, step));
		do {
			pop3_session_feed(&s, buf_slice(&in), &used, out, &ev);
			require(used <= buf_len(&in));
			if (ev.what == POP3_SEND)
				send_message(&s, out);
			buf_consume(&in, used);
		} while (used > 0);
	}
	require(s.n_deleted <= MSGS && s.deleted_bytes <= s.total_bytes);
	buf_done(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const engines[])(struct slice, size_t, struct buf *) = { run_prelogin,
									       run_session };
	struct slice s = slice_make(data, size);

	for (size_t i = 0; i < 2; i++) {
		struct buf whole, bytes;

		buf_init(&whole, OUT_MAX);
		buf_init(&bytes, OUT_MAX);
		engines[i](s, size, &whole);
		engines[i](s, 1, &bytes);
		require(slice_eq(buf_slice(&whole), buf_slice(&bytes)));
		buf_done(&whole);
		buf_done(&bytes);
	}
	return 0;
}
