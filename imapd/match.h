/* imapd/match.h - does a message match a SEARCH program?
 *
 * Flags, numbers, dates and sizes are looked at first; the message is read only when the answer
 * depends on it. Text is searched as people see it: header words and bodies are decoded to UTF-8
 * and compared without regard to case. (RFC 3501, 6.4.4) */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_MATCH_H
#define IMAPD_MATCH_H

#include "imapd/message.h"
#include "lib/imap/search.h"

struct match {
	struct store_box *box;
	struct message_cache *message;
	uint32_t seq;		/* of the message at hand */
	bool is_read;		/* it is in MESSAGE */
	enum rc failed;		/* the first failure of the system */
	struct err err;
};

/* Make sets in the program mean messages of BOX (as it is now), before the first match_message(). */
void match_prepare(struct match *m, struct imap_key *key);

/* False also for a message that has gone or cannot be read; failed tells. */
bool match_message(struct match *m, const struct imap_key *program, uint32_t seq);

#endif
