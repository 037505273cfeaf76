/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/mail/header.h"

/* Fields as "name=value|", then "#" and the body; KEPT where mail that is kept reads otherwise. */
static const struct { const char *in, *want, *kept; } blocks[] = {
	{ "A: 1\nB:2\n\nbody\n", "A=1|B=2|#body\n", NULL },
	{ "A: 1\r\nB:2\r\n\r\nbody\r\n", "A=1|B=2|#body\r\n", NULL },
	{ "A: 1\n  more\n\tyet\nB: 2\n\n", "A=1\n  more\n\tyet|B=2|#", NULL },
	{ "A : 1\nB\t : 2\n", "A=1|B=2|#", NULL },
	{ "A: 1", "A=1|#", NULL },
	{ "A:", "A=|#", NULL },
	{ "", "#", NULL },
	{ "\nbody", "#body", NULL },
	{ "\r\nbody", "#body", NULL },
	{ "no field here\nA: 1\n", "#no field here\nA: 1\n", "=no field here|A=1|#" },
	{ "A: 1\nno field\n\nbody", "A=1|#no field\n\nbody", "A=1|=no field|#body" },
	{ "A: 1\n:empty name\n", "A=1|#:empty name\n", "A=1|=:empty name|#" },
	{ " starts with blank: 1\n", "# starts with blank: 1\n", "=starts with blank: 1|#" },
	{ "A: 1\n B: 2\n\n", "A=1\n B: 2|#", NULL },
	{ "A: 1\n\rB: 2\n", "A=1|#\rB: 2\n", "A=1|=B: 2|#" },
	{ "Two Words: 1\n\nx", "#Two Words: 1\n\nx", "=Two Words: 1|#x" },
	{ "From me\n more\nA: 1\n\nx", "#From me\n more\nA: 1\n\nx", "=From me\n more|A=1|#x" },
	{ "body only, no end", "#body only, no end", "=body only, no end|#" },
	{ "A: 1\n\r", "A=1|#\r", "A=1|=|#" },
	{ "\r\r\nA: 1\n", "#\r\r\nA: 1\n", "=|A=1|#" },
	{ "A: x\n \n\nbody", "A=x|#body", NULL },
	{ "\xc3\xa9: 1\n\n", "\xc3\xa9=1|#", NULL },
};

static void show(struct buf *b, const struct header_field *f)
{
	buf_addf(b, "%.*s=%.*s|", SLICE_ARG(f->name), SLICE_ARG(f->value));
	assert_true(f->raw.n >= f->name.n + f->value.n + (f->name.n > 0));
}

static const char *wanted(size_t i, bool is_kept)
{
	return is_kept && blocks[i].kept != NULL ? blocks[i].kept : blocks[i].want;
}

static void check_memory(size_t i, bool is_kept)
{
	struct slice in = slice_str(blocks[i].in);
	struct header_field f;
	struct buf b;

	buf_init(&b, 4096);
	while ((is_kept ? header_kept_next : header_next)(&in, &f) == RC_OK)
		show(&b, &f);
	buf_addf(&b, "#%.*s", SLICE_ARG(in));
	unit_slice_is(buf_slice(&b), wanted(i, is_kept), blocks[i].in);
	buf_done(&b);
	assert_int_equal((is_kept ? header_kept_length : header_length)(slice_str(blocks[i].in)),
			 strlen(blocks[i].in) - in.n);
}

static void test_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(blocks); i++) {
		check_memory(i, false);
		check_memory(i, true);
	}
}

static void stream(const char *text, size_t step, bool is_kept, struct buf *b)
{
	struct slice all = slice_str(text), body = { 0 };
	struct header_scan s;
	struct header_field f;
	enum rc rc = RC_MORE;
	size_t at = 0;

	header_scan_init(&s, 1000);
	s.is_kept = is_kept;
	while (at < all.n && rc != RC_END) {
		struct slice in = slice_sub(all, at, step);

		at += in.n;
		while ((rc = header_scan_next(&s, &in, &f)) == RC_OK)
			show(b, &f);
		body = in;
	}
	while (rc != RC_END) {
		rc = header_scan_finish(&s, &f);
		if (rc == RC_OK)
			show(b, &f);
	}
	buf_addf(b, "#%.*s%.*s%.*s", SLICE_ARG(header_scan_rest(&s)), SLICE_ARG(body),
		 SLICE_ARG(slice_skip(all, at)));
	assert_int_equal(s.total_bytes, (is_kept ? header_kept_length : header_length)(all));
	header_scan_done(&s);
}

static void test_stream(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, 1000 };

	(void)state;
	for (size_t i = 0; i < 2 * N_OF(blocks); i++) {
		for (size_t k = 0; k < N_OF(steps); k++) {
			struct buf b;

			buf_init(&b, 4096);
			stream(blocks[i / 2].in, steps[k], i % 2 != 0, &b);
			unit_slice_is(buf_slice(&b), wanted(i / 2, i % 2 != 0), blocks[i / 2].in);
			buf_done(&b);
		}
	}
}

/* A giant field is cut, the next one is whole; a giant line that is no field loses nothing. */
static void test_limit(void **state)
{
	char big[5000];
	struct header_scan s;
	struct header_field f;
	struct slice in;

	(void)state;
	memset(big, 'x', sizeof(big));
	memcpy(big, "A: ", 3);
	memcpy(big + sizeof(big) - 9, "\nB: 2\n\nQ", 9);
	in = slice_make(big, sizeof(big) - 1);
	header_scan_init(&s, 100);
	assert_int_equal(header_scan_next(&s, &in, &f), RC_OK);
	assert_true(f.is_cut);
	assert_int_equal(f.raw.n, 100);
	assert_int_equal(header_scan_next(&s, &in, &f), RC_OK);
	assert_false(f.is_cut);
	unit_slice_is(f.value, "2", "after the cut");
	assert_int_equal(header_scan_next(&s, &in, &f), RC_END);
	unit_slice_is(in, "Q", "body");
	assert_int_equal(s.total_bytes, sizeof(big) - 2);

	header_scan_reset(&s);
	memset(big, 'x', sizeof(big));
	in = slice_make(big, sizeof(big));
	assert_int_equal(header_scan_next(&s, &in, &f), RC_END);
	assert_int_equal(header_scan_rest(&s).n + in.n, sizeof(big));
	assert_int_equal(s.total_bytes, 0);
	header_scan_done(&s);
}

static void test_find(void **state)
{
	struct slice block = SLICE_LIT("From: a\nTO: b,\n c\nto: d\nEmpty:\n\nx: body\n");
	struct header_field f;
	struct buf b;

	(void)state;
	assert_int_equal(header_find(block, SLICE_LIT("to"), &f), RC_OK);
	unit_slice_is(f.value, "b,\n c", "first To");
	assert_int_equal(header_find(block, SLICE_LIT("x"), &f), RC_END);
	assert_int_equal(header_find(block, SLICE_LIT("Empty"), &f), RC_OK);
	assert_int_equal(f.value.n, 0);
	buf_init(&b, 100);
	header_unfold(SLICE_LIT("b,\r\n c\n\td"), &b);
	unit_slice_is(buf_slice(&b), "b, c\td", "unfolded");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory), cmocka_unit_test(test_stream),
		cmocka_unit_test(test_limit), cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
