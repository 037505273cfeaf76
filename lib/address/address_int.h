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

/* Is WORD in LIST, case aside? */
bool address_list_has(const struct str_list *list, const char *word);

#endif
