/* tests/unit/table/test_match.c - lists of names, domains and clients. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/table/match.h"

static const struct {
	const char *list;
	enum match_kind kind;
	int flags;
	const char *name, *address;
	bool want;
} cases[] = {
	{ "", MATCH_STRINGS, 0, "a", "", false },
	{ "a b", MATCH_STRINGS, 0, "B", "", true },
	{ "a.b", MATCH_STRINGS, 0, "x.a.b", "", false },
	{ "!a static:x", MATCH_STRINGS, 0, "a", "", false },
	{ "!a static:x", MATCH_STRINGS, 0, "b", "", true },
	{ "example.com", MATCH_DOMAINS, 0, "Example.COM", "", true },
	{ "example.com", MATCH_DOMAINS, 0, "example.com.", "", true },
	{ "example.com", MATCH_DOMAINS, 0, "a.example.com", "", false },
	{ "example.com", MATCH_DOMAINS, MATCH_PARENTS, "a.example.com", "", true },
	{ "example.com", MATCH_DOMAINS, MATCH_PARENTS, "aexample.com", "", false },
	{ ".example.com", MATCH_DOMAINS, 0, "a.example.com", "", true },
	{ ".example.com", MATCH_DOMAINS, 0, "example.com", "", false },
	{ ".example.com", MATCH_DOMAINS, MATCH_PARENTS, "a.example.com", "", false },
	{ "!a.example.com .example.com", MATCH_DOMAINS, 0, "a.example.com", "", false },
	{ "!a.example.com .example.com", MATCH_DOMAINS, 0, "b.example.com", "", true },
	{ "inline:{example.com=1}", MATCH_DOMAINS, 0, "a.example.com", "", false },
	{ "inline:{example.com=1}", MATCH_DOMAINS, MATCH_PARENTS, "a.b.example.com", "", true },
	{ "inline:{.example.com=1}", MATCH_DOMAINS, 0, "a.b.example.com", "", true },
	{ "regexp:{{/^x/ y}}", MATCH_DOMAINS, MATCH_PARENTS, "a.x", "", false },
	{ "127.0.0.0/8", MATCH_CLIENTS, 0, "unknown", "127.0.0.1", true },
	{ "127.0.0.0/8", MATCH_CLIENTS, 0, "unknown", "128.0.0.1", false },
	{ "10.1.2.3", MATCH_CLIENTS, 0, "unknown", "10.1.2.3", true },
	{ "[::1]/128", MATCH_CLIENTS, 0, "", "::1", true },
	{ "[::1/128]", MATCH_CLIENTS, 0, "", "::1", true },
	{ "[2001:db8::]/33", MATCH_CLIENTS, 0, "", "2001:db8:7fff::1", true },
	{ "[2001:db8::]/33", MATCH_CLIENTS, 0, "", "2001:db8:8000::1", false },
	{ "[::ffff:127.0.0.0]/104", MATCH_CLIENTS, 0, "", "127.0.0.1", false },
	{ "!10.1.0.0/16 10.0.0.0/8", MATCH_CLIENTS, 0, "", "10.1.0.1", false },
	{ "!10.1.0.0/16 10.0.0.0/8", MATCH_CLIENTS, 0, "", "10.2.0.1", true },
	{ "host.example", MATCH_CLIENTS, 0, "host.example", "10.2.0.1", true },
	{ ".example", MATCH_CLIENTS, 0, "host.example", "10.2.0.1", true },
	{ "0.0.0.0/0", MATCH_CLIENTS, 0, "", "::1", false },
	{ "cidr:{{10.0.0.0/8 x}}", MATCH_CLIENTS, 0, "h.example", "10.2.0.1", true },
	{ "inline:{10.2.0.1=x}", MATCH_CLIENTS, 0, "h.example", "10.2.0.1", true },
	{ "10.0.0.0/8", MATCH_CLIENTS, 0, "", "not an address", false },
};

static const struct { const char *list; enum match_kind kind; } bad[] = {
	{ "127.0.0.1/8", MATCH_CLIENTS }, { "127.0.0.0/x", MATCH_CLIENTS },
	{ "300.0.0.0/8", MATCH_CLIENTS }, { "2001:db8::/32", MATCH_CLIENTS },
	{ "[2001:db8::]/129", MATCH_CLIENTS }, { "[host]", MATCH_CLIENTS },
	{ "nosuch:x", MATCH_DOMAINS }, { "nosuch:x", MATCH_STRINGS },
	{ "hash:/nonexistent/x", MATCH_CLIENTS }, { "10.0.0.0/", MATCH_CLIENTS },
};

static struct str_list split(const char *list, struct arena *arena)
{
	struct str_list words;
	struct err err = { 0 };

	assert_int_equal(param_split_match(slice_str(list), arena, &words, &err), RC_OK);
	return words;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena arena;
		struct str_list words;
		struct match *m;
		struct err err = { 0 };
		enum rc rc;

		arena_init(&arena, 1 << 16);
		words = split(cases[i].list, &arena);
		if (match_open(&words, cases[i].kind, cases[i].flags, &m, &err) != RC_OK)
			fail_msg("%s: %s", cases[i].list, err.text);
		if (cases[i].kind == MATCH_CLIENTS)
			rc = match_client(m, NULL, slice_str(cases[i].name),
					  slice_str(cases[i].address), &err);
		else
			rc = match_name(m, NULL, slice_str(cases[i].name), &err);
		if (rc != (cases[i].want ? RC_OK : RC_END))
			fail_msg("%s: %s %s: %s", cases[i].list, cases[i].name, cases[i].address,
				 rc_name(rc));
		assert_false(match_has_changed(m, 1));
		match_close(&m);
		arena_done(&arena);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad); i++) {
		struct arena arena;
		struct str_list words;
		struct match *m = NULL;
		struct err err = { 0 };
		enum rc rc;

		arena_init(&arena, 1 << 16);
		words = split(bad[i].list, &arena);
		rc = match_open(&words, bad[i].kind, 0, &m, &err);
		if (rc >= 0 || m != NULL || err.text[0] == '\0')
			fail_msg("%s: %s", bad[i].list, rc_name(rc));
		arena_done(&arena);
	}
}

/* A table that fails in the middle must not be passed over. */
static void test_failing_table(void **state)
{
	struct arena arena;
	struct str_list words;
	struct match *m;
	struct err err = { 0 };

	(void)state;
	arena_init(&arena, 1 << 16);
	words = split("a fail:x b", &arena);
	assert_int_equal(match_open(&words, MATCH_DOMAINS, 0, &m, &err), RC_OK);
	assert_int_equal(match_name(m, NULL, SLICE_LIT("a"), &err), RC_OK);
	assert_int_equal(match_name(m, NULL, SLICE_LIT("b"), &err), RC_TEMP);
	match_close(&m);
	arena_done(&arena);
}

