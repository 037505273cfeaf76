/* tests/unit/auth/test_auth.c - auth whole, in one process: peers on socketpairs, a clock of our own,
 * a worker in a child. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/client.h"
#include "auth/outside.h"
#include "auth/worker_job.h"
#include "lib/daemon/daemon_impl.h"
#include "lib/sasl/authproto.h"
#include "lib/sys/log.h"

enum { PATIENCE_MS = 60000 };

static struct {
	char dir[64], users[96];
	struct arena arena;
	struct conf *conf;
	struct auth_params params;
	struct auth auth;
	struct daemon daemon;
} t;

static const char users_text[] =
	"alice@demo.test:{PLAIN}secret:1000:1001::/mail/alice::\n"
	"slow@demo.test:{SHA512-CRYPT}$6$k9yx6TcQXiWPMl8Y$F16vOOiDpbHJ0zcXp2Wxh.n1pyu9oxl3ZAS"
	"EHEJjSRX/bexz4m/4dkhOih8M0zW4zzppmPLL05t8XvsA.HkWb1:1000:1001::/mail/slow::"
	"userdb_mail=mbox:~/m x=y\n"
	"off@demo.test:{PLAIN}secret:1000:1001::/mail/off::nologin reason=gone\n"
	"fast@demo.test:{PLAIN}secret:1000:1001::/mail/fast::nodelay\n"
	"inside@demo.test:{PLAIN}secret:1000:1001::/mail/i::allow_nets=10.0.0.0/8\n"
	"broken@demo.test:{NOSUCH}secret:1000:1001::/mail/b::\n"
	"root@demo.test:{PLAIN}secret:0:0::/root::\n";

static void write_users(const char *more)
{
	FILE *f = fopen(t.users, "w");

	fputs(users_text, f);
	fputs(more, f);
	fclose(f);
}

/* What peer_start() and master do, with a child that is a worker. */
static void start_worker(struct peer *p)
{
	int fds[2];

	assert_string_equal(p->service, "auth-hash");
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	if (fork() == 0) {
		loop_leave_in_child(t.auth.loop);
		fds[1] = dup2(fds[1], 3);
		close_range(4, ~0U, 0);
		_exit(worker_hash_run(NULL, &fds[1], 1));
	}
	close(fds[1]);
	p->wanted = true;
	list_append(&t.daemon.peers, &p->link);
	p->connect_id = 1;
	peer_connected(&t.daemon, 1, fds[0]);
}

static int setup(void **state)
{
	struct faults faults;
	struct buf text;

	(void)state;
	log_open(LOG_SINK_POSTLOG, open("/dev/null", O_WRONLY), "auth", 0);
	snprintf(t.dir, sizeof(t.dir), "/tmp/buzon-test-auth-XXXXXX");
	assert_non_null(mkdtemp(t.dir));
	snprintf(t.users, sizeof(t.users), "%s/users", t.dir);
	write_users("");
	arena_init(&t.arena, 1 << 20);
	faults_init(&faults, &t.arena);
	t.conf = conf_new(t.dir);
	buf_init(&text, 4096);
	buf_addf(&text, "auth_passdbs = passwd-file:%s\nauth_userdbs = passwd-file:%s\n"
		 "auth_penalty_max = 0\n", t.users, t.users);
	conf_parse(t.conf, "main.cf", buf_slice(&text), &faults);
	buf_done(&text);
	params_load(auth_params_specs, auth_params_count, t.conf, &t.arena, &t.params, &faults);
	auth_setup(&t.auth, &t.params, true, &t.arena, &faults);
	assert_int_equal(faults.fatal_count, 0);
	t.daemon.loop = loop_new();
	list_init(&t.daemon.peers);
	loop_fake_clock(t.daemon.loop, 1700000000);
	auth_start(&t.auth, t.daemon.loop, workers_new(&t.daemon, t.daemon.loop, 2, 2, start_worker));
	return 0;
}

static int teardown(void **state)
{
	int status = 0;

	(void)state;
	auth_done(&t.auth);
	while (waitpid(-1, &status, 0) > 0)
		assert_int_equal(status, 0);
	loop_turn(t.daemon.loop, 0);
	loop_free(&t.daemon.loop);
	conf_free(&t.conf);
	arena_done(&t.arena);
	unlink(t.users);
	rmdir(t.dir);
	return 0;
}

