/* lib/conf/logical.h - the logical lines of main.cf, master.cf and table sources.
 *
 * Pure: text in, joined lines out. A line that starts with a blank continues the one before it,
 * also across empty lines and comments; a line whose first non-blank byte is '#' is a comment. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_LOGICAL_H
#define LIB_CONF_LOGICAL_H

#include "lib/base/buf.h"

struct logical {
	struct slice rest;	/* input not yet read */
	unsigned line;		/* physical lines read so far */
	struct buf text;	/* the current line, joined, without outer white space */
	unsigned first_line;	/* where it starts */
	bool starts_blank;	/* it has no line to continue: the file begins with a blank */
	bool has_nul;		/* a NUL byte was dropped from it */
};

enum { LOGICAL_MAX = 1 << 20 };	/* most bytes of one logical line */

void logical_init(struct logical *l, struct slice text);
void logical_done(struct logical *l);

/* False at the end. The line is in l->text; over-long lines are cut and buf_is_over() says so. */
bool logical_next(struct logical *l);

#endif
