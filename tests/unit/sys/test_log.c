/* SPDX-License-Identifier: ISC */
#include "lib/sys/log.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const struct line_case {
	const char *name;
	enum log_level level;
	uint64_t session;
	const char *queue_id;
	struct slice text;
	const char *want;
} lines[] = {
	{ "session number", LOG_LEVEL_INFO, 77, NULL, SLICE_LIT("connect from h[1]"),
	  "postfix/smtpd[77]: connect from h[1]" },
	{ "queue id", LOG_LEVEL_INFO, 5, "4ABC01", SLICE_LIT("client=h[1]"),
	  "postfix/smtpd[5]: 4ABC01: client=h[1]" },
	{ "warning goes before the id", LOG_LEVEL_WARNING, 5, "4ABC01", SLICE_LIT("odd"),
	  "postfix/smtpd[5]: warning: 4ABC01: odd" },
	{ "fatal", LOG_LEVEL_FATAL, 5, NULL, SLICE_LIT("out of luck"),
	  "postfix/smtpd[5]: fatal: out of luck" },
	{ "line ends and terminal codes", LOG_LEVEL_INFO, 5, NULL, SLICE_LIT("a\r\nb\033[2Jc\177"),
	  "postfix/smtpd[5]: a??b?[2Jc?" },
	{ "hostile queue id", LOG_LEVEL_INFO, 5, "A\nB", SLICE_LIT("x"),
	  "postfix/smtpd[5]: A?B: x" },
	{ "UTF-8 stays", LOG_LEVEL_INFO, 5, NULL,
	  SLICE_LIT("<m\xc3\xbcller@\xe2\x82\xac.\xf0\x9f\x93\xae>"),
	  "postfix/smtpd[5]: <m\xc3\xbcller@\xe2\x82\xac.\xf0\x9f\x93\xae>" },
	{ "broken UTF-8, overlong, surrogate, C1", LOG_LEVEL_INFO, 5, NULL,
	  SLICE_LIT("\xc3(\xc0\xaf\xed\xa0\x80\xc2\x9b\xff\xe2\x82"),
	  "postfix/smtpd[5]: ?(?????" "????" "?" },
};

static int receiver = -1;

static void open_sink(enum log_sink kind)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
	if (receiver >= 0)
		close(receiver);
	receiver = fds[0];
	log_set_fd(fds[1]);
	log_open(kind, fds[1], "postfix/smtpd", LOG_MAIL);
}

static struct slice receive(void)
{
	static char mem[8192];
	ssize_t n = recv(receiver, mem, sizeof(mem), MSG_DONTWAIT);

	return slice_make(mem, n > 0 ? (size_t)n : 0);
}

static void lines_have_postfix_form(void **state)
{
	(void)state;
	open_sink(LOG_SINK_POSTLOG);
	for (size_t i = 0; i < N_OF(lines); i++) {
		const struct line_case *c = &lines[i];
		struct log_ctx session = { .session = c->session };
		struct log_ctx message = { .parent = &session,
					   .queue_id = slice_str(c->queue_id) };

		log_at(c->level, &message, "%.*s", SLICE_ARG(c->text));
		unit_slice_is(receive(), c->want, c->name);
	}
}

static void syslog_form_has_priority_and_time(void **state)
{
	struct slice s;

	(void)state;
	open_sink(LOG_SINK_SYSLOG);
	log_warn(&(struct log_ctx){ .session = 9 }, "x");
	s = receive();
	assert_true(slice_starts(s, SLICE_LIT("<20>")));	/* mail.warning */
	assert_true(s.n > 20 && s.p[7] == ' ' && s.p[10] == ' ' && s.p[13] == ':' &&
		    s.p[16] == ':' && s.p[19] == ' ');
	unit_slice_is(slice_skip(s, 20), "postfix/smtpd[9]: warning: x", "after the stamp");
}

static void debug_needs_verbose(void **state)
{
	(void)state;
	open_sink(LOG_SINK_POSTLOG);
	log_debug(NULL, "hidden");
	assert_int_equal(receive().n, 0);
	log_set_verbose(1);
	log_debug(&(struct log_ctx){ .session = 1 }, "shown");
	unit_slice_is(receive(), "postfix/smtpd[1]: shown", "debug");
	log_set_verbose(0);
}

