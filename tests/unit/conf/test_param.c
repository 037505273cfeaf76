/* tests/unit/conf/test_param.c - typed loading of each kind of parameter, with its faults. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PARAMS_STRUCT sample_params
#define PARAMS_FILE "tests/unit/conf/sample.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"

struct fixture {
	struct conf *c;
	struct arena arena;
	struct faults faults;
	struct sample_params p;
};

static void load(struct fixture *f, const char *text)
{
	f->c = conf_new("/etc/x");
	arena_init(&f->arena, 1 << 20);
	faults_init(&f->faults, &f->arena);
	conf_parse(f->c, "main.cf", slice_str(text), &f->faults);
	params_load(sample_params_specs, sample_params_count, f->c, &f->arena, &f->p, &f->faults);
}

static void done(struct fixture *f)
{
	arena_done(&f->arena);
	conf_free(&f->c);
}

static void assert_list(const struct str_list *l, const char *want)
{
	struct buf got;

	buf_init(&got, 1000);
	for (size_t i = 0; i < l->n; i++)
		buf_addf(&got, "%s|", l->v[i]);
	unit_slice_is(buf_slice(&got), want, "list");
	buf_done(&got);
}

static void test_defaults(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "");
	assert_null(f.faults.first);
	assert_string_equal(f.p.s_name, "Postfix x");
	assert_string_equal(f.p.s_raw, "$home/.forward");
	assert_int_equal(f.p.s_int, 20);
	assert_true(f.p.s_bool);
	assert_int_equal(f.p.s_time, 300000);
	assert_int_equal(f.p.s_hours, 4 * 3600 * 1000);
	assert_int_equal(f.p.s_size, 10240000);
	assert_list(&f.p.s_list, "a|b|{c d, e}f|");
	assert_string_equal(f.p.s_2bounce, "postmaster");
	done(&f);
}

static const struct { const char *text; int64_t want; } time_cases[] = {
	{ "7", 7000 }, { "7s", 7000 }, { "2m", 120000 }, { "1H", 3600000 }, { "1d", 86400000 },
	{ "1w", 604800000 }, { "0", 0 }, { "", -1 }, { "s", -1 }, { "1x", -1 }, { "1 s", -1 },
	{ "-1s", -1 }, { "1.5s", -1 }, { "1ms", -1 }, { "9223372036854775807w", -1 },
};
static const struct { const char *text; int64_t want; } size_cases[] = {
	{ "0", 0 }, { "10", 10 }, { "10k", 10240 }, { "10M", 10485760 }, { "1g", 1073741824 },
	{ "", -1 }, { "k", -1 }, { "1kb", -1 }, { "-1", -1 }, { "9223372036854775807", INT64_MAX },
	{ "9223372036854775808", -1 }, { "9223372036854775807k", -1 }, { " 1", -1 },
};

static void test_time_and_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(time_cases); i++) {
		int64_t v = -1;
		enum rc rc = param_parse_time(slice_str(time_cases[i].text), 's', &v);

		if (v != time_cases[i].want || (rc == RC_OK) != (v >= 0))
			fail_msg("time %s: %lld", time_cases[i].text, (long long)v);
	}
	for (size_t i = 0; i < N_OF(size_cases); i++) {
		int64_t v = -1;
		enum rc rc = param_parse_size(slice_str(size_cases[i].text), &v);

		if (v != size_cases[i].want || (rc == RC_OK) != (v >= 0))
			fail_msg("size %s: %lld", size_cases[i].text, (long long)v);
	}
}

/* One bad line each; the fault must name the line and the default must stand. */
static const char *const bad_lines[] = {
	"s_name =", "s_int = 0", "s_int = 101", "s_int = x", "s_int = 1.5", "s_int =",
	"s_any = 99999999999999999999", "s_bool = maybe", "s_bool =", "s_time = 0s",
	"s_time = 2h", "s_time = 5 apples", "s_size = -1", "s_size = 10mb", "s_list = ${x",
	"s_match = /nonexistent/file", "s_match = a !", "s_name = $s_name",
};

static void test_bad_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad_lines); i++) {
		struct fixture f;
		char text[200];

		snprintf(text, sizeof(text), "# one\n%s\n", bad_lines[i]);
		load(&f, text);
		if (f.faults.fatal_count != 1 || f.faults.first == NULL)
			fail_msg("%s: %u faults", bad_lines[i], f.faults.fatal_count);
		assert_int_equal(f.faults.first->line, 2);
		assert_string_equal(f.faults.first->file, "main.cf");
		assert_non_null(f.faults.first->remedy);
		if (strncmp(bad_lines[i], "s_int", 5) == 0)
			assert_int_equal(f.p.s_int, 20);
		done(&f);
	}
}

static void test_all_faults(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "s_int = x\ns_bool = y\nbare\ns_time = z\n");
	assert_int_equal(f.faults.fatal_count, 4);
	done(&f);
}

static void test_units_and_override(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "s_hours = 2\nstress = yes\ns_size = 3k\ns_raw = $a ${\n");
	assert_null(f.faults.first);
	assert_int_equal(f.p.s_hours, 2 * 3600 * 1000);
	assert_int_equal(f.p.s_time, 10000);
	assert_int_equal(f.p.s_size, 3072);
	assert_string_equal(f.p.s_raw, "$a ${");
	conf_override(f.c, SLICE_LIT("s_int"), SLICE_LIT("200"));
	params_load(sample_params_specs, sample_params_count, f.c, &f.arena, &f.p, &f.faults);
	assert_int_equal(f.faults.fatal_count, 1);
	assert_null(f.faults.first->file);
	assert_non_null(strstr(f.faults.first->text, "-o"));
	done(&f);
}

static void test_match_files(void **state)
{
	char path[] = "/tmp/buzon-test-XXXXXX", text[200];
	int fd = mkstemp(path), n;
	struct fixture f;

	(void)state;
	assert_true(fd >= 0);
	n = snprintf(text, sizeof(text), "# list\none, two\n  three\n!four hash:/x {a b}\n");
	assert_int_equal(write(fd, text, (size_t)n), n);
	close(fd);
	snprintf(text, sizeof(text), "s_match = zero !%s %s last\n", path, path);
	load(&f, text);
	assert_null(f.faults.first);
	assert_list(&f.p.s_match, "zero|!one|!two|!three|four|!hash:/x|!{a b}|one|two|three|!four|"
				  "hash:/x|{a b}|last|");
	done(&f);
	/* a file that names itself */
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, path, strlen(path)), strlen(path));
	close(fd);
	load(&f, text);
	assert_int_equal(f.faults.fatal_count, 1);
	done(&f);
	unlink(path);
}

static void test_shipped_defaults(void **state)
{
	struct base_params base;
	struct fixture f;

	(void)state;
	load(&f, "");
	params_load(base_params_specs, base_params_count, f.c, &f.arena, &base, &f.faults);
	if (f.faults.first != NULL)
		fail_msg("%s", f.faults.first->text);
	assert_string_equal(base.mail_owner, "buzon");
	assert_true(base.mynetworks.n > 0);
	assert_int_equal(base.message_size_limit, 10240000);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_time_and_size),
		cmocka_unit_test(test_bad_values), cmocka_unit_test(test_all_faults),
		cmocka_unit_test(test_units_and_override), cmocka_unit_test(test_match_files),
		cmocka_unit_test(test_shipped_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
