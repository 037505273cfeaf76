/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/daemon/broker.h"
#include "lib/daemon/peer.h"
#include "lib/ipc/anvil.h"
#include "lib/daemon/tables.h"
#include "lib/ipc/control.h"
#include "lib/ipc/proxymap.h"
#include "lib/sys/log.h"
#include "lib/sys/roles.h"
#include "tests/unit/daemon/fake_master.h"
#include "tests/unit/unit.h"

enum { PATIENCE_MS = 60000, CLOCK_ERROR_MS = 20 };

/* A daemon whose sessions echo bytes; role of anvil: sockets and nothing else. */
struct session {
	struct io io;
	struct task gone;
	struct daemon *daemon;
};

static void free_session(struct task *t)
{
	struct session *s = LIST_ENTRY(t, struct session, gone);
	struct daemon *d = s->daemon;

	free(s);
	daemon_session_end(d);
}

static void on_echo(struct io *io, int ready)
{
	struct session *s = LIST_ENTRY(io, struct session, io);
	char mem[256];
	ssize_t n = read(io->fd, mem, sizeof(mem));

	(void)ready;
	if (n > 0) {
		if (memcmp(mem, "crash", 5) == 0)
			abort();
		if (memcmp(mem, "replace", 7) == 0)
			daemon_replace(s->daemon, "tables changed");
		if (memcmp(mem, "poke", 4) == 0)
			daemon_poke(s->daemon, "pickup");
		if (memcmp(mem, "open", 4) == 0)
			n = snprintf(mem, sizeof(mem), "%s", open("/etc/passwd", O_RDONLY) < 0
				     ? strerrorname_np(errno) : "opened");
		if (write(io->fd, mem, (size_t)n) == n)
			return;
	}
	io_stop(io);
	close(io->fd);
	loop_defer(daemon_loop(s->daemon), &s->gone, free_session);
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct session *s = calloc(1, sizeof(*s));

	(void)l;
	s->daemon = d;
	task_init(&s->gone);
	io_init(&s->io, daemon_loop(d), fd, on_echo);
	io_want(&s->io, IO_READ);
	daemon_session_begin(d);
}

static void on_wakeup(struct daemon *d)
{
	log_info(NULL, "woken as %s", daemon_service(d));
}

static void on_drain(struct daemon *d)
{
	log_info(NULL, "draining %u", daemon_sessions(d));
}

static const struct daemon_spec echo = { .name = "anvil", .on_accept = on_accept,
					 .on_wakeup = on_wakeup, .on_drain = on_drain };

static void say(int fd, const char *text, const char *want)
{
	char mem[64];
	ssize_t n;

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	n = read(fd, mem, sizeof(mem) - 1);
	mem[n > 0 ? n : 0] = '\0';
	assert_string_equal(mem, want);
}

static void start_ready(struct fake_master *m, const struct daemon_spec *spec, const char *kind,
			unsigned limit)
{
	struct ipc_reader r;
	struct control_ready ready;

	fake_start(m, spec, "", kind, limit);
	fake_expect(m, control_ready_type, &r);
	assert_int_equal(control_ready_get(&r, &ready), RC_OK);
	assert_int_equal(ready.pid, m->pid);
}

