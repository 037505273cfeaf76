/* lib/smtp/path.h - reverse-path and forward-path of MAIL, RCPT and VRFY. (RFC 5321, 4.1.2)
 *
 * Pure. As lenient as Postfix where that is harmless (no brackets, blanks inside them, unusual
 * dots in the local part, no domain), and strict where two readings are possible: one '@' outside
 * quotes, no control bytes at all, no address that begins with '-'. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_PATH_H
#define LIB_SMTP_PATH_H

#include "lib/base/buf.h"

enum { SMTP_ADDRESS_MAX = 1000, SMTP_DOMAIN_MAX = 255 };

struct smtp_path {
	bool is_empty;		/* <> */
	bool is_bracketed;
	bool has_domain;
	bool has_8bit_local, has_8bit_domain;
};

/* WORD is the path as received. The address without quotes, source route and final dot of the
 * domain is appended to ADDRESS ("internal form": split at the last '@'). RC_SYNTAX, or RC_LIMIT
 * when it is longer than SMTP_ADDRESS_MAX; ADDRESS is as before then. */
enum rc smtp_path_parse(struct slice word, struct buf *address, struct smtp_path *out);

/* DOMAIN as in a path: labels of letters, digits, '_', 8-bit and, inside, '-', not all numbers; or
 * an IP address in brackets. */
bool smtp_domain_is_valid(struct slice domain);

#endif
