/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/control/buzon.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/ipc/status.h"
#include "lib/sys/roles.h"

enum { ANSWER_MS = 5000, RELOAD_PATIENCE_MS = 10000, POLL_MS = 50, PIDS_MAX = 65536 };

/* Asks master; what is taken of each message is the caller's. */
struct questioner {
	void (*on_master)(void *ctx, const struct status_master *m);
	void (*on_process)(void *ctx, const struct status_process *p);
	void *ctx;
};

static enum rc take(const struct questioner *q, struct ipc_reader *r, bool *ret_end)
{
	struct status_master m;
	struct status_process p;
	enum rc rc = RC_SYNTAX;

	*ret_end = r->type == status_end_type;
	if (r->type == status_master_type && (rc = status_master_get(r, &m)) == RC_OK &&
	    q->on_master != NULL)
		q->on_master(q->ctx, &m);
	else if (r->type == status_process_type && (rc = status_process_get(r, &p)) == RC_OK &&
		 q->on_process != NULL)
		q->on_process(q->ctx, &p);
	return *ret_end ? RC_OK : rc;
}

static enum rc ask(const struct suite *s, const struct questioner *q, struct err *err)
{
	struct ipc_inbox *box = mem_new(1, sizeof(*box));
	struct ipc_reader r;
	char path[4096];
	bool is_end = false;
	int fd = -1;
	enum rc rc;

	snprintf(path, sizeof(path), "%s/%s/master.status", s->queue_directory,
		 s->process_id_directory);
	rc = ipc_sync_connect(path, &fd, err);
	if (rc == RC_OK)
		rc = ipc_sync_hello(fd, &status_proto, ANSWER_MS, err);
	if (rc == RC_OK)
		rc = status_ask_sync(fd, &(struct status_ask){}, err);
	while (rc == RC_OK && !is_end) {
		rc = ipc_sync_recv(fd, box, &r, ANSWER_MS, err);
		if (rc == RC_OK)
			rc = take(q, &r, &is_end);
	}
	if (fd >= 0)
		close(fd);
	free(box);
	return rc;
}

/* Generations */

struct progress {
	unsigned generation, starting;
};

static void see_master(void *ctx, const struct status_master *m)
{
	((struct progress *)ctx)->generation = m->generation;
}

static void see_process(void *ctx, const struct status_process *p)
{
	((struct progress *)ctx)->starting += slice_is(p->state, "starting") ||
					      slice_is(p->state, "restarting");
}

static bool see(const struct suite *s, struct progress *out)
{
	struct questioner q = { see_master, see_process, out };
	struct err err = { 0 };

	*out = (struct progress){ 0 };
	return ask(s, &q, &err) == RC_OK;
}

bool status_generation(const struct suite *s, unsigned *ret)
{
	struct progress p;

	if (!see(s, &p))
		return false;
	*ret = p.generation;
	return true;
}

bool status_wait_reloaded(const struct suite *s, unsigned after)
{
	struct progress p = { 0 };

	for (int ms = 0; ms < RELOAD_PATIENCE_MS; ms += POLL_MS) {
		if (see(s, &p) && p.generation > after && p.starting == 0)
			return true;
		poll(NULL, 0, POLL_MS);
	}
	if (p.generation > after)
		say("", "%u processes still finish what they have", p.starting);
	return p.generation > after;
}

/* Sockets */

static void tell_if_deaf(void *ctx, const struct status_process *p)
{
	if (!slice_is(p->state, "no socket"))
		return;
	say("warning", "service %.*s cannot listen on all its sockets; the log says why",
	    SLICE_ARG(p->service));
	++*(unsigned *)ctx;
}

bool status_all_listen(const struct suite *s)
{
	unsigned deaf = 0;
	struct questioner q = { NULL, tell_if_deaf, &deaf };
	struct err err = { 0 };

	return ask(s, &q, &err) == RC_OK && deaf == 0;
}

/* The table */

/* The first number behind KEY ("Uid:") in /proc/PID/status. */
static bool proc_number(pid_t pid, const char *key, uint32_t *ret)
{
	char path[64], text[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f != NULL && !found && fgets(text, sizeof(text), f) != NULL) {
		struct slice line = slice_str(text), word;

		found = slice_token(&line, " \t\n", &word) && slice_is(word, key) &&
			slice_token(&line, " \t\n", &word) &&
			num_u32(word, UINT32_MAX, ret) == RC_OK;
	}
	if (f != NULL)
		fclose(f);
	return found;
}

