/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/pop3/stuff.h"

static const struct {
	const char *in;
	uint64_t lines;
	const char *out;	/* without the final ".\r\n" */
} cases[] = {
	{ "", POP3_ALL_LINES, "" },
	{ "a", POP3_ALL_LINES, "a\r\n" },
	{ "a\nb\n", POP3_ALL_LINES, "a\r\nb\r\n" },
	{ "a\r\nb\r\n", POP3_ALL_LINES, "a\r\nb\r\n" },
	{ "a\r\nb\n", POP3_ALL_LINES, "a\r\nb\r\n" },
	{ ".", POP3_ALL_LINES, "..\r\n" },
	{ ".\n", POP3_ALL_LINES, "..\r\n" },
	{ "..\n.x\nx.\n", POP3_ALL_LINES, "...\r\n..x\r\nx.\r\n" },
	{ "a\r", POP3_ALL_LINES, "a\r\n" },
	{ "a\rb\n", POP3_ALL_LINES, "a\rb\r\n" },
	{ "a\r\r\n", POP3_ALL_LINES, "a\r\r\n" },
	{ "\r\n.\r\n", POP3_ALL_LINES, "\r\n..\r\n" },
	{ "h: 1\n\nb1\nb2\n", 0, "h: 1\r\n\r\n" },
	{ "h: 1\n\nb1\nb2\n", 1, "h: 1\r\n\r\nb1\r\n" },
	{ "h: 1\n\nb1\nb2\n", 2, "h: 1\r\n\r\nb1\r\nb2\r\n" },
	{ "h: 1\n\nb1\nb2\n", 3, "h: 1\r\n\r\nb1\r\nb2\r\n" },
	{ "h: 1\r\n\r\nb1\r\nb2\r\n", 1, "h: 1\r\n\r\nb1\r\n" },
	{ "h: 1\n\n\n\nb\n", 2, "h: 1\r\n\r\n\r\n\r\n" },
	{ "\nbody\n", 0, "\r\n" },
	{ "h: 1\n", 0, "h: 1\r\n" },
	{ "h: 1\n\r\r\nb\n", 0, "h: 1\r\n\r\r\nb\r\n" },
};

/* Feed S in pieces of STEP bytes through a buffer that takes ROOM at once. */
static void encode(struct slice s, uint64_t lines, size_t step, size_t room, struct buf *all)
{
	struct pop3_stuff e;
	struct buf out;

	buf_init(&out, room);
	pop3_stuff_init(&e, lines);
	while (s.n > 0) {
		struct slice piece = slice_sub(s, 0, step);

		s = slice_skip(s, step);
		while (pop3_stuff_feed(&e, &piece, &out) == RC_MORE) {
			assert_true(buf_len(&out) > 0);
			buf_add(all, buf_slice(&out));
			buf_reset(&out);
		}
		assert_false(buf_is_over(&out));
	}
	buf_add(all, buf_slice(&out));
	buf_reset(&out);
	assert_int_equal(e.bytes, buf_len(all));
	pop3_stuff_end(&e, &out);
	assert_false(buf_is_over(&out));
	buf_add(all, buf_slice(&out));
	buf_done(&out);
}

static void test_table(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 1000 }, rooms[] = { 8, 9, 16, 1000 };

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		for (size_t k = 0; k < N_OF(steps) * N_OF(rooms); k++) {
			struct buf all, want;

			buf_init(&all, 1000);
			buf_init(&want, 1000);
			buf_addf(&want, "%s.\r\n", cases[i].out);
			encode(slice_str(cases[i].in), cases[i].lines, steps[k % 4], rooms[k / 4],
			       &all);
			unit_slice_is(buf_slice(&all), buf_cstr(&want), cases[i].in);
			buf_done(&all);
			buf_done(&want);
		}
	}
}

static void test_after_the_cut_input_is_swallowed(void **state)
{
	struct slice in = SLICE_LIT("h: 1\n\nbody\nmore\n");
	struct pop3_stuff e;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	pop3_stuff_init(&e, 0);
	assert_int_equal(pop3_stuff_feed(&e, &in, &out), RC_OK);
	assert_int_equal(in.n, 0);
	in = SLICE_LIT("yet more\n");
	assert_int_equal(pop3_stuff_feed(&e, &in, &out), RC_OK);
	unit_slice_is(buf_slice(&out), "h: 1\r\n\r\n", "the header alone");
	assert_true(e.cut);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_after_the_cut_input_is_swallowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
