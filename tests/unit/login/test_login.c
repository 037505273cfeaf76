/* tests/unit/login/test_login.c - whole sessions on the stage of stage.h. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/login/stage.h"

#include <sys/socket.h>
#include <unistd.h>

static void imap_login_in_clear(void **state)
{
	struct login_handover m;
	int c, job;

	(void)state;
	begin(&proto_imap, "", true);
	c = greeted();
	say(c, "a LOGIN alice@demo.test secret\r\nb SELECT INBOX\r\nc NO");
	accept_login(asked("PLAIN", SECRET_PLAIN));
	job = handed(&m);
	unit_slice_is(m.command_tag, "a", "tag");
	unit_slice_is(m.input, "b SELECT INBOX\r\nc NO", "what was pipelined");
	assert_true(m.secured);
	say(c, "OP\r\n");	/* comes while the job is being made: the job's to read */
	start_job(m.id);
	logged("dovecot: imap-login: Login: user=<alice@demo.test>, method=PLAIN, rip=, lip=, "
	       "mpid=77, secured, session=<");
	assert_int_equal(t.daemon.sessions, 0);
	say(job, "a OK Logged in\r\n");
	hear(c, "a OK Logged in\r\n");
	hear(job, "OP\r\n");
	close(job);
	assert_true(is_closed(c));
	close(c);
	end();
}

static void starttls_drops_what_came_before_it(void **state)
{
	struct login_handover m;
	int c, job;

	(void)state;
	begin(&proto_imap, "", true);
	c = greeted();
	say(c, "a STARTTLS\r\nb LOGIN mallory x\r\nc NOOP\r\n");
	hear(c, "a OK Begin TLS negotiation now.\r\n");
	say(c, "!");
	assert_int_equal(t.login.n_strangers, 1);
	say_tls(c, "d CAPABILITY\r\n");
	hear_tls(c, "* CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID IDLE AUTH=PLAIN AUTH=LOGIN\r\n"
		 "d OK Pre-login capabilities listed, post-login capabilities have more.\r\n");
	say_tls(c, "e AUTHENTICATE PLAIN AGFsaWNlQGRlbW8udGVzdABzZWNyZXQ=\r\nf NOOP\r\n");
	accept_login(asked("PLAIN", SECRET_PLAIN));
	job = handed(&m);
	unit_slice_is(m.input, "f NOOP\r\n", "what was pipelined");
	assert_true(m.tell_capability);
	start_job(m.id);
	logged("mpid=77, TLS, session=<");
	assert_int_equal(t.daemon.sessions, 1);
	assert_int_equal(t.login.n_strangers, 0);
	say(job, "e OK Logged in\r\n");
	hear_tls(c, "e OK Logged in\r\n");
	say_tls(c, "g LOGOUT\r\n");
	hear(job, "g LOGOUT\r\n");
	say(job, "* BYE\r\n");
	close(job);
	hear_tls(c, "* BYE\r\n");
	assert_true(is_closed(c));
	close(c);
	end();
}

static void a_relay_has_back_pressure_both_ways(void **state)
{
	enum { TOTAL = 4 << 20 };
	static char block[65536], sink[65536];
	struct login_handover m;
	size_t sent = 0, got = 0;
	int c, job;

	(void)state;
	begin(&proto_imap, "login_tls_wrappermode = yes\n", true);
	c = client();
	hear(c, "");
	say(c, "!");
	hear_tls(c, "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID IDLE AUTH=PLAIN AUTH=LOGIN] "
		 "Buzon ready.\r\n");
	say_tls(c, "a LOGIN alice@demo.test secret\r\n");
	accept_login(asked("PLAIN", SECRET_PLAIN));
	job = handed(&m);
	start_job(m.id);
	for (int way = 0; way < 2; way++) {
		int src = way == 0 ? job : c, dst = way == 0 ? c : job;

		/* nobody reads: the writer must be stopped, and not by our memory's end */
		for (int i = 0; i < 400; i++) {
			ssize_t n = send(src, block, sizeof(block), MSG_DONTWAIT | MSG_NOSIGNAL);

			if (n > 0)
				sent += (size_t)n;
			turns(2);
		}
		assert_true(sent < TOTAL);
		while (got < sent) {
			ssize_t n = recv(dst, sink, sizeof(sink), MSG_DONTWAIT);

			if (n > 0)
				got += (size_t)n;
			turns(1);
		}
		assert_int_equal(got, sent);
		sent = got = 0;
	}
	close(c);
	assert_true(is_closed(job));
	close(job);
	turns(4);
	end();
}

