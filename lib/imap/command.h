/* lib/imap/command.h - the arguments of the commands that have a shape of their own.
 *
 * Pure; results borrow from the arguments or live in the caller's arena. Each function takes all
 * of ARGS that is its part; RC_SYNTAX comes with *RET_WHY, RC_LIMIT is a full arena.
 * (RFC 3501, 6.3 and 6.4) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_COMMAND_H
#define LIB_IMAP_COMMAND_H

#include "lib/imap/flags.h"
#include "lib/mail/date.h"

/* What STORE has behind its set: +FLAGS.SILENT (\Seen) */
struct imap_store_args {
	enum store_flag_how how;
	bool silent;
	struct imap_flags flags;
};
enum rc imap_store_parse(struct imap_args args, struct arena *a, struct imap_store_args *out,
			 const char **ret_why);

enum imap_status_item {
	IMAP_STATUS_MESSAGES = 1, IMAP_STATUS_RECENT = 2, IMAP_STATUS_UIDNEXT = 4,
	IMAP_STATUS_UIDVALIDITY = 8, IMAP_STATUS_UNSEEN = 16
};

/* The list of items; *OUT is a set of enum imap_status_item. */
enum rc imap_status_parse(struct imap_args args, unsigned *out, const char **ret_why);

struct imap_append_args {
	struct slice mailbox;
	struct imap_flags flags;
	bool has_date;
	struct date date;
};

/* What APPEND has before its literal. */
enum rc imap_append_parse(struct imap_args args, struct arena *a, struct imap_append_args *out,
			  const char **ret_why);

#endif