/* Rounds of the loop until FD can be read, at most a minute. */
static bool await(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int i = 0; i < 6000; i++) {
		loop_turn(t.auth.loop, 0);
		if (poll(&p, 1, 10) > 0)
			return true;
	}
	return false;
}

/* Nothing comes in a few rounds. */
static bool is_silent(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int i = 0; i < 3; i++)
		loop_turn(t.auth.loop, 0);
	return poll(&p, 1, 0) == 0;
}

static int join(enum client_right right)
{
	struct ipc_inbox box;
	struct ipc_reader r;
	struct auth_mechanisms m;
	struct err err = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	client_new(&t.auth, fds[0], right);
	assert_true(await(fds[1]));
	assert_int_equal(ipc_sync_hello(fds[1], &auth_proto, PATIENCE_MS, &err), RC_OK);
	if (right != CLIENT_SASL)
		return fds[1];
	assert_true(await(fds[1]));
	assert_int_equal(ipc_sync_recv(fds[1], &box, &r, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(auth_mechanisms_get(&r, &m), RC_OK);
	unit_slice_is(m.plaintext, "PLAIN LOGIN", "mechanisms");
	unit_slice_is(m.others, "", "others");
	return fds[1];
}

static struct ipc_inbox box;
static struct ipc_reader reader;

static uint16_t receive(int fd)
{
	struct err err = { 0 };

	assert_true(await(fd));
	if (ipc_sync_recv(fd, &box, &reader, PATIENCE_MS, &err) != RC_OK)
		return 0;
	return reader.type;
}

static void start_plain(int fd, uint32_t id, const char *user, const char *password, bool token)
{
	char msg[600];
	int n = snprintf(msg, sizeof(msg), "%c%s%c%s", 0, user, 0, password);

	assert_int_equal(auth_start_sync(fd, &(struct auth_start){
		.id = id, .service = SLICE_LIT("imap"), .mechanism = SLICE_LIT("PLAIN"),
		.has_initial = true, .initial = slice_make(msg, (size_t)n), .secured = true,
		.wants_token = token, .remote_addr = SLICE_LIT("192.0.2.1"),
		.local_addr = SLICE_LIT("192.0.2.2"), .session = SLICE_LIT("sess") }, NULL), RC_OK);
}

static void a_login_and_its_token(void **state)
{
	int sasl = join(CLIENT_SASL), master = join(CLIENT_USERS);
	struct auth_success ok;
	struct auth_user_found found;
	struct auth_user_none none;
	char token[TOKEN_BYTES];

	(void)state;
	start_plain(sasl, 7, "Alice@Demo.Test", "secret", true);
	assert_int_equal(receive(sasl), auth_success_type);
	assert_int_equal(auth_success_get(&reader, &ok), RC_OK);
	assert_int_equal(ok.id, 7);
	unit_slice_is(ok.user, "alice@demo.test", "user");
	assert_int_equal(ok.token.n, TOKEN_BYTES);
	memcpy(token, ok.token.p, sizeof(token));
	assert_true(auth_is_busy(&t.auth));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(auth_redeem_sync(master, &(struct auth_redeem){
			.id = 9, .token = slice_make(token, sizeof(token)),
			.service = SLICE_LIT("imap") }, NULL), RC_OK);
		if (i == 0) {
			assert_int_equal(receive(master), auth_user_found_type);
			assert_int_equal(auth_user_found_get(&reader, &found), RC_OK);
			assert_int_equal(found.id, 9);
			assert_int_equal(found.uid, 1000);
			assert_int_equal(found.gid, 1001);
			unit_slice_is(found.home, "/mail/alice", "home");
			unit_slice_is(found.mail_location, "maildir:/mail/alice/Maildir", "mail");
			unit_slice_is(found.session, "sess", "session");
		} else {
			assert_int_equal(receive(master), auth_user_none_type);
			assert_int_equal(auth_user_none_get(&reader, &none), RC_OK);
			assert_false(none.temporary);
		}
	}
	assert_false(auth_is_busy(&t.auth));
	close(sasl);
	close(master);
}

static const struct {
	const char *user, *password;
	unsigned code;
	const char *shown, *reason;
	bool at_once;
} failures[] = {
	{ "alice@demo.test", "wrong", AUTH_FAIL_CREDENTIALS, "alice@demo.test", "", false },
	{ "alice@demo.test", "", AUTH_FAIL_CREDENTIALS, "alice@demo.test", "", false },
	{ "nobody@demo.test", "secret", AUTH_FAIL_CREDENTIALS, "nobody@demo.test", "", false },
	{ "a/b", "secret", AUTH_FAIL_CREDENTIALS, "a/b", "", false },
	{ "", "secret", AUTH_FAIL_CREDENTIALS, "", "", false },
	{ "off@demo.test", "wrong", AUTH_FAIL_CREDENTIALS, "off@demo.test", "", false },
	{ "off@demo.test", "secret", AUTH_FAIL_DISABLED, "off@demo.test", "gone", false },
	{ "inside@demo.test", "secret", AUTH_FAIL_CREDENTIALS, "inside@demo.test", "", false },
	{ "broken@demo.test", "secret", AUTH_FAIL_TEMPORARY, "broken@demo.test", "", false },
	{ "fast@demo.test", "wrong", AUTH_FAIL_CREDENTIALS, "fast@demo.test", "", true },
	{ "slow@demo.test", "wrong", AUTH_FAIL_CREDENTIALS, "slow@demo.test", "", false },
};

static void failures_look_alike_and_are_late(void **state)
{
	int fd = join(CLIENT_SASL);

	(void)state;
	for (size_t i = 0; i < N_OF(failures); i++) {
		struct auth_failure f;

		start_plain(fd, (uint32_t)i, failures[i].user, failures[i].password, true);
		if (!failures[i].at_once) {
			assert_true(is_silent(fd));
			for (int k = 0; k < 300 && list_is_empty(&t.auth.delayed); k++)
				loop_turn(t.auth.loop, 10);
			loop_advance(t.auth.loop, 1900);
			assert_true(is_silent(fd));
			loop_advance(t.auth.loop, 700);
		}
		if (receive(fd) != auth_failure_type)
			fail_msg("case %zu: type %d", i, reader.type);
		assert_int_equal(auth_failure_get(&reader, &f), RC_OK);
		assert_int_equal(f.id, i);
		if (f.code != failures[i].code)
			fail_msg("case %zu: code %d", i, f.code);
		unit_slice_is(f.user, failures[i].shown, "user");
		unit_slice_is(f.reason, failures[i].reason, "reason");
	}
	assert_int_equal(tokens_count(t.auth.tokens), 0);
	close(fd);
}

/* The time a hash takes is part of the delay, not added to it. */
static void a_costly_hash_is_not_seen(void **state)
{
	int fd = join(CLIENT_SASL);
	struct auth_failure f;

	(void)state;
	start_plain(fd, 1, "slow@demo.test", "wrong", true);
	loop_turn(t.auth.loop, 0);
	loop_advance(t.auth.loop, 1200);
	for (int k = 0; k < 300 && list_is_empty(&t.auth.delayed); k++)
		loop_turn(t.auth.loop, 10);
	loop_advance(t.auth.loop, 700);
	assert_true(is_silent(fd));
	loop_advance(t.auth.loop, 700);
	assert_int_equal(receive(fd), auth_failure_type);
	assert_int_equal(auth_failure_get(&reader, &f), RC_OK);
	close(fd);
}

static void punish(int64_t max_ms)
{
	penalties_free(&t.auth.penalties);
	t.auth.penalties = penalties_new(max_ms);
}

/* Who does not wait for the answer gains nothing: the next guess, even a right one, is not looked
 * at before its time. */
static void guesses_wait(void **state)
{
	int fd = join(CLIENT_SASL);

	(void)state;
	punish(15000);
	start_plain(fd, 1, "alice@demo.test", "wrong", true);
	start_plain(fd, 2, "alice@demo.test", "guess", true);
	start_plain(fd, 3, "alice@demo.test", "secret", true);
	assert_true(is_silent(fd));
	loop_advance(t.auth.loop, 1900);
	assert_true(is_silent(fd));
	assert_int_equal(t.auth.n_requests, 3);
	loop_advance(t.auth.loop, 100);
	assert_int_equal(receive(fd), auth_success_type);
	assert_int_equal(penalties_count(t.auth.penalties), 0);
	loop_advance(t.auth.loop, 500);
	assert_int_equal(receive(fd), auth_failure_type);
	/* one that is held and cancelled, one that is held when a successor takes over */
	start_plain(fd, 4, "alice@demo.test", "wrong", true);
	start_plain(fd, 5, "alice@demo.test", "secret", true);
	start_plain(fd, 6, "alice@demo.test", "secret", true);
	assert_int_equal(auth_cancel_sync(fd, &(struct auth_cancel){ .id = 5 }, NULL), RC_OK);
	assert_true(is_silent(fd));
	assert_false(list_is_empty(&t.auth.held));
	request_end_waiting(&t.auth);
	assert_true(list_is_empty(&t.auth.held));
	assert_int_equal(receive(fd), auth_success_type);
	close(fd);
	for (int i = 0; i < 10 && t.auth.n_requests > 0; i++)
		loop_turn(t.auth.loop, 10);
	assert_int_equal(t.auth.n_requests, 0);
	punish(0);
}

static void a_costly_hash_is_a_workers_work(void **state)
{
	int fd = join(CLIENT_SASL);
	struct auth_success ok;

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		start_plain(fd, i, "slow@demo.test", "secret", false);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(receive(fd), auth_success_type);
		assert_int_equal(auth_success_get(&reader, &ok), RC_OK);
		unit_slice_is(ok.user, "slow@demo.test", "user");
		assert_int_equal(ok.token.n, 0);
	}
	/* gone in the middle of it: nothing is left behind */
	start_plain(fd, 9, "slow@demo.test", "secret", true);
	loop_turn(t.auth.loop, 0);
	close(fd);
	for (int i = 0; i < 300 && t.auth.n_requests > 0; i++)
		loop_turn(t.auth.loop, 10);
	assert_int_equal(t.auth.n_requests, 0);
}

