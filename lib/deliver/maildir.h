/* lib/deliver/maildir.h - deliver into a Maildir: write in tmp, sync, rename into new.
 *
 * Blocking, in a worker that is the mailbox's user. Several messages can be under way: write all,
 * then sync all, then rename all, so that the journal commits them together. File names are
 * Dovecot's: SECS.M<usec>P<pid>.HOST,S=<bytes>,W=<bytes with CRLF>.
 *
 * Durability: data and the name in tmp are synced before the rename. The rename itself is ordered
 * before the removal of the queue file by the journal when both are on one ext4 or xfs; otherwise
 * the directory new is synced too. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DELIVER_MAILDIR_H
#define LIB_DELIVER_MAILDIR_H

#include "lib/base/hash.h"
#include "lib/deliver/message.h"

/* What makes names of one process unique, and what is known of file systems. */
struct maildir_names {
	int64_t last_us;
	int pid;
	char host[128];		/* '/' and ':' as \057 and \072 */
	struct hash dirs;	/* Maildir path -> whether new must be synced */
};

void maildir_names_init(struct maildir_names *n);
void maildir_names_done(struct maildir_names *n);

enum { MAILDIR_DIR_MAX = 3000, MAILDIR_PATH_MAX = 4096 };

struct maildir_file {
	int fd;			/* in tmp; -1 when none is open */
	bool needs_dir_sync;
	char dir[MAILDIR_DIR_MAX];	/* the Maildir, ending in '/' */
	char name[256];			/* in tmp */
	uint64_t bytes, crlf_bytes;
};

/* Write M into DIR/tmp (DIR ends in '/'), making the Maildir when it is missing. BLOCK has
 * MESSAGE_BLOCK bytes. LIMIT_BYTES 0: none. On failure OUT is set, nothing is left behind. */
enum rc maildir_write(struct maildir_names *names, const char *dir, const struct message *m,
		      uint64_t limit_bytes, char *block, struct maildir_file *f,
		      struct outcome *out);

/* Start writing to the disk, without waiting. Called for all files of a batch before the first
 * maildir_sync(), it gives them their blocks in one transaction of the journal: then the first
 * sync commits for all, where else each would wait for a commit of its own. */
void maildir_start_sync(struct maildir_file *f);

/* Make the data durable; may be called for many files in a row. */
enum rc maildir_sync(struct maildir_file *f, struct outcome *out);

/* Move it into new and close. Durable when this returns RC_OK. */
enum rc maildir_publish(struct maildir_file *f, struct outcome *out);

/* Remove what was written; harmless when nothing is there. */
void maildir_discard(struct maildir_file *f);

#endif