static void it_serves_confined_and_drains(void **state)
{
	struct fake_master m;
	struct ipc_reader r;
	struct control_load load;
	struct err err = { 0 };
	int fd;

	(void)state;
	start_ready(&m, &echo, "stream", 0);
	fd = fake_connect(&m, SOCK_STREAM);
	say(fd, "hello", "hello");
	if (confine_landlock_abi() > 0)		/* sanitized builds may call open() */
		assert_true(write(fd, "open", 4) == 4);
	if (confine_landlock_abi() > 0) {
		char mem[16] = "";

		assert_true(read(fd, mem, sizeof(mem) - 1) > 0);
		assert_true(strcmp(mem, "EPERM") == 0 || strcmp(mem, "EACCES") == 0);
	}
	fake_expect(&m, control_load_type, &r);
	assert_int_equal(control_load_get(&r, &load), RC_OK);
	assert_int_equal(load.sessions, 1);
	assert_int_equal(control_drain_sync(m.control, &(struct control_drain){}, &err), RC_OK);
	fake_expect_log(&m, "draining 1");
	say(fd, "still here", "still here");
	close(fd);
	assert_int_equal(fake_end(&m), 0);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* However long they take: fifty sessions are a hundred changes, and no more messages than seconds. */
static void load_is_told_once_a_second(void **state)
{
	struct fake_master m;
	struct ipc_reader r;
	struct control_load load = { 0 };
	int64_t began, told = 0;
	int fd = -1;

	(void)state;
	start_ready(&m, &echo, "stream", 0);
	began = now_ms();
	for (int i = 0; i < 50; i++) {
		if (fd >= 0)
			close(fd);
		fd = fake_connect(&m, SOCK_STREAM);
		say(fd, "x", "x");
	}
	while (load.sessions != 1 || !fake_is_silent(&m, 300)) {
		fake_expect(&m, control_load_type, &r);
		assert_int_equal(control_load_get(&r, &load), RC_OK);
		told++;
		assert_true(told <= 1 + (now_ms() - began + CLOCK_ERROR_MS) / 1000);
	}
	close(fd);
	assert_int_equal(kill(m.pid, SIGTERM), 0);
	assert_int_equal(fake_end(&m), 0);
}

static void the_limit_stops_accepting(void **state)
{
	struct fake_master m;
	struct ipc_reader r;
	struct control_load load;
	int a, b, c;

	(void)state;
	start_ready(&m, &echo, "stream", 2);
	a = fake_connect(&m, SOCK_STREAM);
	say(a, "a", "a");
	b = fake_connect(&m, SOCK_STREAM);
	say(b, "b", "b");
	c = fake_connect(&m, SOCK_STREAM);
	assert_int_equal(write(c, "c", 1), 1);
	do {
		fake_expect(&m, control_load_type, &r);
		assert_int_equal(control_load_get(&r, &load), RC_OK);
	} while (load.sessions != 2);
	close(a);
	say(c, "", "c");
	close(b);
	close(c);
	assert_int_equal(fake_end(&m), 0);	/* master gone: it ends */
}

static void wakeups_and_triggers(void **state)
{
	struct fake_master m;
	struct err err = { 0 };

	(void)state;
	start_ready(&m, &echo, "trigger", 0);
	assert_int_equal(control_wakeup_sync(m.control, &(struct control_wakeup){}, &err), RC_OK);
	fake_expect_log(&m, "woken as service");
	close(fake_connect(&m, SOCK_STREAM));
	fake_expect_log(&m, "woken as service");
	assert_int_equal(fake_end(&m), 0);
}

static void requests_reach_master(void **state)
{
	struct fake_master m;
	struct ipc_reader r;
	struct control_poke poke;
	struct control_replace_me replace;
	int fd;

	(void)state;
	start_ready(&m, &echo, "stream", 100);
	fd = fake_connect(&m, SOCK_STREAM);
	fake_expect(&m, control_load_type, &r);
	say(fd, "poke", "poke");
	fake_expect(&m, control_poke_type, &r);
	assert_int_equal(control_poke_get(&r, &poke), RC_OK);
	unit_slice_is(poke.service, "pickup", "service");
	say(fd, "replace", "replace");
	fake_expect(&m, control_replace_me_type, &r);
	assert_int_equal(control_replace_me_get(&r, &replace), RC_OK);
	unit_slice_is(replace.reason, "tables changed", "reason");
	close(fd);
	assert_int_equal(fake_end(&m), 0);
}

/* A malformed packet from master is our own fault, and ends it. */
static void a_bad_control_packet_ends_it(void **state)
{
	struct fake_master m;

	(void)state;
	start_ready(&m, &echo, "stream", 0);
	assert_int_equal(send(m.control, "\x03\x00\x00\x00junk", 8, 0), 8);
	assert_int_equal(fake_end(&m), 0);
}

/* A reader who was away finds all that was kept, though nothing happens any more. */
static void flood(struct daemon *d)
{
	char text[1500];

	(void)d;
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 600; i++)
		log_info(NULL, "%d %.*s", i, (int)sizeof(text), text);
}

static void a_slow_log_reader_gets_the_rest(void **state)
{
	static const struct daemon_spec flooder = { .name = "anvil", .on_wakeup = flood };
	struct fake_master m;
	struct err err = { 0 };

	(void)state;
	start_ready(&m, &flooder, "trigger", 0);
	assert_int_equal(control_wakeup_sync(m.control, &(struct control_wakeup){}, &err), RC_OK);
	poll(NULL, 0, 500);
	fake_expect_log(&m, "log lines were lost");	/* said when the last has left */
	assert_int_equal(fake_end(&m), 0);
}

