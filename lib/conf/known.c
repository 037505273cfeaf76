/* lib/conf/known.c - one table of names with their class, built once. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/known.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/conf/macro.h"

enum { NAMES_MAX = 200000, NEAREST_LENGTH_MAX = 100 };

struct known_name {
	struct slice name;
	enum known_class class;
};

/* A reference that leads nowhere, and the file it stands in. */
struct undefined {
	struct slice name;
	const char *file;
};

struct known {
	const struct conf *c;
	const struct service *services;
	struct arena arena;
	struct hash by_name;		/* -> struct known_name */
	struct known_name **sorted;
	size_t n_sorted;
	struct hash used;		/* options of services whose names are used there */
	struct hash in_defaults;	/* names that defaults refer to, set or not */
	struct hash undefined;		/* -> struct undefined */
	struct undefined **order;	/* as found */
	size_t n_order;
};

/* Of several options with one name the last counts. */
static bool counts(const struct service_option *o)
{
	for (const struct service_option *later = o->next; later != NULL; later = later->next)
		if (strcmp(later->name, o->name) == 0)
			return false;
	return true;
}

/* Where a value that is being scanned stands. */
struct scan {
	struct known *k;
	const char *file;
	const struct service *service;	/* its -o options are visible; may be NULL */
};

static void add(struct known *k, struct slice name, enum known_class class)
{
	struct known_name *n;

	if (hash_get(&k->by_name, name) != NULL)
		return;
	n = ARENA_NEW(&k->arena, struct known_name);
	if (n == NULL)
		return; /* thousands of services; the rest counts as unknown */
	n->name = arena_slice(&k->arena, name);
	n->class = class;
	if (n->name.p != NULL && hash_put(&k->by_name, name, n, NULL) != RC_OK)
		n->class = KNOWN_NOT;
}

/* The programs that deliver: each of their services has queue manager parameters. */
static bool is_agent(const char *program)
{
	static const char *const agents[] = { "error", "lmtp", "local", "pipe", "smtp", "virtual" };

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		if (strcmp(program, agents[i]) == 0)
			return true;
	return false;
}

static bool has_derived(const struct service *s, enum derived_class class)
{
	if (class == DERIVED_TRANSPORT)
		return s->type != SERVICE_INET && is_agent(s->program);
	return strcmp(s->program, "pipe") == 0 || strcmp(s->program, "spawn") == 0;
}

static void add_derived(struct known *k, const struct service *s)
{
	const struct derived_spec *d;

	for (size_t i = 0; (d = registry_derived_at(i)) != NULL; i++) {
		char *name;

		if (!has_derived(s, d->class))
			continue;
		name = arena_printf(&k->arena, "%s%s", s->name, d->suffix);
		if (name != NULL)
			add(k, slice_str(name), KNOWN_SERVICE);
	}
}

/* A name may mean something in one service and nothing in another: the option is what is kept. */
static struct slice option_key(const struct service_option *const *o)
{
	return slice_make((const char *)o, sizeof(*o));
}

static void use_option(struct known *k, const struct service_option *o)
{
	(void)!hash_put(&k->used, option_key(&o), k, NULL);	/* no room: it counts as unused */
}

static bool use_name_in(struct known *k, const struct service *s, struct slice name)
{
	bool found = false;

	for (const struct service_option *o = s->options; o != NULL; o = o->next) {
		if (!slice_is(name, o->name))
			continue;
		use_option(k, o);
		found = true;
	}
	return found;
}

/* Values of main.cf are seen by all services. */
static bool use_as_option(struct scan *scan, struct slice name)
{
	bool found = false;

	if (scan->service != NULL)
		return use_name_in(scan->k, scan->service, name);
	for (const struct service *s = scan->k->services; s != NULL; s = s->next)
		found |= use_name_in(scan->k, s, name);
	return found;
}

static void add_undefined(struct scan *scan, struct slice name)
{
	struct known *k = scan->k;
	struct undefined *u;
	char *key = arena_printf(&k->arena, "%.*s in %s", SLICE_ARG(name),
				 scan->file != NULL ? scan->file : "-o");

	if (key == NULL || hash_get(&k->undefined, slice_str(key)) != NULL)
		return;
	u = ARENA_NEW(&k->arena, struct undefined);
	if (u == NULL)
		return;
	u->name = slice_make(key, name.n);
	u->file = scan->file;
	if (hash_put(&k->undefined, slice_str(key), u, NULL) != RC_OK)
		return;
	k->order = mem_grow(k->order, k->n_order + 1, sizeof(*k->order));
	k->order[k->n_order++] = u;
}

