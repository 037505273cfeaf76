/* cmd/mapbuild.c - making and changing an index.
 *
 * All entries are collected first, then the whole index is written anew and put in place by a
 * rename: there is no half-built table. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/maptool.h"
#include "lib/base/base64.h"
#include "lib/base/mem.h"
#include "lib/conf/slurp.h"
#include "lib/mail/enc.h"
#include "lib/sys/log.h"
#include "lib/table/index.h"
#include "lib/table/source.h"

enum { KEYS_MAX = 20000000, FILES_BYTES_MAX = 64 << 20 };

struct entry {
	struct slice key, value;
	bool is_deleted;
};

/* An index on its way. */
struct build {
	const struct maptool *tool;
	const char *path;		/* the source; the index stands beside it */
	struct stat st;			/* of the source, or of the index when there is none */
	struct arena arena;
	struct hash by_key;
	struct entry **order;
	size_t n, size;
};

static void build_init(struct build *b, const struct maptool *tool, const char *path)
{
	*b = (struct build){ .tool = tool, .path = path };
	arena_init(&b->arena, 16UL * SLURP_MAX);
	hash_init(&b->by_key, KEYS_MAX, false);
}

static void build_done(struct build *b)
{
	hash_done(&b->by_key);
	arena_done(&b->arena);
	free(b->order);
}

static void add_new(struct build *b, struct slice key, struct slice value)
{
	struct entry *e = ARENA_NEW(&b->arena, struct entry);

	if (e != NULL) {
		e->key = arena_slice(&b->arena, key);
		e->value = arena_slice(&b->arena, value);
	}
	if (e == NULL || e->key.p == NULL || e->value.p == NULL ||
	    hash_put(&b->by_key, key, e, NULL) != RC_OK)
		log_fatal("%s: the table is too large", b->path);
	if (b->n == b->size) {
		b->size = b->size > 0 ? b->size * 2 : 1024;
		b->order = mem_grow(b->order, b->size, sizeof(*b->order));
	}
	b->order[b->n++] = e;
}

static void add(struct build *b, struct slice key, struct slice value)
{
	struct entry *old = hash_get(&b->by_key, key);

	if (old == NULL) {
		add_new(b, key, value);
	} else if (b->tool->replaces) {
		old->value = arena_slice(&b->arena, value);
		if (old->value.p == NULL)
			log_fatal("%s: the table is too large", b->path);
	} else if (!b->tool->ignores) {
		log_warn(NULL, "%s.cdb: duplicate entry: \"%.*s\"", b->path, SLICE_ARG(key));
	}
}

/* The files named in VALUE, each after the other, in base64; false after a warning. */
static bool encode_files(const char *source, unsigned line, struct slice value, struct buf *out)
{
	struct slice word;
	struct buf all, path;
	struct err err = { 0 };
	enum rc rc = RC_OK;

	buf_init(&all, FILES_BYTES_MAX);
	while (rc == RC_OK && param_next_word(&value, &word)) {
		if (buf_len(&all) > 0)
			buf_addc(&all, '\n');
		buf_init(&path, 4096);
		buf_add(&path, word);
		rc = slurp_file(buf_cstr(&path), &all, NULL, &err);
		buf_done(&path);
	}
	if (rc == RC_OK)
		base64_encode(buf_slice(&all), out);
	else
		log_warn(NULL, "%s, line %u: %s: skipping this entry", source, line, err.text);
	buf_done(&all);
	return rc == RC_OK;
}

static void fold(struct buf *b)
{
	struct slice s = buf_slice(b);
	char *p = (char *)s.p;

	for (size_t i = 0; i < s.n; i++)
		p[i] = char_lower(p[i]);
}

