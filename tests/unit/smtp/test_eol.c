/* tests/unit/smtp/test_eol.c - line ends, and content from wire to stored form in any pieces. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/smtp/eol.h"
#include "tests/unit/unit.h"

static void test_find(void **state)
{
	static const struct {
		const char *in;
		bool after_cr;
		enum smtp_eol eol;
		size_t line, used;
	} cases[] = {
		{ "a\r\nb", false, SMTP_EOL_CRLF, 1, 3 }, { "a\nb", false, SMTP_EOL_BARE, 1, 2 },
		{ "ab", false, SMTP_EOL_NONE, 2, 2 },	  { "", false, SMTP_EOL_NONE, 0, 0 },
		{ "\n", false, SMTP_EOL_BARE, 0, 1 },	  { "\n", true, SMTP_EOL_CRLF, 0, 1 },
		{ "\r\n", false, SMTP_EOL_CRLF, 0, 2 },	  { "a\r\r\n", false, SMTP_EOL_CRLF, 2, 4 },
		{ "a\rb\n", false, SMTP_EOL_BARE, 3, 4 }, { "a\n", true, SMTP_EOL_BARE, 1, 2 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		size_t line, used;

		assert_int_equal(smtp_eol_find(slice_str(cases[i].in), cases[i].after_cr, &line,
					       &used), cases[i].eol);
		assert_int_equal(line, cases[i].line);
		assert_int_equal(used, cases[i].used);
	}
}

static const struct {
	enum smtp_eol_policy policy;
	bool dotted, keeps_cr;
	const char *in, *out;
	size_t left;		/* bytes behind the final dot; with dotted only */
	bool ends, bare;
} cases[] = {
	{ SMTP_EOL_NORMALIZE, true, false, "a\r\n.\r\nx", "a\n", 1, true, false },
	{ SMTP_EOL_NORMALIZE, true, false, ".\r\n", "", 0, true, false },
	{ SMTP_EOL_NORMALIZE, true, false, "a\n.\r\nb\r\n.\r\n", "a\nb\n", 0, true, true },
	{ SMTP_EOL_NORMALIZE, true, false, "a\r\n.\nb\r\n.\r\n", "a\nb\n", 0, true, true },
	{ SMTP_EOL_NORMALIZE, true, false, "a\n.\nb\r\n.\r\n", "a\nb\n", 0, true, true },
	{ SMTP_EOL_NORMALIZE, true, false, "a\n\r\n.\r\n", "a\n\n", 0, true, true },
	{ SMTP_EOL_NORMALIZE, true, false, "a\r.\r\n.\r\n", "a .\n", 0, true, false },
	{ SMTP_EOL_NORMALIZE, true, false, "a\r\n.\r\r\n.\r\n", "a\n \n", 0, true, false },
	{ SMTP_EOL_NORMALIZE, true, false, "a\r\n.\rx\r\n.\r\n", "a\n x\n", 0, true, false },
	{ SMTP_EOL_NORMALIZE, true, false, "\r\r\r\n.\r\n", "  \n", 0, true, false },
	{ SMTP_EOL_NORMALIZE, true, false, "..\r\n...\r\n.a\r\n.\r\n", ".\n..\na\n", 0, true,
	  false },
	{ SMTP_EOL_NORMALIZE, true, false, "abc", "abc", 0, false, false },
	{ SMTP_EOL_NORMALIZE, true, false, "a\r\n.", "a\n", 0, false, false },
	{ SMTP_EOL_NORMALIZE, true, false, "a\r\n.\r", "a\n", 0, false, false },
	{ SMTP_EOL_REJECT, true, false, "a\n.\r\n\r\n.\r\n", "a\n\n", 0, true, true },
	{ SMTP_EOL_ANY, true, false, "a\n.\nxy", "a\n", 2, true, true },
	{ SMTP_EOL_ANY, true, false, "a\r\n.\nxy", "a\n", 2, true, true },
	{ SMTP_EOL_ANY, true, false, "a\n.\r\nxy", "a\n", 2, true, true },
	{ SMTP_EOL_ANY, true, false, "a\r\n.\r\r\n.\r\n", "a\n \n", 0, true, false },
	{ SMTP_EOL_NORMALIZE, true, true, "a\rb\r\r\n.\r\n", "a\rb\r\n", 0, true, false },
	{ SMTP_EOL_NORMALIZE, false, false, ".\r\n..\r\nx", ".\n..\nx\n", 0, false, false },
	{ SMTP_EOL_NORMALIZE, false, false, "x\r", "x \n", 0, false, false },
	{ SMTP_EOL_NORMALIZE, false, false, "x\n", "x\n", 0, false, true },
	{ SMTP_EOL_NORMALIZE, false, false, "", "", 0, false, false },
};

/* Feed in pieces of PIECE bytes into a buffer with ROOM bytes that is emptied when asked. */
static void run_case(size_t i, size_t piece, size_t room)
{
	struct slice in = slice_str(cases[i].in);
	struct smtp_content c;
	struct buf part, all;
	enum rc rc = RC_MORE;

	buf_init(&part, room);
	buf_init(&all, 1000);
	smtp_content_init(&c, cases[i].policy, cases[i].dotted, cases[i].keeps_cr);
	while (in.n > 0 && rc == RC_MORE) {
		size_t n = piece < in.n ? piece : in.n;
		char *copy = malloc(n);
		struct slice s = slice_make(memcpy(copy, in.p, n), n);

		while (s.n > 0 && rc == RC_MORE) {
			rc = smtp_content_feed(&c, &s, &part);
			assert_false(buf_is_over(&part));
			buf_add(&all, buf_slice(&part));
			buf_reset(&part);
		}
		in = slice_skip(in, n - s.n);
		free(copy);
	}
	assert_int_equal(rc == RC_END, cases[i].ends);
	assert_int_equal(c.saw_bare_lf, cases[i].bare);
	if (cases[i].dotted)
		assert_int_equal(in.n, cases[i].left);
	else
		smtp_content_finish(&c, &all);
	unit_slice_is(buf_slice(&all), cases[i].out, cases[i].in);
	buf_done(&part);
	buf_done(&all);
}

static void test_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		for (size_t piece = 1; piece <= 20; piece++)
			for (size_t room = SMTP_CONTENT_ROOM; room <= 40; room += 3)
				run_case(i, piece, room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
