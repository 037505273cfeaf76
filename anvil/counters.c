/* SPDX-License-Identifier: ISC */
#include "anvil/counters.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"

void counters_init(struct counters *c, int64_t unit_ms, size_t keys_max)
{
	*c = (struct counters){ .unit_ms = unit_ms, .keys_max = keys_max };
	hash_init(&c->keys, keys_max, false);
	list_init(&c->idle);
	list_init(&c->busy);
}

static void forget(struct counters *c, struct counter *k)
{
	hash_remove(&c->keys, slice_str(k->key));
	list_remove(&k->link);
	free(k);
}

void counters_done(struct counters *c)
{
	LIST_EACH(node, &c->idle)
		forget(c, LIST_ENTRY(node, struct counter, link));
	LIST_EACH(node, &c->busy)
		forget(c, LIST_ENTRY(node, struct counter, link));
	hash_done(&c->keys);
}

/* The key's counter, made if needed; NULL when the table is full of busy keys. */
static struct counter *find(struct counters *c, struct slice key, int64_t now_ms)
{
	struct counter *k = hash_get(&c->keys, key);

	if (k != NULL)
		return k;
	if (key.n > COUNTER_KEY_BYTES || slice_has_nul(key))
		return NULL;
	if (hash_count(&c->keys) >= c->keys_max) {
		if (list_is_empty(&c->idle))
			return NULL;
		forget(c, LIST_ENTRY(c->idle.next, struct counter, link));
	}
	k = mem_new(1, sizeof(*k));
	if (!slice_to_cstr(key, k->key, sizeof(k->key)) ||
	    hash_put(&c->keys, key, k, NULL) != RC_OK) {
		free(k);
		return NULL;
	}
	list_init(&k->link);
	k->unit_start_ms = now_ms;
	return k;
}

static void note_peak(struct counter_peak *p, uint32_t value, const struct counter *k,
		      int64_t unix_s)
{
	if (value <= p->value)
		return;
	p->value = value;
	p->at_unix_s = unix_s;
	memcpy(p->key, k->key, sizeof(p->key));
}

struct counter_now counters_add(struct counters *c, struct slice key, enum counter_kind kind,
				int64_t now_ms, int64_t unix_s)
{
	struct counter *k = find(c, key, now_ms);

	if (k == NULL)
		return (struct counter_now){ 0, 0 };
	if (now_ms - k->unit_start_ms >= c->unit_ms) {
		memset(k->rate, 0, sizeof(k->rate));
		k->unit_start_ms = now_ms;
	}
	if (k->rate[kind] < UINT32_MAX)
		k->rate[kind]++;
	if (kind == COUNT_CONNECTION && k->connections < UINT32_MAX)
		k->connections++;
	list_remove(&k->link);
	list_append(k->connections > 0 ? &c->busy : &c->idle, &k->link);
	note_peak(&c->peak_rate[kind], k->rate[kind], k, unix_s);
	note_peak(&c->peak_connections, k->connections, k, unix_s);
	if (hash_count(&c->keys) > c->peak_size) {
		c->peak_size = hash_count(&c->keys);
		c->peak_size_at_unix_s = unix_s;
	}
	return (struct counter_now){ k->connections, k->rate[kind] };
}

void counters_drop(struct counters *c, struct slice key)
{
	struct counter *k = hash_get(&c->keys, key);

	if (k == NULL || k->connections == 0 || --k->connections > 0)
		return;
	list_remove(&k->link);
	list_append(&c->idle, &k->link);
}

void counters_reset_peaks(struct counters *c)
{
	memset(c->peak_rate, 0, sizeof(c->peak_rate));
	c->peak_connections = (struct counter_peak){ 0 };
	c->peak_size = 0;
}
