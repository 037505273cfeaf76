/* SPDX-License-Identifier: ISC */
#include "lib/deliver/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

size_t command_split(const char *line, char *copy, char **argv, size_t max)
{
	static const char plain[] = "1234567890!@%-_=+:,./ \t"
				    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = 0;
	char *save = NULL;

	if (line[strspn(line, plain)] != '\0')
		return 0;
	memcpy(copy, line, strlen(line) + 1);
	for (char *w = strtok_r(copy, " \t", &save); w != NULL; w = strtok_r(NULL, " \t", &save)) {
		if (n + 1 >= max)
			return 0;
		argv[n++] = w;
	}
	argv[n] = NULL;
	return n;
}

/* --- judging --- */

static const struct { int code; const char *dsn, *text; } sysexits[] = {
	{ EX_USAGE, "5.3.0", "command line usage error" },
	{ EX_DATAERR, "5.6.0", "data format error" },
	{ EX_NOINPUT, "5.3.0", "cannot open input" },
	{ EX_NOUSER, "5.1.1", "user unknown" },
	{ EX_NOHOST, "5.1.2", "host name unknown" },
	{ EX_UNAVAILABLE, "5.3.0", "service unavailable" },
	{ EX_SOFTWARE, "5.3.0", "internal software error" },
	{ EX_OSERR, "4.3.0", "system resource problem" },
	{ EX_OSFILE, "5.3.0", "critical OS file missing" },
	{ EX_CANTCREAT, "5.2.0", "can't create user output file" },
	{ EX_IOERR, "5.3.0", "input/output error" },
	{ EX_TEMPFAIL, "4.3.0", "temporary failure" },
	{ EX_PROTOCOL, "5.5.0", "remote error in protocol" },
	{ EX_NOPERM, "5.7.0", "permission denied" },
	{ EX_CONFIG, "5.3.5", "local configuration error" },
};

/* "4.2.1 text" at the start of the output: length of the status, or 0. (RFC 3463, 2) */
static size_t dsn_length(struct slice s)
{
	size_t i = 1;

	if (s.n < 5 || (s.p[0] != '4' && s.p[0] != '5') || s.p[1] != '.')
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t from = ++i;

		while (i < s.n && i < from + 3 && char_is_digit(s.p[i]))
			i++;
		if (i == from || (part == 0 && (i >= s.n || s.p[i] != '.')))
			return 0;
	}
	return i < s.n && !char_is_blank(s.p[i]) ? 0 : i;
}

static void set_by_dsn(struct outcome *out, struct slice dsn, const char *text)
{
	char status[ERR_DSN_MAX];

	(void)slice_to_cstr(dsn, status, sizeof(status));
	outcome_set(out, status[0] == '4' ? OUTCOME_DEFERRED : OUTCOME_BOUNCED, status, "%s", text);
}

static void judge_exit(const char *line, int code, struct slice output, struct outcome *out)
{
	size_t n = dsn_length(output);
	struct buf text;
	const char *dsn = "5.3.0";

	buf_init(&text, ERR_TEXT_MAX - 1);
	if (n > 0) {
		buf_add(&text, slice_trim_space(slice_skip(output, n)));
		set_by_dsn(out, slice_sub(output, 0, n), buf_cstr(&text));
		buf_done(&text);
		return;
	}
	for (size_t i = 0; i < sizeof(sysexits) / sizeof(sysexits[0]); i++) {
		if (sysexits[i].code == code) {
			dsn = sysexits[i].dsn;
			buf_adds(&text, sysexits[i].text);
		}
	}
	if (buf_len(&text) == 0)
		buf_addf(&text, "Command died with status %d: \"%s\"", code, line);
	if (output.n > 0)
		buf_addf(&text, ". Command output: %.*s", SLICE_ARG(output));
	set_by_dsn(out, slice_str(dsn), buf_cstr(&text));
	buf_done(&text);
}

