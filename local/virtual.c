/* SPDX-License-Identifier: ISC */
#include "local/virtual.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/mail/addr.h"
#include "local/alias.h"

enum { CACHE_MAX = 10000, CACHE_MS = 5000, KEYS_MAX = 5 };

struct cached {
	int64_t until_ms;
	uid_t uid;
	gid_t gid;
	size_t path_n;
	char path[];
};

void virtual_cache_init(struct virtual_cache *c, struct loop *loop)
{
	c->loop = loop;
	hash_init(&c->found, CACHE_MAX, false);
}

static void cache_clear(struct virtual_cache *c)
{
	size_t pos = 0;
	struct slice key;
	void *value;

	while (hash_next(&c->found, &pos, &key, &value))
		free(value);
	hash_clear(&c->found);
}

static void cache_put(struct virtual_cache *c, struct slice key, const struct virtual_mailbox *m)
{
	struct cached *e = mem_new(1, sizeof(*e) + m->path.n + 1);
	void *old = NULL;

	*e = (struct cached){ .until_ms = loop_now_ms(c->loop) + CACHE_MS, .uid = m->uid,
			      .gid = m->gid, .path_n = m->path.n };
	memcpy(e->path, m->path.p, m->path.n);
	if (hash_put(&c->found, key, e, &old) != RC_OK) {
		cache_clear(c);
		free(e);
	}
	free(old);
}

static bool cache_get(const struct virtual_cache *c, struct slice key, struct arena *a,
		      struct virtual_mailbox *out)
{
	const struct cached *e = hash_get(&c->found, key);

	if (e == NULL || e->until_ms <= loop_now_ms(c->loop))
		return false;
	out->path = arena_slice(a, slice_make(e->path, e->path_n));
	out->uid = e->uid;
	out->gid = e->gid;
	return out->path.p != NULL;
}

/* --- lookups --- */

/* What tables are asked for; those of patterns see the first N_WHOLE only. */
struct keys {
	struct slice v[KEYS_MAX];
	size_t n, n_whole;
};

/* ADDRESS as outsiders write it, then, if that is not the same, as it is. */
static void add_address(struct keys *k, struct slice address, struct arena *a)
{
	struct buf quoted;

	buf_init(&quoted, 4 * ADDRESS_MAX);
	addr_quote(address, &quoted);
	if (!slice_eq(buf_slice(&quoted), address))
		k->v[k->n++] = arena_slice(a, buf_slice(&quoted));
	buf_done(&quoted);
	k->v[k->n++] = address;
}

static void make_keys(const struct config *c, struct slice address, struct arena *a,
		      struct keys *k)
{
	struct slice local = address_local(address), ext, user;

	*k = (struct keys){ 0 };
	user = alias_split_extension(local, c->delimiters, true, &ext);
	add_address(k, address, a);
	k->n_whole = k->n;
	if (ext.p != NULL) {
		char *s = arena_printf(a, "%.*s%.*s", SLICE_ARG(user),
				       SLICE_ARG(slice_skip(address, local.n)));
		if (s != NULL)
			add_address(k, slice_str(s), a);
	}
	if (local.n < address.n)
		k->v[k->n++] = slice_skip(address, local.n);
}

static enum rc find(const struct table_list *tables, struct table_memo *memo,
		    const struct keys *keys, struct arena *a, struct slice *ret,
		    struct table **ret_table, struct err *err)
{
	struct slice value;

	for (size_t k = 0; k < keys->n; k++) {
		for (size_t i = 0; i < tables->n; i++) {
			enum rc rc = RC_END;

			if (k < keys->n_whole || !table_is_pattern(tables->v[i]))
				rc = table_lookup(tables->v[i], memo, keys->v[k], &value, err);
			if (rc == RC_END)
				continue;
			if (rc == RC_OK) {
				*ret = arena_slice(a, value);
				*ret_table = tables->v[i];
			}
			return rc == RC_OK && ret->p == NULL ? RC_LIMIT : rc;
		}
	}
	return RC_END;
}

static enum rc find_id(const struct table_list *tables, const char *name, struct table_memo *memo,
		       const struct keys *keys, struct arena *a, uint32_t *ret,
		       struct err *err)
{
	struct table *table;
	struct slice value;
	enum rc rc = find(tables, memo, keys, a, &value, &table, err);

