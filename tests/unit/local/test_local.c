/* The program local, driven by a test that plays master, qmgr and cleanup. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/local/harness.h"

#include <pwd.h>

static const char main_cf[] =
	"alias_maps = texthash:@/table\nmail_spool_directory = @/spool\n"
	"default_privs = %\nrecipient_delimiter = +\n"
	"forward_path = @/open/$user.forward${recipient_delimiter}${extension},"
	" @/open/$user.forward\n"
	"command_time_limit = 20s\nallow_mail_to_files = alias,forward,include\n";

static const char aliases[] =
	"list: \"remote@example.org\", other@host.test\n"
	"owner-list: boss@host.test\n"
	"nested: list\n"
	"self: %, remote@example.org\n"
	"%+self: %+self, remote@example.org\n"
	"cat: \"|/bin/cat > @/open/cat.out\"\n"
	"env: \"|env > @/open/env.out\"\n"
	"fail: \"|echo go away; exit 67\"\n"
	"later: \"|exit 75\"\n"
	"file: \"@/open/file.mbox\"\n"
	"dir: \"@/open/dir.Maildir/\"\n"
	"mixed: \"|exit 75\", remote@example.org\n"
	"half: \"|exit 67\", \"@/open/half.mbox\"\n"
	"include: \":include:@/open/members\"\n"
	"noinclude: \":include:@/open/missing\"\n"
	"private: \":include:@/open/private\"\n"
	"twice: \":include:@/open/twice\"\n"
	"deep: \"@/open/not/there/Maildir/\"\n"
	"loop1: loop2\nloop2: loop1\n"
	"empty: \"\"\n"
	"one: %\n" "two: one\n" "gone: nobody-there\n"
	"spaces: %  # in words\n"
	"plus+ext: \"@/open/plus.mbox\"\n"
	"slow: \"|sleep 4\"\n";

static const char content[] = "Subject: x\nMessage-Id: <1@x>\n\nhello\nFrom here\n";

static struct harness h;

static int setup(void **state)
{
	(void)state;
	harness_start(&h, "local", main_cf, aliases);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	harness_stop(&h);
	return 0;
}

static void expect(const char *address, unsigned status, const char *dsn, const char *text)
{
	struct harness_result r;
	struct buf b;

	buf_init(&b, 4096);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '%')
			buf_adds(&b, h.user);
		else if (*p == '#')
			buf_adds(&b, h.dir.path);
		else
			buf_addc(&b, *p);
	}
	harness_deliver(&h, "from@example.org", address, content, &r);
	if (r.status != status || strcmp(r.dsn, dsn) != 0 || strcmp(r.text, buf_cstr(&b)) != 0)
		fail_msg("%s: %u %s \"%s\", wanted %u %s \"%s\"", address, r.status, r.dsn, r.text,
			 status, dsn, buf_cstr(&b));
	buf_done(&b);
}

static void expect_file(const char *name, const char *part)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	tempdir_read(tempdir_at(&h.dir, name), &b);
	if (slice_find(buf_slice(&b), slice_str(part)) < 0)
		fail_msg("%s has no \"%s\" but:\n%s", name, part, buf_cstr(&b));
	buf_done(&b);
}

static const char *address_of(const char *local)
{
	static char text[200];

	snprintf(text, sizeof(text), "%s@host.test", local);
	return text;
}

static void test_mailbox(void **state)
{
	char name[100], want[300];
	struct stat st;

	(void)state;
	expect(address_of(h.user), OUTCOME_SENT, "2.0.0", "delivered to mailbox");
	snprintf(want, sizeof(want), "to=<%s@host.test>, relay=local, delay=", h.user);
	harness_log(&h, want);
	snprintf(name, sizeof(name), "spool/%s", h.user);
	expect_file(name, "From from@example.org ");
	snprintf(want, sizeof(want), "Return-Path: <from@example.org>\nX-Original-To: %s@host.test\n"
		 "Delivered-To: %s@host.test\nSubject: x\n", h.user, h.user);
	expect_file(name, want);
	expect_file(name, "hello\n>From here\n\n");
	assert_int_equal(stat(tempdir_at(&h.dir, name), &st), 0);
	assert_int_equal(st.st_uid, h.uid);
	expect("Nobody-There@host.test", OUTCOME_BOUNCED, "5.1.1",
	       "unknown user: \"nobody-there\"");
	harness_log(&h, "status=bounced (unknown user: \"nobody-there\")");
}

/* The same address again is a loop when the message says so. */
static void test_loop(void **state)
{
	struct harness_result r;
	char text[300];

	(void)state;
	snprintf(text, sizeof(text), "Delivered-To: %s@HOST.test\nSubject: x\n\n", h.user);
	harness_deliver(&h, "", address_of(h.user), text, &r);
	assert_int_equal(r.status, OUTCOME_BOUNCED);
	assert_string_equal(r.dsn, "5.4.6");
	snprintf(text, sizeof(text), "Subject: x\n\nDelivered-To: %s@host.test\n", h.user);
	harness_deliver(&h, "", address_of(h.user), text, &r);
	assert_int_equal(r.status, OUTCOME_SENT);
}

