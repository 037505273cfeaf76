/* SPDX-License-Identifier: ISC */
#include "lib/sys/log.h"

#include <string.h>
#include <sys/socket.h>
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

static void full_socket_drops_and_counts(void **state)
{
	struct log_ctx ctx = { .session = 3 };
	unsigned sent = 0, got = 0;
	struct slice s;
	char want[80];

	(void)state;
	open_sink(LOG_SINK_POSTLOG);
	for (; sent < 20000; sent++)
		log_info(&ctx, "line %u", sent);
	while (receive().n > 0)
		got++;
	assert_true(got > 0 && got < sent);
	log_info(&ctx, "after");
	s = receive();
	snprintf(want, sizeof(want), "warning: %u log lines were lost", sent - got);
	if (!slice_ends(s, slice_str(want)))
		fail_msg("got \"%.*s\", want \"%s\"", SLICE_ARG(s), want);
	unit_slice_is(receive(), "postfix/smtpd[3]: after", "line after the loss");
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
	log_info(&ctx, "two");
	assert_int_equal(lost_calls, 1);	/* at most once a second */
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	receiver = fds[0];
	log_set_fd(fds[1]);
	unit_slice_is(receive(), "postfix/smtpd[3]: one", "first of those that waited");
	unit_slice_is(receive(), "postfix/smtpd[3]: two", "second");
	log_info(&ctx, "three");
	unit_slice_is(receive(), "postfix/smtpd[3]: three", "after them");
	log_on_lost(NULL);
}

static void more_than_can_wait_is_counted(void **state)
{
	static char text[1800];
	struct log_ctx ctx = { .session = 3 };
	unsigned got = 0;
	int fds[2];
	struct slice s;

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
	log_info(&ctx, "last");
	while ((s = receive()).n > 1800)
		got++;
	assert_in_range(got, 10, 20);
	if (!slice_ends(s, SLICE_LIT("log lines were lost")))
		fail_msg("%.*s", SLICE_ARG(s));
	unit_slice_is(receive(), "postfix/smtpd[3]: last", "after the count");
	log_on_lost(NULL);
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
		cmocka_unit_test(lines_wait_for_the_next_peer),
		cmocka_unit_test(more_than_can_wait_is_counted),
		cmocka_unit_test(mail_access_speaks_as_dovecot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
