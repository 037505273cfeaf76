/* lib/conf/macro.c - one walker for both uses: expanding, and listing the names referred to.
 *
 * A reference is cut out by counting its own kind of brackets, so everything inside works on a
 * slice with a known end. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/macro.h"

#include "lib/base/num.h"

struct walk {
	const struct macro_source *src;	/* NULL: only names are wanted */
	void (*seen)(void *ctx, struct slice name);
	void *seen_ctx;
	unsigned depth;
	unsigned steps;
	struct err *err;
};

/* The two texts of a condition; a missing branch is empty. */
struct branches {
	struct slice yes, no;
	bool has_yes, has_no;
};

static enum rc walk_text(struct walk *w, struct slice text, struct buf *out);

static bool is_name_char(char c)
{
	return char_is_alnum(c) || c == '_';
}

static struct slice skip_space(struct slice s)
{
	while (s.n > 0 && char_is_space(s.p[0]))
		s = slice_skip(s, 1);
	return s;
}

static enum rc fault_at(struct walk *w, struct slice rest, const char *what)
{
	return err_set(w->err, RC_SYNTAX, "%s at \"%.*s\"", what,
		       rest.n > 40 ? 40 : (int)rest.n, rest.n > 0 ? rest.p : "");
}

/* *S starts with OPEN; cut the balanced group off it, *RET is what stands inside. */
static bool cut_group(struct slice *s, char open, char close, struct slice *ret)
{
	unsigned level = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->p[i] == open)
			level++;
		else if (s->p[i] == close && --level == 0) {
			*ret = slice_sub(*s, 1, i - 1);
			*s = slice_skip(*s, i + 1);
			return true;
		}
	}
	return false;
}

/* One branch after '?' or ':': a {group}, or everything that is left. */
static enum rc cut_branch(struct walk *w, struct slice *s, struct slice *ret)
{
	*s = skip_space(*s);
	if (s->n > 0 && s->p[0] == '{') {
		if (!cut_group(s, '{', '}', ret))
			return fault_at(w, *s, "unbalanced {}");
		*s = skip_space(*s);
		return RC_OK;
	}
	*ret = *s;
	*s = slice_skip(*s, s->n);
	return RC_OK;
}

/* S is empty or starts with '?' or ':'. */
static enum rc parse_branches(struct walk *w, struct slice s, struct branches *out)
{
	enum rc rc;

	*out = (struct branches){ 0 };
	if (s.n > 0 && s.p[0] == '?') {
		s = slice_skip(s, 1);
		out->has_yes = true;
		rc = cut_branch(w, &s, &out->yes);
		if (rc != RC_OK)
			return rc;
		if (s.n > 0 && s.p[0] != ':')
			return fault_at(w, s, "\":\" expected");
	}
	if (s.n > 0) {
		s = slice_skip(s, 1);
		out->has_no = true;
		rc = cut_branch(w, &s, &out->no);
		if (rc != RC_OK)
			return rc;
		if (s.n > 0)
			return fault_at(w, s, "unexpected text");
	}
	return RC_OK;
}

enum rc macro_parse_level(struct slice s, uint64_t *ret)
{
	struct slice part;
	uint64_t n, level = 0;
	int parts = 0;

	while (slice_split(&s, '.', &part)) {
		enum rc rc = num_u64(part, 0xfffff, &n);

		if (rc != RC_OK)
			return RC_SYNTAX;
		if (++parts > 3)
			return RC_SYNTAX;
		level = level << 20 | n;
	}
	if (parts == 0)
		return RC_SYNTAX;
	for (; parts < 3; parts++)
		level <<= 20;
	*ret = level;
	return RC_OK;
}