static void test_alias_targets(void **state)
{
	(void)state;
	expect("cat@host.test", OUTCOME_SENT, "2.0.0",
	       "delivered to command: /bin/cat > #/open/cat.out");
	expect_file("open/cat.out", "From from@example.org ");
	expect_file("open/cat.out", "Delivered-To: cat@host.test\nSubject: x\n");
	expect_file("open/cat.out", "hello\nFrom here\n");
	expect("fail@host.test", OUTCOME_BOUNCED, "5.1.1", "user unknown. Command output: go away");
	expect("later@host.test", OUTCOME_DEFERRED, "4.3.0", "temporary failure");
	expect("file@host.test", OUTCOME_SENT, "2.0.0", "delivered to file: #/open/file.mbox");
	expect_file("open/file.mbox", "hello\n>From here\n\n");
	expect("dir@host.test", OUTCOME_SENT, "2.0.0", "delivered to maildir");
	expect("deep@host.test", OUTCOME_SENT, "2.0.0", "delivered to maildir");
	expect("plus+EXT@host.test", OUTCOME_SENT, "2.0.0", "delivered to file: #/open/plus.mbox");
	expect("plus@host.test", OUTCOME_BOUNCED, "5.1.1", "unknown user: \"plus\"");
	expect("empty@host.test", OUTCOME_DEFERRED, "4.3.5", "alias empty has no usable destination");
	expect("file+x@host.test", OUTCOME_SENT, "2.0.0", "delivered to file: #/open/file.mbox");
}

/* An alias to one user is that user's mailbox at once, under both names. */
static void test_alias_to_one(void **state)
{
	char name[100], want[300];

	(void)state;
	expect("two@host.test", OUTCOME_SENT, "2.0.0", "delivered to mailbox");
	snprintf(want, sizeof(want), "to=<%s@host.test>, orig_to=<two@host.test>, relay=local, ",
		 h.user);
	harness_log(&h, want);
	snprintf(name, sizeof(name), "spool/%s", h.user);
	expect_file(name, "X-Original-To: two@host.test\nDelivered-To: two@host.test\nSubject: x\n");
	expect("gone@host.test", OUTCOME_BOUNCED, "5.1.1", "unknown user: \"nobody-there\"");
	harness_log(&h, "to=<nobody-there@host.test>, orig_to=<gone@host.test>, relay=local, ");
	expect("spaces@host.test", OUTCOME_SENT, "2.0.0", "delivered to mailbox");
}

static void test_environment(void **state)
{
	(void)state;
	expect("env+x$(y)@host.test", OUTCOME_SENT, "2.0.0",
	       "delivered to command: env > #/open/env.out");
	expect_file("open/env.out", "EXTENSION=x__y_\n");
	expect_file("open/env.out", "DOMAIN=host.test\n");
	expect_file("open/env.out", "SENDER=from@example.org\n");
	expect_file("open/env.out", "CLIENT_ADDRESS=192.0.2.1\n");
	expect_file("open/env.out", "PATH=/usr/bin:/bin\n");
	expect_file("open/env.out", "LOGNAME=env\n");
	expect_file("open/env.out", "USER=env\n");
}

