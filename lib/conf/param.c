/* lib/conf/param.c - text to values, one function for each type. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/param.h"

#include <assert.h>
#include <stdio.h>

#include "lib/base/num.h"
#include "lib/conf/slurp.h"

enum { PARAM_VALUE_MAX = 1 << 20, MATCH_FILE_MAX = 64 << 20, MATCH_DEPTH_MAX = 20 };

enum rc param_parse_bool(struct slice s, bool *ret)
{
	if (slice_iis(s, "yes"))
		*ret = true;
	else if (slice_iis(s, "no"))
		*ret = false;
	else
		return RC_SYNTAX;
	return RC_OK;
}

static int64_t unit_ms(char unit)
{
	switch (unit) {
	case 's': return 1000;
	case 'm': return 60 * 1000;
	case 'h': return 3600 * 1000;
	case 'd': return 86400 * 1000;
	case 'w': return 7 * 86400 * 1000;
	default: return 0;
	}
}

/* The unit of a default like "300s" or "${stress?{10}:{300}}s": its last letter, else 's'. */
static char time_unit(const char *def)
{
	size_t n = strlen(def);

	return n > 0 && unit_ms(def[n - 1]) > 0 ? def[n - 1] : 's';
}

enum rc param_parse_time(struct slice s, char default_unit, int64_t *ret_ms)
{
	int64_t unit = unit_ms(default_unit);
	uint64_t n;
	enum rc rc;

	if (s.n > 0 && unit_ms(char_lower(s.p[s.n - 1])) > 0) {
		unit = unit_ms(char_lower(s.p[s.n - 1]));
		s.n--;
	}
	rc = num_u64(s, (uint64_t)(INT64_MAX / unit), &n);
	if (rc != RC_OK)
		return rc;
	*ret_ms = (int64_t)n * unit;
	return RC_OK;
}

enum rc param_parse_size(struct slice s, int64_t *ret_bytes)
{
	int shift = 0;
	uint64_t n;
	enum rc rc;

	switch (s.n > 0 ? char_lower(s.p[s.n - 1]) : '\0') {
	case 'k': shift = 10; break;
	case 'm': shift = 20; break;
	case 'g': shift = 30; break;
	default: break;
	}
	if (shift > 0)
		s.n--;
	rc = num_u64(s, (uint64_t)INT64_MAX >> shift, &n);
	if (rc != RC_OK)
		return rc;
	*ret_bytes = (int64_t)(n << shift);
	return RC_OK;
}

static bool is_separator(char c)
{
	return char_is_space(c) || c == ',';
}

bool param_next_word(struct slice *s, struct slice *ret)
{
	unsigned level = 0;
	size_t i;

	while (s->n > 0 && is_separator(s->p[0]))
		*s = slice_skip(*s, 1);
	if (s->n == 0)
		return false;
	for (i = 0; i < s->n && (level > 0 || !is_separator(s->p[i])); i++) {
		if (s->p[i] == '{')
			level++;
		else if (s->p[i] == '}' && level > 0)
			level--;
	}
	*ret = slice_sub(*s, 0, i);
	*s = slice_skip(*s, i);
	return true;
}

/* Grows the vector by doubling; the old one stays behind in the arena. */
static enum rc list_add(struct str_list *l, size_t *size, struct arena *arena, const char *word)
{
	if (word == NULL)
		return RC_LIMIT;
	if (l->n + 1 >= *size) {
		size_t want = *size > 0 ? *size * 2 : 8;
		const char **v = arena_alloc(arena, want * sizeof(*v));

		if (v == NULL)
			return RC_LIMIT;
		if (l->n > 0)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
		*size = want;
	}
	l->v[l->n++] = word;
	return RC_OK;
}

enum rc param_split_list(struct slice s, struct arena *arena, struct str_list *out)
{
	size_t size = 0;
	struct slice word;
	enum rc rc = RC_OK;

	*out = (struct str_list){ 0 };
	while (rc == RC_OK && param_next_word(&s, &word))
		rc = list_add(out, &size, arena, arena_str(arena, word));
	return rc;
}

/* A list that is being read: what all levels of nested files share. */
struct match_reader {
	struct arena *arena;
	struct str_list *out;
	size_t size;
	unsigned depth;
	struct err *err;
};