	if (rc == RC_END)
		return err_set(err, RC_PERM, "recipient %.*s: not found in %s",
			       SLICE_ARG(keys->v[0]), name);
	if (rc == RC_OK && num_u32(slice_trim_space(value), UINT32_MAX - 1, ret) != RC_OK)
		return err_set(err, RC_PERM, "recipient %.*s: bad id \"%.*s\" in %s",
			       SLICE_ARG(keys->v[0]), SLICE_ARG(value), name);
	return rc;
}

static bool is_below(struct slice path, const char *base)
{
	size_t n = strlen(base);

	while (n > 1 && base[n - 1] == '/')
		n--;
	return path.n > n && memcmp(path.p, base, n) == 0 && path.p[n] == '/';
}

/* virtual_mailbox_base and the value; userdb: tells whole paths, which may lie below the base
 * already. No ".." anywhere: the base is a border. */
static enum rc make_path(const struct config *c, struct slice value, const struct table *table,
			 struct arena *a, struct slice *ret, struct err *err)
{
	const char *base = c->p.virtual_mailbox_base;
	bool is_whole = strncmp(table_spec(table), "userdb:", 7) == 0 && is_below(value, base);
	char *path;

	if (base[0] == '\0' || is_whole)
		path = arena_str(a, value);
	else
		path = arena_printf(a, "%s/%.*s", base, SLICE_ARG(value));
	if (path == NULL)
		return RC_LIMIT;
	if (value.n == 0 || path[0] != '/' || strstr(path, "/../") != NULL ||
	    slice_has_nul(value) || strlen(path) > 2900)
		return err_set(err, RC_PERM, "bad mailbox path \"%.*s\" in "
			       "virtual_mailbox_maps", SLICE_ARG(value));
	*ret = slice_str(path);
	return RC_OK;
}

/* Without a base the worker gets the mailbox itself, or the directory of an mbox. */
static void set_dir(const struct config *c, struct virtual_mailbox *m)
{
	if (c->p.virtual_mailbox_base[0] != '\0') {
		m->dir = slice_str(c->p.virtual_mailbox_base);
		return;
	}
	m->dir = m->path;
	while (m->dir.n > 1 && m->dir.p[m->dir.n - 1] == '/')
		m->dir.n--;
	m->dir.n = (size_t)slice_rchr(m->dir, '/');
	if (m->dir.n == 0)
		m->dir = SLICE_LIT("/");
}

static enum rc look_up(const struct config *c, struct slice address, struct table_memo *memo,
		       struct arena *a, struct virtual_mailbox *out, struct err *err)
{
	struct slice value = { 0 };
	struct table *table = NULL;
	struct keys keys;
	enum rc rc;

	make_keys(c, address, a, &keys);
	rc = find(&c->virtual_mailbox_maps, memo, &keys, a, &value, &table, err);

	/* All three are asked before the first wait ends the run. */
	if (rc == RC_OK || rc == RC_MORE) {
		enum rc uid = find_id(&c->virtual_uid_maps, "virtual_uid_maps", memo, &keys, a,
				      &out->uid, err);
		enum rc gid = uid < RC_OK ? RC_OK :
			      find_id(&c->virtual_gid_maps, "virtual_gid_maps", memo, &keys, a,
				      &out->gid, err);

		if (rc == RC_OK)
			rc = uid != RC_OK ? uid : gid;
	}
	return rc == RC_OK ? make_path(c, value, table, a, &out->path, err) : rc;
}

enum rc virtual_find(const struct config *c, struct virtual_cache *cache, struct slice address,
		     struct table_memo *memo, struct arena *arena, struct virtual_mailbox *out,
		     struct err *err)
{
	struct slice key = arena_slice(arena, address);
	enum rc rc = RC_OK;

	if (key.p == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < key.n; i++)
		((char *)(uintptr_t)key.p)[i] = char_lower(key.p[i]);
	if (!cache_get(cache, key, arena, out)) {
		rc = look_up(c, key, memo, arena, out, err);
		if (rc == RC_OK)
			cache_put(cache, key, out);
	}
	if (rc != RC_OK)
		return rc;
	if (!c->is_rootless && (int64_t)out->uid < c->p.virtual_minimum_uid)
		return err_set(err, RC_PERM, "uid %u of %.*s is "
			       "below virtual_minimum_uid", (unsigned)out->uid, SLICE_ARG(key));
	set_dir(c, out);
	return RC_OK;
}
