/* tests/unit/table/test_table.c - each type of table: opening, asking, faults; files that change. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/table/index.h"
#include "lib/table/table.h"

/* WANT: the value, NULL not found, or one of these. */
#define TEMP "(temporary)"

static const struct { const char *spec; const char *key, *want; } lookups[] = {
	{ "static:x y", "a", "x y" },
	{ "static:{ x y }", "a", "x y" },
	{ "inline:{a=b, c=d}", "a", "b" },
	{ "inline:{a=b, c=d}", "C", "d" },
	{ "inline:{a=b { c = d e }}", "c", "d e" },
	{ "inline:{a=b}", "x", NULL },
	{ "inline:{A=b}", "a", "b" },
	{ "inline:{a=}", "a", "" },
	{ "inline:{a=1 a=2}", "a", "1" },
	{ "fail:x", "a", TEMP },
	{ "regexp:{{/^a(.*)z$/ <$1>}}", "abcz", "<bc>" },
	{ "regexp:{{/^a(.*)z$/ <$1>}}", "ABCZ", "<BC>" },
	{ "regexp:{{/^a(.*)z$/i <$1>}}", "ABCZ", NULL },
	{ "regexp:{{/^a(.*)z$/ ${1}$(1)$$}}", "abz", "bb$" },
	{ "regexp:{{!/^a/ not a}}", "b", "not a" },
	{ "regexp:{{!/^a/ not a}}", "a", NULL },
	{ "regexp:{{if /^a/} {/b/ ab} {endif} {/b/ b}}", "ab", "ab" },
	{ "regexp:{{if /^a/} {/b/ ab} {endif} {/b/ b}}", "xb", "b" },
	{ "regexp:{{if !/^a/} {/b/ ab} {endif} {/b/ b}}", "xb", "ab" },
	{ "regexp:{{if /a/} {if /b/} {/c/ abc} {endif} {/c/ ac} {endif} {/c/ c}}", "ac", "ac" },
	{ "regexp:{{if /a/} {if /b/} {/c/ abc} {endif} {/c/ ac} {endif} {/c/ c}}", "bc", "c" },
	{ "regexp:{{|a/b| x}}", "a/b", "x" },
	{ "regexp:{{/a\\/b/ x}}", "a/b", "x" },
	{ "regexp:{{/a(b)?c/ <$1>}}", "ac", "<>" },
	{ "regexp:{{/a\\(b\\)/x <$1>}}", "ab", "<b>" },
	{ "pcre:{{/^a(.*)z$/ <$1>}}", "ABCZ", "<BC>" },
	{ "pcre:{{/^a(?=b)/i x}}", "Ab", NULL },
	{ "pcre:{{/^a(?=b)/ x}}", "Ab", "x" },
	{ "pcre:{{/a b/x x}}", "ab", "x" },
	{ "pcre:{{/^.$/ one}}", "\xc3\xa9", "one" },
	{ "pcre:{{/a/ x}}", "\xff" "a", "x" },
	{ "pcre:{{/b/A x}}", "ab", NULL },
	{ "pcre:{{/^(a|b)*?c(a+)+$/ x}}",
	  "caaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax", TEMP },
	{ "cidr:{{10.0.0.0/8 ten} {192.0.2.1 one}}", "10.1.2.3", "ten" },
	{ "cidr:{{10.0.0.0/8 ten} {192.0.2.1 one}}", "192.0.2.1", "one" },
	{ "cidr:{{10.0.0.0/8 ten}}", "11.0.0.1", NULL },
	{ "cidr:{{!10.0.0.0/8 other}}", "11.0.0.1", "other" },
	{ "cidr:{{!10.0.0.0/8 other}}", "host", NULL },
	{ "cidr:{{if 10.0.0.0/8} {10.1.0.0/16 in} {endif} {0.0.0.0/0 out}}", "10.1.0.1", "in" },
	{ "cidr:{{if 10.0.0.0/8} {10.1.0.0/16 in} {endif} {0.0.0.0/0 out}}", "9.1.0.1", "out" },
	{ "cidr:{{2001:db8::/32 doc} {[::1] self}}", "2001:db8::5", "doc" },
	{ "cidr:{{2001:db8::/32 doc} {[::1] self}}", "::1", "self" },
	{ "cidr:{{0.0.0.0/0 v4}}", "::1", NULL },
	{ "unionmap:{static:a, inline:{k=b}, static:c}", "k", "a,b,c" },
	{ "unionmap:{inline:{k=b}}", "x", NULL },
	{ "pipemap:{inline:{k=l}, inline:{l=m}}", "k", "m" },
	{ "pipemap:{inline:{k=l}, inline:{l=m}}", "l", NULL },
	{ "randmap:{only}", "k", "only" },
	{ "unix:passwd.byname", "no-such-user-here", NULL },
	{ "unix:passwd.byname", "root:x", NULL },
	{ "proxy:inline:{a=b}", "A", "b" },
	{ "proxy:regexp:{{/(A)/i $1}}", "A", "A" },
};

