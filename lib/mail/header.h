/* lib/mail/header.h - the header block of a message: scan it as it streams in, walk it in memory.
 *
 * Pure: no I/O. Lines end in LF or CRLF, mixed as they come. A field is "name:" with the lines
 * that continue it; blanks before the colon are tolerated (obsolete syntax). A line that is neither
 * field, continuation nor blank ends the header of mail that is being taken in, and belongs to the
 * body, as in Postfix. In mail that is kept already (functions called kept) only a blank line ends
 * the header, as in RFC 5322 and Dovecot; such a line is then a field without a name. Every function
 * is linear in its input. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_HEADER_H
#define LIB_MAIL_HEADER_H

#include "lib/base/buf.h"
#include "lib/base/slice.h"

struct header_field {
	struct slice raw;	/* all of it, with every line ending */
	struct slice name;	/* as written, without colon and blanks before it; may be empty */
	struct slice value;	/* after the colon, outer white space removed, folds kept */
	bool is_cut;		/* longer than the limit: the end is missing */
};

/* --- in memory --- */

/* Cut the next field off *BLOCK. RC_OK; RC_END at the blank line (dropped) or a line that is no
 * field (kept): *BLOCK is then the body; RC_END also when *BLOCK is used up. */
enum rc header_next(struct slice *block, struct header_field *out);
enum rc header_kept_next(struct slice *block, struct header_field *out);

/* Length of the header in MESSAGE including the blank line that ends it. */
size_t header_length(struct slice message);
size_t header_kept_length(struct slice message);

/* First field called NAME (ASCII case ignored): RC_OK or RC_END. */
enum rc header_find(struct slice block, struct slice name, struct header_field *out);
enum rc header_kept_find(struct slice block, struct slice name, struct header_field *out);

/* Append VALUE without its folds: CR and LF go, the blanks after them stay. */
void header_unfold(struct slice value, struct buf *out);

/* --- as a stream --- */

struct header_scan {
	struct buf pending;	/* the field, or first line of the body, seen so far */
	size_t limit;		/* most bytes kept of one field */
	uint64_t total_bytes;	/* header bytes consumed, the blank line included */
	uint32_t n_fields;
	bool at_line_start;	/* the last byte taken was a line's end */
	bool is_kept;		/* set after init for mail that is kept already */
	enum header_scan_state {
		HEADER_SCAN_FIRST,	/* in the first line of what may be a field */
		HEADER_SCAN_FIELD,	/* in a field */
		HEADER_SCAN_GIVEN,	/* the caller has the pending field */
		HEADER_SCAN_DONE
	} state;
};

/* LIMIT_BYTES (at least 64) is Postfix's header_size_limit: what a field has beyond is dropped. */
void header_scan_init(struct header_scan *s, size_t limit_bytes);
void header_scan_done(struct header_scan *s);
void header_scan_reset(struct header_scan *s);	/* for the next header */

/* Take bytes off *IN. RC_OK: *OUT is a field, valid until the next call. RC_MORE: *IN is used
 * up. RC_END: the header is over; the body is header_scan_rest() followed by *IN. The end of a
 * field is known when the first byte after it has come. */
enum rc header_scan_next(struct header_scan *s, struct slice *in, struct header_field *out);

/* No more input: RC_OK with the last field if one was pending (call again), then RC_END. */
enum rc header_scan_finish(struct header_scan *s, struct header_field *out);

/* After RC_END: bytes consumed from earlier input that belong to the body; usually empty. */
struct slice header_scan_rest(const struct header_scan *s);

#endif