static void forwarded(const char *address, const char *want, const char *part)
{
	uint32_t id = harness_send(&h, "from@example.org", address, content, false);
	struct harness_result r;
	struct buf b;

	buf_init(&b, 1 << 20);
	harness_cleanup(&h, 250, &b);
	harness_wait(&h, id, &r);
	if (!slice_starts(buf_slice(&b), slice_str(want)) ||
	    slice_find(buf_slice(&b), slice_str(part)) < 0)
		fail_msg("%s: %s", address, buf_cstr(&b));
	assert_int_equal(r.status, OUTCOME_SENT);
	assert_string_equal(r.text, "forwarded as 5B2C3D4E5F6");
	buf_done(&b);
}

/* An alias that names itself is the user: a mailbox, and the others. */
static void test_self(void **state)
{
	struct harness_result r;
	char self[100];
	struct buf b;
	uint32_t id;

	(void)state;
	snprintf(self, sizeof(self), "%s+self@host.test", h.user);
	id = harness_send(&h, "from@example.org", self, content, false);
	buf_init(&b, 1 << 20);
	harness_cleanup(&h, 250, &b);
	harness_wait(&h, id, &r);
	assert_int_equal(r.status, OUTCOME_SENT);
	assert_true(slice_starts(buf_slice(&b), SLICE_LIT("from@example.org|remote@example.org|")));
	buf_done(&b);
	harness_log(&h, "status=sent (delivered to mailbox)");
	harness_log(&h, "status=sent (forwarded as 5B2C3D4E5F6)");
}

static void test_forward(void **state)
{
	(void)state;
	forwarded("list@host.test", "owner-list@host.test|remote@example.org other@host.test|"
		  "Received: by host.test (Postfix)\n\tid 5B2C3D4E5F6; ",
		  "Delivered-To: list@host.test\nSubject: x\n");
	harness_log(&h, "to=<list@host.test>, relay=local, delay=");
	forwarded("nested@host.test", "owner-list@host.test|remote@example.org other@host.test|",
		  "Delivered-To: nested@host.test\n");
}

static void test_include(void **state)
{
	struct harness_result r;
	struct buf b;
	uint32_t id;

	(void)state;
	harness_file(&h, "open/members",
		     "# list\nremote@example.org, \"|exit 0\"\n\n\"x y\"@a.b\n");
	id = harness_send(&h, "from@example.org", "include@host.test", content, false);
	buf_init(&b, 1 << 20);
	harness_cleanup(&h, 250, &b);
	harness_wait(&h, id, &r);
	assert_true(slice_starts(buf_slice(&b),
				 SLICE_LIT("from@example.org|remote@example.org x y@a.b|")));
	assert_int_equal(r.status, OUTCOME_SENT);
	assert_int_equal(r.n_failed, 1);
	assert_string_equal(r.failed_text, "mail to command is restricted");
	buf_done(&b);
	expect("noinclude@host.test", OUTCOME_DEFERRED, "4.3.0",
	       "include file #/open/missing is not there");
}

/* A list is its owner's: read and carried out as that user. One that includes itself is read once. */
static void test_include_of_a_user(void **state)
{
	struct passwd *owner = getpwnam(geteuid() == 0 ? "sys" : h.user);
	struct stat st;

	(void)state;
	assert_non_null(owner);
	harness_file(&h, "open/private", "\"@/open/members.mbox\"\n");
	assert_int_equal(chmod(tempdir_at(&h.dir, "open/private"), 0600), 0);
	assert_int_equal(chown(tempdir_at(&h.dir, "open/private"), owner->pw_uid, owner->pw_gid), 0);
	expect("private@host.test", OUTCOME_SENT, "2.0.0", "delivered to file: #/open/members.mbox");
	assert_int_equal(stat(tempdir_at(&h.dir, "open/members.mbox"), &st), 0);
	assert_int_equal(st.st_uid, owner->pw_uid);
	harness_file(&h, "open/twice", ":include:@/open/twice\n:include:@/open/twice\n"
		     "\"@/open/twice.mbox\"\n");
	expect("twice@host.test", OUTCOME_SENT, "2.0.0", "delivered to file: #/open/twice.mbox");
}

/* What is deferred is not forwarded; what failed beside a success is told. */
static void test_mixed(void **state)
{
	struct harness_result r;

	(void)state;
	expect("mixed@host.test", OUTCOME_DEFERRED, "4.3.0", "temporary failure");
	harness_deliver(&h, "from@example.org", "half@host.test", content, &r);
	assert_int_equal(r.status, OUTCOME_SENT);
	assert_int_equal(r.n_failed, 1);
	assert_string_equal(r.failed_text, "user unknown");
	expect("loop2@host.test", OUTCOME_BOUNCED, "5.4.6",
	       "alias database loop for loop2");
	harness_log(&h, "alias database loop for loop2");
}

