/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ipc/control.h"
#include "lib/sys/log.h"
#include "lib/sys/unixsock.h"
#include "master/master.h"

enum { CONNECTS_MAX = 2000, CONNECTS_PERIOD_MS = 60000 };

static enum rc on_ready(struct ipc_chan *c, struct ipc_reader *r)
{
	struct process *p = c->owner;
	struct control_ready m;

	if (control_ready_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (p->state != PROCESS_STARTING)
		return RC_OK;		/* drained before it was ready */
	p->state = PROCESS_READY;
	tickets_send(p->unit->master, p);
	if (p->unit->is_stressed)
		control_stress_send(c, &(struct control_stress){ .on = true });
	/* The successor serves: now its predecessors may go. */
	LIST_EACH(node, &p->unit->processes) {
		struct process *old = LIST_ENTRY(node, struct process, link);

		if (old != p && old->generation != p->generation)
			process_drain(old);
	}
	process_changed(p);
	return RC_OK;
}

static enum rc on_load(struct ipc_chan *c, struct ipc_reader *r)
{
	struct process *p = c->owner;
	struct control_load m;

	if (control_load_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	p->sessions = m.sessions;
	process_changed(p);
	unit_share(p->unit, m.sessions);
	return RC_OK;
}

static void refuse(struct ipc_chan *c, uint32_t id, const char *reason)
{
	control_refused_send(c, &(struct control_refused){ .id = id,
							   .reason = slice_str(reason) });
}

static const struct plan_socket *socket_of(const struct unit *u, struct slice service)
{
	for (size_t i = 0; i < u->n_sockets; i++)
		if (u->sockets[i].plan->service != NULL &&
		    slice_is(service, u->sockets[i].plan->service))
			return u->sockets[i].plan;
	return NULL;
}

/* Standing channels are few. Each is a descriptor of another process too: who asks without end
 * would leave that one without any, and who asks for what its role forbids fills the log. */
static bool asks_too_much(struct process *p)
{
	int64_t now = loop_now_ms(p->unit->master->loop);

	if (p->connects == 0 || now - p->connects_ms > CONNECTS_PERIOD_MS) {
		p->connects = 0;
		p->connects_ms = now;
	}
	if (++p->connects <= CONNECTS_MAX)
		return false;
	log_error(NULL, "process %s pid %d asks for too many connections",
		  p->unit->plan->program->name, (int)p->child.pid);
	return true;
}

static enum rc on_connect(struct ipc_chan *c, struct ipc_reader *r)
{
	struct process *p = c->owner;
	const struct plan_socket *s;
	struct control_connect m;
	struct unit *u;
	int fd;

	if (control_connect_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	u = unit_find(p->unit->master, m.service);
	if (!role_may_connect(p->unit->role, m.service, u != NULL ? u->role : NULL)) {
		log_warn(NULL, "role %s may not connect to service %.*s", p->unit->role->name,
			 SLICE_ARG(m.service));
		refuse(c, m.id, "not allowed for this role");
		return asks_too_much(p) ? RC_SYNTAX : RC_OK;
	}
	s = u != NULL ? socket_of(u, m.service) : NULL;
	if (s == NULL || s->type != SOCK_SEQPACKET) {
		refuse(c, m.id, "there is no such service");
		return RC_OK;
	}
	if (timer_is_running(&u->throttle) && unit_count(u, PROCESS_READY) == 0) {
		refuse(c, m.id, "the service fails and rests");
		return RC_OK;
	}
	fd = unixsock_connect(s->name, s->type | SOCK_NONBLOCK);	/* from the spool on */
	if (fd < 0)
		refuse(c, m.id, strerror(errno));
	else
		control_connected_send(c, &(struct control_connected){ .id = m.id, .fd = fd });
	return fd >= 0 && asks_too_much(p) ? RC_SYNTAX : RC_OK;
}

/* Its tables have changed: a successor of the same generation reads the new ones. */
static enum rc on_replace(struct ipc_chan *c, struct ipc_reader *r)
{
	struct process *p = c->owner;
	struct control_replace_me m;

	if (control_replace_me_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (p->state != PROCESS_READY || p->unit->master->stop_step > 0)
		return RC_OK;
	log_info(NULL, "replacing %s pid %d: %.*s", p->unit->plan->program->name,
		 (int)p->child.pid, SLICE_ARG(m.reason));
	if (p->unit->plan->program->model == MODEL_ALONE)
		p->unit->restart_pending = true;
	process_drain(p);
	if (p->unit->plan->program->model != MODEL_ALONE)
		unit_start(p->unit);
	return RC_OK;
}

static enum rc on_log_lost(struct ipc_chan *c, struct ipc_reader *r)
{
	struct process *p = c->owner;
	struct control_log_lost m;
	const char *kind;
	int fd;

	if (control_log_lost_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	fd = log_socket(p->unit->master, &kind);
	if (fd >= 0)
		control_log_fd_send(c, &(struct control_log_fd){ .fd = fd });
	return RC_OK;
}

static enum rc on_poke(struct ipc_chan *c, struct ipc_reader *r)
{
	struct process *p = c->owner;
	struct control_poke m;
	struct unit *u;

	if (control_poke_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	u = unit_find(p->unit->master, m.service);
	if (u != NULL && role_may_connect(p->unit->role, m.service, u->role))
		unit_wake(u);
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ control_ready_type, 0, on_ready },
	{ control_load_type, 0, on_load },
	{ control_connect_type, 0, on_connect },
	{ control_replace_me_type, 0, on_replace },
	{ control_log_lost_type, 0, on_log_lost },
	{ control_poke_type, 0, on_poke },
};

/* A process that breaks the protocol is not fit to serve; that it ended we hear from the kernel. */
static void on_close(struct ipc_chan *c, const struct err *why)
{
	struct process *p = c->owner;

	log_debug(NULL, "process %d: %s", (int)p->child.pid, why->text);
	if (p->child.pid > 0)
		kill(p->child.pid, SIGTERM);
}

void requests_attach(struct process *p, int fd)
{
	ipc_chan_init(&p->control, p->unit->master->loop, fd, &control_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_close, p);
}
