/* lib/imap/mailbox.h - mailbox names on the wire: the namespace they stand in, LIST patterns.
 *
 * Pure. A client's name is PREFIX + store name (INBOX stands alone); both are modified UTF-7 with
 * the namespace's separator. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_MAILBOX_H
#define LIB_IMAP_MAILBOX_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/slice.h"

struct imap_namespace {
	struct slice prefix;	/* "" or "INBOX." */
	char separator;
};

/* The store's name for what the client calls NAME, NUL-terminated in A. RC_SYNTAX with *RET_WHY:
 * empty, not modified UTF-7, control bytes, or outside the namespace; RC_LIMIT: arena full.
 * A name equal to the prefix without its separator ("INBOX" apart) is outside. */
enum rc imap_mailbox_from_wire(const struct imap_namespace *ns, struct slice name,
			       struct arena *a, const char **out, const char **ret_why);

/* Append the client's name for the store's NAME, unquoted. */
void imap_mailbox_to_wire(const struct imap_namespace *ns, const char *name, struct buf *out);

/* Whether the client's NAME matches a LIST pattern: '*' is anything, '%' anything without the
 * separator; the name INBOX in any case. (RFC 3501, 6.3.8) */
bool imap_list_matches(struct slice pattern, struct slice name, char separator);

#endif
