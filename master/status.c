/* SPDX-License-Identifier: ISC */
#include "lib/ipc/status.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/event/acceptor.h"
#include "master/master.h"

enum { CLIENTS_MAX = 16 };

/* One asker. */
struct asker {
	struct ipc_chan chan;
	struct task gone;
	struct status_server *server;
};

struct status_server {
	struct master *master;
	struct acceptor acceptor;
	struct plan_socket place;
	unsigned clients;
};

static const char *state_name(const struct process *p)
{
	static const char *const names[] = {
		[PROCESS_STARTING] = "starting", [PROCESS_READY] = "ready",
		[PROCESS_DRAINING] = "draining",
	};

	if (p->state == PROCESS_DRAINING && p->unit->restart_pending)
		return "restarting";
	return names[p->state];
}

static struct status_process describe(const struct unit *u)
{
	return (struct status_process){
		.service = slice_str(u->plan->service->name),
		.program = slice_str(u->plan->program->name),
		.role = slice_str(u->role->name),
	};
}

static void send_unit(struct ipc_chan *c, const struct unit *u)
{
	struct status_process m = describe(u);

	if (timer_is_running(&u->reopen)) {
		m.state = SLICE_LIT("no socket");
		status_process_send(c, &m);
	} else if (list_is_empty(&u->processes)) {
		m.state = timer_is_running(&u->throttle) ? SLICE_LIT("throttled")
							  : SLICE_LIT("waiting");
		status_process_send(c, &m);
	}
	LIST_EACH(node, &u->processes) {
		const struct process *p = LIST_ENTRY(node, struct process, link);

		m.pid = (uint32_t)p->child.pid;
		m.state = slice_str(state_name(p));
		m.sessions = p->sessions;
		status_process_send(c, &m);
	}
}

static enum rc on_ask(struct ipc_chan *c, struct ipc_reader *r)
{
	struct asker *a = c->owner;
	struct master *m = a->server->master;
	struct status_ask ask;

	if (status_ask_get(r, &ask) != RC_OK)
		return RC_SYNTAX;
	status_master_send(c, &(struct status_master){
		.pid = (uint32_t)getpid(),
		.generation = m->generation->number });
	LIST_EACH(node, &m->units)
		send_unit(c, LIST_ENTRY(node, struct unit, link));
	status_end_send(c, &(struct status_end){});
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ status_ask_type, 0, on_ask },
};

static void free_asker(struct task *t)
{
	struct asker *a = LIST_ENTRY(t, struct asker, gone);

	a->server->clients--;
	free(a);
}

static void on_close(struct ipc_chan *c, const struct err *why)
{
	struct asker *a = c->owner;

	(void)why;
	loop_defer(a->server->master->loop, &a->gone, free_asker);
}

/* Who may know: root, and whom the suite runs as. */
static bool is_trusted(int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
	       (who.uid == 0 || who.uid == geteuid());
}

static void on_fd(struct acceptor *acceptor, int fd)
{
	struct status_server *s = LIST_ENTRY(acceptor, struct status_server, acceptor);
	struct asker *a;

	if (s->clients >= CLIENTS_MAX || !is_trusted(fd)) {
		close(fd);
		return;
	}
	a = mem_new(1, sizeof(*a));
	a->server = s;
	task_init(&a->gone);
	s->clients++;
	ipc_chan_init(&a->chan, s->master->loop, fd, &status_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_close, a);
}

enum rc status_open(struct master *m, struct err *err)
{
	struct status_server *s = mem_new(1, sizeof(*s));
	enum rc rc;
	int fd;

	s->master = m;
	s->place = (struct plan_socket){ .kind = "packet", .family = AF_UNIX,
					 .type = SOCK_SEQPACKET };
	s->place.name = arena_printf(&m->generation->arena, "%s/master.status",
				     m->generation->config.process_id_directory);
	rc = listen_open(&s->place, &fd, err);
	if (rc != RC_OK) {
		free(s);
		return rc;
	}
	acceptor_init(&s->acceptor, m->loop, fd, 1, on_fd);
	m->status = s;
	return RC_OK;
}
