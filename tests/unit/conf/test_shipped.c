/* tests/unit/conf/test_shipped.c - the configuration in etc/, and Debian's where it is installed,
 * read without a fault; the commented services of ours are good as well. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/conf/check.h"
#include "lib/conf/slurp.h"

struct fixture {
	struct arena arena;
	struct faults faults;
	struct buf main, master;
};

static void read_file(const char *path, struct buf *out)
{
	struct err err = { 0 };

	buf_init(out, 1 << 20);
	if (slurp_file(path, out, NULL, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void check(struct fixture *f, struct slice main_text, struct slice master_text)
{
	struct conf *c = conf_new("/etc/postfix");
	struct service *services;

	faults_init(&f->faults, &f->arena);
	conf_parse(c, "main.cf", main_text, &f->faults);
	mastercf_parse("master.cf", master_text, &f->arena, &services, &f->faults);
	assert_non_null(services);
	conf_check(c, services, &f->faults);
	conf_free(&c);
}

static const char *ours(const char *name, char path[4096])
{
	const char *srcdir = getenv("srcdir");

	snprintf(path, 4096, "%s/etc/%s", srcdir != NULL ? srcdir : ".", name);
	return path;
}

/* Without "#" where it stands directly before a setting or a service. */
static void uncomment(struct slice text, struct buf *out)
{
	struct slice line;

	while (slice_line(&text, &line)) {
		if (line.n > 1 && line.p[0] == '#' && line.p[1] != ' ' && line.p[1] != '#')
			line = slice_skip(line, 1);
		else if (slice_starts(line, SLICE_LIT("#    -o")))
			line = slice_skip(line, 1);
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

static void test_ours(void **state)
{
	struct fixture f;
	struct buf main_all, master_all;
	char path[4096];

	(void)state;
	arena_init(&f.arena, 1 << 20);
	read_file(ours("main.cf", path), &f.main);
	read_file(ours("master.cf", path), &f.master);
	check(&f, buf_slice(&f.main), buf_slice(&f.master));
	if (f.faults.first != NULL)
		fail_msg("line %u: %s", f.faults.first->line, f.faults.first->text);
	buf_init(&main_all, 1 << 20);
	buf_init(&master_all, 1 << 20);
	uncomment(buf_slice(&f.main), &main_all);
	uncomment(buf_slice(&f.master), &master_all);
	check(&f, buf_slice(&main_all), buf_slice(&master_all));
	if (f.faults.first != NULL)
		fail_msg("uncommented, line %u: %s", f.faults.first->line, f.faults.first->text);
	assert_true(buf_len(&main_all) < buf_len(&f.main));
	assert_true(buf_len(&master_all) < buf_len(&f.master));
	buf_done(&main_all);
	buf_done(&master_all);
	buf_done(&f.main);
	buf_done(&f.master);
	arena_done(&f.arena);
}

static const char *const debian_files[] = {
	"/usr/share/postfix/main.cf.debian",
	"/usr/share/postfix/main.cf.tls", "/etc/postfix/main.cf",
};

/* Notes are fine there; what is fatal would keep a Debian system from starting. */
static void test_debian(void **state)
{
	struct fixture f;
	size_t n = 0;

	(void)state;
	if (access("/usr/share/postfix/master.cf.dist", R_OK) != 0)
		skip();
	arena_init(&f.arena, 1 << 20);
	read_file("/usr/share/postfix/master.cf.dist", &f.master);
	for (size_t i = 0; i < N_OF(debian_files); i++) {
		if (access(debian_files[i], R_OK) != 0)
			continue;
		n++;
		read_file(debian_files[i], &f.main);
		check(&f, buf_slice(&f.main), buf_slice(&f.master));
		for (const struct fault *x = f.faults.first; x != NULL; x = x->next)
			if (x->is_fatal)
				fail_msg("%s, line %u: %s", debian_files[i], x->line, x->text);
		buf_done(&f.main);
	}
	assert_true(n > 0);
	buf_done(&f.master);
	arena_done(&f.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ours), cmocka_unit_test(test_debian),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
