/* SPDX-License-Identifier: ISC */
#include <sys/random.h>

#include "cleanup/expand.h"
#include "cleanup/leftovers.h"
#include "lib/daemon/daemon.h"
#include "lib/daemon/tables.h"

#define PARAMS_STRUCT cleanup_params
#define PARAMS_FILE "cleanup/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT cleanup_queue_params
#define PARAMS_FILE "lib/queue/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT cleanup_base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"

enum { QUEUES = 1 << QUEUE_INCOMING | 1 << QUEUE_ACTIVE | 1 << QUEUE_HOLD };

static struct cleanup_params params;

struct program {
	struct daemon *daemon;
	struct queue_spool spool;
	struct cleanup_policy policy;
	struct expander *expander;
	struct sync_pool *pool;
	struct cleanup cleanup;
	struct leftovers leftovers;
	struct peer qmgr;
	bool long_ids, is_replaced;
	int lock_fd;	/* see leftovers.h */
	unsigned n_sessions;
};

static void prepare(struct daemon *d, struct faults *faults)
{
	struct program *pr = arena_alloc(daemon_arena(d), sizeof(*pr));
	struct cleanup_queue_params queue;
	struct cleanup_base_params base;
	struct err err = { 0 };

	daemon_use_tables(d);
	params_load(cleanup_queue_params_specs, cleanup_queue_params_count, daemon_conf(d),
		    daemon_arena(d), &queue, faults);
	params_load(cleanup_base_params_specs, cleanup_base_params_count, daemon_conf(d),
		    daemon_arena(d), &base, faults);
	if (queue_spool_open(&pr->spool, base.queue_directory, QUEUES, queue.hash_queue_names,
			     (unsigned)queue.hash_queue_depth, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, "postfix set-permissions", "%s", err.text);
	err = (struct err){ 0 };
	if (queue_lock_open(base.queue_directory, "cleanup", &pr->lock_fd, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, "postfix set-permissions", "%s", err.text);
	pr->daemon = d;
	pr->long_ids = queue.enable_long_queue_ids;
	pr->policy = (struct cleanup_policy){
		.message_size_limit = base.message_size_limit,
		.queue_minfree = params.queue_minfree,
		.hopcount_limit = (unsigned)queue.hopcount_limit,
	};
	pr->expander = expander_open(daemon_conf(d), daemon_arena(d), faults);
	daemon_set_user(d, pr);
}

/* This process cannot open files any more: a successor reads the new tables. */
static void check_tables(struct program *pr)
{
	if (pr->is_replaced ||
	    !expander_has_changed(pr->expander, loop_now_ms(daemon_loop(pr->daemon))))
		return;
	pr->is_replaced = true;
	daemon_replace(pr->daemon, "a table has changed");
}

/* Transactions keep a draining process alive. */
static void on_txns(struct cleanup *c)
{
	struct program *pr = c->owner;

	if (pr->n_sessions < c->n_txns)
		check_tables(pr);
	for (; pr->n_sessions < c->n_txns; pr->n_sessions++)
		daemon_session_begin(pr->daemon);
	for (; pr->n_sessions > c->n_txns; pr->n_sessions--)
		daemon_session_end(pr->daemon);
}

static void on_up(struct peer *p)
{
	intake_up(p->owner, &p->chan);
}

static void on_down(struct peer *p, const struct err *why)
{
	(void)why;
	intake_down(p->owner);
}

static enum rc start(struct daemon *d, struct err *err)
{
	struct program *pr = daemon_user(d);
	struct loop *loop = daemon_loop(d);
	uint32_t instance;
	enum rc rc;

	if (getrandom(&instance, sizeof(instance), 0) != sizeof(instance))
		return err_sys(err, "getrandom");
	rc = sync_pool_new(loop, &pr->spool, (unsigned)params.cleanup_sync_threads, &pr->pool, err);
	if (rc != RC_OK)
		return rc;
	cleanup_init(&pr->cleanup, loop, &pr->spool, pr->pool, pr->expander, &pr->policy,
		     pr->long_ids, instance);
	pr->cleanup.owner = pr;
	pr->cleanup.on_txns = on_txns;
	peer_init(&pr->qmgr, d, "qmgr", &(struct peer_ops){
		&qmgr_proto, intake_handlers, intake_n_handlers, on_up, on_down }, &pr->cleanup);
	peer_start(&pr->qmgr);
	leftovers_start(&pr->leftovers, &pr->cleanup, pr->lock_fd);
	return RC_OK;
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct program *pr = daemon_user(d);

	(void)l;
	cleanup_accept(&pr->cleanup, fd);
}

static void on_drain(struct daemon *d)
{
	struct program *pr = daemon_user(d);

	cleanup_drain(&pr->cleanup);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec spec = {
		.name = "cleanup", .params = cleanup_params_specs,
		.n_params = cleanup_params_count, .params_out = &params, .prepare = prepare,
		.start = start, .on_accept = on_accept, .on_drain = on_drain,
	};

	return daemon_main(argc, argv, &spec);
}
