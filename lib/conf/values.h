/* lib/conf/values.h - is a parameter set to something that means something?
 *
 * For those whose values are words that programs know, names of hosts, versions or transports;
 * the others' programs check them themselves. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_VALUES_H
#define LIB_CONF_VALUES_H

#include "lib/conf/mastercf.h"

/* Nothing happens to a NAME that is not set. SERVICES may be NULL: then transports are not
 * looked for. */
void values_check(struct slice name, const struct conf *c, const struct service *services,
		  struct faults *faults);

#endif
