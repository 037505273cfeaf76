/* cmd/mailq.h - the queue as text: mailq's lines and postqueue -j's objects, as Postfix prints them.
 *
 * Pure: appends to a buffer. One message, then its recipients, then the next; end() last. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_MAILQ_H
#define CMD_MAILQ_H

#include "lib/base/buf.h"

struct mailq {
	bool json, long_ids;
	const char *null_sender;	/* empty_address_recipient */
	struct buf *out;
	unsigned n_messages, n_rcpts;	/* of this message */
	uint64_t total_bytes;
	struct buf reason;		/* last one shown */
};

void mailq_init(struct mailq *m, bool json, bool long_ids, const char *null_sender,
		struct buf *out);
void mailq_done(struct mailq *m);

void mailq_message(struct mailq *m, struct slice queue, struct slice id, int64_t arrival_s,
		   int64_t bytes, struct slice sender);
/* REASON may be empty. ORIGINAL is empty when it is the address. */
void mailq_rcpt(struct mailq *m, struct slice address, struct slice original,
		struct slice reason);
void mailq_end(struct mailq *m);

#endif
