/* lib/table/type_join.c - unionmap:, pipemap: and randmap: - tables made of others. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <sys/random.h>

#include "lib/base/mem.h"
#include "lib/table/type.h"

static enum rc open_parts(struct table *t, const char *name, struct err *err)
{
	struct table_list *parts = mem_new(1, sizeof(*parts));
	struct slice inside;
	char *copy;
	enum rc rc;

	t->state = parts;
	if (!table_inside_braces(name, &inside) || inside.n == 0)
		return err_set(err, RC_SYNTAX, "table %.100s: write %s:{type:name, ...}", t->spec,
			       t->type->name);
	copy = mem_dup(inside.p, inside.n);
	rc = table_list_open(copy, "hash", t->flags, parts, err);
	free(copy);
	for (size_t i = 0; i < parts->n; i++)
		t->is_pattern |= table_is_pattern(parts->v[i]);
	return rc;
}

static void close_parts(struct table *t)
{
	struct table_list *parts = t->state;

	if (parts == NULL)
		return;
	table_list_close(parts);
	free(parts);
}

/* All answers, with commas. */
static enum rc lookup_union(struct table *t, struct table_memo *m, struct slice key,
			    struct slice *ret, struct err *err)
{
	const struct table_list *parts = t->state;
	struct slice one;

	buf_reset(&t->result);
	for (size_t i = 0; i < parts->n; i++) {
		enum rc rc = table_lookup(parts->v[i], m, key, &one, err);

		if (rc == RC_END)
			continue;
		if (rc != RC_OK)
			return rc;
		if (buf_len(&t->result) > 0)
			buf_addc(&t->result, ',');
		buf_add(&t->result, one);
	}
	if (buf_is_over(&t->result))
		return err_set(err, RC_TEMP, "result longer than %d bytes", TABLE_VALUE_MAX);
	*ret = buf_slice(&t->result);
	return ret->n > 0 ? RC_OK : RC_END;
}

/* Each answer is the next table's key. */
static enum rc lookup_pipe(struct table *t, struct table_memo *m, struct slice key,
			   struct slice *ret, struct err *err)
{
	const struct table_list *parts = t->state;

	for (size_t i = 0; i < parts->n; i++) {
		enum rc rc = table_lookup(parts->v[i], m, key, ret, err);

		if (rc != RC_OK)
			return rc;
		/* The answer may be lost when the same table is asked again. */
		buf_reset(&t->result);
		buf_add(&t->result, *ret);
		key = buf_slice(&t->result);
	}
	*ret = key;
	return RC_OK;
}

const struct table_type table_type_unionmap = {
	.name = "unionmap", .open = open_parts, .lookup = lookup_union, .close = close_parts,
};
const struct table_type table_type_pipemap = {
	.name = "pipemap", .open = open_parts, .lookup = lookup_pipe, .close = close_parts,
};

struct choices {
	struct arena arena;
	struct str_list list;
};

static enum rc open_randmap(struct table *t, const char *name, struct err *err)
{
	struct choices *c = mem_new(1, sizeof(*c));
	struct slice inside;
	enum rc rc;

	t->state = c;
	arena_init(&c->arena, 4UL << 20);
	if (!table_inside_braces(name, &inside))
		return err_set(err, RC_SYNTAX, "table %.100s: write randmap:{result, ...}", t->spec);
	rc = param_split_list(inside, &c->arena, &c->list);
	if (rc != RC_OK)
		return err_set(err, rc, "table %.100s: too large", t->spec);
	if (c->list.n == 0)
		return err_set(err, RC_SYNTAX, "table %.100s: it is empty", t->spec);
	return RC_OK;
}

static void close_randmap(struct table *t)
{
	struct choices *c = t->state;

	if (c == NULL)
		return;
	arena_done(&c->arena);
	free(c);
}

static enum rc lookup_randmap(struct table *t, struct table_memo *m, struct slice key,
			      struct slice *ret, struct err *err)
{
	const struct choices *c = t->state;
	uint32_t n = 0;

	(void)m;
	(void)key;
	if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
		return err_sys(err, "getrandom");
	*ret = slice_str(c->list.v[n % c->list.n]);
	return RC_OK;
}

const struct table_type table_type_randmap = {
	.name = "randmap", .is_pattern = true, .open = open_randmap, .lookup = lookup_randmap,
	.close = close_randmap,
};
