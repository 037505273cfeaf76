/* imapd/sync.h - what the client is told about its mailbox besides answers.
 *
 * The client's view is the store's: both move only here. */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_SYNC_H
#define IMAPD_SYNC_H

#include "imapd/session.h"

/* Look at the disk and tell the client what changed, as far as HOW allows. */
void session_sync(struct session *s, enum session_sync how);

/* EXISTS and RECENT lines. */
void session_tell_exists(struct session *s);

/* FLAGS and PERMANENTFLAGS lines of the selected mailbox, unless the client knows them. */
void session_tell_flags(struct session *s);

/* " FLAGS (...)" of message M, with ALSO set, without the leading blank. */
void session_print_flags(struct session *s, const struct store_msg *m, unsigned also,
			 struct buf *out);

#endif
