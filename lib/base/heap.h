/* lib/base/heap.h - a binary min-heap of embedded nodes ordered by a 64-bit key.
 *
 * No I/O. For due times: O(log n) insert, move and remove of any node. A node in no heap has
 * index 0; removing it is harmless. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_HEAP_H
#define LIB_BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_node {
	int64_t key;
	size_t index;	/* position + 1; 0 when in no heap */
};

struct heap {
	struct heap_node **nodes;
	size_t n, size;
};

void heap_init(struct heap *h);
void heap_done(struct heap *h);
void heap_insert(struct heap *h, struct heap_node *node, int64_t key);
void heap_remove(struct heap *h, struct heap_node *node);
void heap_move(struct heap *h, struct heap_node *node, int64_t key);	/* insert if absent */
static inline struct heap_node *heap_top(const struct heap *h)
{
	return h->n > 0 ? h->nodes[0] : NULL;
}

#endif
