/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/imap/seqset.h"

/* Parsed and resolved against LARGEST; WANT NULL: syntax error. */
static const struct { const char *in; uint32_t largest; const char *want; } cases[] = {
	{ "1", 9, "1" }, { "1:3", 9, "1-3" }, { "3:1", 9, "1-3" }, { "*", 9, "9" },
	{ "1:*", 9, "1-9" }, { "*:4", 9, "4-9" }, { "12:*", 9, "9-12" }, { "*:*", 9, "9" },
	{ "2,4:7,9,12:*", 15, "2 4-7 9 12-15" }, { "*:4,5:7", 10, "4-10" },
	{ "5,4,3,1", 9, "1 3-5" }, { "1:5,3:9", 9, "1-9" }, { "1:9,2:3", 9, "1-9" },
	{ "4294967295", 9, "4294967295" }, { "4294967294,4294967295", 9, "4294967294-4294967295" },
	{ "0", 9, "" }, { "0:2", 9, "1-2" }, { "*", 0, "" }, { "1:*", 0, "1" },
	{ "", 9, NULL }, { ",", 9, NULL }, { "1,", 9, NULL }, { ",1", 9, NULL }, { "1:", 9, NULL },
	{ ":1", 9, NULL }, { "1:2:3", 9, NULL }, { "a", 9, NULL }, { "-1", 9, NULL },
	{ "4294967296", 9, NULL }, { "1 2", 9, NULL }, { "**", 9, NULL }, { "1*", 9, NULL },
};

static void show(const struct imap_seqset *set, struct buf *out)
{
	for (size_t i = 0; i < set->n; i++) {
		buf_addf(out, "%s%u", i > 0 ? " " : "", set->ranges[i].lo);
		if (set->ranges[i].hi != set->ranges[i].lo)
			buf_addf(out, "-%u", set->ranges[i].hi);
	}
}

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena a;
		struct buf out;
		struct imap_seqset set;
		enum rc rc;

		arena_init(&a, 65536);
		buf_init(&out, 1000);
		rc = imap_seqset_parse(slice_str(cases[i].in), &a, &set);
		if ((rc == RC_OK) != (cases[i].want != NULL))
			fail_msg("%s: %s", cases[i].in, rc_name(rc));
		if (rc == RC_OK) {
			imap_seqset_resolve(&set, cases[i].largest);
			imap_seqset_resolve(&set, cases[i].largest);
			show(&set, &out);
			unit_slice_is(buf_slice(&out), cases[i].want, cases[i].in);
		}
		buf_done(&out);
		arena_done(&a);
	}
}

static void test_has(void **state)
{
	struct arena a;
	struct imap_seqset set;

	(void)state;
	arena_init(&a, 65536);
	assert_int_equal(imap_seqset_parse(SLICE_LIT("2,4:7,12:*"), &a, &set), RC_OK);
	imap_seqset_resolve(&set, 15);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(imap_seqset_has(&set, i),
				 i == 2 || (i >= 4 && i <= 7) || (i >= 12 && i <= 15));
	assert_int_equal(imap_seqset_largest(&set), 15);
	arena_done(&a);
}

static void test_arena_full(void **state)
{
	struct arena a;
	struct imap_seqset set;

	(void)state;
	arena_init(&a, 16);
	assert_int_equal(imap_seqset_parse(SLICE_LIT("1,2,3,4,5,6"), &a, &set), RC_LIMIT);
	arena_done(&a);
}

static const struct { uint32_t n[6]; size_t count; const char *want; } prints[] = {
	{ { 0 }, 0, "" }, { { 5 }, 1, "5" }, { { 3, 4, 5, 9, 7 }, 5, "3:5,9,7" },
	{ { 2, 1 }, 2, "2,1" }, { { 4294967294, 4294967295, 0 }, 3, "4294967294:4294967295,0" },
};

static void test_print(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(prints); i++) {
		struct buf out;

		buf_init(&out, 1000);
		imap_seqset_print(prints[i].n, prints[i].count, &out);
		unit_slice_is(buf_slice(&out), prints[i].want, "print");
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse), cmocka_unit_test(test_has),
		cmocka_unit_test(test_arena_full), cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests_name("imap seqset", tests, NULL, NULL);
}