/* Faults are all told, then it refuses to start. */
static void faulty_prepare(struct daemon *d, struct faults *faults)
{
	(void)d;
	faults_add(faults, true, "main.cf", 7, "mend it", "first fault");
	faults_add(faults, true, NULL, 0, NULL, "second fault");
}

static void faults_end_the_start(void **state)
{
	static const struct daemon_spec faulty = { .name = "anvil", .prepare = faulty_prepare };
	struct fake_master m;

	(void)state;
	fake_start(&m, &faulty, "", "stream", 0);
	fake_expect_log(&m, "first fault");
	fake_expect_log(&m, "second fault");
	assert_int_equal(fake_end(&m), 1);
}

/* Parameters that refer to $stress change with the load. */
static struct {
	int64_t wait_ms;
	bool is_strict;
	const char *word;
} stressed_params;

static void tell_stress(struct daemon *d)
{
	(void)d;
	log_info(NULL, "wait %lld strict %d word %s", (long long)stressed_params.wait_ms,
		 stressed_params.is_strict, stressed_params.word);
}

static void stress_changes_parameters(void **state)
{
	static const struct param_spec specs[] = {
		{ PARAM_TIME, "smtpd_timeout", "${stress?{10}:{300}}s", 0, 0, "",
		  offsetof(typeof(stressed_params), wait_ms), "" },
		{ PARAM_BOOL, "strict_rfc821_envelopes", "${stress?{yes}:{no}}", 0, 0, "",
		  offsetof(typeof(stressed_params), is_strict), "" },
		{ PARAM_STR, "mail_name", "x${stress}", 0, 0, "",
		  offsetof(typeof(stressed_params), word), "" },
	};
	static const struct daemon_spec spec = {
		.name = "anvil", .params = specs, .n_params = N_OF(specs),
		.params_out = &stressed_params, .on_wakeup = tell_stress };
	static const bool turns[] = { true, true, false };
	struct fake_master m;
	struct ipc_reader r;
	struct err err = { 0 };

	(void)state;
	fake_start(&m, &spec, "strict_rfc821_envelopes = ${stress?{yes}:{no}}\n", "stream", 0);
	fake_expect(&m, control_ready_type, &r);
	close(fake_connect(&m, SOCK_STREAM));
	fake_expect_log(&m, "wait 300000 strict 0 word Postfix");
	for (size_t i = 0; i < N_OF(turns); i++) {
		assert_int_equal(control_stress_sync(m.control, &(struct control_stress){
			.on = turns[i] }, &err), RC_OK);
		assert_int_equal(control_wakeup_sync(m.control, &(struct control_wakeup){},
						     &err), RC_OK);
		fake_expect_log(&m, turns[i] ? "wait 10000 strict 1 word Postfix"
					     : "wait 300000 strict 0 word Postfix");
	}
	assert_int_equal(fake_end(&m), 0);
}

/* Peers: asked of master, made anew after a break. */
static struct peer peer;

static void on_up(struct peer *p)
{
	log_info(NULL, "up");
	anvil_connect_send(&p->chan, &(struct anvil_connect){ .id = 5, .key = SLICE_LIT("k") });
}

static void on_down(struct peer *p, const struct err *why)
{
	(void)p;
	log_info(NULL, "down: %s", why->text);
}

static enum rc start_peer(struct daemon *d, struct err *err)
{
	(void)err;
	peer_init(&peer, d, "anvil", &(struct peer_ops){ &anvil_proto, NULL, 0, on_up, on_down },
		  NULL);
	peer_start(&peer);
	peer_start(&peer);
	return RC_OK;
}

/* The daemon asks for a connection: ready comes among the first messages. */
static uint32_t next_ask(struct fake_master *m)
{
	struct ipc_reader r;
	struct control_connect ask;

	fake_expect(m, control_connect_type, &r);
	assert_int_equal(control_connect_get(&r, &ask), RC_OK);
	unit_slice_is(ask.service, "anvil", "service");
	return ask.id;
}

