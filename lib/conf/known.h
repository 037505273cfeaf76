/* lib/conf/known.h - which names main.cf and master.cf may set, and which of them mean nothing.
 *
 * A name is known when a program declares it, when Postfix has it (foreign.def), when a service
 * of master.cf makes it (SERVICE_destination_rate_delay), or when the administrator made it up
 * and uses it: as $name in some value, in smtpd_restriction_classes, or as the prefix of a
 * database table (ldap:NAME takes NAME_server_host). Borrows the configuration. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_KNOWN_H
#define LIB_CONF_KNOWN_H

#include "lib/conf/mastercf.h"
#include "lib/conf/registry.h"

enum known_class { KNOWN_NOT, KNOWN_BUILTIN, KNOWN_FOREIGN, KNOWN_SERVICE, KNOWN_USER };

struct known;

/* SERVICES may be NULL. */
struct known *known_new(const struct conf *c, const struct service *services);
void known_free(struct known **k);

enum known_class known_class(const struct known *k, struct slice name);

/* An old name that lives on in defaults (virtual_maps in that of virtual_alias_maps): nothing
 * declares it, and unset it is empty. */
bool known_is_legacy(const struct known *k, struct slice name);

/* All known names in alphabetical order; false past the end. */
bool known_at(const struct known *k, size_t i, struct slice *ret_name, enum known_class *ret);

/* Names that are referred to but set and declared nowhere, once for each file: "undefined
 * parameter". */
void known_undefined(const struct known *k, void (*each)(void *ctx, const char *file,
							  struct slice name), void *ctx);
/* Names that are set but unknown: "unused parameter". */
void known_unused(const struct known *k,
		  void (*each)(void *ctx, const char *file, unsigned line, struct slice name,
			       struct slice value), void *ctx);

/* The known name that is most like NAME, if one is near; else NULL. */
const char *known_nearest(const struct known *k, struct slice name);

#endif
