/* lib/address/address_int.h - the opened configuration; private to lib/address. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_ADDRESS_ADDRESS_INT_H
#define LIB_ADDRESS_ADDRESS_INT_H

#include "lib/address/address.h"
#include "lib/table/match.h"

#define PARAMS_STRUCT address_params
#define PARAMS_FILE "lib/address/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT address_base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"

/* X(name): a list of tables, opened from the parameter of that name. */
#define ADDRESS_TABLES(X) \
	X(canonical_maps) X(sender_canonical_maps) X(recipient_canonical_maps) \
	X(virtual_alias_maps) X(relocated_maps) X(local_recipient_maps) X(virtual_mailbox_maps) \
	X(relay_recipient_maps) X(transport_maps) X(sender_dependent_default_transport_maps) \
	X(sender_dependent_relayhost_maps)

struct address {
	struct arena arena;
	struct address_params p;
	struct address_base_params base;
#define X(name) struct table_list name;
	ADDRESS_TABLES(X)
#undef X
	struct match *mydestination, *virtual_alias_domains, *virtual_mailbox_domains;
	struct match *relay_domains, *interfaces, *proxy_interfaces;
	struct slice myorigin, mydomain;
};

/* Which keys are tried, in this order. The whole address always is. */
enum { FIND_NO_EXT = 1,		/* user@domain */
       FIND_LOCAL_PART = 2,	/* user+ext, user: when the domain is ours or myorigin */
       FIND_AT_DOMAIN = 4,	/* @domain */
       FIND_DOMAIN = 8,		/* domain, .parents, * */
       FIND_MAPPING = FIND_NO_EXT | FIND_LOCAL_PART | FIND_AT_DOMAIN };

struct address_hit {
	struct slice value;	/* borrowed from the table: copy before the next lookup */
	struct slice ext;	/* of the address, with delimiter, that the key did not have */
};

/* First table and key that know ADDRESS (not null). */
enum rc address_find(const struct address_query *q, const struct table_list *tables,
		     struct slice address, unsigned keys, struct address_hit *out,
		     struct err *err);

/* Is WORD in LIST, case aside? */
bool address_list_has(const struct str_list *list, const char *word);

#endif
