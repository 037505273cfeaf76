/* lib/conf/check.h - every fault of main.cf and master.cf that shows without starting anything.
 *
 * Unknown names, values that do not load, parameters of Postfix that are not here. Blocks: reads
 * the files that lists name. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_CHECK_H
#define LIB_CONF_CHECK_H

#include "lib/conf/mastercf.h"

/* C was read from main.cf (without overrides), SERVICES from master.cf. Faults of reading them
 * were reported then. */
void conf_check(const struct conf *c, const struct service *services, struct faults *faults);

#endif
