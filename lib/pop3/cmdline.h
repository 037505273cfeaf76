/* lib/pop3/cmdline.h - split POP3 command lines, and read their arguments.
 *
 * Pure: no I/O, no allocation, no state. Results borrow from the line. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_POP3_CMDLINE_H
#define LIB_POP3_CMDLINE_H

#include "lib/base/slice.h"

struct pop3_cmdline {
	struct slice verb;	/* as received; match with slice_iis() */
	struct slice arg;	/* all that follows the first SP, blanks included */
};

/* LINE has no CRLF. RC_SYNTAX: it holds NUL. An empty verb is a verb nobody knows. */
enum rc pop3_cmdline_parse(struct slice line, struct pop3_cmdline *out);

/* Find a whole line at the front of IN: RC_OK with *RET_LINE (no CRLF or LF) and its length on
 * the wire in *RET_USED; RC_MORE: no LF yet; RC_LIMIT: none within MAX_BYTES. */
enum rc pop3_cmdline_next(struct slice in, size_t max_bytes, struct slice *ret_line,
			  size_t *ret_used);

/* Cut a decimal number off *ARG, blanks before it skipped. RC_SYNTAX: no digit there, or a
 * digit string followed by other than SP or the end; RC_LIMIT: more than MAX. On failure *ARG is
 * at the fault: for RC_SYNTAX the number, for RC_LIMIT its start. */
enum rc pop3_cmdline_number(struct slice *arg, uint64_t max, uint64_t *out);

#endif
