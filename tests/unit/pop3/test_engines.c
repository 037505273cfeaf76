/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/pop3/cmdline.h"
#include "lib/pop3/prelogin.h"
#include "lib/pop3/session.h"

static const struct {
	const char *in;
	enum rc rc;
	uint64_t value;
	const char *rest;
} numbers[] = {
	{ "1", RC_OK, 1, "" },
	{ "  42 7", RC_OK, 42, " 7" },
	{ "007", RC_OK, 7, "" },
	{ "4294967295", RC_OK, 4294967295u, "" },
	{ "4294967296", RC_LIMIT, 0, "4294967296" },
	{ "99999999999999999999999", RC_LIMIT, 0, "99999999999999999999999" },
	{ "", RC_SYNTAX, 0, "" },
	{ " ", RC_SYNTAX, 0, "" },
	{ "-1", RC_SYNTAX, 0, "-1" },
	{ " 1x", RC_SYNTAX, 0, "1x" },
	{ "1\t", RC_SYNTAX, 0, "1\t" },
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(numbers); i++) {
		struct slice arg = slice_str(numbers[i].in);
		uint64_t value = 0;

		assert_int_equal(pop3_cmdline_number(&arg, UINT32_MAX, &value), numbers[i].rc);
		assert_int_equal(value, numbers[i].value);
		unit_slice_is(arg, numbers[i].rest, numbers[i].in);
	}
}

static void test_line_limit_is_exact(void **state)
{
	struct slice line;
	size_t used = 0;

	(void)state;
	assert_int_equal(pop3_cmdline_next(SLICE_LIT("abc\r\n"), 5, &line, &used), RC_OK);
	unit_slice_is(line, "abc", "whole line");
	assert_int_equal(used, 5);
	assert_int_equal(pop3_cmdline_next(SLICE_LIT("abcd\r\n"), 5, &line, &used), RC_LIMIT);
	assert_int_equal(pop3_cmdline_next(SLICE_LIT("abcd"), 5, &line, &used), RC_MORE);
	assert_int_equal(pop3_cmdline_next(SLICE_LIT("\n"), 5, &line, &used), RC_OK);
	assert_int_equal(line.n, 0);
	assert_int_equal(used, 1);
}

/* What stands behind the finished login belongs to pop3d, to the byte. */
static void test_handover_leaves_the_rest_alone(void **state)
{
	static const struct pop3_prelogin_config config = { .mechs = "PLAIN", .cleartext = true };
	struct slice in = SLICE_LIT("USER a\r\nPASS p w \r\nSTAT\r\nRETR 1\r\n");
	struct pop3_prelogin_event ev = { 0 };
	struct pop3_prelogin p;
	struct buf out;
	size_t used;

	(void)state;
	buf_init(&out, 1000);
	pop3_prelogin_init(&p, &config);
	do {
		pop3_prelogin_feed(&p, in, &used, &out, &ev);
		in = slice_skip(in, used);
	} while (ev.what == POP3_PRELOGIN_NOTHING);
	assert_int_equal(ev.what, POP3_PRELOGIN_PASS);
	unit_slice_is(ev.user, "a", "user");
	unit_slice_is(ev.pass, "p w ", "a password keeps its blanks");
	pop3_prelogin_feed(&p, in, &used, &out, &ev);
	assert_int_equal(used, 0);
	pop3_prelogin_logged_in(&p);
	pop3_prelogin_feed(&p, in, &used, &out, &ev);
	assert_int_equal(used, 0);
	unit_slice_is(in, "STAT\r\nRETR 1\r\n", "rest");
	pop3_prelogin_done(&p);
	buf_done(&out);
}

