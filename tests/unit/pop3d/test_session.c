/* SPDX-License-Identifier: ISC */
#include "pop3d/session.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/store/maildir.h"

/* A client whose whole input is known beforehand, in pieces of STEP bytes; then it is silent if
 * it WAITS, else it has gone. */
struct peer {
	struct slice in;
	size_t step;
	bool waits, stops;
	int64_t silent_ms;
	struct buf out;
	char log[2000];
	void (*on_read)(struct peer *p);
};

static unsigned peer_wait(void *self, int watch_fd, int64_t timeout_ms)
{
	struct peer *p = self;

	(void)watch_fd;
	if (p->in.n == 0 && p->stops)
		return CLIENT_STOP;
	if (p->in.n > 0 || !p->waits)
		return CLIENT_INPUT;
	p->silent_ms += timeout_ms;
	return CLIENT_TIMEOUT;
}

static size_t peer_read(void *self, char *to, size_t n)
{
	struct peer *p = self;
	struct slice part = slice_sub(p->in, 0, n < p->step ? n : p->step);

	if (p->on_read != NULL)
		p->on_read(p);
	memcpy(to, part.p, part.n);
	p->in = slice_skip(p->in, part.n);
	return part.n;
}

static bool peer_write(void *self, const struct iovec *v, int n)
{
	struct peer *p = self;

	for (int i = 0; i < n; i++)
		buf_add(&p->out, slice_make(v[i].iov_base, v[i].iov_len));
	return true;
}

static void take_log(void *arg, bool is_error, const char *text)
{
	struct peer *p = arg;
	size_t n = strlen(p->log);

	snprintf(p->log + n, sizeof(p->log) - n, "%s%s\n", is_error ? "error: " : "", text);
}

static const struct client_ops peer_ops = { .wait = peer_wait, .read = peer_read,
					    .write = peer_write };
static char location[PATH_MAX + 20];

static struct session_conf usual(struct peer *p)
{
	snprintf(location, sizeof(location), "maildir:%s", maildir_root);
	return (struct session_conf){
		.store = { .location = location, .hostname = "host", .no_fsync = true,
			   .lock_timeout_ms = 200 },
		.uidl_format = SLICE_LIT("%08Xu%08Xv"), .idle_ms = 600000,
		.log = take_log, .log_arg = p,
	};
}

/* Run a whole session over INPUT; P->out and P->log hold what came. */
static int run(struct peer *p, const struct session_conf *conf, const char *input, size_t step)
{
	p->in = slice_str(input);
	p->step = step;
	buf_init(&p->out, 10000000);
	return session_run(conf, &peer_ops, p);
}

static void talk(const char *input, const char *output, const char *log)
{
	static const size_t steps[] = { 1, 7, 100000 };
	struct peer p = { 0 };
	struct session_conf conf = usual(&p);
	size_t i = steps[strlen(input) % 3];

	run(&p, &conf, input, i);
	unit_slice_is(buf_slice(&p.out), output, input);
	assert_string_equal(p.log, log);
	buf_done(&p.out);
}

#define UIDLIST "3 V1795306841 N4 G00\n1 :1.M1P1.h,S=31,W=36\n2 :2.M1P1.h\n3 :3.M1P1.h,S=20,W=22\n"

static void three_messages(void)
{
	maildir_write("dovecot-uidlist", UIDLIST);
	maildir_write("cur/1.M1P1.h,S=31,W=36:2,", "Subject: one\n\nhello\n.dot\n..two\n");
	maildir_write("cur/2.M1P1.h:2,F", "Subject: two\n\nno end");
	maildir_write("new/3.M1P1.h,S=20,W=22", "Subject: three\nX: y\n");
}

