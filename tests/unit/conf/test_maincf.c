/* tests/unit/conf/test_maincf.c - lines to values, faults, overlay, computed values. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/conf/logical.h"
#include "lib/conf/maincf.h"

static const struct { const char *text, *want; } logical_cases[] = {
	{ "", "" },
	{ "a\nb\n", "1:a|2:b|" },
	{ "a\nb", "1:a|2:b|" },
	{ "a \n b\n\tc  \nd\n", "1:a  b\tc|4:d|" },
	{ "a\n#x\n b\n\n  \n  # y\n c\nd", "1:a b c|8:d|" },
	{ "# c\n\n  #\n", "" },
	{ "a\r\n b\r\nc\r\n", "1:a b|3:c|" },
	{ " a\nb\n", "1:a|2:b|" },
	{ "a = {\n # not a comment to the braces\n x }\n", "1:a = { x }|" },
	{ "a\n\n\n\nb", "1:a|5:b|" },
};

static void test_logical(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(logical_cases); i++) {
		struct logical l;
		struct buf got;

		buf_init(&got, 1000);
		logical_init(&l, slice_str(logical_cases[i].text));
		while (logical_next(&l))
			buf_addf(&got, "%u:%.*s|", l.first_line, SLICE_ARG(buf_slice(&l.text)));
		unit_slice_is(buf_slice(&got), logical_cases[i].want, logical_cases[i].text);
		logical_done(&l);
		buf_done(&got);
	}
}

/* TEXT parsed; NAME expanded; the faults as "line:fatal " */
static const struct { const char *text, *name, *want, *faults; } value_cases[] = {
	{ "a = 1\n", "a", "1", "" },
	{ "a=1\n", "a", "1", "" },
	{ "a =\n", "a", "", "" },
	{ "a = b = c\n", "a", "b = c", "" },
	{ "a-b = 1\n", "a-b", "1", "" },
	{ "a = $b\nb = $c\nc = x\n", "a", "x", "" },
	{ "a = 1\na = 2\n", "a", "2", "2:note " },
	{ "a = 1\na = 1\n", "a", "1", "" },
	{ "a = 1 # one\n", "a", "1 # one", "1:note " },
	{ "bare\na = 1\n", "a", "1", "1:fatal " },
	{ "= x\na = 1\n", "a", "1", "1:fatal " },
	{ "two words = x\na = 1\n", "a", "1", "1:fatal " },
	{ "\n x = 1\na = 1\n", "a", "1", "2:note " },
	{ "bare\n= x\nno\na = 1\n", "a", "1", "1:fatal 2:fatal 3:fatal " },
	{ "", "mail_name", "Postfix", "" },
	{ "mail_name = X\n", "mail_name", "X", "" },
	{ "myhostname = mx.example.org\n", "mydomain", "example.org", "" },
	{ "myhostname = mx.example.org\n", "myorigin", "mx.example.org", "" },
	{ "myhostname = mx\n", "mydomain", "localdomain", "" },
	{ "mydomain = a.example\nmyhostname = mx.$mydomain\n", "myhostname", "mx.a.example", "" },
	{ "myhostname = mx.$mydomain\n", "myhostname", "mx.localdomain", "" },
	{ "myhostname = h.example\n", "mydestination", "h.example, localhost.example, localhost",
	  "" },
	{ "", "config_directory", "/nonexistent", "" },
	{ "", "relay_destination_concurrency_limit", "20", "" },
	{ "default_destination_concurrency_limit = 7\n", "relay_destination_concurrency_limit", "7",
	  "" },
	{ "", "no_such_name", "", "" },
	{ "compatibility_level = 3.6\n", "mynetworks_style", "host", "" },
	{ "", "mynetworks_style", "subnet", "" },
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(value_cases); i++) {
		struct conf *c = conf_new("/nonexistent");
		struct err err = { 0 };
		struct faults faults;
		struct arena arena;
		struct buf got;

		buf_init(&got, 1000);
		arena_init(&arena, 1 << 16);
		faults_init(&faults, &arena);
		conf_parse(c, "main.cf", slice_str(value_cases[i].text), &faults);
		assert_int_equal(conf_expand_name(c, slice_str(value_cases[i].name), &got, &err),
				 RC_OK);
		unit_slice_is(buf_slice(&got), value_cases[i].want, value_cases[i].text);
		buf_reset(&got);
		for (struct fault *f = faults.first; f != NULL; f = f->next) {
			assert_string_equal(f->file, "main.cf");
			assert_non_null(f->remedy);
			buf_addf(&got, "%u:%s ", f->line, f->is_fatal ? "fatal" : "note");
		}
		unit_slice_is(buf_slice(&got), value_cases[i].faults, value_cases[i].text);
		buf_done(&got);
		arena_done(&arena);
		conf_free(&c);
	}
}

