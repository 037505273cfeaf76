/* lib/mail/mime.h - the structure of a message: a tree of parts with offsets, sizes and the
 * fields that IMAP's ENVELOPE and BODYSTRUCTURE are made of.
 *
 * Pure and resumable: any cutting of the input gives the same tree. The tree and its text live
 * in the caller's arena. Nothing is refused: beyond a limit (depth, parts, arena) what follows
 * is plain content of the part around it, and mime_is_cut() tells. (RFC 2045, 2046) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_MIME_H
#define LIB_MAIL_MIME_H

#include "lib/base/arena.h"
#include "lib/mail/header.h"

enum { MIME_DEPTH_MAX = 100, MIME_PARTS_MAX = 10000,
       MIME_BOUNDARY_MAX = 250, MIME_FIELD_MAX = 65536 };

/* Fields kept of each part; the ENVELOPE ones only of the message and of embedded messages. */
enum mime_field {
	MIME_CONTENT_TYPE, MIME_TRANSFER_ENCODING, MIME_CONTENT_ID, MIME_DESCRIPTION,
	MIME_DISPOSITION, MIME_LANGUAGE, MIME_LOCATION, MIME_MD5,
	MIME_PART_FIELDS,
	MIME_DATE = MIME_PART_FIELDS, MIME_SUBJECT, MIME_FROM, MIME_SENDER, MIME_REPLY_TO, MIME_TO,
	MIME_CC, MIME_BCC, MIME_IN_REPLY_TO, MIME_MESSAGE_ID,
	MIME_FIELDS
};

enum mime_kind {
	MIME_LEAF,		/* anything without parts inside */
	MIME_TEXT,		/* a leaf whose type is text (also by default) */
	MIME_MULTIPART,		/* children are its parts; may have none */
	MIME_MESSAGE		/* message/rfc822: its one child is the embedded message */
};

struct mime_size {
	uint64_t bytes;		/* as stored */
	uint64_t crlf_bytes;	/* with every line ending as CRLF: what IMAP and POP3 count */
	uint64_t lines;		/* line endings */
};

struct mime_part {
	struct mime_part *parent, *next, *child;
	uint64_t offset;	/* of its header, in stored bytes from the start of the message */
	struct mime_size header;	/* with the blank line */
	struct mime_size body;		/* without the line ending that belongs to a boundary */
	enum mime_kind kind;
	uint32_t number;	/* among its siblings, from 1 */
	uint32_t n_children;
	bool default_is_message;	/* inside multipart/digest */
	/* Values unfolded, outer blanks removed; p == NULL: absent. The first of several counts. */
	struct slice field[MIME_PART_FIELDS];
	/* [MIME_FIELDS - MIME_PART_FIELDS], or NULL. The same, but of several the last counts; of
	 * several that hold addresses all do, with LF between them, up to MIME_FIELD_MAX. */
	struct slice *envelope;
};

static inline struct slice mime_part_field(const struct mime_part *p, enum mime_field f)
{
	if (f < MIME_PART_FIELDS)
		return p->field[f];
	return p->envelope != NULL ? p->envelope[f - MIME_PART_FIELDS] : (struct slice){ 0 };
}

static inline uint64_t mime_body_offset(const struct mime_part *p)
{
	return p->offset + p->header.bytes;
}

struct mime_parser;

/* Heap object; its results go to A. */
struct mime_parser *mime_new(struct arena *a);
void mime_free(struct mime_parser **m);

void mime_feed(struct mime_parser *m, struct slice bytes);

/* End of the message: its root, which outlives M (it is in the arena). NULL only if the arena
 * had no room for the root itself. */
struct mime_part *mime_finish(struct mime_parser *m);

/* True when a limit was met and the tree is coarser than the message. */
bool mime_is_cut(const struct mime_parser *m);

/* The part that IMAP's BODY[1.2.3] names: PATH holds N numbers. N == 0 is the message itself.
 * NULL: no such part. (RFC 3501, 6.4.5) */
const struct mime_part *mime_find(const struct mime_part *root, const uint32_t *path, size_t n);

#endif
