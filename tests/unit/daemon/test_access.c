/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/daemon/access.h"
#include "lib/ipc/auth.h"
#include "lib/ipc/control.h"
#include "lib/ipc/login.h"
#include "lib/sys/log.h"
#include "lib/sys/roles.h"
#include "tests/unit/daemon/fake_master.h"

/* The broker under test, between a login and an auth that this file plays. */
struct stage {
	struct fake_master m;
	int auth, login;
	struct ipc_inbox auth_box, login_box;
	char mail[128];		/* what auth says of the user */
	uid_t uid;
};

enum { PATIENCE_MS = 60000, JOB_UID = 60001, MAX_USER_IP = 2, MAX_JOBS = 10,
       STILL_HERE_MS = 300 };

/* --- in the daemon --- */

static bool can_write(const char *dir)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/made", dir);
	fd = open(path, O_CREAT | O_WRONLY, S_IRUSR);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Leave the session to the broker, until the client says something or DIR changes. */
static int fall_asleep(const struct access_client *c, int fd, const char *state)
{
	int dir = open(strchr(c->mail_location, ':') + 1, O_RDONLY | O_DIRECTORY);
	bool taken = sleep_down(c->bed, &(struct sleep_down){
		.state = slice_str(state), .client = fd, .dirs = &dir, .n_dirs = 1,
		.last_line = "slept to the end" });

	return taken ? ACCESS_ASLEEP : 1;
}

/* Say what is known of the session, and what the client has said; then sleep again. */
static int wake_up(const struct access_client *c, int fd)
{
	char line[512], said[64], state[64];
	ssize_t got = recv(fd, said, sizeof(said), MSG_DONTWAIT);
	int n;

	snprintf(state, sizeof(state), "%.*s+", SLICE_ARG(c->asleep));
	n = snprintf(line, sizeof(line), "%s|%s|%llu|%.*s\n", c->user, state,
		     (unsigned long long)c->sent_asleep, got > 0 ? (int)got : 0, said);
	if (got == 0)
		log_info(NULL, "last word");
	return got == 0 || write(fd, line, (size_t)n) != n ? 0 : fall_asleep(c, fd, state);
}

/* Tell the client what the job knows, then wait for its end or ours; "deaf" waits for neither,
 * "tired" falls asleep. */
static int serve(const struct access_client *c, int fd)
{
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN }, { .fd = c->stop_fd, .events = POLLIN },
	};
	char line[512];
	int n = snprintf(line, sizeof(line), "%s|%s|%s|%s|%d|%s|%.*s|%d|%d\n", c->user, c->home,
			 c->session, c->command_tag, c->tell_capability, c->remote_addr,
			 SLICE_ARG(c->input), can_write(strchr(c->mail_location, ':') + 1),
			 can_write("/tmp"));

	if (c->asleep.n > 0)
		return wake_up(c, fd);
	if (slice_is(c->input, "tired"))
		return fall_asleep(c, fd, "zz");
	if (write(fd, line, (size_t)n) != n)
		return 1;
	while (slice_is(c->input, "deaf"))
		poll(NULL, 0, 1000);
	poll(p, 2, -1);
	log_info(NULL, "last word");
	return p[1].revents != 0 && write(fd, "bye\n", 4) != 4 ? 1 : 0;
}

static void on_wakeup(struct daemon *d)
{
	(void)d;
	log_info(NULL, "woken");
}

static const struct sleep_words words = {
	.still_here = "still here\n", .still_here_ms = STILL_HERE_MS, .bye = "bye bye\n",
};
static const struct access_spec spec = {
	.service = "imap", .role = "imap-job", .serve = serve, .max_jobs = MAX_JOBS,
	.max_user_ip = MAX_USER_IP, .words = &words,
};

static enum rc start(struct daemon *d, struct err *err)
{
	return access_start(d, &spec, err);
}

/* --- around it --- */

