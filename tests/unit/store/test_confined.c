/* tests/unit/store/test_confined.c - the store does all its work inside the role of a mail job:
 * that role's system calls, and no directory but the mailbox's own. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/store/maildir.h"

#include <sys/wait.h>

#include "lib/sys/roles.h"

static struct err failed;

#define OK(call) ok((failed = (struct err){ 0 }, (call)), __LINE__)

/* In the child no test framework helps: say what failed and end. */
static void ok(enum rc rc, int line)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "line %d: %s %s\n", line, rc_name(rc), failed.text);
	_exit(1);
}

static void confine(const char *role)
{
	const struct role_extra extra = { maildir_root, PATH_READ | PATH_WRITE, false };
	const struct role_env env = { .is_rootless = true, .uid = getuid(), .gid = getgid(),
				      .dirs = { "/nonexistent", "/nonexistent", "/nonexistent" },
				      .extra = &extra, .n_extra = 1 };

	OK(role_enter(role_find(role), &env, NULL, &failed));
}

static void append_to(const char *name)
{
	struct store_append_meta meta = { .flags = STORE_SEEN, .internaldate = 1000 };
	struct store_append *a;

	OK(store_append_begin(maildir_store, name, &a, &failed));
	OK(store_append_message(a, &meta, &failed));
	OK(store_append_write(a, SLICE_LIT("a\r\n\r\nb\r\n"), &failed));
	OK(store_append_commit(&a, NULL, &failed));
}

/* What a killed session of this host left behind. */
static void plant_dead_lock(void)
{
	char host[256] = "", path[PATH_MAX + 64];
	FILE *f;

	gethostname(host, sizeof(host) - 1);
	snprintf(path, sizeof(path), "%s/sub/dir/dovecot-uidlist.lock", maildir_root);
	f = fopen(path, "w");
	if (f == NULL || fprintf(f, "2147483646:%s", host) < 0 || fclose(f) != 0)
		OK(RC_SYS);
}

static void work(void)
{
	struct store_flag_op op = { .how = STORE_FLAGS_ADD, .flags = STORE_FLAGGED };
	char location[PATH_MAX + 20];
	struct store_options o = { .location = location, .lock_timeout_ms = 500 };
	struct store_append *a;
	struct store_content c;
	struct store_box *b;
	uint32_t one = 1;
	int64_t date;
	int fd;

	snprintf(location, sizeof(location), "maildir:%s/sub/dir", maildir_root);
	OK(store_open(&o, &maildir_store, &failed));
	plant_dead_lock();
	OK(store_lock_session(maildir_store, 100, &failed));
	append_to("INBOX");
	OK(store_create(maildir_store, "a.b", &failed));
	OK(store_subscribe(maildir_store, "a.b", true, &failed));
	OK(store_box_open(maildir_store, "INBOX", 0, &b, &failed));
	OK(store_box_watch(b, &fd, &failed));
	OK(store_box_keyword_bit(b, SLICE_LIT("word"), true, &one, &failed));
	one = 1;
	OK(store_box_set_flags(b, &one, 1, &op, NULL, &failed));
	OK(store_append_begin(maildir_store, "a.b", &a, &failed));
	OK(store_append_copy(a, b, 1, &failed));
	OK(store_append_commit(&a, NULL, &failed));
	OK(store_box_date(b, 1, &date, &failed));
	OK(store_box_read(b, 1, &c, &failed));
	store_content_done(&c);
	OK(store_box_expunge(b, &one, 1, &failed));
	store_box_free(&b);
	OK(store_rename(maildir_store, "a.b", "c", &failed));
	OK(store_delete(maildir_store, "c", &failed));
	store_free(&maildir_store);
}

static void run_as(const char *role)
{
	int status;
	pid_t pid;

	store_free(&maildir_store);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		confine(role);
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_imap_job(void **state)
{
	(void)state;
	run_as("imap-job");
}

static void test_pop3_job(void **state)
{
	(void)state;
	run_as("pop3-job");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, maildir_setup, maildir_teardown)
	const struct CMUnitTest tests[] = { CASE(test_imap_job), CASE(test_pop3_job) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
