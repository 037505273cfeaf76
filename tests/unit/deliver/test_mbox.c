/* SPDX-License-Identifier: ISC */
#include "tests/unit/deliver/tempdir.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <utime.h>

#include "lib/deliver/mbox.h"

static const struct { const char *in, *want; } quotes[] = {
	{ "", "" }, { "From x\n", ">From x\n" }, { "a\nFrom x\n", "a\n>From x\n" },
	{ "a From x\n", "a From x\n" }, { ">From x\n", ">From x\n" }, { "From", "From" },
	{ "Fro\nFrom \nFrom", "Fro\n>From \nFrom" }, { "from x\n", "from x\n" },
	{ "FFrom x\n", "FFrom x\n" }, { "\nFrom: x\n", "\nFrom: x\n" },
	{ "FroFrom x", "FroFrom x" }, { "\n\nFrom \n", "\n\n>From \n" },
};

static void test_quote(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(quotes); i++) {
		struct slice in = slice_str(quotes[i].in);

		for (size_t step = 1; step <= in.n + 1; step++) {
			struct mbox_quoter q = { 0 };
			struct buf b;

			buf_init(&b, 1000);
			for (size_t at = 0; at < in.n; at += step)
				mbox_quote(&q, slice_sub(in, at, step), &b);
			mbox_quote_finish(&q, &b);
			unit_slice_is(buf_slice(&b), quotes[i].want, quotes[i].in);
			buf_done(&b);
		}
	}
}

static enum rc append(const struct mbox_spec *spec, const struct message *m, struct outcome *out)
{
	char *block = malloc(MESSAGE_BLOCK);
	enum rc rc;

	*out = (struct outcome){ 0 };
	rc = mbox_append(spec, SLICE_LIT("From a@b  Thu Jan  1 00:00:00 1970\n"), m, block, out);
	free(block);
	return rc;
}

static struct mbox_spec spec_for(const char *path)
{
	return (struct mbox_spec){
		.path = path, .user = "bob", .locks = MBOX_LOCK_FCNTL | MBOX_LOCK_DOT,
		.lock_attempts = 2, .lock_delay_ms = 20, .stale_lock_ms = 500000,
		.owner_must_match = true, .is_mailbox = true,
	};
}

static void test_append(void **state)
{
	struct mbox_spec spec;
	struct outcome out;
	struct message m;
	struct tempdir t;
	struct stat st;
	struct buf got;

	(void)state;
	tempdir_make(&t);
	spec = spec_for(tempdir_at(&t, "mbox"));
	tempdir_message(&t, SLICE_LIT("S: x\n\nhi\nFrom here\n"), "Return-Path: <a@b>\n", &m);
	assert_int_equal(append(&spec, &m, &out), RC_OK);
	close(m.fd);
	tempdir_message(&t, SLICE_LIT("no line end"), "", &m);
	assert_int_equal(append(&spec, &m, &out), RC_OK);
	close(m.fd);
	buf_init(&got, 4096);
	tempdir_read(spec.path, &got);
	unit_slice_is(buf_slice(&got),
		      "From a@b  Thu Jan  1 00:00:00 1970\nReturn-Path: <a@b>\nS: x\n\nhi\n"
		      ">From here\n\nFrom a@b  Thu Jan  1 00:00:00 1970\nno line end\n\n", "mbox");
	buf_done(&got);
	assert_int_equal(stat(spec.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_not_equal(stat(tempdir_at(&t, "mbox.lock"), &st), 0);
	tempdir_drop(&t);
}

/* A failed append leaves the mailbox as it was. */
static void test_truncate(void **state)
{
	struct mbox_spec spec;
	struct outcome out;
	struct message m;
	struct tempdir t;
	struct buf got;

	(void)state;
	tempdir_make(&t);
	spec = spec_for(tempdir_at(&t, "mbox"));
	tempdir_write(spec.path, SLICE_LIT("old\n"));
	tempdir_message(&t, SLICE_LIT("hello\n"), "", &m);
	m.crc++;
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_DEFERRED);
	m.crc--;
	spec.limit_bytes = 40;
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	assert_string_equal(out.dsn, "5.2.2");
	buf_init(&got, 4096);
	tempdir_read(spec.path, &got);
	unit_slice_is(buf_slice(&got), "old\n", "unchanged");
	spec.limit_bytes = 1000;
	assert_int_equal(append(&spec, &m, &out), RC_OK);
	buf_done(&got);
	close(m.fd);
	tempdir_drop(&t);
}

static void test_locks(void **state)
{
	struct mbox_spec spec;
	struct outcome out;
	struct message m;
	struct tempdir t;
	struct stat st;
	const char *lock;

	(void)state;
	tempdir_make(&t);
	spec = spec_for(tempdir_at(&t, "mbox"));
	lock = tempdir_at(&t, "mbox.lock");
	tempdir_message(&t, SLICE_LIT("hello\n"), "", &m);
	tempdir_write(lock, SLICE_LIT(""));
	assert_int_equal(append(&spec, &m, &out), RC_TEMP);
	assert_int_equal(out.status, OUTCOME_DEFERRED);
	assert_non_null(strstr(out.text, "/mbox.lock: File exists"));
	assert_int_equal(stat(lock, &st), 0);		/* not ours: left alone */
	assert_int_not_equal(stat(spec.path, &st), 0);	/* and nothing was made */
	assert_int_equal(utime(lock, &(struct utimbuf){ 1000, 1000 }), 0);
	assert_int_equal(append(&spec, &m, &out), RC_OK);
	assert_int_not_equal(stat(lock, &st), 0);
	close(m.fd);
	tempdir_drop(&t);
}

/* The fcntl lock of another process keeps us out. */
static void test_fcntl(void **state)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int go[2], done[2];
	struct mbox_spec spec;
	struct outcome out;
	struct message m;
	struct tempdir t;
	pid_t pid;
	char c;

	(void)state;
	tempdir_make(&t);
	spec = spec_for(tempdir_at(&t, "mbox"));
	tempdir_write(spec.path, SLICE_LIT(""));
	tempdir_message(&t, SLICE_LIT("hello\n"), "", &m);
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(spec.path, O_RDWR);

		if (fcntl(fd, F_SETLK, &whole) != 0 || write(go[1], "x", 1) != 1)
			_exit(1);
		_exit(read(done[0], &c, 1) == 1 ? 0 : 1);
	}
	assert_int_equal(read(go[0], &c, 1), 1);
	assert_int_equal(append(&spec, &m, &out), RC_TEMP);
	assert_int_equal(out.status, OUTCOME_DEFERRED);
	assert_int_equal(write(done[1], "x", 1), 1);
	waitpid(pid, NULL, 0);
	assert_int_equal(append(&spec, &m, &out), RC_OK);
	close(m.fd);
	tempdir_drop(&t);
}

