/* lib/conf/macro.h - $name, ${name?..:..} and ${{a} == {b} ? ..} in text.
 *
 * Pure; where values come from is the caller's: main.cf's expansion looks names up in struct
 * conf, pipe's and local's look them up in a message. Parentheses serve as braces do. "$$" is a
 * dollar. What a condition does not choose is not evaluated. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_MACRO_H
#define LIB_CONF_MACRO_H

#include "lib/base/buf.h"

enum { MACRO_DEPTH_MAX = 100, MACRO_STEPS_MAX = 100000 };

struct macro_source {
	/* False: NAME has no value, which is not an error. *RET stays valid while the whole
	 * expansion runs. */
	bool (*lookup)(void *ctx, struct slice name, struct slice *ret);
	void *ctx;
	bool is_recursive;	/* references in values are expanded too */
	const char *filter;	/* when set: bytes of values not in it become '_' */
};

/* Appended to OUT. RC_SYNTAX: bad reference, the place is named; RC_LIMIT: nested too deeply,
 * too much work, or OUT is full. OUT is to be thrown away after a failure. */
enum rc macro_expand(const struct macro_source *src, struct slice text, struct buf *out,
		     struct err *err);

/* Call SEEN for each name that TEXT refers to, in every branch; stops at a syntax error. */
void macro_names(struct slice text, void (*seen)(void *ctx, struct slice name), void *ctx);

/* Compatibility levels "major[.minor[.patch]]": *RET orders them as numbers. */
enum rc macro_parse_level(struct slice s, uint64_t *ret);

#endif
