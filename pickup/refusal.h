/* pickup/refusal.h - what cleanup refuses for good returns to its sender.
 *
 * Too many hops, no recipients left: the submission was accepted, so its sender is told, by
 * bounce. One report is under way at a time, since a submission may have very many recipients. */
/* SPDX-License-Identifier: ISC */
#ifndef PICKUP_REFUSAL_H
#define PICKUP_REFUSAL_H

#include "lib/daemon/daemon.h"
#include "lib/queue/envelope.h"

struct refuser {
	struct peer bounce;
	struct list waiting;		/* refusals; the first one's report may be under way */
	bool is_sent;			/* it is */
	uint32_t last_id;
	struct timer patience;		/* they wait so long for bounce to come */
};

/* Embedded in its owner, which may not die before on_done has run. */
struct refusal {
	struct list link;
	const struct queue_envelope *envelope;
	struct slice queue_id;		/* for the log and the report */
	int fd;				/* the submission; read-only; stays the owner's */
	char dsn[16], text[512];
	/* OK: the report is durable, or nobody wants one. */
	void (*on_done)(struct refusal *r, bool ok);
};

void refuser_init(struct refuser *f, struct daemon *d);
/* Everything in R but the link is set. Logs the recipients' fate. */
void refuser_add(struct refuser *f, struct refusal *r);

#endif
