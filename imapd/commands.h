/* imapd/commands.h - the commands that the table in command.c names.
 *
 * Each takes what follows its name and leaves its answer with session_ok(), _no() or _bad(). */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_COMMANDS_H
#define IMAPD_COMMANDS_H

#include "imapd/args.h"
#include "imapd/sync.h"

void cmd_append(struct session *s, struct imap_args args);
void cmd_capability(struct session *s, struct imap_args args);
void cmd_check(struct session *s, struct imap_args args);
void cmd_close(struct session *s, struct imap_args args);
void cmd_copy(struct session *s, struct imap_args args);
void cmd_create(struct session *s, struct imap_args args);
void cmd_delete(struct session *s, struct imap_args args);
void cmd_examine(struct session *s, struct imap_args args);
void cmd_expunge(struct session *s, struct imap_args args);
void cmd_fetch(struct session *s, struct imap_args args);
void cmd_id(struct session *s, struct imap_args args);
void cmd_idle(struct session *s, struct imap_args args);
void cmd_list(struct session *s, struct imap_args args);
void cmd_logout(struct session *s, struct imap_args args);
void cmd_lsub(struct session *s, struct imap_args args);
void cmd_namespace(struct session *s, struct imap_args args);
void cmd_noop(struct session *s, struct imap_args args);
void cmd_rename(struct session *s, struct imap_args args);
void cmd_search(struct session *s, struct imap_args args);
void cmd_select(struct session *s, struct imap_args args);
void cmd_status(struct session *s, struct imap_args args);
void cmd_store(struct session *s, struct imap_args args);
void cmd_subscribe(struct session *s, struct imap_args args);
void cmd_uid_expunge(struct session *s, struct imap_args args);
void cmd_unselect(struct session *s, struct imap_args args);
void cmd_unsubscribe(struct session *s, struct imap_args args);

/* IDLE behind its "+ idling", which another process may have sent. */
void session_idle(struct session *s);

/* APPEND has come to a literal behind its mailbox: ARGS is what stands before it. Reads the message,
 * or refuses it. */
void cmd_append_literal(struct session *s, struct imap_args args);

#endif