static void login_by_questions(void **state)
{
	int fd = join(CLIENT_SASL);
	struct auth_challenge c;
	struct auth_failure f;

	(void)state;
	for (int round = 0; round < 2; round++) {
		const struct auth_start m = { .id = 1, .service = SLICE_LIT("smtp"),
					      .mechanism = SLICE_LIT("login") };

		assert_int_equal(auth_start_sync(fd, &m, NULL), RC_OK);
		assert_int_equal(receive(fd), auth_challenge_type);
		assert_int_equal(auth_challenge_get(&reader, &c), RC_OK);
		unit_slice_is(c.data, "Username:", "first question");
		assert_int_equal(auth_continue_sync(fd, &(struct auth_continue){
			.id = 1, .data = SLICE_LIT("alice@demo.test") }, NULL), RC_OK);
		assert_int_equal(receive(fd), auth_challenge_type);
		assert_int_equal(auth_challenge_get(&reader, &c), RC_OK);
		unit_slice_is(c.data, "Password:", "second question");
		if (round == 0) {
			assert_int_equal(auth_continue_sync(fd, &(struct auth_continue){
				.id = 1, .data = SLICE_LIT("secret") }, NULL), RC_OK);
			assert_int_equal(receive(fd), auth_success_type);
			continue;
		}
		/* a client that says no more */
		loop_advance(t.auth.loop, REQUEST_PATIENCE_MS + 1);
		loop_turn(t.auth.loop, 0);
		loop_advance(t.auth.loop, 3000);
		assert_int_equal(receive(fd), auth_failure_type);
		assert_int_equal(auth_failure_get(&reader, &f), RC_OK);
		/* its last word crosses the answer: ignored */
		assert_int_equal(auth_continue_sync(fd, &(struct auth_continue){
			.id = 1, .data = SLICE_LIT("secret") }, NULL), RC_OK);
		assert_true(is_silent(fd));
	}
	close(fd);
}