static void test_override(void **state)
{
	struct conf *c = conf_new("/etc/x");
	struct faults faults;
	struct arena arena;
	struct err err = { 0 };
	struct slice raw;
	struct buf got;
	unsigned line = 99;
	size_t pos = 0;

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	buf_init(&got, 100);
	conf_override(c, SLICE_LIT("stress"), SLICE_LIT("yes"));
	conf_parse(c, "main.cf", SLICE_LIT("stress = no\nt = ${stress?{10}:{300}}s\n"), &faults);
	assert_int_equal(conf_expand_name(c, SLICE_LIT("t"), &got, &err), RC_OK);
	unit_slice_is(buf_slice(&got), "10s", "override seen by main.cf's values");
	assert_true(conf_raw(c, SLICE_LIT("stress"), &raw, &line));
	unit_slice_is(raw, "yes", "-o wins though it came first");
	assert_int_equal(line, 0);
	conf_override(c, SLICE_LIT("t"), SLICE_LIT(" later "));
	assert_true(conf_raw(c, SLICE_LIT("t"), &raw, &line));
	unit_slice_is(raw, "later", "-o wins when it comes second");
	assert_string_equal(conf_dir(c), "/etc/x");
	unit_slice_is(conf_next(c, &pos)->name, "stress", "first");
	unit_slice_is(conf_next(c, &pos)->name, "t", "second; the replaced entry is not seen");
	assert_null(conf_next(c, &pos));
	buf_done(&got);
	arena_done(&arena);
	conf_free(&c);
}

static void test_nul_and_length(void **state)
{
	struct conf *c = conf_new("/etc/x");
	size_t n = LOGICAL_MAX + 100;
	char *text = malloc(n);
	struct faults faults;
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	conf_parse(c, "main.cf", slice_make("a\0b = 1\n", 8), &faults);
	assert_int_equal(faults.fatal_count, 1);
	memset(text, 'x', n);
	memcpy(text, "n = ", 4);
	conf_parse(c, "main.cf", slice_make(text, n), &faults);
	assert_int_equal(faults.fatal_count, 2);
	free(text);
	arena_done(&arena);
	conf_free(&c);
}

static void test_origin_file(void **state)
{
	char path[] = "/tmp/buzon-test-XXXXXX", text[100];
	int fd = mkstemp(path), n;
	struct conf *c = conf_new("/etc/x");
	struct err err = { 0 };
	struct faults faults;
	struct arena arena;
	struct buf got;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "mail.example.net \nmore\n", 23), 23);
	close(fd);
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	buf_init(&got, 100);
	n = snprintf(text, sizeof(text), "myorigin = %s\nm = @$myorigin\n", path);
	conf_parse(c, "main.cf", slice_make(text, (size_t)n), &faults);
	assert_int_equal(conf_expand_name(c, SLICE_LIT("m"), &got, &err), RC_OK);
	unit_slice_is(buf_slice(&got), "@mail.example.net", "first line of the file");
	unlink(path);
	buf_done(&got);
	arena_done(&arena);
	conf_free(&c);
}

static void test_read(void **state)
{
	struct conf *c = conf_new("/nonexistent");
	struct faults faults;
	struct arena arena;
	struct err err = { 0 };

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	assert_int_equal(conf_read(c, &faults, &err), RC_SYS);
	assert_non_null(strstr(err.text, "/nonexistent/main.cf"));
	arena_done(&arena);
	conf_free(&c);
}

static void test_locate(void **state)
{
	struct conf *c = conf_new("/etc/x");
	struct faults faults;
	struct arena arena;
	struct buf got;

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	buf_init(&got, 4096);
	conf_parse(c, "main.cf", SLICE_LIT("one = 1\ntwo = 2\n"), &faults);
	conf_override(c, SLICE_LIT("three"), SLICE_LIT("3"));
	faults_add(&faults, true, NULL, 0, "mend it", "two: bad");
	faults_add(&faults, true, "other.cf", 7, NULL, "two: has its place");
	faults_add(&faults, true, NULL, 0, NULL, "three: set on a command line");
	faults_add(&faults, true, NULL, 0, NULL, "four: not set");
	faults_add(&faults, true, NULL, 0, NULL, "two has no colon");
	faults_add(&faults, true, NULL, 0, NULL, ": begins with one");
	faults_locate(&faults, c);
	for (const struct fault *f = faults.first; f != NULL; f = f->next) {
		fault_print(f, &got);
		buf_addc(&got, '|');
	}
	unit_slice_is(buf_slice(&got),
		      "main.cf, line 2: two: bad (mend it)|other.cf, line 7: two: has its place|"
		      "three: set on a command line|four: not set|two has no colon|"
		      ": begins with one|",
		      "places");
	buf_done(&got);
	arena_done(&arena);
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logical), cmocka_unit_test(test_values),
		cmocka_unit_test(test_override), cmocka_unit_test(test_nul_and_length),
		cmocka_unit_test(test_origin_file), cmocka_unit_test(test_read),
		cmocka_unit_test(test_locate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