static void failures_and_their_log(void **state)
{
	int c;

	(void)state;
	begin(&proto_imap, "", true);
	c = greeted();
	say(c, "a LOGIN alice@demo.test secret\r\nb NOOP\r\n");
	refuse_login(asked("PLAIN", SECRET_PLAIN), AUTH_FAIL_CREDENTIALS);
	hear(c, "a NO [AUTHENTICATIONFAILED] Authentication failed.\r\nb OK NOOP completed.\r\n");
	loop_advance(t.login.loop, 3000);
	say(c, "c LOGIN alice@demo.test secret\r\n");
	refuse_login(asked("PLAIN", SECRET_PLAIN), AUTH_FAIL_TEMPORARY);
	hear(c, "c NO [UNAVAILABLE] Temporary authentication failure.\r\n");
	loop_advance(t.login.loop, 1000);
	say(c, "d LOGOUT\r\n");
	hear(c, "* BYE Logging out\r\nd OK Logout completed.\r\n");
	assert_true(is_closed(c));
	logged("Disconnected: Aborted login by logging out (auth failed, 2 attempts in 4 secs): "
	       "user=<alice@demo.test>, method=PLAIN, rip=");
	close(c);
	c = greeted();
	say(c, "a AUTHENTICATE FOO\r\n");
	hear(c, "a NO [CANNOT] Unsupported authentication mechanism.\r\n");
	close(c);
	logged("Connection closed (tried to use unsupported auth mechanism): user=<>, method=FOO,");
	end();
}

/* Who guesses and hangs up before the verdict stands in the log all the same. */
static void hanging_up_hides_nothing(void **state)
{
	uint32_t id;
	int c;

	(void)state;
	begin(&proto_imap, "", true);
	c = greeted();
	id = login_of(c);
	close(c);
	turns(4);
	assert_int_equal(t.daemon.sessions, 1);
	refuse_login(id, AUTH_FAIL_CREDENTIALS);
	logged("Disconnected: Connection closed (auth failed, 1 attempts in 0 secs): "
	       "user=<alice@demo.test>");
	/* and a right password without a client makes no job */
	c = client();
	id = login_of(c);
	close(c);
	turns(4);
	accept_login(id);
	logged("Connection closed (internal failure, 1 successful auths): user=<alice@demo.test>");
	assert_int_equal(t.daemon.sessions, 0);
	end();
}

static void questions_and_cancels(void **state)
{
	struct auth_continue m;
	struct auth_cancel cancel;
	uint32_t id;
	int c;

	(void)state;
	begin(&proto_imap, "", true);
	c = greeted();
	say(c, "a AUTHENTICATE LOGIN\r\n");
	id = asked("LOGIN", (struct slice){ 0 });
	challenge(c, id, "Username:", "+ VXNlcm5hbWU6\r\n");
	say(c, "YWxpY2U=\r\n");
	from(t.auth, auth_continue_type);
	assert_int_equal(auth_continue_get(&reader, &m), RC_OK);
	unit_slice_is(m.data, "alice", "answer");
	challenge(c, id, "Password:", "+ UGFzc3dvcmQ6\r\n");
	say(c, "*\r\n");
	from(t.auth, auth_cancel_type);
	assert_int_equal(auth_cancel_get(&reader, &cancel), RC_OK);
	assert_int_equal(cancel.id, id);
	hear(c, "a BAD Authentication aborted by client.\r\n");
	close(c);
	logged("Disconnected: Connection closed (client didn't finish SASL auth, waited 0 secs): ");
	c = greeted();
	/* auth's patience ends before the client's answer comes */
	say(c, "p AUTHENTICATE LOGIN\r\n");
	id = asked("LOGIN", (struct slice){ 0 });
	challenge(c, id, "Username:", "+ VXNlcm5hbWU6\r\n");
	refuse_login(id, AUTH_FAIL_CREDENTIALS);
	hear(c, "");
	say(c, "YWxpY2U=\r\nq NOOP\r\n");
	hear(c, "p NO [UNAVAILABLE] Temporary authentication failure.\r\nq OK NOOP completed.\r\n");
	say(c, "b AUTHENTICATE LOGIN\r\n");
	id = asked("LOGIN", (struct slice){ 0 });
	challenge(c, id, "Username:", "+ VXNlcm5hbWU6\r\n");
	close(c);
	from(t.auth, auth_cancel_type);
	end();
}

static void nobody_is_greeted_before_auth_is_there(void **state)
{
	int early, gone;

	(void)state;
	begin(&proto_imap, "", false);
	early = client();
	gone = client();
	hear(early, "");
	close(gone);
	loop_advance(t.login.loop, 2000);
	turns(3);
	auth_speaks_up();
	hear(early, GREETING);
	(void)login_of(early);
	/* auth dies in the middle, and stays away: the client may try again, and is told so */
	close_fd(&t.auth);
	hear(early, "");
	loop_advance(t.login.loop, 11000);
	hear(early, "a NO [UNAVAILABLE] Temporary authentication failure.\r\n");
	say(early, "b LOGIN alice@demo.test secret\r\n");
	hear(early, "");
	loop_advance(t.login.loop, 11000);
	hear(early, "b NO [UNAVAILABLE] Temporary authentication failure.\r\n");
	close(early);
	end();
}

