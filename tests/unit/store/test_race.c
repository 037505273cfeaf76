/* tests/unit/store/test_race.c - other processes at work in the same mailbox: no message is ever
 * lost from sight, none appears twice, and all sessions end up with the same view. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/store/maildir.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { MESSAGES = 400, RUN_MS = 400 };

static void fill(void)
{
	char name[64];

	for (int i = 0; i < MESSAGES; i++) {
		snprintf(name, sizeof(name), "cur/%d.M%dP1.h:2,", 1000 + i, i);
		maildir_write(name, "x\n");
	}
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* A foreign mail reader: knows no lock, renames as it likes. Returns in the parent. */
static pid_t start_renamer(void)
{
	static char names[MESSAGES][64];
	pid_t pid = fork();
	int64_t end = now_ms() + RUN_MS;
	unsigned seed = 1;

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	if (chdir(maildir_path("cur")) != 0)
		_exit(1);
	for (int i = 0; i < MESSAGES; i++)
		snprintf(names[i], sizeof(names[i]), "%d.M%dP1.h:2,", 1000 + i, i);
	while (now_ms() < end) {
		char to[64];
		int i;

		seed = seed * 1103515245 + 12345;
		i = (int)(seed >> 16) % MESSAGES;
		snprintf(to, sizeof(to), "%d.M%dP1.h:2,%s", 1000 + i, i,
			 (seed >> 8 & 1) != 0 ? "S" : (seed >> 9 & 1) != 0 ? "FS" : "");
		if (rename(names[i], to) != 0)
			_exit(2);
		snprintf(names[i], sizeof(names[i]), "%s", to);
	}
	_exit(0);
}

static void join(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_renames_while_scanning(void **state)
{
	struct store_box *b;
	int64_t end;
	pid_t pid;

	(void)state;
	fill();
	b = maildir_open("INBOX", 0);
	pid = start_renamer();
	end = now_ms() + RUN_MS - 50;
	while (now_ms() < end) {
		struct store_changes c = maildir_refresh(b, STORE_LOOK_HARD);

		assert_int_equal(c.n_gone, 0);
		assert_int_equal(c.n_new, 0);
		assert_int_equal(maildir_box_count(b), MESSAGES);
	}
	join(pid);
	maildir_tick();
	(void)maildir_refresh(b, 0);
	for (uint32_t seq = 1; seq <= MESSAGES; seq++) {
		char name[64];
		bool seen = (store_box_msg(b, seq)->flags & STORE_SEEN) != 0;

		snprintf(name, sizeof(name), "cur/%d.M%dP1.h:2,S", 1000 + seq - 1, seq - 1);
		assert_int_equal(seen, maildir_has(name) ||
				       (store_box_msg(b, seq)->flags & STORE_FLAGGED) != 0);
	}
	store_box_free(&b);
}

/* Each child appends, flags, expunges and looks again; UIDs and counts must agree at the end. */
static void churn(unsigned who)
{
	struct store_flag_op op = { .how = STORE_FLAGS_ADD, .flags = STORE_FLAGGED };
	struct store_append_meta meta = { .internaldate = -1 };
	struct store_changes c;
	struct store_box *b;

	if (store_box_open(maildir_store, "INBOX", 0, &b, NULL) != RC_OK)
		_exit(10);
	for (unsigned i = 0; i < 30; i++) {
		struct store_append *a;
		struct store_box_info info;
		uint32_t seq;

		meta.flags = i % 2 != 0 ? STORE_SEEN : 0;
		if (store_append_begin(maildir_store, "INBOX", &a, NULL) != RC_OK ||
		    store_append_message(a, &meta, NULL) != RC_OK ||
		    store_append_write(a, SLICE_LIT("text\n"), NULL) != RC_OK ||
		    store_append_commit(&a, NULL, NULL) != RC_OK)
			_exit(11);
		if (store_box_refresh(b, 0, &c, NULL) != RC_OK)
			_exit(12);
		store_box_info(b, &info);
		if (info.count == 0)
			continue;
		seq = (who * 7919 + i * 31) % info.count + 1;
		if (store_box_set_flags(b, &seq, 1, &op, NULL, NULL) != RC_OK)
			_exit(13);
		if (i % 3 == 0 && store_box_expunge(b, &seq, 1, NULL) != RC_OK)
			_exit(14);
	}
	for (uint32_t seq = 2; seq <= maildir_box_count(b); seq++)
		if (store_box_msg(b, seq)->uid <= store_box_msg(b, seq - 1)->uid)
			_exit(15);
	store_box_free(&b);
	_exit(0);
}

static void test_sessions_side_by_side(void **state)
{
	enum { CHILDREN = 4 };
	struct store_box *a, *b;
	pid_t pids[CHILDREN];
	uint32_t n;

	(void)state;
	maildir_open_store('.');
	for (unsigned i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			churn(i);
	}
	for (unsigned i = 0; i < CHILDREN; i++)
		join(pids[i]);
	a = maildir_open("INBOX", 0);
	b = maildir_open("INBOX", STORE_BOX_READONLY);
	n = maildir_box_count(a);
	assert_int_equal(n, maildir_box_count(b));
	assert_int_equal(n, maildir_count("cur"));
	/* 120 appended, 40 expunges of which some hit the same message. */
	assert_in_range(n, 80, 110);
	for (uint32_t seq = 1; seq <= n; seq++)
		assert_int_equal(store_box_msg(a, seq)->uid, store_box_msg(b, seq)->uid);
	assert_false(maildir_has("dovecot-uidlist.lock"));
	store_box_free(&a);
	store_box_free(&b);
}

/* Whoever is killed while he holds the lock: his work is undone or done, and others go on. */
static void test_killed_at_any_moment(void **state)
{
	struct store_box *b;
	uint32_t n, last;

	(void)state;
	for (unsigned i = 0; i < 25; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			churn(i);
		usleep(1000 + 700 * i);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	last = maildir_append("INBOX", STORE_SEEN, "text\n");
	b = maildir_open("INBOX", 0);
	n = maildir_box_count(b);
	assert_int_equal(n, maildir_count("cur"));
	assert_int_equal(store_box_msg(b, n)->uid, last);
	for (uint32_t seq = 1; seq <= n; seq++) {
		struct store_content c;

		assert_int_equal(store_box_read(b, seq, &c, NULL), RC_OK);
		unit_slice_is(c.bytes, "text\n", "never half a message");
		store_content_done(&c);
	}
	store_box_free(&b);
}

static int setup(void **state)
{
	maildir_setup(state);
	maildir_lock_timeout_ms = 10000;
	maildir_open_store('.');
	return 0;
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, maildir_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_renames_while_scanning),
		CASE(test_sessions_side_by_side),
		CASE(test_killed_at_any_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