static void peers_come_through_master(void **state)
{
	static const struct daemon_spec with_peer = { .name = "anvil", .start = start_peer };
	struct fake_master m;
	struct ipc_inbox box;
	struct ipc_reader r;
	struct anvil_connect hello;
	struct err err = { 0 };
	uint32_t id;
	int fds[2];

	(void)state;
	fake_start(&m, &with_peer, "", "stream", 0);
	id = next_ask(&m);
	fake_expect(&m, control_ready_type, &r);
	assert_int_equal(control_refused_sync(m.control, &(struct control_refused){
		.id = id, .reason = SLICE_LIT("not now") }, &err), RC_OK);
	fake_expect_log(&m, "down: service anvil: not now");
	for (int i = 0; i < 2; i++) {
		id = next_ask(&m);
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
		assert_int_equal(control_connected_sync(m.control, &(struct control_connected){
			.id = id, .fd = fds[1] }, &err), RC_OK);
		assert_int_equal(ipc_sync_hello(fds[0], &anvil_proto, PATIENCE_MS, &err), RC_OK);
		assert_int_equal(ipc_sync_recv(fds[0], &box, &r, PATIENCE_MS, &err), RC_OK);
		assert_int_equal(anvil_connect_get(&r, &hello), RC_OK);
		assert_int_equal(hello.id, 5);
		close(fds[0]);
		fake_expect_log(&m, "down: ");
	}
	assert_int_equal(fake_end(&m), 0);
}

/* Brokers */
static int job_main(void *arg, int *fds, size_t n_fds)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s %zu %d %d", (const char *)arg, n_fds,
			 (int)getuid(), fcntl(3, F_GETFD) < 0 && fcntl(8, F_GETFD) < 0);

	return write(fds[0], text, (size_t)n) == n && write(fds[1], "!", 1) == 1 ? 7 : 1;
}

static void on_job_exit(void *arg, pid_t pid, int status)
{
	log_info(NULL, "%s ended with %d, pid %d", (const char *)arg, WEXITSTATUS(status),
		 pid > 0);
}

static const char *const job_roles[] = { "imap-job", NULL };

static enum rc start_broker(struct daemon *d, struct err *err)
{
	return broker_init(d, 1, job_roles, err);
}

/* Nobody's account; 65534, "nobody", is the suite's own user here. */
enum { JOB_UID = 60001, OWN_UID = 65534 };

static void job_for(struct daemon *d, int fd, const struct listener *l)
{
	uid_t me = daemon_is_rootless(d) ? getuid() : JOB_UID;
	int fds[2] = { fd, fd };
	struct job_spec spec = { .uid = me, .gid = me, .role = "imap-job", .fds = fds,
				 .n_fds = 2, .run = job_main, .arg = (char *)"job",
				 .on_exit = on_job_exit };
	struct err err = { 0 };

	(void)l;
	assert_int_equal(broker_run(d, &spec, NULL, &err), RC_OK);
	assert_int_equal(broker_run(d, &spec, NULL, &err), RC_LIMIT);
	spec.role = "auth-worker";
	assert_int_equal(broker_run(d, &spec, NULL, &err), RC_PERM);
	spec.role = "imap-job";
	spec.uid = 0;
	if (!daemon_is_rootless(d))
		assert_int_equal(broker_run(d, &spec, NULL, &err), RC_DENIED);
	spec.uid = OWN_UID;
	if (!daemon_is_rootless(d))
		assert_int_equal(broker_run(d, &spec, NULL, &err), RC_DENIED);
	close(fd);
}

static void brokers_make_jobs(void **state)
{
	static const struct daemon_spec broker = { .name = "imapd", .start = start_broker,
						   .on_accept = job_for };
	struct fake_master m;
	char want[64], got[64];
	int fd;

	(void)state;
	start_ready(&m, &broker, "stream", 0);
	fd = fake_connect(&m, SOCK_STREAM);
	snprintf(want, sizeof(want), "job 2 %d 1!", geteuid() == 0 ? JOB_UID : (int)getuid());
	memset(got, 0, sizeof(got));
	for (size_t n = 0; n < strlen(want);) {
		ssize_t more = read(fd, got + n, sizeof(got) - 1 - n);

		if (more <= 0)
			break;
		n += (size_t)more;
	}
	assert_string_equal(got, want);
	assert_int_equal(read(fd, got, 1), 0);
	fake_expect_log(&m, "job ended with 7, pid 1");
	close(fd);
	assert_int_equal(fake_end(&m), 0);
}

/* The way to a job's directory is closed to a broker's root, and the directory is not there. */
static char job_home[] = "/tmp/buzon-job-XXXXXX", job_box[80];