static void test_stls_stops_reading_and_forgets_the_user(void **state)
{
	static const struct pop3_prelogin_config clear = { .cleartext = true, .tls_offered = true };
	static const struct pop3_prelogin_config tls = { .cleartext = true, .tls_offered = true,
							 .tls_active = true };
	struct slice in = SLICE_LIT("USER a\r\nSTLS\r\nPASS injected\r\n");
	struct pop3_prelogin_event ev = { 0 };
	struct pop3_prelogin p;
	struct buf out;
	size_t used;

	(void)state;
	buf_init(&out, 1000);
	pop3_prelogin_init(&p, &clear);
	for (int i = 0; i < 2; i++) {
		pop3_prelogin_feed(&p, in, &used, &out, &ev);
		in = slice_skip(in, used);
	}
	assert_int_equal(ev.what, POP3_PRELOGIN_START_TLS);
	pop3_prelogin_feed(&p, in, &used, &out, &ev);
	assert_int_equal(used, 0);
	buf_reset(&out);
	pop3_prelogin_secured(&p, &tls);
	pop3_prelogin_feed(&p, SLICE_LIT("PASS x\r\n"), &used, &out, &ev);
	pop3_prelogin_feed(&p, SLICE_LIT("STLS\r\n"), &used, &out, &ev);
	unit_slice_is(buf_slice(&out), "-ERR No username given.\r\n-ERR TLS is already active.\r\n",
		      "after TLS");
	buf_done(&out);
}

static void uidl_longest(void *ctx, uint32_t index, struct buf *out)
{
	(void)ctx;
	for (int i = 0; i < POP3_UIDL_MAX; i++)
		buf_addc(out, (char)('a' + index % 26));
}

/* A listing far larger than the buffer comes out whole, in any number of rounds. */
static void test_listing_in_rounds(void **state)
{
	enum { N = 5000 };
	struct pop3_msg *msgs = mem_new(N, sizeof(*msgs));
	struct pop3_session s;
	struct pop3_event ev;
	size_t total = 0, used, lines = 0, rounds = 0;
	struct buf out;

	(void)state;
	pop3_session_init(&s, msgs, N, uidl_longest, NULL);
	msgs[4].deleted = true;
	buf_init(&out, POP3_OUT_MIN);
	pop3_session_feed(&s, SLICE_LIT("UIDL\r\nSTAT\r\n"), &used, &out, &ev);
	assert_int_equal(used, 6);
	for (;; rounds++) {
		assert_false(buf_is_over(&out));
		for (size_t i = 0; i < buf_len(&out); i++)
			lines += buf_slice(&out).p[i] == '\n';
		total += buf_len(&out);
		buf_reset(&out);
		if (ev.what != POP3_FLUSH)
			break;
		pop3_session_feed(&s, SLICE_LIT("STAT\r\n"), &used, &out, &ev);
		assert_int_equal(used, 0);
	}
	assert_int_equal(lines, N - 1 + 2);
	assert_true(rounds > total / POP3_OUT_MIN - 1);
	buf_done(&out);
	free(msgs);
}

static void test_bad_commands_in_a_row(void **state)
{
	struct pop3_session s;
	struct pop3_event ev;
	struct buf out;
	size_t used;

	(void)state;
	buf_init(&out, 100000);
	pop3_session_init(&s, NULL, 0, uidl_longest, NULL);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < POP3_BAD_MAX; i++)
			pop3_session_feed(&s, SLICE_LIT("X\r\n"), &used, &out, &ev);
		assert_int_equal(ev.what, POP3_NOTHING);
		if (round == 0)
			pop3_session_feed(&s, SLICE_LIT("NOOP\r\n"), &used, &out, &ev);
	}
	pop3_session_feed(&s, SLICE_LIT("X\r\n"), &used, &out, &ev);
	assert_int_equal(ev.what, POP3_CLOSE);
	pop3_session_feed(&s, SLICE_LIT("X\r\n"), &used, &out, &ev);
	assert_int_equal(used, 0);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_line_limit_is_exact),
		cmocka_unit_test(test_handover_leaves_the_rest_alone),
		cmocka_unit_test(test_stls_stops_reading_and_forgets_the_user),
		cmocka_unit_test(test_listing_in_rounds),
		cmocka_unit_test(test_bad_commands_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