static void connect_auth(struct stage *s, uint32_t id)
{
	struct err err = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_int_equal(control_connected_sync(s->m.control, &(struct control_connected){
		.id = id, .fd = fds[1] }, &err), RC_OK);
	assert_int_equal(ipc_sync_hello(fds[0], &auth_proto, PATIENCE_MS, &err), RC_OK);
	s->auth = fds[0];
}

static uint32_t asked_for_auth(struct stage *s)
{
	struct control_connect ask;
	struct ipc_reader r;

	fake_expect(&s->m, control_connect_type, &r);
	assert_int_equal(control_connect_get(&r, &ask), RC_OK);
	unit_slice_is(ask.service, "auth-master", "service");
	return ask.id;
}

static struct stage *stage_open(uint32_t *ret_ask)
{
	static const struct daemon_spec daemon = { .name = "imapd", .start = start,
						   .on_accept = access_accept,
						   .on_wakeup = on_wakeup };
	struct stage *s = calloc(1, sizeof(*s));
	struct err err = { 0 };
	struct ipc_reader r;

	fake_start(&s->m, &daemon, "", "packet", 0);
	s->uid = geteuid() == 0 ? JOB_UID : geteuid();
	*ret_ask = asked_for_auth(s);
	fake_expect(&s->m, control_ready_type, &r);
	s->login = fake_connect(&s->m, SOCK_SEQPACKET);
	assert_int_equal(ipc_sync_hello(s->login, &login_proto, PATIENCE_MS, &err), RC_OK);
	snprintf(s->mail, sizeof(s->mail), "%s/users", s->m.dir);
	assert_int_equal(mkdir(s->mail, S_IRWXU), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(s->mail, s->uid, s->uid), 0);
	return s;
}

static void stage_close(struct stage *s)
{
	char path[256];

	close(s->login);
	assert_int_equal(fake_end(&s->m), 0);	/* and no job makes anything any more */
	snprintf(path, sizeof(path), "%s/alice/Maildir/made", s->mail);
	unlink(path);
	for (char *slash; (slash = strrchr(path, '/')) >= path + strlen(s->m.dir);) {
		*slash = '\0';
		rmdir(path);
	}
	if (s->auth >= 0)
		close(s->auth);
	free(s);
}

/* Hand over a client that sent INPUT behind its login; returns the client's own end. */
static int hand_over(struct stage *s, uint32_t id, const char *input)
{
	struct err err = { 0 };
	int fds[2];
	struct login_handover m = {
		.id = id, .token = SLICE_LIT("0123456789abcdef"), .user = SLICE_LIT("alice"),
		.command_tag = SLICE_LIT("t1"), .tell_capability = true, .input = slice_str(input),
		.local_addr = SLICE_LIT("127.0.0.1"), .remote_addr = SLICE_LIT("192.0.2.1"),
		.session = SLICE_LIT("unused"),
	};

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	m.client = fds[1];
	assert_int_equal(login_handover_sync(s->login, &m, &err), RC_OK);
	return fds[0];
}

