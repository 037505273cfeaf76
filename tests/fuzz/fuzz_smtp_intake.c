/* tests/fuzz/fuzz_smtp_intake.c - headers of incoming messages.
 *
 * Properties: any cutting of the input gives the same message; the added Received: stands first;
 * the body comes through unchanged at the end; a dropped field is never in the header that comes
 * out (as the scanner reads it). */
/* SPDX-License-Identifier: ISC */
#include <assert.h>

#include "lib/smtp/intake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct slice in, size_t piece, bool completes, struct buf *out)
{
	const struct slice drop[] = { SLICE_LIT("Bcc") };
	struct smtp_intake_conf conf = {
		.received = SLICE_LIT("Received: r\n"), .drop = drop, .n_drop = 1,
		.field_max = 4096, .completes = completes, .message_id = SLICE_LIT("<n>"),
		.date = SLICE_LIT("d"), .from = SLICE_LIT("f"),
	};
	struct smtp_intake i;

	smtp_intake_init(&i, &conf);
	while (in.n > 0) {
		size_t n = piece < in.n ? piece : in.n;

		smtp_intake_feed(&i, slice_sub(in, 0, n), out);
		in = slice_skip(in, n);
	}
	smtp_intake_finish(&i, out);
	smtp_intake_done(&i);
}

static void check_header(struct slice out)
{
	struct header_field f;

	while (header_next(&out, &f) == RC_OK)
		assert(!slice_iis(f.name, "Bcc"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in, body;
	struct buf whole, cut;
	ptrdiff_t blank;

	if (size < 2)
		return 0;
	in = slice_make(data + 1, size - 1);
	buf_init(&whole, size * 4 + 100000);
	buf_init(&cut, size * 4 + 100000);
	run(in, size, data[0] & 1, &whole);
	run(in, 1 + data[0] / 2, data[0] & 1, &cut);
	assert(!buf_is_over(&whole));
	assert(slice_eq(buf_slice(&whole), buf_slice(&cut)));
	assert(slice_starts(buf_slice(&whole), SLICE_LIT("Received: r\n")));
	check_header(buf_slice(&whole));
	blank = slice_find(in, SLICE_LIT("\n\n"));
	body = blank < 0 ? in : slice_skip(in, (size_t)blank + 2);
	if (blank >= 0)
		assert(slice_ends(buf_slice(&whole), body));
	buf_done(&whole);
	buf_done(&cut);
	return 0;
}
