/* SPDX-License-Identifier: ISC */
#include "lib/store/names.h"

#include <stdlib.h>

#include "lib/base/mem.h"

enum rc store_names_add(struct store_names *l, struct slice s)
{
	if (l->n >= STORE_NAMES_MAX)
		return RC_LIMIT;
	if (l->n == l->size) {
		l->size = l->size > 0 ? 2 * l->size : 16;
		l->v = mem_grow(l->v, l->size, sizeof(*l->v));
	}
	l->v[l->n++] = mem_dup(s.n > 0 ? s.p : "", s.n);
	return RC_OK;
}

void store_names_remove(struct store_names *l, size_t i)
{
	free(l->v[i]);
	memmove(l->v + i, l->v + i + 1, (l->n - i - 1) * sizeof(*l->v));
	l->n--;
}

void store_names_done(struct store_names *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct store_names){ 0 };
}

ptrdiff_t store_names_find(const struct store_names *l, struct slice name)
{
	for (size_t i = 0; i < l->n; i++)
		if (slice_is(name, l->v[i]))
			return (ptrdiff_t)i;
	return -1;
}
