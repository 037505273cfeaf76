/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/ipc/control.h"
#include "lib/sys/log.h"
#include "master/environment.h"
#include "master/master.h"

enum { FD_CONTROL = 3, FD_LOG = 4, FD_LISTEN = 5, FD_SAFE = 100, EXIT_NO_EXEC = 127,
       STABLE_MS = 10000 };

static const char *program_path(const struct unit *u, char *mem, size_t size)
{
	snprintf(mem, size, "%s/%s", u->generation->config.daemon_directory,
		 u->plan->program->binary);
	return mem;
}

/* Out of the way of the fixed numbers, then into them. */
static void place_fds(const struct unit *u, int control, int log)
{
	int fds[2 + UNIT_SOCKETS_MAX];
	int n = 2 + (int)u->n_sockets;

	fds[0] = control;
	fds[1] = log;
	for (size_t i = 0; i < u->n_sockets; i++)
		fds[2 + i] = u->sockets[i].fd;
	for (int i = 0; i < n; i++)
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FD_SAFE);
	for (int i = 0; i < n; i++)
		dup2(fds[i], FD_CONTROL + i);
	close_range((unsigned)(FD_CONTROL + n), ~0U, 0);
}

static _Noreturn void exec_program(struct unit *u, int control, int log, const char *log_kind)
{
	char path[PATH_MAX];
	sigset_t none;
	char **argv, **env;

	loop_leave_in_child(u->master->loop);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	program_path(u, path, sizeof(path));
	argv = plan_argv(u->plan, u->master->config_dir, &u->generation->arena);
	env = environment_for(u, log_kind);
	place_fds(u, control, log);
	if (argv != NULL && env != NULL)
		execve(path, argv, env);
	_exit(EXIT_NO_EXEC);
}

static void free_process(struct task *t)
{
	struct process *p = LIST_ENTRY(t, struct process, gone);

	ipc_chan_done(&p->control);
	free(p);
}

static void tell_end(const struct process *p, int status)
{
	char path[PATH_MAX];

	program_path(p->unit, path, sizeof(path));
	if (WIFSIGNALED(status))
		log_warn(NULL, "process %s pid %d killed by signal %d", path, (int)p->child.pid,
			 WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_warn(NULL, "process %s pid %d exit status %d", path, (int)p->child.pid,
			 WEXITSTATUS(status));
	if (p->state == PROCESS_STARTING && p->unit->master->stop_step == 0)
		log_warn(NULL, "%s: bad command startup -- throttling", path);
}

static bool is_failure(const struct process *p, int status)
{
	if (p->unit->master->stop_step > 0)
		return false;
	if (p->state == PROCESS_DRAINING && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM)
		return false;
	return p->state == PROCESS_STARTING || WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
}

static void on_exit_of(struct child *c, int status)
{
	struct process *p = LIST_ENTRY(c, struct process, child);
	struct unit *u = p->unit;
	bool failed = is_failure(p, status);

	if (failed)
		tell_end(p, status);
	if (loop_now_ms(u->master->loop) - p->started_ms > STABLE_MS)
		u->failures = 0;
	list_remove(&p->link);
	timer_stop(&p->idle);
	loop_defer(u->master->loop, &p->gone, free_process);
	if (failed && p->state != PROCESS_DRAINING) {
		/* What has a wake-up has work that nobody knocks for: back after the pause. */
		u->restart_pending |= u->plan->service->wakeup_s > 0;
		unit_failed(u, p->state == PROCESS_STARTING,
			    WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	p->child.pid = 0;
	if (u->restart_pending && list_is_empty(&u->processes))
		unit_start(u);
	unit_consider(u);
	master_check_stopped(u->master);
	unit_free_if_done(u);
}

static void on_idle(struct timer *t)
{
	process_drain(LIST_ENTRY(t, struct process, idle));
}

static void watch(struct unit *u, pid_t pid, int control)
{
	struct process *p = mem_new(1, sizeof(*p));

	p->unit = u;
	p->generation = u->generation->number;
	p->started_ms = loop_now_ms(u->master->loop);
	task_init(&p->gone);
	timer_init(&p->idle, u->master->loop, on_idle);
	list_append(&u->processes, &p->link);
	child_watch(&p->child, u->master->loop, pid, on_exit_of);
	requests_attach(p, control);
}

void process_spawn(struct unit *u)
{
	const char *log_kind = "stderr";
	int control[2], log;
	sigset_t all, before;
	pid_t pid;

	u->restart_pending = false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0) {
		log_error(NULL, "socketpair: %s", strerror(errno));
		unit_failed(u, true, false);
		return;
	}
	log = u->plan->program->socket == SOCKET_DGRAM ? -1 : log_socket(u->master, &log_kind);
	if (log < 0)
		log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0)
		exec_program(u, control[1], log, log_kind);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(control[1]);
	close(log);
	if (pid < 0) {
		log_error(NULL, "fork: %s", strerror(errno));
		close(control[0]);
		unit_failed(u, true, false);
		return;
	}
	watch(u, pid, control[0]);
}

static void start_idling(struct process *p)
{
	const struct unit *u = p->unit;

	if (u->plan->program->model == MODEL_WORKERS && p->state == PROCESS_READY &&
	    p->sessions == 0)
		timer_start(&p->idle, u->generation->config.max_idle);
	else
		timer_stop(&p->idle);
}

/* Ready, or with other load than before. */
void process_changed(struct process *p)
{
	struct unit *u = p->unit;

	start_idling(p);
	if (u->wake_pending && p->state == PROCESS_READY) {
		u->wake_pending = false;
		control_wakeup_send(&p->control, &(struct control_wakeup){});
	}
	unit_consider(u);
}

void process_drain(struct process *p)
{
	if (p->state == PROCESS_DRAINING)
		return;
	timer_stop(&p->idle);
	if (p->state == PROCESS_STARTING)
		kill(p->child.pid, SIGTERM);	/* serves nobody yet */
	p->state = PROCESS_DRAINING;
	control_drain_send(&p->control, &(struct control_drain){});
	unit_consider(p->unit);
}

static bool is_log(const struct unit *u)
{
	return u->plan->program->socket == SOCKET_DGRAM;
}

static void signal_some(struct master *m, bool logs, int signo)
{
	LIST_EACH(unode, &m->units) {
		struct unit *u = LIST_ENTRY(unode, struct unit, link);

		if (is_log(u) != logs)
			continue;
		LIST_EACH(node, &u->processes) {
			struct process *p = LIST_ENTRY(node, struct process, link);

			if (signo == 0)
				process_drain(p);
			else
				kill(p->child.pid, signo);
		}
	}
}

static unsigned count_some(const struct master *m, bool logs)
{
	unsigned n = 0;

	LIST_EACH(unode, &m->units) {
		const struct unit *u = LIST_ENTRY(unode, struct unit, link);

		LIST_EACH(node, &u->processes)
			n += is_log(u) == logs;
	}
	return n;
}

void process_signal_others(struct master *m, int signo) { signal_some(m, false, signo); }
void process_signal_log(struct master *m, int signo) { signal_some(m, true, signo); }
unsigned process_count_others(const struct master *m) { return count_some(m, false); }
unsigned process_count_log(const struct master *m) { return count_some(m, true); }
