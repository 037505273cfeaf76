/* lib/daemon/tables.h - how a loop daemon's tables reach proxymap.
 *
 * With daemon_use_tables() called at the head of prepare(), proxy: and unix: tables are asked of
 * the proxymap service (questions.h), userdb: tables of auth (users.h), and lib/table's notes are
 * logged. Lookups need a memo: this process cannot wait. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_TABLES_H
#define LIB_DAEMON_TABLES_H

#include "lib/daemon/daemon.h"
#include "lib/table/table.h"

void daemon_use_tables(struct daemon *d);

#endif
