/* lib/store/maildir/md_table.h - a mailbox's messages in memory: uidlist records, and their files.
 *
 * No I/O. Rows ascend by UID; a row without a file (not present) is a record whose message is
 * gone, or not yet found. Row numbers are stable until the table is loaded anew. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_MAILDIR_MD_TABLE_H
#define LIB_STORE_MAILDIR_MD_TABLE_H

#include "lib/base/arena.h"
#include "lib/store/maildir/md_name.h"
#include "lib/store/maildir/md_uidlist.h"

#define MD_DATE_UNKNOWN INT64_MIN
#define MD_NO_ROW UINT32_MAX

struct md_row {
	uint32_t uid;
	uint32_t keywords;
	struct slice base;
	struct slice keys;	/* of the uidlist record */
	const char *info;	/* ":2,S" or "": the file's name is base and info */
	uint64_t physical, crlf;	/* MD_SIZE_UNKNOWN */
	int64_t date;
	uint8_t flags;
	bool present;		/* the file is there */
	bool in_new;		/* in new/, not cur/ */
	bool recent;
	bool learned;		/* a size was found out that name and record do not tell */
};

struct md_table {
	struct md_uidlist_head head;
	struct md_row *v;
	size_t n, size;
	uint64_t *slots;	/* by hash of the base: its upper half, row + 1; 0 is free */
	size_t n_slots;
	struct arena strings;	/* bases and keys of rows added since the load */
	char *text;		/* the uidlist: bases and keys of the others */
	bool torn;		/* its last line was cut off */
};

void md_table_init(struct md_table *t);
void md_table_done(struct md_table *t);	/* accepts a zeroed one */

/* Take TEXT (heap, N bytes) over and read it. RC_SYNTAX: not a uidlist; T is empty then. */
enum rc md_table_load(struct md_table *t, char *text, size_t n);

/* Records that were appended to the uidlist since; TEXT begins behind the last line known, and is
 * copied. RC_SYNTAX, RC_LIMIT: T is unchanged, load it anew. */
enum rc md_table_extend(struct md_table *t, struct slice text);

/* Row of BASE or of UID; MD_NO_ROW. */
uint32_t md_table_find(const struct md_table *t, struct slice base);
uint32_t md_table_find_uid(const struct md_table *t, uint32_t uid);

/* A new row at the end with the next UID; BASE and KEYS are copied. RC_LIMIT: no UID left. */
enum rc md_table_add(struct md_table *t, struct slice base, struct slice keys, uint32_t *ret_row);

/* Forget the rows from N on: their UIDs could not be written. */
void md_table_cut(struct md_table *t, size_t n, uint32_t uidnext);

/* What was found out about messages in OLD is true of the same messages in T. */
void md_table_inherit(struct md_table *t, const struct md_table *old);

#endif
