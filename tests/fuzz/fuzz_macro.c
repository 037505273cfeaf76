/* Any text with ${..}: it expands or fails within its limits, and needs exactly the room that its
 * result has. Without conditions, every name looked up is one that macro_names() lists, and a
 * filter changes bytes but not lengths. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/conf/macro.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

struct names {
	struct hash listed;
	bool is_plain;		/* the text has no conditions */
};

static void add(void *ctx, struct slice name)
{
	struct names *n = ctx;

	check(name.n > 0);
	check(hash_put(&n->listed, name, n, NULL) == RC_OK);
}

static bool lookup(void *ctx, struct slice name, struct slice *ret)
{
	struct names *n = ctx;

	check(name.n > 0);
	check(!n->is_plain || hash_get(&n->listed, name) != NULL);
	if (name.p[0] == 'x')
		return false;
	*ret = name.p[0] == 'e' ? SLICE_LIT("") : SLICE_LIT("va/l ue");
	return true;
}

static enum rc expand(struct names *names, struct slice text, size_t max, const char *filter,
		      struct buf *out)
{
	struct macro_source src = { .lookup = lookup, .ctx = names, .filter = filter };
	struct err err = { 0 };
	enum rc rc;

	buf_init(out, max);
	rc = macro_expand(&src, text, out, &err);
	check(rc == RC_OK || rc == RC_SYNTAX || rc == RC_LIMIT);
	check(rc == RC_OK || err.text[0] != '\0');
	return rc;
}

static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\0' && strchr("?:=<>!", s.p[i]) != NULL)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct names names = { .is_plain = is_plain(text) };
	struct buf whole, other;
	size_t n;

	hash_init(&names.listed, 100000, false);
	macro_names(text, add, &names);
	if (expand(&names, text, 1 << 20, NULL, &whole) == RC_OK) {
		n = buf_len(&whole);
		check(expand(&names, text, n, NULL, &other) == RC_OK);
		buf_done(&other);
		if (n > 0)
			check(expand(&names, text, n - 1, NULL, &other) == RC_LIMIT);
		if (n > 0)
			buf_done(&other);
		if (names.is_plain) {
			check(expand(&names, text, 1 << 20, "val", &other) == RC_OK);
			check(buf_len(&other) == n);
			buf_done(&other);
		}
	}
	buf_done(&whole);
	hash_done(&names.listed);
	return 0;
}
