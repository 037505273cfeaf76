/* lib/mail/addr.h - address lists of message headers, and the quoting of single addresses.
 *
 * Pure; results live in the caller's arena. Groups, comments, quoted local parts, obsolete
 * routes, domain literals and UTF-8 (RFC 6532) are understood; what cannot be understood is
 * kept as well as possible and marked, for a header is shown even when it is wrong. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_ADDR_H
#define LIB_MAIL_ADDR_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/slice.h"

enum { ADDR_LIST_MAX = 10000 };

enum addr_kind {
	ADDR_MAILBOX,
	ADDR_GROUP_START,	/* local is the group's name; the rest is empty */
	ADDR_GROUP_END
};

/* A slice with p == NULL is absent (NIL in an IMAP ENVELOPE); p != NULL, n == 0 is "". */
struct addr {
	struct addr *next;
	enum addr_kind kind;
	bool is_bad;		/* did not parse; something is missing or was skipped */
	struct slice name;	/* phrase without quotes; else the comment behind; not decoded */
	struct slice route;	/* "@a,@b" */
	struct slice local;	/* without quotes and backslashes */
	struct slice domain;	/* absent when unqualified; literals keep their brackets */
};

struct addr_list {
	struct addr *first, *last;
	size_t n;		/* mailboxes and group marks */
	bool is_cut;		/* more than MAX, or the arena was full */
};

/* VALUE is a header field's value, folds allowed. At most MAX entries (use ADDR_LIST_MAX).
 * Never fails: whatever could be read is in OUT. (RFC 5322, 3.4 and 4.4) */
void addr_parse(struct slice value, size_t max, struct arena *a, struct addr_list *out);

/* One address as people write it in aliases, .forward and on command lines: "user", "u@d",
 * "Name <u@d>", "(c) u@d", "<>". RC_OK with the internal form appended to OUT (empty for <>);
 * RC_SYNTAX when it is not exactly one mailbox. */
enum rc addr_parse_one(struct slice s, struct buf *out);

/* Internal form: local@domain with no quotes, split at the last '@'. External form: the local
 * part quoted where RFC 5322 demands it. */
void addr_quote(struct slice internal, struct buf *out);	/* as Postfix logs and writes it */
void addr_unquote(struct slice external, struct buf *out);

/* "Name" <local@domain>, or local@domain without a name; quoted as needed. Group marks give
 * "name:" and ";". */
void addr_print(const struct addr *a, struct buf *out);

#endif
