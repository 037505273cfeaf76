/* lib/table/userdb.h - userdb: tables: what auth says of a user, as lookup results.
 *
 * userdb:	the mailbox as an absolute path: /var/vmail/demo.test/alice/Maildir/ (the slash at the
 *		end says Maildir, as everywhere); where virtual_mailbox_base is empty
 * userdb:/DIR	the mailbox below DIR: demo.test/alice/Maildir/; for virtual_mailbox_maps, with
 *		DIR = virtual_mailbox_base
 * userdb:uid, userdb:gid, userdb:home
 *
 * The key is a login name, mostly an address. So a user whom the user databases (auth_userdbs) know
 * has a mailbox for receiving and reading without another line anywhere. All userdb: tables of a
 * command share one question. A user that auth knows but whose line cannot be used is RC_TEMP:
 * his mail waits. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TABLE_USERDB_H
#define LIB_TABLE_USERDB_H

#include "lib/table/table.h"

struct auth_user_found;

/* The name of the transport (table_set_transport) that reaches auth, and the table it is asked. */
#define USERDB_SERVICE "auth-master"
#define USERDB_TABLE "user"

/* Append to OUT what a transport answers for M. RC_PERM: no mailbox can be made of it. */
enum rc userdb_value(const struct auth_user_found *m, struct buf *out, struct err *err);

/* Ask auth at the socket PATH and wait: for tools. RC_END: unknown user. */
enum rc userdb_ask_now(const char *path, struct slice user, struct buf *out, struct err *err);

#endif
