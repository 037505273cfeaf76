/* lib/daemon/users.h - how a loop daemon's userdb: tables reach auth.
 *
 * Called by daemon_use_tables(); see questions.h. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_USERS_H
#define LIB_DAEMON_USERS_H

#include "lib/daemon/daemon.h"

void daemon_use_users(struct daemon *d);

#endif