static void a_cancelled_login_is_not_answered(void **state)
{
	int fd = join(CLIENT_SASL);

	(void)state;
	start_plain(fd, 1, "alice@demo.test", "wrong", false);
	assert_true(is_silent(fd));
	assert_int_equal(auth_cancel_sync(fd, &(struct auth_cancel){ .id = 1 }, NULL), RC_OK);
	assert_int_equal(auth_cancel_sync(fd, &(struct auth_cancel){ .id = 77 }, NULL), RC_OK);
	loop_turn(t.auth.loop, 0);
	loop_advance(t.auth.loop, 5000);
	assert_true(is_silent(fd));
	close(fd);
}

static bool is_dropped(int fd)
{
	struct err err = { 0 };

	while (await(fd)) {
		enum rc rc = ipc_sync_recv(fd, &box, &reader, PATIENCE_MS, &err);

		if (rc != RC_OK) {
			close(fd);
			return rc == RC_END;
		}
	}
	return false;
}

static void peers_out_of_line_are_dropped(void **state)
{
	int fd = join(CLIENT_SASL);

	(void)state;
	/* tokens are not for those who make logins */
	(void)!auth_redeem_sync(fd, &(struct auth_redeem){ .service = SLICE_LIT("imap") }, NULL);
	assert_true(is_dropped(fd));
	fd = join(CLIENT_SASL);
	(void)!auth_user_sync(fd, &(struct auth_user){ .user = SLICE_LIT("alice@demo.test") }, NULL);
	assert_true(is_dropped(fd));
	/* logins are not for the brokers */
	fd = join(CLIENT_USERS);
	start_plain(fd, 1, "alice@demo.test", "secret", true);
	assert_true(is_dropped(fd));
	/* a number twice */
	fd = join(CLIENT_SASL);
	start_plain(fd, 1, "alice@demo.test", "wrong", false);
	start_plain(fd, 1, "alice@demo.test", "wrong", false);
	assert_true(is_dropped(fd));
	/* half a message */
	fd = join(CLIENT_SASL);
	assert_int_equal(send(fd, "\1\0\0\0\1", 5, 0), 5);
	assert_true(is_dropped(fd));
}

