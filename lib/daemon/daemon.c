/* SPDX-License-Identifier: ISC */
#include "lib/daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/daemon/daemon_impl.h"
#include "lib/ipc/control.h"
#include "lib/sys/log.h"

enum { ARENA_MAX_BYTES = 64 << 20, EX_USAGE_STATUS = 64, HELPER_FD = 3 };

struct loop *daemon_loop(struct daemon *d) { return d->loop; }
const struct conf *daemon_conf(struct daemon *d) { return d->conf; }
struct arena *daemon_arena(struct daemon *d) { return &d->arena; }
const char *daemon_service(struct daemon *d) { return d->service; }
const char *daemon_program(struct daemon *d) { return d->program; }
bool daemon_is_rootless(struct daemon *d) { return d->env.is_rootless; }
bool daemon_is_draining(struct daemon *d) { return d->draining; }
void *daemon_user(struct daemon *d) { return d->user; }
void daemon_set_user(struct daemon *d, void *user) { d->user = user; }
unsigned daemon_sessions(const struct daemon *d) { return d->sessions; }
unsigned daemon_session_limit(const struct daemon *d) { return d->session_limit; }

void daemon_allow_path(struct daemon *d, const char *path, unsigned access)
{
	if (d->env.n_extra == EXTRA_PATHS_MAX)
		log_fatal("more than %d paths to allow, at %s", EXTRA_PATHS_MAX, path);
	d->extra[d->env.n_extra++] = (struct role_extra){
		.path = arena_str(&d->arena, slice_str(path)), .access = access };
}

void daemon_session_begin(struct daemon *d)
{
	d->sessions++;
	if (d->session_limit > 0 && d->sessions >= d->session_limit)
		daemon_set_accepting(d, false);
	daemon_report_load(d);
}

void daemon_session_end(struct daemon *d)
{
	d->sessions--;
	if (!d->draining && (d->session_limit == 0 || d->sessions < d->session_limit))
		daemon_set_accepting(d, true);
	daemon_report_load(d);
	daemon_check_drained(d);
}

static void put_field(const char *text, char end)
{
	for (; text != NULL && *text != '\0'; text++)
		putchar(char_is_cntrl(*text) ? ' ' : *text);
	putchar(end);
}

/* For "buzon check", which reads a line of fields: F or N, line, file, remedy, text. */
static void print_for_check(const struct fault *f)
{
	printf("%c\t%u\t", f->is_fatal ? 'F' : 'N', f->line);
	put_field(f->file, '\t');
	put_field(f->remedy, '\t');
	put_field(f->text, '\n');
}

/* Every fault found so far, then the end if one is fatal. */
static void settle_faults(struct daemon *d, struct faults *faults)
{
	struct buf line;

	faults_locate(faults, d->conf);
	buf_init(&line, 4096);
	for (const struct fault *f = faults->first; f != NULL; f = f->next) {
		if (d->is_checking) {
			print_for_check(f);
			continue;
		}
		buf_reset(&line);
		fault_print(f, &line);
		log_at(f->is_fatal ? LOG_LEVEL_FATAL : LOG_LEVEL_WARNING, NULL, "%s",
			       buf_cstr(&line));
	}
	buf_done(&line);
	if (faults->fatal_count > 0 && !d->is_checking)
		exit(1);
}

static struct daemon *make(const struct daemon_spec *spec)
{
	struct daemon *d = mem_new(1, sizeof(*d));

	d->spec = spec;
	d->env.is_rootless = geteuid() != 0;
	d->is_checking = getenv("BUZON_CHECK") != NULL;
	d->env.extra = d->extra;
	arena_init(&d->arena, ARENA_MAX_BYTES);
	list_init(&d->peers);
	d->reported_ms = INT64_MIN / 2;
	return d;
}

static void new_loop(struct daemon *d)
{
	d->loop = loop_new();
	if (d->loop == NULL)
		log_fatal("no event loop: %s", strerror(errno));
}

static void prepare(struct daemon *d)
{
	struct faults faults;

	faults_init(&faults, &d->arena);
	daemon_load(d, &faults);
	daemon_open_log(d);
	daemon_find_role(d, &faults);
	settle_faults(d, &faults);
	faults_init(&faults, &d->arena);
	if (d->spec->prepare != NULL)
		d->spec->prepare(d, &faults);
	settle_faults(d, &faults);
}

static void confine(struct daemon *d, const struct role *role)
{
	struct err err = { 0 };

	if (role_enter(role, &d->env, NULL, &err) != RC_OK)
		log_fatal("%s", err.text);
}

static void run(struct daemon *d)
{
	log_batch(true);
	loop_on_round(d->loop, daemon_end_round);
	loop_run(d->loop);
	log_batch(false);
	log_finish(LAST_WORDS_MS);
}

static void serve(struct daemon *d)
{
	struct err err = { 0 };

	daemon_open_control(d);
	if (d->spec->start != NULL && d->spec->start(d, &err) != RC_OK)
		log_fatal("%s", err.text);
	daemon_open_inlets(d);
	control_ready_send(&d->control, &(struct control_ready){ .pid = (uint32_t)getpid() });
	run(d);
}

int daemon_main(int argc, char **argv, const struct daemon_spec *spec)
{
	struct daemon *d = make(spec);

	if (!daemon_parse_options(d, argc, argv)) {
		arena_done(&d->arena);
		conf_free(&d->conf);
		free(d);
		return EX_USAGE_STATUS;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (!d->is_checking) {
		fcntl(FD_CONTROL, F_SETFD, FD_CLOEXEC);
		fcntl(FD_LOG, F_SETFD, FD_CLOEXEC);
	}
	new_loop(d);
	prepare(d);
	if (d->is_checking)
		_exit(fflush(stdout) == 0 ? 0 : 1);	/* what prepare() made goes with us */
	confine(d, d->role);
	serve(d);
	return d->exit_status;
}

/* The helper keeps configuration and log; the listening sockets and the way to master are not
 * its business. */
static _Noreturn void run_helper(struct daemon *d, const struct role *role, int fd,
				 void (*start)(struct daemon *, int))
{
	loop_leave_in_child(d->loop);
	if (fd != HELPER_FD) {
		dup2(fd, HELPER_FD);
		close(fd);
	}
	fcntl(HELPER_FD, F_SETFD, FD_CLOEXEC);
	close_range(FD_LOG + 1, ~0U, 0);
	d->is_helper = true;
	d->n_inlets = 0;
	d->session_limit = 0;
	d->role = role;
	new_loop(d);
	confine(d, role);
	daemon_open_control(d);
	start(d, HELPER_FD);
	run(d);
	_exit(d->exit_status);
}

enum rc daemon_fork_helper(struct daemon *d, const char *role_name,
			   void (*start)(struct daemon *d, int fd), int *ret_fd, struct err *err)
{
	const struct role *role = role_find(role_name);
	int fds[2];
	pid_t pid;

	if (role == NULL)
		return err_set(err, RC_PERM, "there is no role %s", role_name);
	*ret_fd = -1;
	if (d->is_checking)
		return RC_OK;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return err_sys(err, "socketpair");
	pid = fork();
	if (pid == 0)
		run_helper(d, role, fds[1], start);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_sys(err, "fork");
	}
	*ret_fd = fds[0];
	return RC_OK;
}
