/* tests/unit/smtp/test_server.c - what depends on how bytes arrive, which transcripts must not. */
/* SPDX-License-Identifier: ISC */
#include "lib/smtp/server.h"
#include "tests/unit/unit.h"

struct talk {
	struct smtp_server s;
	struct smtp_server_conf conf;
	struct buf out, content, notes;
	bool closed;
};

static void talk_init(struct talk *t)
{
	*t = (struct talk){ .conf = {
		.hostname = "mx", .banner = "mx ESMTP", .line_max = SMTP_LINE_MAX,
		.soft_errors = 10, .hard_errors = 20, .junk_limit = 100,
		.forbid_pipelining = true, .bare_lf_code = 550,
	} };
	smtp_server_init(&t->s, &t->conf, "c[192.0.2.1]");
	t->s.features = ~0u;
	buf_init(&t->out, 100000);
	buf_init(&t->content, 1000);
	buf_init(&t->notes, 100000);
}

static void talk_done(struct talk *t)
{
	smtp_server_done(&t->s);
	buf_done(&t->out);
	buf_done(&t->content);
	buf_done(&t->notes);
}

/* One read of TEXT; everything asked is answered yes at once. Returns what is left unread. */
static struct slice say(struct talk *t, const char *text)
{
	struct slice in = slice_str(text);

	while (!t->closed) {
		enum smtp_event ev = smtp_server_step(&t->s, &in, &t->out, &t->content);

		if (ev == SMTP_EV_MORE)
			break;
		if (ev == SMTP_EV_NOTE)
			buf_addf(&t->notes, "%.*s\n", SLICE_ARG(t->s.ev.note));
		else if (ev == SMTP_EV_SECURE)
			smtp_server_secured(&t->s);
		else if (ev == SMTP_EV_CLOSE)
			t->closed = true;
		else if (ev == SMTP_EV_COMMIT)
			smtp_server_queued(&t->s, SLICE_LIT("ID"));
		else if (ev != SMTP_EV_ABORT && ev != SMTP_EV_CONTENT)
			smtp_server_answer(&t->s, NULL);
	}
	return in;
}

static const struct {
	const char *reads[4];
	const char *last_reply;	/* end of the output */
	const char *note;	/* NULL: none */
	bool closed;
} cases[] = {
	{ { "EHLO x\r\nMAIL FROM:<a@b>\r\n" }, "554 5.5.0 Error: SMTP protocol synchronization\r\n",
	  "improper command pipelining after EHLO from c[192.0.2.1]: MAIL FROM:<a@b>\\r\\n\n", true },
	{ { "HELO x\r\nNOOP\r\n" }, "554 5.5.0 Error: SMTP protocol synchronization\r\n",
	  "improper command pipelining after HELO from c[192.0.2.1]: NOOP\\r\\n\n", true },
	{ { "HELO x\r\n", "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n" },
	  "554 5.5.0 Error: SMTP protocol synchronization\r\n",
	  "improper command pipelining after MAIL from c[192.0.2.1]: RCPT TO:<c@d>\\r\\n\n", true },
	{ { "EHLO x\r\n", "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\n" },
	  "554 5.5.0 Error: SMTP protocol synchronization\r\n",
	  "improper command pipelining after DATA from c[192.0.2.1]: x\\r\\n.\\r\\n\n", true },
	{ { "EHLO x\r\n", "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", "x\r\n.\r\nNOOP\r\n" },
	  "250 2.0.0 Ok\r\n", NULL, false },
	{ { "EHLO x\r\n", "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 3 LAST\r\nx\r\nRSET\r\n" },
	  "250 2.0.0 Ok\r\n", NULL, false },
	{ { "EHLO x\r\n", "STARTTLS\r\nMAIL FROM:<evil@b>\r\n", "RCPT TO:<c@d>\r\n" },
	  "503 5.5.1 Error: need MAIL command\r\n", NULL, false },
	{ { "UNKNOWN\r\nNOOP\r\n" }, "250 2.0.0 Ok\r\n", NULL, false },
};

static void test_pipelining(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct talk t;

		talk_init(&t);
		say(&t, "");
		for (size_t k = 0; k < 4 && cases[i].reads[k] != NULL; k++)
			say(&t, cases[i].reads[k]);
		if (!slice_ends(buf_slice(&t.out), slice_str(cases[i].last_reply)))
			fail_msg("case %zu: %s", i, buf_cstr(&t.out));
		assert_string_equal(buf_cstr(&t.notes), cases[i].note != NULL ? cases[i].note : "");
		assert_int_equal(t.closed, cases[i].closed);
		talk_done(&t);
	}
}

static void test_talks_before_greeting(void **state)
{
	struct talk t;

	(void)state;
	talk_init(&t);
	say(&t, "EHLO x\r\n");
	assert_string_equal(buf_cstr(&t.out), "554 5.5.0 Error: SMTP protocol synchronization\r\n");
	assert_string_equal(buf_cstr(&t.notes),
			    "improper command pipelining after CONNECT from c[192.0.2.1]: "
			    "EHLO x\\r\\n\n");
	assert_true(t.closed);
	talk_done(&t);
}

/* With the check off the first violation is noted, once, and things go on. */
static void test_pipelining_allowed(void **state)
{
	struct talk t;

	(void)state;
	talk_init(&t);
	t.conf.forbid_pipelining = false;
	say(&t, "");
	say(&t, "EHLO x\r\nEHLO y\r\nNOOP\r\nNOOP\r\n");
	assert_true(slice_ends(buf_slice(&t.out), SLICE_LIT("250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n")));
	assert_true(slice_starts(buf_slice(&t.notes), SLICE_LIT("improper")));
	assert_int_equal(slice_chr(buf_slice(&t.notes), '\n'), buf_len(&t.notes) - 1);
	talk_done(&t);
}

/* An unfinished command stays in the owner's buffer. */
static void test_leftover(void **state)
{
	struct talk t;

	(void)state;
	talk_init(&t);
	say(&t, "");
	unit_slice_is(say(&t, "FOO\r\nNOO"), "NOO", "rest");
	talk_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_talks_before_greeting),
		cmocka_unit_test(test_pipelining_allowed),
		cmocka_unit_test(test_leftover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
