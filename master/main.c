/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/sys/log.h"
#include "lib/sys/stdfds.h"
#include "master/master.h"

enum { DRAIN_MS = 1000, TERM_MS = 4000, KILL_MS = 1000, NOFILE_WANTED = 65536, NOFILE_MIN = 256,
       EXIT_USAGE = 64 };

/* Stopping: each step is harder than the one before. */
enum { STEP_RUNNING, STEP_DRAIN, STEP_TERM, STEP_KILL };

static _Noreturn void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static _Noreturn void fail(const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (log_fd() >= 0)
		log_at(LOG_LEVEL_FATAL, NULL, "%s", text);
	fprintf(stderr, "master: fatal: %s\n", text);
	exit(1);
}

/* Stopping */

static void stop_step(struct master *m, int step)
{
	m->stop_step = step;
	switch (step) {
	case STEP_DRAIN:
		process_signal_others(m, 0);
		timer_start(&m->kill_timer, DRAIN_MS);
		break;
	case STEP_TERM:
		process_signal_others(m, SIGTERM);
		timer_start(&m->kill_timer, TERM_MS);
		break;
	default:
		process_signal_others(m, SIGKILL);
		process_signal_log(m, SIGTERM);
		timer_start(&m->kill_timer, KILL_MS);
	}
	master_check_stopped(m);
}

static void on_kill_timer(struct timer *t)
{
	struct master *m = LIST_ENTRY(t, struct master, kill_timer);

	if (m->stop_step == STEP_KILL)
		process_signal_log(m, SIGKILL);
	stop_step(m, m->stop_step < STEP_KILL ? m->stop_step + 1 : STEP_KILL);
}

void master_check_stopped(struct master *m)
{
	if (m->stop_step == STEP_RUNNING || process_count_others(m) > 0)
		return;
	if (process_count_log(m) > 0)
		process_signal_log(m, 0);	/* it writes what it has got, then ends */
	else
		loop_stop(m->loop);
}

static void stop(struct master *m, int signo, int step)
{
	if (m->stop_step == STEP_RUNNING)
		log_info(NULL, "terminating on signal %d", signo);
	if (m->stop_step < step)
		stop_step(m, step);
}

static void on_sigterm(struct sig *s)
{
	stop(LIST_ENTRY(s, struct master, sigterm), s->signo, STEP_DRAIN);
}

static void on_sigint(struct sig *s)
{
	stop(LIST_ENTRY(s, struct master, sigint), s->signo, STEP_DRAIN);
}

static void on_sigquit(struct sig *s)
{
	stop(LIST_ENTRY(s, struct master, sigquit), s->signo, STEP_TERM);
}

static void on_sighup(struct sig *s)
{
	master_reload(LIST_ENTRY(s, struct master, sighup));
}

/* As process 1 everybody's orphans are ours; that the loop reaps them is all they need. */
static void on_orphan(struct loop *loop, pid_t pid, int status)
{
	(void)loop;
	(void)pid;
	(void)status;
}

/* Starting */

/* Held as long as master lives: the lock, not the number, says that it runs. */
static int lock_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		fail("open lock file %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		fail("open lock file %s: unable to set exclusive lock: %s "
		     "(is another master running?)", path, strerror(errno));
	return fd;
}

static void write_pid(int fd)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) != 0 || fchmod(fd, 0644) != 0 || write(fd, text, (size_t)n) != n)
		fail("write the process id: %s", strerror(errno));
}

static void take_locks(struct master *m)
{
	const struct master_config *c = &m->generation->config;
	char path[4096];

	snprintf(path, sizeof(path), "%s/master.pid", c->process_id_directory);
	m->pid_fd = lock_file(path);
	snprintf(path, sizeof(path), "%s/master.lock", c->data_directory);
	lock_file(path);
	write_pid(m->pid_fd);
}

static void raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	if (r.rlim_max < NOFILE_WANTED && geteuid() == 0)
		r.rlim_max = NOFILE_WANTED;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0 && getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	if (r.rlim_cur < NOFILE_MIN)
		fail("%llu open files are allowed (ulimit -n), and %d are needed",
		     (unsigned long long)r.rlim_cur, NOFILE_MIN);
}

