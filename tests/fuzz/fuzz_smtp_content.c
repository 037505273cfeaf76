/* tests/fuzz/fuzz_smtp_content.c - content from wire to stored form.
 *
 * Properties: any cutting of the input gives the same bytes and the same end; with the strict
 * policies the message ends exactly at the first CRLF "." CRLF; no CR is left in the output; the
 * output is never longer than the input (and one LF). Byte 0 of the input picks policy and cut. */
/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>

#include "lib/smtp/eol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	struct buf out;
	size_t left;
	enum rc rc;
};

static struct result feed(struct slice in, enum smtp_eol_policy policy, bool dotted, size_t piece)
{
	struct result r = { .rc = RC_MORE };
	struct smtp_content c;
	struct buf part;

	buf_init(&r.out, in.n + 16);
	buf_init(&part, SMTP_CONTENT_ROOM + piece % 100);
	smtp_content_init(&c, policy, dotted, false);
	while (in.n > 0 && r.rc == RC_MORE) {
		size_t n = piece < in.n ? piece : in.n;
		struct slice s = slice_sub(in, 0, n);

		while (s.n > 0 && r.rc == RC_MORE) {
			r.rc = smtp_content_feed(&c, &s, &part);
			assert(!buf_is_over(&part));
			buf_add(&r.out, buf_slice(&part));
			buf_reset(&part);
		}
		in = slice_skip(in, n - s.n);
	}
	if (!dotted)
		smtp_content_finish(&c, &r.out);
	assert(!buf_is_over(&r.out));
	buf_done(&part);
	r.left = in.n;
	return r;
}

/* Bytes behind the first standard end, or -1. */
static ptrdiff_t standard_end(struct slice in)
{
	ptrdiff_t at;

	if (slice_starts(in, SLICE_LIT(".\r\n")))
		return (ptrdiff_t)in.n - 3;
	at = slice_find(in, SLICE_LIT("\r\n.\r\n"));
	return at < 0 ? -1 : (ptrdiff_t)in.n - at - 5;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct slice in = slice_make(data + 1, size - 1);
	enum smtp_eol_policy policy = (enum smtp_eol_policy)(data[0] % 3);
	bool dotted = (data[0] & 4) != 0;
	struct result all = feed(in, policy, dotted, size);
	struct result cut = feed(in, policy, dotted, 1 + data[0] / 8);
	ptrdiff_t end = standard_end(in);

	assert(slice_eq(buf_slice(&all.out), buf_slice(&cut.out)));
	assert(all.rc == cut.rc && all.left == cut.left);
	assert(slice_chr(buf_slice(&all.out), '\r') < 0);
	assert(buf_len(&all.out) <= in.n + 1);
	if (dotted && policy != SMTP_EOL_ANY) {
		assert((all.rc == RC_END) == (end >= 0));
		assert(end < 0 || all.left == (size_t)end);
	}
	if (!dotted)
		assert(all.rc == RC_MORE && all.left == 0);
	buf_done(&all.out);
	buf_done(&cut.out);
	return 0;
}
