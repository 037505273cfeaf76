/* lib/address/address.h - what the configuration says about addresses, opened and ready to ask.
 *
 * One struct address per process, read-only after address_open(), which must run before the
 * process confines itself. Addresses here are in internal form: local@domain without quotes, split
 * at the last '@'; the empty slice is the null address. Tables are asked with the external form.
 *
 * Every function that asks tables takes a struct address_query; when one answers RC_MORE, the
 * whole computation is abandoned and run again when the query's memo is ready (lib/table/table.h).
 * Results live in the query's arena, whose limit gives RC_LIMIT. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_ADDRESS_ADDRESS_H
#define LIB_ADDRESS_ADDRESS_H

#include "lib/base/arena.h"
#include "lib/conf/maincf.h"
#include "lib/table/table.h"

enum { ADDRESS_MAX = 1000 };	/* bytes of one address */

struct address;

struct address_query {
	const struct address *conf;
	struct table_memo *memo;	/* NULL: block */
	struct arena *arena;
};

struct address_list {
	struct slice *v;
	size_t n;
};

/* Faults get the parameter's line; *OUT can be asked in any case. */
void address_open(const struct conf *c, struct faults *faults, struct address **out);
void address_close(struct address **a);

/* True when a file behind one of the tables is no longer what was opened. */
bool address_has_changed(const struct address *a, int64_t now_ms);

/* --- pure --- */

static inline struct slice address_domain(struct slice a)
{
	ptrdiff_t at = slice_rchr(a, '@');

	return at < 0 ? (struct slice){ NULL, 0 } : slice_skip(a, (size_t)at + 1);
}

static inline struct slice address_local(struct slice a)
{
	ptrdiff_t at = slice_rchr(a, '@');

	return at < 0 ? a : slice_sub(a, 0, (size_t)at);
}

/* The part of LOCAL before the first recipient_delimiter; *RET_EXT (may be NULL) is the rest with
 * the delimiter, empty when there is no extension. mailer-daemon, double-bounce and, with '-',
 * owner-x and x-request are never split. */
struct slice address_split(const struct address *a, struct slice local, struct slice *ret_ext);

/* Append the standard form of IN: no route, no bang or percent path, no final dot, a domain, and
 * a dot in it if so configured. The null address stays null. */
void address_rewrite(const struct address *a, struct slice in, struct buf *out);

/* --- lookups: lib/address/find.c --- */

/* Which keys are tried, in this order. The whole address always is. */
enum { ADDRESS_KEY_NO_EXT = 1,		/* user@domain */
       ADDRESS_KEY_LOCAL_PART = 2,	/* user+ext, user: when the domain is ours or myorigin */
       ADDRESS_KEY_AT_DOMAIN = 4,	/* @domain */
       ADDRESS_KEY_DOMAIN = 8,		/* domain, .parents, * */
       ADDRESS_KEY_MAPPING = ADDRESS_KEY_NO_EXT | ADDRESS_KEY_LOCAL_PART |
			     ADDRESS_KEY_AT_DOMAIN };

struct address_hit {
	struct slice value;	/* borrowed from the table: copy before the next lookup */
	struct slice ext;	/* of the address, with delimiter, that the key did not have */
};

/* First table and key that know ADDRESS (not null). */
enum rc address_find(const struct address_query *q, const struct table_list *tables,
		     struct slice address, unsigned keys, struct address_hit *out,
		     struct err *err);

/* --- mapping: lib/address/map.c --- */

enum address_role { ADDRESS_ENVELOPE_SENDER, ADDRESS_ENVELOPE_RECIPIENT, ADDRESS_HEADER_SENDER,
		    ADDRESS_HEADER_RECIPIENT };

/* Standard form, canonical maps, masquerading: what an address is known by. */
enum rc address_canonical(const struct address_query *q, enum address_role role,
			  struct slice in, struct slice *ret, struct err *err);

/* VALUE of a header field with every address in it canonical, appended to OUT. RC_END: nothing
 * would change, or there is something in it that is not understood. */
enum rc address_field(const struct address_query *q, enum address_role role, struct slice value,
		      struct buf *out, struct err *err);
/* Do tables or masquerading matter to headers at all? Otherwise address_field() asks nobody. */
bool address_maps_headers(const struct address *a);

/* RECIPIENT (canonical already) through virtual_alias_maps, again and again. Each result once, at
 * least one. RC_LIMIT with status 4.6.0: the tables are unreasonable. */
enum rc address_expand(const struct address_query *q, struct slice recipient,
		       struct address_list *out, struct err *err);

/* What TABLES (opened by the caller) say about ADDRESS: user+ext@domain, user@domain, the local
 * part when the domain is ours, @domain. RC_END: nothing. *RET is in the arena. */
enum rc address_lookup(const struct address_query *q, const struct table_list *tables,
		       struct slice address, struct slice *ret, struct err *err);

/* Does propagate_unmatched_extensions name WHERE ("alias", "forward", "include")? */
bool address_propagates(const struct address *a, const char *where);

/* --- routes: lib/address/resolve.c --- */

enum address_class { ADDRESS_LOCAL, ADDRESS_VIRTUAL_ALIAS, ADDRESS_VIRTUAL_MAILBOX, ADDRESS_RELAY,
		     ADDRESS_DEFAULT };

struct address_route {
	enum address_class class;
	bool is_routed;		/* a local part like user%domain or user@domain is not ours */
	struct slice transport, nexthop;	/* "error" and "5.1.1 text", too */
	struct slice recipient;	/* mostly as asked; "user%d@here" resolves to user@d */
};

/* RECIPIENT in standard form; SENDER matters to sender dependent routes only. */
enum rc address_resolve(const struct address_query *q, struct slice sender,
			struct slice recipient, struct address_route *out, struct err *err);

/* Is DOMAIN one of mydestination, or a literal of an own interface? RC_OK, RC_END, ... */
enum rc address_is_local(const struct address_query *q, struct slice domain, struct err *err);

/* Do canonical or virtual alias tables have an entry for ADDRESS (standard form)? Then it leads
 * somewhere, whatever its own route is. RC_OK, RC_END, ... */
enum rc address_is_mapped(const struct address_query *q, bool is_sender, struct slice address,
			  struct err *err);
/* Does an address that is not mapped exist, as far as the tables of ROUTE's class tell? RC_OK;
 * RC_END: "User unknown in " address_table_name(). */
enum rc address_is_known(const struct address_query *q, const struct address_route *route,
			 struct err *err);
const char *address_table_name(enum address_class class);	/* "local recipient table" */

#endif
