/* The program as virtual, driven by a test that plays master and qmgr. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/local/harness.h"

#include <dirent.h>

static struct harness h;

static int setup(void **state)
{
	char main_cf[1000], id[32];

	(void)state;
	snprintf(id, sizeof(id), "%u", geteuid() == 0 ? 5000u : (unsigned)geteuid());
	snprintf(main_cf, sizeof(main_cf),
		 "virtual_mailbox_base = @/open\nvirtual_mailbox_maps = texthash:@/table\n"
		 "virtual_uid_maps = inline:{root@v.test=0,low@v.test=99,odd@v.test=x}, static:%s\n"
		 "virtual_gid_maps = static:%s\nrecipient_delimiter = +\n", id, id);
	harness_start(&h, "virtual", main_cf,
		      "alice@v.test v.test/alice/Maildir/\nbob@v.test v.test/bob.mbox\n"
		      "bob+special@v.test v.test/special/\n@catch.test catch/all/\n"
		      "root@v.test r/\nlow@v.test l/\nodd@v.test o/\nout@v.test ../../etc/x\n"
		      "dots@v.test a/../../x/\n\"a b\"@v.test v.test/ab/\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	harness_stop(&h);
	return 0;
}

static int count(const char *dir)
{
	DIR *d = opendir(tempdir_at(&h.dir, dir));
	struct dirent *e;
	int n = 0;

	if (d == NULL)
		return -1;
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static const struct { const char *to; unsigned status; const char *dsn, *text, *dir; } cases[] = {
	{ "alice@v.test", OUTCOME_SENT, "2.0.0", "delivered to maildir",
	  "open/v.test/alice/Maildir/new" },
	{ "Alice+ext@V.test", OUTCOME_SENT, "2.0.0", "delivered to maildir",
	  "open/v.test/alice/Maildir/new" },
	{ "bob@v.test", OUTCOME_SENT, "2.0.0", "delivered to mailbox", NULL },
	{ "bob+special@v.test", OUTCOME_SENT, "2.0.0", "delivered to maildir",
	  "open/v.test/special/new" },
	{ "a b@v.test", OUTCOME_SENT, "2.0.0", "delivered to maildir", "open/v.test/ab/new" },
	{ "a b+ext@v.test", OUTCOME_SENT, "2.0.0", "delivered to maildir", "open/v.test/ab/new" },
	{ "x@catch.test", OUTCOME_SENT, "2.0.0", "delivered to maildir", "open/catch/all/new" },
	{ "nobody@v.test", OUTCOME_BOUNCED, "5.1.1", "unknown user: \"nobody@v.test\"", NULL },
	{ "odd@v.test", OUTCOME_DEFERRED, "4.3.5", NULL, NULL },
	{ "out@v.test", OUTCOME_DEFERRED, "4.3.5", NULL, NULL },
	{ "dots@v.test", OUTCOME_DEFERRED, "4.3.5", NULL, NULL },
	{ "root@v.test", OUTCOME_DEFERRED, NULL, NULL, NULL },
	{ "low@v.test", OUTCOME_DEFERRED, NULL, NULL, NULL },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		int before = cases[i].dir != NULL ? count(cases[i].dir) : 0;
		struct harness_result r;

		harness_deliver(&h, "a@b", cases[i].to, "Subject: x\n\nhi\n", &r);
		if (r.status != cases[i].status ||
		    (cases[i].dsn != NULL && strcmp(r.dsn, cases[i].dsn) != 0) ||
		    (cases[i].text != NULL && strcmp(r.text, cases[i].text) != 0))
			fail_msg("%s: %u %s %s", cases[i].to, r.status, r.dsn, r.text);
		if (cases[i].dir != NULL)
			assert_int_equal(count(cases[i].dir), before < 0 ? 1 : before + 1);
	}
	harness_log(&h, "to=<alice@v.test>, relay=virtual, delay=");
	harness_log(&h, "status=bounced (unknown user: \"nobody@v.test\")");
}

/* A second message to a known mailbox, many at once: batches. Then its Maildir goes away. */
static void test_batches(void **state)
{
	enum { N = 60 };
	int before = count("open/v.test/alice/Maildir/new");
	uint32_t ids[N];

	(void)state;
	for (int i = 0; i < N; i++)
		ids[i] = harness_send(&h, "a@b", "alice@v.test", "Subject: x\n\nhi\n", false);
	for (int i = 0; i < N; i++) {
		struct harness_result r;

		harness_wait(&h, ids[i], &r);
		assert_string_equal(r.text, "delivered to maildir");
	}
	assert_int_equal(count("open/v.test/alice/Maildir/new"), before + N);
	assert_int_equal(count("open/v.test/alice/Maildir/tmp"), 0);
}

static void test_removed_maildir(void **state)
{
	struct tempdir gone;
	struct harness_result r;

	(void)state;
	snprintf(gone.path, sizeof(gone.path), "%.150s/open/v.test/alice", h.dir.path);
	tempdir_drop(&gone);
	harness_deliver(&h, "a@b", "alice@v.test", "Subject: x\n\nhi\n", &r);
	assert_string_equal(r.text, "delivered to maildir");
	assert_int_equal(count("open/v.test/alice/Maildir/new"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_batches),
		cmocka_unit_test(test_removed_maildir),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