/* A reload replaces auth: nobody who was waiting for it hears of that. */
static void a_new_auth_is_asked_again(void **state)
{
	struct login_handover m;
	int v[3], job;

	(void)state;
	begin(&proto_imap, "", true);
	for (int i = 0; i < 3; i++)
		v[i] = greeted();
	(void)login_of(v[0]);
	say(v[1], "a AUTHENTICATE LOGIN\r\n");
	challenge(v[1], asked("LOGIN", (struct slice){ 0 }), "Username:", "+ VXNlcm5hbWU6\r\n");
	close_fd(&t.auth);
	turns(3);
	/* the middle of an exchange cannot be taken over */
	hear(v[1], "");
	say(v[1], "YWxpY2U=\r\n");
	hear(v[1], "a NO [UNAVAILABLE] Temporary authentication failure.\r\n");
	say(v[2], "c LOGIN alice@demo.test secret\r\n");
	close(v[2]);		/* does not wait */
	turns(3);
	loop_advance(t.login.loop, 500);
	peer_stop(&t.login.auth);
	auth_speaks_up();
	accept_login(asked("PLAIN", SECRET_PLAIN));
	job = handed(&m);
	start_job(m.id);
	say(job, "a OK Logged in\r\n");
	hear(v[0], "a OK Logged in\r\n");
	close(job);
	close(v[0]);
	close(v[1]);
	turns(3);
	end();
}

static void the_idle_and_the_many(void **state)
{
	int first, v[12];

	(void)state;
	begin(&proto_imap, "login_unauthenticated_limit = 10\n", true);
	first = greeted();
	loop_advance(t.login.loop, 179000);
	say(first, "a NOOP\r\n");
	hear(first, "a OK NOOP completed.\r\n");
	loop_advance(t.login.loop, 181000);
	hear(first, "* BYE Disconnected for inactivity.\r\n");
	assert_true(is_closed(first));
	logged("Disconnected: Inactivity (no auth attempts in 360 secs): user=<>");
	close(first);
	for (int i = 0; i < 12; i++)
		v[i] = greeted();
	hear(v[0], "* BYE Connection queue full\r\n");
	hear(v[1], "* BYE Connection queue full\r\n");
	hear(v[2], "");
	assert_true(is_closed(v[0]) && is_closed(v[1]));
	for (int i = 0; i < 12; i++)
		close(v[i]);
	turns(5);
	end();
}

/* Silent strangers hold all places of the process: one of them is free for who comes. */
static void the_last_place_is_kept_free(void **state)
{
	int v[4], job;

	(void)state;
	begin(&proto_imap, "", true);
	t.daemon.session_limit = 3;
	for (int i = 0; i < 3; i++) {
		v[i] = client();
		hear(v[i], GREETING);
		if (i < 2)
			say(v[i], "half a comm");
	}
	hear(v[0], "* BYE Connection queue full\r\n");
	assert_true(is_closed(v[0]));
	assert_int_equal(t.daemon.sessions, 2);
	say(v[2], "a LOGIN alice@demo.test secret\r\n");
	accept_login(asked("PLAIN", SECRET_PLAIN));
	job = handed(&(struct login_handover){ 0 });
	v[3] = client();
	hear(v[3], GREETING);
	hear(v[1], "* BYE Connection queue full\r\n");
	assert_true(is_closed(v[1]));
	close(job);
	for (int i = 0; i < 4; i++)
		close(v[i]);
	turns(5);
	end();
}

static void the_broker_says_no(void **state)
{
	struct login_handover m;
	int c, job;

	(void)state;
	begin(&proto_imap, "", true);
	c = greeted();
	accept_login(login_of(c));
	job = handed(&m);
	close(job);
	assert_int_equal(login_refused_sync(t.broker, &(struct login_refused){
		.id = m.id, .reason = SLICE_LIT("Too many.") }, NULL), RC_OK);
	hear(c, "a NO [LIMIT] Too many.\r\n* BYE Disconnected.\r\n");
	assert_true(is_closed(c));
	logged("(internal failure, 1 successful auths)");
	close(c);
	/* the broker dies with the client in its hands */
	c = greeted();
	accept_login(login_of(c));
	job = handed(&m);
	close(job);
	close_fd(&t.broker);
	turns(5);
	hear(c, "a NO [UNAVAILABLE] Temporary authentication failure.\r\n* BYE Disconnected.\r\n");
	assert_true(is_closed(c));
	close(c);
	end();
}

