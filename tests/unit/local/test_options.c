/* What parameters change: one start of the program for each group of them. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/local/harness.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>

static const char content[] = "Subject: x\n\nhello\nFrom here\n";
static const char forward_path[] = "forward_path = @/open/$user.forward\n";

static struct harness h;

static void begin(const char *main_cf, const char *table)
{
	char text[4000];

	snprintf(text, sizeof(text), "alias_maps = texthash:@/table\ndefault_privs = %%\n%s%s",
		 strstr(main_cf, "forward_path") == NULL ? forward_path : "", main_cf);
	harness_start(&h, "local", text, table);
}

static void replace(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; *text != '\0' && n + 1 < size; text++) {
		const char *with = *text == '%' ? h.user : *text == '#' ? h.dir.path : NULL;

		if (with != NULL)
			n += (size_t)snprintf(out + n, size - n, "%s", with);
		else
			out[n++] = *text;
	}
	out[n < size ? n : size - 1] = '\0';
}

/* "%" is the user, "#" the directory. */
static void expect(const char *to, unsigned status, const char *dsn, const char *text)
{
	struct harness_result r;
	char address[300], want[1000];

	replace(to, address, sizeof(address));
	replace(text, want, sizeof(want));
	harness_deliver(&h, "from@example.org", address, content, &r);
	if (r.status != status || strcmp(r.dsn, dsn) != 0 || strcmp(r.text, want) != 0)
		fail_msg("%s: %u %s \"%s\", wanted \"%s\"", address, r.status, r.dsn, r.text, want);
}

static void expect_forward(const char *to, const char *want, bool has_delivered_to)
{
	struct harness_result r;
	char address[300];
	struct buf b;
	uint32_t id;

	replace(to, address, sizeof(address));
	buf_init(&b, 1 << 20);
	id = harness_send(&h, "from@example.org", address, content, false);
	harness_cleanup(&h, 250, &b);
	harness_wait(&h, id, &r);
	assert_string_equal(r.text, "forwarded as 5B2C3D4E5F6");
	if (!slice_starts(buf_slice(&b), slice_str(want)))
		fail_msg("%s: %s", address, buf_cstr(&b));
	assert_int_equal(slice_find(buf_slice(&b), SLICE_LIT("Delivered-To: ")) >= 0,
			 has_delivered_to);
	buf_done(&b);
}

static void read_file(const char *name, struct buf *b)
{
	buf_init(b, 1 << 20);
	tempdir_read(tempdir_at(&h.dir, name), b);
}

