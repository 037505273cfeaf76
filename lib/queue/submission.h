/* lib/queue/submission.h - what sendmail writes to postdrop: an envelope and the content, framed.
 *
 *	"Buzon submission 1\n" "NNNNNNNN" tail  ("NNNNNNNN" content)*  "00000000"
 *
 * NNNNNNNN is the length of what follows, in hex. The tail is that of a queue file without
 * content (lib/queue/envelope.h): one form of an envelope, one strict parser. A submission that
 * ends before the final length is not complete and leaves nothing. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_SUBMISSION_H
#define LIB_QUEUE_SUBMISSION_H

#include "lib/base/buf.h"
#include "lib/queue/envelope.h"

enum { SUBMISSION_CHUNK_MAX = 65536, SUBMISSION_HEAD = 19, SUBMISSION_LENGTH = 8 };

/* Append to OUT. */
enum rc submission_begin(struct queue_envelope *e, struct buf *out, struct err *err);
void submission_chunk(struct slice content, struct buf *out);	/* at most SUBMISSION_CHUNK_MAX */
void submission_end(struct buf *out);

/* The reading side, fed as bytes come. */
struct submission {
	struct buf in;
	struct buf tail;
	enum { SUBMISSION_AT_HEAD, SUBMISSION_AT_TAIL, SUBMISSION_AT_CONTENT,
	       SUBMISSION_AT_END } state;
};
void submission_init(struct submission *s);
void submission_done(struct submission *s);

/* Take apart what is in S->in. RC_OK: *RET is a piece of content, valid until the next call.
 * RC_MORE: more bytes are needed. RC_END: complete. RC_SYNTAX: not a submission. */
enum rc submission_next(struct submission *s, struct slice *ret);

#endif
