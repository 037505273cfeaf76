/* lib/base/arena.h - a bump allocator with a cap; one per lifetime.
 *
 * Lifetimes are configuration, session, transaction and command; arenas are passed explicitly.
 * Nothing is freed piecemeal: arena_reset() forgets everything at once and keeps the first
 * block. Nothing may point into an arena that lives shorter than itself. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_ARENA_H
#define LIB_BASE_ARENA_H

#include <stdarg.h>

#include "lib/base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;	/* newest first */
	size_t used_bytes;		/* handed out since the last reset */
	size_t max_bytes;
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_reset(struct arena *a);
void arena_done(struct arena *a);

/* Zeroed, aligned for any object. NULL when the cap would be passed: an ordinary event with a
 * reply (452, 552) and a test. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((warn_unused_result));

/* Copies; .p is NULL (and n 0) when the cap would be passed. The bytes are followed by a NUL
 * that n does not count. An empty S gives a valid pointer to "". */
struct slice arena_slice(struct arena *a, struct slice s);

/* NULL when the cap would be passed. */
char *arena_str(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