/* NAME is used in a value: that makes a name of the administrator's own known. */
static void use(void *ctx, struct slice name)
{
	struct scan *scan = ctx;
	struct known *k = scan->k;
	bool is_option;

	if (hash_get(&k->by_name, name) != NULL || hash_get(&k->in_defaults, name) != NULL)
		return;
	is_option = use_as_option(scan, name);
	if (is_option && scan->service != NULL)
		return;
	if (conf_entry(k->c, name) != NULL)
		add(k, name, KNOWN_USER);
	else if (!is_option)
		add_undefined(scan, name);
}

/* "ldap:NAME" and the like: NAME_anything belongs to the table. */
static bool cut_database_prefix(struct slice word, struct slice *ret)
{
	static const char *const types[] = { "ldap", "mysql", "pgsql", "sqlite", "memcache",
					     "mongodb" };
	ptrdiff_t colon = slice_chr(word, ':');
	struct slice type = slice_sub(word, 0, colon < 0 ? 0 : (size_t)colon);

	if (slice_is(type, "proxy"))
		return cut_database_prefix(slice_skip(word, 6), ret);
	*ret = slice_skip(word, type.n + 1);
	if (ret->n == 0 || ret->p[0] == '/' || ret->p[0] == '.')
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_is(type, types[i]))
			return true;
	return false;
}

static bool is_of_database(struct slice name, struct slice prefix)
{
	return slice_starts(name, prefix) && name.n > prefix.n + 1 && name.p[prefix.n] == '_';
}

static void use_database(struct scan *scan, struct slice prefix)
{
	const struct conf_entry *e;
	size_t pos = 0;

	while ((e = conf_next(scan->k->c, &pos)) != NULL)
		if (is_of_database(e->name, prefix))
			add(scan->k, e->name, KNOWN_USER);
	for (const struct service *s = scan->k->services; s != NULL; s = s->next) {
		if (scan->service != NULL && scan->service != s)
			continue;
		for (const struct service_option *o = s->options; o != NULL; o = o->next)
			if (is_of_database(slice_str(o->name), prefix))
				use_option(scan->k, o);
	}
}

static void scan_value(struct scan *scan, struct slice name, struct slice value)
{
	struct slice rest = value, word, prefix;

	if (registry_is_raw(conf_registry(scan->k->c), name))
		return;
	macro_names(value, use, scan);
	while (param_next_word(&rest, &word)) {
		if (cut_database_prefix(word, &prefix))
			use_database(scan, prefix);
		if (slice_is(name, "smtpd_restriction_classes") && slice_chr(word, '$') < 0)
			use(scan, word);
	}
}

/* Old names live on in defaults (${virtual_alias_maps:$virtual_maps}): set, they count, and
 * referred to they may be unset. */
static void use_in_default(void *ctx, struct slice name)
{
	struct known *k = ctx;

	if (hash_put(&k->in_defaults, name, k, NULL) != RC_OK)
		return;
	if (conf_entry(k->c, name) != NULL)
		add(k, name, KNOWN_USER);
	use_as_option(&(struct scan){ k, NULL, NULL }, name);
}

static void scan_defaults(struct known *k)
{
	const struct foreign_spec *f;
	const struct param_spec *p;

	for (size_t i = 0; (p = registry_at(i)) != NULL; i++)
		macro_names(slice_str(p->def), use_in_default, k);
	for (size_t i = 0; (f = registry_foreign_at(i)) != NULL; i++)
		macro_names(slice_str(f->def), use_in_default, k);
}

static void scan_all(struct known *k)
{
	const struct conf_entry *e;
	char *master = arena_printf(&k->arena, "%s/master.cf", conf_dir(k->c));
	size_t pos = 0;

	while ((e = conf_next(k->c, &pos)) != NULL)
		scan_value(&(struct scan){ k, e->file, NULL }, e->name, e->value);
	for (const struct service *s = k->services; s != NULL; s = s->next)
		for (const struct service_option *o = s->options; o != NULL; o = o->next)
			if (counts(o))
				scan_value(&(struct scan){ k, master, s }, slice_str(o->name),
					   slice_str(o->value));
}

static int by_name(const void *a, const void *b)
{
	const struct known_name *const *x = a, *const *y = b;

	return slice_cmp((*x)->name, (*y)->name);
}

static void sort(struct known *k)
{
	size_t pos = 0;
	struct slice name;
	void *value;

	k->sorted = mem_new(hash_count(&k->by_name) + 1, sizeof(*k->sorted));
	while (hash_next(&k->by_name, &pos, &name, &value))
		k->sorted[k->n_sorted++] = value;
	qsort(k->sorted, k->n_sorted, sizeof(*k->sorted), by_name);
}