/* One line of text: white space of all kinds is a blank, what cannot be shown a '?'. */
static struct slice flatten(struct slice s, struct buf *b)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(b, char_is_space(s.p[i]) ? ' ' : char_is_cntrl(s.p[i]) ? '?' : s.p[i]);
	return slice_trim_space(buf_slice(b));
}

/* What an exit status (of waitpid) and the output say about the delivery. */
static void judge(const char *line, int wait_status, bool timed_out, struct slice output,
		  struct outcome *out)
{
	struct buf flat;

	buf_init(&flat, output.n + 1);
	output = flatten(output, &flat);
	if (timed_out)
		outcome_set(out, OUTCOME_BOUNCED, "5.3.0",
			    "Command time limit exceeded: \"%s\"%s%.*s", line,
			    output.n > 0 ? ". Command output: " : "", SLICE_ARG(output));
	else if (WIFSIGNALED(wait_status))
		outcome_set(out, OUTCOME_DEFERRED, "4.3.0",
			    "Command died with signal %d: \"%s\"%s%.*s", WTERMSIG(wait_status), line,
			    output.n > 0 ? ". Command output: " : "", SLICE_ARG(output));
	else if (WEXITSTATUS(wait_status) == 0)
		outcome_set(out, OUTCOME_SENT, "2.0.0", "delivered to command: %s", line);
	else
		judge_exit(line, WEXITSTATUS(wait_status), output, out);
	buf_done(&flat);
}

/* --- running --- */

static _Noreturn void fail_child(const char *what)
{
	dprintf(STDERR_FILENO, "4.3.0 %s: %s\n", what, strerror(errno));
	_exit(EX_TEMPFAIL);
}

static void exec_command(const struct command *c)
{
	char copy[8192 + 1], words[1024], *argv[COMMAND_ARGS_MAX];
	size_t n;

	if (c->shell != NULL && c->shell[0] != '\0' && strlen(c->shell) < sizeof(words)) {
		n = command_split(c->shell, words, argv, COMMAND_ARGS_MAX - 1);
		argv[n] = (char *)(uintptr_t)c->line;
		argv[n + 1] = NULL;
		if (n > 0)
			execve(argv[0], argv, c->environment);
		fail_child(c->shell);
	}
	if (strlen(c->line) < sizeof(copy) &&
	    command_split(c->line, copy, argv, COMMAND_ARGS_MAX) > 0) {
		environ = c->environment;	/* its PATH is searched */
		execvp(argv[0], argv);
		if ((errno != ENOENT && errno != EACCES) || strchr(argv[0], '/') != NULL)
			fail_child(argv[0]);
	}
	/* Not a program: a shell built-in, or something only the shell can read. */
	execle("/bin/sh", "sh", "-c", c->line, (char *)NULL, c->environment);
	fail_child("/bin/sh");
}

static _Noreturn void run_child(const struct command *c, int in, int out)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &dfl, NULL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* IN and OUT are above 2: those are open in every daemon. */
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(out, STDERR_FILENO) < 0 || close_range(3, ~0U, 0) != 0)
		fail_child("descriptors");
	if (c->directory[0] != '\0' && chdir(c->directory) != 0)
		fail_child(c->directory);
	if (c->limit_bytes > 0 &&
	    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ c->limit_bytes, c->limit_bytes }) != 0)
		fail_child("mailbox_size_limit");
	umask(077);
	exec_command(c);
	_exit(EX_OSERR);
}

