/* lib/base/hash.h - a hash table from byte keys to pointers.
 *
 * No I/O. Keys are copied; values are borrowed (the owner frees them). Open addressing, grows by
 * itself, refuses to hold more than its maximum. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_HASH_H
#define LIB_BASE_HASH_H

#include "lib/base/slice.h"

struct hash_slot {
	char *key;	/* NULL: never used; HASH_GONE: removed */
	size_t key_n;
	uint64_t h;
	void *value;
};

struct hash {
	struct hash_slot *slots;
	size_t size;	/* power of two, or 0 */
	size_t used;	/* live entries */
	size_t filled;	/* live and removed */
	size_t max;
	bool fold;	/* ASCII case is ignored */
};

void hash_init(struct hash *t, size_t max_entries, bool ignore_case);
void hash_done(struct hash *t);
void hash_clear(struct hash *t);	/* forget all entries, keep the memory */

void *hash_get(const struct hash *t, struct slice key);	/* NULL: absent */

/* Insert or replace; *RET_OLD (may be NULL) is the value replaced or NULL. VALUE must not be
 * NULL. RC_LIMIT when a new key would pass the maximum. */
enum rc hash_put(struct hash *t, struct slice key, void *value, void **ret_old);

void *hash_remove(struct hash *t, struct slice key);	/* the value, or NULL */

static inline size_t hash_count(const struct hash *t) { return t->used; }

/* Walk: start with *POS = 0; false at the end. No change to the table but hash_remove of the
 * entry just returned. */
bool hash_next(const struct hash *t, size_t *pos, struct slice *ret_key, void **ret_value);

#endif
