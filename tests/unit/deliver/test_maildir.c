/* SPDX-License-Identifier: ISC */
#include "tests/unit/deliver/tempdir.h"

#include <dirent.h>
#include <stdlib.h>

#include "lib/deliver/maildir.h"

static int list(const char *dir, char *last)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		snprintf(last, 256, "%s", e->d_name);
	}
	closedir(d);
	return n;
}

static enum rc deliver(struct maildir_names *names, const char *dir, const struct message *m,
		       uint64_t limit, struct outcome *out)
{
	struct maildir_file *f = calloc(1, sizeof(*f));
	char *block = malloc(MESSAGE_BLOCK);
	enum rc rc = maildir_write(names, dir, m, limit, block, f, out);

	if (rc == RC_OK)
		rc = maildir_sync(f, out);
	if (rc == RC_OK)
		rc = maildir_publish(f, out);
	assert_int_equal(f->fd, -1);
	maildir_discard(f);
	free(block);
	free(f);
	return rc;
}

static const struct { const char *content, *header; size_t crlf; } cases[] = {
	{ "Subject: x\n\nhello\n", "Return-Path: <a@b>\n", 41 },
	{ "", "X: y\n", 6 }, { "", "", 0 }, { "a\r\nb\n", "", 6 }, { "no end", "", 6 },
};

static void test_deliver(void **state)
{
	struct maildir_names names;
	struct tempdir t;

	(void)state;
	tempdir_make(&t);
	maildir_names_init(&names);
	for (size_t i = 0; i < N_OF(cases); i++) {
		char dir[PATH_MAX], sub[PATH_MAX + 300], name[256], want[100];
		struct outcome out = { 0 };
		struct message m;
		struct buf got;

		snprintf(dir, sizeof(dir), "%s/a%zu/b/Maildir/", t.path, i);
		tempdir_message(&t, slice_str(cases[i].content), cases[i].header, &m);
		assert_int_equal(deliver(&names, dir, &m, 0, &out), RC_OK);
		snprintf(sub, sizeof(sub), "%stmp", dir);
		assert_int_equal(list(sub, name), 0);
		snprintf(sub, sizeof(sub), "%scur", dir);
		assert_int_equal(list(sub, name), 0);
		snprintf(sub, sizeof(sub), "%snew", dir);
		assert_int_equal(list(sub, name), 1);
		snprintf(want, sizeof(want), ",S=%zu,W=%zu", strlen(cases[i].content) +
			 strlen(cases[i].header), cases[i].crlf);
		if (strstr(name, want) == NULL || strstr(name, ".M") == NULL)
			fail_msg("name %s, want %s", name, want);
		buf_init(&got, 1 << 20);
		snprintf(sub, sizeof(sub), "%snew/%s", dir, name);
		tempdir_read(sub, &got);
		assert_true(slice_starts(buf_slice(&got), slice_str(cases[i].header)));
		assert_true(slice_ends(buf_slice(&got), slice_str(cases[i].content)));
		assert_int_equal(buf_len(&got), strlen(cases[i].content) + strlen(cases[i].header));
		buf_done(&got);
		close(m.fd);
	}
	maildir_names_done(&names);
	tempdir_drop(&t);
}

/* Three blocks and a bit, with line ends on the edges. */
static void test_big(void **state)
{
	struct maildir_names names;
	struct outcome out = { 0 };
	char dir[PATH_MAX], name[256], sub[PATH_MAX + 300], want[100];
	size_t n = 3 * MESSAGE_BLOCK + 77;
	char *content = malloc(n);
	struct message m;
	struct tempdir t;

	(void)state;
	for (size_t i = 0; i < n; i++)
		content[i] = i % 64 == 63 ? '\n' : (char)('a' + i % 26);
	tempdir_make(&t);
	maildir_names_init(&names);
	tempdir_message(&t, slice_make(content, n), "H: x\n", &m);
	snprintf(dir, sizeof(dir), "%s/M/", t.path);
	for (int i = 0; i < 3; i++)
		assert_int_equal(deliver(&names, dir, &m, 0, &out), RC_OK);
	snprintf(sub, sizeof(sub), "%snew", dir);
	assert_int_equal(list(sub, name), 3);
	snprintf(want, sizeof(want), ",S=%zu,W=%zu", n + 5, n + 5 + 1 + n / 64);
	assert_non_null(strstr(name, want));
	close(m.fd);
	free(content);
	maildir_names_done(&names);
	tempdir_drop(&t);
}

/* Whatever goes wrong, nothing is left in tmp and nothing appears in new. */
static void test_failures(void **state)
{
	struct maildir_names names;
	char dir[PATH_MAX], name[256];
	struct message m, damaged, cut;
	struct outcome out = { 0 };
	struct tempdir t;

	(void)state;
	tempdir_make(&t);
	maildir_names_init(&names);
	tempdir_message(&t, SLICE_LIT("hello\n"), "H: x\n", &m);
	snprintf(dir, sizeof(dir), "%s/M/", t.path);
	assert_int_equal(deliver(&names, dir, &m, 0, &out), RC_OK);

	damaged = m;
	damaged.crc++;
	assert_int_not_equal(deliver(&names, dir, &damaged, 0, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_DEFERRED);
	assert_string_equal(out.dsn, "4.3.0");

	out = (struct outcome){ 0 };
	cut = m;
	cut.bytes += 100;
	assert_int_not_equal(deliver(&names, dir, &cut, 0, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_DEFERRED);

	out = (struct outcome){ 0 };
	assert_int_not_equal(deliver(&names, dir, &m, 10, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	assert_string_equal(out.dsn, "5.2.2");
	assert_int_equal(list(tempdir_at(&t, "M/tmp"), name), 0);
	assert_int_equal(list(tempdir_at(&t, "M/new"), name), 1);

	out = (struct outcome){ 0 };
	snprintf(dir, sizeof(dir), "%s/queuefile/M/", t.path);	/* a file in the way */
	assert_int_not_equal(deliver(&names, dir, &m, 0, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	assert_string_equal(out.dsn, "5.2.0");
	close(m.fd);
	maildir_names_done(&names);
	tempdir_drop(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deliver), cmocka_unit_test(test_big),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
