/* lib/daemon/users.h - how a loop daemon's userdb: tables reach auth.
 *
 * Called by daemon_use_tables(); the channel is made when a question is first asked. Questions that
 * are on their way when auth goes (at every reload its successor comes) are asked again; after ten
 * seconds without auth they are answered "try later". */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_USERS_H
#define LIB_DAEMON_USERS_H

#include "lib/daemon/daemon.h"

void daemon_use_users(struct daemon *d);

#endif
