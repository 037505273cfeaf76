/* lib/pop3/stuff.h - a message as POP3 sends it: CRLF line ends, dots doubled, TOP's cut.
 *
 * Pure. Takes content in pieces of any size and writes to a bounded buffer; what comes out does
 * not depend on how it was cut. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_POP3_STUFF_H
#define LIB_POP3_STUFF_H

#include "lib/base/buf.h"

#define POP3_ALL_LINES UINT64_MAX

struct pop3_stuff {
	uint64_t lines_left;	/* of the body */
	uint64_t bytes;		/* written so far, without the final dot */
	uint64_t line_bytes;	/* taken of the line that is open */
	bool after_cr;		/* its last byte is a CR */
	bool in_body;
	bool cut;		/* TOP has had its lines */
};

/* BODY_LINES is TOP's number, POP3_ALL_LINES for RETR. */
void pop3_stuff_init(struct pop3_stuff *e, uint64_t body_lines);

/* Cut what could be encoded off the front of *IN. RC_OK: all of it was (or the rest is not
 * wanted: *IN is empty then too); RC_MORE: OUT is full, send it and call again. OUT's maximum
 * must be at least 8 bytes. */
enum rc pop3_stuff_feed(struct pop3_stuff *e, struct slice *in, struct buf *out);

/* End the last line if it is open, and write the final dot. OUT must have room for 5 bytes. */
void pop3_stuff_end(struct pop3_stuff *e, struct buf *out);

#endif
