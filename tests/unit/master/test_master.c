/* SPDX-License-Identifier: ISC */
/* The real master with a stand-in for the programs. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/ipc/status.h"
#include "tests/unit/unit.h"

enum { PATIENCE_S = 60, TRIES = 1200, TRY_MS = 50, PORT_MIN = 21000, PORT_MAX = 31000 };

static char top[64];
static char build_dir[512];
static pid_t master;
static int log_pipe = -1;
static char log_text[65536];
static size_t log_n;

/* Put in place whole: a process may be reading it. */
static void write_file(const char *name, const char *text)
{
	char path[128], fresh[140];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	f = fopen(fresh, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(rename(fresh, path), 0);
}

static void write_main_cf(const char *more)
{
	char text[2048];

	snprintf(text, sizeof(text), "queue_directory = %s/spool\ndata_directory = %s/data\n"
		 "daemon_directory = %s/bin\nmail_owner = nobody\nauth_owner = nobody\n"
		 "net_owner = nobody\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n"
		 "service_workers = 2\nimport_environment = ASAN_OPTIONS\n%s", top, top, top, more);
	write_file("main.cf", text);
}

static void read_log(int wait_ms)
{
	struct pollfd p = { .fd = log_pipe, .events = POLLIN };
	ssize_t n;

	while (poll(&p, 1, wait_ms) > 0) {
		n = read(log_pipe, log_text + log_n, sizeof(log_text) - 1 - log_n);
		if (n <= 0)
			return;
		log_n += (size_t)n;
		log_text[log_n] = '\0';
		wait_ms = 0;
	}
}

/* Wait until the log holds TEXT, and forget what came before it. */
static void expect_log(const char *text)
{
	time_t end = time(NULL) + PATIENCE_S;
	char *at;

	while ((at = strstr(log_text, text)) == NULL && time(NULL) < end)
		read_log(100);
	if (at == NULL)
		fail_msg("no \"%s\" in the log:\n%s", text, log_text);
	at += strlen(text);
	log_n -= (size_t)(at - log_text);
	memmove(log_text, at, log_n + 1);
}

static void start_master(const char *main_cf, const char *master_cf)
{
	char config[80], path[600];
	int fds[2], ready[2];
	char c = 0;

	log_n = 0;
	log_text[0] = '\0';
	write_main_cf(main_cf);
	write_file("master.cf", master_cf);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pipe(ready), 0);
	snprintf(config, sizeof(config), "%s", top);
	snprintf(path, sizeof(path), "%s/master/master", build_dir);
	master = fork();
	if (master == 0) {
		dup2(ready[1], 3);
		dup2(fds[1], 2);
		dup2(fds[1], 1);
		close_range(4, ~0U, 0);
		execl(path, "master", "-i", "-r", "3", "-c", config, NULL);
		_exit(127);
	}
	close(fds[1]);
	close(ready[1]);
	log_pipe = fds[0];
	if (read(ready[0], &c, 1) != 1) {
		read_log(1000);
		fail_msg("master does not start: %s", log_text);
	}
	close(ready[0]);
}