static uint16_t ask_user(int fd, const char *user)
{
	assert_int_equal(auth_user_sync(fd, &(struct auth_user){
		.id = 5, .user = slice_str(user), .service = SLICE_LIT("lda") }, NULL), RC_OK);
	return receive(fd);
}

static void users_without_a_password(void **state)
{
	int fd = join(CLIENT_USERS);
	struct auth_user_found found;
	struct auth_user_none none;

	(void)state;
	assert_int_equal(ask_user(fd, "SLOW@demo.test"), auth_user_found_type);
	assert_int_equal(auth_user_found_get(&reader, &found), RC_OK);
	unit_slice_is(found.mail_location, "mbox:/mail/slow/m", "its own location");
	unit_slice_is(found.extra, "", "fields of the password database stay there");
	assert_int_equal(ask_user(fd, "new@demo.test"), auth_user_none_type);
	assert_int_equal(auth_user_none_get(&reader, &none), RC_OK);
	assert_false(none.temporary);
	write_users("new@demo.test:{PLAIN}x:1000:1001::/mail/new::\n");
	assert_int_equal(ask_user(fd, "new@demo.test"), auth_user_found_type);
	assert_int_equal(ask_user(fd, "no name at all!"), auth_user_none_type);
	/* a user whom we cannot serve is not unknown: mail for him must wait */
	assert_int_equal(ask_user(fd, "root@demo.test"), auth_user_none_type);
	assert_int_equal(auth_user_none_get(&reader, &none), RC_OK);
	assert_true(none.temporary);
	unlink(t.users);
	assert_int_equal(ask_user(fd, "alice@demo.test"), auth_user_none_type);
	assert_int_equal(auth_user_none_get(&reader, &none), RC_OK);
	assert_true(none.temporary);
	write_users("");
	assert_int_equal(ask_user(fd, "alice@demo.test"), auth_user_found_type);
	close(fd);
}

