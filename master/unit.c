/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/ipc/control.h"
#include "lib/sys/log.h"
#include "master/master.h"

/* After a crash of a process that served: a pause that doubles while it happens again at once. */
enum { CRASH_PAUSE_MS = 250, CRASH_DOUBLINGS_MAX = 8, SHARE_FROM = 2,
       CALM_MS = 60000 };	/* so long after its last full moment a service is under stress */

unsigned unit_count(const struct unit *u, enum process_state state)
{
	unsigned n = 0;

	LIST_EACH(node, &u->processes)
		n += LIST_ENTRY(node, struct process, link)->state == state;
	return n;
}

/* A process that accepts or will do so in a moment. */
static bool is_attended(const struct unit *u)
{
	LIST_EACH(node, &u->processes) {
		const struct process *p = LIST_ENTRY(node, struct process, link);

		if (p->state == PROCESS_STARTING)
			return true;
		if (p->state == PROCESS_READY &&
		    (u->session_limit == 0 || p->sessions < u->session_limit))
			return true;
	}
	return false;
}

/* Those of an older configuration do not count: they go when their successors are ready. */
static unsigned active(const struct unit *u)
{
	unsigned n = 0;

	LIST_EACH(node, &u->processes) {
		const struct process *p = LIST_ENTRY(node, struct process, link);

		n += p->state != PROCESS_DRAINING && p->generation == u->generation->number;
	}
	return n;
}

static bool may_start(const struct unit *u)
{
	if (u->is_retired || u->master->stop_step > 0 || timer_is_running(&u->throttle))
		return false;
	if (u->plan->program->model == MODEL_ALONE && !list_is_empty(&u->processes))
		return false;
	return active(u) < u->max_processes;
}

static void send_stress(struct unit *u, bool on)
{
	if (u->is_stressed == on)
		return;
	u->is_stressed = on;
	log_info(NULL, "service \"%s\": stress %s", u->plan->service->name, on ? "on" : "off");
	LIST_EACH(node, &u->processes) {
		struct process *p = LIST_ENTRY(node, struct process, link);

		control_stress_send(&p->control, &(struct control_stress){ .on = on });
	}
}

static void on_calm(struct timer *t)
{
	struct unit *u = LIST_ENTRY(t, struct unit, calm);

	if (u->told_limit)
		timer_start(t, CALM_MS);
	else
		send_stress(u, false);
}

static void tell_limit(struct unit *u)
{
	const struct service *s = u->plan->service;
	bool is_full = active(u) >= u->max_processes && !is_attended(u) && u->session_limit > 0 &&
		       !u->is_retired;

	if (is_full && !u->told_limit)
		log_warn(NULL, "service \"%s\" (%s) has reached its process limit \"%u\": "
			 "new clients may experience noticeable delays", s->name,
			 u->sockets[0].plan->name, u->max_processes * u->session_limit);
	u->told_limit = is_full;
	if (is_full) {
		send_stress(u, true);
		timer_start(&u->calm, CALM_MS);
	}
}

void unit_consider(struct unit *u)
{
	bool watch = may_start(u) && !is_attended(u);

	for (size_t i = 0; i < u->n_sockets; i++)
		io_want(&u->sockets[i].io, watch ? IO_READ : 0);
	tell_limit(u);
}

void unit_start(struct unit *u)
{
	unsigned n = u->plan->program->model == MODEL_WORKERS ? u->max_processes : 1;

	u->was_used = true;
	while (n-- > 0 && may_start(u))
		process_spawn(u);
	unit_consider(u);
}

/* A worker that idled out while another one kept a session is wanted again when that one gets
 * company. */
void unit_share(struct unit *u, unsigned sessions)
{
	if (sessions >= SHARE_FROM && may_start(u))
		unit_start(u);
}

static void on_demand(struct io *io, int ready)
{
	(void)ready;
	unit_start(LIST_ENTRY(io, struct unit_socket, io)->unit);
}

static void on_throttle_end(struct timer *t)
{
	struct unit *u = LIST_ENTRY(t, struct unit, throttle);

	if (u->restart_pending || u->wake_pending)
		unit_start(u);
	unit_consider(u);
}

/* A process ended that should not have. SIGKILL comes from outside and says nothing about the
 * program: its pause does not grow. */
