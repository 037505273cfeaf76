/* lib/table/source.h - the text from which a table of fixed keys is made, entry by entry.
 *
 * Pure. Two forms: "key value" (postmap) and "key: value" (postalias). Shared by the tools that
 * build indexes and by tables read straight from their source. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TABLE_SOURCE_H
#define LIB_TABLE_SOURCE_H

#include "lib/conf/logical.h"

struct source {
	struct logical lines;
	bool is_alias;
	struct buf key, value;		/* of the current entry, when they differ from the text */
};

void source_init(struct source *s, struct slice text, bool is_alias);
void source_done(struct source *s);

/* RC_OK with the next entry (slices live until the next call; keys are not folded), RC_END at
 * the end, RC_SYNTAX for a line that is not an entry: ERR tells why, *RET_LINE where, and the
 * walk can go on. */
enum rc source_next(struct source *s, struct slice *ret_key, struct slice *ret_value,
		    unsigned *ret_line, struct err *err);

#endif
