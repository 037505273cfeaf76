/* lib/imap/structure.h - ENVELOPE, BODY and BODYSTRUCTURE of a message as response text.
 *
 * Pure. Made from lib/mail's tree of parts; header text is given as it stands, encoded words
 * included, as the protocol wants it. SCRATCH is an arena of the caller's that is reset many times
 * on the way; the tree must not live in it. (RFC 3501, 7.4.2) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_STRUCTURE_H
#define LIB_IMAP_STRUCTURE_H

#include "lib/base/buf.h"
#include "lib/mail/mime.h"

/* MESSAGE is the root or the child of a message/rfc822 part. */
void imap_write_envelope(const struct mime_part *message, struct arena *scratch, struct buf *out);

/* BODYSTRUCTURE, or BODY when not EXTENDED. */
void imap_write_structure(const struct mime_part *part, bool extended, struct arena *scratch,
			  struct buf *out);

#endif
