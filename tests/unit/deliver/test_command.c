/* SPDX-License-Identifier: ISC */
#include "tests/unit/deliver/tempdir.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/deliver/command.h"

static const struct { const char *line, *want; } splits[] = {
	{ "/bin/cat", "/bin/cat" }, { "/bin/cat -n  a\tb", "/bin/cat|-n|a|b" },
	{ " /bin/cat ", "/bin/cat" }, { "/bin/cat > x", NULL }, { "a;b", NULL }, { "a $B", NULL },
	{ "a 'b'", NULL }, { "", NULL }, { "  ", NULL }, { "a\nb", NULL }, { "a `b`", NULL },
	{ "a *", NULL }, { "a ~", NULL }, { "x=1 y@z,a:b.c/d-e_f%g!", "x=1|y@z,a:b.c/d-e_f%g!" },
};

static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(splits); i++) {
		char copy[200], *argv[10];
		size_t n = command_split(splits[i].line, copy, argv, 10);
		struct buf b;

		buf_init(&b, 200);
		for (size_t k = 0; k < n; k++)
			buf_addf(&b, "%s%s", k > 0 ? "|" : "", argv[k]);
		unit_slice_is(buf_slice(&b), splits[i].want != NULL ? splits[i].want : "",
			      splits[i].line);
		buf_done(&b);
	}
}

static const struct { const char *line; int status; const char *dsn, *text; } runs[] = {
	{ "exit 0", OUTCOME_SENT, "2.0.0", "delivered to command: exit 0" },
	{ "true", OUTCOME_SENT, "2.0.0", "delivered to command: true" },
	{ "/bin/cat", OUTCOME_SENT, "2.0.0", "delivered to command: /bin/cat" },
	{ "exit 75", OUTCOME_DEFERRED, "4.3.0", "temporary failure" },
	{ "exit 74", OUTCOME_BOUNCED, "5.3.0", "input/output error" },
	{ "exit 76", OUTCOME_BOUNCED, "5.5.0", "remote error in protocol" },
	{ "echo one; echo; echo two; exit 69", OUTCOME_BOUNCED, "5.3.0",
	  "service unavailable. Command output: one  two" },
	{ "exit 67", OUTCOME_BOUNCED, "5.1.1", "user unknown" },
	{ "echo no such; exit 67", OUTCOME_BOUNCED, "5.1.1",
	  "user unknown. Command output: no such" },
	{ "exit 1", OUTCOME_BOUNCED, "5.3.0", "Command died with status 1: \"exit 1\"" },
	{ "echo why >&2; exit 1", OUTCOME_BOUNCED, "5.3.0",
	  "Command died with status 1: \"echo why >&2; exit 1\". Command output: why" },
	{ "echo 4.2.1 come back; exit 1", OUTCOME_DEFERRED, "4.2.1", "come back" },
	{ "echo 5.7.1 go away; exit 75", OUTCOME_BOUNCED, "5.7.1", "go away" },
	{ "echo 5.7.1 ignored; exit 0", OUTCOME_SENT, "2.0.0",
	  "delivered to command: echo 5.7.1 ignored; exit 0" },
	{ "echo 5.7 text; exit 1", OUTCOME_BOUNCED, "5.3.0",
	  "Command died with status 1: \"echo 5.7 text; exit 1\". Command output: 5.7 text" },
	{ "kill -9 $$", OUTCOME_DEFERRED, "4.3.0", "Command died with signal 9: \"kill -9 $$\"" },
	{ "test \"$VAR\" = value || exit 1", OUTCOME_SENT, "2.0.0",
	  "delivered to command: test \"$VAR\" = value || exit 1" },
	{ "read line; test \"$line\" = 'From x' || exit 1", OUTCOME_SENT, "2.0.0",
	  "delivered to command: read line; test \"$line\" = 'From x' || exit 1" },
	{ "test $(wc -c) = 400026 || exit 1", OUTCOME_SENT, "2.0.0",
	  "delivered to command: test $(wc -c) = 400026 || exit 1" },
	{ "test $(pwd) = / || exit 1", OUTCOME_SENT, "2.0.0",
	  "delivered to command: test $(pwd) = / || exit 1" },
};

