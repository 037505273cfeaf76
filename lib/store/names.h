/* lib/store/names.h - a growing list of owned strings: mailbox names, subscriptions.
 *
 * No I/O. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_NAMES_H
#define LIB_STORE_NAMES_H

#include "lib/base/slice.h"

enum { STORE_NAMES_MAX = 100000 };	/* more than that is not a user's mailbox tree */

struct store_names {
	char **v;
	size_t n, size;
};

/* A copy of S; S without NUL. RC_LIMIT past STORE_NAMES_MAX. */
enum rc store_names_add(struct store_names *l, struct slice s);
void store_names_remove(struct store_names *l, size_t i);
void store_names_done(struct store_names *l);	/* accepts a zeroed list; leaves one */

/* Index of NAME, or -1. */
ptrdiff_t store_names_find(const struct store_names *l, struct slice name);

#endif