/* A successor waits: what is being checked ends, tokens are redeemed, nobody else is kept. */
static void draining(void **state)
{
	int sasl = join(CLIENT_SASL), master = join(CLIENT_USERS);
	struct auth_success ok;
	struct auth_failure no;
	char token[TOKEN_BYTES];

	(void)state;
	start_plain(sasl, 1, "slow@demo.test", "secret", true);
	start_plain(sasl, 2, "alice@demo.test", "wrong", true);
	assert_int_equal(auth_start_sync(sasl, &(struct auth_start){
		.id = 3, .mechanism = SLICE_LIT("LOGIN") }, NULL), RC_OK);
	assert_int_equal(receive(sasl), auth_challenge_type);
	auth_drain(&t.auth);
	for (uint32_t id = 3; id >= 2; id--) {
		assert_int_equal(receive(sasl), auth_failure_type);
		assert_int_equal(auth_failure_get(&reader, &no), RC_OK);
	}
	start_plain(sasl, 4, "alice@demo.test", "secret", true);	/* for the successor */
	assert_int_equal(receive(sasl), auth_success_type);
	assert_int_equal(auth_success_get(&reader, &ok), RC_OK);
	assert_int_equal(ok.id, 1);
	memcpy(token, ok.token.p, sizeof(token));
	assert_true(is_silent(sasl));
	assert_true(auth_is_busy(&t.auth));
	assert_int_equal(auth_redeem_sync(master, &(struct auth_redeem){
		.id = 9, .token = slice_make(token, sizeof(token)), .service = SLICE_LIT("imap") },
		NULL), RC_OK);
	assert_int_equal(receive(master), auth_user_found_type);
	assert_false(auth_is_busy(&t.auth));
	t.auth.is_draining = false;
	close(sasl);
	close(master);
}

