/* lib/table/pattern.h - what regexp:, pcre: and cidr: share: rules in order, if and endif.
 *
 * A type gives functions that compile the pattern at the start of a rule and match it; this
 * file does the rest: reading the file or the {{rule} ..} in the name, negation, nesting, and
 * $1 in results. Only lib/table/ includes this. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TABLE_PATTERN_H
#define LIB_TABLE_PATTERN_H

#include "lib/table/type.h"

enum { PATTERN_GROUPS_MAX = 100 };

/* Parts of the key that a pattern took; .p NULL: the group took no part. */
struct pattern_groups {
	struct slice v[PATTERN_GROUPS_MAX];
	size_t n;
};

struct pattern_ops {
	/* Cut the pattern (with its flags) off *LINE. *RET_GROUPS is how many $n there are. */
	enum rc (*compile)(struct slice *line, void **ret, unsigned *ret_groups,
			   struct err *err);
	/* RC_OK it matches (GROUPS filled from 1 on), RC_END it does not. */
	enum rc (*match)(void *pattern, struct slice key, struct pattern_groups *groups,
			 struct err *err);
	void (*free)(void *pattern);
	bool needs_nul;		/* match() wants a NUL behind the key */
	/* A key that no pattern can match is RC_END at once; NULL: none is. */
	bool (*accepts)(struct slice key);
};

enum rc pattern_open(struct table *t, const char *name, const struct pattern_ops *ops,
		     struct err *err);
enum rc pattern_lookup(struct table *t, struct table_memo *m, struct slice key,
		       struct slice *ret, struct err *err);
void pattern_close(struct table *t);

/* "/pattern/flags": the pattern between delimiters of any kind, and the flag letters. Cuts both
 * off *LINE. */
enum rc pattern_cut_delimited(struct slice *line, struct slice *ret_pattern,
			      struct slice *ret_flags, struct err *err);

#endif
