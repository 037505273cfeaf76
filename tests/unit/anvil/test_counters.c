/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "anvil/counters.h"

static struct counter_now add(struct counters *c, const char *key, enum counter_kind kind,
			      int64_t now_ms)
{
	return counters_add(c, slice_str(key), kind, now_ms, now_ms / 1000);
}

static void test_connections_and_rates(void **state)
{
	struct counters c;

	(void)state;
	counters_init(&c, 60000, 10);
	assert_int_equal(add(&c, "smtp:a", COUNT_CONNECTION, 0).connections, 1);
	assert_int_equal(add(&c, "smtp:a", COUNT_CONNECTION, 10).connections, 2);
	assert_int_equal(add(&c, "smtp:b", COUNT_CONNECTION, 10).connections, 1);
	counters_drop(&c, SLICE_LIT("smtp:a"));
	assert_int_equal(add(&c, "smtp:a", COUNT_CONNECTION, 20).connections, 2);
	assert_int_equal(add(&c, "smtp:a", COUNT_CONNECTION, 30).rate, 4);
	assert_int_equal(add(&c, "smtp:a", COUNT_MESSAGE, 59999).rate, 1);
	/* a new unit: rates begin again, connections stay */
	assert_int_equal(add(&c, "smtp:a", COUNT_CONNECTION, 60000).rate, 1);
	assert_int_equal(add(&c, "smtp:a", COUNT_CONNECTION, 60001).connections, 5);
	assert_int_equal(c.peak_connections.value, 5);
	assert_string_equal(c.peak_connections.key, "smtp:a");
	counters_drop(&c, SLICE_LIT("unknown"));
	counters_done(&c);
}

static void test_the_table_is_bounded_and_fails_open(void **state)
{
	static const char long_key[COUNTER_KEY_BYTES + 2] = { [0 ... COUNTER_KEY_BYTES] = 'x' };
	struct counters c;
	char key[20];

	(void)state;
	counters_init(&c, 60000, 5);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "smtp:%d", i);
		assert_int_equal(add(&c, key, COUNT_AUTH, i).rate, 1);
	}
	assert_int_equal(hash_count(&c.keys), 5);
	for (int i = 0; i < 5; i++) {
		snprintf(key, sizeof(key), "busy:%d", i);
		assert_int_equal(add(&c, key, COUNT_CONNECTION, i).connections, 1);
	}
	assert_int_equal(add(&c, "one more", COUNT_CONNECTION, 9).connections, 0);
	counters_drop(&c, SLICE_LIT("busy:3"));
	assert_int_equal(add(&c, "one more", COUNT_CONNECTION, 9).connections, 1);
	assert_int_equal(add(&c, long_key, COUNT_CONNECTION, 9).connections, 0);
	counters_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connections_and_rates),
		cmocka_unit_test(test_the_table_is_bounded_and_fails_open),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
