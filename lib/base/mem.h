/* lib/base/mem.h - allocation that cannot fail, and wiping.
 *
 * When the kernel has no memory left the process ends with one line on standard error and exit
 * status 71; the queue's format makes that safe, and master starts the program again. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_MEM_H
#define LIB_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory for N objects of SIZE bytes; free() it. */
void *mem_new(size_t n, size_t size) __attribute__((returns_nonnull, warn_unused_result));

/* As realloc(P, N * SIZE); the new part is not cleared. */
void *mem_grow(void *p, size_t n, size_t size) __attribute__((returns_nonnull,
							       warn_unused_result));

/* NUL-terminated copy of N bytes at P. */
char *mem_dup(const void *p, size_t n) __attribute__((returns_nonnull, warn_unused_result));

/* Overwrite N bytes in a way no compiler removes. */
void mem_wipe(void *p, size_t n);

/* True when the N bytes are equal; takes the same time wherever they differ. */
bool mem_equal_secret(const void *a, const void *b, size_t n);

#endif