static bool all_digits(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* Numbers of any length: leading zeros aside, the longer is larger. */
static int cmp_values(struct slice a, struct slice b)
{
	if (!all_digits(a) || !all_digits(b))
		return slice_cmp(a, b);
	while (a.n > 0 && a.p[0] == '0')
		a = slice_skip(a, 1);
	while (b.n > 0 && b.p[0] == '0')
		b = slice_skip(b, 1);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return slice_cmp(a, b);
}

static enum rc cmp_levels(struct walk *w, struct slice a, struct slice b, int *ret)
{
	uint64_t x, y;

	if (macro_parse_level(a, &x) != RC_OK)
		return fault_at(w, a, "malformed compatibility level");
	if (macro_parse_level(b, &y) != RC_OK)
		return fault_at(w, b, "malformed compatibility level");
	*ret = x < y ? -1 : x > y;
	return RC_OK;
}

/* Which signs of a comparison make each operator true. */
static const struct operator {
	struct slice text;
	bool less, equal, more;
} operators[] = {
	{ { "==", 2 }, false, true, false },
	{ { "!=", 2 }, true, false, true },
	{ { "<=", 2 }, true, true, false },
	{ { ">=", 2 }, false, true, true },
	{ { "<", 1 }, true, false, false },
	{ { ">", 1 }, false, false, true },
};

static const struct operator *cut_operator(struct slice *s)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (slice_starts(*s, operators[i].text)) {
			*s = slice_skip(*s, operators[i].text.n);
			return &operators[i];
		}
	}
	return NULL;
}

static enum rc eval_comparison(struct walk *w, const struct slice side[2],
			       const struct operator *op, bool is_level, bool *ret)
{
	struct buf value[2];
	enum rc rc = RC_OK;
	int cmp = 0;

	for (int i = 0; i < 2; i++)
		buf_init(&value[i], 1 << 16);
	for (int i = 0; i < 2 && rc == RC_OK; i++)
		rc = walk_text(w, side[i], &value[i]);
	if (rc == RC_OK && is_level)
		rc = cmp_levels(w, buf_slice(&value[0]), buf_slice(&value[1]), &cmp);
	else
		cmp = cmp_values(buf_slice(&value[0]), buf_slice(&value[1]));
	if (rc == RC_OK)
		*ret = cmp < 0 ? op->less : cmp > 0 ? op->more : op->equal;
	for (int i = 0; i < 2; i++)
		buf_done(&value[i]);
	return rc;
}

/* "{a} op {b}" at the start of *S. *RET is meaningless when only names are wanted. */
static enum rc walk_comparison(struct walk *w, struct slice *s, bool *ret)
{
	struct slice side[2];
	const struct operator *op;
	bool is_level;