static int write_box(void *arg, int *fds, size_t n_fds)
{
	char path[96];
	int fd;

	(void)arg;
	(void)n_fds;
	snprintf(path, sizeof(path), "%s/message", job_box);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	dprintf(fds[0], "%s %s", fd >= 0 ? "written" : strerrorname_np(errno),
		open("/etc/passwd", O_RDONLY) < 0 ? "closed" : "open");
	return 0;
}

static void box_job_for(struct daemon *d, int fd, const struct listener *l)
{
	static const char *const paths[] = { job_box, NULL };
	uid_t me = daemon_is_rootless(d) ? getuid() : JOB_UID;
	struct job_spec spec = { .uid = me, .gid = me, .role = "imap-job", .paths = paths,
				 .makes_paths = true, .fds = &fd, .n_fds = 1, .run = write_box };
	struct err err = { 0 };

	(void)l;
	assert_int_equal(broker_run(d, &spec, NULL, &err), RC_OK);
	close(fd);
}

static void jobs_reach_their_own_directories(void **state)
{
	static const struct daemon_spec broker = { .name = "imapd", .start = start_broker,
						   .on_accept = box_job_for };
	char got[64] = "", path[100];
	struct fake_master m;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(job_home));
	snprintf(job_box, sizeof(job_box), "%s/new/box", job_home);
	if (geteuid() == 0)
		assert_int_equal(chown(job_home, JOB_UID, JOB_UID), 0);
	start_ready(&m, &broker, "stream", 0);
	fd = fake_connect(&m, SOCK_STREAM);
	assert_true(read(fd, got, sizeof(got) - 1) > 0);
	assert_string_equal(got, confine_landlock_abi() > 0 ? "written closed" : "written open");
	close(fd);
	assert_int_equal(fake_end(&m), 0);
	snprintf(path, sizeof(path), "%s/message", job_box);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(job_box), 0);
	snprintf(path, sizeof(path), "%s/new", job_home);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(job_home), 0);
}

/* A helper stays what the daemon was, beside it. */
static int helper_fd;

static void helper_main(struct daemon *d, int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "helper %d", (int)getuid());

	assert_int_equal(write(fd, text, (size_t)n), n);
	daemon_exit(d, 0);
}