static const char *const bad_specs[] = {
	"nosuch:x", "hash:", "hash:/nonexistent/file", "texthash:/nonexistent/file",
	"regexp:/nonexistent/file", "inline:x", "inline:{}", "inline:{a}", "inline:{=b}",
	"static:{x", "regexp:{{/a x}}", "regexp:{{/(/ x}}", "regexp:{{/a/q x}}", "regexp:{{/a/}}",
	"regexp:{{/a/ $1}}", "regexp:{{!/(a)/ $1}}", "regexp:{{/(a)/ $x}}", "regexp:{{/(a)/ ${1}}",
	"regexp:{{/(a)/ $0}}", "regexp:{{if /a/} {/b/ x}}", "regexp:{{endif}}",
	"regexp:{{if /a/ text} {endif}}", "regexp:{{if /a/} {endif x}}", "regexp:{/a/ b}",
	"regexp:{{axa b}}", "regexp:{{/a/i1 b}}",
	"pcre:{{/(/ x}}", "pcre:{{/a/q x}}", "pcre:{{/(?<n>/ x}}",
	"cidr:{{10.0.0.1/8 x}}", "cidr:{{10.0.0.0/33 x}}", "cidr:{{10.0.0/8 x}}", "cidr:{{host x}}",
	"cidr:{{10.0.0.0/8}}", "cidr:{{10.0.0.0/ x}}", "cidr:{{::1/129 x}}",
	"unix:shadow.byname", "unionmap:x", "unionmap:{nosuch:x}", "pipemap:{}", "randmap:{}",
	"proxy:nosuch:x", "proxy:proxy:static:x",
};

/* The key has no NUL behind it, so that AddressSanitizer sees who reads on. */
static void check_lookup(struct table *t, const char *key, const char *want)
{
	struct err err = { 0 };
	struct slice got = { NULL, 0 };
	size_t n = strlen(key);
	char *bare = malloc(n > 0 ? n : 1);
	enum rc rc;

	memcpy(bare, key, n);
	rc = table_lookup(t, NULL, slice_make(bare, n), &got, &err);
	if (want == NULL) {
		if (rc != RC_END)
			fail_msg("%s of %s: %s %s", key, table_spec(t), rc_name(rc), err.text);
	} else if (strcmp(want, TEMP) == 0) {
		if (rc != RC_TEMP || err.text[0] == '\0')
			fail_msg("%s of %s: %s", key, table_spec(t), rc_name(rc));
	} else {
		if (rc != RC_OK)
			fail_msg("%s of %s: %s %s", key, table_spec(t), rc_name(rc), err.text);
		unit_slice_is(got, want, table_spec(t));
	}
	free(bare);
}

static struct table *open_ok(const char *spec, int flags)
{
	struct table *t = NULL;
	struct err err = { 0 };

	if (table_open(spec, "hash", flags, &t, &err) != RC_OK)
		fail_msg("%s: %s", spec, err.text);
	return t;
}

