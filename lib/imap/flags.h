/* lib/imap/flags.h - system flags and keywords as the protocol writes them.
 *
 * Pure. The bits of the system flags are those of lib/store/box.h. Keyword names borrow from the
 * command's arguments. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_FLAGS_H
#define LIB_IMAP_FLAGS_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/imap/args.h"
#include "lib/store/box.h"

struct imap_flags {
	unsigned system;		/* enum store_flag */
	struct slice *keywords;		/* each once, at most STORE_KEYWORDS_MAX */
	size_t n_keywords;
};

/* All of ARGS as flags (the inside of a list, or the rest of a STORE). RC_SYNTAX with *RET_WHY: a
 * backslash before an unknown name, \Recent, something that is no atom, too long a name or too many;
 * RC_LIMIT: arena full. */
enum rc imap_flags_parse(struct imap_args args, struct arena *a, struct imap_flags *out,
			 const char **ret_why);

/* An atom that may be a keyword's name: no backslash, not too long. */
bool imap_keyword_is_valid(struct slice name);

/* "\Answered \Flagged", separated by blanks; nothing for no flags. */
void imap_flags_print(unsigned system, struct buf *out);

#endif