static void add_source_entry(struct build *b, struct slice key, struct slice value, unsigned line)
{
	struct buf k, v;

	if (key.n == 0) {
		log_warn(NULL, "%s, line %u: empty lookup key value is not allowed", b->path, line);
		return;
	}
	if (!b->tool->any_bytes && (!enc_is_utf8(key) || !enc_is_utf8(value))) {
		log_warn(NULL, "%s, line %u: non-UTF-8 input \"%.*s %.*s\" -- ignoring this line",
			 b->path, line, key.n > 100 ? 100 : (int)key.n, key.p,
			 value.n > 100 ? 100 : (int)value.n, value.p);
		return;
	}
	buf_init(&k, LOGICAL_MAX);
	buf_init(&v, FILES_BYTES_MAX * 2UL);
	buf_add(&k, key);
	if (!b->tool->keeps_case)
		fold(&k);
	if (!b->tool->is_file_list)
		add(b, buf_slice(&k), value);
	else if (encode_files(b->path, line, value, &v))
		add(b, buf_slice(&k), buf_slice(&v));
	buf_done(&k);
	buf_done(&v);
}

static void add_source(struct build *b, struct slice text)
{
	struct slice key, value;
	struct source src;
	unsigned line;
	enum rc rc;

	source_init(&src, text, b->tool->is_alias);
	do {
		struct err err = { 0 };

		rc = source_next(&src, &key, &value, &line, &err);
		if (rc == RC_OK)
			add_source_entry(b, key, value, line);
		else if (rc == RC_SYNTAX)
			log_warn(NULL, "%s, line %u: %s", b->path, line, err.text);
	} while (rc != RC_END);
	source_done(&src);
}

static void read_stdin(struct buf *text)
{
	size_t room, n;
	char *p;

	do {
		p = buf_reserve(text, 1 << 16, &room);
		if (room == 0)
			log_fatal("standard input is larger than %d bytes", SLURP_MAX);
		n = fread(p, 1, room, stdin);
		buf_commit(text, n);
	} while (n > 0);
}

/* What the table holds now, for changes to it. */
static void add_existing(struct build *b)
{
	const struct maptool *tool = b->tool;
	int flags = (tool->keeps_case ? 0 : TABLE_FOLD) | (tool->is_alias ? TABLE_ALIAS_SOURCE : 0);
	char *spec = arena_printf(&b->arena, "cdb:%s", b->path);
	struct slice key, value;
	struct table *t = NULL;
	struct err err = { 0 };
	size_t pos = 0;
	enum rc rc;

	if (spec == NULL || table_open(spec, "cdb", flags, &t, &err) != RC_OK)
		log_fatal("%s", err.text);
	while ((rc = table_next(t, &pos, &key, &value, &err)) == RC_OK)
		if (hash_get(&b->by_key, key) == NULL)
			add_new(b, key, value);
	if (rc != RC_END)
		log_fatal("%s", err.text);
	table_close(&t);
}

/* In a directory that only root can write to root may work; elsewhere somebody else could play
 * with names, so the owner of the source does the work. */
static void become_owner(const struct build *b)
{
	const char *slash = strrchr(b->path, '/');
	char *dir = slash != NULL ? mem_dup(b->path, (size_t)(slash - b->path) + 1) : mem_dup(".", 1);
	struct stat st;

	if (geteuid() == 0 && b->st.st_uid != 0 && !b->tool->keeps_root &&
	    (stat(dir, &st) < 0 || st.st_uid != 0 || (st.st_mode & 022) != 0) &&
	    (setgroups(1, &b->st.st_gid) < 0 || setegid(b->st.st_gid) < 0 ||
	     seteuid(b->st.st_uid) < 0))
		log_fatal("cannot become the owner of %s: %m", b->path);
	free(dir);
}

static void become_root(void)
{
	if (geteuid() != getuid() && (seteuid(getuid()) < 0 || setegid(getgid()) < 0))
		log_fatal("cannot become the caller again: %m");
}