static int stop_master(int signo)
{
	int status;

	if (signo != 0)
		kill(master, signo);
	assert_int_equal(waitpid(master, &status, 0), master);
	master = 0;
	read_log(0);
	close(log_pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int dial(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* One line out, one line back. */
static const char *ask(int fd, const char *line)
{
	static char mem[512];
	size_t n = 0;

	dprintf(fd, "%s\n", line);
	while (n < sizeof(mem) - 1 && read(fd, mem + n, 1) == 1 && mem[n] != '\n')
		n++;
	mem[n] = '\0';
	return mem;
}

static int ask_number(int fd, const char *line)
{
	return atoi(ask(fd, line));
}

/* Three ports that nobody uses: below those the kernel gives to clients, since the tests of another
 * tree may run at the same time. */
static int port, port2, port3;
static char address[32], address2[32], address3[32], one_service[80];

static bool is_free(int number)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	bool is;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	is = bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	close(fd);
	return is;
}

static void choose_ports(void)
{
	port = PORT_MIN + getpid() * 3 % (PORT_MAX - PORT_MIN);
	while (!is_free(port) || !is_free(port + 1) || !is_free(port + 2))
		port = port + 3 < PORT_MAX ? port + 3 : PORT_MIN;
	port2 = port + 1;
	port3 = port + 2;
	snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	snprintf(address2, sizeof(address2), "127.0.0.1:%d", port2);
	snprintf(address3, sizeof(address3), "127.0.0.1:%d", port3);
	snprintf(one_service, sizeof(one_service), "%s inet n - n - 10 smtpd\n", address);
}

static void it_starts_on_demand_and_stops(void **state)
{
	char path[96];
	int fd, pid;

	(void)state;
	start_master("", one_service);
	expect_log("daemon started");
	fd = dial(port);
	assert_true(fd >= 0);
	pid = ask_number(fd, "pid");
	assert_true(pid > 1 && kill(pid, 0) == 0);
	assert_string_equal(ask(fd, "service"), address);
	snprintf(path, sizeof(path), "%s/spool/pid/master.pid", top);
	assert_int_equal(access(path, R_OK), 0);
	assert_int_equal(stop_master(SIGTERM), 0);
	assert_int_equal(kill(pid, 0), -1);
	assert_non_null(strstr(log_text, "terminating on signal 15"));
	close(fd);
}

static void a_second_master_is_refused(void **state)
{
	char config[80], path[600];
	int status;
	pid_t pid;

	(void)state;
	start_master("", one_service);
	snprintf(config, sizeof(config), "%s", top);
	snprintf(path, sizeof(path), "%s/master/master", build_dir);
	pid = fork();
	if (pid == 0) {
		close(2);
		execl(path, "master", "-c", config, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void a_crash_is_followed_by_a_restart(void **state)
{
	int fd, first, second;

	(void)state;
	start_master("service_workers = 1\n", one_service);
	fd = dial(port);
	first = ask_number(fd, "pid");
	assert_string_equal(ask(fd, "crash"), "");
	expect_log("killed by signal 6");
	close(fd);
	fd = dial(port);
	second = ask_number(fd, "pid");
	assert_true(second > 1 && second != first);
	assert_string_equal(ask(fd, "exit 3"), "");
	expect_log("exit status 3");
	close(fd);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void killing_it_again_and_again_does_not_slow_it(void **state)
{
	int fd, pid;

	(void)state;
	start_master("service_workers = 1\n", one_service);
	/* 250 ms each; doubled, the last would wait longer than our patience */
	for (int i = 0; i < 9; i++) {
		fd = dial(port);
		pid = ask_number(fd, "pid");
		assert_true(pid > 1 && kill(pid, SIGKILL) == 0);
		expect_log("killed by signal 9");
		close(fd);
	}
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void a_bad_startup_is_throttled(void **state)
{
	int fd;

	(void)state;
	start_master("service_workers = 1\nmail_name = broken\nservice_throttle_time = 1s\n",
		     one_service);
	fd = dial(port);
	expect_log("mail_name is broken");
	expect_log("bad command startup -- throttling");
	write_main_cf("service_workers = 1\nservice_throttle_time = 1s\nmail_name = mended\n");
	assert_string_equal(ask(fd, "stamp"), "mended");	/* the client has waited */
	close(fd);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void a_missing_program_is_throttled(void **state)
{
	char path[96];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/bin/smtpd", top);
	start_master("service_workers = 1\n", one_service);
	assert_int_equal(unlink(path), 0);
	fd = dial(port);
	expect_log("bad command startup -- throttling");
	close(fd);
	assert_int_equal(symlink("dummy", path), 0);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void a_reload_keeps_sessions(void **state)
{
	int old, fresh, first, second;

	(void)state;
	start_master("service_workers = 1\nmail_name = one\n", one_service);
	old = dial(port);
	first = ask_number(old, "pid");
	assert_string_equal(ask(old, "stamp"), "one");
	write_main_cf("service_workers = 1\nmail_name = two\n");
	kill(master, SIGHUP);
	expect_log("reload -- version");
	for (int i = 0;; i++) {
		assert_true(i < TRIES);
		fresh = dial(port);
		second = ask_number(fresh, "pid");
		if (second != first)
			break;
		close(fresh);
		poll(NULL, 0, TRY_MS);
	}
	assert_string_equal(ask(fresh, "stamp"), "two");
	assert_string_equal(ask(old, "stamp"), "one");	/* still served by the old one */
	close(old);
	for (int i = 0; i < TRIES && kill(first, 0) == 0; i++)
		poll(NULL, 0, TRY_MS);
	assert_int_equal(kill(first, 0), -1);		/* and then it ended */
	close(fresh);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void a_faulty_reload_changes_nothing(void **state)
{
	int fd;

	(void)state;
	start_master("mail_name = one\n", one_service);
	write_file("master.cf", "wonder unix - - n - - nosuchprogram\n");
	kill(master, SIGHUP);
	expect_log("there is no program nosuchprogram");
	expect_log("reload refused");
	fd = dial(port);
	assert_string_equal(ask(fd, "stamp"), "one");
	close(fd);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void services_come_and_go_with_a_reload(void **state)
{
	char text[80];
	int fd, old;

	(void)state;
	start_master("service_workers = 1\n", one_service);
	old = dial(port);
	assert_true(ask_number(old, "pid") > 0);
	snprintf(text, sizeof(text), "%s inet n - n - 10 smtpd\n", address2);
	write_file("master.cf", text);
	kill(master, SIGHUP);
	expect_log("reload -- version");
	for (int i = 0; (fd = dial(port2)) < 0; i++) {
		assert_true(i < TRIES);
		poll(NULL, 0, TRY_MS);
	}
	assert_string_equal(ask(fd, "service"), address2);
	for (int i = 0, gone; (gone = dial(port)) >= 0; i++) {
		close(gone);		/* the draining process has not closed its copy yet */
		assert_true(i < TRIES);
		poll(NULL, 0, TRY_MS);
	}
	assert_true(ask_number(old, "sessions") == 1);
	close(old);
	close(fd);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void the_process_limit_counts_sessions(void **state)
{
	char text[80];
	int a, b, c;
	struct pollfd p = { .events = POLLIN };

	(void)state;
	snprintf(text, sizeof(text), "%s inet n - n - 2 smtpd\n", address);
	start_master("service_workers = 2\n", text);
	a = dial(port);
	b = dial(port);
	assert_true(ask_number(a, "pid") > 0);
	assert_true(ask_number(b, "pid") > 0);
	expect_log("has reached its process limit \"2\"");
	expect_log("stress on");
	c = dial(port);		/* the kernel accepts it, nobody serves it */
	dprintf(c, "pid\n");
	p.fd = c;
	assert_int_equal(poll(&p, 1, 500), 0);
	close(a);
	assert_true(atoi(ask(c, "pid")) > 0);
	close(b);
	close(c);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static unsigned mode_of(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/spool/%s", top, name);
	return lstat(path, &st) == 0 ? st.st_mode : 0;
}

static void wakeups_come_at_once_and_again(void **state)
{
	(void)state;
	start_master("", "pickup unix n - n 1 1 pickup\n");
	assert_int_equal(mode_of("public/pickup"), S_IFSOCK | 0666);
	expect_log("woken as pickup");
	expect_log("woken as pickup");
	assert_int_equal(stop_master(SIGTERM), 0);
	start_master("", "pickup fifo n - n 1 1 pickup\n");
	assert_int_equal(mode_of("public/pickup"), S_IFIFO | 0666);
	expect_log("woken as pickup");
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void peers_are_made_by_role(void **state)
{
	int fd;

	(void)state;
	start_master("service_workers = 1\n", one_service);
	fd = dial(port);
	assert_string_equal(ask(fd, "peer anvil"), "up");
	assert_non_null(strstr(ask(fd, "peer qmgr"), "not allowed for this role"));
	assert_non_null(strstr(ask(fd, "peer auth-worker"), "not allowed for this role"));
	expect_log("role smtpd may not connect to service qmgr");
	for (int i = 0; i < 2500; i++)
		assert_int_equal(write(fd, "peer anvil\n", 11), 11);
	expect_log("asks for too many connections");
	close(fd);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void a_process_may_ask_for_its_successor(void **state)
{
	int fd, first, second = 0;

	(void)state;
	start_master("service_workers = 1\n", one_service);
	fd = dial(port);
	first = ask_number(fd, "pid");
	dprintf(fd, "replace\n");
	expect_log("replacing smtpd");
	for (int i = 0; i < TRIES; i++) {
		int other = dial(port);

		second = ask_number(other, "pid");
		close(other);
		if (second != first)
			break;
		poll(NULL, 0, TRY_MS);
	}
	assert_true(second > 0 && second != first);
	assert_int_equal(ask_number(fd, "pid"), first);
	close(fd);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void without_master_the_processes_end(void **state)
{
	int fd, pid;

	(void)state;
	start_master("service_workers = 1\n", one_service);
	fd = dial(port);
	pid = ask_number(fd, "pid");
	assert_int_equal(stop_master(SIGKILL), 1000 + SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);		/* it has become our child */
	close(fd);
	start_master("service_workers = 1\n", one_service);	/* and the spool is free */
	assert_int_equal(stop_master(SIGTERM), 0);
}

static unsigned count_status(int fd, const char *service, unsigned *ret_sessions)
{
	struct ipc_inbox box;
	struct ipc_reader r;
	struct status_process p;
	struct err err = { 0 };
	unsigned n = 0;

	*ret_sessions = 0;
	assert_int_equal(status_ask_sync(fd, &(struct status_ask){}, &err), RC_OK);
	do {
		assert_int_equal(ipc_sync_recv(fd, &box, &r, PATIENCE_S * 1000, &err), RC_OK);
		if (r.type != status_process_type)
			continue;
		assert_int_equal(status_process_get(&r, &p), RC_OK);
		if (slice_is(p.service, service)) {
			n += p.pid != 0;
			*ret_sessions += p.sessions;
		}
	} while (r.type != status_end_type);
	return n;
}

static void status_tells_what_runs(void **state)
{
	struct err err = { 0 };
	char path[108];
	unsigned sessions;
	int fd, client;

	(void)state;
	start_master("", one_service);
	snprintf(path, sizeof(path), "%s/spool/pid/master.status", top);
	assert_int_equal(ipc_sync_connect(path, &fd, &err), RC_OK);
	assert_int_equal(ipc_sync_hello(fd, &status_proto, PATIENCE_S * 1000, &err), RC_OK);
	assert_int_equal(count_status(fd, address, &sessions), 0);
	client = dial(port);
	assert_true(ask_number(client, "pid") > 0);
	for (int i = 0; i < TRIES; i++) {
		assert_int_equal(count_status(fd, address, &sessions), 2);
		if (sessions == 1)
			break;
		poll(NULL, 0, TRY_MS);
	}
	assert_int_equal(sessions, 1);
	close(client);
	close(fd);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static int take_port(int number)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* At a reload what cannot be opened is tried again; what can is open at once. */
static void a_port_in_use_is_tried_again(void **state)
{
	char text[200];
	int taken, fd;

	(void)state;
	start_master("service_throttle_time = 1s\n", one_service);
	taken = take_port(port3);
	snprintf(text, sizeof(text), "%s inet n - n - 10 smtpd\n%s inet n - n - 10 smtpd\n",
		 address3, address2);
	write_file("master.cf", text);
	kill(master, SIGHUP);
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "bind %s (another program listens there", address3);
		expect_log(text);
	}
	fd = dial(port2);
	assert_string_equal(ask(fd, "service"), address2);
	close(fd);
	close(taken);
	snprintf(text, sizeof(text), "service %s: all its sockets are open now", address3);
	expect_log(text);
	fd = dial(port3);
	assert_string_equal(ask(fd, "service"), address3);
	close(fd);
	assert_int_equal(stop_master(SIGTERM), 0);
}

static void a_port_in_use_is_named(void **state)
{
	int fd = take_port(port2), fds[2], status;
	char config[80], path[600], text[2048];
	ssize_t n;
	pid_t pid;

	(void)state;
	write_main_cf("");
	snprintf(config, sizeof(config), "%s inet n - n - - smtpd\n", address2);
	write_file("master.cf", config);
	assert_int_equal(pipe(fds), 0);
	snprintf(config, sizeof(config), "%s", top);
	snprintf(path, sizeof(path), "%s/master/master", build_dir);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 2);
		execl(path, "master", "-c", config, NULL);
		_exit(127);
	}
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 1);
	if (strstr(text, address2) == NULL || strstr(text, "another program") == NULL)
		fail_msg("%s", text);
	close(fds[0]);
	close(fd);
}

/* After a failed test. */
static int end_master(void **state)
{
	(void)state;
	if (master > 0) {
		kill(master, SIGQUIT);
		waitpid(master, NULL, 0);
		close(log_pipe);
	}
	master = 0;
	return 0;
}

static int setup(void **state)
{
	static const char *const dirs[] = { "spool", "spool/pid", "spool/private", "spool/public",
					    "data", "bin" };
	static const char *const programs[] = { "smtpd", "pickup", "qmgr", "cleanup", "anvil",
						"bounce", "auth" };
	char path[600], target[600];

	(void)state;
	assert_non_null(getcwd(build_dir, sizeof(build_dir)));
	choose_ports();
	/* process 1 of a container may wait for nobody */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	snprintf(top, sizeof(top), "/tmp/buzon-master-XXXXXX");
	assert_non_null(mkdtemp(top));
	assert_int_equal(chmod(top, 0755), 0);
	for (size_t i = 0; i < N_OF(dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, dirs[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	snprintf(path, sizeof(path), "%s/bin/dummy", top);
	snprintf(target, sizeof(target), "%s/tests/unit/master/dummy", build_dir);
	assert_int_equal(symlink(target, path), 0);
	for (size_t i = 0; i < N_OF(programs); i++) {
		snprintf(path, sizeof(path), "%s/bin/%s", top, programs[i]);
		assert_int_equal(symlink("dummy", path), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	char *argv[] = { (char *)"rm", (char *)"-rf", top, NULL };
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		execvp("rm", argv);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	return 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, end_master)
	const struct CMUnitTest tests[] = {
		T(it_starts_on_demand_and_stops),
		T(a_second_master_is_refused),
		T(a_crash_is_followed_by_a_restart),
		T(killing_it_again_and_again_does_not_slow_it),
		T(a_bad_startup_is_throttled),
		T(a_missing_program_is_throttled),
		T(a_reload_keeps_sessions),
		T(a_faulty_reload_changes_nothing),
		T(services_come_and_go_with_a_reload),
		T(the_process_limit_counts_sessions),
		T(wakeups_come_at_once_and_again),
		T(peers_are_made_by_role),
		T(a_process_may_ask_for_its_successor),
		T(without_master_the_processes_end),
		T(status_tells_what_runs),
		T(a_port_in_use_is_named),
		T(a_port_in_use_is_tried_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
