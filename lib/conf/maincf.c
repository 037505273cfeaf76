/* lib/conf/maincf.c - the name = value pairs and their overlay. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/maincf.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/conf/computed.h"
#include "lib/conf/logical.h"
#include "lib/conf/macro.h"
#include "lib/conf/registry.h"
#include "lib/conf/slurp.h"

enum { CONF_FILE_MAX = 8 << 20, CONF_NAMES_MAX = 100000 };

struct conf {
	char *dir;
	struct arena arena;
	struct hash set;		/* name -> struct conf_entry */
	struct conf_entry **order;	/* NULL where a later definition replaced it */
	size_t order_n, order_size;
	struct registry *registry;
	struct computed *computed;
};

struct conf *conf_new(const char *config_dir)
{
	struct conf *c = mem_new(1, sizeof(*c));

	c->dir = mem_dup(config_dir, strlen(config_dir));
	arena_init(&c->arena, (size_t)CONF_FILE_MAX * 8);
	hash_init(&c->set, CONF_NAMES_MAX, false);
	c->registry = registry_new();
	c->computed = computed_new(c);
	return c;
}

void conf_free(struct conf **c)
{
	if (*c == NULL)
		return;
	computed_free(&(*c)->computed);
	registry_free(&(*c)->registry);
	hash_done(&(*c)->set);
	arena_done(&(*c)->arena);
	free((*c)->order);
	free((*c)->dir);
	free(*c);
	*c = NULL;
}

const char *conf_dir(const struct conf *c)
{
	return c->dir;
}

const struct registry *conf_registry(const struct conf *c)
{
	return c->registry;
}

static void forget_in_order(struct conf *c, const struct conf_entry *old)
{
	for (size_t i = c->order_n; i-- > 0;) {
		if (c->order[i] == old) {
			c->order[i] = NULL;
			return;
		}
	}
}

/* RC_LIMIT: the arena or the table of names is full. */
static enum rc put(struct conf *c, const struct conf_entry *entry)
{
	struct conf_entry *e = ARENA_NEW(&c->arena, struct conf_entry);
	void *old;

	if (e == NULL)
		return RC_LIMIT;
	*e = *entry;
	e->name = arena_slice(&c->arena, entry->name);
	e->value = arena_slice(&c->arena, entry->value);
	if (e->name.p == NULL || e->value.p == NULL)
		return RC_LIMIT;
	if (hash_put(&c->set, e->name, e, &old) != RC_OK)
		return RC_LIMIT;
	if (old != NULL)
		forget_in_order(c, old);
	if (c->order_n == c->order_size) {
		c->order_size = c->order_size > 0 ? c->order_size * 2 : 64;
		c->order = mem_grow(c->order, c->order_size, sizeof(*c->order));
	}
	c->order[c->order_n++] = e;
	computed_forget(c->computed);
	return RC_OK;
}

static bool has_space(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is_space(s.p[i]))
			return true;
	return false;
}

/* A " #" inside a value is part of it: seldom what was meant. */
static bool has_comment_inside(struct slice s)
{
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] == '#' && char_is_space(s.p[i - 1]))
			return true;
	return false;
}

static void parse_line(struct conf *c, const char *file, struct slice text, unsigned line,
		       struct faults *faults)
{
	ptrdiff_t eq = slice_chr(text, '=');
	struct slice name = slice_trim_space(slice_sub(text, 0, eq < 0 ? text.n : (size_t)eq));
	const struct conf_entry *old;
	struct slice value;
	char remedy[80];

	if (eq < 0 || (name.n > 0 && has_space(name))) {
		faults_add(faults, true, file, line, "write: name = value",
			   "missing \"=\" after attribute name: \"%.*s\"",
			   text.n > 60 ? 60 : (int)text.n, text.p);
		return;
	}
	if (name.n == 0) {
		faults_add(faults, true, file, line, "write: name = value",
			   "missing attribute name: \"%.*s\"", text.n > 60 ? 60 : (int)text.n,
			   text.p);
		return;
	}
	value = slice_trim_space(slice_skip(text, (size_t)eq + 1));
	if (has_comment_inside(value))
		faults_add(faults, false, file, line,
			   "comments stand on a line of their own, before or after",
			   "the text behind \"#\" is part of the value of %.*s", SLICE_ARG(name));
	old = conf_entry(c, name);
	if (old != NULL && old->is_override)
		return; /* -o wins, whenever it was given */
	if (old != NULL && !slice_eq(old->value, value)) {
		snprintf(remedy, sizeof(remedy), "remove one of the two: the earlier is in line %u",
			 old->line);
		faults_add(faults, false, file, line, remedy, "overriding earlier entry: %.*s=%.*s",
			   SLICE_ARG(name), SLICE_ARG(old->value));
	}
	if (put(c, &(struct conf_entry){ .name = name, .value = value, .file = file,
					 .line = line }) != RC_OK)
		faults_add(faults, true, file, line, "make the file smaller",
			   "too many parameters, or too much text");
}

