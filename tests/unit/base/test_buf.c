/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/mem.h"

static void test_limit_is_exact_and_remembered(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_adds(&b, "abc");
	assert_int_equal(buf_finish(&b), RC_OK);
	buf_adds(&b, "def");
	assert_int_equal(buf_finish(&b), RC_LIMIT);
	unit_slice_is(buf_slice(&b), "abcde", "cut at the maximum");
	buf_reset(&b);
	assert_int_equal(buf_finish(&b), RC_OK);
	buf_done(&b);
}

static void test_stream_use(void **state)
{
	struct buf b;
	size_t total_in = 0, total_out = 0, n;

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < 500; i++) {
		char *p = buf_reserve(&b, 300, &n);

		memset(p, 'a' + i % 26, n);
		buf_commit(&b, n);
		total_in += n;
		n = buf_len(&b) / 2;
		buf_consume(&b, n);
		total_out += n;
		assert_true(buf_len(&b) <= 1000);
	}
	assert_int_equal(total_in - total_out, buf_len(&b));
	assert_true(b.size <= 4096);
	buf_done(&b);
}

static void test_format(void **state)
{
	struct buf b;
	char *s;

	(void)state;
	buf_init(&b, 100000);
	buf_addf(&b, "%s-%d", "x", 7);
	assert_string_equal(buf_cstr(&b), "x-7");
	buf_addf(&b, "%2000d", 1);
	assert_int_equal(buf_len(&b), 2003);
	buf_consume(&b, 2002);
	s = buf_take(&b);
	assert_string_equal(s, "1");
	free(s);
	buf_done(&b);
}

static void test_arena(void **state)
{
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a, 10000);
	p = arena_alloc(&a, 6000);
	assert_non_null(p);
	assert_null(arena_alloc(&a, 6000));
	assert_string_equal(arena_printf(&a, "%d", 42), "42");
	assert_non_null(arena_slice(&a, slice_str("")).p);
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 9000));
	assert_null(arena_slice(&a, slice_make(p, 2000)).p);
	arena_done(&a);
}

static void test_errors_keep_the_first_cause(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, RC_TEMP, "first %d", 1), RC_TEMP);
	assert_int_equal(err_set(&e, RC_PERM, "second"), RC_PERM);
	err_context(&e, "file %s", "x");
	assert_string_equal(e.text, "file x: first 1");
	assert_int_equal(e.code, RC_TEMP);
	err_dsn(&e, "4.3.0");
	err_dsn(&e, "5.0.0");
	assert_string_equal(e.dsn, "4.3.0");
	assert_int_equal(err_set(NULL, RC_END, "no detail wanted"), RC_END);
	assert_true(mem_equal_secret("abc", "abc", 3) && !mem_equal_secret("abc", "abd", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit_is_exact_and_remembered),
		cmocka_unit_test(test_stream_use), cmocka_unit_test(test_format),
		cmocka_unit_test(test_arena), cmocka_unit_test(test_errors_keep_the_first_cause),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
