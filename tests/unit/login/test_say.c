/* tests/unit/login/test_say.c - log lines as Dovecot 2.3.19 was seen to write them. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "login/address.h"
#include "login/say.h"

#define WHO .remote_addr = "127.0.0.1", .local_addr = "127.0.0.1"

static const struct {
	struct say_client c;
	const char *why;	/* NULL: Login */
	const char *line;
} lines[] = {
	{ { .user = "alice@demo.test", .method = "PLAIN", WHO, .session = "mSOU8dJgipB/AAAB",
	    .is_secured = true, .attempts = 1, .successes = 1 }, NULL,
	  "Login: user=<alice@demo.test>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, mpid=5009, "
	  "secured, session=<mSOU8dJgipB/AAAB>" },
	{ { .user = "alice@demo.test", .method = "PLAIN", WHO, .session = "+pqc8dJgbNR/AAAB",
	    .is_secured = true, .is_tls = true, .attempts = 1, .successes = 1 }, NULL,
	  "Login: user=<alice@demo.test>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, mpid=5009, "
	  "TLS, session=<+pqc8dJgbNR/AAAB>" },
	{ { .user = "", .method = "", WHO, .session = "dJS28dJg8Jt/AAAB", .is_secured = true },
	  "Connection closed",
	  "Disconnected: Connection closed (no auth attempts in 0 secs): user=<>, rip=127.0.0.1, "
	  "lip=127.0.0.1, secured, session=<dJS28dJg8Jt/AAAB>" },
	{ { .user = "", .method = "", WHO, .session = "91q+8dJg8pt/AAAB", .is_secured = true },
	  "Aborted login by logging out",
	  "Disconnected: Aborted login by logging out (no auth attempts in 0 secs): user=<>, "
	  "rip=127.0.0.1, lip=127.0.0.1, secured, session=<91q+8dJg8pt/AAAB>" },
	{ { .user = "alice@demo.test", .method = "PLAIN", WHO, .session = "ZCTG8dJgAJx/AAAB",
	    .is_secured = true, .attempts = 1, .auth_s = 4, .age_s = 9 }, "Connection closed",
	  "Disconnected: Connection closed (auth failed, 1 attempts in 4 secs): "
	  "user=<alice@demo.test>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, secured, "
	  "session=<ZCTG8dJgAJx/AAAB>" },
	{ { .user = "", .method = "FOO", WHO, .session = "SIF28tJg7LR/AAAB", .is_secured = true,
	    .attempts = 1, .tried_unknown_mech = true }, "Connection closed",
	  "Disconnected: Connection closed (tried to use unsupported auth mechanism): user=<>, "
	  "method=FOO, rip=127.0.0.1, lip=127.0.0.1, secured, session=<SIF28tJg7LR/AAAB>" },
	{ { .user = "", .method = "LOGIN", WHO, .session = "+8BN8tJg2LR/AAAB", .is_secured = true,
	    .attempts = 1, .is_exchanging = true, .auth_s = 4 }, "Connection closed",
	  "Disconnected: Connection closed (client didn't finish SASL auth, waited 4 secs): user=<>, "
	  "method=LOGIN, rip=127.0.0.1, lip=127.0.0.1, secured, session=<+8BN8tJg2LR/AAAB>" },
	{ { .user = "nolog@demo.test", .method = "PLAIN", WHO, .session = "HSf78tJgINF/AAAB",
	    .is_secured = true, .attempts = 1, .successes = 1 }, "Aborted login by logging out",
	  "Disconnected: Aborted login by logging out (internal failure, 1 successful auths): "
	  "user=<nolog@demo.test>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, secured, "
	  "session=<HSf78tJgINF/AAAB>" },
	{ { .user = "", .method = "", WHO, .session = "UblK89JgwsV/AAAB",
	    .tls_error = "wrong version number" }, "Connection closed",
	  "Disconnected: Connection closed (no auth attempts in 0 secs): user=<>, rip=127.0.0.1, "
	  "lip=127.0.0.1, TLS handshaking: SSL_accept() failed: wrong version number, "
	  "session=<UblK89JgwsV/AAAB>" },
	{ { .user = "", .method = "PLAIN", .remote_addr = "192.0.2.1", .local_addr = "192.0.2.2",
	    .session = "x", .attempts = 1, .tried_plaintext = true }, "Connection closed",
	  "Disconnected: Connection closed (tried to use disallowed plaintext auth): user=<>, "
	  "method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, session=<x>" },
};

static void recorded_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(lines); i++) {
		struct buf b;

		buf_init(&b, SAY_MAX);
		if (lines[i].why == NULL)
			say_login(&lines[i].c, 5009, &b);
		else
			say_end(&lines[i].c, lines[i].why, &b);
		unit_slice_is(buf_slice(&b), lines[i].line, "line");
		buf_done(&b);
	}
}

static const struct {
	const char *remote, *local;
	bool want;
} pairs[] = {
	{ "127.0.0.1", "127.0.0.1", true }, { "127.0.0.2", "127.0.0.1", true },
	{ "::1", "::1", true }, { "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false }, { "192.0.2.1", "127.0.0.1", false },
	{ "1270::1", "127.0.0.1", false }, { "", "", true },
};

static void who_is_local(void **state)
{
	char a[24], b[24];

	(void)state;
	for (size_t i = 0; i < N_OF(pairs); i++)
		if (address_is_local(pairs[i].remote, pairs[i].local) != pairs[i].want)
			fail_msg("%s %s", pairs[i].remote, pairs[i].local);
	address_session_id(1700000000000000, 4711, a, sizeof(a));
	address_session_id(1700000000000000, 4711, b, sizeof(b));
	assert_int_equal(strlen(a), 16);
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_lines),
		cmocka_unit_test(who_is_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
