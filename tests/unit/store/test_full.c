/* tests/unit/store/test_full.c - a disk on which no byte more can be written: nothing is lost, no
 * half thing stays behind, and what is there can be read and deleted. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/store/maildir.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* Names can be made, renamed and removed, content cannot be written: as on a full disk. */
static void fill_disk(void)
{
	const struct rlimit none = { 0, 0 };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &none) != 0)
		_exit(2);
}

static void need(bool fact, int line)
{
	if (fact)
		return;
	fprintf(stderr, "line %d\n", line);
	_exit(1);
}

#define NEED(fact) need((fact), __LINE__)

static void run(void (*work)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		fill_disk();
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void known_messages(void)
{
	maildir_write("dovecot-uidlist", "3 V1234567890 N3 G00\n1 :1.a\n2 :2.a\n");
	maildir_write("cur/1.a:2,", "one\n");
	maildir_write("cur/2.a:2,", "two\n");
	maildir_write("new/3.a", "three\n");
}

static void use_known(void)
{
	struct store_flag_op op = { .how = STORE_FLAGS_ADD, .flags = STORE_SEEN };
	struct store_append_meta meta = { .internaldate = -1 };
	struct store_box_info info;
	struct store_append *a;
	struct store_content c;
	struct store_box *b;
	uint32_t one = 1, two = 2;
	unsigned bit;

	NEED(store_box_open(maildir_store, "INBOX", 0, &b, NULL) == RC_OK);
	store_box_info(b, &info);
	NEED(info.uidvalidity == 1234567890);
	NEED(info.count == 2);	/* the new one has no UID yet, and waits */
	NEED(store_box_read(b, 1, &c, NULL) == RC_OK);
	store_content_done(&c);
	NEED(store_box_set_flags(b, &two, 1, &op, NULL, NULL) == RC_OK);
	NEED(store_box_keyword_bit(b, SLICE_LIT("new"), true, &bit, NULL) == RC_LIMIT);
	NEED(store_box_expunge(b, &one, 1, NULL) == RC_OK);
	store_box_free(&b);
	NEED(store_append_begin(maildir_store, "INBOX", &a, NULL) == RC_OK);
	NEED(store_append_message(a, &meta, NULL) == RC_OK);
	NEED(store_append_write(a, SLICE_LIT("text\n"), NULL) == RC_OK);
	NEED(store_append_commit(&a, NULL, NULL) == RC_LIMIT);
	NEED(store_subscribe(maildir_store, "x", true, NULL) == RC_LIMIT);
}

static void test_a_known_mailbox(void **state)
{
	struct store_box *b;

	(void)state;
	known_messages();
	run(use_known);
	assert_int_equal(maildir_count("tmp"), 0);
	assert_false(maildir_has("dovecot-uidlist.lock"));
	assert_false(maildir_has("subscriptions.lock"));
	assert_string_equal(maildir_read("dovecot-uidlist"),
			    "3 V1234567890 N3 G00\n1 :1.a\n2 :2.a\n");
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 2);
	assert_int_equal(store_box_msg(b, 1)->uid, 2);
	assert_int_equal(store_box_msg(b, 1)->flags, STORE_SEEN);
	assert_int_equal(store_box_msg(b, 2)->uid, 3);
	store_box_free(&b);
}

static void use_unknown(void)
{
	struct store_box_info info;
	struct store_box *b;
	uint32_t one = 1;

	NEED(store_box_open(maildir_store, "INBOX", 0, &b, NULL) == RC_OK);
	store_box_info(b, &info);
	NEED(info.count == 3);
	NEED(info.uidvalidity != 0 && info.uidnext == 4);
	NEED(store_box_expunge(b, &one, 1, NULL) == RC_OK);
	store_box_free(&b);
}

static void test_a_mailbox_without_uids(void **state)
{
	struct store_box *b;

	(void)state;
	known_messages();
	unlink(maildir_path("dovecot-uidlist"));
	run(use_unknown);
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 2);
	store_box_free(&b);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, maildir_setup, maildir_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_a_known_mailbox),
		CASE(test_a_mailbox_without_uids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
