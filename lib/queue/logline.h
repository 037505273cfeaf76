/* lib/queue/logline.h - the line that says what became of one recipient, as Postfix writes it.
 *
 * Pure. "to=<r@x>, orig_to=<r>, relay=local, delay=0.42, delays=0.1/0.01/0.2/0.11, dsn=2.0.0,
 * status=sent (text)". Every program that settles a recipient logs it, below the queue id. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_LOGLINE_H
#define LIB_QUEUE_LOGLINE_H

#include "lib/base/buf.h"

/* Unix microseconds; a time that is not known is 0 and counts as the one before it. */
struct delivery_times {
	int64_t arrived_us;	/* the message was accepted */
	int64_t active_us;	/* qmgr took it up */
	int64_t handed_us;	/* the agent got it */
	int64_t connected_us;	/* the agent has a connection (or needs none) */
	int64_t done_us;
};

struct delivery_line {
	struct slice to;
	struct slice orig_to;	/* left out when empty or equal to TO */
	const char *relay;
	struct delivery_times times;
	struct slice dsn;
	const char *status;	/* sent, deferred, bounced, deliverable ... */
	struct slice text;
};

void delivery_line_put(struct buf *out, const struct delivery_line *l);

/* Seconds with two significant digits, at most two of them behind the point: 0.03 4.2 12 340 */
void delivery_delay_put(struct buf *out, int64_t us);

#endif
