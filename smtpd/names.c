/* SPDX-License-Identifier: ISC */
#include "smtpd/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"

struct entry {
	int64_t until_ms;
	char name[257];
};

struct names {
	struct hash by_addr;
};

struct names *names_new(void)
{
	struct names *n = mem_new(1, sizeof(*n));

	hash_init(&n->by_addr, NAMES_MAX, false);
	return n;
}

static void forget_all(struct names *n)
{
	size_t pos = 0;
	struct slice key;
	void *entry;

	while (hash_next(&n->by_addr, &pos, &key, &entry))
		free(entry);
	hash_clear(&n->by_addr);
}

void names_free(struct names **n)
{
	if (*n == NULL)
		return;
	forget_all(*n);
	hash_done(&(*n)->by_addr);
	free(*n);
	*n = NULL;
}

void names_keep(struct names *n, const char *addr, const char *name, int64_t now_ms)
{
	struct entry *e = mem_new(1, sizeof(*e));
	void *old = NULL;

	if (hash_count(&n->by_addr) >= NAMES_MAX)
		forget_all(n);
	e->until_ms = now_ms + NAMES_KEEP_MS;
	snprintf(e->name, sizeof(e->name), "%s", name);
	if (hash_put(&n->by_addr, slice_str(addr), e, &old) != RC_OK)
		old = e;
	free(old);
}

bool names_find(struct names *n, const char *addr, int64_t now_ms, char *name, size_t size)
{
	const struct entry *e = hash_get(&n->by_addr, slice_str(addr));

	if (e == NULL || now_ms >= e->until_ms)
		return false;
	snprintf(name, size, "%s", e->name);
	return true;
}
