/* lib/table/match.h - is this name or address in that list? For MATCH parameters.
 *
 * Elements are patterns, networks and tables, "!" in front of one excludes what it matches; the
 * first element that matches decides. Opened before the process confines itself. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TABLE_MATCH_H
#define LIB_TABLE_MATCH_H

#include "lib/table/table.h"

enum match_kind {
	MATCH_STRINGS,		/* the whole name, case aside */
	MATCH_DOMAINS,		/* a domain; ".domain" or parents for subdomains */
	MATCH_CLIENTS		/* a host name as a domain, or an address in networks */
};
enum { MATCH_PARENTS = 1 };	/* "domain" also stands for its subdomains */

struct match;

/* RC_SYNTAX: bad network or table; ERR names the word. */
enum rc match_open(const struct str_list *words, enum match_kind kind, int flags,
		   struct match **out, struct err *err);
void match_close(struct match **m);

/* For daemons: opens what the parameter NAME holds (WORDS was loaded from it); flags follow
 * parent_domain_matches_subdomains; faults get the line of the parameter. On a fault *OUT is an
 * empty list. */
void match_load(const struct conf *c, const char *name, const struct str_list *words,
		enum match_kind kind, struct match **out, struct faults *faults);
/* The same for a LIST of tables. */
void table_list_load(const struct conf *c, const char *name, const struct str_list *words,
		     int flags, struct table_list *out, struct faults *faults);

/* True when NAME stands in parent_domain_matches_subdomains. */
bool match_wants_parents(const struct conf *c, const char *name);

/* RC_OK it matches, RC_END it does not, RC_MORE and RC_TEMP as table_lookup(). A trailing dot of
 * NAME is ignored. */
enum rc match_name(const struct match *m, struct table_memo *memo, struct slice name,
		   struct err *err);
/* ADDRESS without []; NAME may be "unknown" or empty. MATCH_CLIENTS only. */
enum rc match_client(const struct match *m, struct table_memo *memo, struct slice name,
		     struct slice address, struct err *err);

bool match_has_changed(const struct match *m, int64_t now_ms);

#endif
