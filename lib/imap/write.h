/* lib/imap/write.h - strings in responses: atom, quoted string, literal or NIL.
 *
 * Pure; everything is appended to a buf. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_WRITE_H
#define LIB_IMAP_WRITE_H

#include "lib/base/buf.h"
#include "lib/base/slice.h"

/* A string: quoted where that is possible (7 bit, no CR LF NUL), else a literal. NUL, which a
 * literal may not hold either, becomes 0x80. What would need backslashes is a literal too, as in
 * Dovecot: clients get those wrong. */
void imap_write_string(struct slice s, struct buf *out);

/* As string, NIL when S is absent (p == NULL). */
void imap_write_nstring(struct slice s, struct buf *out);

/* Bare when S is an atom, else quoted, with backslashes if need be: names in LIST. */
void imap_write_astring(struct slice s, struct buf *out);

/* Text of a response line: CR, LF and NUL become blanks. */
void imap_write_text(struct slice s, struct buf *out);

#endif