static enum rc read_words(struct match_reader *r, struct slice s, bool negate);

static enum rc read_match_file(struct match_reader *r, struct slice path, bool negate)
{
	struct slice rest, line;
	struct buf file, name;
	enum rc rc;

	if (r->depth >= MATCH_DEPTH_MAX)
		return err_set(r->err, RC_LIMIT, "files name each other more than %d deep",
			       MATCH_DEPTH_MAX);
	r->depth++;
	buf_init(&name, 4096);
	buf_init(&file, MATCH_FILE_MAX);
	buf_add(&name, path);
	rc = slurp_file(buf_cstr(&name), &file, NULL, r->err);
	for (rest = buf_slice(&file); rc == RC_OK && slice_line(&rest, &line);) {
		line = slice_trim_space(line);
		if (line.n > 0 && line.p[0] != '#')
			rc = read_words(r, line, negate);
	}
	buf_done(&name);
	buf_done(&file);
	r->depth--;
	return rc;
}

static enum rc read_words(struct match_reader *r, struct slice s, bool negate)
{
	struct slice word, plain;
	enum rc rc = RC_OK;

	while (rc == RC_OK && param_next_word(&s, &word)) {
		bool negate_word = negate;

		for (plain = word; plain.n > 0 && plain.p[0] == '!'; plain = slice_skip(plain, 1))
			negate_word = !negate_word;
		if (plain.n == 0)
			rc = err_set(r->err, RC_SYNTAX, "\"!\" without a pattern");
		else if (plain.p[0] == '/')
			rc = read_match_file(r, plain, negate_word);
		else
			rc = list_add(r->out, &r->size, r->arena,
				      arena_printf(r->arena, "%s%.*s", negate_word ? "!" : "",
						   SLICE_ARG(plain)));
	}
	return rc;
}

enum rc param_split_match(struct slice s, struct arena *arena, struct str_list *out,
			  struct err *err)
{
	struct match_reader r = { .arena = arena, .out = out, .err = err };

	*out = (struct str_list){ 0 };
	return read_words(&r, s, false);
}

const char *param_type_name(enum param_type t)
{
	static const char *const names[] = {
		[PARAM_STR] = "text", [PARAM_RAW] = "text (expanded when used)",
		[PARAM_INT] = "number", [PARAM_BOOL] = "yes or no", [PARAM_TIME] = "time",
		[PARAM_SIZE] = "size", [PARAM_LIST] = "list", [PARAM_MATCH] = "match list",
	};
	static_assert(sizeof(names) / sizeof(names[0]) == PARAM_MATCH + 1, "a name for each type");

	return names[t];
}

static enum rc check_range(const struct param_spec *spec, int64_t v, struct err *err)
{
	if (spec->lo == 0 && spec->hi == 0)
		return RC_OK;
	if (v >= spec->lo && v <= spec->hi)
		return RC_OK;
	if (spec->type == PARAM_TIME)
		return err_set(err, RC_LIMIT, "must lie between %lld and %lld seconds",
			       (long long)spec->lo / 1000, (long long)spec->hi / 1000);
	return err_set(err, RC_LIMIT, "must lie between %lld and %lld", (long long)spec->lo,
		       (long long)spec->hi);
}

static enum rc parse_number(const struct param_spec *spec, struct slice s, int64_t *ret,
			    struct err *err)
{
	enum rc rc;
	int64_t v;

	if (spec->type == PARAM_TIME)
		rc = param_parse_time(s, time_unit(spec->def), &v);
	else if (spec->type == PARAM_SIZE)
		rc = param_parse_size(s, &v);
	else
		rc = num_i64(s, INT64_MIN, INT64_MAX, &v);
	if (rc == RC_LIMIT)
		return err_set(err, RC_LIMIT, "number too large");
	if (rc != RC_OK)
		return err_set(err, RC_SYNTAX, "not a %s", param_type_name(spec->type));
	rc = check_range(spec, v, err);
	if (rc == RC_OK)
		*ret = v;
	return rc;
}