static void test_load(void **state)
{
	struct conf *c = conf_new("/nonexistent");
	struct table_list tables;
	struct faults faults;
	struct arena arena;
	struct str_list words;
	struct match *m;
	struct err err = { 0 };

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	conf_parse(c, "main.cf", SLICE_LIT("\nrelay_domains = nosuch:x\nmaps = nosuch:x static:y\n"),
		   &faults);
	words = split("nosuch:x", &arena);
	match_load(c, "relay_domains", &words, MATCH_DOMAINS, &m, &faults);
	assert_int_equal(faults.fatal_count, 1);
	assert_int_equal(faults.first->line, 2);
	assert_int_equal(match_name(m, NULL, SLICE_LIT("x"), &err), RC_END);
	match_close(&m);
	words = split("example.com", &arena);
	match_load(c, "relay_domains", &words, MATCH_DOMAINS, &m, &faults);
	assert_int_equal(match_name(m, NULL, SLICE_LIT("sub.example.com"), &err), RC_OK);
	match_close(&m);
	match_load(c, "mydestination", &words, MATCH_DOMAINS, &m, &faults);
	assert_int_equal(match_name(m, NULL, SLICE_LIT("sub.example.com"), &err), RC_END);
	match_close(&m);
	words = split("nosuch:x static:y", &arena);
	table_list_load(c, "maps", &words, TABLE_FOLD, &tables, &faults);
	assert_int_equal(tables.n, 1);
	assert_int_equal(faults.fatal_count, 2);
	table_list_close(&tables);
	arena_done(&arena);
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_failing_table), cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
