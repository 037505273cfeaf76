/* SPDX-License-Identifier: ISC */
#include "lib/base/heap.h"

#include <stdlib.h>

#include "lib/base/mem.h"

static void set(struct heap *h, size_t i, struct heap_node *node)
{
	h->nodes[i] = node;
	node->index = i + 1;
}

static void up(struct heap *h, size_t i)
{
	struct heap_node *node = h->nodes[i];

	while (i > 0 && h->nodes[(i - 1) / 2]->key > node->key) {
		set(h, i, h->nodes[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	set(h, i, node);
}

static void down(struct heap *h, size_t i)
{
	struct heap_node *node = h->nodes[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->n)
			break;
		if (child + 1 < h->n && h->nodes[child + 1]->key < h->nodes[child]->key)
			child++;
		if (h->nodes[child]->key >= node->key)
			break;
		set(h, i, h->nodes[child]);
		i = child;
	}
	set(h, i, node);
}

void heap_init(struct heap *h)
{
	*h = (struct heap){ 0 };
}

void heap_done(struct heap *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->nodes[i]->index = 0;
	free(h->nodes);
	heap_init(h);
}

void heap_insert(struct heap *h, struct heap_node *node, int64_t key)
{
	if (h->n == h->size) {
		h->size = h->size > 0 ? h->size * 2 : 16;
		h->nodes = mem_grow(h->nodes, h->size, sizeof(*h->nodes));
	}
	node->key = key;
	h->nodes[h->n] = node;
	up(h, h->n++);
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	size_t i = node->index;
	struct heap_node *last;

	if (i == 0)
		return;
	node->index = 0;
	last = h->nodes[--h->n];
	if (last == node)
		return;
	h->nodes[i - 1] = last;
	up(h, i - 1);
	down(h, last->index - 1);
}

void heap_move(struct heap *h, struct heap_node *node, int64_t key)
{
	if (node->index == 0) {
		heap_insert(h, node, key);
		return;
	}
	node->key = key;
	up(h, node->index - 1);
	down(h, node->index - 1);
}