static void fork_helper(struct daemon *d, struct faults *faults)
{
	struct err err = { 0 };

	if (daemon_fork_helper(d, "local-broker", helper_main, &helper_fd, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, NULL, "%s", err.text);
}

static enum rc hear_helper(struct daemon *d, struct err *err)
{
	char text[32] = "";

	(void)d;
	if (read(helper_fd, text, sizeof(text) - 1) <= 0)
		return err_sys(err, "helper");
	log_info(NULL, "front %d heard %s", (int)getuid(), text);
	return RC_OK;
}

static void a_helper_keeps_its_user(void **state)
{
	static const struct daemon_spec front = { .name = "anvil", .prepare = fork_helper,
						  .start = hear_helper };
	struct fake_master m;
	char want[64];

	(void)state;
	start_ready(&m, &front, "stream", 0);
	snprintf(want, sizeof(want), "front %d heard helper %d",
		 geteuid() == 0 ? 65534 : (int)getuid(), (int)getuid());
	fake_expect_log(&m, want);
	assert_int_equal(fake_end(&m), 0);
}

/* A table of proxymap's: the computation is run again when the answer has come. */
static struct {
	struct table *table;
	struct table_memo memo;
	struct arena arena;
} asker;

static void compute(struct table_memo *m)
{
	struct slice value;
	struct err err = { 0 };

	switch (table_lookup(asker.table, m, SLICE_LIT("alice"), &value, &err)) {
	case RC_OK: log_info(NULL, "found %.*s", SLICE_ARG(value)); break;
	case RC_TEMP: log_info(NULL, "failed for now"); break;
	case RC_MORE: log_info(NULL, "asked"); break;
	default: log_info(NULL, "odd"); break;
	}
}

static void open_table(struct daemon *d, struct faults *faults)
{
	struct err err = { 0 };

	daemon_use_tables(d);
	if (table_open("unix:passwd.byname", "hash", 0, &asker.table, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, NULL, "%s", err.text);
	arena_init(&asker.arena, 10000);
}

static void ask_table(struct daemon *d)
{
	(void)d;
	table_memo_done(&asker.memo);
	table_memo_init(&asker.memo, &asker.arena, compute, NULL);
	compute(&asker.memo);
}

static int play_proxymap(struct fake_master *m, struct proxymap_ask *ask, struct ipc_inbox *box)
{
	struct control_connect connect;
	struct ipc_reader r;
	struct err err = { 0 };
	int fds[2];

	fake_expect(m, control_connect_type, &r);
	assert_int_equal(control_connect_get(&r, &connect), RC_OK);
	unit_slice_is(connect.service, "proxymap", "service");
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_int_equal(control_connected_sync(m->control, &(struct control_connected){
		.id = connect.id, .fd = fds[1] }, &err), RC_OK);
	assert_int_equal(ipc_sync_hello(fds[0], &proxymap_proto, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(ipc_sync_recv(fds[0], box, &r, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(proxymap_ask_get(&r, ask), RC_OK);
	return fds[0];
}

static void tables_are_asked_of_proxymap(void **state)
{
	static const struct daemon_spec asking = { .name = "smtpd", .prepare = open_table,
						   .on_wakeup = ask_table };
	struct fake_master m;
	struct proxymap_ask ask;
	struct ipc_inbox box;
	struct err err = { 0 };
	int fd;

	(void)state;
	start_ready(&m, &asking, "trigger", 0);
	assert_int_equal(control_wakeup_sync(m.control, &(struct control_wakeup){}, &err), RC_OK);
	fake_expect_log(&m, "asked");
	fd = play_proxymap(&m, &ask, &box);
	unit_slice_is(ask.table, "unix:passwd.byname", "table");
	unit_slice_is(ask.key, "alice", "key");
	assert_int_equal(proxymap_answer_sync(fd, &(struct proxymap_answer){
		.id = ask.id, .value = SLICE_LIT("alice:x:1") }, &err), RC_OK);
	fake_expect_log(&m, "found alice:x:1");
	assert_int_equal(control_wakeup_sync(m.control, &(struct control_wakeup){}, &err), RC_OK);
	fake_expect_log(&m, "asked");
	close(fd);			/* proxymap dies with the question unanswered */
	fd = play_proxymap(&m, &ask, &box);
	unit_slice_is(ask.key, "alice", "key, asked again");
	assert_int_equal(proxymap_answer_sync(fd, &(struct proxymap_answer){
		.id = ask.id, .value = SLICE_LIT("alice:x:2") }, &err), RC_OK);
	fake_expect_log(&m, "found alice:x:2");
	assert_int_equal(fake_end(&m), 0);
}

static void a_check_prints_every_fault(void **state)
{
	static const struct daemon_spec faulty = { .name = "anvil", .prepare = faulty_prepare };
	char *argv[] = { (char *)"anvil", (char *)"-c", (char *)"/nonexistent", NULL };
	char text[1024] = "";
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		setenv("BUZON_CHECK", "1", 1);
		_exit(daemon_main(3, argv, &faulty));
	}
	close(fds[1]);
	for (size_t n = 0; n < sizeof(text) - 1;) {
		ssize_t got = read(fds[0], text + n, sizeof(text) - 1 - n);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_non_null(strstr(text, "F\t0\t\t\tcannot open /nonexistent/main.cf"));
	assert_non_null(strstr(text, "F\t7\tmain.cf\tmend it\tfirst fault\n"));
	assert_non_null(strstr(text, "F\t0\t\t\tsecond fault\n"));
}

static void by_hand_it_explains_itself(void **state)
{
	char *argv[] = { (char *)"anvil", NULL };

	(void)state;
	unsetenv("BUZON_LISTEN");
	assert_int_equal(daemon_main(1, argv, &echo), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_serves_confined_and_drains),
		cmocka_unit_test(load_is_told_once_a_second),
		cmocka_unit_test(the_limit_stops_accepting),
		cmocka_unit_test(wakeups_and_triggers),
		cmocka_unit_test(requests_reach_master),
		cmocka_unit_test(a_bad_control_packet_ends_it),
		cmocka_unit_test(a_slow_log_reader_gets_the_rest),
		cmocka_unit_test(faults_end_the_start),
		cmocka_unit_test(stress_changes_parameters),
		cmocka_unit_test(peers_come_through_master),
		cmocka_unit_test(brokers_make_jobs),
		cmocka_unit_test(jobs_reach_their_own_directories),
		cmocka_unit_test(a_helper_keeps_its_user),
		cmocka_unit_test(tables_are_asked_of_proxymap),
		cmocka_unit_test(a_check_prints_every_fault),
		cmocka_unit_test(by_hand_it_explains_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
