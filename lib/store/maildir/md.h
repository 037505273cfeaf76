/* lib/store/maildir/md.h - an open Maildir++ mailbox among the files of this back end.
 *
 * md_scan.c: what lies in new/ and cur/; md_sync.c: bringing that together with the uidlist;
 * md_box.c: flags, keywords, expunge, watch; md_read.c: content, sizes, dates. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_MAILDIR_MD_H
#define LIB_STORE_MAILDIR_MD_H

#include "lib/base/hash.h"
#include "lib/store/maildir/md_folder.h"

/* File times come from a clock that ticks at least this often: what changed within it before
 * a look may change again without a new time. */
enum { MD_SLACK_NS = 12000000 };

struct md_entry {
	struct md_name name;	/* of the file; borrows from the scan */
	uint32_t row;		/* MD_NO_ROW: not in the table */
	bool in_new;
	bool is_twin;		/* another file has the same base */
};

/* What one look at the directories found. */
struct md_scan {
	struct md_entry *v;
	size_t n, size;
	struct arena names;
	uint8_t *seen;		/* by row */
	struct fs_stamp cur, new;	/* from before it */
	size_t n_unknown, n_new, n_twins;
	bool with_cur;		/* cur/ was read too */
	bool stable;		/* no file can have been missed */
	int64_t started_ns;
	enum rc rc;
};

struct md_box {
	struct store_box b;
	struct md_folder f;
	char name[STORE_NAME_MAX + 1];
	bool keep_recent, in_memory;	/* UIDs cannot be written down */
	struct md_table t;
	struct md_scan scan;		/* rows' infos borrow from it */
	struct fs_stamp uidlist, cur, new, keywords_stamp;
	struct md_keywords keywords;
	struct md_lock lock;		/* held between change_begin and _end */
	struct hash infos;		/* file name ends, one copy of each */
	uint32_t *live;			/* present rows */
	size_t n_live;
	bool replaced;			/* another mailbox stands here now: other UIDVALIDITY */
	bool loaded;			/* the table is what UIDLIST, the stamp, tells */
	bool dirty_cur, dirty_new;	/* times cannot tell whether something changed */
	bool own_clean;			/* cur/ had its known time when our changes began */
	int64_t suspect_ns;		/* since when others may have changed cur/ unseen; 0: no */
	size_t n_learned;
	int watch;			/* inotify; -1 */
};

/* Look at the directories. WITH_CUR: else new/ alone. */
enum rc md_scan_run(struct md_box *b, bool with_cur, struct md_scan *out, struct err *err);
void md_scan_done(struct md_scan *s);

enum rc md_box_open(struct store *s, const char *name, unsigned mode, struct store_box **out,
		    struct err *err);
enum rc md_sync(struct store_box *b, unsigned how, bool *ret_deleted, unsigned *again_ms,
		struct err *err);
/* Scan everything now, because a file was not where the table says. */
enum rc md_sync_again(struct md_box *b, struct err *err);
/* Make the list of rows that are present anew. */
void md_rebuild_live(struct md_box *b);
/* Changes of our own in cur/ and new/ happen between these: they need no new scan. */
void md_own_begin(struct md_box *b);
void md_own_end(struct md_box *b);

/* A copy of INFO that lives as long as the box; NULL: too many different ones. */
const char *md_intern(struct md_box *b, struct slice info);

/* Row of a message that is there; RC_END. */
enum rc md_row_of(struct md_box *b, uint32_t uid, struct md_row **out);
/* Its file: the directory, and the name in OUT. */
int md_row_file(const struct md_box *b, const struct md_row *row, char out[MD_NAME_MAX + 1]);

enum rc md_box_size(struct store_box *b, uint32_t uid, enum store_size which, uint64_t *out,
		    struct err *err);
enum rc md_box_date(struct store_box *b, uint32_t uid, int64_t *out, struct err *err);
bool md_box_attr(const struct store_box *b, uint32_t uid, enum store_attr which,
		 struct slice *out);
enum rc md_box_read(struct store_box *b, uint32_t uid, struct store_content *out,
		    struct err *err);
void md_box_learn_size(struct store_box *b, uint32_t uid, uint64_t physical, uint64_t crlf);
/* Write sizes that had to be counted into the uidlist, so that nobody counts them again. */
void md_box_save_learned(struct md_box *b);

enum rc md_append_begin(struct store *s, const char *name, struct store_append **out,
			struct err *err);

#endif
