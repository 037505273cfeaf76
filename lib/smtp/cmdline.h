/* lib/smtp/cmdline.h - split one SMTP command line into verb and argument, and find its end.
 *
 * Pure: no I/O, no allocation, no state. Results borrow from the input. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_CMDLINE_H
#define LIB_SMTP_CMDLINE_H

#include "lib/base/slice.h"

struct smtp_cmdline {
	struct slice verb;	/* as received; match with slice_iis() */
	struct slice arg;	/* outer blanks removed; may be empty */
};

/* LINE has no line end. RC_SYNTAX when it holds no word or a NUL. Like Postfix, leading blanks are
 * skipped and a verb is any run of non-blanks, so that what is no command can be told from
 * nonsense later. (RFC 5321, 4.1.1) */
enum rc smtp_cmdline_parse(struct slice line, struct smtp_cmdline *out);

/* Cut the next blank-separated word off *ARG; blanks inside "..." and <...> do not separate,
 * backslash quotes in both. RC_END when there is none, RC_SYNTAX when a quote or bracket is not
 * closed (*RET is then the rest). */
enum rc smtp_cmdline_word(struct slice *arg, struct slice *ret);

/* True for "Subject: x": a header line sent as a command, the mark of a confused proxy. */
bool smtp_cmdline_is_header(struct slice line);

#endif
