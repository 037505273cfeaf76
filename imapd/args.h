/* imapd/args.h - arguments that several commands take, looked up in the session. */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_ARGS_H
#define IMAPD_ARGS_H

#include "imapd/session.h"

/* The next argument as a mailbox; false when answered already. *RET_WIRE is the client's form. */
bool session_mailbox_arg(struct session *s, struct imap_args *args, const char **ret_name,
			 struct slice *ret_wire);

/* True when ARGS is used up; else answered. */
bool session_end_args(struct session *s, struct imap_args args);

struct session_set {
	uint32_t *seqs;		/* ascending */
	size_t n;
};

/* The next argument as a set of messages of the selected mailbox, by UID or number as the command
 * says; false when answered already. Numbers beyond the mailbox are BAD; unknown UIDs are not. */
bool session_set_arg(struct session *s, struct imap_args *args, struct session_set *out);

#endif
