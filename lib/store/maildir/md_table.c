/* SPDX-License-Identifier: ISC */
#include "lib/store/maildir/md_table.h"

#include <stdlib.h>

#include "lib/base/mem.h"

enum { STRINGS_MAX = 1 << 30, TORN_GAP = 1024, SLOTS_MIN = 64, RECORD_GUESS = 48 };

void md_table_init(struct md_table *t)
{
	*t = (struct md_table){ 0 };
	arena_init(&t->strings, STRINGS_MAX);
}

void md_table_done(struct md_table *t)
{
	free(t->v);
	free(t->slots);
	free(t->text);
	arena_done(&t->strings);
	*t = (struct md_table){ .strings = t->strings };
}

#define HASH_HALF UINT64_C(0xffffffff00000000)

/* Half the hash in the slot spares the look at nearly all rows that are others. */
static uint64_t *slot_of(const struct md_table *t, struct slice base, uint64_t hash)
{
	size_t i = hash & (t->n_slots - 1);

	while (t->slots[i] != 0 && ((t->slots[i] ^ hash) >> 32 != 0 ||
				    !slice_eq(t->v[(uint32_t)t->slots[i] - 1].base, base)))
		i = (i + 1) & (t->n_slots - 1);
	return &t->slots[i];
}

static void put_slot(struct md_table *t, size_t row)
{
	struct slice base = t->v[row].base;
	uint64_t hash = slice_hash(base);

	*slot_of(t, base, hash) = (hash & HASH_HALF) | (row + 1);
}

static void rehash(struct md_table *t, size_t n_slots)
{
	free(t->slots);
	t->slots = mem_new(n_slots, sizeof(*t->slots));
	t->n_slots = n_slots;
	for (size_t i = 0; i < t->n; i++)
		put_slot(t, i);
}

uint32_t md_table_find(const struct md_table *t, struct slice base)
{
	return t->n_slots == 0 ? MD_NO_ROW : (uint32_t)*slot_of(t, base, slice_hash(base)) - 1;
}

uint32_t md_table_find_uid(const struct md_table *t, uint32_t uid)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->v[mid].uid < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n && t->v[lo].uid == uid ? (uint32_t)lo : MD_NO_ROW;
}

/* The last of two rows with one base is the one that counts. */
static void push(struct md_table *t, const struct md_record *r)
{
	if (t->n == t->size) {
		t->size = t->size > 0 ? 2 * t->size : 64;
		t->v = mem_grow(t->v, t->size, sizeof(*t->v));
	}
	t->v[t->n++] = (struct md_row){ .uid = r->uid, .base = r->base, .keys = r->keys,
					.info = "", .physical = MD_SIZE_UNKNOWN,
					.crlf = MD_SIZE_UNKNOWN, .date = MD_DATE_UNKNOWN };
	if (2 * t->n > t->n_slots)
		rehash(t, t->n_slots > 0 ? 2 * t->n_slots : SLOTS_MIN);
	else
		put_slot(t, t->n - 1);
}

static enum rc load(struct md_table *t, struct slice text)
{
	struct md_record r;
	size_t n_slots = SLOTS_MIN;
	uint32_t last = 0;
	enum rc rc = md_uidlist_head(&text, &t->head);

	if (rc != RC_OK)
		return rc;
	while (n_slots < 2 * text.n / RECORD_GUESS)
		n_slots *= 2;
	rehash(t, n_slots);
	while ((rc = md_uidlist_record(&text, t->head.version, &r)) == RC_OK) {
		if (r.uid <= last || r.uid > MD_UID_MAX)
			return RC_SYNTAX;
		last = r.uid;
		push(t, &r);
	}
	if (rc == RC_SYNTAX)
		return rc;
	if (t->head.uidnext <= last)
		t->head.uidnext = last + 1;
	/* A record that was cut off may have been told to a client: never give its UID again. */
	t->torn = rc == RC_MORE;
	if (t->torn)
		t->head.uidnext += TORN_GAP;
	return RC_OK;
}

enum rc md_table_load(struct md_table *t, char *text, size_t n)
{
	enum rc rc;

	md_table_done(t);
	t->text = text;
	rc = load(t, slice_make(text, n));
	if (rc != RC_OK)
		md_table_done(t);
	return rc;
}

static enum rc push_copy(struct md_table *t, const struct md_record *r)
{
	struct md_record copy = { .uid = r->uid };

	copy.base = arena_slice(&t->strings, r->base);
	copy.keys = arena_slice(&t->strings, r->keys);
	if (copy.base.p == NULL || copy.keys.p == NULL)
		return RC_LIMIT;
	push(t, &copy);
	return RC_OK;
}

enum rc md_table_extend(struct md_table *t, struct slice text)
{
	uint32_t last = t->n > 0 ? t->v[t->n - 1].uid : 0, uidnext = t->head.uidnext;
	size_t n = t->n;
	struct md_record r;
	enum rc rc;

	while ((rc = md_uidlist_record(&text, t->head.version, &r)) == RC_OK) {
		if (r.uid <= last || r.uid > MD_UID_MAX)
			break;
		last = r.uid;
		rc = push_copy(t, &r);
		if (rc != RC_OK)
			break;
	}
	if (rc != RC_END) {
		md_table_cut(t, n, uidnext);
		return rc == RC_LIMIT ? RC_LIMIT : RC_SYNTAX;
	}
	if (t->head.uidnext <= last)
		t->head.uidnext = last + 1;
	return RC_OK;
}

enum rc md_table_add(struct md_table *t, struct slice base, struct slice keys, uint32_t *ret_row)
{
	struct md_record r = { .uid = t->head.uidnext, .base = base, .keys = keys };

	if (r.uid > MD_UID_MAX || push_copy(t, &r) != RC_OK)
		return RC_LIMIT;
	t->head.uidnext++;
	*ret_row = (uint32_t)t->n - 1;
	return RC_OK;
}

void md_table_cut(struct md_table *t, size_t n, uint32_t uidnext)
{
	t->n = n;
	t->head.uidnext = uidnext;
	if (t->n_slots > 0)
		rehash(t, t->n_slots);
}

void md_table_inherit(struct md_table *t, const struct md_table *old)
{
	size_t k = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct md_row *row = &t->v[i];
		const struct md_row *was;

		while (k < old->n && old->v[k].uid < row->uid)
			k++;
		if (k == old->n)
			return;
		was = &old->v[k];
		if (was->uid != row->uid || !slice_eq(was->base, row->base))
			continue;
		row->physical = was->physical;
		row->crlf = was->crlf;
		row->date = was->date;
		row->learned = was->learned;
		row->recent = was->recent;
	}
}
