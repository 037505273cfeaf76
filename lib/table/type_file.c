/* lib/table/type_file.c - hash:, btree:, cdb: and texthash: - a source file and its index.
 *
 * The index is used while it is that of its source; else the source is read as texthash:
 * does, and a note says so. A table is never stale and never needs a writable directory. */
/* SPDX-License-Identifier: ISC */
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/conf/slurp.h"
#include "lib/table/index.h"
#include "lib/table/source.h"
#include "lib/table/type.h"

enum { ENTRIES_MAX = 20000000 };

struct entry {
	struct slice key, value;
};

struct file_table {
	bool has_cdb;
	struct cdb cdb;
	unsigned cdb_pos;	/* for walking */
	struct arena arena;	/* source entries */
	struct hash entries;	/* key -> struct entry */
};

static struct file_table *state_of(struct table *t)
{
	if (t->state == NULL) {
		struct file_table *f = mem_new(1, sizeof(*f));

		arena_init(&f->arena, 4UL * SLURP_MAX);
		hash_init(&f->entries, ENTRIES_MAX, false);
		t->state = f;
	}
	return t->state;
}

static void close_file(struct table *t)
{
	struct file_table *f = t->state;

	if (f == NULL)
		return;
	if (f->has_cdb) {
		close(cdb_fileno(&f->cdb));
		cdb_free(&f->cdb);
	}
	hash_done(&f->entries);
	arena_done(&f->arena);
	free(f);
	t->state = NULL;
}

/* The first of two entries with the same key counts, as when an index is built. */
static enum rc add_entry(struct table *t, struct slice key, struct slice value, struct err *err)
{
	struct file_table *f = t->state;
	struct entry *e;
	char *p;

	if (hash_get(&f->entries, key) != NULL)
		return RC_OK;
	e = ARENA_NEW(&f->arena, struct entry);
	p = e != NULL ? arena_str(&f->arena, value) : NULL;
	if (p == NULL)
		return err_set(err, RC_LIMIT, "table too large; build its index with postmap");
	e->value = slice_make(p, value.n);
	if (hash_put(&f->entries, key, e, NULL) != RC_OK)
		return err_set(err, RC_LIMIT, "table too large; build its index with postmap");
	return RC_OK;
}

static void fold_in_place(struct buf *b)
{
	struct slice s = buf_slice(b);
	char *p = (char *)s.p;

	for (size_t i = 0; i < s.n; i++)
		p[i] = char_lower(p[i]);
}

static enum rc read_entries(struct table *t, const char *path, struct slice text,
			    struct err *err)
{
	struct source src;
	struct slice key, value;
	struct buf folded;
	enum rc rc = RC_OK, got;
	unsigned line;

	source_init(&src, text, (t->flags & TABLE_ALIAS_SOURCE) != 0);
	buf_init(&folded, LOGICAL_MAX);
	do {
		struct err why = { 0 };

		got = source_next(&src, &key, &value, &line, &why);
		if (got == RC_SYNTAX)
			table_note("%s, line %u: %s", path, line, why.text);
		if (got != RC_OK)
			continue;
		buf_reset(&folded);
		buf_add(&folded, key);
		if ((t->flags & TABLE_FOLD) != 0)
			fold_in_place(&folded);
		rc = add_entry(t, buf_slice(&folded), value, err);
	} while (got != RC_END && rc == RC_OK);
	source_done(&src);
	buf_done(&folded);
	if (rc != RC_OK)
		err_context(err, "%s", path);
	return rc;
}

static enum rc read_source(struct table *t, const char *path, struct err *err)
{
	struct stat st;
	struct buf text;
	enum rc rc;

	state_of(t);
	buf_init(&text, SLURP_MAX);
	rc = slurp_file(path, &text, &st, err);
	if (rc == RC_OK) {
		table_watch(t, path, &st);
		rc = read_entries(t, path, buf_slice(&text), err);
	}
	buf_done(&text);
	return rc;
}

/* RC_END: there is no index. RC_PERM: there is one but it is broken. */
static enum rc open_index(struct table *t, const char *path, struct stat *ret_st)
{
	struct file_table *f = state_of(t);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT ? RC_END : RC_PERM;
	if (fstat(fd, ret_st) < 0 || !S_ISREG(ret_st->st_mode) || cdb_init(&f->cdb, fd) < 0) {
		close(fd);
		return RC_PERM;
	}
	f->has_cdb = true;
	return RC_OK;
}

