/* The header of any bytes: the same fields in memory and streamed in two halves and bytewise. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void stream(struct slice all, size_t step, bool is_kept)
{
	struct slice memory = all, in = { 0 };
	struct header_field want, got;
	struct header_scan s;
	size_t at = 0;
	enum rc rc;

	header_scan_init(&s, all.n + 64);
	s.is_kept = is_kept;
	for (;;) {
		rc = header_scan_next(&s, &in, &got);
		if (rc == RC_MORE && at < all.n) {
			in = slice_sub(all, at, step);
			at += in.n;
			continue;
		}
		if (rc == RC_MORE)
			rc = header_scan_finish(&s, &got);
		if (rc == RC_END)
			break;
		check((is_kept ? header_kept_next : header_next)(&memory, &want) == RC_OK);
		check(slice_eq(want.raw, got.raw) && slice_eq(want.name, got.name) &&
		      slice_eq(want.value, got.value) && !got.is_cut);
	}
	check((is_kept ? header_kept_next : header_next)(&memory, &want) == RC_END);
	check(s.total_bytes == all.n - memory.n);
	check(header_scan_rest(&s).n + in.n + (all.n - at) == memory.n);
	header_scan_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_make(data, size);
	struct buf b;

	for (int is_kept = 0; is_kept < 2; is_kept++) {
		stream(all, 1, is_kept);
		stream(all, size / 2 + 1, is_kept);
		stream(all, size + 1, is_kept);
	}
	buf_init(&b, size);
	header_unfold(all, &b);
	check(slice_chr(buf_slice(&b), '\n') < 0 && !buf_is_over(&b));
	buf_done(&b);
	return 0;
}