static void long_lines_are_cut(void **state)
{
	static char text[6000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	open_sink(LOG_SINK_POSTLOG);
	log_info(NULL, "%s", text);
	assert_int_equal(receive().n, 2048);
}

/* Lines in the packets that have come. */
static unsigned count_lines(void)
{
	unsigned n = 0;
	struct slice s;

	while ((s = receive()).n > 0)
		for (struct slice line; slice_split(&s, '\n', &line);)
			n++;
	return n;
}

static void full_socket_drops_and_counts(void **state)
{
	struct log_ctx ctx = { .session = 3 };
	unsigned sent = 0, got;
	struct slice last = { 0 };
	char want[80];

	(void)state;
	open_sink(LOG_SINK_POSTLOG);
	for (; sent < 20000; sent++)
		log_info(&ctx, "line %u", sent);
	got = count_lines();
	assert_true(got > 0 && got < sent);
	log_info(&ctx, "not lost: there is room again");
	sent++;
	for (struct slice packet; (packet = receive()).n > 0;) {
		for (struct slice line; slice_split(&packet, '\n', &line); last = line)
			got++;
	}
	snprintf(want, sizeof(want), "warning: %u log lines were lost", sent - (got - 1));
	if (!slice_ends(last, slice_str(want)))
		fail_msg("got \"%.*s\", want \"%s\"", SLICE_ARG(last), want);
	log_info(&ctx, "after");
	unit_slice_is(receive(), "postfix/smtpd[3]: after", "line after the loss");
}

static void a_round_is_one_packet(void **state)
{
	struct log_ctx ctx = { .session = 3 };

	(void)state;
	open_sink(LOG_SINK_POSTLOG);
	log_batch(true);
	log_info(&ctx, "one");
	log_warn(&ctx, "two\nlines?");
	assert_int_equal(receive().n, 0);
	log_flush();
	unit_slice_is(receive(), "postfix/smtpd[3]: one\npostfix/smtpd[3]: warning: two?lines?",
		      "both");
	for (int i = 0; i < 1000; i++)	/* more than can be pending */
		log_info(&ctx, "a line of some length, number %d", i);
	log_flush();
	assert_int_equal(count_lines(), 1000);
	log_batch(false);
}

static void a_child_does_not_repeat_the_parent(void **state)
{
	struct log_ctx ctx = { .session = 3 };
	pid_t pid;

	(void)state;
	open_sink(LOG_SINK_POSTLOG);
	log_batch(true);
	log_info(&ctx, "parent");
	pid = fork();
	if (pid == 0) {
		log_info(&ctx, "child");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	unit_slice_is(receive(), "postfix/smtpd[3]: child", "at once, and nothing else");
	log_flush();
	unit_slice_is(receive(), "postfix/smtpd[3]: parent", "the parent's own");
	log_batch(false);
}

/* More than the socket holds, to a reader who comes late: whoever waits for him loses nothing. */
static void last_words_are_waited_for(void **state)
{
	enum { LINES = 600 };
	unsigned n = 0;
	int told[2];
	pid_t pid;
	char c;

	(void)state;
	open_sink(LOG_SINK_SYSLOG);
	assert_int_equal(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		log_finish(0);
		for (int i = 0; i < LINES; i++)
			log_info(NULL, "line %d", i);
		if (!log_is_pending() || write(told[1], "x", 1) != 1)
			_exit(1);
		log_finish(60000);
		_exit(log_is_pending());
	}
	assert_int_equal(read(told[0], &c, 1), 1);
	for (struct pollfd p = { .fd = receiver, .events = POLLIN }; n < LINES; n++) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		assert_true(slice_find(receive(), SLICE_LIT("line ")) > 0);
	}
	assert_int_equal(waitpid(pid, &told[0], 0), pid);
	assert_int_equal(told[0], 0);
}

static int lost_calls;

static void on_lost(void)
{
	lost_calls++;
}

static void lines_wait_for_the_next_peer(void **state)
{
	struct log_ctx ctx = { .session = 3 };
	int fds[2];

	(void)state;
	open_sink(LOG_SINK_POSTLOG);
	log_on_lost(on_lost);
	close(receiver);
	log_info(&ctx, "one");
	assert_int_equal(lost_calls, 1);	/* at once */
	log_info(&ctx, "two");
	assert_in_range(lost_calls, 1, 2);	/* and then once a second */
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	receiver = fds[0];
	log_set_fd(fds[1]);
	unit_slice_is(receive(), "postfix/smtpd[3]: one\npostfix/smtpd[3]: two", "what waited");
	log_info(&ctx, "three");
	unit_slice_is(receive(), "postfix/smtpd[3]: three", "after them");
	log_on_lost(NULL);
}

static void more_than_can_wait_is_counted(void **state)
{
	static char text[1800];
	struct log_ctx ctx = { .session = 3 };
	struct slice s, line, last = { 0 };
	unsigned got = 0;
	int fds[2];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	open_sink(LOG_SINK_POSTLOG);
	log_on_lost(on_lost);
	close(receiver);
	for (int i = 0; i < 100; i++)
		log_info(&ctx, "%s", text);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	receiver = fds[0];
	log_set_fd(fds[1]);
	while ((s = receive()).n > 0)
		while (slice_split(&s, '\n', &line)) {
			got += line.n > 1800;
			last = line;
		}
	assert_in_range(got, 10, 20);
	if (!slice_ends(last, SLICE_LIT("log lines were lost")))
		fail_msg("%.*s", SLICE_ARG(last));
	log_info(&ctx, "last");
	unit_slice_is(receive(), "postfix/smtpd[3]: last", "after the count");
	log_on_lost(NULL);
}

static void a_command_speaks_twice(void **state)
{
	struct log_ctx ctx = { .session = 3 };
	int fds[2], said[2], old = dup(2);
	char text[100];
	ssize_t n;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(pipe(said), 0);
	close(receiver);
	receiver = fds[0];
	log_set_fd(-1);
	log_open(LOG_SINK_STDERR, -1, "odd/sendmail", LOG_MAIL);
	log_copy_to(LOG_SINK_POSTLOG, fds[1], "mail", LOG_MAIL);
	dup2(said[1], 2);
	log_warn(&ctx, "a\nb");
	dup2(old, 2);
	n = read(said[0], text, sizeof(text));
	unit_slice_is(slice_make(text, n > 0 ? (size_t)n : 0), "odd/sendmail: warning: a?b\n",
		      "said");
	unit_slice_is(receive(), "mail/sendmail[3]: warning: a?b", "logged");
	close(receiver);	/* nobody listens any more: that is no concern of the command's */
	receiver = -1;
	log_warn(&ctx, "c");
	close(said[0]);
	close(said[1]);
	close(old);
}

/* The last test: there is no way back to Postfix's form. */
static void mail_access_speaks_as_dovecot(void **state)
{
	(void)state;
	open_sink(LOG_SINK_POSTLOG);
	log_info(NULL, "takes the note on what was lost in the test before");
	while (receive().n > 0)
		;
	log_as_dovecot("imap(a\nb)<7>");
	log_info(NULL, "Logged out");
	unit_slice_is(receive(), "dovecot: imap(a?b)<7>: Logged out", "information");
	log_error(NULL, "gone");
	unit_slice_is(receive(), "dovecot: imap(a?b)<7>: Error: gone", "error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_postfix_form),
		cmocka_unit_test(syslog_form_has_priority_and_time),
		cmocka_unit_test(debug_needs_verbose),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(full_socket_drops_and_counts),
		cmocka_unit_test(a_round_is_one_packet),
		cmocka_unit_test(a_child_does_not_repeat_the_parent),
		cmocka_unit_test(last_words_are_waited_for),
		cmocka_unit_test(lines_wait_for_the_next_peer),
		cmocka_unit_test(more_than_can_wait_is_counted),
		cmocka_unit_test(a_command_speaks_twice),
		cmocka_unit_test(mail_access_speaks_as_dovecot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
