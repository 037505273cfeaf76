/* tests/unit/smtp/test_syntax.c - command lines, paths, parameters, xtext, replies. */
/* SPDX-License-Identifier: ISC */
#include "lib/smtp/cmdline.h"
#include "lib/smtp/param.h"
#include "lib/smtp/path.h"
#include "lib/smtp/reply.h"
#include "lib/smtp/xtext.h"
#include "tests/unit/unit.h"

static const struct {
	const char *line, *verb, *arg;
	enum rc rc;
} lines[] = {
	{ "NOOP", "NOOP", "", RC_OK },
	{ "noop  x y ", "noop", "x y", RC_OK },
	{ "  MAIL FROM:<a@b>\t", "MAIL", "FROM:<a@b>", RC_OK },
	{ "MAIL\tFROM:<a@b>", "MAIL", "FROM:<a@b>", RC_OK },
	{ "", "", "", RC_SYNTAX },
	{ "  ", "", "", RC_SYNTAX },
	{ "{x", "{x", "", RC_OK },
};

static void test_cmdline(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(lines); i++) {
		struct smtp_cmdline c = { 0 };

		assert_int_equal(smtp_cmdline_parse(slice_str(lines[i].line), &c), lines[i].rc);
		unit_slice_is(c.verb, lines[i].verb, lines[i].line);
		unit_slice_is(c.arg, lines[i].arg, lines[i].line);
	}
	struct smtp_cmdline c;
	assert_int_equal(smtp_cmdline_parse(slice_make("NO\0OP", 5), &c), RC_SYNTAX);
}

static const struct {
	const char *in;
	const char *words[4];	/* NULL ends */
	enum rc last;
} words[] = {
	{ "a b  c", { "a", "b", "c" }, RC_END },
	{ "", { NULL }, RC_END },
	{ "<a b> c", { "<a b>", "c" }, RC_END },
	{ "<\"a> b\"@c> d", { "<\"a> b\"@c>", "d" }, RC_END },
	{ "<a\\> b> c", { "<a\\> b>", "c" }, RC_END },
	{ "\"a b\"@c x=\"y z\"", { "\"a b\"@c", "x=\"y z\"" }, RC_END },
	{ "a <b c", { "a", "<b c" }, RC_SYNTAX },
	{ "\"ab", { "\"ab" }, RC_SYNTAX },
	{ "a\\", { "a\\" }, RC_SYNTAX },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(words); i++) {
		struct slice arg = slice_str(words[i].in), word = { 0 };
		enum rc rc = RC_OK;

		for (size_t k = 0; k < 4 && words[i].words[k] != NULL; k++) {
			rc = smtp_cmdline_word(&arg, &word);
			unit_slice_is(word, words[i].words[k], words[i].in);
		}
		if (words[i].last == RC_END)
			rc = smtp_cmdline_word(&arg, &word);
		assert_int_equal(rc, words[i].last);
	}
}

