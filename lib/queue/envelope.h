/* lib/queue/envelope.h - the tail of a queue file: who sent the message, to whom, what is done.
 *
 * Pure. doc/QUEUE.md describes the format. The tail stands after the content and has three
 * parts: the envelope (text, never changes after the commit), one line of marks (the only bytes
 * that change, each by a one-byte write), and a footer of fixed length that says where the
 * others are and carries a CRC-32C over everything but the marks. The form is canonical: one
 * envelope has one encoding, and the parser takes nothing else. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_ENVELOPE_H
#define LIB_QUEUE_ENVELOPE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

enum {
	QUEUE_VALUE_MAX = 1024,		/* bytes of one value */
	QUEUE_ENVID_MAX = 100,		/* of ENVID (RFC 3461, 4.4) */
	QUEUE_RCPTS_MAX = 100000,	/* recipients of one message */
	QUEUE_TAIL_MAX = 64 << 20,	/* bytes of one tail */
	QUEUE_FOOTER_SIZE = 56
};

enum queue_mark {
	QUEUE_MARK_TODO = '-',		/* to be delivered */
	QUEUE_MARK_REPORT = 'd',	/* delivered; the success notice is still owed */
	QUEUE_MARK_DONE = 'D'		/* delivered, or its bounce is in the queue */
};
enum { QUEUE_MARK_WARNED = 'W' };	/* of the message: the delay notice was sent */

/* BODY=8BITMIME; SMTPUTF8; the submitter wants a report of the first attempt (sendmail -v);
 * the same without delivery (sendmail -bv). */
enum { QUEUE_FLAG_8BIT = 1, QUEUE_FLAG_SMTPUTF8 = 2, QUEUE_FLAG_REPORT = 4,
       QUEUE_FLAG_VERIFY = 8 };

enum queue_ret { QUEUE_RET_NONE, QUEUE_RET_FULL, QUEUE_RET_HDRS };	/* RFC 3461, 4.3 */

enum { QUEUE_NOTIFY_NEVER = 1, QUEUE_NOTIFY_SUCCESS = 2, QUEUE_NOTIFY_FAILURE = 4,
       QUEUE_NOTIFY_DELAY = 8 };					/* RFC 3461, 4.1 */

/* Attributes of the session the message came in by, under the names they have in the file. */
#define QUEUE_ATTRS(X)                                                                 \
	X(CLIENT_NAME, client_name) X(CLIENT_ADDRESS, client_address)                  \
	X(CLIENT_PORT, client_port) X(PROTOCOL, protocol) X(HELO, helo)                \
	X(SASL_METHOD, sasl_method) X(SASL_USERNAME, sasl_username)                    \
	X(SASL_SENDER, sasl_sender) X(LOG_IDENT, log_ident)                            \
	X(REWRITE_CONTEXT, rewrite_context) X(FULL_NAME, full_name)
enum queue_attr {
#define X(upper, lower) QUEUE_ATTR_##upper,
	QUEUE_ATTRS(X)
#undef X
	QUEUE_ATTR_N
};

struct queue_rcpt {
	struct slice address;	/* not empty; internal form, unquoted */
	struct slice original;	/* as it came, where aliases changed it; else empty */
	struct slice orcpt;	/* "rfc822;..." decoded; empty when not given */
	unsigned char notify;	/* QUEUE_NOTIFY_*; 0 when not given */
	char mark;		/* enum queue_mark */
};

struct queue_envelope {
	int64_t arrived_us;
	uint64_t content_bytes;
	uint32_t content_crc;	/* CRC-32C of the content */
	struct slice sender;	/* empty: the null sender */
	unsigned flags;
	enum queue_ret ret;
	struct slice envid;
	struct slice attr[QUEUE_ATTR_N];
	struct queue_rcpt *rcpts;
	size_t n_rcpts;
	bool is_warned;
	uint64_t marks_at;	/* file offset of the message's mark; recipient I has + 1 + I */
};

/* Append the whole tail. RC_SYNTAX: a value with a control character or over its limit, no
 * recipient, or a mark that does not exist; RC_LIMIT: OUT is full. MARKS_AT is set. */
enum rc queue_tail_encode(struct queue_envelope *e, struct buf *out, struct err *err);

struct queue_footer {
	uint64_t content_bytes;
	uint32_t envelope_bytes, marks, crc;
};

/* S is the file's last QUEUE_FOOTER_SIZE bytes. RC_SYNTAX: no footer. *RET_TAIL_BYTES is the
 * length of the whole tail; content_bytes plus it must be the file's size. */
enum rc queue_footer_parse(struct slice s, struct queue_footer *out, uint64_t *ret_tail_bytes);

/* TAIL runs from the end of the content to the end of the file. Slices in OUT borrow from it,
 * rcpts is from ARENA. RC_SYNTAX: not exactly one well-formed tail, or the CRC is wrong;
 * RC_LIMIT: too large, or the arena is full. */
enum rc queue_tail_parse(struct slice tail, struct arena *arena, struct queue_envelope *out,
			 struct err *err);

/* True for a byte string that may stand in an envelope: no control characters, not too long. */
bool queue_value_is_valid(struct slice s);

#endif
