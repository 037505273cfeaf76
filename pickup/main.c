/* SPDX-License-Identifier: ISC */
#include "lib/daemon/tables.h"
#include "lib/sys/log.h"
#include "pickup/pickup.h"

#define PARAMS_STRUCT pickup_base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT pickup_queue_params
#define PARAMS_FILE "lib/queue/params.def"
#include "lib/conf/param_struct.h"

void pickup_look(struct pickup *p)
{
	struct queue_scan scan;
	struct queue_id id;
	struct err err = { 0 };

	if (!peer_is_up(&p->cleanup) || daemon_is_draining(p->daemon))
		return;
	p->look_again = false;
	if (queue_scan_init(&scan, &p->spool, QUEUE_MAILDROP, &err) != RC_OK) {
		log_err(NULL, &err, "maildrop");
		return;
	}
	while (!p->look_again && queue_scan_next(&scan, &id)) {
		p->look_again = p->n_jobs >= JOBS_MAX;
		if (!p->look_again)
			job_start(p, &id);
	}
	queue_scan_done(&scan);
}

static void on_wakeup(struct daemon *d)
{
	pickup_look(daemon_user(d));
}

static void on_retry(struct timer *t)
{
	pickup_look(LIST_ENTRY(t, struct pickup, retry));
}

static enum rc take_opened(struct ipc_chan *c, struct ipc_reader *r)
{
	struct peer *peer = c->owner;
	struct pickup *p = peer->owner;

	return poster_on_opened(&p->poster, r);
}

static enum rc take_done(struct ipc_chan *c, struct ipc_reader *r)
{
	struct peer *peer = c->owner;
	struct pickup *p = peer->owner;

	return poster_on_done(&p->poster, r);
}

static const struct ipc_handler handlers[] = {
	{ cleanup_opened_type, 0, take_opened },
	{ cleanup_done_type, 0, take_done },
	{ cleanup_move_type, 0, poster_on_move },
};

static void on_up(struct peer *peer)
{
	struct pickup *p = peer->owner;

	poster_up(&p->poster, &peer->chan);
	pickup_look(p);
}

static void on_down(struct peer *peer, const struct err *why)
{
	struct pickup *p = peer->owner;

	(void)why;
	poster_down(&p->poster);
}

/* Declared by smtpd, which adds the same field. */
static const char *to_header(struct daemon *d, struct faults *faults)
{
	struct err err = { 0 };
	struct buf value;
	const char *s;

	buf_init(&value, 1024);
	if (conf_expand_name(daemon_conf(d), SLICE_LIT("undisclosed_recipients_header"), &value,
			     &err) != RC_OK)
		faults_add(faults, true, NULL, 0, NULL, "%s", err.text);
	s = arena_str(daemon_arena(d), buf_slice(&value));
	buf_done(&value);
	return s;
}

static void prepare(struct daemon *d, struct faults *faults)
{
	struct pickup *p = arena_alloc(daemon_arena(d), sizeof(*p));
	struct pickup_base_params base;
	struct pickup_queue_params queue;
	struct address *address;
	struct err err = { 0 };

	daemon_use_tables(d);
	params_load(pickup_base_params_specs, pickup_base_params_count, daemon_conf(d),
		    daemon_arena(d), &base, faults);
	params_load(pickup_queue_params_specs, pickup_queue_params_count, daemon_conf(d),
		    daemon_arena(d), &queue, faults);
	address_open(daemon_conf(d), faults, &address);
	if (queue_spool_open(&p->spool, base.queue_directory,
			     1u << QUEUE_MAILDROP | 1u << QUEUE_CORRUPT, "", 0, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, "postfix set-permissions", "%s", err.text);
	p->daemon = d;
	p->policy = (struct pickup_policy){
		.myhostname = base.myhostname, .mail_name = base.mail_name,
		.myorigin = base.myorigin, .to_header = to_header(d, faults),
		.field_max = (size_t)queue.header_size_limit, .address = address,
	};
	daemon_set_user(d, p);
}

static enum rc start(struct daemon *d, struct err *err)
{
	struct pickup *p = daemon_user(d);

	(void)err;
	list_init(&p->jobs);
	poster_init(&p->poster);
	timer_init(&p->retry, daemon_loop(d), on_retry);
	refuser_init(&p->refuser, d);
	peer_init(&p->cleanup, d, "cleanup", &(struct peer_ops){
		&cleanup_proto, handlers, sizeof(handlers) / sizeof(handlers[0]), on_up, on_down },
		  p);
	peer_start(&p->cleanup);
	return RC_OK;
}

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "pickup",
		.prepare = prepare, .start = start, .on_wakeup = on_wakeup,
	};

	return daemon_main(argc, argv, &spec);
}