static enum rc open_with_index(struct table *t, const char *name, struct err *err)
{
	struct stat index_st, source_st;
	char *path = index_path(name);
	enum rc rc = open_index(t, path, &index_st);
	bool has_source = stat(name, &source_st) == 0;

	if (rc == RC_OK && (!has_source || index_is_fresh(&index_st, &source_st))) {
		table_watch(t, path, &index_st);
		if (has_source)
			table_watch(t, name, &source_st);
	} else {
		if (rc == RC_OK)
			close_file(t);
		table_watch(t, path, rc == RC_OK ? &index_st : NULL);
		rc = read_source(t, name, err);
		if (rc == RC_OK && has_source)
			table_note("%s: no index of %s as it is: the source itself is read"
				   " (postmap or postalias builds the index)", path, name);
	}
	free(path);
	return rc;
}

static enum rc lookup_cdb(struct file_table *f, struct slice key, struct slice *ret,
			  struct err *err)
{
	int found = cdb_find(&f->cdb, key.p, (unsigned)key.n);
	const void *p;

	if (found < 0)
		return err_set(err, RC_TEMP, "broken index: build it again");
	if (found == 0)
		return RC_END;
	p = cdb_getdata(&f->cdb);
	if (p == NULL)
		return err_set(err, RC_TEMP, "broken index: build it again");
	*ret = slice_make(p, cdb_datalen(&f->cdb));
	return RC_OK;
}

/* Other makers of cdb files count the NUL behind key and value in. */
static enum rc lookup_cdb_with_nul(struct table *t, struct slice key, struct slice *ret,
				   struct err *err)
{
	enum rc rc;

	buf_reset(&t->result);
	buf_add(&t->result, key);
	buf_addc(&t->result, '\0');
	rc = lookup_cdb(t->state, buf_slice(&t->result), ret, err);
	if (rc == RC_OK && ret->n > 0 && ret->p[ret->n - 1] == '\0')
		ret->n--;
	return rc;
}

static enum rc lookup_file(struct table *t, struct table_memo *m, struct slice key,
			   struct slice *ret, struct err *err)
{
	struct file_table *f = t->state;
	const struct entry *e;
	enum rc rc;

	(void)m;
	if (f->has_cdb) {
		rc = lookup_cdb(f, key, ret, err);
		return rc == RC_END ? lookup_cdb_with_nul(t, key, ret, err) : rc;
	}
	e = hash_get(&f->entries, key);
	if (e == NULL)
		return RC_END;
	*ret = e->value;
	return RC_OK;
}

static enum rc next_in_cdb(struct file_table *f, size_t *pos, struct slice *ret_key,
			   struct slice *ret_value, struct err *err)
{
	const void *key, *value;
	int found;

	if (*pos == 0)
		cdb_seqinit(&f->cdb_pos, &f->cdb);
	found = cdb_seqnext(&f->cdb_pos, &f->cdb);
	if (found == 0)
		return RC_END;
	key = found > 0 ? cdb_getkey(&f->cdb) : NULL;
	value = found > 0 ? cdb_getdata(&f->cdb) : NULL;
	if (key == NULL || value == NULL)
		return err_set(err, RC_TEMP, "broken index: build it again");
	*ret_key = slice_make(key, cdb_keylen(&f->cdb));
	*ret_value = slice_make(value, cdb_datalen(&f->cdb));
	++*pos;
	return RC_OK;
}

static enum rc next_in_file(struct table *t, size_t *pos, struct slice *ret_key,
			    struct slice *ret_value, struct err *err)
{
	struct file_table *f = t->state;
	void *e;

	if (f->has_cdb)
		return next_in_cdb(f, pos, ret_key, ret_value, err);
	if (!hash_next(&f->entries, pos, ret_key, &e))
		return RC_END;
	*ret_value = ((struct entry *)e)->value;
	return RC_OK;
}

static enum rc open_texthash(struct table *t, const char *name, struct err *err)
{
	return read_source(t, name, err);
}

#define FILE_TYPE(stem, open_function) \
	const struct table_type table_type_##stem = { \
		.name = #stem, .folds = true, .open = open_function, .lookup = lookup_file, \
		.close = close_file, .next = next_in_file }

FILE_TYPE(hash, open_with_index);
FILE_TYPE(btree, open_with_index);
FILE_TYPE(cdb, open_with_index);
FILE_TYPE(texthash, open_texthash);
