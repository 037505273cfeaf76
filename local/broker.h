/* local/broker.h - the root process that knows users and makes workers; forked before the front
 * gives up its rights. It parses nothing that mail brought. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_BROKER_H
#define LOCAL_BROKER_H

#include "local/config.h"

/* daemon_fork_helper's start: serves the front on FD. The daemon's user pointer is the struct
 * config. */
void broker_start(struct daemon *d, int fd);

#endif
