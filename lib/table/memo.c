/* lib/table/memo.c - answers that come later, and the way to who gives them.
 *
 * A question is a token on the heap that its memo lists while it is on its way. When the memo
 * goes first, the token is left behind without one and freed by the late answer. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/type.h"

enum { TRANSPORTS_MAX = 4, MEMO_ANSWERS_MAX = 100000 };

/* Set once per process, before the first question. */
static struct {
	const char *service;
	struct table_transport transport;
} transports[TRANSPORTS_MAX];

struct answer {
	bool is_known;
	enum rc rc;
	struct slice value;
};

struct token {
	struct list node;
	struct table_memo *memo;	/* NULL: gone */
	struct answer *answer;
};

void table_set_transport(const char *service, const struct table_transport *t)
{
	for (size_t i = 0; i < TRANSPORTS_MAX; i++) {
		if (transports[i].service != NULL && strcmp(transports[i].service, service) != 0)
			continue;
		transports[i].service = service;
		transports[i].transport = *t;
		return;
	}
	abort();
}

static const struct table_transport *find_transport(const char *service)
{
	for (size_t i = 0; i < TRANSPORTS_MAX && transports[i].service != NULL; i++)
		if (strcmp(transports[i].service, service) == 0)
			return &transports[i].transport;
	return NULL;
}

bool table_has_transport(const char *service)
{
	return find_transport(service) != NULL;
}

void table_memo_init(struct table_memo *m, struct arena *arena,
		     void (*on_ready)(struct table_memo *), void *owner)
{
	*m = (struct table_memo){ .arena = arena, .on_ready = on_ready, .owner = owner };
	hash_init(&m->answers, MEMO_ANSWERS_MAX, false);
	list_init(&m->tokens);
}

void table_memo_done(struct table_memo *m)
{
	struct list *node;

	if (m->tokens.next == NULL)
		return; /* never initialised */
	while ((node = list_pop(&m->tokens)) != NULL)
		LIST_ENTRY(node, struct token, node)->memo = NULL;
	hash_done(&m->answers);
	m->pending = 0;
}

void table_answer(void *token, enum rc rc, struct slice value)
{
	struct token *k = token;
	struct table_memo *m = k->memo;

	list_remove(&k->node);
	if (m != NULL) {
		k->answer->is_known = true;
		k->answer->rc = rc;
		if (rc == RC_OK) {
			k->answer->value = arena_slice(m->arena, value);
			if (k->answer->value.p == NULL)
				k->answer->rc = RC_TEMP;
		}
		m->pending--;
	}
	free(k);
	if (m != NULL && m->pending == 0)
		m->on_ready(m);
}

static enum rc give(const struct answer *a, struct slice *ret, struct err *err)
{
	if (!a->is_known)
		return RC_MORE;
	if (a->rc == RC_OK)
		*ret = a->value;
	else if (a->rc != RC_END)
		return err_set(err, a->rc, "lookup failed");
	return a->rc;
}

static enum rc ask_later(const struct table_transport *tr, struct slice table,
			 struct table_memo *m, struct slice key, struct answer *a,
			 struct err *err)
{
	struct token *k = mem_new(1, sizeof(*k));
	enum rc rc;

	k->memo = m;
	k->answer = a;
	list_append(&m->tokens, &k->node);
	m->pending++;
	rc = tr->ask(tr->ctx, table, key, k, err);
	if (rc == RC_OK)
		return RC_MORE;
	list_remove(&k->node);
	free(k);
	m->pending--;
	a->is_known = true;
	a->rc = RC_TEMP;
	return err_set(err, RC_TEMP, "lookup failed");
}

static enum rc ask_memo(struct table *t, const struct table_transport *tr, const char *table,
			struct table_memo *m, struct slice key, struct slice *ret,
			struct err *err)
{
	struct answer *a;
	enum rc rc;

	/* Keys have no NUL, so table and key cannot run into each other. */
	buf_reset(&t->result);
	buf_adds(&t->result, table);
	buf_addc(&t->result, '\0');
	buf_add(&t->result, key);
	a = hash_get(&m->answers, buf_slice(&t->result));
	if (a != NULL)
		return give(a, ret, err);
	a = ARENA_NEW(m->arena, struct answer);
	if (a == NULL)
		return err_set(err, RC_TEMP, "too many lookups for one command");
	rc = hash_put(&m->answers, buf_slice(&t->result), a, NULL);
	if (rc != RC_OK)
		return err_set(err, RC_TEMP, "too many lookups for one command");
	return ask_later(tr, slice_str(table), m, key, a, err);
}

enum rc table_ask(struct table *t, const char *service, const char *table, struct table_memo *m,
		  struct slice key, struct slice *ret, struct err *err)
{
	const struct table_transport *tr = find_transport(service);
	enum rc rc;

	if (tr == NULL)
		return err_set(err, RC_TEMP, "no way to the %s service from this program",
			       service);
	if (m != NULL)
		return ask_memo(t, tr, table, m, key, ret, err);
	buf_reset(&t->result);
	rc = tr->ask_now(tr->ctx, slice_str(table), key, &t->result, err);
	if (rc == RC_OK)
		*ret = buf_slice(&t->result);
	return rc;
}