static const struct {
	const char *in;
	const char *address;	/* NULL: refused */
	const char *flags;	/* e empty, b bracketed, d domain, l 8-bit local, D 8-bit domain */
} paths[] = {
	{ "<a@b.example>", "a@b.example", "bd" },
	{ "a@b.example", "a@b.example", "d" },
	{ "<>", "", "eb" },
	{ "< >", "", "eb" },
	{ "<postmaster>", "postmaster", "b" },
	{ "< a@b >", "a@b", "bd" },
	{ "<a@b.example.>", "a@b.example", "bd" },
	{ "<@x,@y.z:a@b>", "a@b", "bd" },
	{ "<\"a b\"@c>", "a b@c", "bd" },
	{ "<\"a@b\"@c>", "a@b@c", "bd" },
	{ "<\"a\\\"b\\\\\"@c>", "a\"b\\@c", "bd" },
	{ "<\"a\".b@c>", "a.b@c", "bd" },
	{ "<a..b.@c>", "a..b.@c", "bd" },
	{ "<a+b=c!d%e@f>", "a+b=c!d%e@f", "bd" },
	{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", "bd" },
	{ "<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "bd" },
	{ "<a_b@c_d-e.x>", "a_b@c_d-e.x", "bd" },
	{ "<\xc3\xa9@b>", "\xc3\xa9@b", "bdl" },
	{ "<a@\xc3\xa9>", "a@\xc3\xa9", "bdD" },
	{ "", NULL, "" },
	{ "<", NULL, "" },
	{ "<a", NULL, "" },
	{ "a>", NULL, "" },
	{ "<<a@b>>", NULL, "" },
	{ "<@b>", NULL, "" },
	{ "<\"\"@b>", NULL, "" },
	{ "<a@>", NULL, "" },
	{ "<a@.>", NULL, "" },
	{ "<a@.b>", NULL, "" },
	{ "<a@b..c>", NULL, "" },
	{ "<a@b@c>", NULL, "" },
	{ "<a b@c>", NULL, "" },
	{ "<a@b c>", NULL, "" },
	{ "<a@b,c@d>", NULL, "" },
	{ "<a@b;>", NULL, "" },
	{ "<(x)a@b>", NULL, "" },
	{ "<a\\ b@c>", NULL, "" },
	{ "<\"a@b>", NULL, "" },
	{ "<\"a\x01\"@b>", NULL, "" },
	{ "<\"a\\\n\"@b>", NULL, "" },
	{ "<a\t@b>", NULL, "" },
	{ "<@x:>", NULL, "" },
	{ "<@x,y:a@b>", NULL, "" },
	{ "<@x a@b>", NULL, "" },
	{ "<a@[]>", NULL, "" },
	{ "<a@[1>", NULL, "" },
	{ "<a@[1] >x", NULL, "" },
	{ "<a@b!c>", NULL, "" },
	{ "<a@[1.2.3]>", NULL, "" },
	{ "<a@[::1]>", NULL, "" },
	{ "<a@1.2.3.4>", NULL, "" },
	{ "<a@123>", NULL, "" },
	{ "<a@a.123>", "a@a.123", "bd" },
	{ "<a@-b.c>", NULL, "" },
	{ "<a@b-.c>", NULL, "" },
	{ "<a@b.c->", NULL, "" },
	{ "<-a@b.c>", NULL, "" },
	{ "<\"-a\"@b.c>", NULL, "" },
	{ "<\"\"-a@b.c>", NULL, "" },
};

static void test_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(paths); i++) {
		struct smtp_path p;
		struct buf b;
		char flags[8] = "";
		enum rc rc;

		buf_init(&b, 4000);
		buf_adds(&b, "x");
		rc = smtp_path_parse(slice_str(paths[i].in), &b, &p);
		if ((rc == RC_OK) != (paths[i].address != NULL))
			fail_msg("%s: %s", paths[i].in, rc_name(rc));
		unit_slice_is(slice_skip(buf_slice(&b), 1), rc ? "" : paths[i].address, paths[i].in);
		if (rc == RC_OK) {
			snprintf(flags, sizeof(flags), "%s%s%s%s%s", p.is_empty ? "e" : "",
				 p.is_bracketed ? "b" : "", p.has_domain ? "d" : "",
				 p.has_8bit_local ? "l" : "", p.has_8bit_domain ? "D" : "");
			assert_string_equal(flags, paths[i].flags);
		}
		buf_done(&b);
	}
}

