/* lib/smtp/eol.h - where a line ends on the wire: the one place that decides it.
 *
 * Pure and resumable; nothing walks byte by byte over content. CRLF is the line end. What a bare
 * LF means is the policy (smtpd_forbid_bare_newline); whatever it is, a message ends only at
 * CRLF "." CRLF unless the policy is SMTP_EOL_ANY. A CR that no LF follows is never a line end.
 * What one implementation takes for the end of a message and another does not is how messages
 * are smuggled past checks. (RFC 5321, 2.3.8 and 4.1.1.4) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_EOL_H
#define LIB_SMTP_EOL_H

#include "lib/base/buf.h"

enum smtp_eol_policy {
	SMTP_EOL_NORMALIZE,	/* bare LF ends a line, but never a message */
	SMTP_EOL_REJECT,	/* bare LF is an error; reading goes on as with NORMALIZE */
	SMTP_EOL_ANY		/* bare LF is as good as CRLF, also around the final dot */
};

enum smtp_eol { SMTP_EOL_NONE, SMTP_EOL_CRLF, SMTP_EOL_BARE };

/* The first line end in IN. AFTER_CR: the byte before IN was a CR. *RET_LINE is the length of
 * the line without its end (with NONE: IN.n), *RET_USED includes it. */
enum smtp_eol smtp_eol_find(struct slice in, bool after_cr, size_t *ret_line, size_t *ret_used);

/* Message content from the wire to stored form: every line ends in LF, dots are unstuffed (DATA)
 * or nothing is (BDAT), a stray CR becomes a blank unless it is to be kept. */
struct smtp_content {
	enum smtp_eol_policy policy;
	bool is_dotted;		/* DATA: dot-stuffed, ends at the lone dot */
	bool keeps_cr;		/* cleanup_replace_stray_cr_lf = no */
	enum smtp_content_at {
		SMTP_AT_LINE_START,
		SMTP_AT_DOT,		/* a dot at line start, not yet given out */
		SMTP_AT_DOT_CR,
		SMTP_AT_MIDDLE,
		SMTP_AT_CR,		/* a CR, not yet given out */
		SMTP_AT_END
	} at;
	bool after_crlf;	/* the line before ended in CRLF (true at the start) */
	bool saw_bare_lf;
};

void smtp_content_init(struct smtp_content *c, enum smtp_eol_policy policy, bool is_dotted,
		       bool keeps_cr);

/* Move bytes from *IN to OUT. RC_END: the final dot was taken off *IN. RC_MORE: *IN is used up,
 * or OUT has less than SMTP_CONTENT_ROOM bytes of room. */
enum { SMTP_CONTENT_ROOM = 4 };
enum rc smtp_content_feed(struct smtp_content *c, struct slice *in, struct buf *out);

/* End of undotted content: an unfinished last line gets its LF. OUT must have room. */
void smtp_content_finish(struct smtp_content *c, struct buf *out);

#endif
