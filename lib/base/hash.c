/* SPDX-License-Identifier: ISC */
#include "lib/base/hash.h"

#include <stdlib.h>

#include "lib/base/mem.h"

static char gone_mark[1];
#define HASH_GONE gone_mark

static uint64_t hash_of(const struct hash *t, struct slice key)
{
	return t->fold ? slice_ihash(key) : slice_hash(key);
}

static bool slot_is_live(const struct hash_slot *s)
{
	return s->key != NULL && s->key != HASH_GONE;
}

static bool slot_matches(const struct hash *t, const struct hash_slot *s, uint64_t h,
			 struct slice key)
{
	struct slice k = { s->key, s->key_n };

	return s->h == h && (t->fold ? slice_ieq(k, key) : slice_eq(k, key));
}

void hash_init(struct hash *t, size_t max_entries, bool ignore_case)
{
	*t = (struct hash){ .max = max_entries, .fold = ignore_case };
}

void hash_clear(struct hash *t)
{
	for (size_t i = 0; i < t->size; i++) {
		if (slot_is_live(&t->slots[i]))
			free(t->slots[i].key);
		t->slots[i] = (struct hash_slot){ 0 };
	}
	t->used = t->filled = 0;
}

void hash_done(struct hash *t)
{
	hash_clear(t);
	free(t->slots);
	hash_init(t, t->max, t->fold);
}

static struct hash_slot *find(const struct hash *t, struct slice key, uint64_t h)
{
	if (t->size == 0)
		return NULL;
	for (size_t i = h & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
		struct hash_slot *s = &t->slots[i];

		if (s->key == NULL)
			return NULL;
		if (s->key != HASH_GONE && slot_matches(t, s, h, key))
			return s;
	}
}

static void place(struct hash *t, struct hash_slot slot)
{
	size_t i = slot.h & (t->size - 1);

	while (t->slots[i].key != NULL)
		i = (i + 1) & (t->size - 1);
	t->slots[i] = slot;
	t->used++;
	t->filled++;
}

static void rehash(struct hash *t, size_t size)
{
	struct hash_slot *old = t->slots;
	size_t old_size = t->size;

	t->slots = mem_new(size, sizeof(*t->slots));
	t->size = size;
	t->used = t->filled = 0;
	for (size_t i = 0; i < old_size; i++)
		if (slot_is_live(&old[i]))
			place(t, old[i]);
	free(old);
}

void *hash_get(const struct hash *t, struct slice key)
{
	struct hash_slot *s = find(t, key, hash_of(t, key));

	return s != NULL ? s->value : NULL;
}

enum rc hash_put(struct hash *t, struct slice key, void *value, void **ret_old)
{
	uint64_t h = hash_of(t, key);
	struct hash_slot *s = find(t, key, h);

	if (ret_old != NULL)
		*ret_old = s != NULL ? s->value : NULL;
	if (s != NULL) {
		s->value = value;
		return RC_OK;
	}
	if (t->used >= t->max)
		return RC_LIMIT;
	if (t->size == 0 || t->filled + 1 > t->size / 4 * 3)
		rehash(t, t->size == 0 ? 16 : t->used + 1 > t->size / 2 ? t->size * 2 : t->size);
	place(t, (struct hash_slot){ mem_dup(key.p, key.n), key.n, h, value });
	return RC_OK;
}

void *hash_remove(struct hash *t, struct slice key)
{
	struct hash_slot *s = find(t, key, hash_of(t, key));
	void *value;

	if (s == NULL)
		return NULL;
	value = s->value;
	free(s->key);
	*s = (struct hash_slot){ .key = HASH_GONE };
	t->used--;
	return value;
}

bool hash_next(const struct hash *t, size_t *pos, struct slice *ret_key, void **ret_value)
{
	for (; *pos < t->size; (*pos)++) {
		struct hash_slot *s = &t->slots[*pos];

		if (!slot_is_live(s))
			continue;
		if (ret_key != NULL)
			*ret_key = slice_make(s->key, s->key_n);
		*ret_value = s->value;
		(*pos)++;
		return true;
	}
	return false;
}
