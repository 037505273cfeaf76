/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/mail/wire.h"

static const struct { const char *lf, *crlf; uint64_t growth, lines; } cases[] = {
	{ "", "", 0, 0 }, { "a", "a", 0, 0 }, { "a\n", "a\r\n", 1, 1 }, { "a\r\n", "a\r\n", 0, 1 },
	{ "\n\n", "\r\n\r\n", 2, 2 }, { "a\r\nb\nc\r", "a\r\nb\r\nc\r", 1, 2 },
	{ "\r\r\n", "\r\r\n", 0, 1 }, { "\n\r", "\r\n\r", 1, 1 }, { "a\rb\n", "a\rb\r\n", 1, 1 },
};

static void to_crlf(struct slice in, size_t step, struct buf *out)
{
	struct wire w = { 0 };

	for (size_t at = 0; at < in.n; at += step)
		wire_to_crlf(&w, slice_sub(in, at, step), out);
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
		for (size_t step = 1; step <= in.n + 1; step++) {
			struct buf b;

			buf_init(&b, 100);
			to_crlf(in, step, &b);
			unit_slice_is(buf_slice(&b), cases[i].crlf, cases[i].lf);
			buf_done(&b);
		}
	}
}

static void test_crlf_mem(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		for (size_t size = 2; size < 8; size++) {
			struct slice in = slice_str(cases[i].lf);
			struct wire w = { 0 };
			char dst[8];
			struct buf b;

			buf_init(&b, 100);
			while (in.n > 0) {
				size_t n = wire_to_crlf_mem(&w, &in, dst, size);

				assert_in_range(n, 1, size);
				buf_add(&b, slice_make(dst, n));
			}
			unit_slice_is(buf_slice(&b), cases[i].crlf, cases[i].lf);
			buf_done(&b);
		}
	}
}

static const struct { const char *crlf, *lf; } backs[] = {
	{ "", "" }, { "a\r\nb", "a\nb" }, { "a\rb", "a\rb" }, { "\r\r\n", "\r\n" }, { "a\r", "a\r" },
	{ "\n", "\n" }, { "\r\n\r\n", "\n\n" },
};

static void test_lf(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(backs); i++) {
		struct slice in = slice_str(backs[i].crlf);

		for (size_t step = 1; step <= in.n + 1; step++) {
			struct wire w = { 0 };
			struct buf b;

			buf_init(&b, 100);
			for (size_t at = 0; at < in.n; at += step)
				wire_to_lf(&w, slice_sub(in, at, step), &b);
			wire_to_lf_finish(&w, &b);
			unit_slice_is(buf_slice(&b), backs[i].lf, backs[i].crlf);
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
			wire_to_crlf(&w, slice_skip(in, at), &b);
			assert_true(slice_eq(buf_slice(&b), slice_skip(whole, (size_t)off)));
			buf_done(&b);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crlf), cmocka_unit_test(test_crlf_mem),
		cmocka_unit_test(test_lf), cmocka_unit_test(test_seek),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
