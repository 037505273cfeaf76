/* SPDX-License-Identifier: ISC */
#include "lib/daemon/tables.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/daemon/daemon_impl.h"
#include "lib/daemon/users.h"
#include "lib/ipc/proxymap.h"
#include "lib/sys/log.h"

enum { QUESTIONS_MAX = 100000 };

/* A question that proxymap has or will get when it is up. */
struct question {
	struct list link;
	uint32_t id;
	void *token;
	struct slice table, key;	/* behind the struct */
	bool is_sent;
};

struct daemon_tables {
	struct daemon *daemon;
	struct peer peer;
	struct list questions;
	unsigned n;
	uint32_t next_id;
};

static struct daemon_tables *tables_of(struct ipc_chan *c)
{
	struct peer *p = c->owner;

	return p->owner;
}

static void send_question(struct daemon_tables *t, struct question *q)
{
	q->is_sent = true;
	proxymap_ask_send(&t->peer.chan, &(struct proxymap_ask){
		.id = q->id, .table = q->table, .key = q->key });
}

static void finish(struct daemon_tables *t, struct question *q, enum rc rc, struct slice value)
{
	void *token = q->token;

	list_remove(&q->link);
	t->n--;
	free(q);
	table_answer(token, rc, value);
}

static enum rc on_answer(struct ipc_chan *c, struct ipc_reader *r)
{
	static const enum rc codes[] = { RC_OK, RC_END, RC_TEMP, RC_PERM };
	struct daemon_tables *t = tables_of(c);
	struct proxymap_answer m;

	if (proxymap_answer_get(r, &m) != RC_OK || m.status >= sizeof(codes) / sizeof(codes[0]))
		return RC_SYNTAX;
	LIST_EACH(node, &t->questions) {
		struct question *q = LIST_ENTRY(node, struct question, link);

		if (q->id == m.id && q->is_sent) {
			finish(t, q, codes[m.status], m.value);
			return RC_OK;
		}
	}
	return RC_SYNTAX;
}

static const struct ipc_handler handlers[] = {
	{ proxymap_answer_type, 0, on_answer },
};

static void on_up(struct peer *p)
{
	struct daemon_tables *t = p->owner;

	LIST_EACH(node, &t->questions) {
		struct question *q = LIST_ENTRY(node, struct question, link);

		if (!q->is_sent)
			send_question(t, q);
	}
}

/* What was asked now fails for now; table_answer() may ask anew, which waits for the next up. */
static void on_down(struct peer *p, const struct err *why)
{
	struct daemon_tables *t = p->owner;
	struct list failed, *node;

	list_init(&failed);
	while ((node = list_pop(&t->questions)) != NULL)
		list_append(&failed, node);
	if (!list_is_empty(&failed))
		log_err(NULL, why, "table lookups fail");
	while (!list_is_empty(&failed))
		finish(t, LIST_ENTRY(failed.next, struct question, link), RC_TEMP,
		       (struct slice){ 0 });
}

static enum rc ask(void *ctx, struct slice table, struct slice key, void *token, struct err *err)
{
	struct daemon_tables *t = ctx;
	struct question *q;
	char *mem;

	if (t->n >= QUESTIONS_MAX)
		return err_set(err, RC_TEMP, "too many table lookups are waiting");
	q = mem_new(1, sizeof(*q) + table.n + key.n);
	mem = (char *)(q + 1);
	memcpy(mem, table.p, table.n);
	if (key.n > 0)
		memcpy(mem + table.n, key.p, key.n);
	q->table = slice_make(mem, table.n);
	q->key = slice_make(mem + table.n, key.n);
	q->id = ++t->next_id;
	q->token = token;
	list_append(&t->questions, &q->link);
	t->n++;
	peer_start(&t->peer);
	if (peer_is_up(&t->peer))
		send_question(t, q);
	return RC_OK;
}

static enum rc ask_now(void *ctx, struct slice table, struct slice key, struct buf *out,
		       struct err *err)
{
	(void)ctx;
	(void)key;
	(void)out;
	return err_set(err, RC_TEMP, "table %.*s cannot be waited for here", SLICE_ARG(table));
}

static void note(const char *text)
{
	log_warn(NULL, "%s", text);
}

/* As settle_faults() does. */
static void note_for_check(const char *text)
{
	printf("N %s\n", text);
}

void daemon_use_tables(struct daemon *d)
{
	struct daemon_tables *t = mem_new(1, sizeof(*t));	/* lives as long as the process */
	struct table_transport transport = { .ask = ask, .ask_now = ask_now, .ctx = t };

	t->daemon = d;
	list_init(&t->questions);
	peer_init(&t->peer, d, "proxymap", &proxymap_proto, handlers,
		  sizeof(handlers) / sizeof(handlers[0]), on_up, on_down, t);
	table_set_transport("proxymap", &transport);
	table_on_note(d->is_checking ? note_for_check : note);
	daemon_use_users(d);
}
