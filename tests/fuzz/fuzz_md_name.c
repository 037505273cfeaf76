/* tests/fuzz/fuzz_md_name.c - Maildir file names: base and info are the name, a new info reads as
 * what was asked for and keeps what is unknown, and arrival is a total order. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/store/maildir/md_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
	if (!fact)
		abort();
}

static int sign(int d)
{
	return (d > 0) - (d < 0);
}

static void check_info(struct slice name, uint8_t flags, uint32_t keywords)
{
	struct md_name n, again;
	struct buf out, twice;

	md_name_parse(name, &n);
	require(n.base.n + n.info.n == name.n);
	require(n.info.n == 0 || n.info.p[0] == ':');
	buf_init(&out, name.n + 100);
	buf_init(&twice, name.n + 200);
	md_name_put_info(n.info, flags, keywords, &out);
	md_name_parse(buf_slice(&out), &again);
	require(buf_finish(&out) == RC_OK && again.base.n == 0);
	require(again.flags == flags && again.keywords == keywords);
	md_name_put_info(again.info, flags, keywords, &twice);
	require(slice_eq(buf_slice(&out), buf_slice(&twice)));
	buf_done(&out);
	buf_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_make(data, size), a, b;
	uint64_t n;

	check_info(s, 0, 0);
	check_info(s, STORE_SEEN | STORE_DRAFT, 1u << 25 | 1);
	check_info(s, STORE_FLAGS_ALL, (1u << MD_KEYWORDS) - 1);
	n = md_name_size(s, 'S');
	require(n == MD_SIZE_UNKNOWN || n <= INT64_MAX);
	if (slice_split(&s, '\n', &a)) {
		b = s;
		require(sign(md_name_cmp(a, b)) == -sign(md_name_cmp(b, a)));
		require(md_name_cmp(a, a) == 0);
		require((md_name_cmp(a, b) == 0) == slice_eq(a, b));
	}
	require(!md_name_is_usable(slice_make(data, size)) ||
		(slice_chr(slice_make(data, size), '\n') < 0 && size > 0));
	return 0;
}
