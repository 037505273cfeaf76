/* lib/store/maildir/md_keywords.h - the text of dovecot-keywords: names of the letters a to z.
 *
 * Pure. Lines "<0..25> <name>"; a line that is not one is left out. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_MAILDIR_MD_KEYWORDS_H
#define LIB_STORE_MAILDIR_MD_KEYWORDS_H

#include "lib/base/buf.h"
#include "lib/store/maildir/md_name.h"

#define MD_KEYWORDS_FILE "dovecot-keywords"

struct md_keywords {
	/* "": the letter is free. A name may be none that IMAP can show: it keeps its letter. */
	char name[MD_KEYWORDS][STORE_KEYWORD_NAME_MAX + 1];
};

void md_keywords_parse(struct slice text, struct md_keywords *out);
void md_keywords_put(const struct md_keywords *k, struct buf *out);

/* The letter of NAME (no case), 0 to 25; -1. */
int md_keywords_find(const struct md_keywords *k, struct slice name);

/* Give NAME the first free letter; -1: none is left, or NAME is no keyword. */
int md_keywords_add(struct md_keywords *k, struct slice name);

/* An IMAP atom of bounded length that does not begin with a backslash (RFC 3501, 9). */
bool md_keyword_is_valid(struct slice name);

#endif