/* A command under way. */
struct run {
	const struct command *c;
	char *block;
	pid_t pid;
	int pidfd, in, out;		/* in: our end of its standard input; -1 closed */
	int term;			/* readable when this process is to end */
	uint64_t pos;			/* of the content */
	uint32_t crc;
	struct slice unsent[3];		/* From line, header, block */
	struct buf output;
	struct err err;
	int64_t deadline_ms;
	bool timed_out, source_failed, is_over;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_in(struct run *r)
{
	if (r->in >= 0)
		close(r->in);
	r->in = -1;
}

/* It ends with all that it has started in its session: left with half a message, it would take that
 * for the whole. */
static void end_it(struct run *r)
{
	r->is_over = true;
	kill(-r->pid, SIGKILL);
	kill(r->pid, SIGKILL);	/* when it has no session yet */
	close_in(r);
}

static bool next_block(struct run *r)
{
	enum rc rc = message_read(r->c->m, r->block, &r->pos, &r->crc, &r->unsent[2], &r->err);

	r->source_failed = rc != RC_OK && rc != RC_END;
	if (r->source_failed)
		end_it(r);
	else if (rc == RC_END)
		close_in(r);
	return rc == RC_OK;
}

/* The pipe takes bytes. A command that does not want them all closes it: no failure. */
static void feed(struct run *r)
{
	size_t i = 0;
	ssize_t n;

	while (i < 3 && r->unsent[i].n == 0)
		i++;
	if (i == 3) {
		if (!next_block(r))
			return;
		i = 2;
	}
	n = write(r->in, r->unsent[i].p, r->unsent[i].n);
	if (n >= 0)
		r->unsent[i] = slice_skip(r->unsent[i], (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		close_in(r);
}

/* False at the end of the output. */
static bool listen_to(struct run *r)
{
	char tmp[4096];
	ssize_t n = read(r->out, tmp, sizeof(tmp));

	if (n > 0)
		buf_add(&r->output, slice_make(tmp, (size_t)n));
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Until the command has ended; output of what it left behind is not waited for. */
static void attend(struct run *r)
{
	bool has_output = true, ended = false;

	while (!ended) {
		int64_t left = r->deadline_ms - now_ms();
		struct pollfd p[] = { { r->pidfd, POLLIN, 0 },
				      { r->in, POLLOUT, 0 },
				      { has_output ? r->out : -1, POLLIN, 0 },
				      { r->is_over ? -1 : r->term, POLLIN, 0 } };

		if (left <= 0 && !r->is_over) {
			r->timed_out = true;
			end_it(r);
		}
		if (poll(p, 4, r->is_over ? -1 : left < INT32_MAX ? (int)left : INT32_MAX) < 0)
			continue;
		if (p[3].revents != 0)
			end_it(r);
		if (p[1].revents != 0 && r->in >= 0)
			feed(r);
		if (p[2].revents != 0 && has_output)
			has_output = listen_to(r);
		ended = p[0].revents != 0;
	}
	if (has_output)
		(void)listen_to(r);
}

static int start(struct run *r)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		goto fail;
	r->pid = fork();
	if (r->pid == 0)
		run_child(r->c, in[0], out[1]);
	if (r->pid < 0)
		goto fail;
	close(in[0]);
	close(out[1]);
	r->in = in[1];
	r->out = out[0];
	fcntl(r->in, F_SETFL, O_NONBLOCK);
	fcntl(r->out, F_SETFL, O_NONBLOCK);
	r->pidfd = pidfd_open(r->pid, 0);
	return 0;
fail:
	for (int i = 0; i < 2; i++) {
		if (in[i] >= 0)
			close(in[i]);
		if (out[i] >= 0)
			close(out[i]);
	}
	return -1;
}

static int finish(struct run *r)
{
	int status = 0;

	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		;
	close_in(r);
	close(r->out);
	close(r->pidfd);
	return status;
}

void command_run(const struct command *c, char *block, struct outcome *out)
{
	struct run r = { .c = c, .block = block, .in = -1,
			 .unsent = { c->from, c->m->header, { 0 } },
			 .deadline_ms = now_ms() + c->limit_ms };
	sigset_t term, before;
	int status;

	buf_init(&r.output, COMMAND_OUTPUT_MAX);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	r.term = signalfd(-1, &term, SFD_CLOEXEC);
	if (start(&r) == 0) {
		attend(&r);
		status = finish(&r);
		if (r.source_failed)
			outcome_set(out, OUTCOME_DEFERRED, "4.3.0", "%s", r.err.text);
		else
			judge(c->line, status, r.timed_out, buf_slice(&r.output), out);
	} else {
		outcome_errno(out, errno, "cannot start a command");
	}
	buf_done(&r.output);
	if (r.term >= 0)
		close(r.term);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
