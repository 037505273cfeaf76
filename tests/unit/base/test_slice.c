/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/base/num.h"

static const struct { const char *in, *want; } trims[] = {
	{ "", "" }, { " \t", "" }, { " a b\t", "a b" }, { "x", "x" }, { "\ra\r", "\ra\r" },
};

static void test_trim(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(trims); i++)
		unit_slice_is(slice_trim(slice_str(trims[i].in)), trims[i].want, trims[i].in);
}

static const struct { const char *in; const char *parts[4]; size_t n; } splits[] = {
	{ "a:b:c", { "a", "b", "c" }, 3 },
	{ "a:", { "a", "" }, 2 },
	{ ":", { "", "" }, 2 },
	{ "", { "" }, 1 },
};

static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(splits); i++) {
		struct slice rest = slice_str(splits[i].in), part;
		size_t n = 0;

		for (; slice_split(&rest, ':', &part); n++) {
			assert_true(n < splits[i].n);
			unit_slice_is(part, splits[i].parts[n], splits[i].in);
		}
		assert_int_equal(n, splits[i].n);
	}
}

static void test_token_and_line(void **state)
{
	struct slice s = slice_str(" ,a b,,c, "), t;

	(void)state;
	assert_true(slice_token(&s, " ,", &t) && slice_is(t, "a"));
	assert_true(slice_token(&s, " ,", &t) && slice_is(t, "b"));
	assert_true(slice_token(&s, " ,", &t) && slice_is(t, "c"));
	assert_false(slice_token(&s, " ,", &t));
	s = slice_str("one\r\ntwo\n\nlast");
	assert_true(slice_line(&s, &t) && slice_is(t, "one"));
	assert_true(slice_line(&s, &t) && slice_is(t, "two"));
	assert_true(slice_line(&s, &t) && slice_is(t, ""));
	assert_true(slice_line(&s, &t) && slice_is(t, "last"));
	assert_false(slice_line(&s, &t));
}

static const struct { const char *hay, *needle; ptrdiff_t at, iat; } finds[] = {
	{ "abcabc", "ca", 2, 2 }, { "abc", "", 0, 0 }, { "ABC", "bc", -1, 1 },
	{ "ab", "abc", -1, -1 }, { "", "a", -1, -1 },
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(finds); i++) {
		struct slice h = slice_str(finds[i].hay), n = slice_str(finds[i].needle);

		assert_int_equal(slice_find(h, n), finds[i].at);
		assert_int_equal(slice_ifind(h, n), finds[i].iat);
	}
}

static void test_compare(void **state)
{
	char small[4];

	(void)state;
	assert_false(slice_iis(SLICE_LIT("ReCPT"), "rcp"));
	assert_true(slice_iis(SLICE_LIT("RcpT"), "rcpt"));
	assert_false(slice_is(slice_make("a\0b", 3), "a"));
	assert_true(slice_ends(SLICE_LIT("a.cdb"), SLICE_LIT(".cdb")));
	assert_true(slice_cmp(SLICE_LIT("a"), SLICE_LIT("ab")) < 0);
	assert_true(slice_hash(SLICE_LIT("ab")) != slice_hash(SLICE_LIT("AB")));
	assert_true(slice_ihash(SLICE_LIT("ab")) == slice_ihash(SLICE_LIT("AB")));
	assert_false(slice_to_cstr(SLICE_LIT("abcd"), small, sizeof(small)));
	assert_false(slice_to_cstr(slice_make("a\0b", 3), small, sizeof(small)));
	assert_true(slice_to_cstr(SLICE_LIT("abc"), small, sizeof(small)));
}

static const struct { const char *in; uint64_t max; enum rc rc; uint64_t want; } numbers[] = {
	{ "0", 10, RC_OK, 0 }, { "10", 10, RC_OK, 10 }, { "11", 10, RC_LIMIT, 0 },
	{ "", 10, RC_SYNTAX, 0 }, { "-1", 10, RC_SYNTAX, 0 }, { " 1", 10, RC_SYNTAX, 0 },
	{ "5", 3, RC_LIMIT, 0 }, { "18446744073709551615", UINT64_MAX, RC_OK, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, RC_LIMIT, 0 }, { "1a", 100, RC_SYNTAX, 0 },
};

static void test_numbers(void **state)
{
	int64_t i64;

	(void)state;
	for (size_t i = 0; i < N_OF(numbers); i++) {
		uint64_t v = 0;

		assert_int_equal(num_u64(slice_str(numbers[i].in), numbers[i].max, &v),
				 numbers[i].rc);
		assert_true(v == numbers[i].want);
	}
	assert_int_equal(num_i64(SLICE_LIT("-9223372036854775808"), INT64_MIN, INT64_MAX, &i64),
			 RC_OK);
	assert_true(i64 == INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trim), cmocka_unit_test(test_split),
		cmocka_unit_test(test_token_and_line), cmocka_unit_test(test_find),
		cmocka_unit_test(test_compare), cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
