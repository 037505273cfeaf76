/* lib/store/maildir/md_folder.h - the Maildir++ root, one folder's directories, and the files in
 * them that give messages their UIDs and keywords their letters.
 *
 * Blocks. Whoever writes dovecot-uidlist or dovecot-keywords holds the folder's lock. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_MAILDIR_MD_FOLDER_H
#define LIB_STORE_MAILDIR_MD_FOLDER_H

#include <time.h>

#include "lib/store/backend.h"
#include "lib/store/maildir/md_keywords.h"
#include "lib/store/maildir/md_lock.h"
#include "lib/store/maildir/md_table.h"

struct md_store {
	struct store s;
	char *path;		/* of the root, absolute */
	int root;
	mode_t dir_mode, file_mode;	/* after the root's own */
	int64_t last_us;	/* time in the last unique name */
	struct md_lock session;
};

/* One folder's directories, open. */
struct md_folder {
	int dir, cur, new, tmp;
};

enum { MD_FOLDER_MAX = STORE_NAME_MAX + 2, MD_UNIQUE_MAX = 160 };

/* Directory of mailbox NAME below the root: "." for INBOX, ".a.b" for a/b. */
void md_folder_path(const struct md_store *s, const char *name, char out[MD_FOLDER_MAX]);

/* RC_END: no such folder. cur, new and tmp are made when one is missing. */
enum rc md_folder_open(const struct md_store *s, const char *name, struct md_folder *out,
		       struct err *err);
void md_folder_close(struct md_folder *f);	/* accepts one whose members are -1 */
#define MD_FOLDER_NONE ((struct md_folder){ -1, -1, -1, -1 })

/* Make DIR below the root into a folder, all of it, and give it a UIDVALIDITY. */
enum rc md_folder_make(struct md_store *s, const char *dir, struct err *err);

/* Delete what has stood in tmp/ for 36 hours at time NOW; looks at most every 8 hours. */
void md_folder_clean_tmp(const struct md_folder *f, time_t now);

/* A base name no one else uses: "SECONDS.MmicrosecondsPpid.host". */
void md_unique_name(struct md_store *s, char out[MD_UNIQUE_MAX]);

/* The next UIDVALIDITY of this store (dovecot-uidvalidity). */
enum rc md_uidvalidity_next(struct md_store *s, uint32_t *out, struct err *err);

enum rc md_lock_folder(struct md_store *s, int dir, struct md_lock *l, struct err *err);

/* dovecot-uidlist as a whole. RC_END: there is none; RC_SYNTAX: it is broken. */
enum rc md_uidfile_load(int dir, struct md_table *t, struct fs_stamp *stamp, struct err *err);
/* The same when records were only appended since STAMP. RC_MORE: it must be loaded whole. */
enum rc md_uidfile_load_tail(int dir, struct md_table *t, struct fs_stamp *stamp);
/* A file that is missing or broken: start one with a new UIDVALIDITY. Not written yet. */
enum rc md_uidfile_start(struct md_store *s, struct md_table *t, struct err *err);
/* ALL: also the rows that are not present. */
enum rc md_uidfile_rewrite(struct md_store *s, int dir, const struct md_table *t, bool all,
			   struct fs_stamp *stamp, struct err *err);
/* Append the rows from FIRST on. */
enum rc md_uidfile_append(struct md_store *s, int dir, const struct md_table *t, size_t first,
			  bool sync, struct fs_stamp *stamp, struct err *err);
/* UIDVALIDITY and the next UID from the file's two ends. RC_MORE: it must be loaded. */
enum rc md_uidfile_peek(int dir, uint32_t *ret_uidvalidity, uint32_t *ret_uidnext,
			struct err *err);

enum rc md_keywords_load(int dir, struct md_keywords *out, struct fs_stamp *stamp,
			 struct err *err);
enum rc md_keywords_save(struct md_store *s, int dir, const struct md_keywords *k,
			 struct fs_stamp *stamp, struct err *err);

#endif
