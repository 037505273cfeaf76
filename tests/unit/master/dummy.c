/* SPDX-License-Identifier: ISC */
/* A daemon that stands for any program in the tests of master. Sessions answer lines:
 *	pid, sessions, service, exit N, crash, peer NAME (connect through master), replace, hold */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/daemon/daemon.h"
#include "lib/event/conn.h"
#include "lib/ipc/anvil.h"
#include "lib/sys/log.h"

struct session {
	struct conn conn;
	struct task gone;
	struct daemon *daemon;
	struct peer peer;
	bool has_peer;
};

static const char *stamp;	/* a parameter, to tell configurations apart */

static void free_session(struct task *t)
{
	struct session *s = LIST_ENTRY(t, struct session, gone);
	struct daemon *d = s->daemon;

	if (s->has_peer)
		peer_stop(&s->peer);
	free(s);
	daemon_session_end(d);
}

static void on_end(struct conn *c, void *owner, enum conn_end why)
{
	struct session *s = owner;

	(void)why;
	conn_close(c);
	loop_defer(daemon_loop(s->daemon), &s->gone, free_session);
}

static void on_up(struct peer *p)
{
	struct session *s = p->owner;

	conn_printf(&s->conn, "up\n");
}

static void on_down(struct peer *p, const struct err *why)
{
	struct session *s = p->owner;

	conn_printf(&s->conn, "down %s\n", why->text);
	peer_stop(p);
}

static void start_peer(struct session *s, struct slice name)
{
	char *service = arena_str(daemon_arena(s->daemon), name);

	if (s->has_peer)
		peer_stop(&s->peer);
	s->has_peer = true;
	peer_init(&s->peer, s->daemon, service, &(struct peer_ops){
		&anvil_proto, NULL, 0, on_up, on_down }, s);
	peer_start(&s->peer);
}

static void obey(struct session *s, struct slice line)
{
	struct slice verb;
	uint32_t n = 0;

	if (!slice_token(&line, " ", &verb))
		return;
	line = slice_trim(line);
	if (slice_is(verb, "pid"))
		conn_printf(&s->conn, "%d\n", (int)getpid());
	else if (slice_is(verb, "sessions"))
		conn_printf(&s->conn, "%u\n", daemon_sessions(s->daemon));
	else if (slice_is(verb, "service"))
		conn_printf(&s->conn, "%s\n", daemon_service(s->daemon));
	else if (slice_is(verb, "stamp"))
		conn_printf(&s->conn, "%s\n", stamp);
	else if (slice_is(verb, "exit") && num_u32(line, 255, &n) == RC_OK)
		exit((int)n);
	else if (slice_is(verb, "crash"))
		abort();
	else if (slice_is(verb, "replace"))
		daemon_replace(s->daemon, "asked to");
	else if (slice_is(verb, "peer"))
		start_peer(s, line);
}

static void on_data(struct conn *c, void *owner)
{
	struct slice in = conn_input(c), line;

	while (slice_chr(in, '\n') >= 0 && slice_line(&in, &line))
		obey(owner, line);
	conn_consume(c, conn_input(c).n - in.n);
}

static const struct conn_ops ops = { on_data, on_end, NULL, NULL };

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct session *s;

	if (l->is_seqpacket)
		return;		/* kept open: somebody's peer */
	s = mem_new(1, sizeof(*s));
	s->daemon = d;
	task_init(&s->gone);
	conn_init(&s->conn, daemon_loop(d), fd, 4096, 4096, &ops, s);
	daemon_session_begin(d);
}

static void on_wakeup(struct daemon *d)
{
	log_info(NULL, "woken as %s", daemon_service(d));
}

static void prepare(struct daemon *d, struct faults *faults)
{
	static const struct param_spec spec = { .type = PARAM_STR, .name = "mail_name",
						.def = "none" };

	params_load(&spec, 1, daemon_conf(d), daemon_arena(d), &stamp, faults);
	if (strcmp(stamp, "broken") == 0)
		faults_add(faults, true, NULL, 0, NULL, "mail_name is broken");
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct daemon_spec spec = { .name = slash != NULL ? slash + 1 : argv[0],
				    .prepare = prepare, .on_accept = on_accept,
				    .on_wakeup = on_wakeup };

	return daemon_main(argc, argv, &spec);
}