static void test_refusals(void **state)
{
	struct mbox_spec spec;
	struct outcome out;
	struct message m;
	struct tempdir t;

	(void)state;
	tempdir_make(&t);
	tempdir_message(&t, SLICE_LIT("hello\n"), "", &m);
	tempdir_write(tempdir_at(&t, "real"), SLICE_LIT(""));
	assert_int_equal(symlink("real", tempdir_at(&t, "sym")), 0);
	spec = spec_for(tempdir_at(&t, "sym"));
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_DEFERRED);
	spec.is_mailbox = false;	/* a file: when the link is root's */
	if (geteuid() == 0) {
		assert_int_equal(append(&spec, &m, &out), RC_OK);
		assert_int_equal(chmod(t.path, 0777), 0);	/* who knows who has put it here */
		assert_int_not_equal(append(&spec, &m, &out), RC_OK);
		assert_non_null(strstr(out.text, ": file is a symbolic link"));
		assert_int_equal(chmod(t.path, 0700), 0);
		assert_int_equal(lchown(spec.path, 65534, 65534), 0);
	}
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	assert_non_null(strstr(out.text, ": file is a symbolic link"));
	assert_int_equal(link(tempdir_at(&t, "real"), tempdir_at(&t, "hard")), 0);
	spec = spec_for(tempdir_at(&t, "hard"));
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_int_equal(mkdir(tempdir_at(&t, "dir"), 0700), 0);
	spec = spec_for(tempdir_at(&t, "dir"));
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	assert_string_equal(out.dsn, "5.2.0");
	assert_non_null(strstr(out.text, ". cannot open file: Is a directory"));
	spec = spec_for(tempdir_at(&t, "no/such"));
	spec.is_mailbox = false;
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	assert_true(strncmp(out.text, "cannot append message to file ", 30) == 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(tempdir_at(&t, "real"), 65534, 65534), 0);
		assert_int_equal(unlink(tempdir_at(&t, "hard")), 0);
		spec = spec_for(tempdir_at(&t, "real"));
		assert_int_not_equal(append(&spec, &m, &out), RC_OK);
		assert_int_equal(out.status, OUTCOME_DEFERRED);
		assert_true(strncmp(out.text, "cannot update mailbox ", 22) == 0);
		assert_non_null(strstr(out.text, "/real is not owned by recipient"));
	}
	tempdir_write(tempdir_at(&t, "prog"), SLICE_LIT(""));
	assert_int_equal(chmod(tempdir_at(&t, "prog"), 0700), 0);
	spec = spec_for(tempdir_at(&t, "prog"));
	spec.is_mailbox = false;
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	spec = spec_for("/dev/null");
	assert_int_not_equal(append(&spec, &m, &out), RC_OK);
	assert_string_equal(out.text, "cannot update mailbox /dev/null for user bob. destination "
			    "/dev/null is not a regular file");
	spec.is_mailbox = false;
	assert_int_equal(append(&spec, &m, &out), RC_OK);
	close(m.fd);
	tempdir_drop(&t);
}

static void test_words(void **state)
{
	unsigned locks;
	struct buf b;

	(void)state;
	assert_int_equal(mbox_parse_locks(SLICE_LIT("fcntl, dotlock"), &locks), RC_OK);
	assert_int_equal(locks, MBOX_LOCK_FCNTL | MBOX_LOCK_DOT);
	assert_int_equal(mbox_parse_locks(SLICE_LIT("flock"), &locks), RC_OK);
	assert_int_equal(mbox_parse_locks(SLICE_LIT("fcntl lockf"), &locks), RC_SYNTAX);
	assert_int_equal(mbox_parse_locks(SLICE_LIT(""), &locks), RC_SYNTAX);
	buf_init(&b, 200);
	mbox_from_line(SLICE_LIT(""), 0, &b);
	assert_true(slice_starts(buf_slice(&b), SLICE_LIT("From MAILER-DAEMON  ")));
	buf_reset(&b);
	mbox_from_line(SLICE_LIT("a b@c"), 0, &b);
	assert_true(slice_starts(buf_slice(&b), SLICE_LIT("From \"a b\"@c  ")));
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quote), cmocka_unit_test(test_append),
		cmocka_unit_test(test_truncate), cmocka_unit_test(test_locks),
		cmocka_unit_test(test_fcntl), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
