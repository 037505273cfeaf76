/* lib/queue/listing.h - what mailq shows of one message: envelope, waiting recipients, reasons.
 *
 * Blocking, short. For qmgr, and for the tools when no qmgr runs. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_LISTING_H
#define LIB_QUEUE_LISTING_H

#include "lib/queue/envelope.h"
#include "lib/queue/reason.h"
#include "lib/queue/spool.h"

/* The queues in the order in which mailq shows them. */
extern const enum queue_name queue_listing_order[5];

struct queue_listing {
	struct buf tail, reasons;
	struct arena arena;
	struct queue_envelope env;
	struct slice rest;		/* of the reasons */
	struct queue_reason reason;
	bool has_reason;
	size_t next;
};

void queue_listing_init(struct queue_listing *l);
void queue_listing_done(struct queue_listing *l);

/* Load a message; false when it is gone, unfinished, foreign or damaged. */
bool queue_listing_load(struct queue_listing *l, const struct queue_spool *s, enum queue_name q,
			const struct queue_id *id);

/* The next recipient that is not done; REASON may be empty. False at the end. Reasons stand in
 * the order of the recipients; one that is out of order is not shown. */
bool queue_listing_next(struct queue_listing *l, const struct queue_rcpt **ret,
			struct slice *ret_reason);

#endif
