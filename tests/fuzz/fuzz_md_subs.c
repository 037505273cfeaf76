/* tests/fuzz/fuzz_md_subs.c - the subscriptions file: lines that are no name survive, names turn
 * into lines and back. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/store/maildir/md_subs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
	if (!fact)
		abort();
}

static void check_name(const struct md_subs *s, const char *line, char sep)
{
	struct buf name, back, again;

	buf_init(&name, 1 << 16);
	buf_init(&back, 1 << 17);
	buf_init(&again, 1 << 16);
	if (md_subs_name(s, line, sep, &name)) {
		md_subs_line(s, buf_slice(&name), sep, &back);
		require(md_subs_name(s, buf_cstr(&back), sep, &again));
		require(slice_eq(buf_slice(&name), buf_slice(&again)));
	}
	buf_done(&name);
	buf_done(&back);
	buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct md_subs s, again = { 0 };
	struct buf out;

	buf_init(&out, 1 << 22);
	if (size < 1 << 16 && md_subs_parse(slice_make(data, size), &s) == RC_OK) {
		md_subs_put(&s, &out);
		require(md_subs_parse(buf_slice(&out), &again) == RC_OK);
		require(again.lines.n == s.lines.n);
		for (size_t i = 0; i < s.lines.n; i++) {
			require(strcmp(s.lines.v[i], again.lines.v[i]) == 0);
			check_name(&s, s.lines.v[i], '.');
			check_name(&s, s.lines.v[i], '/');
		}
		md_subs_done(&again);
		md_subs_done(&s);
	} else if (size < 1 << 16) {
		md_subs_done(&s);
	}
	buf_done(&out);
	return 0;
}
