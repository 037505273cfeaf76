/* master/environment.h - the environment of a process: nothing but what is listed. */
/* SPDX-License-Identifier: ISC */
#ifndef MASTER_ENVIRONMENT_H
#define MASTER_ENVIRONMENT_H

#include "master/master.h"

/* In the arena of the unit's generation; called in the child only. NULL: no room. */
char **environment_for(struct unit *u, const char *log_kind);

#endif
