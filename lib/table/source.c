/* lib/table/source.c - cutting source lines into key and value. */
/* SPDX-License-Identifier: ISC */
#include "lib/table/source.h"

void source_init(struct source *s, struct slice text, bool is_alias)
{
	logical_init(&s->lines, text);
	s->is_alias = is_alias;
	buf_init(&s->key, LOGICAL_MAX);
	buf_init(&s->value, LOGICAL_MAX + LOGICAL_MAX / 2);
}

void source_done(struct source *s)
{
	logical_done(&s->lines);
	buf_done(&s->key);
	buf_done(&s->value);
}

/* The key ends at the first blank outside quotes; quotes and backslashes stay part of it. */
static enum rc cut_map_entry(struct slice line, struct slice *ret_key, struct slice *ret_value,
			     struct err *err)
{
	bool in_quotes = false;
	size_t i;

	for (i = 0; i < line.n && (in_quotes || !char_is_space(line.p[i])); i++) {
		if (line.p[i] == '"')
			in_quotes = !in_quotes;
		else if (in_quotes && line.p[i] == '\\' && i + 1 < line.n)
			i++;
	}
	if (in_quotes)
		return err_set(err, RC_SYNTAX, "unbalanced '\"' in '%.*s' -- ignoring this line",
			       line.n > 100 ? 100 : (int)line.n, line.p);
	*ret_key = slice_sub(line, 0, i);
	*ret_value = slice_trim_space(slice_skip(line, i));
	if (ret_value->n == 0)
		return err_set(err, RC_SYNTAX, "expected format: key whitespace value");
	return RC_OK;
}

/* Bytes that stand for themselves in a mail address; all else but quotes, comments and literals
 * is part of an atom. */
static bool is_special(char c)
{
	return c != '\0' && strchr("<>,;:@.", c) != NULL;
}

/* One token of an alias line: 'a' atom, '"' quoted, '(' comment, '[' literal, else a special. */
struct token {
	char kind;
	struct slice text;	/* of quotes, comments, literals: with their delimiters */
	bool after_space;
};

static size_t quoted_end(struct slice s, char open, char close)
{
	unsigned level = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == close && (open == close ? i > 0 : --level == 0))
			return i + 1;
		else if (s.p[i] == open)
			level++;
	}
	return s.n;
}

static bool next_token(struct slice *s, struct token *out)
{
	size_t n = s->n, i;

	*s = slice_trim_space(*s);
	if (s->n == 0)
		return false;
	*out = (struct token){ .kind = s->p[0], .after_space = s->n < n };
	if (s->p[0] == '"') {
		i = quoted_end(*s, '"', '"');
	} else if (s->p[0] == '(') {
		i = quoted_end(*s, '(', ')');
	} else if (s->p[0] == '[') {
		i = quoted_end(*s, '[', ']');
	} else if (is_special(s->p[0])) {
		i = 1;
	} else {
		out->kind = 'a';
		for (i = 0; i < s->n && !is_special(s->p[i]) && !char_is_space(s->p[i]) &&
			    strchr("\"([", s->p[i]) == NULL; i++)
			if (s->p[i] == '\\' && i + 1 < s->n)
				i++;
	}
	out->text = slice_sub(*s, 0, i);
	*s = slice_skip(*s, i);
	return true;
}

/* Text without its backslashes. */
static void add_plain(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		buf_addc(out, s.p[i]);
	}
}

/* A quoted string without its quotes; the closing one may be missing. */
static struct slice inside(struct slice quoted)
{
	quoted = slice_skip(quoted, 1);
	if (quoted.n > 0 && quoted.p[quoted.n - 1] == '"')
		quoted.n--;
	return quoted;
}

/* TEXT unescaped, then in quotes with what must be escaped there. */
static void add_quoted(struct buf *out, struct slice text)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\' && i + 1 < text.n)
			i++;
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, text.p[i]);
	}
	buf_addc(out, '"');
}

/* An atom that was only one thanks to backslashes must be quoted without them. */
static void add_atom(struct buf *out, struct slice text)
{
	for (size_t i = 0; i + 1 < text.n; i++) {
		if (text.p[i] != '\\')
			continue;
		i++;
		if (is_special(text.p[i]) || char_is_space(text.p[i]) ||
		    strchr("\"([\\", text.p[i]) != NULL) {
			add_quoted(out, text);
			return;
		}
	}
	add_plain(out, text);
}

static bool is_word(char kind)
{
	return kind == 'a' || kind == '"' || kind == '(' || kind == '[';
}

/* The name before the first ':' outside quotes, unquoted. */
static enum rc cut_alias_name(struct source *s, struct slice *line, struct err *err)
{
	struct token k = { 0 };
	char last = '\0';
	bool has_at = false;
	unsigned words = 0;

	buf_reset(&s->key);
	while (next_token(line, &k) && k.kind != ':') {
		if (k.kind == ',')
			return err_set(err, RC_SYNTAX, "need name:value pair");
		has_at |= k.kind == '@';
		if (is_word(k.kind) && is_word(last))
			buf_addc(&s->key, ' ');
		add_plain(&s->key, k.kind == '"' ? inside(k.text) : k.text);
		last = k.kind;
		words++;
		k.kind = '\0';
	}
	if (words == 0 || k.kind != ':')
		return err_set(err, RC_SYNTAX, "need name:value pair");
	if (has_at)
		return err_set(err, RC_SYNTAX, "name must be local");
	return RC_OK;
}

/* The right-hand side with canonical white space: one blank between words, ", " after items. */
static void write_alias_value(struct source *s, struct slice rest)
{
	struct token k;
	char last = '\0';

	buf_reset(&s->value);
	while (next_token(&rest, &k)) {
		if ((is_word(k.kind) || k.kind == '<') && is_word(last))
			buf_addc(&s->value, ' ');
		if (last == ',')
			buf_addc(&s->value, ' ');
		if (k.kind == 'a')
			add_atom(&s->value, k.text);
		else if (k.kind == '"')
			add_quoted(&s->value, inside(k.text));
		else
			buf_add(&s->value, k.text);
		last = k.kind;
	}
}

static enum rc cut_alias_entry(struct source *s, struct slice line, struct slice *ret_key,
			       struct slice *ret_value, struct err *err)
{
	enum rc rc = cut_alias_name(s, &line, err);

	if (rc != RC_OK)
		return rc;
	write_alias_value(s, line);
	if (buf_len(&s->value) == 0)
		return err_set(err, RC_SYNTAX, "need name:value pair");
	if (buf_is_over(&s->key) || buf_is_over(&s->value))
		return err_set(err, RC_SYNTAX, "entry too long");
	*ret_key = buf_slice(&s->key);
	*ret_value = buf_slice(&s->value);
	return RC_OK;
}

enum rc source_next(struct source *s, struct slice *ret_key, struct slice *ret_value,
		    unsigned *ret_line, struct err *err)
{
	struct slice line;

	if (!logical_next(&s->lines))
		return RC_END;
	line = buf_slice(&s->lines.text);
	*ret_line = s->lines.first_line;
	if (buf_is_over(&s->lines.text))
		return err_set(err, RC_SYNTAX, "entry too long");
	if (s->lines.has_nul)
		return err_set(err, RC_SYNTAX, "the line contains a NUL byte");
	if (s->lines.starts_blank)
		return err_set(err, RC_SYNTAX,
			       "logical line must not start with whitespace: \"%.*s\"",
			       line.n > 60 ? 60 : (int)line.n, line.p);
	if (s->is_alias)
		return cut_alias_entry(s, line, ret_key, ret_value, err);
	return cut_map_entry(line, ret_key, ret_value, err);
}
