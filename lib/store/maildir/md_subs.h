/* lib/store/maildir/md_subs.h - the text of the subscriptions file, both versions.
 *
 * Pure. Version 0: a name a line, parts separated by '.'. Version 2: "V\t2", an empty line,
 * then a name a line, parts escaped and joined by tabs. A file keeps its version and the lines
 * that are no name here. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_MAILDIR_MD_SUBS_H
#define LIB_STORE_MAILDIR_MD_SUBS_H

#include "lib/base/buf.h"
#include "lib/store/names.h"

#define MD_SUBS_FILE "subscriptions"

struct md_subs {
	unsigned version;		/* 0 or 2 */
	struct store_names lines;	/* as in the file, without LF */
};

/* RC_SYNTAX: a version from the future; RC_LIMIT: too many lines. Free with md_subs_done
 * either way. */
enum rc md_subs_parse(struct slice text, struct md_subs *out);
void md_subs_done(struct md_subs *s);
void md_subs_put(const struct md_subs *s, struct buf *out);

/* The mailbox name that LINE stands for, with separator SEP; false when it is none. */
bool md_subs_name(const struct md_subs *s, const char *line, char sep, struct buf *out);

/* The line that stands for mailbox NAME. */
void md_subs_line(const struct md_subs *s, struct slice name, char sep, struct buf *out);

#endif
