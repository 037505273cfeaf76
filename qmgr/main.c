/* SPDX-License-Identifier: ISC */
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/address/address.h"
#include "lib/conf/mastercf.h"
#include "lib/daemon/daemon.h"
#include "lib/daemon/tables.h"
#include "qmgr/intake.h"
#include "qmgr/limits.h"
#include "qmgr/report.h"
#include "qmgr/sched.h"

#define PARAMS_STRUCT qmgr_params
#define PARAMS_FILE "qmgr/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT qmgr_queue_params
#define PARAMS_FILE "lib/queue/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT qmgr_base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"

enum { LOCK_RETRY_MS = 50, AGENT_PATIENCE_MS = 5000, ROUTE_ARENA_MAX = 1 << 20 };

static struct qmgr_params params;

struct program {
	struct daemon *daemon;
	struct queue_spool spool;
	struct qmgr_policy policy;
	struct qmgr qmgr;
	struct address *address;
	struct service *services;	/* of master.cf */
	struct arena route_arena;
	struct peer bounce;
	struct timer lock_timer;
	int lock_fd;	/* who holds it owns the spool */
	bool long_ids, is_replaced, is_held;
	gid_t setgid_group;
};

/* --- before confinement --- */

static void set_policy(struct qmgr_policy *p, const struct qmgr_queue_params *queue)
{
	*p = (struct qmgr_policy){
		.message_active_limit = (size_t)params.qmgr_message_active_limit,
		.message_recipient_limit = (size_t)params.qmgr_message_recipient_limit,
		.minimal_backoff_s = params.minimal_backoff_time / 1000,
		.maximal_backoff_s = params.maximal_backoff_time / 1000,
		.queue_run_delay_ms = params.queue_run_delay,
		.transport_retry_ms = params.transport_retry_time,
		.maximal_lifetime_s = queue->maximal_queue_lifetime / 1000,
		.bounce_lifetime_s = queue->bounce_queue_lifetime / 1000,
		.delay_warning_s = queue->delay_warning_time / 1000,
		.agent_patience_ms = AGENT_PATIENCE_MS,
		.soft_bounce = queue->soft_bounce,
	};
}

static void find_group(struct program *pr, const char *name, struct faults *faults)
{
	struct group *g;

	pr->setgid_group = getgid();
	if (daemon_is_rootless(pr->daemon))
		return;
	g = getgrnam(name);
	if (g != NULL)
		pr->setgid_group = g->gr_gid;
	else
		faults_add(faults, true, "main.cf", 0, "create it: systemd-sysusers, or groupadd -r",
			   "setgid_group: there is no group \"%s\"", name);
}

