/* SPDX-License-Identifier: ISC */
#include "postlogd/order.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void order_add(struct order *o, int64_t sent_ns, bool is_ours, struct slice packet)
{
	struct order_packet *p = mem_new(1, sizeof(*p) + packet.n);

	p->sent_ns = sent_ns;
	p->number = ++o->last_number;
	p->is_ours = is_ours;
	p->n = packet.n;
	memcpy(p->text, packet.p, packet.n);
	if (o->n == o->size) {
		o->size = o->size > 0 ? 2 * o->size : 64;
		o->v = mem_grow(o->v, o->size, sizeof(*o->v));
	}
	o->v[o->n++] = p;
	o->bytes += packet.n;
}

static int compare(const void *a, const void *b)
{
	const struct order_packet *x = *(struct order_packet *const *)a;
	const struct order_packet *y = *(struct order_packet *const *)b;

	if (x->sent_ns != y->sent_ns)
		return x->sent_ns < y->sent_ns ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

void order_take(struct order *o, int64_t horizon_ns,
		void (*take)(void *ctx, const struct order_packet *p), void *ctx)
{
	size_t n = 0, due = o->n;

	if (o->n == 0)
		return;
	qsort(o->v, o->n, sizeof(*o->v), compare);
	while (due > 0 && o->v[due - 1]->sent_ns > horizon_ns &&
	       o->v[due - 1]->number > o->waited_number)
		due--;
	for (; n < due; n++) {
		take(ctx, o->v[n]);
		o->bytes -= o->v[n]->n;
		free(o->v[n]);
	}
	o->n -= n;
	memmove(o->v, o->v + n, o->n * sizeof(*o->v));
	o->waited_number = o->last_number;
}
