/* qmgr/limits.h - the limits of one transport, from the parameters named after it. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_LIMITS_H
#define QMGR_LIMITS_H

#include "lib/conf/mastercf.h"
#include "lib/conf/param.h"
#include "qmgr/policy.h"

/* relay_destination_concurrency_limit and so on, else default_...; the built-in transports by
 * name. FAULTS may be NULL: bad values, reported at the start, then count as the default. */
void limits_load(const struct conf *c, struct arena *arena, const char *transport,
		 struct transport_limits *out, struct faults *faults);

/* At the start: the values of every transport of master.cf. */
void limits_check(const struct conf *c, struct arena *arena, const struct service *services,
		  struct faults *faults);

bool limits_is_listed(const struct str_list *list, const char *word);

#endif
