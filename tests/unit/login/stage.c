/* SPDX-License-Identifier: ISC */
#include "tests/unit/login/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/sys/log.h"

enum { TURN = 0x20 };

struct stage t;

/* --- a filter that is no secret --- */

static int shake(struct conn_filter *f, int fd)
{
	char c;

	(void)f;
	if (recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) != 1)
		return FILTER_WANT_READ;
	if (c != '!')
		return FILTER_FAILED;
	(void)!recv(fd, &c, 1, 0);
	return 1;
}

static ssize_t turn_read(struct conn_filter *f, int fd, void *p, size_t n)
{
	ssize_t got = recv(fd, p, n, MSG_DONTWAIT);

	(void)f;
	for (ssize_t i = 0; i < got; i++)
		((char *)p)[i] ^= TURN;
	if (got < 0)
		return errno == EAGAIN ? FILTER_WANT_READ : FILTER_FAILED;
	return got;
}

static ssize_t turn_write(struct conn_filter *f, int fd, const void *p, size_t n)
{
	char *copy = malloc(n);
	ssize_t put;

	(void)f;
	for (size_t i = 0; i < n; i++)
		copy[i] = (char)(((const char *)p)[i] ^ TURN);
	put = send(fd, copy, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(copy);
	if (put < 0)
		return errno == EAGAIN ? FILTER_WANT_WRITE : FILTER_FAILED;
	return put;
}

static bool nothing_pending(struct conn_filter *f)
{
	(void)f;
	return false;
}

static void no_shutdown(struct conn_filter *f, int fd)
{
	(void)f;
	(void)fd;
}

static void free_filter(struct conn_filter *f)
{
	free(f);
}

static const char *filter_error(struct conn_filter *f)
{
	(void)f;
	return "no exclamation mark";
}

static struct conn_filter *make_filter(struct tls_server *s)
{
	static const struct conn_filter_ops ops = {
		shake, turn_read, turn_write, nothing_pending, no_shutdown, free_filter,
		filter_error,
	};
	struct conn_filter *f = calloc(1, sizeof(*f));

	(void)s;
	f->ops = &ops;
	return f;
}

/* --- the stage --- */

void turns(int n)
{
	for (int i = 0; i < n; i++)
		loop_turn(t.login.loop, 0);
}

bool await(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int i = 0; i < 200; i++) {
		turns(1);
		if (poll(&p, 1, 1) > 0)
			return true;
	}
	return false;
}

static int join(struct peer *p, const struct ipc_proto *proto)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	peer_start(p);
	p->connect_id = 1;
	peer_connected(&t.daemon, 1, fds[0]);
	assert_true(await(fds[1]));
	assert_int_equal(ipc_sync_hello(fds[1], proto, 1000, NULL), RC_OK);
	return fds[1];
}

void auth_speaks_up(void)
{
	t.auth = join(&t.login.auth, &auth_proto);
	assert_int_equal(auth_mechanisms_sync(t.auth, &(struct auth_mechanisms){
		.plaintext = SLICE_LIT("PLAIN LOGIN") }, NULL), RC_OK);
	turns(3);
}

void begin(const struct proto *proto, const char *main_cf, bool with_auth)
{
	struct faults faults;
	struct conf *conf = conf_new("/");
	int fds[2];

	memset(&t, 0, sizeof(t));
	t.auth = t.broker = -1;
	arena_init(&t.arena, 1 << 20);
	faults_init(&faults, &t.arena);
	conf_parse(conf, "main.cf", slice_str(main_cf), &faults);
	params_load(login_params_specs, login_params_count, conf, &t.arena, &t.params, &faults);
	assert_int_equal(faults.fatal_count, 0);
	conf_free(&conf);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
	t.log = fds[1];
	log_set_fd(fds[0]);
	log_open(LOG_SINK_POSTLOG, fds[0], "login", 0);
	log_as_dovecot(proto == &proto_imap ? "imap-login" : "pop3-login");
	t.daemon.loop = loop_new();
	t.daemon.is_helper = true;
	list_init(&t.daemon.peers);
	loop_fake_clock(t.daemon.loop, 1700000000);
	login_init(&t.login, &t.daemon, t.daemon.loop, &t.params, proto, LOGIN_TLS_MAY,
		   (struct tls_server *)&t);
	t.login.make_filter = make_filter;
	if (with_auth)
		auth_speaks_up();
}