static void test_path_limit(void **state)
{
	char long_path[SMTP_ADDRESS_MAX + 20];
	struct smtp_path p;
	struct buf b;

	(void)state;
	buf_init(&b, 4000);
	memset(long_path, 'a', sizeof(long_path));
	memcpy(long_path + SMTP_ADDRESS_MAX - 2, "@b", 2);
	assert_int_equal(smtp_path_parse(slice_make(long_path, SMTP_ADDRESS_MAX), &b, &p), RC_OK);
	assert_int_equal(smtp_path_parse(slice_make(long_path, SMTP_ADDRESS_MAX + 1), &b, &p),
			 RC_LIMIT);
	assert_int_equal(buf_len(&b), SMTP_ADDRESS_MAX);
	memcpy(long_path, "a@", 2);
	memset(long_path + 2, 'd', 256);
	assert_int_equal(smtp_path_parse(slice_make(long_path, 2 + 63), &b, &p), RC_OK);
	assert_int_equal(smtp_path_parse(slice_make(long_path, 2 + 64), &b, &p), RC_SYNTAX);
	for (size_t i = 2 + 60; i < 2 + 256; i += 60)
		long_path[i] = '.';
	assert_int_equal(smtp_path_parse(slice_make(long_path, 2 + 255), &b, &p), RC_OK);
	assert_int_equal(smtp_path_parse(slice_make(long_path, 2 + 256), &b, &p), RC_SYNTAX);
	buf_done(&b);
}

static const struct {
	const char *in;
	unsigned features;
	enum smtp_param_fault fault;
} mail_params[] = {
	{ "", 0, SMTP_PARAM_OK },
	{ "SIZE=9223372036854775807", 0, SMTP_PARAM_OK },
	{ "SIZE=9223372036854775808", 0, SMTP_PARAM_HUGE_SIZE },
	{ "SIZE=1x", 0, SMTP_PARAM_BAD_SIZE },
	{ "BODY=8BITMIME", 0, SMTP_PARAM_OK },
	{ "BODY=8bitmime", SMTP_8BITMIME, SMTP_PARAM_OK },
	{ "SMTPUTF8", 0, SMTP_PARAM_UNSUPPORTED },
	{ "smtputf8", SMTP_SMTPUTF8, SMTP_PARAM_OK },
	{ "SMTPUTF8x", SMTP_SMTPUTF8, SMTP_PARAM_UNSUPPORTED },
	{ "RET=FULL", 0, SMTP_PARAM_UNSUPPORTED },
	{ "RET=HDRS ENVID=x", SMTP_DSN, SMTP_PARAM_OK },
	{ "AUTH=<>", 0, SMTP_PARAM_OK },
	{ "AUTH=", 0, SMTP_PARAM_BAD_AUTH },
	{ "AUTH=a AUTH=b", 0, SMTP_PARAM_BAD_AUTH },
	{ "SIZE", 0, SMTP_PARAM_UNSUPPORTED },
	{ "=", 0, SMTP_PARAM_UNSUPPORTED },
	{ "\"", 0, SMTP_PARAM_UNSUPPORTED },
};

static void test_mail_params(void **state)
{
	char long_id[] = "ENVID=0123456789012345678901234567890123456789012345678901234567890123456"
			 "789012345678901234567890123456789x";
	struct smtp_mail_params m;
	struct slice bad;

	(void)state;
	for (size_t i = 0; i < N_OF(mail_params); i++) {
		enum smtp_param_fault f = smtp_mail_params_parse(slice_str(mail_params[i].in),
								 mail_params[i].features, &m, &bad);
		if (f != mail_params[i].fault)
			fail_msg("%s: fault %d", mail_params[i].in, f);
	}
	assert_int_equal(strlen(long_id), 6 + SMTP_ENVID_MAX + 1);
	assert_int_equal(smtp_mail_params_parse(slice_str(long_id), SMTP_DSN, &m, &bad),
			 SMTP_PARAM_BAD_ENVID);
	long_id[6 + SMTP_ENVID_MAX] = '\0';
	assert_int_equal(smtp_mail_params_parse(slice_str(long_id), SMTP_DSN, &m, &bad),
			 SMTP_PARAM_OK);
}

static const struct {
	const char *in, *out;	/* out NULL: refused */
	bool utf8;
} xtexts[] = {
	{ "abc", "abc", false },	{ "a+2Bb+3d", "a+b=", false },
	{ "+20", " ", false },		{ "a b", NULL, false },
	{ "a=b", "a=b", false },		{ "+", NULL, false },
	{ "+2", NULL, false },		{ "+2G", NULL, false },
	{ "+00", NULL, false },		{ "+0A", NULL, false },
	{ "+7f", NULL, false },		{ "\xc3\xa9", NULL, false },
	{ "\xc3\xa9", "\xc3\xa9", true }, { "", "", false },
};

