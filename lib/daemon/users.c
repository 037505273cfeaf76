/* SPDX-License-Identifier: ISC */
#include "lib/daemon/users.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/daemon/daemon_impl.h"
#include "lib/ipc/auth.h"
#include "lib/sys/log.h"
#include "lib/table/userdb.h"

enum { QUESTIONS_MAX = 20000, BUCKETS = 256, AWAY_MS = 10000 };

/* A question that auth has, or will get when it is up. */
struct question {
	struct list link;
	uint32_t id;
	void *token;
	struct slice user;	/* behind the struct */
	bool is_sent;
};

struct daemon_users {
	struct peer peer;
	struct list buckets[BUCKETS];
	unsigned n;
	uint32_t next_id;
	struct timer away;	/* runs while auth is not there and is asked for */
};

static void finish(struct daemon_users *u, struct question *q, enum rc rc, struct slice value)
{
	void *token = q->token;

	list_remove(&q->link);
	u->n--;
	free(q);
	table_answer(token, rc, value);
}

static struct question *find(struct daemon_users *u, uint32_t id)
{
	LIST_EACH(node, &u->buckets[id % BUCKETS]) {
		struct question *q = LIST_ENTRY(node, struct question, link);

		if (q->id == id && q->is_sent)
			return q;
	}
	return NULL;
}

static struct daemon_users *users_of(struct ipc_chan *c)
{
	struct peer *p = c->owner;

	return p->owner;
}

static enum rc on_found(struct ipc_chan *c, struct ipc_reader *r)
{
	struct daemon_users *u = users_of(c);
	struct auth_user_found m;
	struct question *q;
	struct err err = { 0 };
	struct buf value;
	enum rc rc;

	if (auth_user_found_get(r, &m) != RC_OK || (q = find(u, m.id)) == NULL)
		return RC_SYNTAX;
	buf_init(&value, IPC_PACKET_MAX);
	rc = userdb_value(&m, &value, &err);
	if (rc != RC_OK)
		log_err(NULL, &err, "user %.*s", SLICE_ARG(m.user));
	finish(u, q, rc == RC_OK ? RC_OK : RC_TEMP, buf_slice(&value));
	buf_done(&value);
	return RC_OK;
}

static enum rc on_none(struct ipc_chan *c, struct ipc_reader *r)
{
	struct daemon_users *u = users_of(c);
	struct auth_user_none m;
	struct question *q;

	if (auth_user_none_get(r, &m) != RC_OK || (q = find(u, m.id)) == NULL)
		return RC_SYNTAX;
	if (m.temporary)
		log_warn(NULL, "user lookup: %.*s", SLICE_ARG(m.reason));
	finish(u, q, m.temporary ? RC_TEMP : RC_END, (struct slice){ 0 });
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ auth_user_found_type, 0, on_found },
	{ auth_user_none_type, 0, on_none },
};

static void send_question(struct daemon_users *u, struct question *q)
{
	q->is_sent = true;
	auth_user_send(&u->peer.chan, &(struct auth_user){ .id = q->id, .user = q->user,
							   .service = SLICE_LIT("lda") });
}

static void on_up(struct peer *p)
{
	struct daemon_users *u = p->owner;

	timer_stop(&u->away);
	for (unsigned i = 0; i < BUCKETS; i++)
		LIST_EACH(node, &u->buckets[i]) {
			struct question *q = LIST_ENTRY(node, struct question, link);

			if (!q->is_sent)
				send_question(u, q);
		}
}

static void await_auth(struct daemon_users *u)
{
	if (u->n > 0 && !timer_is_running(&u->away))
		timer_start(&u->away, AWAY_MS);
}

/* Looking a user up changes nothing: what was asked is asked again when auth is back. */
static void on_down(struct peer *p, const struct err *why)
{
	struct daemon_users *u = p->owner;

	(void)why;
	for (unsigned i = 0; i < BUCKETS; i++)
		LIST_EACH(node, &u->buckets[i])
			LIST_ENTRY(node, struct question, link)->is_sent = false;
	await_auth(u);
}

/* Who asks anew from table_answer() waits for the next up, or the next end of patience. */
static void on_away(struct timer *t)
{
	struct daemon_users *u = LIST_ENTRY(t, struct daemon_users, away);
	struct list failed, *node;

	list_init(&failed);
	for (unsigned i = 0; i < BUCKETS; i++)
		while ((node = list_pop(&u->buckets[i])) != NULL)
			list_append(&failed, node);
	log_warn(NULL, "user lookups fail: no connection to auth for %d seconds", AWAY_MS / 1000);
	while (!list_is_empty(&failed))
		finish(u, LIST_ENTRY(failed.next, struct question, link), RC_TEMP,
		       (struct slice){ 0 });
}

static enum rc ask(void *ctx, struct slice table, struct slice key, void *token, struct err *err)
{
	struct daemon_users *u = ctx;
	struct question *q;

	(void)table;
	if (u->n >= QUESTIONS_MAX)
		return err_set(err, RC_TEMP, "too many user lookups are waiting");
	q = mem_new(1, sizeof(*q) + key.n);
	memcpy(q + 1, key.p, key.n);
	q->user = slice_make(q + 1, key.n);
	q->id = ++u->next_id;
	q->token = token;
	list_append(&u->buckets[q->id % BUCKETS], &q->link);
	u->n++;
	peer_start(&u->peer);
	if (peer_is_up(&u->peer))
		send_question(u, q);
	else
		await_auth(u);
	return RC_OK;
}

static enum rc ask_now(void *ctx, struct slice table, struct slice key, struct buf *out,
		       struct err *err)
{
	(void)ctx;
	(void)key;
	(void)out;
	return err_set(err, RC_TEMP, "table userdb:%.*s cannot be waited for here",
		       SLICE_ARG(table));
}

void daemon_use_users(struct daemon *d)
{
	struct daemon_users *u = arena_alloc(&d->arena, sizeof(*u));
	struct table_transport transport = { .ask = ask, .ask_now = ask_now, .ctx = u };

	if (u == NULL)
		log_fatal("no room for tables");
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&u->buckets[i]);
	timer_init(&u->away, d->loop, on_away);
	peer_init(&u->peer, d, USERDB_SERVICE, &auth_proto, handlers,
		  sizeof(handlers) / sizeof(handlers[0]), on_up, on_down, u);
	table_set_transport(USERDB_SERVICE, &transport);
}