static void pop3_whole(void **state)
{
	struct login_handover m;
	int c, job;

	(void)state;
	begin(&proto_pop3, "", true);
	c = client();
	hear(c, "+OK Buzon ready.\r\n");
	say(c, "AUTH PLAIN !!!\r\n");
	hear(c, "-ERR [AUTH] Invalid base64 in response\r\n");
	say(c, "USER alice@demo.test\r\nPASS secret\r\nSTAT\r\n");
	refuse_login(asked("PLAIN", SECRET_PLAIN), AUTH_FAIL_CREDENTIALS);
	hear(c, "+OK\r\n-ERR [AUTH] Authentication failed.\r\n-ERR Unknown command.\r\n");
	say(c, "AUTH PLAIN AGFsaWNlQGRlbW8udGVzdABzZWNyZXQ=\r\nLIST\r\n");
	accept_login(asked("PLAIN", SECRET_PLAIN));
	job = handed(&m);
	unit_slice_is(m.input, "LIST\r\n", "what was pipelined");
	unit_slice_is(m.command_tag, "", "no tag");
	start_job(m.id);
	logged("dovecot: pop3-login: Login: user=<alice@demo.test>, method=PLAIN");
	close(job);
	assert_true(is_closed(c));
	close(c);
	c = client();
	hear(c, "+OK Buzon ready.\r\n");
	say(c, "STLS\r\nUSER mallory\r\n");
	hear(c, "+OK Begin TLS negotiation now.\r\n");
	say(c, "x");
	logged("TLS handshaking: SSL_accept() failed: no exclamation mark");
	assert_true(is_closed(c));
	close(c);
	end();
}

/* What an enemy sends: giant lines, NUL, halves; the process goes on, others are unharmed. */
static void enemies(void **state)
{
	static char big[100000];
	int good, bad;

	(void)state;
	for (int which = 0; which < 2; which++) {
		begin(which == 0 ? &proto_imap : &proto_pop3, "", true);
		good = client();
		bad = client();
		memset(big, 'a', sizeof(big));
		for (size_t n = 0; n < sizeof(big);) {
			ssize_t put = send(bad, big + n, sizeof(big) - n, MSG_NOSIGNAL);

			turns(2);
			if (put <= 0)
				break;
			n += (size_t)put;
		}
		turns(5);
		close(bad);
		bad = client();
		assert_true(send(bad, "a\0b LOGIN\0\r\n\r\n\xff\xfe\r\n", 17, MSG_NOSIGNAL) > 0);
		turns(3);
		close(bad);
		bad = client();
		say(bad, which == 0 ? "a LOGIN {99999999}\r\n" : "USER x\r\nPASS");
		close(bad);
		turns(5);
		assert_int_equal(t.daemon.sessions, 1);
		say(good, which == 0 ? "a NOOP\r\n" : "CAPA\r\n");
		assert_true(await(good));
		close(good);
		end();
	}
}

/* Without TLS and from elsewhere no password is taken, and the client is told it is too late. */
static void secrets_need_cover(void **state)
{
	int c;

	(void)state;
	begin(&proto_imap, "", true);
	t.login.tls_level = LOGIN_TLS_ENCRYPT;
	c = client();
	hear(c, "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID IDLE STARTTLS LOGINDISABLED] "
	     "Buzon ready.\r\n");
	say(c, "a LOGIN alice@demo.test secret\r\n");
	hear(c, "* BAD [ALERT] Plaintext authentication not allowed without SSL/TLS, but your client "
	     "did it anyway. If anyone was listening, the password was exposed.\r\n"
	     "a NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) "
	     "connections.\r\n");
	close(c);
	logged("(tried to use disallowed plaintext auth): user=<>, method=PLAIN");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(imap_login_in_clear),
		cmocka_unit_test(starttls_drops_what_came_before_it),
		cmocka_unit_test(a_relay_has_back_pressure_both_ways),
		cmocka_unit_test(failures_and_their_log),
		cmocka_unit_test(hanging_up_hides_nothing),
		cmocka_unit_test(questions_and_cancels),
		cmocka_unit_test(nobody_is_greeted_before_auth_is_there),
		cmocka_unit_test(a_new_auth_is_asked_again),
		cmocka_unit_test(the_idle_and_the_many),
		cmocka_unit_test(the_last_place_is_kept_free),
		cmocka_unit_test(the_broker_says_no),
		cmocka_unit_test(pop3_whole),
		cmocka_unit_test(enemies),
		cmocka_unit_test(secrets_need_cover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
