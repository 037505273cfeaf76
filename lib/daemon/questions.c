/* SPDX-License-Identifier: ISC */
#include "lib/daemon/questions.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/daemon/daemon_impl.h"
#include "lib/sys/log.h"
#include "lib/table/table.h"

enum { AWAY_MS = 10000 };

static void send_one(struct questions *qs, struct question *q)
{
	q->is_sent = true;
	qs->service->send(&qs->peer, q);
}

static void on_up(struct peer *p)
{
	struct questions *qs = p->owner;

	timer_stop(&qs->away);
	for (unsigned i = 0; i < QUESTIONS_BUCKETS; i++)
		LIST_EACH(node, &qs->buckets[i]) {
			struct question *q = LIST_ENTRY(node, struct question, link);

			if (!q->is_sent)
				send_one(qs, q);
		}
}

static void await(struct questions *qs)
{
	if (qs->n > 0 && !timer_is_running(&qs->away))
		timer_start(&qs->away, AWAY_MS);
}

static void on_down(struct peer *p, const struct err *why)
{
	struct questions *qs = p->owner;

	(void)why;
	for (unsigned i = 0; i < QUESTIONS_BUCKETS; i++)
		LIST_EACH(node, &qs->buckets[i])
			LIST_ENTRY(node, struct question, link)->is_sent = false;
	await(qs);
}

/* Who asks anew from table_answer() waits for the next up, or the next end of patience. */
static void on_away(struct timer *t)
{
	struct questions *qs = LIST_ENTRY(t, struct questions, away);
	struct list failed, *node;

	list_init(&failed);
	for (unsigned i = 0; i < QUESTIONS_BUCKETS; i++)
		while ((node = list_pop(&qs->buckets[i])) != NULL)
			list_append(&failed, node);
	log_warn(NULL, "lookups fail: no connection to %s for %d seconds", qs->service->name,
		 AWAY_MS / 1000);
	while (!list_is_empty(&failed))
		questions_finish(qs, LIST_ENTRY(failed.next, struct question, link), RC_TEMP,
				 (struct slice){ 0 });
}

void questions_init(struct questions *qs, struct daemon *d, const struct question_service *s)
{
	*qs = (struct questions){ .service = s };
	for (unsigned i = 0; i < QUESTIONS_BUCKETS; i++)
		list_init(&qs->buckets[i]);
	timer_init(&qs->away, d->loop, on_away);
	peer_init(&qs->peer, d, s->name, &(struct peer_ops){
		s->proto, s->handlers, s->n_handlers, on_up, on_down }, qs);
}

static struct slice put(char *mem, struct slice s)
{
	if (s.n > 0)
		memcpy(mem, s.p, s.n);
	return slice_make(mem, s.n);
}

enum rc questions_ask(struct questions *qs, struct slice table, struct slice key, void *token,
		      struct err *err)
{
	struct question *q;
	char *mem;

	if (qs->n >= qs->service->max)
		return err_set(err, RC_TEMP, "too many lookups wait for %s", qs->service->name);
	q = mem_new(1, sizeof(*q) + table.n + key.n);
	mem = (char *)(q + 1);
	q->table = put(mem, table);
	q->key = put(mem + table.n, key);
	q->id = ++qs->next_id;
	q->token = token;
	list_append(&qs->buckets[q->id % QUESTIONS_BUCKETS], &q->link);
	qs->n++;
	peer_start(&qs->peer);
	if (peer_is_up(&qs->peer))
		send_one(qs, q);
	else
		await(qs);
	return RC_OK;
}

struct question *questions_find(struct questions *qs, uint32_t id)
{
	LIST_EACH(node, &qs->buckets[id % QUESTIONS_BUCKETS]) {
		struct question *q = LIST_ENTRY(node, struct question, link);

		if (q->id == id && q->is_sent)
			return q;
	}
	return NULL;
}

void questions_finish(struct questions *qs, struct question *q, enum rc rc, struct slice value)
{
	void *token = q->token;

	list_remove(&q->link);
	qs->n--;
	free(q);
	table_answer(token, rc, value);
}
