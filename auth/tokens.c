/* SPDX-License-Identifier: ISC */
#include "auth/tokens.h"

#include <stdlib.h>
#include <sys/random.h>

#include "lib/base/list.h"
#include "lib/base/mem.h"

struct place {
	struct list link;		/* among those given out, oldest first, or the free ones */
	uint32_t number;
	bool is_taken;
	int64_t dies_ms;
	unsigned char secret[TOKEN_SECRET_BYTES];
	struct token_grant grant;
};

struct tokens {
	struct place **places;
	size_t n, size;
	size_t taken;
	struct list live, unused;
};

struct tokens *tokens_new(void)
{
	struct tokens *t = mem_new(1, sizeof(*t));

	list_init(&t->live);
	list_init(&t->unused);
	return t;
}

static void give_up(struct tokens *t, struct place *p)
{
	free(p->grant.prefetch);
	mem_wipe(p->secret, sizeof(p->secret));
	p->grant = (struct token_grant){ 0 };
	p->is_taken = false;
	list_remove(&p->link);
	list_prepend(&t->unused, &p->link);
	t->taken--;
}

void tokens_free(struct tokens **t)
{
	if (*t == NULL)
		return;
	while (!list_is_empty(&(*t)->live))
		give_up(*t, LIST_ENTRY((*t)->live.next, struct place, link));
	for (size_t i = 0; i < (*t)->n; i++)
		free((*t)->places[i]);
	free((*t)->places);
	free(*t);
	*t = NULL;
}

size_t tokens_count(const struct tokens *t)
{
	return t->taken;
}

/* All live the same time, so the oldest stand in front. */
static void expire(struct tokens *t, int64_t now_ms)
{
	while (!list_is_empty(&t->live)) {
		struct place *p = LIST_ENTRY(t->live.next, struct place, link);

		if (p->dies_ms > now_ms)
			break;
		give_up(t, p);
	}
}

static struct place *free_place(struct tokens *t)
{
	struct list *unused = list_pop(&t->unused);
	struct place *p;

	if (unused != NULL)
		return LIST_ENTRY(unused, struct place, link);
	if (t->n == TOKENS_MAX)
		return NULL;
	if (t->n == t->size) {
		t->size = t->size > 0 ? t->size * 2 : 16;
		t->places = mem_grow(t->places, t->size, sizeof(struct place *));
	}
	p = mem_new(1, sizeof(*p));
	p->number = (uint32_t)t->n;
	list_init(&p->link);
	t->places[t->n++] = p;
	return p;
}

enum rc tokens_issue(struct tokens *t, int64_t now_ms, struct token_grant *grant,
		     unsigned char out[TOKEN_BYTES])
{
	struct place *p;

	expire(t, now_ms);
	p = free_place(t);
	if (p == NULL)
		return RC_LIMIT;
	if (getrandom(p->secret, sizeof(p->secret), 0) != (ssize_t)sizeof(p->secret))
		abort();	/* the kernel has no chance to give: nothing is safe then */
	p->dies_ms = now_ms + TOKEN_LIFE_MS;
	p->is_taken = true;
	p->grant = *grant;
	grant->prefetch = NULL;
	list_append(&t->live, &p->link);
	t->taken++;
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(p->number >> 8 * i);
	memcpy(out + 4, p->secret, sizeof(p->secret));
	return RC_OK;
}

static struct place *find(struct tokens *t, struct slice token)
{
	const unsigned char *b = (const unsigned char *)token.p;
	uint32_t number;

	if (token.n != TOKEN_BYTES)
		return NULL;
	number = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	if (number >= t->n || !t->places[number]->is_taken)
		return NULL;
	if (!mem_equal_secret(t->places[number]->secret, b + 4, TOKEN_SECRET_BYTES))
		return NULL;
	return t->places[number];
}

enum rc tokens_redeem(struct tokens *t, int64_t now_ms, struct slice token, struct slice service,
		      struct token_grant *out)
{
	struct place *p;
	bool is_meant;

	expire(t, now_ms);
	p = find(t, token);
	if (p == NULL)
		return RC_DENIED;
	is_meant = slice_is(service, p->grant.service);
	if (is_meant) {
		*out = p->grant;
		p->grant.prefetch = NULL;
	}
	give_up(t, p);
	return is_meant ? RC_OK : RC_DENIED;
}
