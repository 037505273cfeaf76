/* lib/store/maildir/md_uidlist.h - the text of dovecot-uidlist: which UID belongs to which base name.
 *
 * Pure. Version 3: "3 V<uidvalidity> N<uidnext> G<guid> ..." then "<uid> [K<value> ...] :<base>"
 * with ascending UIDs; keys that nobody knows are kept. Version 1 (Courier): "1 <uidvalidity>
 * <uidnext>" then "<uid> <base>". Everything borrows from the text. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_MAILDIR_MD_UIDLIST_H
#define LIB_STORE_MAILDIR_MD_UIDLIST_H

#include "lib/base/buf.h"

#define MD_UIDLIST "dovecot-uidlist"

enum { MD_UID_MAX = INT32_MAX };	/* signed clients print larger ones as negative */

struct md_record {
	uint32_t uid;
	struct slice base;
	struct slice keys;	/* "W123 Pabc", without outer blanks */
};

struct md_uidlist_head {
	unsigned version;	/* 1 or 3 */
	uint32_t uidvalidity;
	uint32_t uidnext;	/* as written: appended records may have passed it */
	struct slice keys;	/* all but V and N, "Gabc P%f" */
};

/* Read the first line off *TEXT. RC_SYNTAX: not a uidlist. */
enum rc md_uidlist_head(struct slice *text, struct md_uidlist_head *out);

/* Read the next line off *TEXT. RC_END: no line left; RC_MORE: the last line has no LF, it was
 * torn by a crash; RC_SYNTAX: not a record. */
enum rc md_uidlist_record(struct slice *text, unsigned version, struct md_record *out);

/* The value of KEY in KEYS ("W123 Pabc"); false when not there. */
bool md_uidlist_key(struct slice keys, char key, struct slice *out);

void md_uidlist_put_head(const struct md_uidlist_head *head, struct buf *out);	/* version 3 */
void md_uidlist_put_record(const struct md_record *r, struct buf *out);

#endif
