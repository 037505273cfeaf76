/* lib/deliver/mbox.h - append a message to a mailbox file, and to files and devices in general.
 *
 * Blocking, in a worker that acts for the mailbox's user. Regular files are locked (dot lock,
 * fcntl, flock, as asked), cut back to their length when the append fails, and synced. A message
 * is "From SENDER DATE", the header lines, the content with '>' before lines that begin with
 * "From ", and an empty line. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DELIVER_MBOX_H
#define LIB_DELIVER_MBOX_H

#include <sys/types.h>

#include "lib/deliver/message.h"

enum { MBOX_LOCK_FCNTL = 1, MBOX_LOCK_FLOCK = 2, MBOX_LOCK_DOT = 4 };

/* "fcntl, dotlock" as in mailbox_delivery_lock. RC_SYNTAX: unknown word. */
enum rc mbox_parse_locks(struct slice words, unsigned *ret_locks);

struct mbox_spec {
	const char *path;
	const char *user;		/* for messages */
	unsigned locks;
	unsigned lock_attempts;
	int64_t lock_delay_ms;
	int64_t stale_lock_ms;		/* an older dot lock is removed */
	uint64_t limit_bytes;		/* of the whole file afterwards; 0: none */
	bool owner_must_match;		/* strict_mailbox_ownership, against the effective uid */
	bool is_mailbox;		/* the user's mailbox, not any file: no symbolic link */
	bool is_virtual;		/* for messages */
};

/* OUT is set in any case but success; RC_TEMP: somebody held the lock all the time. FROM is the whole
 * "From " line with its LF. */
enum rc mbox_append(const struct mbox_spec *spec, struct slice from, const struct message *m,
		    char *block, struct outcome *out);

/* Put '>' before each "From " at the start of a line; resumable. */
struct mbox_quoter {
	unsigned matched;	/* bytes of "From " seen at the start of this line */
	bool in_line;		/* past the place where it could begin */
};
void mbox_quote(struct mbox_quoter *q, struct slice in, struct buf *out);
void mbox_quote_finish(struct mbox_quoter *q, struct buf *out);

/* "From SENDER  Tue Sep  1 10:00:00 2026\n" in local time; MAILER-DAEMON for the null sender. */
void mbox_from_line(struct slice sender, int64_t time, struct buf *out);

#endif
