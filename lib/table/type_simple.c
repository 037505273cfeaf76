/* lib/table/type_simple.c - static:, inline:, fail: and environ: - no file behind them. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/type.h"

enum { INLINE_ENTRIES_MAX = 100000, INLINE_BYTES_MAX = 8 << 20 };

static enum rc open_static(struct table *t, const char *name, struct err *err)
{
	struct slice value = slice_str(name);

	if (name[0] == '{' && !table_inside_braces(name, &value))
		return err_set(err, RC_SYNTAX, "table %s: \"}\" is missing", t->spec);
	t->state = mem_dup(value.p, value.n);
	return RC_OK;
}

static void close_plain(struct table *t)
{
	free(t->state);
}

static enum rc lookup_static(struct table *t, struct table_memo *m, struct slice key,
			     struct slice *ret, struct err *err)
{
	(void)m;
	(void)key;
	(void)err;
	*ret = slice_str(t->state);
	return RC_OK;
}

const struct table_type table_type_static = {
	.name = "static", .is_pattern = true, .open = open_static, .lookup = lookup_static,
	.close = close_plain,
};

static enum rc open_nothing(struct table *t, const char *name, struct err *err)
{
	(void)t;
	(void)name;
	(void)err;
	return RC_OK;
}

static enum rc lookup_fail(struct table *t, struct table_memo *m, struct slice key,
			   struct slice *ret, struct err *err)
{
	(void)t;
	(void)m;
	(void)key;
	(void)ret;
	return err_set(err, RC_TEMP, "this table fails every request");
}

const struct table_type table_type_fail = {
	.name = "fail", .open = open_nothing, .lookup = lookup_fail,
};

static enum rc lookup_environ(struct table *t, struct table_memo *m, struct slice key,
			      struct slice *ret, struct err *err)
{
	const char *value;

	(void)m;
	(void)err;
	buf_reset(&t->result);
	buf_add(&t->result, key);
	value = getenv(buf_cstr(&t->result));
	if (value == NULL)
		return RC_END;
	*ret = slice_str(value);
	return RC_OK;
}

const struct table_type table_type_environ = {
	.name = "environ", .open = open_nothing, .lookup = lookup_environ,
};

struct inline_table {
	struct arena arena;
	struct hash entries;	/* key -> value as a C string */
};

/* key=value, or { key = value with blanks }. */
static enum rc add_inline(struct table *t, struct slice word, struct err *err)
{
	struct inline_table *in = t->state;
	ptrdiff_t eq;
	struct slice key;
	char *value, *folded;

	if (word.n >= 2 && word.p[0] == '{')
		word = slice_trim_space(slice_sub(word, 1, word.n - 2));
	eq = slice_chr(word, '=');
	key = slice_trim_space(slice_sub(word, 0, eq < 0 ? 0 : (size_t)eq));
	if (key.n == 0)
		return err_set(err, RC_SYNTAX, "table %.100s: key=value expected at \"%.*s\"",
			       t->spec, word.n > 60 ? 60 : (int)word.n, word.p);
	value = arena_str(&in->arena, slice_trim_space(slice_skip(word, (size_t)eq + 1)));
	folded = arena_str(&in->arena, key);
	if (value == NULL || folded == NULL)
		return err_set(err, RC_LIMIT, "table %.100s: too large", t->spec);
	for (size_t i = 0; (t->flags & TABLE_FOLD) != 0 && i < key.n; i++)
		folded[i] = char_lower(folded[i]);
	if (hash_get(&in->entries, slice_make(folded, key.n)) != NULL)
		return RC_OK; /* the first counts */
	if (hash_put(&in->entries, slice_make(folded, key.n), value, NULL) != RC_OK)
		return err_set(err, RC_LIMIT, "table %.100s: too many entries", t->spec);
	return RC_OK;
}

static enum rc open_inline(struct table *t, const char *name, struct err *err)
{
	struct inline_table *in = mem_new(1, sizeof(*in));
	struct slice rest, word;
	enum rc rc = RC_OK;

	t->state = in;
	arena_init(&in->arena, INLINE_BYTES_MAX);
	hash_init(&in->entries, INLINE_ENTRIES_MAX, false);
	if (!table_inside_braces(name, &rest))
		return err_set(err, RC_SYNTAX, "table %.100s: write inline:{ key=value, ... }",
			       t->spec);
	while (rc == RC_OK && param_next_word(&rest, &word))
		rc = add_inline(t, word, err);
	if (rc == RC_OK && hash_count(&in->entries) == 0)
		rc = err_set(err, RC_SYNTAX, "table %.100s: it is empty", t->spec);
	return rc;
}

static void close_inline(struct table *t)
{
	struct inline_table *in = t->state;

	if (in == NULL)
		return;
	hash_done(&in->entries);
	arena_done(&in->arena);
	free(in);
}

static enum rc lookup_inline(struct table *t, struct table_memo *m, struct slice key,
			     struct slice *ret, struct err *err)
{
	struct inline_table *in = t->state;
	const char *value = hash_get(&in->entries, key);

	(void)m;
	(void)err;
	if (value == NULL)
		return RC_END;
	*ret = slice_str(value);
	return RC_OK;
}

static enum rc next_inline(struct table *t, size_t *pos, struct slice *ret_key,
			   struct slice *ret_value, struct err *err)
{
	struct inline_table *in = t->state;
	void *value;

	(void)err;
	if (!hash_next(&in->entries, pos, ret_key, &value))
		return RC_END;
	*ret_value = slice_str(value);
	return RC_OK;
}

const struct table_type table_type_inline = {
	.name = "inline", .folds = true, .open = open_inline, .lookup = lookup_inline,
	.close = close_inline, .next = next_inline,
};