/* The worker that asks the system, over its own channel. */
static void the_systems_users(void **state)
{
	struct worker_user_found found;
	struct worker_result result;
	struct err err = { 0 };
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	pid = fork();
	if (pid == 0) {
		loop_leave_in_child(t.auth.loop);
		close(fds[0]);
		_exit(worker_system_run(NULL, &fds[1], 1));
	}
	close(fds[1]);
	assert_int_equal(ipc_sync_hello(fds[0], &authworker_proto, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(worker_user_sync(fds[0], &(struct worker_user){
		.id = 1, .user = SLICE_LIT("root") }, &err), RC_OK);
	assert_int_equal(ipc_sync_recv(fds[0], &box, &reader, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(worker_user_found_get(&reader, &found), RC_OK);
	assert_int_equal(found.uid, 0);
	unit_slice_is(found.user, "root", "name");
	assert_int_equal(worker_user_sync(fds[0], &(struct worker_user){
		.id = 2, .user = SLICE_LIT("no-such-user-here") }, &err), RC_OK);
	assert_int_equal(ipc_sync_recv(fds[0], &box, &reader, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(worker_result_get(&reader, &result), RC_OK);
	assert_int_equal(result.id, 2);
	assert_int_equal(result.code, WORKER_UNKNOWN);
	assert_int_equal(worker_pam_sync(fds[0], &(struct worker_pam){
		.id = 3, .service = SLICE_LIT("../dovecot"), .user = SLICE_LIT("root"),
		.password = SLICE_LIT("x") }, &err), RC_OK);
	assert_int_equal(ipc_sync_recv(fds[0], &box, &reader, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(worker_result_get(&reader, &result), RC_OK);
	assert_int_equal(result.code, WORKER_NO);
	/* PAM's file other asks the system, or denies: root's password is not this */
	assert_int_equal(worker_pam_sync(fds[0], &(struct worker_pam){
		.id = 5, .service = SLICE_LIT("other"), .user = SLICE_LIT("root"),
		.password = SLICE_LIT("not the password of root") }, &err), RC_OK);
	assert_int_equal(ipc_sync_recv(fds[0], &box, &reader, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(worker_result_get(&reader, &result), RC_OK);
	assert_int_equal(result.code, WORKER_NO);
	assert_true(slice_starts(result.reason, SLICE_LIT("pam_authenticate() failed: ")));
	if (slice_find(result.reason, SLICE_LIT("Authentication failure")) >= 0)
		assert_true(slice_ends(result.reason,
				       SLICE_LIT("Authentication failure (Password mismatch?)")));
	/* hashes are not its work: the channel is broken off */
	assert_int_equal(worker_verify_sync(fds[0], &(struct worker_verify){ .id = 4 }, &err), RC_OK);
	assert_int_equal(ipc_sync_recv(fds[0], &box, &reader, PATIENCE_MS, &err), RC_END);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 1);
}

/* The public protocol */

static const char hello[] = "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t";

static struct slice read_all(int fd, char *mem, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n < size && !is_silent(fd) && (got = recv(fd, mem + n, size - n, MSG_DONTWAIT)) > 0)
		n += (size_t)got;
	return slice_make(mem, n);
}

static int meet(void)
{
	char mem[2048];
	struct slice got;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	outside_new(&t.auth, fds[0]);
	assert_true(await(fds[1]));
	got = read_all(fds[1], mem, sizeof(mem));
	assert_true(slice_starts(got, slice_str(hello)));
	assert_true(slice_ends(got, SLICE_LIT("\nDONE\n")));
	return fds[1];
}

/* Waits in between "say" for a line's answer: '@' in TEXT lets four seconds go by. */
static struct slice converse(int fd, struct slice text, size_t step, char *mem, size_t size)
{
	struct slice got = { mem, 0 };

	while (text.n > 0) {
		struct slice part = slice_sub(text, 0, step);

		assert_int_equal(send(fd, part.p, part.n, MSG_NOSIGNAL), (ssize_t)part.n);
		text = slice_skip(text, part.n);
		got.n += read_all(fd, mem + got.n, size - got.n).n;
	}
	loop_turn(t.auth.loop, 0);
	loop_advance(t.auth.loop, 4000);
	got.n += read_all(fd, mem + got.n, size - got.n).n;
	return got;
}

static const struct {
	const char *say, *hear;
} dialogues[] = {
	/* Postfix */
	{ "VERSION\t1\t0\nCPID\t1\nAUTH\t1\tPLAIN\tservice=smtp\tnologin\tlip=1.2.3.4\trip=5.6.7.8\t"
	  "secured\tresp=AGFsaWNlQGRlbW8udGVzdABzZWNyZXQ=\n", "OK\t1\tuser=alice@demo.test\n" },
	{ "VERSION\t1\t1\nCPID\t1\nAUTH\t2\tLOGIN\tservice=smtp\tresp=\n"
	  "CONT\t2\tYWxpY2VAZGVtby50ZXN0\nCONT\t2\tc2VjcmV0\n",
	  "CONT\t2\tVXNlcm5hbWU6\nCONT\t2\tUGFzc3dvcmQ6\nOK\t2\tuser=alice@demo.test\n" },
	{ "VERSION\t1\t1\nCPID\t1\nAUTH\t3\tPLAIN\tresp=AGFsaWNlQGRlbW8udGVzdAB3cm9uZw==\n",
	  "FAIL\t3\tuser=alice@demo.test\n" },
	{ "VERSION\t1\t1\nCPID\t1\nAUTH\t3\tPLAIN\tresp=AG9mZkBkZW1vLnRlc3QAc2VjcmV0\n",
	  "FAIL\t3\tuser=off@demo.test\tcode=user_disabled\treason=gone\n" },
	/* a stranger's rubbish fails only him */
	{ "VERSION\t1\t1\nCPID\t1\nAUTH\t1\tPLAIN\tresp=!!!\nAUTH\t2\tPLAIN\tresp=A\tB\n"
	  "AUTH\t3\tFOO\tresp=\nAUTH\t4\tPLAIN\nCONT\t4\t=\n"
	  "AUTH\t5\tPLAIN\tresp=AGFsaWNlQGRlbW8udGVzdABzZWNyZXQ=\n",
	  "CONT\t4\t\nOK\t5\tuser=alice@demo.test\nFAIL\t1\tcode=invalid_base64\n"
	  "FAIL\t2\tcode=invalid_base64\nFAIL\t3\tcode=invalid_base64\n"
	  "FAIL\t4\tcode=invalid_base64\n" },
	{ "VERSION\t1\t1\nCPID\t1\nAUTH\t4\tPLAIN\nCANCEL\t4\nCONT\t4\tAA==\nWHATEVER\tx\n",
	  "CONT\t4\t\n" },
	/* out of order or broken: no word more */
	{ "CPID\t1\nVERSION\t1\t1\n", NULL },
	{ "VERSION\t2\t0\nCPID\t1\n", NULL },
	{ "AUTH\t1\tPLAIN\n", NULL },
	{ "VERSION\t1\t1\nAUTH\t1\tPLAIN\n", NULL },
	{ "VERSION\t1\t1\nCPID\t1\nCPID\t1\n", NULL },
	{ "VERSION\t1\t1\nCPID\t1\nAUTH\tx\tPLAIN\n", NULL },
	{ "\n", NULL },
};

static bool is_gone(int fd)
{
	char c;

	if (!await(fd))
		return false;
	return recv(fd, &c, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
}

/* WANT NULL: auth hangs up. */
static void hold_dialogue(struct slice say, const char *want, size_t step)
{
	char mem[4096];
	int fd = meet();

	if (want != NULL) {
		unit_slice_is(converse(fd, say, step, mem, sizeof(mem)), want, say.p);
	} else {
		for (size_t at = 0; at < say.n; at += step)
			if (send(fd, say.p + at, slice_sub(say, at, step).n, MSG_NOSIGNAL) < 0)
				break;
		if (!is_gone(fd))
			fail_msg("the dialogue goes on: %s", say.p);
	}
	close(fd);
}

static void outsiders(void **state)
{
	static const size_t steps[] = { 1, 7, 100000 };

	(void)state;
	for (size_t i = 0; i < N_OF(dialogues); i++)
		for (size_t k = 0; k < N_OF(steps); k++)
			hold_dialogue(slice_str(dialogues[i].say), dialogues[i].hear, steps[k]);
}

static void outsiders_are_not_too_many(void **state)
{
	unsigned before = t.auth.n_outside;
	int fds[2], fd = meet();
	char c;

	(void)state;
	assert_int_equal(t.auth.n_outside, before + 1);
	t.auth.n_outside = OUTSIDE_MAX;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	outside_new(&t.auth, fds[0]);
	assert_int_equal(recv(fds[1], &c, 1, 0), 0);
	close(fds[1]);
	t.auth.n_outside = before + 1;
	close(fd);
	for (int i = 0; i < 10 && t.auth.n_outside > before; i++)
		loop_turn(t.auth.loop, 10);
	assert_int_equal(t.auth.n_outside, before);
}

static void outsiders_giant_line_and_silence(void **state)
{
	static char big[AUTHPROTO_LINE_MAX + 4096];
	int fd = meet();

	(void)state;
	memset(big, 'A', sizeof(big));
	for (size_t n = 0; n < sizeof(big);) {
		ssize_t put = send(fd, big + n, sizeof(big) - n, MSG_NOSIGNAL);

		loop_turn(t.auth.loop, 0);
		if (put <= 0)
			break;
		n += (size_t)put;
	}
	assert_true(is_gone(fd));
	close(fd);
	fd = meet();
	loop_advance(t.auth.loop, 31000);
	assert_true(is_gone(fd));
	close(fd);
	/* half a request, then gone; one under way, then gone */
	fd = meet();
	assert_true(send(fd, "VERSION\t1\t1\nCPID\t1\nAUTH\t1\tPLAIN\nAUTH\t2\tPL", 42, 0) > 0);
	assert_true(await(fd));
	close(fd);
	for (int i = 0; i < 5; i++)
		loop_turn(t.auth.loop, 0);
	assert_int_equal(t.auth.n_requests, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_and_its_token),
		cmocka_unit_test(failures_look_alike_and_are_late),
		cmocka_unit_test(a_costly_hash_is_not_seen),
		cmocka_unit_test(guesses_wait),
		cmocka_unit_test(a_costly_hash_is_a_workers_work),
		cmocka_unit_test(login_by_questions),
		cmocka_unit_test(a_cancelled_login_is_not_answered),
		cmocka_unit_test(peers_out_of_line_are_dropped),
		cmocka_unit_test(users_without_a_password),
		cmocka_unit_test(draining),
		cmocka_unit_test(the_systems_users),
		cmocka_unit_test(outsiders),
		cmocka_unit_test(outsiders_are_not_too_many),
		cmocka_unit_test(outsiders_giant_line_and_silence),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