static void test_cleanup_trouble(void **state)
{
	static const struct { unsigned code, status; } cases[] = {
		{ 451, OUTCOME_DEFERRED }, { 552, OUTCOME_BOUNCED },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		uint32_t id = harness_send(&h, "a@b", "list@host.test", content, false);
		struct harness_result r;
		struct buf b;

		buf_init(&b, 1 << 20);
		harness_cleanup(&h, cases[i].code, &b);
		harness_wait(&h, id, &r);
		assert_int_equal(r.status, cases[i].status);
		assert_string_equal(r.text, "cannot forward: as told");
		buf_done(&b);
	}
}

/* .forward: with extension first; naming oneself means the mailbox; bad files are ignored. */
static void test_dot_forward(void **state)
{
	char name[100], other[100], address[100];

	(void)state;
	snprintf(name, sizeof(name), "open/%s.forward", h.user);
	snprintf(other, sizeof(other), "open/%s.forward+ext", h.user);
	harness_file(&h, name, "remote@example.org\n");
	forwarded(address_of(h.user), "from@example.org|remote@example.org|", "Delivered-To: ");
	harness_file(&h, other, "\"@/open/ext.mbox\"\n");
	snprintf(address, sizeof(address), "%s+ext@host.test", h.user);
	expect(address, OUTCOME_SENT, "2.0.0", "delivered to file: #/open/ext.mbox");
	snprintf(address, sizeof(address), "%s+other@host.test", h.user);
	forwarded(address, "from@example.org|remote@example.org|", "Delivered-To: ");
	harness_file(&h, name, "%\n");
	expect(address_of(h.user), OUTCOME_SENT, "2.0.0", "delivered to mailbox");
	harness_file(&h, name, "\\%, \"@/open/also.mbox\"\n");
	expect(address_of(h.user), OUTCOME_SENT, "2.0.0", "delivered to mailbox");
	expect_file("open/also.mbox", "hello\n");
	harness_file(&h, name, "# nothing\n");
	expect(address_of(h.user), OUTCOME_SENT, "2.0.0", "delivered to mailbox");
	snprintf(address, sizeof(address), "%s+EXT@host.test", h.user);
	expect(address, OUTCOME_SENT, "2.0.0", "delivered to file: #/open/ext.mbox");
	harness_file(&h, name, "\"|sleep 1; echo first >>@/open/order\"\n"
		     "\"|echo second >>@/open/order\"\n");
	expect(address_of(h.user), OUTCOME_SENT, "2.0.0",
	       "delivered to command: sleep 1; echo first >>#/open/order");
	expect_file("open/order", "first\nsecond\n");
	harness_file(&h, name, "remote@example.org\n");
	assert_int_equal(chmod(tempdir_at(&h.dir, name), 0666), 0);
	expect(address_of(h.user), OUTCOME_SENT, "2.0.0", "delivered to mailbox");
	harness_log(&h, "is world writable");
	if (geteuid() == 0) {	/* what others put there is not the user's wish */
		assert_int_equal(chmod(tempdir_at(&h.dir, name), 0644), 0);
		assert_int_equal(chown(tempdir_at(&h.dir, name), h.uid + 1, h.gid), 0);
		expect(address_of(h.user), OUTCOME_SENT, "2.0.0", "delivered to mailbox");
		harness_log(&h, "has bad owner uid");
		assert_int_equal(chmod(tempdir_at(&h.dir, name), 0), 0);
		expect(address_of(h.user), OUTCOME_SENT, "2.0.0", "delivered to mailbox");
		harness_log(&h, ".forward: Permission denied");
	}
	assert_int_equal(unlink(tempdir_at(&h.dir, name)), 0);
	assert_int_equal(unlink(tempdir_at(&h.dir, other)), 0);
}

