/* SPDX-License-Identifier: ISC */
#include "tests/unit/daemon/fake_master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/ipc/control.h"
#include "tests/unit/unit.h"

enum { PATIENCE_MS = 60000 };

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int open_listener(struct fake_master *m, const char *kind)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int type = strcmp(kind, "packet") == 0 ? SOCK_SEQPACKET : SOCK_STREAM;
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);

	snprintf(m->socket, sizeof(m->socket), "%s/socket", m->dir);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", m->socket);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static _Noreturn void run_child(struct fake_master *m, const struct daemon_spec *spec,
				const char *kind, unsigned limit, int control, int log, int listener)
{
	char *argv[] = { (char *)spec->name, (char *)"-c", m->dir, (char *)"-n",
			 (char *)"service", NULL };
	char text[64];
	int high[3] = { fcntl(control, F_DUPFD, 20), fcntl(log, F_DUPFD, 20),
			fcntl(listener, F_DUPFD, 20) };

	close(m->control);
	close(m->log);
	for (int i = 0; i < 3; i++)
		dup2(high[i], 3 + i);
	close_range(6, ~0U, 0);
	snprintf(text, sizeof(text), "%s:private/service", kind);
	setenv("BUZON_LISTEN", text, 1);
	setenv("BUZON_LOG", "postlog", 1);
	snprintf(text, sizeof(text), "%u", limit);
	setenv("BUZON_SESSION_LIMIT", text, 1);
	_exit(daemon_main(5, argv, spec));
}

void fake_start(struct fake_master *m, const struct daemon_spec *spec, const char *main_cf,
		const char *kind, unsigned limit)
{
	char text[1024];
	int control[2], log[2], listener;
	struct err err = { 0 };

	*m = (struct fake_master){ .dir = "/tmp/buzon-daemon-XXXXXX" };
	assert_non_null(mkdtemp(m->dir));
	assert_int_equal(chmod(m->dir, 0755), 0);
	snprintf(text, sizeof(text), "queue_directory = %s\ndata_directory = %s\n"
		 "mail_owner = nobody\nnet_owner = nobody\nauth_owner = nobody\n%s",
		 m->dir, m->dir, main_cf);
	write_file(m->dir, "main.cf", text);
	listener = open_listener(m, kind);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, log), 0);
	m->control = control[0];
	m->log = log[0];
	m->pid = fork();
	assert_true(m->pid >= 0);
	if (m->pid == 0)
		run_child(m, spec, kind, limit, control[1], log[1], listener);
	close(control[1]);
	close(log[1]);
	close(listener);
	if (ipc_sync_hello(m->control, &control_proto, PATIENCE_MS, &err) != RC_OK)
		(void)0;	/* a daemon that refuses to start has none; the test looks on */
}

void fake_expect(struct fake_master *m, uint16_t type, struct ipc_reader *r)
{
	struct err err = { 0 };

	if (ipc_sync_recv(m->control, &m->box, r, PATIENCE_MS, &err) != RC_OK)
		fail_msg("message %u expected, got none: %s", type, err.text);
	if (r->type != type)
		fail_msg("message %u expected, got %u", type, r->type);
}

bool fake_is_silent(struct fake_master *m, int ms)
{
	struct pollfd p = { .fd = m->control, .events = POLLIN };

	return poll(&p, 1, ms) == 0;
}

int fake_connect(struct fake_master *m, int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", m->socket);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

int fake_end(struct fake_master *m)
{
	char path[128];
	int status;

	close(m->control);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	close(m->log);
	unlink(m->socket);
	snprintf(path, sizeof(path), "%s/main.cf", m->dir);
	unlink(path);
	rmdir(m->dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void fake_expect_log(struct fake_master *m, const char *text)
{
	struct pollfd p = { .fd = m->log, .events = POLLIN };
	char line[4096] = "";
	ssize_t n;

	while (poll(&p, 1, PATIENCE_MS) > 0) {
		n = recv(m->log, line, sizeof(line) - 1, 0);
		if (n <= 0)
			break;
		line[n] = '\0';
		if (strstr(line, text) != NULL)
			return;
	}
	fail_msg("no log line with \"%s\"; the last was \"%s\"", text, line);
}
