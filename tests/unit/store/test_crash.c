/* tests/unit/store/test_crash.c - a session is killed before each of its calls that change the disk,
 * and in the middle of each write; whatever it was doing, the next session finds every message
 * that was there, whole, under its UID, and no UID is given twice. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/store/maildir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- libc's calls, counted: at number KILL_AT the process ends --- */

static unsigned calls, kill_at;
static bool halves;	/* only writes count, and the last one does half its work */

enum { LOCK_TEXT = 16 };	/* a lock's few bytes are never written by halves */

static void count(void)
{
	if (kill_at != 0 && !halves && ++calls == kill_at)
		_exit(99);
}

ssize_t write(int fd, const void *p, size_t n)
{
	count();
	if (kill_at != 0 && halves && n > LOCK_TEXT && ++calls == kill_at) {
		syscall(SYS_write, fd, p, n / 2);
		_exit(99);
	}
	return syscall(SYS_write, fd, p, n);
}

int fsync(int fd)
{
	count();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	count();
	return (int)syscall(SYS_fdatasync, fd);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	count();
	return (int)syscall(SYS_renameat, from_dir, from, to_dir, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	count();
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

int unlinkat(int dir, const char *name, int flags)
{
	count();
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	count();
	return (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
}

int mkdirat(int dir, const char *name, mode_t mode)
{
	count();
	return (int)syscall(SYS_mkdirat, dir, name, mode);
}

/* --- the mailbox before --- */

enum { BEFORE = 5 };

static const char *const texts[] = { "one\n", "two\n", "three\n", "four\n", "five\n" };

#define ADDED "Subject: added\n\nbody\n"

static void fill(void)
{
	char name[64];

	maildir_write("dovecot-uidlist",
		      "3 V1234567890 N6 G0123456789abcdef0123456789abcdef\n"
		      "1 :1.a\n2 :2.a\n3 :3.a\n4 :4.a\n5 :5.a\n");
	maildir_write("dovecot-keywords", "0 old\n");
	maildir_write("subscriptions", "V\t2\n\nkept\n");
	for (int i = 0; i < BEFORE; i++) {
		snprintf(name, sizeof(name), "cur/%d.a:2,%s", i + 1, i == 0 ? "Fa" : "");
		maildir_write(name, texts[i]);
	}
}

/* --- what the sessions do; each ends with exit status 0 when it got through --- */

static void need(enum rc rc)
{
	if (rc != RC_OK)
		_exit(1);
}

static struct store_box *box(void)
{
	struct store_box *b;

	need(store_box_open(maildir_store, "INBOX", 0, &b, NULL));
	return b;
}

static void do_append(void)
{
	struct slice keyword = SLICE_LIT("new");
	struct store_append_meta meta = { .flags = STORE_SEEN, .keywords = &keyword,
					  .n_keywords = 1, .internaldate = 5 };
	struct store_append *a;

	need(store_append_begin(maildir_store, "INBOX", &a, NULL));
	for (int i = 0; i < 2; i++) {
		need(store_append_message(a, &meta, NULL));
		need(store_append_write(a, SLICE_LIT(ADDED), NULL));
		meta.flags = 0;
		meta.n_keywords = 0;
	}
	need(store_append_commit(&a, NULL, NULL));
}

static void do_copy(void)
{
	struct store_box *b = box();
	struct store_append *a;

	need(store_append_begin(maildir_store, "INBOX", &a, NULL));
	need(store_append_copy(a, b, 1, NULL));
	need(store_append_copy(a, b, 2, NULL));
	need(store_append_commit(&a, NULL, NULL));
	store_box_free(&b);
}

static void do_flags(void)
{
	struct store_flag_op op = { .how = STORE_FLAGS_ADD, .flags = STORE_SEEN };
	uint32_t seqs[] = { 1, 2, 3 };
	struct store_box *b = box();
	unsigned bit;

	need(store_box_keyword_bit(b, SLICE_LIT("new"), true, &bit, NULL));
	op.keywords = 1u << bit;
	need(store_box_set_flags(b, seqs, 3, &op, NULL, NULL));
	store_box_free(&b);
}

static void do_expunge(void)
{
	uint32_t seqs[] = { 2, 4 };
	struct store_box *b = box();

	need(store_box_expunge(b, seqs, 2, NULL));
	store_box_free(&b);
}

/* Deliveries of others get their UIDs and move to cur/; sizes are counted and written down. */
static void do_open(void)
{
	struct store_box *b = box();
	uint64_t size;

	for (uint32_t seq = 1; seq <= maildir_box_count(b); seq++)
		need(store_box_size(b, seq, STORE_SIZE_CRLF, &size, NULL));
	store_box_free(&b);
}

static void do_folders(void)
{
	need(store_create(maildir_store, "a.b", NULL));
	need(store_subscribe(maildir_store, "a.b", true, NULL));
	need(store_rename(maildir_store, "a", "c", NULL));
	need(store_delete(maildir_store, "c.b", NULL));
}

/* --- what must hold afterwards --- */

static bool is_text_of(uint32_t uid, struct slice bytes)
{
	return uid <= BEFORE && slice_is(bytes, texts[uid - 1]);
}

static void check_message(struct store_box *b, uint32_t seq)
{
	const struct store_msg *m = store_box_msg(b, seq);
	struct store_content c;
	struct err err = { 0 };

	maildir_check(store_box_read(b, seq, &c, &err), &err);
	if (!is_text_of(m->uid, c.bytes) &&
	    !(m->uid > BEFORE && (slice_is(c.bytes, ADDED) || is_text_of(1, c.bytes) ||
				  is_text_of(2, c.bytes))))
		fail_msg("UID %u: \"%.*s\"", m->uid, SLICE_ARG(c.bytes));
	for (unsigned bit = 0; bit < STORE_KEYWORDS_MAX; bit++)
		if ((m->keywords >> bit & 1) != 0)
			assert_non_null(store_box_keyword(b, bit));
	store_content_done(&c);
}

/* LOST: how many of the first messages may be gone. */
static void check_store(unsigned lost, uint32_t *highest)
{
	struct store_box_info info;
	struct store_list l;
	struct store_box *b;
	uint32_t old = 0, last = 0;
	struct err err = { 0 };

	maildir_open_store('.');
	b = maildir_open("INBOX", 0);
	store_box_info(b, &info);
	assert_int_equal(info.uidvalidity, 1234567890);
	for (uint32_t seq = 1; seq <= info.count; seq++) {
		uint32_t uid = store_box_msg(b, seq)->uid;

		assert_true(uid > last);
		last = uid;
		old += uid <= BEFORE;
		check_message(b, seq);
	}
	assert_in_range(old, BEFORE - lost, BEFORE);
	assert_true(info.uidnext > last && info.uidnext > BEFORE);
	*highest = last;
	store_box_free(&b);
	maildir_check(store_list(maildir_store, &l, &err), &err);
	store_list_done(&l);
	maildir_check(store_list_subscribed(maildir_store, &l, &err), &err);
	assert_string_equal(l.entries[0].name[0] == 'a' ? l.entries[1].name : l.entries[0].name,
			    "kept");
	store_list_done(&l);
}

static int run_and_kill(void (*work)(void), unsigned at, bool half)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		kill_at = at;
		halves = half;
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Two seconds pass for a lock whose maker was killed before he filled it. */
static void age_empty_locks(void)
{
	static const char *const locks[] = { "dovecot-uidlist.lock", "subscriptions.lock",
					     ".a.b/dovecot-uidlist.lock" };
	struct timespec old[2] = { { time(NULL) - 3, 0 }, { time(NULL) - 3, 0 } };
	struct stat st;

	for (size_t i = 0; i < N_OF(locks); i++)
		if (stat(maildir_path(locks[i]), &st) == 0 && st.st_size == 0)
			utimensat(AT_FDCWD, maildir_path(locks[i]), old, 0);
}

static void empty_store(void **state)
{
	maildir_teardown(state);
	maildir_setup(state);
	maildir_lock_timeout_ms = 5000;
	fill();
}

/* Every kill point of WORK. A new message delivered by others comes first when DELIVERED. */
static void crash(void **state, void (*work)(void), unsigned lost, bool delivered)
{
	unsigned points = 0;

	for (int half = 0; half < 2; half++) {
		for (unsigned at = 1;; at++, points++) {
			uint32_t highest, uid;
			int status;

			empty_store(state);
			if (delivered) {
				maildir_write("new/6.a", ADDED);
				maildir_write("new/7.a", ADDED);
			}
			status = run_and_kill(work, at, half != 0);
			age_empty_locks();
			check_store(lost, &highest);
			uid = maildir_append("INBOX", 0, ADDED);
			assert_true(uid > highest);
			if (status == 0)
				break;
			assert_int_equal(status, 99);
		}
	}
	/* The counting works: each of these does at least so much. */
	assert_true(points >= 4);
}

static void test_append(void **state) { crash(state, do_append, 0, false); }
static void test_copy(void **state) { crash(state, do_copy, 0, false); }
static void test_flags(void **state) { crash(state, do_flags, 0, false); }
static void test_expunge(void **state) { crash(state, do_expunge, 2, false); }
static void test_open(void **state) { crash(state, do_open, 0, true); }
static void test_folders(void **state) { crash(state, do_folders, 0, false); }

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, maildir_setup, maildir_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_append), CASE(test_copy),  CASE(test_flags),
		CASE(test_expunge), CASE(test_open), CASE(test_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
