/* bounce/compose.h - the text of a report: headers, words for people, fields for machines.
 *
 * Pure: facts in, bytes out. The original message, whole or its header, stands between
 * the last compose_step() and compose_end(); who sends copies it there. (RFC 3461, 3462, 3464, 6522,
 * 6533) */
/* SPDX-License-Identifier: ISC */
#ifndef BOUNCE_COMPOSE_H
#define BOUNCE_COMPOSE_H

#include "lib/base/buf.h"

enum report_kind { REPORT_FAILED = 1, REPORT_DELAYED = 2, REPORT_SUCCESS = 3, REPORT_ASKED = 4,
		   REPORT_KINDS };

struct report_texts;	/* bounce/template.h */

struct report_item {
	struct slice address, original, orcpt;
	unsigned char notify;
	struct slice dsn, action, text, remote_mta, diag_type;
};

struct report_config {
	const char *myhostname, *mail_name;
	int64_t size_limit;		/* longer originals are returned as headers only */
	int64_t lifetime_ms;		/* for Will-Retry-Until */
	const struct report_texts *texts;
};

struct report_mail {
	const struct report_config *cfg;
	enum report_kind kind;
	bool to_postmaster;		/* a copy: no words, headers only */
	struct slice recipient;
	struct slice queue_id;		/* of the original */
	struct slice report_id;		/* of this report */
	struct slice sender;		/* of the original; empty: null */
	struct slice envid;
	unsigned dsn_ret;		/* enum queue_ret */
	bool is_utf8, is_8bit;
	int64_t arrived_s, now_s;
	int64_t content_bytes;
	struct slice message_id;	/* of the original, when replies are threaded; else empty */
	const struct report_item *items;
	size_t n_items;
};

bool compose_is_headers_only(const struct report_mail *m);
/* "<20250916052000.8045F68C3A1@mx.example.net>" of the report. */
void compose_message_id(const struct report_mail *m, struct buf *out);
/* What stands before the original comes in so many steps, each a few kilobytes at most: a report may
 * speak of very many recipients. STEP from 0. */
size_t compose_steps(const struct report_mail *m);
void compose_step(const struct report_mail *m, size_t step, struct buf *out);
void compose_end(const struct report_mail *m, struct buf *out);

/* "non-delivery notification" as the log says it. */
const char *compose_name(enum report_kind kind);

#endif
