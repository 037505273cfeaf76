/* tests/unit/conf/test_edit.c - changes to main.cf and master.cf as text; files put in place. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/conf/edit.h"
#include "lib/conf/masterfile.h"
#include "lib/conf/replace.h"
#include "lib/conf/slurp.h"

static const struct {
	enum edit_kind kind;
	const char *name, *value, *before, *after;
	unsigned hits;
} edits[] = {
	{ EDIT_SET, "a", "1", "", "a = 1\n", 0 },
	{ EDIT_SET, "a", "1", "b = 2", "b = 2\na = 1\n", 0 },
	{ EDIT_SET, "a", "", "b = 2\n", "b = 2\na = \n", 0 },
	{ EDIT_SET, "a", "1", "# c\na = x\n y\n# d\n\n z\nb = 2\n", "# c\na = 1\n# d\n\nb = 2\n", 1 },
	{ EDIT_SET, "a", "1", "a=x\nb=y\na=z\n", "a = 1\nb=y\na = 1\n", 2 },
	{ EDIT_SET, "a", "1", "aa = x\n a = y\n", "aa = x\n a = y\na = 1\n", 0 },
	{ EDIT_SET, "a", "1", "a\n# c\n = x\nb = 2\n", "a = 1\n# c\nb = 2\n", 1 },
	{ EDIT_SET, "a", "1", "#a = x\n", "#a = x\na = 1\n", 0 },
	{ EDIT_REMOVE, "a", "", "b = 1\na = x\n y\nc = 2\n", "b = 1\nc = 2\n", 1 },
	{ EDIT_REMOVE, "a", "", "b = 1\n", "b = 1\n", 0 },
	{ EDIT_REMOVE, "a", "", "a = 1", "", 1 },
	{ EDIT_COMMENT, "a", "", "a = x\n y\n# c\n\n z\nb = 1",
	  "#a = x\n# y\n# c\n\n# z\nb = 1\n", 1 },
	{ EDIT_COMMENT, "a", "", "a\nno = a\n", "a\nno = a\n", 0 },
};

static void test_edits(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(edits); i++) {
		struct edit e = { .name = slice_str(edits[i].name),
				  .value = slice_str(edits[i].value) };
		struct buf out;

		buf_init(&out, 1000);
		edit_maincf(slice_str(edits[i].before), edits[i].kind, &e, 1, &out);
		unit_slice_is(buf_slice(&out), edits[i].after, edits[i].before);
		assert_int_equal(e.hits, edits[i].hits);
		buf_done(&out);
	}
}

/* An unchanged file is printed byte for byte; entries and their lines are found. */
static const struct { const char *text; unsigned entries, faults; } files[] = {
	{ "", 0, 0 },
	{ "# c\n\na unix - - n - - x\n\n# d\n  -o b=c\n# e\nf unix - - n - - y", 2, 0 },
	{ "a unix - - n - - x\n# c\n\n\nb unix - - n - - x\n", 2, 0 },
	{ "bad\na unix - - n - - x\n", 1, 1 },
	{ " a unix - - n - - x\n", 0, 1 },
	{ "a unix - - n - - x { b\n", 0, 1 },
};

static void test_master_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(files); i++) {
		struct masterfile f;
		struct faults faults;
		struct arena arena;
		struct buf out;
		unsigned n = 0;

		arena_init(&arena, 1 << 16);
		faults_init(&faults, &arena);
		buf_init(&out, 1000);
		masterfile_parse("m", slice_str(files[i].text), &arena, &f, &faults);
		for (struct masterfile_item *item = f.first; item != NULL; item = item->next)
			n += item->is_entry;
		assert_int_equal(n, files[i].entries);
		assert_int_equal(faults.fatal_count, files[i].faults);
		masterfile_print(&f, &out);
		unit_slice_is(buf_slice(&out), files[i].text, "printed");
		buf_done(&out);
		arena_done(&arena);
	}
}

static void test_master_changes(void **state)
{
	static const char text[] = "# a\nx unix - - n - - p\n# in x\n -o a=b\n# b\n"
				   "y inet n - n - 5 q\n # in y\n -v";
	struct masterfile f;
	struct faults faults;
	struct arena arena;
	struct buf out;

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	buf_init(&out, 1000);
	masterfile_parse("m", slice_str(text), &arena, &f, &faults);
	f.first->next->state = MASTERFILE_CHANGED;
	assert_true(masterfile_add(&f, &f.first->next->entry));
	masterfile_print(&f, &out);
	unit_slice_is(buf_slice(&out),
		      "# a\n# in x\nx          unix  -       -       n       -       -       p\n"
		      "    -o a=b\n# b\ny inet n - n - 5 q\n # in y\n -v\n"
		      "x          unix  -       -       n       -       -       p\n"
		      "    -o a=b\n", "changed");
	buf_reset(&out);
	f.first->next->state = MASTERFILE_COMMENTED;
	f.first->next->next->next->state = MASTERFILE_REMOVED;
	masterfile_print(&f, &out);
	unit_slice_is(buf_slice(&out),
		      "# a\n#x unix - - n - - p\n# in x\n# -o a=b\n# b\n # in y\n"
		      "x          unix  -       -       n       -       -       p\n"
		      "    -o a=b\n", "commented");
	buf_done(&out);
	arena_done(&arena);
}

static void check_content(const char *path, const char *want)
{
	struct err err = { 0 };
	struct buf b;

	buf_init(&b, 1000);
	assert_int_equal(slurp_file(path, &b, NULL, &err), RC_OK);
	unit_slice_is(buf_slice(&b), want, path);
	buf_done(&b);
}

static void test_replace(void **state)
{
	char dir[] = "/tmp/buzon-test-XXXXXX", path[100], link_path[100];
	struct err err = { 0 };
	struct stat st;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	snprintf(link_path, sizeof(link_path), "%s/l", dir);
	assert_int_equal(replace_file(path, SLICE_LIT("x"), &err), RC_SYS);
	f = fopen(path, "w");
	fputs("old", f);
	fclose(f);
	chmod(path, 0640);
	assert_int_equal(replace_file(path, SLICE_LIT("new"), &err), RC_OK);
	check_content(path, "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(symlink(path, link_path), 0);
	assert_int_equal(replace_file(link_path, SLICE_LIT("through"), &err), RC_OK);
	check_content(path, "through");
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	unlink(link_path);
	unlink(path);
	assert_int_equal(rmdir(dir), 0); /* nothing is left over */
}

static void test_slurp(void **state)
{
	struct err err = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(slurp_file("/etc/passwd", &b, NULL, &err), RC_LIMIT);
	buf_reset(&b);
	err = (struct err){ 0 };
	assert_int_equal(slurp_file("/etc", &b, NULL, &err), RC_DENIED);
	err = (struct err){ 0 };
	assert_int_equal(slurp_file("/nonexistent", &b, NULL, &err), RC_SYS);
	assert_int_equal(slurp_file("/dev/null", &b, NULL, &err), RC_OK);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits), cmocka_unit_test(test_master_round_trip),
		cmocka_unit_test(test_master_changes), cmocka_unit_test(test_replace),
		cmocka_unit_test(test_slurp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
