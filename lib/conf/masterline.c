/* lib/conf/masterline.c - words of a master.cf line, and its -o options. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/masterline.h"

const char *const masterline_field_names[MASTERLINE_FIELDS] = {
	[MASTERLINE_SERVICE] = "service", [MASTERLINE_TYPE] = "type",
	[MASTERLINE_PRIVATE] = "private", [MASTERLINE_UNPRIVILEGED] = "unprivileged",
	[MASTERLINE_CHROOT] = "chroot", [MASTERLINE_WAKEUP] = "wakeup",
	[MASTERLINE_LIMIT] = "process_limit", [MASTERLINE_COMMAND] = "command",
};

/* Where the brace at the start of S is closed; S.n: nowhere. */
static size_t find_close(struct slice s)
{
	unsigned level = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '{')
			level++;
		else if (s.p[i] == '}' && --level == 0)
			break;
	}
	return i;
}

/* Words end at blanks only, outside braces, wherever those stand in the word; what is open at the end
 * of the line reaches to there. A comma is an ordinary byte here. */
static enum rc next_word(struct slice *s, struct slice *ret, struct err *err)
{
	unsigned level = 0;
	size_t i, close;

	*s = slice_trim_space(*s);
	if (s->n == 0)
		return RC_END;
	for (i = 0; i < s->n && (level > 0 || !char_is_space(s->p[i])); i++) {
		if (s->p[i] == '{')
			level++;
		else if (s->p[i] == '}' && level > 0)
			level--;
	}
	*ret = slice_sub(*s, 0, i);
	*s = slice_skip(*s, i);
	if (ret->p[0] != '{')
		return RC_OK;
	close = find_close(*ret);
	if (close == ret->n)
		return err_set(err, RC_SYNTAX, "\"{\" without its \"}\"");
	if (close + 1 < ret->n)
		return err_set(err, RC_SYNTAX, "text directly after \"}\"");
	return RC_OK;
}

static size_t count_words(struct slice s)
{
	struct slice word;
	size_t n = 0;

	while (next_word(&s, &word, NULL) == RC_OK)
		n++;
	return n;
}

enum rc masterline_parse(struct slice text, struct arena *arena, struct masterline *out,
			 struct err *err)
{
	struct slice word;
	enum rc rc = RC_OK;

	*out = (struct masterline){ 0 };
	for (size_t i = 0; i < MASTERLINE_FIELDS && rc == RC_OK; i++) {
		rc = next_word(&text, &word, err);
		if (rc == RC_END)
			return err_set(err, RC_SYNTAX, "missing \"%s\" field",
				       masterline_field_names[i]);
		if (rc == RC_OK && (out->field[i] = arena_str(arena, word)) == NULL)
			return err_set(err, RC_LIMIT, "too much text");
	}
	if (rc != RC_OK)
		return rc;
	out->args.v = arena_alloc(arena, (count_words(text) + 1) * sizeof(*out->args.v));
	if (out->args.v == NULL)
		return err_set(err, RC_LIMIT, "too much text");
	while ((rc = next_word(&text, &word, err)) == RC_OK) {
		const char *copy = arena_str(arena, word);

		if (copy == NULL)
			return err_set(err, RC_LIMIT, "too much text");
		out->args.v[out->args.n++] = copy;
	}
	return rc == RC_END ? RC_OK : rc;
}

static int bad_option(struct err *err, const char *word, const char *what)
{
	(void)(err_set(err, RC_SYNTAX, "-o %.60s: %s", word, what) == RC_OK);
	return -1;
}

int masterline_option(const struct masterline *l, size_t i, struct arena *arena, char **ret_name,
		      char **ret_value, struct err *err)
{
	struct slice s = slice_str(l->args.v[i]), name;
	ptrdiff_t eq;
	int words = 1;

	if (!slice_starts(s, SLICE_LIT("-o")))
		return 0;
	s = slice_skip(s, 2);
	if (s.n == 0) {
		if (++i >= l->args.n)
			return bad_option(err, "", "name=value is missing");
		s = slice_str(l->args.v[i]);
		words = 2;
	}
	if (s.p[0] == '{' && s.p[s.n - 1] == '}')
		s = slice_trim_space(slice_sub(s, 1, s.n - 2));
	eq = slice_chr(s, '=');
	name = slice_trim_space(slice_sub(s, 0, eq < 0 ? 0 : (size_t)eq));
	if (eq < 0)
		return bad_option(err, l->args.v[i], "missing \"=\"");
	if (name.n == 0)
		return bad_option(err, l->args.v[i], "missing name before \"=\"");
	for (size_t j = 0; j < name.n; j++)
		if (char_is_space(name.p[j]))
			return bad_option(err, l->args.v[i], "blank in the name before \"=\"");
	*ret_name = arena_str(arena, name);
	*ret_value = arena_str(arena, slice_trim_space(slice_skip(s, (size_t)eq + 1)));
	if (*ret_name == NULL || *ret_value == NULL)
		return bad_option(err, l->args.v[i], "too much text");
	return words;
}
