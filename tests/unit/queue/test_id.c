/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/base/hash.h"
#include "lib/queue/id.h"

#define US 1000000

static const struct {
	const char *id;
	bool valid, is_long;
	const char *hash5;
} cases[] = {
	{ "F423F68C3A11", true, false, "F423F" },
	{ "000008C3A11F", true, false, "00000" },
	{ "8045F2AB23", true, false, "8045F" },
	{ "8045F2", true, false, "8045F" },
	{ "4bFgMc0xZ5z2Pq", true, true, "20BAD" },
	{ "4bFgMczzzzz2Pq", true, true, "00000" },	/* microseconds out of range */
	{ "8045f2ab23", false, false, NULL },
	{ "8045F", false, false, NULL },
	{ "", false, false, NULL },
	{ "../../etc", false, false, NULL },
	{ "8045F2AB2G", false, false, NULL },
	{ "4bFgMc0xZ5z", false, false, NULL },
	{ "4bFgMc0xZz2Pq", false, false, NULL },
	{ "4bFgMc0xZ5z2PqA", false, false, NULL },
	{ "4bFgMc0xZ5z2Pq4bFgMc0xZ5z2Pq4bFg", false, false, NULL },
};

static void test_forms(void **state)
{
	struct queue_id copy;
	char hash[6];

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct slice id = slice_str(cases[i].id);
		bool ok = queue_id_is_valid(id);

		if (ok != cases[i].valid || queue_id_is_long(id) != cases[i].is_long)
			fail_msg("%s: valid %d, long %d", cases[i].id, ok, queue_id_is_long(id));
		assert_int_equal(queue_id_parse(id, &copy) == RC_OK, cases[i].valid);
		if (ok) {
			unit_slice_is(queue_id_slice(&copy), cases[i].id, "parse");
			queue_id_hash_chars(id, 5, hash);
			assert_string_equal(hash, cases[i].hash5);
			queue_id_hash_chars(id, 1, hash);
			assert_int_equal(strlen(hash), 1);
		}
	}
}

/* Microseconds first, then the seconds, of a short id their lowest 24 bits. */
static void test_time(void **state)
{
	static const struct { int64_t us; const char *s; } made[] = {
		{ 1ll * US, "00000000001" }, { 1758000000ll * US + 1, "00001C8F380" },
		{ 1758000000ll * US + 999999, "F423FC8F380" },
		{ 4102444800ll * US, "00000865700" },
	};
	struct queue_id id;

	(void)state;
	for (size_t i = 0; i < N_OF(made); i++) {
		queue_id_short(made[i].us, &id);
		assert_string_equal(id.s, made[i].s);
		queue_id_long(made[i].us, 0xffffffff, &id);
		assert_true(queue_id_is_long(queue_id_slice(&id)));
	}
}

static void test_unique(void **state)
{
	struct queue_idgen g;
	struct queue_id id;
	struct hash seen;

	(void)state;
	for (int is_long = 0; is_long < 2; is_long++) {
		hash_init(&seen, 10000, false);
		queue_idgen_init(&g, is_long, 77);
		/* 3000 in the same microsecond, then the clock steps back by half a second */
		for (int i = 0; i < 6000; i++) {
			queue_idgen_next(&g, 1758000000ll * US - (i >= 3000 ? US / 2 : 0), &id);
			assert_int_equal(queue_id_is_long(queue_id_slice(&id)), is_long);
			assert_null(hash_get(&seen, queue_id_slice(&id)));
			assert_int_equal(hash_put(&seen, queue_id_slice(&id), &g, NULL), RC_OK);
		}
		hash_done(&seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms), cmocka_unit_test(test_time),
		cmocka_unit_test(test_unique),
	};

	return cmocka_run_group_tests_name("queue id", tests, NULL, NULL);
}
