/* SPDX-License-Identifier: ISC */
#include "lib/base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"

enum { ARENA_BLOCK = 4096 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char data[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
	*a = (struct arena){ .max_bytes = max_bytes };
}

void arena_reset(struct arena *a)
{
	struct arena_block *b, *next;

	if (a->blocks == NULL)
		return;
	for (b = a->blocks; b->next != NULL; b = next) {
		next = b->next;
		free(b);
	}
	b->used = 0;
	a->blocks = b;
	a->used_bytes = 0;
}

void arena_done(struct arena *a)
{
	arena_reset(a);
	free(a->blocks);
	*a = (struct arena){ .max_bytes = a->max_bytes };
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->blocks;
	size_t step = alignof(max_align_t), size;
	void *p;

	if (n > a->max_bytes - a->used_bytes)
		return NULL;
	n = (n + step - 1) / step * step;
	if (b == NULL || b->size - b->used < n) {
		size = n > ARENA_BLOCK ? n : ARENA_BLOCK;
		b = mem_new(1, sizeof(*b) + size);
		b->size = size;
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->data + b->used;
	b->used += n;
	a->used_bytes += n <= a->max_bytes - a->used_bytes ? n : a->max_bytes - a->used_bytes;
	memset(p, 0, n);
	return p;
}

struct slice arena_slice(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (p == NULL)
		return (struct slice){ NULL, 0 };
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct slice){ p, s.n };
}

char *arena_str(struct arena *a, struct slice s)
{
	return (char *)(uintptr_t)arena_slice(a, s).p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	p = n >= 0 ? arena_alloc(a, (size_t)n + 1) : NULL;
	if (p != NULL)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return p;
}
