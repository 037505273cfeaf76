/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/imap/prelogin.h"

static const struct imap_prelogin_conf conf = {
	.capability = { "IMAP4rev1 AUTH=PLAIN", 20 }, .greeting = { "ready.", 6 },
	.id = { "(\"name\" \"Buzon\")", 16 }, .tls = IMAP_PRE_TLS_OFFERED,
};

/* What the client sends and what comes first: the event, its response, the bytes left. */
static const struct {
	const char *in;
	enum imap_pre_event ev;
	const char *mech, *response, *rest;
} cases[] = {
	{ "a LOGIN bob pw\r\nb SELECT INBOX\r\n", IMAP_PRE_AUTH, "PLAIN", "|bob|pw",
	  "b SELECT INBOX\r\n" },
	{ "a LOGIN {3+}\r\nbob \"p\\\"w\"\r\n", IMAP_PRE_AUTH, "PLAIN", "|bob|p\"w", "" },
	{ "a login \"\" \"\"\r\n", IMAP_PRE_AUTH, "PLAIN", "||", "" },
	{ "a AUTHENTICATE PLAIN\r\nrest", IMAP_PRE_AUTH, "PLAIN", NULL, "rest" },
	{ "a authenticate x-y =\r\n", IMAP_PRE_AUTH, "x-y", "", "" },
	{ "a AUTHENTICATE PLAIN AGJvYgBwdw==\r\n", IMAP_PRE_AUTH, "PLAIN", "|bob|pw", "" },
	{ "a STARTTLS\r\nb LOGIN x y\r\n", IMAP_PRE_STARTTLS, "", NULL, "b LOGIN x y\r\n" },
	{ "a LOGOUT\r\nb NOOP\r\n", IMAP_PRE_CLOSE, "", NULL, "b NOOP\r\n" },
	{ "a NOOP\r\nb ID NIL\r\nc CAPABILITY\r\n", IMAP_PRE_MORE, "", NULL, "" },
	{ "x\r\ny\r\nz\r\nw\r\n", IMAP_PRE_CLOSE, "", NULL, "w\r\n" },
};

static void is_response(struct slice got, const char *want, const char *what)
{
	char text[64];

	assert_int_equal(got.p == NULL, want == NULL);
	assert_true(got.n < sizeof(text));
	for (size_t i = 0; i < got.n; i++)
		text[i] = got.p[i] == '\0' ? '|' : got.p[i];
	unit_slice_is(slice_make(text, got.n), want != NULL ? want : "", what);
}

static void test_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct imap_prelogin p;
		struct slice in = slice_str(cases[i].in);

		imap_prelogin_init(&p, &conf);
		assert_int_equal(imap_prelogin_feed(&p, &in), cases[i].ev);
		unit_slice_is(in, cases[i].rest, cases[i].in);
		unit_slice_is(p.mech, cases[i].mech, cases[i].in);
		is_response(p.response, cases[i].response, cases[i].in);
		imap_prelogin_done(&p);
	}
}

static void test_nothing_is_read_while_checking(void **state)
{
	struct imap_prelogin p;
	struct slice in = SLICE_LIT("a LOGIN x y\r\nb NOOP\r\nc LOGIN x z\r\nd N");

	(void)state;
	imap_prelogin_init(&p, &conf);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_AUTH);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_MORE);
	unit_slice_is(in, "b NOOP\r\nc LOGIN x z\r\nd N", "untouched");
	unit_slice_is(imap_prelogin_tag(&p), "a", "tag");
	imap_prelogin_fail(&p, IMAP_PRE_FAIL_CREDENTIALS, (struct slice){ 0 });
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_AUTH);
	unit_slice_is(imap_prelogin_tag(&p), "c", "tag");
	unit_slice_is(in, "d N", "rest");
	assert_true(slice_find(buf_slice(&p.out), SLICE_LIT("a NO [AUTHENTICATIONFAILED] Authent"
							    "ication failed.\r\nb OK")) > 0);
	imap_prelogin_done(&p);
}

