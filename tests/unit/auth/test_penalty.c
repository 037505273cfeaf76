/* tests/unit/auth/test_penalty.c - how long an address waits for its failures. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "auth/penalty.h"

enum { MAX_MS = 15000 };

/* One story: at AT, ADDR fails with ATTEMPT (0: succeeds; -1: only asks), and then may be looked at
 * from DUE on. */
static const struct {
	int64_t at;
	const char *addr;
	int attempt;
	int64_t due;
} story[] = {
	{ 0, "192.0.2.1", -1, 0 },
	{ 0, "192.0.2.1", 1, 2000 },
	{ 500, "192.0.2.2", -1, 500 },
	{ 500, "::ffff:192.0.2.1", -1, 2000 },
	{ 1000, "192.0.2.1", 2, 5000 },
	{ 1000, "192.0.2.1", 3, 9000 },
	{ 1000, "192.0.2.1", 4, 16000 },	/* 16 s is more than the most */
	{ 2000, "192.0.2.1", 5, 17000 },
	{ 16000, "192.0.2.1", 5, 17000 },	/* the same again is no guess */
	{ 46999, "192.0.2.1", 6, 61999 },
	{ 91999, "192.0.2.1", 7, 93999 },	/* forgotten: from the beginning */
	{ 92000, "192.0.2.1", 8, 96000 },
	{ 92000, "192.0.2.1", 0, 92000 },	/* forgiven */
	{ 92000, "192.0.2.1", 9, 94000 },
	/* a network of IPv6 is one address, a neighbour's is another */
	{ 92000, "2001:db8:1::1", 1, 94000 },
	{ 92000, "2001:db8:1:ffff::2", -1, 94000 },
	{ 92000, "2001:db8:2::1", -1, 92000 },
	/* the machine itself, and what is no address */
	{ 92000, "127.0.0.1", 1, 92000 },
	{ 92000, "127.9.9.9", 1, 92000 },
	{ 92000, "::1", 1, 92000 },
	{ 92000, "::ffff:127.0.0.1", 1, 92000 },
	{ 92000, "", 1, 92000 },
	{ 92000, "somebody", 1, 92000 },
	{ 92000, "192.0.2.256", 1, 92000 },
};

static void play(struct penalties *p, size_t i)
{
	struct slice addr = slice_str(story[i].addr);

	if (story[i].attempt == 0)
		penalties_forgive(p, addr);
	else if (story[i].attempt > 0)
		penalties_failed(p, addr, (uint64_t)story[i].attempt, story[i].at);
}

static void failures_double_the_wait(void **state)
{
	struct penalties *p = penalties_new(MAX_MS);

	(void)state;
	for (size_t i = 0; i < N_OF(story); i++) {
		int64_t due, want = story[i].due;

		play(p, i);
		due = penalties_due(p, slice_str(story[i].addr), story[i].at);
		if (due != want && (due > story[i].at || want > story[i].at))
			fail_msg("line %zu: %lld, want %lld", i, (long long)due, (long long)want);
	}
	assert_int_equal(penalties_count(p), 2);
	penalties_free(&p);
	assert_null(p);
	penalties_free(&p);
}

static void zero_is_none(void **state)
{
	struct penalties *p = penalties_new(0);

	(void)state;
	for (size_t i = 0; i < N_OF(story); i++) {
		play(p, i);
		assert_int_equal(penalties_due(p, slice_str(story[i].addr), story[i].at),
				 story[i].at);
	}
	assert_int_equal(penalties_count(p), 0);
	penalties_free(&p);
}

static void many_addresses_have_a_limit(void **state)
{
	struct penalties *p = penalties_new(MAX_MS);
	char addr[32];

	(void)state;
	for (int i = 0; i <= PENALTIES_MAX; i++) {
		snprintf(addr, sizeof(addr), "10.0.%d.%d", i / 256, i % 256);
		penalties_failed(p, slice_str(addr), 1, i);
	}
	assert_int_equal(penalties_count(p), PENALTIES_MAX);
	assert_int_equal(penalties_due(p, SLICE_LIT("10.0.0.0"), 0), 0);
	assert_int_equal(penalties_due(p, SLICE_LIT("10.0.0.1"), 0), 2001);
	penalties_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_double_the_wait),
		cmocka_unit_test(zero_is_none),
		cmocka_unit_test(many_addresses_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
