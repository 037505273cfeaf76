/* lib/imap/search.h - the SEARCH program as a tree.
 *
 * Pure; the tree lives in the caller's arena. Texts have been converted to UTF-8 and folded for
 * comparison without regard to case (charset_fold). Nesting is limited, so that walking by
 * recursion is safe. (RFC 3501, 6.4.4) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_SEARCH_H
#define LIB_IMAP_SEARCH_H

#include "lib/imap/args.h"
#include "lib/imap/seqset.h"

enum { IMAP_SEARCH_DEPTH_MAX = 500 };

enum imap_key_type {
	IMAP_KEY_AND,		/* all of sub; nothing in sub: ALL */
	IMAP_KEY_OR,		/* one of sub, which are two */
	IMAP_KEY_SEQ,		/* set */
	IMAP_KEY_UID,		/* set */
	IMAP_KEY_FLAG,		/* number: enum store_flag */
	IMAP_KEY_RECENT,
	IMAP_KEY_KEYWORD,	/* text, not folded */
	/* day: of the internal date; of the Date field */
	IMAP_KEY_BEFORE, IMAP_KEY_ON, IMAP_KEY_SINCE,
	IMAP_KEY_SENTBEFORE, IMAP_KEY_SENTON, IMAP_KEY_SENTSINCE,
	IMAP_KEY_LARGER, IMAP_KEY_SMALLER,	/* number */
	IMAP_KEY_HEADER,	/* name, text; also FROM, TO, CC, BCC, SUBJECT */
	IMAP_KEY_BODY,		/* text */
	IMAP_KEY_TEXT		/* text, in header or body */
};

struct imap_key {
	struct imap_key *next;		/* in the same group */
	struct imap_key *sub;
	enum imap_key_type type;
	bool negate;
	struct imap_seqset set;
	struct slice name, text;
	uint64_t number;
	int64_t day;			/* days since 1970 */
};

/* ARGS is everything behind SEARCH. OUT becomes an AND of all keys. RC_SYNTAX with *RET_WHY;
 * RC_END: the charset is unknown (NO [BADCHARSET]); RC_LIMIT: arena full. */
enum rc imap_search_parse(struct imap_args args, struct arena *a, struct imap_key *out,
			  const char **ret_why);

#endif
