/* local/alias.h - the right-hand side of an alias, and the lines of .forward and :include: files.
 *
 * Pure; results live in the caller's arena or borrow from the text. (aliases(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_ALIAS_H
#define LOCAL_ALIAS_H

#include "lib/base/arena.h"
#include "lib/base/slice.h"

enum target_kind {
	TARGET_ADDRESS,		/* internal form, as written: maybe without a domain */
	TARGET_USER,		/* \user: that user's mailbox, no aliases, no .forward */
	TARGET_FILE,		/* absolute path, or below home: "~/"; a final '/' means Maildir */
	TARGET_COMMAND,		/* without the "|" */
	TARGET_INCLUDE		/* path behind ":include:" */
};

struct target {
	struct target *next;
	enum target_kind kind;
	struct slice text;
};

struct target_list {
	struct target *first, *last;
	size_t n;
	struct slice bad;	/* first item that could not be read; n == 0: none */
};

enum { TARGETS_MAX = 50000 };

/* Comma-separated targets of an alias; appended to OUT, which starts zeroed. Items that cannot be
 * read are skipped and the first of them remembered. RC_LIMIT: more than TARGETS_MAX, or the
 * arena is full. */
enum rc alias_parse(struct slice text, struct arena *a, struct target_list *out);

/* The same for a file: each line for itself, lines that start with '#' skipped. */
enum rc alias_parse_file(struct slice text, struct arena *a, struct target_list *out);

/* Split a local part at the first byte of DELIMITERS that is not its first; *RET_EXT is what
 * follows, or p == NULL. OWNER_SPECIAL: owner-name and name-request are not split at '-'. */
struct slice alias_split_extension(struct slice local, const char *delimiters,
				   bool owner_special, struct slice *ret_ext);

#endif
