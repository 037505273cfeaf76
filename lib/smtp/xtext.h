/* lib/smtp/xtext.h - xtext, the encoding of parameter values in SMTP. (RFC 3461, 4)
 *
 * Pure. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_XTEXT_H
#define LIB_SMTP_XTEXT_H

#include "lib/base/buf.h"

/* Append what IN encodes. RC_SYNTAX: bad "+XX", a byte that must be encoded, or an encoded
 * control byte (NUL, CR, LF and the rest have no business in an envelope). UTF-8 bytes may stand
 * for themselves only with ALLOW_8BIT (RFC 6533). On failure OUT has grown by the good part. */
enum rc smtp_xtext_decode(struct slice in, bool allow_8bit, struct buf *out);

/* Append IN encoded; 8-bit bytes are encoded too. */
void smtp_xtext_encode(struct slice in, struct buf *out);

#endif