static void test_exchange(void **state)
{
	struct imap_prelogin p;
	struct slice in = SLICE_LIT("a AUTHENTICATE LOGIN\r\nYm9i\r\n*\r\nb NOOP\r\n");

	(void)state;
	imap_prelogin_init(&p, &conf);
	buf_reset(&p.out);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_AUTH);
	imap_prelogin_challenge(&p, SLICE_LIT("User Name"));
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_RESPONSE);
	is_response(p.response, "bob", "response");
	imap_prelogin_challenge(&p, (struct slice){ 0 });
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_CANCEL);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_MORE);
	unit_slice_is(buf_slice(&p.out), "+ VXNlciBOYW1l\r\n+ \r\na BAD Authentication aborted by "
		      "client.\r\nb OK NOOP completed.\r\n", "out");
	imap_prelogin_done(&p);
}

static void test_bad_response(void **state)
{
	struct imap_prelogin p;
	struct slice in = SLICE_LIT("a AUTHENTICATE PLAIN\r\n!!\r\nb NOOP\r\n");

	(void)state;
	imap_prelogin_init(&p, &conf);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_AUTH);
	imap_prelogin_challenge(&p, (struct slice){ 0 });
	buf_reset(&p.out);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_CANCEL);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_MORE);
	unit_slice_is(buf_slice(&p.out), "a BAD Invalid base64 data in continued response.\r\n"
		      "b OK NOOP completed.\r\n", "out");
	imap_prelogin_done(&p);
}

static void test_starttls(void **state)
{
	struct imap_prelogin p;
	struct imap_prelogin_conf c = conf;
	struct slice in = SLICE_LIT("a LOGIN x y\r\nb STARTTLS\r\nc LOGIN x y\r\n");

	(void)state;
	c.login_disabled = true;
	imap_prelogin_init(&p, &c);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_STARTTLS);
	assert_true(slice_find(buf_slice(&p.out), SLICE_LIT("a NO [PRIVACYREQUIRED]")) > 0);
	imap_prelogin_tls_started(&p, SLICE_LIT("IMAP4rev1"));
	buf_reset(&p.out);
	in = SLICE_LIT("d CAPABILITY\r\ne STARTTLS\r\nf LOGIN x y\r\n");
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_AUTH);
	assert_true(slice_starts(buf_slice(&p.out), SLICE_LIT("* CAPABILITY IMAP4rev1\r\nd OK")));
	assert_true(slice_find(buf_slice(&p.out), SLICE_LIT("e BAD TLS is already active")) > 0);
	assert_true(p.asked_capability);
	imap_prelogin_done(&p);
}

/* A client that sends commands without reading answers does not make us lose any of them. */
static void test_output_is_bounded(void **state)
{
	struct imap_prelogin p;
	struct buf text;
	struct slice in;
	size_t replies = 0;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_adds(&text, "a CAPABILITY\r\n");
	imap_prelogin_init(&p, &conf);
	for (in = buf_slice(&text); in.n > 0 || buf_len(&p.out) > 0; buf_reset(&p.out)) {
		struct slice out, line;

		assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_MORE);
		assert_int_equal(buf_finish(&p.out), RC_OK);
		for (out = buf_slice(&p.out); slice_line(&out, &line);)
			replies += slice_starts(line, SLICE_LIT("a OK"));
	}
	assert_int_equal(replies, 5000);
	imap_prelogin_done(&p);
	buf_done(&text);
}

static void test_fail_text_is_cleaned(void **state)
{
	struct imap_prelogin p;
	struct slice in = SLICE_LIT("a LOGIN x y\r\n");

	(void)state;
	imap_prelogin_init(&p, &conf);
	assert_int_equal(imap_prelogin_feed(&p, &in), IMAP_PRE_AUTH);
	buf_reset(&p.out);
	imap_prelogin_fail(&p, IMAP_PRE_FAIL_DISABLED, SLICE_LIT("gone\r\nb OK"));
	unit_slice_is(buf_slice(&p.out), "a NO [CONTACTADMIN] goneb OK\r\n", "out");
	imap_prelogin_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events), cmocka_unit_test(test_nothing_is_read_while_checking),
		cmocka_unit_test(test_exchange), cmocka_unit_test(test_bad_response),
		cmocka_unit_test(test_starttls), cmocka_unit_test(test_output_is_bounded),
		cmocka_unit_test(test_fail_text_is_cleaned),
	};

	return cmocka_run_group_tests_name("imap prelogin", tests, NULL, NULL);
}
