/* tests/unit/sasl/test_authproto.c - lines as Postfix, Exim and Dovecot write them, and others. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/sasl/authproto.h"

static const struct {
	const char *line;
	enum rc want;
	enum authproto_verb verb;
	uint32_t id;
	const char *mech, *service, *remote, *response;
	bool is_secured;
} cases[] = {
	{ "VERSION\t1\t0", RC_OK, AUTHPROTO_VERSION, 0, "", "", "", NULL, false },
	{ "CPID\t4711", RC_OK, AUTHPROTO_CPID, 0, "", "", "", NULL, false },
	/* Postfix */
	{ "AUTH\t1\tPLAIN\tservice=smtp\tnologin\tlip=127.0.0.1\trip=192.0.2.1\tsecured\t"
	  "resp=AGEAYg==", RC_OK, AUTHPROTO_AUTH, 1, "PLAIN", "smtp", "192.0.2.1", "AGEAYg==", true },
	/* Exim: always resp= */
	{ "AUTH\t7\tLOGIN\tservice=smtp\tsecured\trip=::1\tlip=::1\tnologin\tresp=", RC_OK,
	  AUTHPROTO_AUTH, 7, "LOGIN", "smtp", "::1", "", true },
	{ "AUTH\t4294967295\tPLAIN\tprotocol=imap\trport=99\tfinal-resp-ok\tunknown=x", RC_OK,
	  AUTHPROTO_AUTH, 4294967295u, "PLAIN", "imap", "", NULL, false },
	{ "AUTH\t1\tPLAIN\tservice=a\001tb\0011\001x\001", RC_OK, AUTHPROTO_AUTH, 1, "PLAIN",
	  "a\tb\001x\001", "", NULL, false },
	{ "AUTH\t1\tPLAIN\tresp=a\tservice=smtp", RC_OK, AUTHPROTO_AUTH, 1, "PLAIN", "", "",
	  "a\tservice=smtp", false },
	{ "AUTH\t1\tPLAIN\tsecured=tls", RC_OK, AUTHPROTO_AUTH, 1, "PLAIN", "", "", NULL, true },
	{ "AUTH\t1\tPLAIN", RC_OK, AUTHPROTO_AUTH, 1, "PLAIN", "", "", NULL, false },
	{ "AUTH\t1\tPLAIN\t", RC_OK, AUTHPROTO_AUTH, 1, "PLAIN", "", "", NULL, false },
	{ "CONT\t3\tc2VjcmV0", RC_OK, AUTHPROTO_CONT, 3, "", "", "", "c2VjcmV0", false },
	{ "CONT\t3\t", RC_OK, AUTHPROTO_CONT, 3, "", "", "", "", false },
	{ "CANCEL\t3", RC_OK, AUTHPROTO_CANCEL, 3, "", "", "", NULL, false },
	{ "NEWVERB\tx", RC_OK, AUTHPROTO_OTHER, 0, "", "", "", NULL, false },
	{ "", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "\tAUTH", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "VERSION", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "VERSION\t1", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "VERSION\t1\tx", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "CPID\t", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "CPID\t-1", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "AUTH", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "AUTH\t1", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "AUTH\t4294967296\tPLAIN", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "AUTH\tx\tPLAIN", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "AUTH\t1\t\tservice=smtp", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "CONT\t1", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "CONT\t\tx", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
	{ "CANCEL\t", RC_SYNTAX, 0, 0, 0, 0, 0, 0, 0 },
};

static void lines(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, AUTHPROTO_LINE_MAX);
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct authproto_line l;
		struct err err = { 0 };
		enum rc rc = authproto_parse(slice_str(cases[i].line), &arena, &l, &err);

		if (rc != cases[i].want)
			fail_msg("\"%s\": %s", cases[i].line, rc_name(rc));
		if (rc != RC_OK) {
			assert_int_not_equal(err.text[0], '\0');
			continue;
		}
		assert_int_equal(l.verb, cases[i].verb);
		assert_int_equal(l.id, cases[i].id);
		unit_slice_is(l.mech, cases[i].mech, "mechanism");
		unit_slice_is(l.service, cases[i].service, "service");
		unit_slice_is(l.remote_addr, cases[i].remote, "rip");
		unit_slice_is(l.response, cases[i].response != NULL ? cases[i].response : "",
			      "response");
		if (l.verb == AUTHPROTO_AUTH)
			assert_int_equal(l.has_response, cases[i].response != NULL);
		assert_int_equal(l.is_secured, cases[i].is_secured);
	}
	arena_done(&arena);
}

static void nul_is_refused(void **state)
{
	struct authproto_line l;
	struct arena arena;

	(void)state;
	arena_init(&arena, AUTHPROTO_LINE_MAX);
	assert_int_equal(authproto_parse(slice_make("CONT\t1\t\0", 8), &arena, &l, NULL),
			 RC_SYNTAX);
	arena_done(&arena);
}

static void replies(void **state)
{
	static const unsigned char cookie[16] = { 1, 2, 0xab };
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	authproto_put_hello(&b);
	authproto_put_mech(&b, "PLAIN", true);
	authproto_put_mech(&b, "SCRAM-SHA-256", false);
	authproto_put_done(&b, 12, 3, cookie);
	authproto_put_cont(&b, 1, SLICE_LIT(""));
	authproto_put_cont(&b, 1, SLICE_LIT("Password:"));
	authproto_put_ok(&b, 2, SLICE_LIT("tim"), SLICE_LIT(""));
	authproto_put_ok(&b, 2, SLICE_LIT("a\tb\nc\001"), SLICE_LIT("v=1"));
	authproto_put_fail(&b, 3, AUTHPROTO_WRONG, SLICE_LIT("tim"), SLICE_LIT(""));
	authproto_put_fail(&b, 4, AUTHPROTO_TEMP_FAIL, SLICE_LIT(""), SLICE_LIT(""));
	authproto_put_fail(&b, 5, AUTHPROTO_INVALID_BASE64, SLICE_LIT("x"), SLICE_LIT("a\tb"));
	unit_slice_is(buf_slice(&b),
		      "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tSCRAM-SHA-256\n"
		      "SPID\t12\nCUID\t3\nCOOKIE\t0102ab00000000000000000000000000\nDONE\n"
		      "CONT\t1\t\nCONT\t1\tUGFzc3dvcmQ6\n"
		      "OK\t2\tuser=tim\nOK\t2\tuser=a\001tb\001nc\0011\tresp=dj0x\n"
		      "FAIL\t3\tuser=tim\nFAIL\t4\tcode=temp_fail\n"
		      "FAIL\t5\tuser=x\tcode=invalid_base64\treason=a\001tb\n", "replies");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