static void test_a_whole_session(void **state)
{
	(void)state;
	three_messages();
	talk("STAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nTOP 2 0\r\nRETR 3\r\nDELE 3\r\nQUIT\r\n",
	     "+OK Logged in.\r\n+OK 3 80\r\n+OK 3 messages:\r\n1 36\r\n2 22\r\n3 22\r\n.\r\n"
	     "+OK\r\n1 000000016b023559\r\n2 000000026b023559\r\n3 000000036b023559\r\n.\r\n"
	     "+OK 36 octets\r\nSubject: one\r\n\r\nhello\r\n..dot\r\n...two\r\n.\r\n"
	     "+OK\r\nSubject: two\r\n\r\n.\r\n"
	     "+OK 22 octets\r\nSubject: three\r\nX: y\r\n.\r\n+OK Marked to be deleted.\r\n"
	     "+OK Logging out, messages deleted.\r\n",
	     "Disconnected: Logged out top=1/21, retr=2/90, del=1/3, size=80\n");
	assert_true(maildir_has("cur/1.M1P1.h,S=31,W=36:2,S"));
	assert_true(maildir_has("cur/2.M1P1.h:2,F"));
	assert_int_equal(maildir_count("cur"), 2);
	assert_int_equal(maildir_count("new"), 0);
	/* The size that had to be counted is known from now on. */
	assert_non_null(strstr(maildir_read("dovecot-uidlist"), "2 S20 W22 :2.M1P1.h\n"));
}

static void test_breaking_off_changes_nothing(void **state)
{
	(void)state;
	three_messages();
	talk("RETR 1\r\nDELE 1\r\nDELE 2\r\nQUI",
	     "+OK Logged in.\r\n+OK 36 octets\r\nSubject: one\r\n\r\nhello\r\n..dot\r\n...two\r\n"
	     ".\r\n+OK Marked to be deleted.\r\n+OK Marked to be deleted.\r\n",
	     "Disconnected: Connection closed top=0/0, retr=1/53, del=0/3, size=80\n");
	assert_int_equal(maildir_count("cur"), 3);
	assert_true(maildir_has("cur/1.M1P1.h,S=31,W=36:2,"));
}

static void test_rset_takes_seen_back_too(void **state)
{
	(void)state;
	three_messages();
	talk("RETR 1\r\nRSET\r\nQUIT\r\nSTAT\r\n",
	     "+OK Logged in.\r\n+OK 36 octets\r\nSubject: one\r\n\r\nhello\r\n..dot\r\n...two\r\n"
	     ".\r\n+OK\r\n+OK Logging out.\r\n",
	     "Disconnected: Logged out top=0/0, retr=1/53, del=0/3, size=80\n");
	assert_true(maildir_has("cur/1.M1P1.h,S=31,W=36:2,"));
}

static void remove_second(struct peer *p)
{
	if (p->in.n == 13)
		unlink(maildir_path("cur/2.M1P1.h:2,F"));
}

static void test_a_message_vanishes(void **state)
{
	struct peer p = { .on_read = remove_second };
	struct session_conf conf = usual(&p);

	(void)state;
	three_messages();
	assert_int_equal(run(&p, &conf, "DELE 2\r\nRETR 3\r\nRSET\r\nRETR 2\r\nQUIT\r\n", 1), 0);
	assert_non_null(strstr(buf_cstr(&p.out), "-ERR Message 2 expunged.\r\n+OK Logging out."));
	buf_done(&p.out);
}

static void test_ids_and_order_of_an_earlier_server(void **state)
{
	(void)state;
	three_messages();
	maildir_write("dovecot-uidlist",
		      "3 V1795306841 N4 G00\n1 O7 P :1.M1P1.h,S=31,W=36\n2 Pfoo:bar :2.M1P1.h\n"
		      "3 O2 Pbaz :3.M1P1.h,S=20,W=22\n");
	talk("UIDL\r\nLIST 1\r\nQUIT\r\n",
	     "+OK Logged in.\r\n+OK\r\n1 baz\r\n2 1.M1P1.h,S=31,W=36\r\n3 foo:bar\r\n.\r\n"
	     "+OK 1 22\r\n+OK Logging out.\r\n",
	     "Disconnected: Logged out top=0/0, retr=0/0, del=0/3, size=80\n");
}

static void test_options(void **state)
{
	struct peer p = { 0 };
	struct session_conf conf = usual(&p);

	(void)state;
	three_messages();
	conf.no_flag_updates = conf.fast_sizes = true;
	conf.uidl_format = SLICE_LIT("%v.%u");
	run(&p, &conf, "LIST\r\nUIDL 3\r\nRETR 1\r\nQUIT\r\n", 1000);
	assert_non_null(strstr(buf_cstr(&p.out),
			       "1 31\r\n2 20\r\n3 20\r\n.\r\n+OK 3 1795306841.3\r\n"));
	assert_true(maildir_has("cur/1.M1P1.h,S=31,W=36:2,"));
	assert_true(maildir_has("new/3.M1P1.h,S=20,W=22"));
	buf_done(&p.out);
}