static void run(const char *line, int64_t limit_ms, struct slice content, struct outcome *out)
{
	char path[] = "PATH=/usr/bin:/bin", var[] = "VAR=value";
	char *environment[] = { path, var, NULL };
	char *block = malloc(MESSAGE_BLOCK);
	struct message m;
	struct tempdir t;
	struct command c = { .line = line, .directory = "/", .environment = environment,
			     .from = SLICE_LIT("From x\n"), .m = &m, .limit_ms = limit_ms };

	tempdir_make(&t);
	tempdir_message(&t, content, "Return-Path: <a@b>\n", &m);
	*out = (struct outcome){ 0 };
	command_run(&c, block, out);
	close(m.fd);
	tempdir_drop(&t);
	free(block);
}

static void test_runs(void **state)
{
	size_t n = 400000;
	char *content = malloc(n);

	(void)state;
	memset(content, 'x', n);
	for (size_t i = 0; i < N_OF(runs); i++) {
		struct outcome out;

		run(runs[i].line, 20000, slice_make(content, n), &out);
		if (out.status != runs[i].status || strcmp(out.dsn, runs[i].dsn) != 0 ||
		    strcmp(out.text, runs[i].text) != 0)
			fail_msg("\"%s\": %d %s \"%s\"", runs[i].line, out.status, out.dsn,
				 out.text);
	}
	free(content);
}

/* What runs on in the background, with the command's output open, holds nothing up. */
static void test_background(void **state)
{
	char path[] = "/tmp/test_command.XXXXXX", line[100], pid[20] = "";
	int fd = mkstemp(path);
	struct outcome out;

	(void)state;
	assert_true(fd >= 0);
	snprintf(line, sizeof(line), "sleep 60 & echo $! >%s; exit 0", path);
	run(line, 30000, SLICE_LIT("x\n"), &out);
	unlink(path);
	assert_true(read(fd, pid, sizeof(pid) - 1) > 0);
	close(fd);
	assert_int_equal(kill(atoi(pid), SIGKILL), 0);	/* it does run on */
	assert_int_equal(out.status, OUTCOME_SENT);	/* waited for, it would meet the limit */
}

static size_t wait_for_text(int fd, char *out, size_t max)
{
	ssize_t n = 0;

	for (int i = 0; i < 1000 && n <= 0; i++) {
		usleep(10000);
		n = pread(fd, out, max, 0);
	}
	return n > 0 ? (size_t)n : 0;
}

/* Whoever is told to end takes the command along: it is not to take half a message for the whole. */
static void test_end(void **state)
{
	char path[] = "/tmp/test_command.XXXXXX", line[100], pid[20] = "";
	int fd = mkstemp(path), status;
	struct outcome out;
	pid_t child;

	(void)state;
	assert_true(fd >= 0);
	snprintf(line, sizeof(line), "echo $$ >%s; exec sleep 60", path);
	child = fork();
	if (child == 0) {
		run(line, 60000, SLICE_LIT("x\n"), &out);
		_exit(0);
	}
	assert_true(wait_for_text(fd, pid, sizeof(pid) - 1) > 0);
	unlink(path);
	close(fd);
	assert_int_equal(kill(child, SIGTERM), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_int_equal(kill(atoi(pid), 0), -1);
}

static void test_limits(void **state)
{
	struct outcome out;

	(void)state;
	run("echo started; sleep 60; echo late", 3000, SLICE_LIT("x\n"), &out);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	assert_string_equal(out.dsn, "5.3.0");
	assert_string_equal(out.text, "Command time limit exceeded: \"echo started; sleep 60; echo "
				      "late\". Command output: started");
	run("yes | head -c 1000000; exit 1", 20000, SLICE_LIT("x\n"), &out);
	assert_int_equal(out.status, OUTCOME_BOUNCED);
	run("/nonexistent/program", 20000, SLICE_LIT("x\n"), &out);
	assert_int_equal(out.status, OUTCOME_DEFERRED);
	assert_string_equal(out.dsn, "4.3.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split), cmocka_unit_test(test_runs),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_background),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