static uint32_t next_redeem(struct stage *s)
{
	struct auth_redeem m;
	struct ipc_reader r;
	struct err err = { 0 };

	assert_int_equal(ipc_sync_recv(s->auth, &s->auth_box, &r, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(r.type, auth_redeem_type);
	assert_int_equal(auth_redeem_get(&r, &m), RC_OK);
	unit_slice_is(m.token, "0123456789abcdef", "token");
	unit_slice_is(m.service, "imap", "service");
	return m.id;
}

static void answer_found(struct stage *s, uint32_t id)
{
	char location[256];
	struct err err = { 0 };
	struct auth_user_found m = {
		.id = id, .user = SLICE_LIT("alice@x"), .uid = s->uid, .gid = s->uid,
		.home = slice_str(s->mail), .session = SLICE_LIT("SESS"),
	};

	snprintf(location, sizeof(location), "maildir:%s/alice/Maildir", s->mail);
	m.mail_location = slice_str(location);
	assert_int_equal(auth_user_found_sync(s->auth, &m, &err), RC_OK);
}

static void expect_started(struct stage *s, uint32_t id)
{
	struct login_started m;
	struct ipc_reader r;
	struct err err = { 0 };

	assert_int_equal(ipc_sync_recv(s->login, &s->login_box, &r, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(r.type, login_started_type);
	assert_int_equal(login_started_get(&r, &m), RC_OK);
	assert_int_equal(m.id, id);
	assert_true(m.pid > 1);
}

static void expect_refused(struct stage *s, uint32_t id, bool temporary, const char *reason)
{
	struct login_refused m;
	struct ipc_reader r;
	struct err err = { 0 };

	assert_int_equal(ipc_sync_recv(s->login, &s->login_box, &r, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(r.type, login_refused_type);
	assert_int_equal(login_refused_get(&r, &m), RC_OK);
	assert_int_equal(m.id, id);
	assert_int_equal(m.temporary, temporary);
	unit_slice_is(m.reason, reason, "reason");
}

static void expect_line(int client, const char *want)
{
	struct pollfd p = { .fd = client, .events = POLLIN };
	char line[512];
	ssize_t n;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	n = read(client, line, sizeof(line) - 1);
	assert_true(n > 0);
	line[n] = '\0';
	assert_string_equal(line, want);
}

/* The job is the user, knows what auth said, has the client's bytes and a directory made for it
 * below one that only the user may enter; nothing else is open to it. */
static void a_client_becomes_a_job(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	char want[512];
	int client;

	(void)state;
	connect_auth(s, ask);
	client = hand_over(s, 7, "a2 NOOP\r\n");
	answer_found(s, next_redeem(s));
	expect_started(s, 7);
	snprintf(want, sizeof(want), "alice@x|%s|SESS|t1|1|192.0.2.1|a2 NOOP\r\n|1|%d\n", s->mail,
		 confine_landlock_abi() == 0);
	expect_line(client, want);
	close(client);
	stage_close(s);
}

static void refused_by_auth(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	struct err err = { 0 };
	char byte;
	int client;

	(void)state;
	connect_auth(s, ask);
	client = hand_over(s, 7, "");
	assert_int_equal(auth_user_none_sync(s->auth, &(struct auth_user_none){
		.id = next_redeem(s), .reason = SLICE_LIT("no such token") }, &err), RC_OK);
	expect_refused(s, 7, false, "no such token");
	fcntl(client, F_SETFL, 0);	/* it is closed after the answer, not before */
	assert_int_equal(read(client, &byte, 1), 0);
	close(client);
	stage_close(s);
}

/* A client that comes before auth is reached waits; one that waits when auth goes is refused. */
static void auth_comes_late_and_goes(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	int client;

	(void)state;
	client = hand_over(s, 8, "");
	assert_true(fake_is_silent(&s->m, 50));
	connect_auth(s, ask);
	(void)next_redeem(s);
	close(s->auth);
	expect_refused(s, 8, true, "Authentication server is not available.");
	ask = asked_for_auth(s);
	connect_auth(s, ask);
	close(client);
	stage_close(s);
}

static void connections_of_a_user_are_counted(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	int clients[MAX_USER_IP + 1];

	(void)state;
	connect_auth(s, ask);
	for (uint32_t i = 0; i <= MAX_USER_IP; i++) {
		clients[i] = hand_over(s, i, "");
		answer_found(s, next_redeem(s));
		if (i < MAX_USER_IP)
			expect_started(s, i);
		else
			expect_refused(s, i, false,
				       "Maximum number of connections from user+IP exceeded");
	}
	/* One less: there is room again. */
	close(clients[0]);
	for (int tries = 0; tries < 1000; tries++) {
		struct ipc_reader r;
		struct err err = { 0 };

		close(clients[MAX_USER_IP]);
		clients[MAX_USER_IP] = hand_over(s, 9, "");
		answer_found(s, next_redeem(s));
		assert_int_equal(ipc_sync_recv(s->login, &s->login_box, &r, PATIENCE_MS, &err),
				 RC_OK);
		if (r.type == login_started_type)
			break;
		assert_true(tries < 999);
		poll(NULL, 0, 20);
	}
	close(clients[1]);
	close(clients[MAX_USER_IP]);
	stage_close(s);
}

/* A login that is not what it was hands over clients without end. */
static void waiting_clients_are_counted(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	int clients[MAX_JOBS + 2];
	char c;

	(void)state;
	for (uint32_t i = 0; i < N_OF(clients); i++)
		clients[i] = hand_over(s, i, "");
	for (uint32_t i = MAX_JOBS; i < N_OF(clients); i++) {
		struct pollfd p = { .fd = clients[i], .events = POLLIN };

		expect_refused(s, i, true, "Server is busy, try again later.");
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		assert_int_equal(read(clients[i], &c, 1), 0);	/* closed here and there */
	}
	connect_auth(s, ask);
	answer_found(s, next_redeem(s));
	expect_started(s, 0);
	for (size_t i = 0; i < N_OF(clients); i++)
		close(clients[i]);
	stage_close(s);
}

/* Login ends while auth thinks: nothing is left of its client. */
static void login_goes(void **state)
{
	uint32_t ask, id;
	struct stage *s = stage_open(&ask);
	struct err err = { 0 };
	char byte;
	int client;

	(void)state;
	connect_auth(s, ask);
	client = hand_over(s, 7, "");
	id = next_redeem(s);
	close(s->login);
	fcntl(client, F_SETFL, 0);
	assert_int_equal(read(client, &byte, 1), 0);
	answer_found(s, id);
	s->login = fake_connect(&s->m, SOCK_SEQPACKET);
	assert_int_equal(ipc_sync_hello(s->login, &login_proto, PATIENCE_MS, &err), RC_OK);
	close(client);
	stage_close(s);
}

/* The way to the log is made anew: a job that was there before is heard on the new one. */
static void jobs_log_after_a_reload(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	struct err err = { 0 };
	int client, log[2];
	char line[512];

	(void)state;
	connect_auth(s, ask);
	client = hand_over(s, 1, "");
	answer_found(s, next_redeem(s));
	expect_started(s, 1);
	fcntl(client, F_SETFL, 0);
	assert_true(read(client, line, sizeof(line)) > 0);	/* it listens from here on */
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, log), 0);
	assert_int_equal(control_log_fd_sync(s->m.control, &(struct control_log_fd){
		.fd = log[1] }, &err), RC_OK);
	assert_int_equal(control_wakeup_sync(s->m.control, &(struct control_wakeup){}, &err),
			 RC_OK);
	close(s->m.log);
	s->m.log = log[0];
	fake_expect_log(&s->m, "woken");	/* on the new way: the old one is not used again */
	close(client);
	fake_expect_log(&s->m, ">: last word");
	/* And so is one that comes afterwards. */
	client = hand_over(s, 2, "");
	answer_found(s, next_redeem(s));
	expect_started(s, 2);
	fcntl(client, F_SETFL, 0);
	assert_true(read(client, line, sizeof(line)) > 0);
	close(client);
	fake_expect_log(&s->m, ">: last word");
	stage_close(s);
}

/* The broker is told to end: jobs say goodbye, those that do not hear are ended. */
static void jobs_are_stopped(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	int polite, deaf;
	char line[512];

	(void)state;
	connect_auth(s, ask);
	polite = hand_over(s, 1, "");
	answer_found(s, next_redeem(s));
	expect_started(s, 1);
	deaf = hand_over(s, 2, "deaf");
	answer_found(s, next_redeem(s));
	expect_started(s, 2);
	fcntl(polite, F_SETFL, 0);
	fcntl(deaf, F_SETFL, 0);
	assert_true(read(polite, line, sizeof(line)) > 0);
	assert_true(read(deaf, line, sizeof(line)) > 0);
	kill(s->m.pid, SIGTERM);
	expect_line(polite, "bye\n");
	assert_int_equal(read(polite, line, sizeof(line)), 0);
	assert_int_equal(read(deaf, line, sizeof(line)), 0);
	fake_expect_log(&s->m, "killed by signal 9");
	close(polite);
	close(deaf);
	stage_close(s);
}

/* The next line that is not the one that keeps the line open, of which *RET_WORDS come before it. */
static void read_behind_words(int client, char *line, size_t size, unsigned *ret_words)
{
	fcntl(client, F_SETFL, 0);
	for (*ret_words = 0;; ++*ret_words) {
		size_t n = 0;

		while (n < size - 1 && read(client, line + n, 1) == 1)
			if (line[n++] == '\n')
				break;
		line[n] = '\0';
		if (strcmp(line, words.still_here) != 0)
			return;
	}
}

/* The session woke up for WHY with STATE, knowing what has been sent; N_BEFORE words were read. */
static void expect_woken(int client, const char *state, const char *why, unsigned n_before)
{
	char line[512], want[512];
	unsigned n;

	read_behind_words(client, line, sizeof(line), &n);
	snprintf(want, sizeof(want), "alice@x|%s|%zu|%s\n", state,
		 (n_before + n) * strlen(words.still_here), why);
	assert_string_equal(line, want);
}

static int fall_asleep_as(struct stage *s, uint32_t id)
{
	int client = hand_over(s, id, "tired");

	answer_found(s, next_redeem(s));
	expect_started(s, id);
	expect_line(client, words.still_here);
	return client;
}

/* A session without a process: its client wakes it, and so does a new name in its directory; it
 * knows what it has written down, and what was sent meanwhile. */
static void sessions_sleep(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	char path[256];
	int client, fd;

	(void)state;
	connect_auth(s, ask);
	client = fall_asleep_as(s, 1);
	assert_int_equal(write(client, "hm?", 3), 3);
	expect_woken(client, "zz+", "hm?", 1);
	expect_line(client, words.still_here);
	snprintf(path, sizeof(path), "%s/alice/Maildir/changed", s->mail);
	fd = open(path, O_CREAT | O_WRONLY, S_IRUSR);
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	expect_woken(client, "zz++", "", 1);
	close(client);
	fake_expect_log(&s->m, ">: last word");
	stage_close(s);
}

static void sleepers_are_counted(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	int clients[MAX_USER_IP + 1];

	(void)state;
	connect_auth(s, ask);
	for (uint32_t i = 0; i < MAX_USER_IP; i++)
		clients[i] = fall_asleep_as(s, i);
	clients[MAX_USER_IP] = hand_over(s, MAX_USER_IP, "");
	answer_found(s, next_redeem(s));
	expect_refused(s, MAX_USER_IP, false, "Maximum number of connections from user+IP exceeded");
	/* One that goes in its sleep makes room: who came a moment earlier has it. */
	close(clients[MAX_USER_IP]);
	clients[MAX_USER_IP] = hand_over(s, 9, "");
	answer_found(s, next_redeem(s));
	close(clients[0]);
	expect_started(s, 9);
	close(clients[1]);
	close(clients[MAX_USER_IP]);
	stage_close(s);
}

static void sleepers_are_told_the_end(void **state)
{
	uint32_t ask;
	struct stage *s = stage_open(&ask);
	char line[512];
	int client;
	unsigned n;

	(void)state;
	connect_auth(s, ask);
	client = fall_asleep_as(s, 1);
	kill(s->m.pid, SIGTERM);
	read_behind_words(client, line, sizeof(line), &n);
	assert_string_equal(line, words.bye);
	assert_int_equal(read(client, line, sizeof(line)), 0);
	fake_expect_log(&s->m, ">: slept to the end");
	close(client);
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_becomes_a_job), cmocka_unit_test(refused_by_auth),
		cmocka_unit_test(auth_comes_late_and_goes),
		cmocka_unit_test(connections_of_a_user_are_counted),
		cmocka_unit_test(waiting_clients_are_counted), cmocka_unit_test(login_goes),
		cmocka_unit_test(jobs_log_after_a_reload), cmocka_unit_test(jobs_are_stopped),
		cmocka_unit_test(sessions_sleep), cmocka_unit_test(sleepers_are_counted),
		cmocka_unit_test(sleepers_are_told_the_end),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