	if (!cut_group(s, '{', '}', &side[0]))
		return fault_at(w, *s, "unbalanced {}");
	*s = skip_space(*s);
	op = cut_operator(s);
	if (op == NULL)
		return fault_at(w, *s, "one of == != < <= > >= expected");
	is_level = slice_starts(*s, SLICE_LIT("level"));
	if (is_level)
		*s = slice_skip(*s, 5);
	*s = skip_space(*s);
	if (s->n == 0 || s->p[0] != '{' || !cut_group(s, '{', '}', &side[1]))
		return fault_at(w, *s, "{value} expected");
	*s = skip_space(*s);
	if (s->n > 0 && s->p[0] != '?' && s->p[0] != ':')
		return fault_at(w, *s, "\"?\" or \":\" expected");
	if (w->src != NULL)
		return eval_comparison(w, side, op, is_level, ret);
	for (int i = 0; i < 2; i++) {
		enum rc rc = walk_text(w, side[i], NULL);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc walk_branches(struct walk *w, const struct branches *b, bool is_true,
			     struct buf *out)
{
	enum rc rc;

	if (w->src != NULL)
		return walk_text(w, is_true ? b->yes : b->no, out);
	rc = walk_text(w, b->yes, NULL);
	return rc != RC_OK ? rc : walk_text(w, b->no, NULL);
}

static void add_value(struct walk *w, struct slice value, struct buf *out)
{
	const char *filter = w->src->filter;

	if (filter == NULL) {
		buf_add(out, value);
		return;
	}
	for (size_t i = 0; i < value.n; i++)
		buf_addc(out, value.p[i] != '\0' && strchr(filter, value.p[i]) != NULL
				      ? value.p[i] : '_');
}

static enum rc walk_name(struct walk *w, struct slice name, struct slice after, struct buf *out)
{
	struct slice value = { NULL, 0 };
	struct branches b;
	enum rc rc;

	if (w->src == NULL)
		w->seen(w->seen_ctx, name);
	else if (!w->src->lookup(w->src->ctx, name, &value))
		value = (struct slice){ NULL, 0 };
	if (after.n > 0) {
		rc = parse_branches(w, after, &b);
		return rc != RC_OK ? rc : walk_branches(w, &b, value.n > 0, out);
	}
	if (value.n == 0)
		return RC_OK;
	if (w->src->is_recursive)
		return walk_text(w, value, out);
	add_value(w, value, out);
	return RC_OK;
}

/* What stands between the brackets of a reference. */
static enum rc walk_reference(struct walk *w, struct slice body, struct buf *out)
{
	struct slice name;
	struct branches b;
	bool is_true = false;
	enum rc rc;

	body = slice_trim_space(body);
	if (body.n > 0 && body.p[0] == '{') {
		rc = walk_comparison(w, &body, &is_true);
		if (rc == RC_OK)
			rc = parse_branches(w, body, &b);
		if (rc != RC_OK)
			return rc;
		if (!b.has_yes && !b.has_no)
			b.yes = SLICE_LIT("true");
		return walk_branches(w, &b, is_true, out);
	}
	name = slice_take_while(&body, is_name_char);
	if (name.n == 0)
		return fault_at(w, body, "empty name in a reference");
	body = skip_space(body);
	if (body.n > 0 && body.p[0] != '?' && body.p[0] != ':')
		return fault_at(w, body, "bad byte in the name of a reference");
	return walk_name(w, name, body, out);
}

/* *S stands behind a '$'. */
static enum rc walk_dollar(struct walk *w, struct slice *s, struct buf *out)
{
	struct slice body, start = *s;
	char c = s->n > 0 ? s->p[0] : '\0';

	if (++w->steps > MACRO_STEPS_MAX)
		return err_set(w->err, RC_LIMIT, "more than %d references to expand",
			       MACRO_STEPS_MAX);
	if (c == '$') {
		*s = slice_skip(*s, 1);
		if (out != NULL)
			buf_addc(out, '$');
		return RC_OK;
	}
	if (c == '{' || c == '(') {
		if (!cut_group(s, c, c == '{' ? '}' : ')', &body))
			return fault_at(w, start, "reference without its closing bracket");
		return walk_reference(w, body, out);
	}
	body = slice_take_while(s, is_name_char);
	if (body.n == 0)
		return fault_at(w, start, "\"$\" without a name (write \"$$\" for a dollar)");
	return walk_name(w, body, (struct slice){ NULL, 0 }, out);
}

static enum rc walk_text(struct walk *w, struct slice text, struct buf *out)
{
	enum rc rc = RC_OK;

	if (w->depth >= MACRO_DEPTH_MAX)
		return err_set(w->err, RC_LIMIT, "references nested more than %d deep (a loop?)",
			       MACRO_DEPTH_MAX);
	w->depth++;
	while (text.n > 0 && rc == RC_OK) {
		ptrdiff_t dollar = slice_chr(text, '$');

		if (out != NULL)
			buf_add(out, dollar < 0 ? text : slice_sub(text, 0, (size_t)dollar));
		if (dollar < 0)
			break;
		text = slice_skip(text, (size_t)dollar + 1);
		rc = walk_dollar(w, &text, out);
		if (rc == RC_OK && out != NULL && buf_is_over(out))
			rc = err_set(w->err, RC_LIMIT, "value longer than %zu bytes", out->max);
	}
	w->depth--;
	return rc;
}

enum rc macro_expand(const struct macro_source *src, struct slice text, struct buf *out,
		     struct err *err)
{
	struct walk w = { .src = src, .err = err };
	enum rc rc = walk_text(&w, text, out);

	if (rc == RC_OK && buf_is_over(out))
		rc = err_set(err, RC_LIMIT, "value longer than %zu bytes", out->max);
	return rc;
}

void macro_names(struct slice text, void (*seen)(void *ctx, struct slice name), void *ctx)
{
	struct walk w = { .seen = seen, .seen_ctx = ctx };

	(void)(walk_text(&w, text, NULL) == RC_OK);
}