static enum rc parse_text(const struct param_spec *spec, struct slice s, struct arena *arena,
			  const char **ret, struct err *err)
{
	const char *copy;

	if (s.n == 0 && spec->lo > 0)
		return err_set(err, RC_LIMIT, "must not be empty");
	if (spec->hi > 0 && (s.n < (size_t)spec->lo || s.n > (size_t)spec->hi))
		return err_set(err, RC_LIMIT, "must have %lld to %lld bytes", (long long)spec->lo,
			       (long long)spec->hi);
	copy = arena_str(arena, s);
	if (copy == NULL)
		return err_set(err, RC_LIMIT, "too much text in the configuration");
	*ret = copy;
	return RC_OK;
}

/* Write the value at MEMBER; untouched on failure. */
static enum rc store(const struct param_spec *spec, struct slice s, struct arena *arena,
		     void *member, struct err *err)
{
	struct str_list list;
	enum rc rc;

	switch (spec->type) {
	case PARAM_STR:
	case PARAM_RAW:
		return parse_text(spec, s, arena, member, err);
	case PARAM_INT:
	case PARAM_TIME:
	case PARAM_SIZE:
		return parse_number(spec, s, member, err);
	case PARAM_BOOL:
		rc = param_parse_bool(s, member);
		return rc == RC_OK ? rc : err_set(err, rc, "must be yes or no");
	case PARAM_LIST:
		rc = param_split_list(s, arena, &list);
		break;
	default:
		rc = param_split_match(s, arena, &list, err);
		break;
	}
	if (rc == RC_OK)
		*(struct str_list *)member = list;
	else if (rc == RC_LIMIT)
		return err_set(err, RC_LIMIT, "list too long");
	return rc;
}

/* Expand TEXT and store it. VALUE is left for the caller's message. */
static enum rc load_text(const struct param_spec *spec, const struct conf *c, struct slice text,
			 struct arena *arena, void *member, struct buf *value, struct err *err)
{
	enum rc rc = RC_OK;

	buf_reset(value);
	if (spec->type == PARAM_RAW)
		buf_add(value, text);
	else
		rc = conf_expand(c, text, value, err);
	if (rc != RC_OK)
		return rc;
	return store(spec, slice_trim_space(buf_slice(value)), arena, member, err);
}

static void report(const struct param_spec *spec, const struct conf *c, struct slice value,
		   const struct err *err, struct faults *faults)
{
	const struct conf_entry *e = conf_entry(c, slice_str(spec->name));
	char remedy[160];

	snprintf(remedy, sizeof(remedy), "the default is: %s = %.80s", spec->name, spec->def);
	faults_add(faults, true, e != NULL ? e->file : NULL, e != NULL ? e->line : 0, remedy,
		   "bad value of %s%s: \"%.*s\": %s", spec->name,
		   e == NULL ? " (default)" : e->is_override ? " (set by -o)" : "",
		   value.n > 100 ? 100 : (int)value.n, value.n > 0 ? value.p : "", err->text);
}

static void load_one(const struct param_spec *spec, const struct conf *c, struct arena *arena,
		     void *member, struct faults *faults)
{
	struct slice text;
	struct err err = { 0 };
	struct buf value;

	buf_init(&value, PARAM_VALUE_MAX);
	/* A spec made at run time is in no registry. */
	if (!conf_lookup(c, slice_str(spec->name), &text))
		text = slice_str(spec->def);
	if (load_text(spec, c, text, arena, member, &value, &err) != RC_OK) {
		struct err ignored = { 0 };

		report(spec, c, buf_len(&value) > 0 ? buf_slice(&value) : text, &err, faults);
		/* The start will fail; a sane value lets the checks that follow go on. */
		if (load_text(spec, c, slice_str(spec->def), arena, member, &value,
			      &ignored) != RC_OK && spec->type <= PARAM_RAW)
			*(const char **)member = "";
	}
	buf_done(&value);
}

void params_load(const struct param_spec *specs, size_t n, const struct conf *c,
		 struct arena *arena, void *out, struct faults *faults)
{
	for (size_t i = 0; i < n; i++)
		load_one(&specs[i], c, arena, (char *)out + specs[i].offset, faults);
}

void param_check(const struct param_spec *spec, const struct conf *c, struct faults *faults)
{
	union {
		const char *text;
		int64_t number;
		bool truth;
		struct str_list list;
	} value;
	struct arena arena;

	arena_init(&arena, 2UL * MATCH_FILE_MAX);
	memset(&value, 0, sizeof(value));
	load_one(spec, c, &arena, &value, faults);
	arena_done(&arena);
}