static void test_xtext(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(xtexts); i++) {
		struct buf b, back;
		enum rc rc;

		buf_init(&b, 100);
		buf_init(&back, 100);
		rc = smtp_xtext_decode(slice_str(xtexts[i].in), xtexts[i].utf8, &b);
		assert_int_equal(rc == RC_OK, xtexts[i].out != NULL);
		if (rc == RC_OK) {
			unit_slice_is(buf_slice(&b), xtexts[i].out, xtexts[i].in);
			smtp_xtext_encode(buf_slice(&b), &back);
			buf_reset(&b);
			assert_int_equal(smtp_xtext_decode(buf_slice(&back), false, &b), RC_OK);
			unit_slice_is(buf_slice(&b), xtexts[i].out, "round trip");
		}
		buf_done(&b);
		buf_done(&back);
	}
}

static const struct {
	const char *in;
	unsigned code;
	const char *dsn, *printed;
} replies[] = {
	{ "go away", 554, "5.7.1", "554 5.7.1 go away\r\n" },
	{ "450 later", 554, "5.7.1", "450 4.7.1 later\r\n" },
	{ "450 5.2.2 later", 554, "5.7.1", "450 4.2.2 later\r\n" },
	{ "5.1.1 nobody", 450, "4.7.1", "450 4.1.1 nobody\r\n" },
	{ "550", 554, "5.7.1", "550 5.7.1 \r\n" },
	{ "5500 x", 554, "5.7.1", "554 5.7.1 5500 x\r\n" },
	{ "5.7.2", 554, "5.7.1", "554 5.7.2 \r\n" },
	{ "5.7.x y", 554, "5.7.1", "554 5.7.1 5.7.x y\r\n" },
	{ "650 x", 554, "5.7.1", "554 5.7.1 650 x\r\n" },
	{ "a\r\n250 2.0.0 Ok", 554, "5.7.1", "554-5.7.1 a?\r\n554 5.7.1 250 2.0.0 Ok\r\n" },
	{ "a\nb\nc", 250, "", "250-a\r\n250-b\r\n250 c\r\n" },
	{ "", 554, "", "554 \r\n" },
};

static void test_reply(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(replies); i++) {
		struct smtp_reply r;
		struct buf b;

		buf_init(&b, 4000);
		smtp_reply_parse(slice_str(replies[i].in), replies[i].code, replies[i].dsn, &r);
		smtp_reply_print(&r, &b);
		unit_slice_is(buf_slice(&b), replies[i].printed, replies[i].in);
		buf_done(&b);
	}
}

static void test_reply_limit(void **state)
{
	char text[3000];
	struct smtp_reply r;
	struct buf b;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	buf_init(&b, 4000);
	smtp_reply_set(&r, 550, "5.1.1", "%s", text);
	smtp_reply_print(&r, &b);
	assert_int_equal(buf_len(&b), SMTP_REPLY_LINE_MAX);
	assert_true(slice_ends(buf_slice(&b), SLICE_LIT("x\r\n")));
	buf_done(&b);
}

static void test_header_as_command(void **state)
{
	(void)state;
	assert_true(smtp_cmdline_is_header(SLICE_LIT("Subject:")));
	assert_true(smtp_cmdline_is_header(SLICE_LIT("Subject: x")));
	assert_false(smtp_cmdline_is_header(SLICE_LIT("Subject")));
	assert_false(smtp_cmdline_is_header(SLICE_LIT(":x")));
	assert_false(smtp_cmdline_is_header(SLICE_LIT("MAIL FROM:<x>")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cmdline),	   cmocka_unit_test(test_words),
		cmocka_unit_test(test_path),	   cmocka_unit_test(test_path_limit),
		cmocka_unit_test(test_mail_params), cmocka_unit_test(test_xtext),
		cmocka_unit_test(test_reply),	   cmocka_unit_test(test_reply_limit),
		cmocka_unit_test(test_header_as_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