static void user_of(pid_t pid, char *out, size_t size)
{
	const struct passwd *pw;
	uint32_t uid;

	snprintf(out, size, "?");
	if (!proc_number(pid, "Uid:", &uid))
		return;
	pw = getpwuid(uid);
	if (pw != NULL)
		snprintf(out, size, "%s", pw->pw_name);
	else
		snprintf(out, size, "%u", uid);
}

static void print_rights(const struct role *role)
{
	struct buf b;

	if (role == NULL)
		return;
	buf_init(&b, 4096);
	role_describe_calls(role, &b);
	if (role->paths[0].name != NULL) {
		buf_adds(&b, "; ");
		role_describe_paths(role, &b);
	}
	printf("%s", buf_cstr(&b));
	buf_done(&b);
}

struct table {
	pid_t pids[PIDS_MAX];	/* of what was printed, to find its children */
	const char *names[PIDS_MAX];
	size_t n;
	struct arena *arena;
};

static void remember(struct table *t, pid_t pid, const char *name)
{
	if (t->n < PIDS_MAX) {
		t->pids[t->n] = pid;
		t->names[t->n++] = name;
	}
}

static void print_master(void *ctx, const struct status_master *m)
{
	char user[64];

	(void)ctx;
	user_of((pid_t)m->pid, user, sizeof(user));
	printf("%-22s %-12s %7u %-10s %-10s %8s  ", "-", "master", m->pid, user, "ready", "-");
	print_rights(role_find("master"));
	printf("\n");
}

static void print_process(void *ctx, const struct status_process *p)
{
	struct table *t = ctx;
	char user[64] = "-", role[64], pid[16] = "-", sessions[32];

	if (p->pid != 0) {
		user_of((pid_t)p->pid, user, sizeof(user));
		snprintf(pid, sizeof(pid), "%u", p->pid);
		remember(t, (pid_t)p->pid, arena_str(t->arena, p->program));
	}
	snprintf(sessions, sizeof(sessions), "%u", p->sessions);
	printf("%-22.*s %-12.*s %7s %-10s %-10.*s %8s  ", SLICE_ARG(p->service),
	       SLICE_ARG(p->program), pid, user, SLICE_ARG(p->state), sessions);
	if (slice_to_cstr(p->role, role, sizeof(role)))
		print_rights(role_find(role));
	printf("\n");
}

/* Jobs and helpers are children of daemons; master does not know them, the kernel does. */
static void print_if_child(struct table *t, pid_t pid, size_t known)
{
	uint32_t parent;
	char user[64];

	if (!proc_number(pid, "PPid:", &parent))
		return;
	for (size_t i = 0; i < known; i++) {
		if (t->pids[i] != (pid_t)parent)
			continue;
		user_of(pid, user, sizeof(user));
		printf("%-22s %-12s %7d %-10s %-10s %8s  child of %d\n", "-", t->names[i],
		       (int)pid, user, "-", "-", (int)parent);
		return;
	}
}

static void print_children(struct table *t)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	size_t known = t->n;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		uint32_t pid;

		if (num_u32(slice_str(e->d_name), INT32_MAX, &pid) == RC_OK)
			print_if_child(t, (pid_t)pid, known);
	}
	if (dir != NULL)
		closedir(dir);
}

int command_status(struct suite *s)
{
	struct table *t;
	struct questioner q = { print_master, print_process, NULL };
	struct err err = { 0 };
	pid_t pid;

	if (!suite_read(s)) {
		suite_print_faults(s, false);
		return 1;
	}
	pid = suite_running(s);
	if (pid == 0) {
		say("", "the Postfix mail system is not running");
		return 1;
	}
	say("", "the Postfix mail system is running: PID: %d", (int)pid);
	if (!s->is_verbose)
		return 0;
	printf("%-22s %-12s %7s %-10s %-10s %8s  %s\n", "service", "program", "pid", "user",
	       "state", "sessions", "rights");
	t = mem_new(1, sizeof(*t));
	t->arena = &s->arena;
	q.ctx = t;
	if (ask(s, &q, &err) != RC_OK) {
		say("fatal", "%s", err.text);
		free(t);
		return 1;
	}
	print_children(t);
	free(t);
	return 0;
}
