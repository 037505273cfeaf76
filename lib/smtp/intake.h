/* lib/smtp/intake.h - what a receiver does to the header of a message that comes in.
 *
 * Pure and resumable, over lib/mail's header scanner: adds the Received: field in front, counts
 * those that are there, drops fields that must not enter (Bcc:, Return-Path:), adds what is
 * missing for local clients, turns mbox "From " lines into fields, and sees to it that a blank
 * line ends the header. The body passes untouched. (RFC 5321, 4.4; RFC 6409, 8; Postfix's
 * cleanup does the same) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_INTAKE_H
#define LIB_SMTP_INTAKE_H

#include "lib/mail/header.h"

enum { SMTP_INTAKE_ID_MAX = 998,
       SMTP_INTAKE_GROWTH_MAX = 32768,	/* by rewriting, in one message; then fields stay */
       SMTP_INTAKE_EXTRA = 65536 };	/* room for what is added, besides one field */

/* Borrowed as long as the intake is used. */
struct smtp_intake_conf {
	struct slice received;		/* whole field with line ends; may be empty */
	const struct slice *drop;	/* names of fields to drop */
	size_t n_drop;
	size_t field_max;		/* header_size_limit */
	bool completes;			/* the following are for it */
	struct slice message_id;	/* "<...>" */
	struct slice date;		/* RFC 5322 */
	struct slice from;		/* a mailbox in external form, or with a name */
	struct slice to;		/* undisclosed_recipients_header; may be empty */
	/* Append to OUT what the value of a field with addresses becomes (RC_OK). RC_MORE: not
	 * known yet, see is_later; anything else: the field stays as it is. May be NULL. */
	enum rc (*rewrite)(void *ctx, bool is_sender, struct slice value, struct buf *out);
	void *ctx;
};

struct smtp_intake {
	const struct smtp_intake_conf *conf;
	struct header_scan scan;
	struct buf first;		/* the first line until it is known what it is */
	enum smtp_intake_at { SMTP_INTAKE_START, SMTP_INTAKE_HEADER, SMTP_INTAKE_BODY } at;
	unsigned hops;			/* Received: fields that came */
	bool is_later;			/* a rewrite said RC_MORE: this output is void, do it again
					 * from the start when the answer is there */
	bool has_started;
	size_t grown;
	unsigned seen;			/* bits of fields */
	/* As found or added, without control characters; empty: none. */
	char message_id[SMTP_INTAKE_ID_MAX + 1];
	char resent_message_id[SMTP_INTAKE_ID_MAX + 1];
};

void smtp_intake_init(struct smtp_intake *i, const struct smtp_intake_conf *conf);
void smtp_intake_done(struct smtp_intake *i);

/* Append to OUT what IN (LF line ends) becomes. OUT needs room for IN, field_max and EXTRA. */
void smtp_intake_feed(struct smtp_intake *i, struct slice in, struct buf *out);

/* The message is over: what is still held back. */
void smtp_intake_finish(struct smtp_intake *i, struct buf *out);

/* From here on feed() would only copy. */
static inline bool smtp_intake_is_in_body(const struct smtp_intake *i)
{
	return i->at == SMTP_INTAKE_BODY;
}

#endif