static void test_lookups(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(lookups); i++) {
		struct table *t = open_ok(lookups[i].spec, TABLE_FOLD);

		assert_string_equal(table_spec(t), lookups[i].spec);
		check_lookup(t, lookups[i].key, lookups[i].want);
		assert_false(table_has_changed(t, 1));
		table_close(&t);
		assert_null(t);
	}
}

static void test_bad_specs(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad_specs); i++) {
		struct table *t = NULL;
		struct err err = { 0 };
		enum rc rc = table_open(bad_specs[i], "hash", TABLE_FOLD, &t, &err);

		if (rc >= 0 || err.text[0] == '\0' || t != NULL)
			fail_msg("%s: %s", bad_specs[i], rc_name(rc));
	}
}

static void test_keys_no_table_has(void **state)
{
	struct table *t = open_ok("inline:{a=b}", 0);
	struct err err = { 0 };
	struct slice got;

	(void)state;
	assert_int_equal(table_lookup(t, NULL, SLICE_LIT(""), &got, &err), RC_END);
	assert_int_equal(table_lookup(t, NULL, slice_make("a\0b", 3), &got, &err), RC_END);
	table_close(&t);
	t = open_ok("pcre:{{/^$/ empty}}", 0);
	assert_int_equal(table_lookup(t, NULL, (struct slice){ NULL, 0 }, &got, &err), RC_OK);
	table_close(&t);
	t = open_ok("regexp:{{/^$/ empty} {/a/ b}}", 0);
	assert_int_equal(table_lookup(t, NULL, (struct slice){ NULL, 0 }, &got, &err), RC_OK);
	assert_int_equal(table_lookup(t, NULL, slice_make("a\0b", 3), &got, &err), RC_END);
	table_close(&t);
}

static void test_pattern_flag(void **state)
{
	static const struct { const char *spec; bool want; } cases[] = {
		{ "inline:{a=b}", false }, { "regexp:{{/a/ b}}", true }, { "pcre:{{/a/ b}}", true },
		{ "cidr:{{::1 b}}", true }, { "proxy:regexp:{{/a/ b}}", true },
		{ "proxy:inline:{a=b}", false }, { "unionmap:{pcre:{{/a/ b}}}", true },
		{ "unionmap:{inline:{a=b}}", false },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct table *t = open_ok(cases[i].spec, 0);

		assert_int_equal(table_is_pattern(t), cases[i].want);
		table_close(&t);
	}
}

static char dir[] = "/tmp/buzon-test-XXXXXX";