void unit_failed(struct unit *u, bool before_ready, bool by_others)
{
	int64_t pause = u->generation->config.service_throttle_time;

	if (!by_others || u->failures == 0)
		u->failures++;
	if (!before_ready || by_others) {
		unsigned n = u->failures - 1;
		int64_t doubled = (int64_t)CRASH_PAUSE_MS
				  << (n < CRASH_DOUBLINGS_MAX ? n : CRASH_DOUBLINGS_MAX);

		if (doubled < pause)
			pause = doubled;
	}
	timer_start(&u->throttle, pause);
}

void unit_wake(struct unit *u)
{
	if (u->is_retired)
		return;
	u->wake_pending = true;
	LIST_EACH(node, &u->processes) {
		struct process *p = LIST_ENTRY(node, struct process, link);

		if (p->state == PROCESS_READY) {
			process_changed(p);	/* passes the wake-up on */
			return;
		}
	}
	if (unit_count(u, PROCESS_STARTING) == 0)
		unit_start(u);
}

static void on_wakeup(struct timer *t)
{
	struct unit *u = LIST_ENTRY(t, struct unit, wakeup);
	const struct service *s = u->plan->service;

	timer_start(t, (int64_t)s->wakeup_s * 1000);
	if (!s->wakeup_if_used || u->was_used)
		unit_wake(u);
}

/* The limit of master.cf counts sessions. One process takes them all, or the workers share. Where
 * Postfix's own master.cf says 1 because there must be one process, the model says it here. */
static void set_limits(struct unit *u)
{
	const struct master_config *c = &u->generation->config;
	int64_t limit = u->plan->service->max_processes;
	int64_t workers = 1;

	if (limit < 0)
		limit = c->default_process_limit;
	if (u->plan->program->model == MODEL_WORKERS) {
		workers = c->service_workers;
		if (workers == 0)
			workers = sysconf(_SC_NPROCESSORS_ONLN);
		if (limit > 0 && workers > limit)
			workers = limit;
	}
	u->max_processes = workers > 0 ? (unsigned)workers : 1;
	u->session_limit = (unsigned)((limit + u->max_processes - 1) / u->max_processes);
	if (u->plan->program->model == MODEL_ALONE || u->plan->program->socket == SOCKET_DGRAM)
		u->session_limit = 0;
}

static bool is_same_socket(const struct plan_socket *a, const struct plan_socket *b)
{
	return strcmp(a->kind, b->kind) == 0 && strcmp(a->name, b->name) == 0;
}

static void close_socket(struct unit *u, size_t i, bool forget)
{
	struct unit_socket *s = &u->sockets[i];

	io_stop(&s->io);
	close(s->fd);
	if (forget)
		listen_forget(s->plan);
	for (u->n_sockets--; i < u->n_sockets; i++) {
		struct unit_socket *to = &u->sockets[i], *from = to + 1;
		bool was_watched = from->io.want != 0;

		io_stop(&from->io);
		to->plan = from->plan;
		to->fd = from->fd;
		io_init(&to->io, u->master->loop, to->fd, on_demand);
		io_want(&to->io, was_watched ? IO_READ : 0);
	}
}

/* Close what PLAN no longer has; point what stays at its new description. */
static void keep_sockets(struct unit *u, const struct plan_unit *plan)
{
	for (size_t i = 0; i < u->n_sockets;) {
		const struct plan_socket *p = plan->sockets;

		while (p != NULL && !is_same_socket(p, u->sockets[i].plan))
			p = p->next;
		if (p != NULL)
			u->sockets[i++].plan = p;
		else
			close_socket(u, i, true);
	}
}

static bool has_socket(const struct unit *u, const struct plan_socket *p)
{
	for (size_t i = 0; i < u->n_sockets; i++)
		if (u->sockets[i].plan == p)
			return true;
	return false;
}

/* An address family that the kernel lacks is no fault of "all". */
static bool is_missing_family(const struct plan_socket *s, const struct err *err)
{
	return s->family == AF_INET6 &&
	       (err->sys_errno == EAFNOSUPPORT || err->sys_errno == EADDRNOTAVAIL);
}

enum rc unit_open(struct unit *u, struct err *err)
{
	enum rc rc = RC_OK;