void conf_parse(struct conf *c, const char *file, struct slice text, struct faults *faults)
{
	const char *kept = arena_str(&c->arena, slice_str(file));
	struct logical l;

	logical_init(&l, text);
	while (logical_next(&l)) {
		struct slice s = buf_slice(&l.text);

		if (l.has_nul)
			faults_add(faults, true, file, l.first_line, "remove the NUL byte",
				   "the line contains a NUL byte");
		if (buf_is_over(&l.text))
			faults_add(faults, true, file, l.first_line,
				   "a line that starts with a blank continues the one before",
				   "line longer than %d bytes", LOGICAL_MAX);
		else if (l.starts_blank)
			faults_add(faults, false, file, l.first_line,
				   "remove the blanks in front; until then the line is ignored",
				   "logical line must not start with whitespace: \"%.*s\"",
				   s.n > 60 ? 60 : (int)s.n, s.p);
		else
			parse_line(c, kept != NULL ? kept : "main.cf", s, l.first_line, faults);
	}
	logical_done(&l);
}

enum rc conf_read(struct conf *c, struct faults *faults, struct err *err)
{
	char *path = arena_printf(&c->arena, "%s/main.cf", c->dir);
	struct buf text;
	enum rc rc;

	if (path == NULL)
		return err_set(err, RC_LIMIT, "configuration directory: name too long");
	buf_init(&text, CONF_FILE_MAX);
	rc = slurp_file(path, &text, NULL, err);
	if (rc == RC_OK)
		conf_parse(c, path, buf_slice(&text), faults);
	buf_done(&text);
	return rc;
}

void conf_override(struct conf *c, struct slice name, struct slice value)
{
	conf_override_at(c, name, value, NULL, 0);
}

void conf_override_at(struct conf *c, struct slice name, struct slice value, const char *file,
		      unsigned line)
{
	struct conf_entry e = { .name = name, .value = slice_trim_space(value), .file = file,
				.is_override = true, .line = line };

	/* The arena holds many times what a command line can: RC_LIMIT is out of reach there, and
	 * -o options of master.cf were bounded by its own file limit. */
	if (file != NULL)
		e.file = arena_str(&c->arena, slice_str(file));
	if (put(c, &e) != RC_OK)
		abort();
}

struct conf *conf_copy(const struct conf *c)
{
	struct conf *copy = conf_new(c->dir);

	for (size_t i = 0; i < c->order_n; i++) {
		struct conf_entry e;

		if (c->order[i] == NULL)
			continue;
		e = *c->order[i];
		if (e.file != NULL)
			e.file = arena_str(&copy->arena, slice_str(e.file));
		if (put(copy, &e) != RC_OK)
			abort(); /* it fitted before */
	}
	return copy;
}

const struct conf_entry *conf_entry(const struct conf *c, struct slice name)
{
	return hash_get(&c->set, name);
}

bool conf_raw(const struct conf *c, struct slice name, struct slice *ret, unsigned *ret_line)
{
	const struct conf_entry *e = conf_entry(c, name);

	if (e == NULL)
		return false;
	*ret = e->value;
	if (ret_line != NULL)
		*ret_line = e->line;
	return true;
}

bool conf_lookup(const struct conf *c, struct slice name, struct slice *ret)
{
	if (computed_file_value(c->computed, name, ret))
		return true;
	if (conf_raw(c, name, ret, NULL))
		return true;
	if (computed_value(c->computed, name, ret))
		return true;
	return registry_default(c->registry, name, ret);
}

static bool lookup_for_macro(void *ctx, struct slice name, struct slice *ret)
{
	return conf_lookup(ctx, name, ret);
}

enum rc conf_expand(const struct conf *c, struct slice text, struct buf *out, struct err *err)
{
	struct macro_source src = { .lookup = lookup_for_macro, .ctx = (void *)c,
				    .is_recursive = true };

	return macro_expand(&src, text, out, err);
}

enum rc conf_expand_name(const struct conf *c, struct slice name, struct buf *out,
			 struct err *err)
{
	struct slice raw;
	enum rc rc;

	if (!conf_lookup(c, name, &raw))
		return RC_OK;
	if (registry_is_raw(c->registry, name)) {
		buf_add(out, raw);
		return buf_finish(out);
	}
	rc = conf_expand(c, raw, out, err);
	if (rc != RC_OK)
		err_context(err, "%.*s", SLICE_ARG(name));
	return rc;
}

const struct conf_entry *conf_next(const struct conf *c, size_t *pos)
{
	while (*pos < c->order_n) {
		const struct conf_entry *e = c->order[(*pos)++];

		if (e != NULL)
			return e;
	}
	return NULL;
}