static enum rc write_entries(struct build *b, struct index_writer *w, struct err *err)
{
	for (size_t i = 0; i < b->n; i++) {
		struct slice key = b->order[i]->key, value = b->order[i]->value;
		enum rc rc;

		if (b->order[i]->is_deleted)
			continue;
		/* Copies in the arena have a NUL behind them. */
		key.n += b->tool->with_nul;
		value.n += b->tool->with_nul;
		rc = index_writer_add(w, key, value, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static void write_index(struct build *b)
{
	struct index_writer *w = NULL;
	struct err err = { 0 };
	sigset_t all, old;
	enum rc rc;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	rc = index_writer_new(b->path, &b->st, !b->tool->default_mode, &w, &err);
	if (rc == RC_OK)
		rc = write_entries(b, w, &err);
	if (rc == RC_OK)
		rc = index_writer_commit(&w, &err);
	else
		index_writer_abandon(&w);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (rc != RC_OK)
		log_fatal("%s", err.text);
}

/* "type:file" or "file": the file, when its type has an index. */
static const char *source_path(const struct maptool *tool, const char *spec)
{
	static const char *const indexed[] = { "hash", "btree", "cdb" };
	const char *colon = spec[0] == '/' ? NULL : strchr(spec, ':');
	struct slice type = slice_str(tool->default_type);

	if (colon != NULL)
		type = slice_make(spec, (size_t)(colon - spec));
	for (size_t i = 0; i < sizeof(indexed) / sizeof(indexed[0]); i++)
		if (slice_is(type, indexed[i]))
			return colon != NULL ? colon + 1 : spec;
	if (colon != NULL && table_is_spec(slice_str(spec)))
		log_fatal("unsupported dictionary type: %.*s does not support bulk-mode creation.",
			  SLICE_ARG(type));
	log_fatal("unsupported dictionary type: %.*s", SLICE_ARG(type));
}

/* Whose the index shall be: the source's, the old index's, or the caller's. False: neither
 * source nor index is there. */
static bool find_owner(struct build *b)
{
	char *index = index_path(b->path);
	bool found = stat(b->path, &b->st) == 0 || stat(index, &b->st) == 0;

	if (!found)
		b->st = (struct stat){ .st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid() };
	free(index);
	return found;
}

void maptool_build(const struct maptool *tool, const char *spec)
{
	struct build b;
	struct err err = { 0 };
	struct buf text;

	build_init(&b, tool, source_path(tool, spec));
	buf_init(&text, SLURP_MAX);
	if (tool->is_incremental) {
		bool exists = find_owner(&b);

		become_owner(&b);
		if (exists)
			add_existing(&b);
		read_stdin(&text);
	} else {
		if (slurp_file(b.path, &text, &b.st, &err) != RC_OK)
			log_fatal("%s", err.text);
		become_owner(&b);
	}
	add_source(&b, buf_slice(&text));
	write_index(&b);
	become_root();
	buf_done(&text);
	build_done(&b);
}

static bool delete_key(struct build *b, struct slice key)
{
	struct entry *e;
	struct buf k;
	bool found;

	buf_init(&k, LOGICAL_MAX);
	buf_add(&k, key);
	if (!b->tool->keeps_case)
		fold(&k);
	e = hash_get(&b->by_key, buf_slice(&k));
	found = e != NULL && !e->is_deleted;
	if (found)
		e->is_deleted = true;
	buf_done(&k);
	return found;
}

static bool delete_keys_of_stdin(struct build *b)
{
	struct slice rest, line;
	struct buf text;
	bool found = false;

	buf_init(&text, SLURP_MAX);
	read_stdin(&text);
	for (rest = buf_slice(&text); slice_line(&rest, &line);)
		found |= delete_key(b, line);
	buf_done(&text);
	return found;
}

bool maptool_delete(const struct maptool *tool, const char *spec, const char *key)
{
	struct build b;
	bool found;

	build_init(&b, tool, source_path(tool, spec));
	find_owner(&b);
	become_owner(&b);
	add_existing(&b);
	found = strcmp(key, "-") == 0 ? delete_keys_of_stdin(&b) : delete_key(&b, slice_str(key));
	if (found)
		write_index(&b);
	become_root();
	build_done(&b);
	return found;
}
