/* lib/smtp/reply.h - an SMTP reply as data, and as bytes. (RFC 5321, 4.2; RFC 2034)
 *
 * Pure. Text from elsewhere (tables, DNS, other programs) is made harmless when it is printed:
 * control bytes become '?', so that no reply can smuggle a second one. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_REPLY_H
#define LIB_SMTP_REPLY_H

#include "lib/base/buf.h"

enum { SMTP_REPLY_TEXT_MAX = 1000, SMTP_REPLY_LINE_MAX = 512 };

struct smtp_reply {
	unsigned code;		/* 200 to 599; 0: none set */
	char dsn[12];		/* "2.1.0"; empty: the reply has no enhanced status */
	char text[SMTP_REPLY_TEXT_MAX + 1];	/* LF separates lines of a multi-line reply */
};

/* DSN may be "". */
void smtp_reply_set(struct smtp_reply *r, unsigned code, const char *dsn, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* "450 4.7.1 text", "450 text", "4.7.1 text" or "text" as administrators write it in access
 * tables; what is missing comes from DEFAULT_CODE and DEFAULT_DSN. A status whose class does
 * not fit the code gets the code's class. */
void smtp_reply_parse(struct slice text, unsigned default_code, const char *default_dsn,
		      struct smtp_reply *out);

/* Append "code dsn text CRLF", each line cut at SMTP_REPLY_LINE_MAX. */
void smtp_reply_print(const struct smtp_reply *r, struct buf *out);
/* The same with TEXT for R's own. */
void smtp_reply_print_text(const struct smtp_reply *r, struct slice text, struct buf *out);
/* A refusal for good becomes one for now. */
void smtp_reply_soften(struct smtp_reply *r);

static inline bool smtp_reply_is_ok(const struct smtp_reply *r)
{
	return r->code >= 200 && r->code < 400;
}

#endif