static int count(const char *dir)
{
	char path[300];
	struct dirent *e;
	int n = 0;
	DIR *d;

	replace(dir, path, sizeof(path));
	d = opendir(tempdir_at(&h.dir, path));
	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void test_maildir_spool(void **state)
{
	(void)state;
	begin("mail_spool_directory = @/spool/\nrecipient_delimiter = +\n"
	      "luser_relay = catch+$user-$extension-$local@example.org\n", "");
	expect("%@host.test", OUTCOME_SENT, "2.0.0", "delivered to maildir");
	expect("%@host.test", OUTCOME_SENT, "2.0.0", "delivered to maildir");
	assert_int_equal(count("spool/%/new"), 2);
	assert_int_equal(count("spool/%/tmp"), 0);
	/* A name without a value is nothing, not the end of the mail. */
	expect_forward("Ghost@host.test", "from@example.org|catch+ghost--ghost@example.org|", true);
	expect_forward("Ghost+X@host.test", "from@example.org|catch+ghost-x-ghost+x@example.org|",
		       true);
	harness_stop(&h);
}

/* An address that comes to nothing would be MAILER-DAEMON, whose mail is thrown away. */
static void test_empty_luser(void **state)
{
	(void)state;
	begin("mail_spool_directory = @/spool\nluser_relay = $extension\n", "");
	expect("ghost@host.test", OUTCOME_DEFERRED, "4.3.5", "luser_relay: no address");
	harness_stop(&h);
}

/* A relay for unknown users who is unknown too ends the search. */
static void test_unknown_luser(void **state)
{
	(void)state;
	begin("mail_spool_directory = @/spool\nluser_relay = nobody-either\n", "");
	expect("ghost@host.test", OUTCOME_BOUNCED, "5.1.1", "unknown user: \"nobody-either\"");
	expect("nobody-either@host.test", OUTCOME_BOUNCED, "5.1.1",
	       "unknown user: \"nobody-either\"");
	harness_stop(&h);
}

static void test_mailbox_command(void **state)
{
	struct buf b;

	(void)state;
	begin("mailbox_command = cat > out.$USER; pwd >> out.$USER\n"
	      "command_execution_directory = @/open\nprepend_delivered_header =\n"
	      "mailbox_command_maps = inline:{mapped=/bin/false}\n", "out: remote@example.org\n");
	expect("%@host.test", OUTCOME_SENT, "2.0.0",
	       "delivered to command: cat > out.$USER; pwd >> out.$USER");
	{
		char name[100];

		snprintf(name, sizeof(name), "open/out.%s", h.user);
		read_file(name, &b);
	}
	assert_true(slice_find(buf_slice(&b), SLICE_LIT("Delivered-To: ")) < 0);
	assert_true(slice_find(buf_slice(&b), slice_str(h.dir.path)) >= 0);
	buf_done(&b);
	expect_forward("out@host.test", "from@example.org|remote@example.org|", false);
	harness_stop(&h);
}

static void test_limits(void **state)
{
	struct harness_result r;
	char name[100], address[100];
	char *big = malloc(1100001);

	(void)state;
	memset(big, 'x', 1100000);
	big[1100000] = '\0';
	begin("mail_spool_directory = @/spool\nmailbox_size_limit = 1000000\n"
	      "command_time_limit = 1s\n", "slow: \"|sleep 30\"\n");
	snprintf(address, sizeof(address), "%s@host.test", h.user);
	harness_deliver(&h, "a@b", address, big, &r);
	assert_int_equal(r.status, OUTCOME_BOUNCED);
	assert_string_equal(r.dsn, "5.2.2");
	snprintf(name, sizeof(name), "spool/%s", h.user);
	{
		struct stat st;

		assert_true(stat(tempdir_at(&h.dir, name), &st) != 0 || st.st_size == 0);
	}
	expect("slow@host.test", OUTCOME_BOUNCED, "5.3.0",
	       "Command time limit exceeded: \"sleep 30\"");
	free(big);
	harness_stop(&h);
}

static void expect_by_home(const char *user)
{
	const struct passwd *pw = getpwnam(user);
	char address[100], want[300];

	assert_non_null(pw);
	snprintf(address, sizeof(address), "%s@host.test", user);
	if (access(pw->pw_dir, F_OK) == 0) {
		expect(address, OUTCOME_SENT, "2.0.0", "delivered to mailbox");
		return;
	}
	snprintf(want, sizeof(want), "cannot access home directory %s: %s", pw->pw_dir,
		 strerror(errno));
	expect(address, OUTCOME_DEFERRED, "4.3.0", want);
}

static void test_home(void **state)
{
	(void)state;
	begin("mail_spool_directory = @/spool\nrequire_home_directory = yes\n", "");
	expect_by_home(h.user);
	if (geteuid() == 0)
		expect_by_home("nobody");	/* who has none, as a rule */
	harness_stop(&h);
}

/* What the alias of a list leads to is a new message, but for reset_owner_alias; the owner is the
 * sender in any case. */
static void test_reset_owner(void **state)
{
	static const char aliases[] = "list: sub\nowner-list: boss@example.org\nsub: %\n";
	char name[100];
	struct buf b;

	(void)state;
	begin("mail_spool_directory = @/spool\n", aliases);
	snprintf(name, sizeof(name), "owner-list@host.test|%s@host.test|", h.user);
	expect_forward("list@host.test", name, true);
	harness_stop(&h);
	begin("mail_spool_directory = @/spool\nreset_owner_alias = yes\n", aliases);
	expect("list@host.test", OUTCOME_SENT, "2.0.0", "delivered to mailbox");
	snprintf(name, sizeof(name), "spool/%s", h.user);
	read_file(name, &b);
	assert_true(slice_find(buf_slice(&b),
			       SLICE_LIT("Return-Path: <owner-list@host.test>\n")) >= 0);
	buf_done(&b);
	harness_stop(&h);
}

static void test_restrictions(void **state)
{
	(void)state;
	begin("allow_mail_to_commands = include\nallow_mail_to_files =\nexpand_owner_alias = yes\n"
	      "mail_spool_directory = @/spool\nrequire_home_directory = no\n",
	      "cmd: \"|/bin/true\"\nfile: \"@/open/file\"\ninc: \":include:@/open/list\"\n"
	      "list: remote@example.org\nowner-list: boss@example.org\n");
	harness_file(&h, "open/list", "\"|/bin/true\"\n");
	expect("cmd@host.test", OUTCOME_BOUNCED, "5.7.1", "mail to command is restricted");
	expect("file@host.test", OUTCOME_BOUNCED, "5.7.1", "mail to file is restricted");
	expect("inc@host.test", OUTCOME_SENT, "2.0.0", "delivered to command: /bin/true");
	expect_forward("list@host.test", "boss@example.org|remote@example.org|", true);
	harness_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maildir_spool), cmocka_unit_test(test_unknown_luser),
		cmocka_unit_test(test_empty_luser),
		cmocka_unit_test(test_mailbox_command), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_restrictions), cmocka_unit_test(test_reset_owner),
		cmocka_unit_test(test_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