struct known *known_new(const struct conf *c, const struct service *services)
{
	struct known *k = mem_new(1, sizeof(*k));
	const struct foreign_spec *f;
	const struct param_spec *p;

	k->c = c;
	k->services = services;
	arena_init(&k->arena, 64UL << 20);
	hash_init(&k->by_name, NAMES_MAX, false);
	hash_init(&k->used, NAMES_MAX, false);
	hash_init(&k->in_defaults, NAMES_MAX, false);
	hash_init(&k->undefined, NAMES_MAX, false);
	/* First, so that local_destination_recipient_limit is the service's, as in Postfix. */
	for (const struct service *s = services; s != NULL; s = s->next)
		add_derived(k, s);
	for (size_t i = 0; (p = registry_at(i)) != NULL; i++)
		add(k, slice_str(p->name), KNOWN_BUILTIN);
	for (size_t i = 0; (f = registry_foreign_at(i)) != NULL; i++)
		if (f->class != FOREIGN_OBSOLETE)
			add(k, slice_str(f->name), KNOWN_FOREIGN);
	scan_defaults(k);
	scan_all(k);
	sort(k);
	return k;
}

void known_free(struct known **k)
{
	if (*k == NULL)
		return;
	hash_done(&(*k)->by_name);
	hash_done(&(*k)->used);
	hash_done(&(*k)->in_defaults);
	hash_done(&(*k)->undefined);
	arena_done(&(*k)->arena);
	free((*k)->sorted);
	free((*k)->order);
	free(*k);
	*k = NULL;
}

enum known_class known_class(const struct known *k, struct slice name)
{
	const struct known_name *n = hash_get(&k->by_name, name);

	return n != NULL ? n->class : KNOWN_NOT;
}

bool known_is_legacy(const struct known *k, struct slice name)
{
	enum known_class class = known_class(k, name);

	return (class == KNOWN_NOT || class == KNOWN_USER) &&
	       hash_get(&k->in_defaults, name) != NULL;
}

bool known_at(const struct known *k, size_t i, struct slice *ret_name, enum known_class *ret)
{
	if (i >= k->n_sorted)
		return false;
	*ret_name = k->sorted[i]->name;
	*ret = k->sorted[i]->class;
	return true;
}

void known_undefined(const struct known *k, void (*each)(void *ctx, const char *file,
							  struct slice name), void *ctx)
{
	for (size_t i = 0; i < k->n_order; i++)
		each(ctx, k->order[i]->file, k->order[i]->name);
}

void known_unused(const struct known *k,
		  void (*each)(void *ctx, const char *file, unsigned line, struct slice name,
			       struct slice value), void *ctx)
{
	const struct conf_entry *e;
	char path[4096];
	size_t pos = 0;

	while ((e = conf_next(k->c, &pos)) != NULL)
		if (known_class(k, e->name) == KNOWN_NOT)
			each(ctx, e->file, e->line, e->name, e->value);
	snprintf(path, sizeof(path), "%s/master.cf", conf_dir(k->c));
	for (const struct service *s = k->services; s != NULL; s = s->next)
		for (const struct service_option *o = s->options; o != NULL; o = o->next)
			if (counts(o) && known_class(k, slice_str(o->name)) == KNOWN_NOT &&
			    hash_get(&k->used, option_key(&o)) == NULL)
				each(ctx, path, s->line, slice_str(o->name), slice_str(o->value));
}

/* How many bytes must be put in, left out or changed; more than LIMIT is LIMIT + 1. */
static unsigned distance(struct slice a, struct slice b, unsigned limit)
{
	unsigned row[NEAREST_LENGTH_MAX + 1], above, best, old;

	for (size_t j = 0; j <= b.n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		above = row[0];
		best = row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			old = row[j];
			row[j] = above + (a.p[i - 1] != b.p[j - 1]);
			if (old + 1 < row[j])
				row[j] = old + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			if (row[j] < best)
				best = row[j];
			above = old;
		}
		if (best > limit)
			return limit + 1;
	}
	return row[b.n] > limit ? limit + 1 : row[b.n];
}

const char *known_nearest(const struct known *k, struct slice name)
{
	unsigned limit = name.n < 9 ? 1 : 3;
	const struct known_name *found = NULL;

	if (name.n > NEAREST_LENGTH_MAX)
		return NULL;
	for (size_t i = 0; i < k->n_sorted && limit > 0; i++) {
		unsigned d;

		if (k->sorted[i]->name.n > NEAREST_LENGTH_MAX)
			continue;
		d = distance(name, k->sorted[i]->name, limit);
		if (d > limit)
			continue;
		found = k->sorted[i];
		limit = d - 1;
	}
	return found != NULL ? found->name.p : NULL;
}
