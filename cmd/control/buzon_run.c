/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/control/buzon.h"
#include "lib/sys/roles.h"

enum { STOP_PATIENCE_MS = 15000, POLL_MS = 20, TELL_EVERY_MS = 1000 };

static bool read_or_tell(struct suite *s)
{
	if (suite_read(s))
		return true;
	suite_print_faults(s, false);
	return false;
}

/* Starting */

static _Noreturn void exec_master(const struct suite *s, int ready_fd)
{
	char path[PATH_MAX], fd[16];

	snprintf(path, sizeof(path), "%s/master", s->daemon_directory);
	snprintf(fd, sizeof(fd), "%d", ready_fd);
	if (ready_fd < 0)
		execl(path, "master", "-i", "-c", s->config_dir, NULL);
	else
		execl(path, "master", "-r", fd, "-c", s->config_dir, NULL);
	say("fatal", "%s: %s", path, strerror(errno));
	_exit(1);
}

/* A session of its own, so that no terminal takes it along. */
static int start_in_background(struct suite *s)
{
	int fds[2], status = 0;
	char c;
	ssize_t n;
	pid_t pid;

	if (pipe(fds) != 0) {
		say("fatal", "pipe: %s", strerror(errno));
		return 1;
	}
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		setsid();
		exec_master(s, fds[1]);
	}
	close(fds[1]);
	do
		n = read(fds[0], &c, 1);
	while (n < 0 && errno == EINTR);
	close(fds[0]);
	if (n == 1)
		return 0;
	if (pid > 0)
		waitpid(pid, &status, 0);
	say("fatal", "mail system startup failed");
	return 1;
}

static bool is_fit(struct suite *s)
{
	suite_build_indexes(s);
	suite_check(s);
	if (suite_print_faults(s, false) == 0)
		return true;
	say("fatal", "Postfix integrity check failed!");
	return false;
}

int command_start(struct suite *s, bool in_foreground)
{
	if (!read_or_tell(s))
		return 1;
	if (suite_running(s) != 0) {
		say("fatal", "the Postfix mail system is already running");
		return 1;
	}
	if (!is_fit(s))
		return 1;
	if (confine_landlock_abi() == 0)
		say("warning", "this kernel has no Landlock: processes are confined by user and "
		    "system call filter only, not by path");
	if (!in_foreground && s->maillog_file[0] == '\0' && access("/dev/log", F_OK) != 0)
		say("warning", "nothing will be logged: there is no /dev/log here, and "
		    "maillog_file is not set");
	say("", "starting the Postfix mail system");
	if (in_foreground)
		exec_master(s, -1);
	return start_in_background(s);
}

/* Stopping */

static bool wait_stopped(const struct suite *s, int patience_ms)
{
	for (int ms = 0; suite_running(s) != 0; ms += POLL_MS) {
		if (ms >= patience_ms)
			return false;
		if (ms > 0 && ms % TELL_EVERY_MS == 0)
			say("", "waiting for the Postfix mail system to terminate");
		poll(NULL, 0, POLL_MS);
	}
	return true;
}

int command_stop(struct suite *s, bool abruptly)
{
	pid_t pid;

	if (!read_or_tell(s))
		return 1;
	pid = suite_running(s);
	if (pid == 0) {
		say("fatal", "the Postfix mail system is not running");
		return 1;
	}
	say("", "%s the Postfix mail system", abruptly ? "aborting" : "stopping");
	if (kill(pid, abruptly ? SIGQUIT : SIGTERM) != 0) {
		say("fatal", "signal process %d: %s", (int)pid, strerror(errno));
		return 1;
	}
	if (wait_stopped(s, STOP_PATIENCE_MS))
		return 0;
	say("warning", "stopping the Postfix mail system with force");
	kill(pid, SIGKILL);	/* its processes end when they see it gone */
	return wait_stopped(s, STOP_PATIENCE_MS) ? 0 : 1;
}

/* Reloading */

int command_reload(struct suite *s)
{
	unsigned generation = 0;
	pid_t pid;

	if (!read_or_tell(s))
		return 1;
	pid = suite_running(s);
	if (pid == 0) {
		say("fatal", "the Postfix mail system is not running");
		return 1;
	}
	suite_build_indexes(s);
	suite_check(s);
	if (suite_print_faults(s, false) > 0) {
		say("fatal", "not reloaded: what was read before stays in force");
		return 1;
	}
	say("", "refreshing the Postfix mail system");
	status_generation(s, &generation);
	if (kill(pid, SIGHUP) != 0) {
		say("fatal", "signal process %d: %s", (int)pid, strerror(errno));
		return 1;
	}
	if (status_wait_reloaded(s, generation))
		return status_all_listen(s) ? 0 : 1;
	say("warning", "the new configuration is not in force yet; the log says why");
	return 1;
}

int command_flush(struct suite *s)
{
	char path[PATH_MAX];

	if (!read_or_tell(s))
		return 1;
	snprintf(path, sizeof(path), "%s/postqueue", s->command_directory);
	execl(path, "postqueue", "-c", s->config_dir, "-f", NULL);
	say("fatal", "%s: %s", path, strerror(errno));
	return 1;
}
