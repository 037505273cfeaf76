/* SPDX-License-Identifier: ISC */
#include "cleanup/server.h"

#include <stdlib.h>

#include "lib/base/mem.h"

void cleanup_init(struct cleanup *c, struct loop *loop, const struct queue_spool *spool,
		  struct sync_pool *pool, struct expander *x, const struct cleanup_policy *p,
		  bool long_ids, uint32_t instance)
{
	*c = (struct cleanup){ .loop = loop, .spool = spool, .pool = pool, .expander = x,
			       .policy = *p, .space_checked_ms = INT64_MIN / 2 };
	queue_idgen_init(&c->ids, long_ids, instance);
	list_init(&c->clients);
	buf_init(&c->tail, QUEUE_TAIL_MAX);
}

static void client_free(struct client *cl)
{
	task_cancel(&cl->bury);
	list_remove(&cl->link);
	ipc_chan_done(&cl->chan);
	hash_done(&cl->txns);
	free(cl);
}

static void run_bury(struct task *t)
{
	client_free(LIST_ENTRY(t, struct client, bury));
}

void client_check_idle(struct client *cl)
{
	bool is_idle = hash_count(&cl->txns) == 0;

	if (is_idle && cl->server->is_draining)
		cl->is_gone = true;	/* what was answered just now is sent before the task runs */
	if (is_idle && cl->is_gone)
		loop_defer(cl->server->loop, &cl->bury, run_bury);
}

static void drop_txns(struct client *cl)
{
	struct slice key;
	size_t pos = 0;
	void *v;

	while (hash_next(&cl->txns, &pos, &key, &v))
		if (!txn_is_committing(v))
			txn_drop(v);
}

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	struct client *cl = chan->owner;

	log_debug(NULL, "%s", why->text);
	cl->is_gone = true;
	drop_txns(cl);
	client_check_idle(cl);
}

void cleanup_accept(struct cleanup *c, int fd)
{
	struct client *cl = mem_new(1, sizeof(*cl));

	cl->server = c;
	list_append(&c->clients, &cl->link);
	hash_init(&cl->txns, CLEANUP_TXNS_MAX, false);
	task_init(&cl->bury);
	ipc_chan_init(&cl->chan, c->loop, fd, &cleanup_proto, cleanup_handlers,
		      cleanup_n_handlers, on_close, cl);
}

void cleanup_drain(struct cleanup *c)
{
	c->is_draining = true;
	LIST_EACH(node, &c->clients) {
		struct client *cl = LIST_ENTRY(node, struct client, link);

		cleanup_move_send(&cl->chan, &(struct cleanup_move){});
		client_check_idle(cl);
	}
}

void cleanup_done(struct cleanup *c)
{
	LIST_EACH(node, &c->clients) {
		struct client *cl = LIST_ENTRY(node, struct client, link);
		struct slice key;
		size_t pos = 0;
		void *v;

		while (hash_next(&cl->txns, &pos, &key, &v))
			txn_drop(v);
		client_free(cl);
	}
	buf_done(&c->tail);
}
