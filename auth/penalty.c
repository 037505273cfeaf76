/* SPDX-License-Identifier: ISC */
#include "auth/penalty.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "lib/table/net.h"

struct penalty {
	struct list link;		/* in penalties.by_age */
	struct net addr;
	int64_t failed_ms, length_ms;
	uint64_t attempt;
};

struct penalties {
	struct hash by_addr;
	struct list by_age;		/* who failed longest ago comes first */
	int64_t max_ms;
};

struct penalties *penalties_new(int64_t max_ms)
{
	struct penalties *p = mem_new(1, sizeof(*p));

	hash_init(&p->by_addr, PENALTIES_MAX, false);
	list_init(&p->by_age);
	p->max_ms = max_ms;
	return p;
}

static struct slice key_of(const struct net *addr)
{
	return slice_make((const char *)addr->addr, addr->n_bytes == 4 ? 4 : 6);
}

static void forget(struct penalties *p, struct penalty *e)
{
	(void)hash_remove(&p->by_addr, key_of(&e->addr));
	list_remove(&e->link);
	free(e);
}

void penalties_free(struct penalties **p)
{
	if (*p == NULL)
		return;
	while (!list_is_empty(&(*p)->by_age))
		forget(*p, LIST_ENTRY((*p)->by_age.next, struct penalty, link));
	hash_done(&(*p)->by_addr);
	free(*p);
	*p = NULL;
}

size_t penalties_count(const struct penalties *p)
{
	return hash_count(&p->by_addr);
}

/* An IPv4 address in IPv6 clothes is IPv4. */
static void undress(struct net *n)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (n->n_bytes != 16 || memcmp(n->addr, mapped, sizeof(mapped)) != 0)
		return;
	memmove(n->addr, n->addr + 12, 4);
	n->n_bytes = 4;
}

static bool is_loopback(const struct net *n)
{
	static const unsigned char v6[16] = { [15] = 1 };

	return n->n_bytes == 4 ? n->addr[0] == 127 : memcmp(n->addr, v6, sizeof(v6)) == 0;
}

/* False: ADDR is nobody who could be punished. */
static bool take_addr(const struct penalties *p, struct slice addr, struct net *out)
{
	if (p->max_ms == 0 || !net_parse_address(addr, out))
		return false;
	undress(out);
	return !is_loopback(out);
}

static bool is_forgotten(const struct penalty *e, int64_t now_ms)
{
	return now_ms - e->failed_ms >= e->length_ms + PENALTY_FORGET_MS;
}

int64_t penalties_due(const struct penalties *p, struct slice addr, int64_t now_ms)
{
	const struct penalty *e;
	struct net n;

	if (!take_addr(p, addr, &n))
		return now_ms;
	e = hash_get(&p->by_addr, key_of(&n));
	return e == NULL ? now_ms : e->failed_ms + e->length_ms;
}

static struct penalty *add(struct penalties *p, const struct net *addr)
{
	struct penalty *e;

	if (hash_count(&p->by_addr) == PENALTIES_MAX)
		forget(p, LIST_ENTRY(p->by_age.next, struct penalty, link));
	e = mem_new(1, sizeof(*e));
	e->addr = *addr;
	list_init(&e->link);
	if (hash_put(&p->by_addr, key_of(addr), e, NULL) == RC_OK)
		return e;
	free(e);
	return NULL;
}

void penalties_failed(struct penalties *p, struct slice addr, uint64_t attempt, int64_t now_ms)
{
	struct penalty *e;
	struct net n;

	if (!take_addr(p, addr, &n))
		return;
	e = hash_get(&p->by_addr, key_of(&n));
	if (e == NULL)
		e = add(p, &n);
	if (e == NULL)
		return;
	if (e->length_ms == 0 || is_forgotten(e, now_ms))
		e->length_ms = PENALTY_FIRST_MS;
	else if (e->attempt == attempt)
		return;
	else
		e->length_ms *= 2;
	if (e->length_ms > p->max_ms)
		e->length_ms = p->max_ms;
	e->attempt = attempt;
	e->failed_ms = now_ms;
	list_remove(&e->link);
	list_append(&p->by_age, &e->link);
}

void penalties_forgive(struct penalties *p, struct slice addr)
{
	struct penalty *e;
	struct net n;

	if (!take_addr(p, addr, &n))
		return;
	e = hash_get(&p->by_addr, key_of(&n));
	if (e != NULL)
		forget(p, e);
}