static const char *path_in_dir(const char *name)
{
	static char path[4][200];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static const char *write_file(const char *name, const char *text, time_t mtime)
{
	const char *path = path_in_dir(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	futimens(fd, (struct timespec[2]){ { mtime, 0 }, { mtime, 0 } });
	close(fd);
	return path;
}

static void build_index(const char *source, const char *key, const char *value, time_t mtime)
{
	struct stat st = { .st_mode = 0644, .st_uid = getuid(), .st_gid = getgid(),
			   .st_mtim = { mtime, 0 } };
	struct index_writer *w;
	struct err err = { 0 };

	assert_int_equal(index_writer_new(source, &st, true, &w, &err), RC_OK);
	assert_int_equal(index_writer_add(w, slice_str(key), slice_str(value), &err), RC_OK);
	assert_int_equal(index_writer_commit(&w, &err), RC_OK);
	assert_null(w);
}

static unsigned notes;

static void count_note(const char *text)
{
	assert_true(strlen(text) > 0);
	notes++;
}

static const char *spec_of(const char *type, const char *path)
{
	static char spec[300];

	snprintf(spec, sizeof(spec), "%s:%s", type, path);
	return spec;
}

static struct timespec at(int t, bool in_ns)
{
	return in_ns ? (struct timespec){ 7, t } : (struct timespec){ t, 0 };
}

/* What an index is good for, by the times of both files. */
static void test_index_is_fresh(void **state)
{
	static const struct {
		int index_m, index_c, source_m, source_c;
		bool is_fresh;
	} cases[] = {
		{ 10, 12, 10, 11, true },	/* ours */
		{ 10, 12, 10, 20, true },	/* the source's owner was changed later */
		{ 10, 12, 13, 13, false },	/* the source was changed */
		{ 10, 12, 5, 13, false },	/* an older source was put back */
		{ 12, 12, 10, 11, true },	/* another program's */
		{ 12, 12, 5, 13, false },	/* the same, and an older source */
		{ 12, 12, 10, 12, false },	/* too close to tell */
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const bool in_ns = i % 2 != 0;
		const struct stat index = { .st_mtim = at(cases[i / 2].index_m, in_ns),
					    .st_ctim = at(cases[i / 2].index_c, in_ns) };
		const struct stat source = { .st_mtim = at(cases[i / 2].source_m, in_ns),
					     .st_ctim = at(cases[i / 2].source_c, in_ns) };

		if (index_is_fresh(&index, &source) != cases[i / 2].is_fresh)
			fail_msg("case %zu", i / 2);
	}
}

/* The index is used while it is that of the source, and only then. */
static void test_index_and_source(void **state)
{
	const char *path = write_file("map", "Key source\nbad\nkey second\n", 1000000);
	struct table *t;

	(void)state;
	table_on_note(count_note);
	notes = 0;
	t = open_ok(spec_of("hash", path), TABLE_FOLD);
	assert_int_equal(notes, 2); /* the bad line, and that there is no index */
	check_lookup(t, "KEY", "source");
	check_lookup(t, "bad", NULL);
	table_close(&t);

	build_index(path, "key", "index", 1000000);
	notes = 0;
	t = open_ok(spec_of("btree", path), TABLE_FOLD);
	assert_int_equal(notes, 0);
	check_lookup(t, "Key", "index");
	check_lookup(t, "ke", NULL);
	assert_false(table_has_changed(t, 5000));
	build_index(path, "key", "index2", 1000001);
	assert_false(table_has_changed(t, 5500)); /* at most one look a second */
	check_lookup(t, "key", "index"); /* the old one stays open */
	assert_true(table_has_changed(t, 6000));
	assert_true(table_has_changed(t, 6001));
	table_close(&t);

	write_file("map", "key newer\n", 1000002);
	t = open_ok(spec_of("cdb", path), TABLE_FOLD);
	check_lookup(t, "key", "newer");
	table_close(&t);
	write_file("map", "key restored\n", 999999);
	t = open_ok(spec_of("hash", path), TABLE_FOLD);
	check_lookup(t, "key", "restored");
	table_close(&t);
	unlink(path);
	t = open_ok(spec_of("hash", path), TABLE_FOLD);
	check_lookup(t, "key", "index2");
	table_close(&t);
	unlink(path_in_dir("map.cdb"));
}

static void test_broken_index(void **state)
{
	const char *path = write_file("broken", "key source\n", 1000000);
	struct table *t;

	(void)state;
	write_file("broken.cdb", "this is no cdb file", 1000001);
	t = open_ok(spec_of("hash", path), TABLE_FOLD);
	check_lookup(t, "key", "source");
	table_close(&t);
	unlink(path);
	unlink(path_in_dir("broken.cdb"));
}

/* Postfix's cdb maker may count the NUL in. */
static void test_index_with_nul(void **state)
{
	const char *path = write_file("nul", "key source\n", 1000000);
	struct stat st = { .st_mode = 0644, .st_uid = getuid(), .st_gid = getgid(),
			   .st_mtim = { 1000000, 0 } };
	struct index_writer *w;
	struct err err = { 0 };
	struct table *t;

	(void)state;
	assert_int_equal(index_writer_new(path, &st, false, &w, &err), RC_OK);
	assert_int_equal(index_writer_add(w, slice_make("k\0", 2), slice_make("v\0", 2), &err),
			 RC_OK);
	assert_int_equal(index_writer_commit(&w, &err), RC_OK);
	t = open_ok(spec_of("cdb", path), TABLE_FOLD);
	check_lookup(t, "k", "v");
	table_close(&t);
	unlink(path);
	unlink(path_in_dir("nul.cdb"));
}

static void test_aliases_and_walk(void **state)
{
	const char *path = write_file("aliases", "a: b,c\nd: e\n", 1000000);
	struct table *t = open_ok(spec_of("texthash", path), TABLE_FOLD | TABLE_ALIAS_SOURCE);
	struct slice key, value;
	struct err err = { 0 };
	size_t pos = 0, n = 0;

	(void)state;
	check_lookup(t, "a", "b, c");
	while (table_next(t, &pos, &key, &value, &err) == RC_OK)
		n++;
	assert_int_equal(n, 2);
	table_close(&t);
	t = open_ok("regexp:{{/a/ b}}", 0);
	pos = 0;
	assert_int_equal(table_next(t, &pos, &key, &value, &err), RC_PERM);
	table_close(&t);
	unlink(path);
}

static void test_pattern_file(void **state)
{
	const char *path = write_file("re", "# c\nif /^a/\n/b/ ab\n  more\nendif\n\n/c/ c\n",
				      1000000);
	struct err err = { 0 };
	struct table *t = open_ok(spec_of("pcre", path), 0);

	(void)state;
	check_lookup(t, "ab", "ab  more");
	check_lookup(t, "c", "c");
	assert_false(table_has_changed(t, 1000));
	write_file("re", "/a/ b\n\n/(/ c\n", 1000001);
	assert_true(table_has_changed(t, 9000));
	table_close(&t);
	assert_true(table_open(spec_of("regexp", path), "hash", 0, &t, &err) == RC_SYNTAX);
	if (strstr(err.text, "line 3") == NULL || strstr(err.text, path) == NULL)
		fail_msg("%s", err.text);
	unlink(path);
}

static void test_lists(void **state)
{
	struct table_list l;
	struct table *which = NULL;
	struct err err = { 0 };
	struct slice got;

	(void)state;
	assert_int_equal(table_list_open("inline:{a=1}, inline:{ a=2, b=3 }", "hash", 0, &l, &err),
			 RC_OK);
	assert_int_equal(l.n, 2);
	assert_int_equal(table_list_lookup(&l, NULL, SLICE_LIT("a"), &got, &which, &err), RC_OK);
	unit_slice_is(got, "1", "first table wins");
	assert_ptr_equal(which, l.v[0]);
	assert_int_equal(table_list_lookup(&l, NULL, SLICE_LIT("b"), &got, NULL, &err), RC_OK);
	unit_slice_is(got, "3", "second table");
	assert_int_equal(table_list_lookup(&l, NULL, SLICE_LIT("c"), &got, NULL, &err), RC_END);
	assert_false(table_list_has_changed(&l, 1));
	table_list_close(&l);
	assert_int_equal(table_list_open("fail:x static:y", "hash", 0, &l, &err), RC_OK);
	assert_int_equal(table_list_lookup(&l, NULL, SLICE_LIT("b"), &got, NULL, &err), RC_TEMP);
	table_list_close(&l);
	assert_int_equal(table_list_open("", "hash", 0, &l, &err), RC_OK);
	assert_int_equal(l.n, 0);
	table_list_close(&l);
	assert_true(table_list_open("static:y nosuch:z", "hash", 0, &l, &err) < 0);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookups), cmocka_unit_test(test_bad_specs),
		cmocka_unit_test(test_keys_no_table_has), cmocka_unit_test(test_pattern_flag),
		cmocka_unit_test(test_index_is_fresh),
		cmocka_unit_test(test_index_and_source), cmocka_unit_test(test_broken_index),
		cmocka_unit_test(test_index_with_nul), cmocka_unit_test(test_aliases_and_walk),
		cmocka_unit_test(test_pattern_file), cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
