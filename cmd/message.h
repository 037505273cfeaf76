/* cmd/message.h - the message sendmail reads: line ends, the final dot, and what -t takes from it.
 *
 * Pure; fed as bytes come. Output is content with LF line ends. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_MESSAGE_H
#define CMD_MESSAGE_H

#include "lib/base/arena.h"
#include "lib/mail/header.h"

enum { MESSAGE_RCPTS_MAX = 100000 };

struct message_rcpt {
	struct message_rcpt *next;
	struct slice address;		/* internal form */
	bool is_resent;			/* from a Resent- field */
};

struct message {
	bool dot_ends;		/* a line with only "." ends the message (no -i) */
	bool extract;		/* -t: collect recipients */
	bool fix_line_ends;	/* CRLF becomes LF (sendmail_fix_line_endings) */
	struct header_scan scan;
	uint64_t field_bytes;	/* of the header's fields so far */
	struct buf line;	/* an unfinished input line of up to a few bytes */
	bool in_body, ended, at_line_start, seen_resent;
	struct arena *arena;
	struct message_rcpt *first, **tail;
	size_t n_rcpts;
	bool is_cut;		/* more recipients than the limit */
};

void message_init(struct message *m, struct arena *arena);
void message_done(struct message *m);

/* Take IN; append content to OUT. RC_OK, or RC_END at the final dot: the rest is not read. */
enum rc message_feed(struct message *m, struct slice in, struct buf *out);
/* No more input: append what is left; an unfinished last line gets its LF. */
void message_finish(struct message *m, struct buf *out);

/* First recipient that counts: those of Resent- fields if there is any, else To, Cc, Bcc. */
const struct message_rcpt *message_first_rcpt(const struct message *m);
const struct message_rcpt *message_next_rcpt(const struct message *m,
					     const struct message_rcpt *r);

#endif
