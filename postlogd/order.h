/* postlogd/order.h - packets in the order in which they were sent, whoever sent them.
 *
 * Programs that talk with each other log what they did before they say it; so what one logs
 * because of another comes later, and must stand later in the file: "removed" is the end of a
 * message for tools. Pure; owns copies of the packets. */
/* SPDX-License-Identifier: ISC */
#ifndef POSTLOGD_ORDER_H
#define POSTLOGD_ORDER_H

#include <stdint.h>

#include "lib/base/slice.h"

struct order_packet {
	int64_t sent_ns;
	uint64_t number;	/* in which they came: decides between equals */
	bool is_ours;		/* several lines; else one whatever is in it */
	size_t n;
	char text[];
};

struct order {
	struct order_packet **v;
	size_t n, size, bytes;
	uint64_t last_number, waited_number;
};

void order_add(struct order *o, int64_t sent_ns, bool is_ours, struct slice packet);

/* Give those sent until HORIZON_NS to TAKE, oldest first, and forget them. None waits longer than
 * until the next call: the clock may be set. */
void order_take(struct order *o, int64_t horizon_ns,
		void (*take)(void *ctx, const struct order_packet *p), void *ctx);

#endif
