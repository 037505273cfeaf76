/* lib/queue/reason.h - why a deferred message is still here: the text in defer/ID.
 *
 * Pure. One block of "name=value" lines per recipient, blank line after each, in the words of
 * Postfix's own defer logs, so that people and scripts can read them. Written anew after each
 * round of attempts, never synced, read for mailq only: losing or damaging it loses no mail.
 * So the reader takes what it understands and skips the rest. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_REASON_H
#define LIB_QUEUE_REASON_H

#include "lib/base/buf.h"

enum { QUEUE_REASON_MAX = 4 << 20 };	/* bytes of one file that are read or written */

struct queue_reason {
	uint32_t index;		/* of the recipient in the envelope */
	struct slice recipient;
	struct slice original;	/* empty when the same */
	struct slice status;	/* "4.4.1" */
	struct slice text;
};

/* Control characters become '?'. */
void queue_reason_put(struct buf *out, const struct queue_reason *r);

/* Cut the next block that has an index and a text off *REST; false at the end. */
bool queue_reason_next(struct slice *rest, struct queue_reason *out);

#endif
