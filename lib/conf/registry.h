/* lib/conf/registry.h - every parameter there is: ours, Postfix's that we lack, service-derived.
 *
 * Ours come from the params.def files that programs.def includes, one line for each. What
 * Postfix has and we do not is in foreign.def with what that means. Names that are made from a
 * service's name and a suffix (relay_destination_concurrency_limit) are in derived.def. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_REGISTRY_H
#define LIB_CONF_REGISTRY_H

#include "lib/conf/param.h"

/* What a Postfix parameter that Buzon does not have means when main.cf sets it. */
enum foreign_class {
	FOREIGN_HARMLESS,	/* tunes or names something that is not here: noted */
	FOREIGN_MAIL,		/* would change what happens to mail: an error unless default */
	FOREIGN_OBSOLETE	/* Postfix ignores it too: noted, and unknown to postconf */
};

struct foreign_spec {
	const char *name;
	const char *def;	/* Postfix's default */
	enum foreign_class class;
	const char *way_out;	/* what to do instead; NULL: remove the line */
	bool is_raw;		/* $name in it is expanded when it is used */
};

/* <service><suffix>: which services have it. */
enum derived_class { DERIVED_TRANSPORT, DERIVED_COMMAND };
struct derived_spec {
	enum param_type type;
	const char *suffix;	/* "_destination_concurrency_limit" */
	const char *def;
	enum derived_class class;
	const char *doc;	/* NULL: unused */
	const char *unused;	/* why nothing here reads it; NULL: it is read */
};

struct registry;

struct registry *registry_new(void);
void registry_free(struct registry **r);

const struct param_spec *registry_find(const struct registry *r, struct slice name);
const struct foreign_spec *registry_foreign(const struct registry *r, struct slice name);
/* True when $name in it is expanded when it is used, not when it is read. */
bool registry_is_raw(const struct registry *r, struct slice name);
/* The suffix must leave a service name of at least one byte. NULL: not of that form. */
const struct derived_spec *registry_derived(struct slice name, struct slice *ret_service);

/* The default as declared, unexpanded, whatever table it stands in. False: unknown name. */
bool registry_default(const struct registry *r, struct slice name, struct slice *ret);

/* Walk the tables in the order of their files; NULL past the end. A params.def that several
 * programs include in theirs comes up as often. */
const struct param_spec *registry_at(size_t i);
const struct foreign_spec *registry_foreign_at(size_t i);
const struct derived_spec *registry_derived_at(size_t i);

#endif