	for (const struct plan_socket *p = u->plan->sockets; p != NULL; p = p->next) {
		struct unit_socket *s = &u->sockets[u->n_sockets];
		struct err why = { 0 };

		if (has_socket(u, p))
			continue;
		if (u->n_sockets == UNIT_SOCKETS_MAX)
			return err_set(err, RC_LIMIT, "service %s: more than %d sockets",
				       u->plan->service->name, UNIT_SOCKETS_MAX);
		if (listen_open(p, &s->fd, &why) != RC_OK) {
			if (is_missing_family(p, &why))
				log_warn(NULL, "%s", why.text);
			else
				rc = err_set(err, why.code, "service %s: %s",
					     u->plan->service->name, why.text);
			continue;
		}
		s->unit = u;
		s->plan = p;
		io_init(&s->io, u->master->loop, s->fd, on_demand);
		u->n_sockets++;
	}
	return rc;
}

void unit_reopen(struct unit *u)
{
	struct err err = { 0 };

	if (unit_open(u, &err) != RC_OK) {
		log_error(NULL, "%s", err.text);
		timer_start(&u->reopen, u->generation->config.service_throttle_time);
	}
	unit_consider(u);
}

/* A process that runs has the sockets it was given: a successor gets the new ones too. */
static void on_reopen(struct timer *t)
{
	struct unit *u = LIST_ENTRY(t, struct unit, reopen);
	size_t before = u->n_sockets;

	unit_reopen(u);
	if (!timer_is_running(&u->reopen))
		log_info(NULL, "service %s: all its sockets are open now", u->plan->service->name);
	if (u->n_sockets == before)
		return;
	u->restart_pending |= u->plan->service->wakeup_s > 0;
	LIST_EACH(node, &u->processes)
		process_drain(LIST_ENTRY(node, struct process, link));
}

void unit_adopt(struct unit *u, struct generation *g, const struct plan_unit *plan)
{
	generation_hold(g);
	if (u->generation != NULL) {
		keep_sockets(u, plan);
		generation_drop(u->generation);
	}
	u->generation = g;
	u->plan = plan;
	u->role = role_find(plan->program->role);
	u->failures = 0;
	timer_stop(&u->throttle);
	timer_stop(&u->wakeup);
	timer_stop(&u->reopen);
	set_limits(u);
	if (plan->service->wakeup_s > 0)
		timer_start(&u->wakeup, plan->service->wakeup_if_used
			    ? (int64_t)plan->service->wakeup_s * 1000 : 0);
}

struct unit *unit_new(struct master *m, struct generation *g, const struct plan_unit *plan)
{
	struct unit *u = mem_new(1, sizeof(*u));

	u->master = m;
	list_init(&u->processes);
	timer_init(&u->throttle, m->loop, on_throttle_end);
	timer_init(&u->wakeup, m->loop, on_wakeup);
	timer_init(&u->reopen, m->loop, on_reopen);
	timer_init(&u->calm, m->loop, on_calm);
	list_append(&m->units, &u->link);
	unit_adopt(u, g, plan);
	return u;
}

/* No longer configured: nobody may come, who is there is served to the end. */
void unit_retire(struct unit *u)
{
	u->is_retired = true;
	while (u->n_sockets > 0)
		close_socket(u, u->n_sockets - 1, true);
	timer_stop(&u->throttle);
	timer_stop(&u->wakeup);
	timer_stop(&u->reopen);
	timer_stop(&u->calm);
	LIST_EACH(node, &u->processes)
		process_drain(LIST_ENTRY(node, struct process, link));
	unit_free_if_done(u);
}

void unit_free_if_done(struct unit *u)
{
	if (!u->is_retired || !list_is_empty(&u->processes))
		return;
	list_remove(&u->link);
	generation_drop(u->generation);
	free(u);
}

struct unit *unit_find(struct master *m, struct slice service)
{
	LIST_EACH(node, &m->units) {
		struct unit *u = LIST_ENTRY(node, struct unit, link);

		for (size_t i = 0; i < u->n_sockets && !u->is_retired; i++)
			if (u->sockets[i].plan->service != NULL &&
			    slice_is(service, u->sockets[i].plan->service))
				return u;
	}
	return NULL;
}
