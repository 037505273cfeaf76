/* tests/unit/table/test_memo.c - answers that come later, too late, never; the blocking way. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/table/table.h"

static void *tokens[8];
static unsigned asked, ready;
static bool refuse;

static enum rc ask(void *ctx, struct slice table, struct slice key, void *token, struct err *err)
{
	(void)ctx;
	(void)key;
	unit_slice_is(table, "inline:{x=y}", "name without proxy:");
	if (refuse)
		return err_set(err, RC_SYS, "no");
	tokens[asked++] = token;
	return RC_OK;
}

static enum rc ask_now(void *ctx, struct slice table, struct slice key, struct buf *out,
		       struct err *err)
{
	(void)ctx;
	(void)table;
	(void)err;
	if (slice_is(key, "none"))
		return RC_END;
	buf_adds(out, "now");
	return RC_OK;
}

static void on_ready(struct table_memo *m)
{
	assert_int_equal(m->pending, 0);
	ready++;
}

struct fixture {
	struct arena arena;
	struct table_memo memo;
	struct table *t;
	struct slice got;
	struct err err;
};

static void setup(struct fixture *f)
{
	static const struct table_transport transport = { .ask = ask, .ask_now = ask_now };

	*f = (struct fixture){ 0 };
	asked = ready = 0;
	refuse = false;
	table_set_transport("proxymap", &transport);
	arena_init(&f->arena, 1 << 16);
	table_memo_init(&f->memo, &f->arena, on_ready, NULL);
	assert_int_equal(table_open("proxy:inline:{x=y}", "hash", TABLE_FOLD, &f->t, &f->err),
			 RC_OK);
}

static void teardown(struct fixture *f)
{
	table_memo_done(&f->memo);
	table_close(&f->t);
	arena_done(&f->arena);
}

static enum rc look(struct fixture *f, const char *key)
{
	f->err = (struct err){ 0 };
	return table_lookup(f->t, &f->memo, slice_str(key), &f->got, &f->err);
}

static void test_later(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_int_equal(look(&f, "a"), RC_MORE);
	assert_int_equal(look(&f, "a"), RC_MORE); /* not asked twice */
	assert_int_equal(asked, 1);
	assert_int_equal(look(&f, "b"), RC_MORE);
	assert_int_equal(look(&f, "c"), RC_MORE);
	assert_int_equal(asked, 3);
	table_answer(tokens[1], RC_END, (struct slice){ NULL, 0 });
	table_answer(tokens[0], RC_OK, SLICE_LIT("value"));
	assert_int_equal(ready, 0);
	table_answer(tokens[2], RC_TEMP, (struct slice){ NULL, 0 });
	assert_int_equal(ready, 1);
	assert_int_equal(look(&f, "a"), RC_OK);
	unit_slice_is(f.got, "value", "memoised");
	assert_int_equal(look(&f, "b"), RC_END);
	assert_int_equal(look(&f, "c"), RC_TEMP);
	assert_true(f.err.text[0] != '\0');
	assert_int_equal(asked, 3);
	teardown(&f);
}

static void test_too_late(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_int_equal(look(&f, "a"), RC_MORE);
	teardown(&f);
	table_answer(tokens[0], RC_OK, SLICE_LIT("late"));
	assert_int_equal(ready, 0);
}

static void test_refused(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	refuse = true;
	assert_int_equal(look(&f, "a"), RC_TEMP);
	assert_int_equal(f.memo.pending, 0);
	assert_int_equal(look(&f, "a"), RC_TEMP); /* the computation must see the same again */
	teardown(&f);
}

static void test_blocking(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_int_equal(table_lookup(f.t, NULL, SLICE_LIT("a"), &f.got, &f.err), RC_OK);
	unit_slice_is(f.got, "now", "blocking answer");
	assert_int_equal(table_lookup(f.t, NULL, SLICE_LIT("none"), &f.got, &f.err), RC_END);
	assert_int_equal(asked, 0);
	teardown(&f);
}

static void test_never_used(void **state)
{
	struct table_memo m = { 0 };

	(void)state;
	table_memo_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_later), cmocka_unit_test(test_too_late),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_blocking),
		cmocka_unit_test(test_never_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
