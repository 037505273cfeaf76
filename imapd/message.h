/* imapd/message.h - the content of one message: read once, its structure known when asked for.
 *
 * The message used last stays open, for clients fetch a large one in many pieces. */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_MESSAGE_H
#define IMAPD_MESSAGE_H

#include "lib/imap/fetch.h"
#include "lib/mail/mime.h"
#include "lib/mail/wire.h"
#include "lib/store/box.h"

/* Stored bytes on their way to the wire, and how far they have got. */
struct message_piece {
	struct slice section;	/* all stored bytes of it */
	uint64_t total;		/* its bytes on the wire */
	uint64_t at;		/* bytes on the wire before rest */
	struct slice rest;
	struct wire wire;
};

struct message_cache {
	uint32_t uid;			/* 0: none */
	struct store_content content;
	struct arena arena;		/* of the tree */
	const struct mime_part *root;	/* NULL until asked for */
	struct message_piece piece;	/* where the last one ended; the next mostly goes on */
};

void message_init(struct message_cache *m);
void message_done(struct message_cache *m);
void message_forget(struct message_cache *m);

/* Make message SEQ of BOX the one in M. RC_END: gone. */
enum rc message_open(struct message_cache *m, struct store_box *box, uint32_t seq,
		     struct err *err);

/* The tree; NULL when memory for not even its root was left. */
const struct mime_part *message_tree(struct message_cache *m);

/* The header block of the message, with its blank line. */
struct slice message_header(const struct message_cache *m);

/* Stored bytes of a section. RC_END: there is no such part. HEADER.FIELDS sections are made in
 * MADE, which *RET then borrows; others point into the content. */
enum rc message_section(struct message_cache *m, const struct imap_section *s, struct buf *made,
			struct slice *ret);

/* Get ready to send SECTION from byte FROM of its form on the wire on. Sections that point into
 * the content continue where the piece before ended, if that is where FROM is. */
struct message_piece *message_piece(struct message_cache *m, struct slice section, uint64_t from);

/* The next bytes on the wire into DST: exactly SIZE, for which the caller has looked at total. A
 * NUL, which no literal may hold, becomes 0x80. */
void message_piece_read(struct message_piece *p, char *dst, size_t size);

#endif