/* Every socket that cannot be opened is named before the end. */
static void open_units(struct master *m)
{
	unsigned faults = 0;

	for (const struct plan_unit *p = m->generation->plan.units; p != NULL; p = p->next) {
		struct unit *u = unit_new(m, m->generation, p);
		struct err err = { 0 };

		if (unit_open(u, &err) == RC_OK)
			continue;
		log_error(NULL, "%s", err.text);
		fprintf(stderr, "master: %s\n", err.text);
		faults++;
	}
	if (faults > 0)
		fail("%u services cannot be opened", faults);
}

static void confine(struct master *m)
{
	struct role_env env = { .is_rootless = m->is_rootless };
	struct err err = { 0 };

	if (role_enter(role_find("master"), &env, NULL, &err) != RC_OK)
		fail("%s", err.text);
	if (confine_landlock_abi() == 0)
		log_warn(NULL, "this kernel has no Landlock: processes are confined by user and "
			 "system call filter only, not by path");
}

static void start_signals(struct master *m)
{
	signal(SIGPIPE, SIG_IGN);
	sig_start(&m->sighup, m->loop, SIGHUP, on_sighup);
	sig_start(&m->sigterm, m->loop, SIGTERM, on_sigterm);
	sig_start(&m->sigint, m->loop, SIGINT, on_sigint);
	sig_start(&m->sigquit, m->loop, SIGQUIT, on_sigquit);
	timer_init(&m->kill_timer, m->loop, on_kill_timer);
	loop_on_orphan(m->loop, on_orphan);
}

static void start(struct master *m)
{
	struct err err = { 0 };

	m->loop = loop_new();
	if (m->loop == NULL)
		fail("no event loop: %s", strerror(errno));
	m->generation = generation_read(m, true);
	if (m->generation == NULL)
		exit(1);
	if (chdir(m->generation->config.queue_directory) != 0)
		fail("chdir %s: %s", m->generation->config.queue_directory, strerror(errno));
	take_locks(m);
	raise_limits();
	start_signals(m);
	open_units(m);
	master_open_log(m);
	tickets_open(m);
	if (status_open(m, &err) != RC_OK)
		fail("%s", err.text);
	confine(m);
}

/* The command that started us waits for one byte; silence and an end mean failure. */
static void tell_ready(int fd)
{
	if (fd < 0)
		return;
	if (write(fd, "\n", 1) != 1)
		log_warn(NULL, "nobody waits for the start");
	close(fd);
}

static void detach(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return;
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

static int parse(struct master *m, int argc, char **argv, int *ret_ready_fd)
{
	uint32_t fd;
	int opt;

	while ((opt = getopt(argc, argv, "c:ir:v")) != -1) {
		switch (opt) {
		case 'c': m->config_dir = optarg; break;
		case 'i': m->is_foreground = true; break;
		case 'v': log_set_verbose(1); break;
		case 'r':
			if (num_u32(slice_str(optarg), 1000, &fd) == RC_OK)
				*ret_ready_fd = (int)fd;
			break;
		default: return EXIT_USAGE;
		}
	}
	return optind == argc ? 0 : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct master *m = mem_new(1, sizeof(*m));
	int ready_fd = -1, rc;

	stdfds_open();
	m->config_dir = BUZON_CONFIG_DIR;
	m->is_rootless = geteuid() != 0;
	list_init(&m->units);
	rc = parse(m, argc, argv, &ready_fd);
	if (rc != 0) {
		fprintf(stderr, "usage: master [-i] [-v] [-c config_directory]; "
			"started by \"buzon start\"\n");
		return rc;
	}
	umask(077);
	log_open(LOG_SINK_STDERR, -1, "postfix/master", LOG_MAIL);
	start(m);
	log_info(NULL, "daemon started -- version %s, configuration %s",
		 m->generation->config.mail_version, m->config_dir);
	tell_ready(ready_fd);
	if (!m->is_foreground)
		detach();
	LIST_EACH(node, &m->units)
		unit_consider(LIST_ENTRY(node, struct unit, link));
	loop_run(m->loop);
	return 0;
}