static void test_silence(void **state)
{
	struct peer p = { .waits = true };
	struct session_conf conf = usual(&p);

	(void)state;
	three_messages();
	conf.lock = true;
	run(&p, &conf, "NOOP\r\nDELE 1\r\nQUI", 1000);
	assert_int_equal(p.silent_ms, 600000);
	assert_non_null(strstr(buf_cstr(&p.out), "-ERR Disconnected for inactivity.\r\n"));
	assert_string_equal(p.log, "Disconnected: Inactivity - no input for 600 secs "
				   "top=0/0, retr=0/0, del=0/3, size=80\n");
	assert_int_equal(maildir_count("cur"), 3);
	assert_false(maildir_has("dovecot-pop3-session.lock"));
	buf_done(&p.out);
}

static void test_the_system_stops(void **state)
{
	struct peer p = { .stops = true };
	struct session_conf conf = usual(&p);

	(void)state;
	three_messages();
	run(&p, &conf, "DELE 1\r\n", 1000);
	assert_non_null(strstr(buf_cstr(&p.out), "-ERR [SYS/TEMP] Server shutting down.\r\n"));
	assert_string_equal(p.log, "Disconnected: Server shutting down. "
				   "top=0/0, retr=0/0, del=0/3, size=80\n");
	assert_int_equal(maildir_count("cur"), 3);
	buf_done(&p.out);
}

static void test_a_locked_mailbox(void **state)
{
	struct peer p = { 0 };
	struct session_conf conf = usual(&p);
	char holder[100];

	(void)state;
	three_messages();
	snprintf(holder, sizeof(holder), "%ld:host", (long)getppid());
	maildir_write("dovecot-uidlist.lock", holder);
	assert_int_equal(run(&p, &conf, "STAT\r\n", 1000), 1);
	unit_slice_is(buf_slice(&p.out), "-ERR [IN-USE] Mailbox is locked by another session.\r\n",
		      "reply");
	buf_done(&p.out);
	assert_string_equal(p.log, "Disconnected: Mailbox is locked: Timeout while waiting for lock "
				   "dovecot-uidlist.lock\n");
}

static void test_a_mailbox_that_cannot_be_had(void **state)
{
	struct peer p = { 0 };
	struct session_conf conf = usual(&p);

	(void)state;
	assert_int_equal(mkdir(maildir_path("dovecot-uidlist"), 0700), 0);
	assert_int_equal(run(&p, &conf, "STAT\r\n", 1000), 1);
	assert_memory_equal(buf_cstr(&p.out), "-ERR [SYS/TEMP]", 15);
	assert_memory_equal(p.log, "error: Couldn't open INBOX", 26);
	buf_done(&p.out);
}

/* A message larger than any buffer, every line of which begins with a dot. */
static void test_a_large_message(void **state)
{
	enum { LINES = 200000 };
	char *text = malloc(LINES * 3 + 1);
	struct peer p = { 0 };
	struct session_conf conf = usual(&p);
	struct slice out, line;
	size_t dots = 0;

	(void)state;
	for (size_t i = 0; i < LINES; i++)
		memcpy(text + 3 * i, ".x\n", 3);
	text[LINES * 3] = '\0';
	maildir_write("new/1.big", text);
	free(text);
	run(&p, &conf, "RETR 1\r\nQUIT\r\n", 3);
	out = buf_slice(&p.out);
	assert_false(buf_is_over(&p.out));
	while (slice_line(&out, &line))
		dots += slice_is(line, "..x");
	assert_int_equal(dots, LINES);
	assert_non_null(strstr(buf_cstr(&p.out), "+OK 800000 octets\r\n"));
	buf_done(&p.out);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, maildir_setup, maildir_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_a_whole_session),
		CASE(test_breaking_off_changes_nothing),
		CASE(test_rset_takes_seen_back_too),
		CASE(test_a_message_vanishes),
		CASE(test_ids_and_order_of_an_earlier_server),
		CASE(test_options),
		CASE(test_silence),
		CASE(test_the_system_stops),
		CASE(test_a_locked_mailbox),
		CASE(test_a_mailbox_that_cannot_be_had),
		CASE(test_a_large_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