static void prepare(struct daemon *d, struct faults *faults)
{
	struct program *pr = arena_alloc(daemon_arena(d), sizeof(*pr));
	struct qmgr_queue_params queue;
	struct qmgr_base_params base;
	struct err err = { 0 };

	pr->daemon = d;
	daemon_set_user(d, pr);
	daemon_use_tables(d);
	params_load(qmgr_queue_params_specs, qmgr_queue_params_count, daemon_conf(d),
		    daemon_arena(d), &queue, faults);
	params_load(qmgr_base_params_specs, qmgr_base_params_count, daemon_conf(d),
		    daemon_arena(d), &base, faults);
	set_policy(&pr->policy, &queue);
	if (pr->policy.minimal_backoff_s > pr->policy.maximal_backoff_s)
		faults_add(faults, true, "main.cf", 0, "shorten it, or lengthen the other",
			   "minimal_backoff_time: longer than maximal_backoff_time");
	if (queue_spool_open(&pr->spool, base.queue_directory, QUEUE_ALL, queue.hash_queue_names,
			     (unsigned)queue.hash_queue_depth, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, "postfix set-permissions", "%s", err.text);
	err = (struct err){ 0 };
	if (queue_lock_open(base.queue_directory, "qmgr", &pr->lock_fd, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, "postfix set-permissions", "%s", err.text);
	pr->long_ids = queue.enable_long_queue_ids;
	find_group(pr, base.setgid_group, faults);
	address_open(daemon_conf(d), faults, &pr->address);
	err = (struct err){ 0 };
	if (mastercf_read(conf_dir(daemon_conf(d)), daemon_arena(d), &pr->services, faults, &err) !=
	    RC_OK)
		faults_add(faults, true, NULL, 0, NULL, "%s", err.text);
	limits_check(daemon_conf(d), daemon_arena(d), pr->services, faults);
}

/* --- hooks --- */

static struct program *program_of(struct qmgr *q)
{
	return q->owner;
}

static void on_agent_up(struct peer *p)
{
	agent_up(p->owner, &p->chan);
}

static void on_agent_down(struct peer *p, const struct err *why)
{
	agent_down(p->owner, why->text);
}

static bool has_service(const struct program *pr, const char *name)
{
	for (const struct service *s = pr->services; s != NULL; s = s->next)
		if (s->type == SERVICE_UNIX && strcmp(s->name, name) == 0)
			return true;
	return false;
}

static void ask_agent(struct qmgr *q, struct transport *tp)
{
	struct program *pr = program_of(q);
	struct peer *p;

	if (!has_service(pr, tp->name)) {
		sched_transport_dead(tp, outcome_say("4.3.0", "mail transport unavailable"));
		return;
	}
	p = arena_alloc(daemon_arena(pr->daemon), sizeof(*p));
	if (p == NULL)
		return;
	tp->peer = p;
	peer_init(p, pr->daemon, tp->name, &(struct peer_ops){
		&deliver_proto, agent_handlers, agent_n_handlers, on_agent_up, on_agent_down }, tp);
	peer_start(p);
}

static void limits_for(struct qmgr *q, const char *transport, struct transport_limits *out)
{
	struct program *pr = program_of(q);

	limits_load(daemon_conf(pr->daemon), daemon_arena(pr->daemon), transport, out, NULL);
	out->is_deferred = limits_is_listed(&params.defer_transports, transport);
}

/* ADDRESS without its extension; with it where there is no room to say it. */
static struct slice user_of(struct program *pr, struct slice address)
{
	struct slice ext, local = address_local(address);
	const char *user;

	(void)address_split(pr->address, local, &ext);
	if (ext.n == 0)
		return address;
	user = arena_printf(&pr->route_arena, "%.*s%.*s", (int)(local.n - ext.n), address.p,
			    SLICE_ARG(slice_skip(address, local.n)));
	return user != NULL ? slice_str(user) : address;
}

static enum rc route(struct qmgr *q, struct message *m, size_t i, struct route *out,
		     struct err *err)
{
	struct program *pr = program_of(q);
	struct address_query query = { .conf = pr->address, .memo = message_memo(m),
				       .arena = &pr->route_arena };
	struct address_route r;
	enum rc rc;

	arena_reset(&pr->route_arena);
	rc = address_resolve(&query, m->env.sender, m->env.rcpts[i].address, &r, err);
	if (rc == RC_OK)
		*out = (struct route){ r.transport, r.nexthop,
				       user_of(pr, m->env.rcpts[i].address) };
	return rc == RC_LIMIT ? RC_TEMP : rc;
}

static void wake_pickup(struct qmgr *q)
{
	daemon_poke(program_of(q)->daemon, "pickup");
}

static void ask_bounce(struct qmgr *q)
{
	peer_start(&program_of(q)->bounce);
}

static void on_bounce_up(struct peer *p)
{
	report_up(p->owner, &p->chan);
}

static void on_bounce_down(struct peer *p, const struct err *why)
{
	(void)why;
	report_down(p->owner);
}

/* This process cannot open files any more: a successor reads the new tables. */
static void on_message(struct qmgr *q)
{
	struct program *pr = program_of(q);

	if (pr->is_replaced ||
	    !address_has_changed(pr->address, loop_now_ms(daemon_loop(pr->daemon))))
		return;
	pr->is_replaced = true;
	daemon_replace(pr->daemon, "a table has changed");
}

static void on_drained(struct qmgr *q)
{
	struct program *pr = program_of(q);

	if (pr->is_held)
		daemon_session_end(pr->daemon);
	pr->is_held = false;
}

/* --- the daemon --- */

/* An older qmgr, or postsuper, may still have it. */
static void run_lock(struct timer *t)
{
	struct program *pr = LIST_ENTRY(t, struct program, lock_timer);

	if (flock(pr->lock_fd, LOCK_EX | LOCK_NB) == 0)
		qmgr_start(&pr->qmgr);
	else
		timer_start(t, LOCK_RETRY_MS);
}

static enum rc start(struct daemon *d, struct err *err)
{
	static const struct qmgr_hooks hooks = {
		.ask_agent = ask_agent, .limits_for = limits_for, .route = route,
		.wake_pickup = wake_pickup, .ask_bounce = ask_bounce, .on_message = on_message,
		.on_drained = on_drained,
	};
	struct program *pr = daemon_user(d);
	uint32_t instance;

	if (getrandom(&instance, sizeof(instance), 0) != sizeof(instance))
		return err_sys(err, "getrandom");
	arena_init(&pr->route_arena, ROUTE_ARENA_MAX);
	qmgr_init(&pr->qmgr, daemon_loop(d), &pr->spool, &pr->policy, &hooks, pr);
	queue_idgen_init(&pr->qmgr.ids, pr->long_ids, instance);
	peer_init(&pr->bounce, d, "bounce", &(struct peer_ops){
		&bounce_proto, report_handlers, report_n_handlers, on_bounce_up, on_bounce_down },
		  &pr->qmgr);
	timer_init(&pr->lock_timer, daemon_loop(d), run_lock);
	timer_start(&pr->lock_timer, 0);
	return RC_OK;
}

/* Root and the owner of the spool may do everything; so may who comes through master, which runs
 * as root (or, rootless, as this user). Whoever else reaches the socket does it by way of the
 * set-group-ID tools, which check the user. */
static unsigned rights_of(const struct program *pr, int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) != 0)
		return 0;
	if (peer.uid == 0 || peer.uid == getuid())
		return MAY_LIST | MAY_FLUSH | MAY_CHANGE;
	return peer.gid == pr->setgid_group ? MAY_LIST | MAY_FLUSH : 0;
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct program *pr = daemon_user(d);

	(void)l;
	intake_accept(&pr->qmgr, fd, rights_of(pr, fd));
}

static void on_drain(struct daemon *d)
{
	struct program *pr = daemon_user(d);

	timer_stop(&pr->lock_timer);
	daemon_session_begin(d);	/* until the agents have answered */
	pr->is_held = true;
	qmgr_drain(&pr->qmgr);
	(void)flock(pr->lock_fd, LOCK_UN);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec spec = {
		.name = "qmgr", .params = qmgr_params_specs, .n_params = qmgr_params_count,
		.params_out = &params, .prepare = prepare, .start = start,
		.on_accept = on_accept, .on_drain = on_drain,
	};

	return daemon_main(argc, argv, &spec);
}