void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void end(void)
{
	close_fd(&t.auth);
	close_fd(&t.broker);
	turns(5);
	assert_int_equal(t.daemon.sessions, 0);
	assert_int_equal(t.login.n_strangers, 0);
	assert_int_equal(hash_count(&t.login.by_addr), 0);
	login_done(&t.login);
	turns(2);
	loop_free(&t.daemon.loop);
	close_fd(&t.log);
	arena_done(&t.arena);
}

/* A client without an address, which counts as one of this machine. */
int client(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	session_new(&t.login, fds[0]);
	turns(2);
	return fds[1];
}

void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	turns(3);
}

void hear(int fd, const char *want)
{
	static char mem[65536];
	ssize_t n;

	turns(3);
	n = recv(fd, mem, sizeof(mem), MSG_DONTWAIT);
	unit_slice_is(slice_make(mem, n > 0 ? (size_t)n : 0), want, "the client hears");
}

bool is_closed(int fd)
{
	char c;
	ssize_t n;

	turns(4);
	n = recv(fd, &c, 1, MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno == ECONNRESET);
}

void logged(const char *want)
{
	char mem[2048];
	ssize_t n;

	turns(3);
	n = recv(t.log, mem, sizeof(mem) - 1, MSG_DONTWAIT);
	mem[n > 0 ? n : 0] = '\0';
	if (strstr(mem, want) == NULL)
		fail_msg("log: \"%s\", want \"%s\"", mem, want);
}

static struct ipc_inbox box;
struct ipc_reader reader;

void from(int fd, uint16_t type)
{
	assert_true(await(fd));
	assert_int_equal(ipc_sync_recv(fd, &box, &reader, 1000, NULL), RC_OK);
	assert_int_equal(reader.type, type);
}

uint32_t asked(const char *mech, struct slice initial)
{
	struct auth_start m;

	from(t.auth, auth_start_type);
	assert_int_equal(auth_start_get(&reader, &m), RC_OK);
	unit_slice_is(m.mechanism, mech, "mechanism");
	assert_int_equal(m.has_initial, initial.p != NULL);
	assert_true(slice_eq(m.initial, initial));
	assert_true(m.wants_token);
	unit_slice_is(m.service, t.login.proto->service, "service");
	return m.id;
}

void accept_login(uint32_t id)
{
	assert_int_equal(auth_success_sync(t.auth, &(struct auth_success){
		.id = id, .user = SLICE_LIT("alice@demo.test"), .token = SLICE_LIT("12345678") },
		NULL), RC_OK);
	turns(3);
}

void refuse_login(uint32_t id, unsigned code)
{
	const struct auth_failure m = { .id = id, .code = (uint8_t)code,
					.user = SLICE_LIT("alice@demo.test") };

	assert_int_equal(auth_failure_sync(t.auth, &m, NULL), RC_OK);
	turns(3);
}

/* The descriptor handed over. */
int handed(struct login_handover *m)
{
	if (t.broker < 0)
		t.broker = join(&t.login.broker, &login_proto);
	from(t.broker, login_handover_type);
	assert_int_equal(login_handover_get(&reader, m), RC_OK);
	unit_slice_is(m->token, "12345678", "token");
	unit_slice_is(m->user, "alice@demo.test", "user");
	return m->client;
}

void start_job(uint32_t id)
{
	assert_int_equal(login_started_sync(t.broker, &(struct login_started){ .id = id, .pid = 77 },
					    NULL), RC_OK);
	turns(3);
}


int greeted(void)
{
	int c = client();

	hear(c, GREETING);
	return c;
}

/* Client C gives its password; the number under which auth is asked. */
uint32_t login_of(int c)
{
	say(c, "a LOGIN alice@demo.test secret\r\n");
	return asked("PLAIN", SECRET_PLAIN);
}

void challenge(int c, uint32_t id, const char *text, const char *heard)
{
	assert_int_equal(auth_challenge_sync(t.auth, &(struct auth_challenge){
		.id = id, .data = slice_str(text) }, NULL), RC_OK);
	hear(c, heard);
}

/* Through the filter, in the test's own clothes. */
void say_tls(int fd, const char *text)
{
	char mem[512];
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		mem[i] = (char)(text[i] ^ TURN);
	assert_int_equal(send(fd, mem, n, MSG_NOSIGNAL), (ssize_t)n);
	turns(3);
}

void hear_tls(int fd, const char *want)
{
	char mem[4096];
	ssize_t n;

	turns(4);
	n = recv(fd, mem, sizeof(mem), MSG_DONTWAIT);
	for (ssize_t i = 0; i < n; i++)
		mem[i] ^= TURN;
	unit_slice_is(slice_make(mem, n > 0 ? (size_t)n : 0), want, "the client hears");
}
