/* lib/table/table.c - opening by type, asking, lists, and watching files. */
/* SPDX-License-Identifier: ISC */
#include "lib/table/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/type.h"

#define TABLE_TYPE(stem) extern const struct table_type table_type_##stem;
#include "lib/table/types.def"
#undef TABLE_TYPE

#define TABLE_TYPE(stem) &table_type_##stem,
static const struct table_type *const types[] = {
#include "lib/table/types.def"
};
#undef TABLE_TYPE

enum { N_TYPES = sizeof(types) / sizeof(types[0]), CHECK_PAUSE_MS = 1000 };

/* Set once, at the start of the process; the log sink of this library. */
static void (*note_handler)(const char *text);

void table_on_note(void (*note)(const char *text))
{
	note_handler = note;
}

void table_note(const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (note_handler == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	note_handler(text);
}

const char *table_type_name(size_t i)
{
	return i < N_TYPES ? types[i]->name : NULL;
}

static const struct table_type *find_type(struct slice name)
{
	for (size_t i = 0; i < N_TYPES; i++)
		if (slice_is(name, types[i]->name))
			return types[i];
	return NULL;
}

bool table_inside_braces(const char *name, struct slice *ret)
{
	struct slice s = slice_str(name);

	if (s.n < 2 || s.p[0] != '{' || s.p[s.n - 1] != '}')
		return false;
	*ret = slice_trim_space(slice_sub(s, 1, s.n - 2));
	return true;
}

bool table_type_is_pattern(const char *spec)
{
	const char *colon = strchr(spec, ':');
	const struct table_type *type = NULL;

	if (colon != NULL)
		type = find_type(slice_make(spec, (size_t)(colon - spec)));
	return type != NULL && type->is_pattern;
}

bool table_is_spec(struct slice word)
{
	ptrdiff_t colon = slice_chr(word, ':');

	return colon > 0 && find_type(slice_sub(word, 0, (size_t)colon)) != NULL;
}

static enum rc find_type_of_spec(const char *spec, const char *default_type,
				 const struct table_type **ret_type, const char **ret_name,
				 struct err *err)
{
	struct slice type = slice_str(default_type);
	const char *colon = strchr(spec, ':');

	*ret_name = spec;
	if (colon != NULL && spec[0] != '/') {
		type = slice_make(spec, (size_t)(colon - spec));
		*ret_name = colon + 1;
	}
	*ret_type = find_type(type);
	if (*ret_type == NULL)
		return err_set(err, RC_SYNTAX, "unsupported dictionary type: %.*s",
			       SLICE_ARG(type));
	if ((*ret_name)[0] == '\0' && !(*ret_type)->may_be_nameless)
		return err_set(err, RC_SYNTAX, "table \"%s\": the name behind the type is missing",
			       spec);
	return RC_OK;
}

enum rc table_open(const char *spec, const char *default_type, int flags, struct table **out,
		   struct err *err)
{
	const struct table_type *type;
	struct table *t;
	const char *name;
	enum rc rc = find_type_of_spec(spec, default_type, &type, &name, err);

	if (rc != RC_OK)
		return rc;
	t = mem_new(1, sizeof(*t));
	t->type = type;
	t->flags = flags;
	t->is_pattern = type->is_pattern;
	buf_init(&t->result, TABLE_VALUE_MAX);
	buf_addf(&t->result, "%s:%s", type->name, name);
	t->spec = buf_take(&t->result);
	buf_init(&t->result, TABLE_VALUE_MAX);
	buf_init(&t->folded, TABLE_KEY_MAX);
	rc = type->open(t, name, err);
	if (rc != RC_OK)
		table_close(&t);
	else
		*out = t;
	return rc;
}

void table_close(struct table **t)
{
	if (*t == NULL)
		return;
	if ((*t)->type->close != NULL)
		(*t)->type->close(*t);
	for (size_t i = 0; i < (*t)->n_files; i++)
		free((*t)->files[i].path);
	buf_done(&(*t)->result);
	buf_done(&(*t)->folded);
	free((*t)->spec);
	free(*t);
	*t = NULL;
}

const char *table_spec(const struct table *t)
{
	return t->spec;
}

bool table_is_pattern(const struct table *t)
{
	return t->is_pattern;
}

static struct slice fold(struct table *t, struct slice key)
{
	buf_reset(&t->folded);
	for (size_t i = 0; i < key.n; i++)
		buf_addc(&t->folded, char_lower(key.p[i]));
	return buf_slice(&t->folded);
}

enum rc table_lookup(struct table *t, struct table_memo *m, struct slice key, struct slice *ret,
		     struct err *err)
{
	enum rc rc;

	/* No table holds such a key, and remote ones could be confused by it. A pattern may match
	 * an empty line. */
	if ((key.n == 0 && !t->is_pattern) || key.n > TABLE_KEY_MAX || slice_has_nul(key))
		return RC_END;
	if (key.n == 0)
		key.p = "";
	if (t->type->folds && (t->flags & TABLE_FOLD) != 0)
		key = fold(t, key);
	rc = t->type->lookup(t, m, key, ret, err);
	if (rc < 0)
		err_context(err, "table %s", t->spec);
	return rc;
}

enum rc table_next(struct table *t, size_t *pos, struct slice *ret_key, struct slice *ret_value,
		   struct err *err)
{
	if (t->type->next == NULL)
		return err_set(err, RC_PERM, "table %s does not support sequence operation",
			       t->spec);
	return t->type->next(t, pos, ret_key, ret_value, err);
}

void table_watch(struct table *t, const char *path, const struct stat *st)
{
	struct table_file *f = &t->files[t->n_files++];

	*f = (struct table_file){ .path = mem_dup(path, strlen(path)), .size = -1 };
	if (st == NULL)
		return;
	f->dev = st->st_dev;
	f->ino = st->st_ino;
	f->size = st->st_size;
	f->mtime = st->st_mtim;
}

static bool file_has_changed(const struct table_file *f)
{
	struct stat st;

	/* A process that may not look has to rely on its master. */
	if (stat(f->path, &st) < 0)
		return errno == ENOENT && f->size >= 0;
	return f->size < 0 || st.st_dev != f->dev || st.st_ino != f->ino ||
	       st.st_size != f->size || st.st_mtim.tv_sec != f->mtime.tv_sec ||
	       st.st_mtim.tv_nsec != f->mtime.tv_nsec;
}

bool table_has_changed(struct table *t, int64_t now_ms)
{
	if (t->has_changed || t->n_files == 0)
		return t->has_changed;
	if (t->checked_ms != 0 && now_ms - t->checked_ms < CHECK_PAUSE_MS)
		return false;
	t->checked_ms = now_ms;
	for (size_t i = 0; i < t->n_files && !t->has_changed; i++)
		t->has_changed = file_has_changed(&t->files[i]);
	return t->has_changed;
}

static enum rc open_words(const struct str_list *specs, const char *default_type, int flags,
			  struct table_list *out, struct err *err)
{
	enum rc rc = RC_OK;

	*out = (struct table_list){ .v = mem_new(specs->n + 1, sizeof(*out->v)) };
	for (size_t i = 0; i < specs->n && rc == RC_OK; i++) {
		rc = table_open(specs->v[i], default_type, flags, &out->v[out->n], err);
		if (rc == RC_OK)
			out->n++;
	}
	if (rc != RC_OK)
		table_list_close(out);
	return rc;
}

enum rc table_list_open(const char *specs, const char *default_type, int flags,
			struct table_list *out, struct err *err)
{
	struct str_list words;
	struct arena arena;
	enum rc rc;

	*out = (struct table_list){ 0 };
	arena_init(&arena, 16UL << 20);
	rc = param_split_list(slice_str(specs), &arena, &words);
	if (rc != RC_OK)
		rc = err_set(err, rc, "list of tables too long");
	else
		rc = open_words(&words, default_type, flags, out, err);
	arena_done(&arena);
	return rc;
}

void table_list_close(struct table_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		table_close(&l->v[i]);
	free(l->v);
	*l = (struct table_list){ 0 };
}

enum rc table_list_lookup(const struct table_list *l, struct table_memo *m, struct slice key,
			  struct slice *ret, struct table **ret_table, struct err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		enum rc rc = table_lookup(l->v[i], m, key, ret, err);

		if (rc == RC_END)
			continue;
		if (ret_table != NULL)
			*ret_table = l->v[i];
		return rc;
	}
	return RC_END;
}

bool table_list_has_changed(const struct table_list *l, int64_t now_ms)
{
	bool changed = false;

	for (size_t i = 0; i < l->n; i++)
		changed |= table_has_changed(l->v[i], now_ms);
	return changed;
}