static void test_verify(void **state)
{
	struct harness_result r;

	(void)state;
	harness_wait(&h, harness_send(&h, "a@b", address_of(h.user), content, true), &r);
	assert_int_equal(r.status, OUTCOME_SENT);
	assert_string_equal(r.text, "delivers to mailbox");
	harness_log(&h, "status=deliverable (delivers to mailbox)");
	harness_wait(&h, harness_send(&h, "a@b", "cat@host.test", content, true), &r);
	assert_true(strncmp(r.text, "delivers to command: /bin/cat", 29) == 0);
	harness_wait(&h, harness_send(&h, "a@b", "nobody-there@host.test", content, true), &r);
	assert_int_equal(r.status, OUTCOME_BOUNCED);
}

/* As many at once for one user as there may be: each has its answer. */
static void test_many(void **state)
{
	enum { MAX = 1000 };
	uint32_t first = h.next_id + 1, n = 0;
	bool seen[MAX] = { false };

	(void)state;
	for (; h.credit > 0 && n < MAX; n++)
		harness_send(&h, "a@b", "dir@host.test", content, false);
	assert_int_equal(h.credit, 0);
	for (uint32_t i = 0; i < n; i++) {
		struct ipc_reader reader;
		uint32_t id;

		harness_recv(&h, &reader);
		assert_int_equal(reader.type, 4);	/* deliver_result */
		id = (uint32_t)ipc_get_int(&reader, 4);
		assert_in_range(id, first, first + n - 1);
		assert_false(seen[id - first]);
		seen[id - first] = true;
	}
}

/* One after the other, more than may be at once: credit comes back in time. */
static void test_credit(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		struct harness_result r;

		harness_wait(&h, harness_send(&h, "a@b", address_of(h.user), content, true), &r);
		assert_int_equal(r.status, OUTCOME_SENT);
	}
}

/* Last: a changed table makes the program ask for a successor; new requests are left to that one,
 * what was begun is finished first. */
static void test_stale(void **state)
{
	struct harness_result r;
	struct err err = { 0 };
	struct ipc_reader reader;
	uint32_t id;

	(void)state;
	id = harness_send(&h, "a@b", "slow@host.test", content, false);
	sleep(2);
	harness_file(&h, "table", "slow: nobody-there\n");
	harness_send(&h, "a@b", "slow@host.test", content, false);
	harness_drain(&h);
	harness_wait(&h, id, &r);
	assert_int_equal(r.status, OUTCOME_SENT);
	while (ipc_sync_recv(h.qmgr, &h.box, &reader, 20000, &err) == RC_OK)
		assert_int_equal(reader.type, 1);	/* credit */
}

static int setup_soft(void **state)
{
	char text[2000];

	(void)state;
	snprintf(text, sizeof(text), "%ssoft_bounce = yes\n", main_cf);
	harness_start(&h, "local", text, aliases);
	return 0;
}

/* soft_bounce: failures for good are put off, with their status; the log names them. */
static void test_soft_bounce(void **state)
{
	struct harness_result r;

	(void)state;
	expect("nobody-there@host.test", OUTCOME_DEFERRED, "5.1.1",
	       "unknown user: \"nobody-there\"");
	harness_log(&h, "dsn=5.1.1, status=SOFTBOUNCE (unknown user: \"nobody-there\")");
	expect("later@host.test", OUTCOME_DEFERRED, "4.3.0", "temporary failure");
	harness_log(&h, "status=deferred");
	harness_deliver(&h, "a@b", "half@host.test", content, &r);
	assert_int_equal(r.status, OUTCOME_DEFERRED);
	assert_int_equal(r.n_failed, 0);
	harness_wait(&h, harness_send(&h, "a@b", "nobody-there@host.test", content, true), &r);
	assert_int_equal(r.status, OUTCOME_BOUNCED);
}

int main(void)
{
	const struct CMUnitTest soft[] = { cmocka_unit_test(test_soft_bounce) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mailbox), cmocka_unit_test(test_loop),
		cmocka_unit_test(test_alias_targets), cmocka_unit_test(test_alias_to_one),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_forward), cmocka_unit_test(test_self),
		cmocka_unit_test(test_include), cmocka_unit_test(test_include_of_a_user),
		cmocka_unit_test(test_mixed), cmocka_unit_test(test_cleanup_trouble),
		cmocka_unit_test(test_dot_forward), cmocka_unit_test(test_verify),
		cmocka_unit_test(test_many), cmocka_unit_test(test_credit),
		cmocka_unit_test(test_stale),
	};

	return cmocka_run_group_tests(tests, setup, teardown) +
	       cmocka_run_group_tests(soft, setup_soft, teardown);
}
