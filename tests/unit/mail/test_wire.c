/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/mail/wire.h"

static const struct { const char *lf, *crlf; uint64_t growth, lines; } cases[] = {
	{ "", "", 0, 0 }, { "a", "a", 0, 0 }, { "a\n", "a\r\n", 1, 1 }, { "a\r\n", "a\r\n", 0, 1 },
	{ "\n\n", "\r\n\r\n", 2, 2 }, { "a\r\nb\nc\r", "a\r\nb\r\nc\r", 1, 2 },
	{ "\r\r\n", "\r\r\n", 0, 1 }, { "\n\r", "\r\n\r", 1, 1 }, { "a\rb\n", "a\rb\r\n", 1, 1 },
};

/* IN is what is left of the input, a piece of at most STEP bytes at a time. */
static void to_crlf(struct wire *w, struct slice in, size_t step, size_t size, struct buf *out)
{
	char dst[8];

	while (in.n > 0) {
		struct slice piece = slice_sub(in, 0, step);

		in = slice_skip(in, step);
		while (piece.n > 0) {
			size_t n = wire_to_crlf(w, &piece, dst, size);

			assert_in_range(n, 1, size);
			buf_add(out, slice_make(dst, n));
		}
	}
}

static void test_crlf(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct slice in = slice_str(cases[i].lf);
		struct wire w = { 0 };
		uint64_t lines = 0;

		assert_int_equal(wire_growth(&w, in, &lines), cases[i].growth);
		assert_int_equal(lines, cases[i].lines);
		for (size_t k = 0; k < 7 * (in.n + 1); k++) {
			struct buf b;

			w = (struct wire){ 0 };
			buf_init(&b, 100);
			to_crlf(&w, in, 1 + k / 7, 2 + k % 7, &b);
			unit_slice_is(buf_slice(&b), cases[i].crlf, cases[i].lf);
			buf_done(&b);
		}
	}
}

/* From every offset on the wire, converting on from there gives the rest of the whole. */
static void test_seek(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct slice in = slice_str(cases[i].lf), whole = slice_str(cases[i].crlf);

		for (uint64_t off = 0; off <= whole.n + 1; off++) {
			struct wire w = { 0 };
			uint64_t left = off;
			size_t at = wire_seek(&w, in, &left);
			struct buf b;

			if (off > whole.n) {
				assert_int_equal(at, in.n);
				assert_int_equal(left, off - whole.n);
				continue;
			}
			assert_int_equal(left, 0);
			buf_init(&b, 100);
			to_crlf(&w, slice_skip(in, at), in.n, 8, &b);
			assert_true(slice_eq(buf_slice(&b), slice_skip(whole, (size_t)off)));
			buf_done(&b);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crlf), cmocka_unit_test(test_seek),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
