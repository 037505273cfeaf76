/* IMAP before login, what strangers talk to: fed whole or byte by byte, the same comes out; no more
 * is taken than was there; output stays within its limit. TLS and success end the session, for
 * what stands behind them is not the engine's. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/imap/prelogin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAID_MAX = 1 << 24 };

static void require(bool fact)
{
	if (!fact)
		abort();
}

/* A challenge, success, or one of the failures, by what was tried. False: logged in. */
static bool answer(struct imap_prelogin *p, struct buf *said)
{
	buf_addf(said, "[%.*s|%.*s]", SLICE_ARG(p->mech), SLICE_ARG(p->response));
	if (p->response.p == NULL) {
		imap_prelogin_challenge(p, SLICE_LIT("more"));
	} else if (slice_ends(p->response, SLICE_LIT("secret"))) {
		buf_addf(said, "in: %.*s", SLICE_ARG(imap_prelogin_tag(p)));
		return false;
	} else if (!p->is_login && p->response.n % 3 == 0) {
		imap_prelogin_challenge(p, p->response);
	} else {
		imap_prelogin_fail(p, (enum imap_pre_fail)(p->response.n % IMAP_PRE_FAIL_COUNT),
				   p->response);
	}
	return true;
}

static bool act(struct imap_prelogin *p, enum imap_pre_event ev, struct buf *said)
{
	switch (ev) {
	case IMAP_PRE_MORE:
		return true;
	case IMAP_PRE_AUTH:
	case IMAP_PRE_RESPONSE:
		return answer(p, said);
	case IMAP_PRE_CANCEL:
		buf_adds(said, "[cancel]");
		return true;
	case IMAP_PRE_STARTTLS:
		imap_prelogin_tls_started(p, SLICE_LIT("IMAP4rev1"));
		return false;
	case IMAP_PRE_CLOSE:
		return false;
	}
	abort();
}

static void take(struct imap_prelogin *p, struct buf *said)
{
	require(buf_finish(&p->out) == RC_OK);
	buf_add(said, buf_slice(&p->out));
	buf_consume(&p->out, buf_len(&p->out));
}

/* False: the session is over. */
static bool use_up(struct imap_prelogin *p, struct buf *in, struct buf *said)
{
	bool goes_on = true, moved = true;

	while (goes_on && moved) {
		struct slice was = buf_slice(in), rest = was;
		enum imap_pre_event ev = imap_prelogin_feed(p, &rest);

		require(rest.n <= was.n && slice_eq(rest, slice_skip(was, was.n - rest.n)));
		moved = rest.n < was.n || buf_len(&p->out) > 0;
		take(p, said);
		goes_on = act(p, ev, said);
		take(p, said);
		buf_consume(in, was.n - rest.n);
	}
	return goes_on;
}

static void run(struct slice data, size_t step, struct buf *said)
{
	const struct imap_prelogin_conf conf = {
		.capability = SLICE_LIT("IMAP4rev1 STARTTLS AUTH=PLAIN"),
		.greeting = SLICE_LIT("ready"), .id = SLICE_LIT("NIL"),
		.tls = data.n % 2 == 0 ? IMAP_PRE_TLS_OFFERED : IMAP_PRE_TLS_NONE,
		.login_disabled = data.n % 5 == 0,
	};
	struct imap_prelogin p;
	struct buf in;

	buf_init(&in, data.n + 1);
	imap_prelogin_init(&p, &conf);
	for (bool goes_on = true; goes_on && data.n > 0; data = slice_skip(data, step)) {
		buf_add(&in, slice_sub(data, 0, step));
		goes_on = use_up(&p, &in, said);
	}
	imap_prelogin_done(&p);
	buf_done(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_make(data, size);
	struct buf whole, bytes;

	buf_init(&whole, SAID_MAX);
	buf_init(&bytes, SAID_MAX);
	run(s, size, &whole);
	run(s, 1, &bytes);
	require(slice_eq(buf_slice(&whole), buf_slice(&bytes)));
	buf_done(&whole);
	buf_done(&bytes);
	return 0;
}
