/* lib/table/pattern.c - rules in order. */
/* SPDX-License-Identifier: ISC */
#include "lib/table/pattern.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/conf/logical.h"
#include "lib/conf/slurp.h"

enum rule_kind { RULE_MATCH, RULE_IF, RULE_ENDIF };

struct rule {
	enum rule_kind kind;
	bool negate;
	void *pattern;		/* NULL for endif */
	char *result;		/* as written, $n not yet replaced */
	bool has_dollar;
	size_t endif;		/* of an if: index of its endif */
	unsigned line;
};

enum { RULES_MAX = 10000000, IF_DEPTH_MAX = 100 };

struct pattern_table {
	const struct pattern_ops *ops;
	const char *file;	/* or the table's spec */
	struct rule *rules;
	size_t n, size;
	size_t open_ifs[IF_DEPTH_MAX];	/* while reading */
	size_t n_open_ifs;
};

enum rc pattern_cut_delimited(struct slice *line, struct slice *ret_pattern,
			      struct slice *ret_flags, struct err *err)
{
	char delim = line->n > 0 ? line->p[0] : '\0';
	size_t i;

	if (line->n == 0 || char_is_alnum(delim) || char_is_space(delim) || delim == '\\')
		return err_set(err, RC_SYNTAX, "no pattern: /pattern/flags expected");
	for (i = 1; i < line->n && line->p[i] != delim; i++)
		if (line->p[i] == '\\' && i + 1 < line->n)
			i++;
	if (i >= line->n)
		return err_set(err, RC_SYNTAX, "no closing \"%c\" behind the pattern", delim);
	*ret_pattern = slice_sub(*line, 1, i - 1);
	*line = slice_skip(*line, i + 1);
	for (i = 0; i < line->n && char_is_alpha(line->p[i]); i++)
		;
	*ret_flags = slice_sub(*line, 0, i);
	*line = slice_skip(*line, i);
	if (line->n > 0 && !char_is_space(line->p[0]))
		return err_set(err, RC_SYNTAX, "unknown flag \"%c\" behind the pattern",
			       line->p[0]);
	return RC_OK;
}

/* Group numbers in a result: called for each reference. S starts behind '$'; what belongs to the
 * reference is cut off. *RET_GROUP 0: "$$". */
static enum rc cut_group_ref(struct slice *s, uint32_t *ret_group, struct err *err)
{
	struct slice digits;
	char c = s->n > 0 ? s->p[0] : '\0';
	enum rc rc;

	*ret_group = 0;
	if (c == '$') {
		*s = slice_skip(*s, 1);
		return RC_OK;
	}
	if (c == '{' || c == '(') {
		ptrdiff_t end = slice_chr(*s, c == '{' ? '}' : ')');

		if (end < 0)
			return err_set(err, RC_SYNTAX, "\"$%c\" without its end in the result", c);
		digits = slice_sub(*s, 1, (size_t)end - 1);
		*s = slice_skip(*s, (size_t)end + 1);
	} else {
		digits = slice_take_while(s, char_is_digit);
	}
	rc = num_u32(digits, PATTERN_GROUPS_MAX - 1, ret_group);
	if (rc != RC_OK || *ret_group == 0)
		return err_set(err, RC_SYNTAX,
			       "\"$%.*s\" in the result: only $1 to $%d and $$ are known",
			       SLICE_ARG(digits), PATTERN_GROUPS_MAX - 1);
	return RC_OK;
}

static enum rc check_result(const struct rule *rule, unsigned groups, struct err *err)
{
	struct slice s = slice_str(rule->result);
	ptrdiff_t dollar;
	uint32_t group;

	while ((dollar = slice_chr(s, '$')) >= 0) {
		enum rc rc;

		s = slice_skip(s, (size_t)dollar + 1);
		rc = cut_group_ref(&s, &group, err);
		if (rc != RC_OK)
			return rc;
		if (group > 0 && rule->negate)
			return err_set(err, RC_SYNTAX, "\"$%u\" in the result of a negated pattern",
				       group);
		if (group > groups)
			return err_set(err, RC_SYNTAX, "\"$%u\" in the result, but the pattern has "
				       "%u groups", group, groups);
	}
	return RC_OK;
}

/* RULE's pattern is compiled. Its result or its place in the nesting is dealt with here. */
static enum rc finish_rule(struct pattern_table *p, struct rule *rule, struct slice rest,
			   unsigned groups, struct err *err)
{
	rest = slice_trim_space(rest);
	if (rule->kind == RULE_MATCH) {
		if (rest.n == 0)
			return err_set(err, RC_SYNTAX, "no result behind the pattern");
		rule->result = mem_dup(rest.p, rest.n);
		rule->has_dollar = slice_chr(rest, '$') >= 0;
		return check_result(rule, groups, err);
	}
	if (rest.n > 0)
		return err_set(err, RC_SYNTAX, "text behind the pattern of \"if\"");
	if (p->n_open_ifs == IF_DEPTH_MAX)
		return err_set(err, RC_LIMIT, "\"if\" nested more than %d deep", IF_DEPTH_MAX);
	p->open_ifs[p->n_open_ifs++] = p->n;
	return RC_OK;
}

/* "if" and "endif" must stand alone; "/if/" or "iffy" are something else. */
static bool cut_word(struct slice *line, const char *word)
{
	size_t n = strlen(word);

	if (!slice_istarts(*line, slice_str(word)) || (line->n > n && char_is_alnum(line->p[n])))
		return false;
	*line = slice_trim_space(slice_skip(*line, n));
	return true;
}

static enum rc parse_endif(struct pattern_table *p, struct slice rest, struct err *err)
{
	if (rest.n > 0)
		return err_set(err, RC_SYNTAX, "text behind \"endif\"");
	if (p->n_open_ifs == 0)
		return err_set(err, RC_SYNTAX, "\"endif\" without \"if\"");
	p->rules[p->open_ifs[--p->n_open_ifs]].endif = p->n;
	return RC_OK;
}

static enum rc parse_rule(struct pattern_table *p, struct slice line, struct rule *rule,
			  struct err *err)
{
	unsigned groups = 0;
	enum rc rc;

	if (cut_word(&line, "endif")) {
		rule->kind = RULE_ENDIF;
		return parse_endif(p, line, err);
	}
	if (cut_word(&line, "if"))
		rule->kind = RULE_IF;
	if (line.n > 0 && line.p[0] == '!') {
		rule->negate = true;
		line = slice_trim_space(slice_skip(line, 1));
	}
	rc = p->ops->compile(&line, &rule->pattern, &groups, err);
	return rc != RC_OK ? rc : finish_rule(p, rule, line, groups, err);
}

static enum rc add_rule(struct pattern_table *p, struct slice line, unsigned number,
			struct err *err)
{
	enum rc rc;

	if (p->n == p->size) {
		if (p->n >= RULES_MAX)
			return err_set(err, RC_LIMIT, "more than %d rules", RULES_MAX);
		p->size = p->size > 0 ? p->size * 2 : 16;
		p->rules = mem_grow(p->rules, p->size, sizeof(*p->rules));
	}
	p->rules[p->n] = (struct rule){ .line = number };
	rc = parse_rule(p, line, &p->rules[p->n], err);
	p->n++;
	if (rc != RC_OK)
		err_context(err, "%s, line %u", p->file, number);
	return rc;
}

static enum rc read_text(struct pattern_table *p, struct slice text, struct err *err)
{
	struct logical l;
	enum rc rc = RC_OK;

	logical_init(&l, text);
	while (rc == RC_OK && logical_next(&l)) {
		if (l.has_nul || l.starts_blank || buf_is_over(&l.text))
			rc = err_set(err, RC_SYNTAX, "%s, line %u: %s", p->file, l.first_line,
				     l.has_nul ? "the line contains a NUL byte"
				     : l.starts_blank ? "the first line starts with a blank"
						      : "the line is too long");
		else
			rc = add_rule(p, buf_slice(&l.text), l.first_line, err);
	}
	logical_done(&l);
	return rc;
}

/* {rule} {rule}: each one is a line. */
static enum rc read_inline(struct pattern_table *p, struct slice text, struct err *err)
{
	struct slice word;
	unsigned number = 0;
	enum rc rc = RC_OK;

	while (rc == RC_OK && param_next_word(&text, &word)) {
		number++;
		if (word.n < 2 || word.p[0] != '{' || word.p[word.n - 1] != '}')
			return err_set(err, RC_SYNTAX, "%.100s: write %s", p->file,
				       "{ {rule}, {rule} }");
		rc = add_rule(p, slice_trim_space(slice_sub(word, 1, word.n - 2)), number, err);
	}
	return rc;
}

static enum rc read_file(struct table *t, const char *path, struct err *err)
{
	struct stat st;
	struct buf text;
	enum rc rc;

	buf_init(&text, SLURP_MAX);
	rc = slurp_file(path, &text, &st, err);
	if (rc == RC_OK) {
		table_watch(t, path, &st);
		rc = read_text(t->state, buf_slice(&text), err);
	}
	buf_done(&text);
	return rc;
}

enum rc pattern_open(struct table *t, const char *name, const struct pattern_ops *ops,
		     struct err *err)
{
	struct pattern_table *p = mem_new(1, sizeof(*p));
	struct slice text;
	enum rc rc;

	t->state = p;
	p->ops = ops;
	if (table_inside_braces(name, &text)) {
		p->file = t->spec;
		rc = read_inline(p, text, err);
	} else {
		p->file = name;
		rc = read_file(t, name, err);
	}
	if (rc == RC_OK && p->n_open_ifs > 0)
		rc = err_set(err, RC_SYNTAX, "%s, line %u: \"if\" without \"endif\"", p->file,
			     p->rules[p->open_ifs[p->n_open_ifs - 1]].line);
	p->file = NULL;
	return rc;
}

void pattern_close(struct table *t)
{
	struct pattern_table *p = t->state;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++) {
		if (p->rules[i].pattern != NULL)
			p->ops->free(p->rules[i].pattern);
		free(p->rules[i].result);
	}
	free(p->rules);
	free(p);
}

static enum rc give_result(struct table *t, const struct rule *rule,
			   const struct pattern_groups *groups, struct slice *ret,
			   struct err *err)
{
	struct slice s = slice_str(rule->result);
	ptrdiff_t dollar;
	uint32_t group;

	if (!rule->has_dollar) {
		*ret = s;
		return RC_OK;
	}
	buf_reset(&t->result);
	while ((dollar = slice_chr(s, '$')) >= 0) {
		enum rc rc;

		buf_add(&t->result, slice_sub(s, 0, (size_t)dollar));
		s = slice_skip(s, (size_t)dollar + 1);
		rc = cut_group_ref(&s, &group, err);
		if (rc != RC_OK)
			return rc;
		if (group == 0)
			buf_addc(&t->result, '$');
		else if (group < groups->n)
			buf_add(&t->result, groups->v[group]);
	}
	buf_add(&t->result, s);
	if (buf_is_over(&t->result))
		return err_set(err, RC_TEMP, "result longer than %d bytes", TABLE_VALUE_MAX);
	*ret = buf_slice(&t->result);
	return RC_OK;
}

enum rc pattern_lookup(struct table *t, struct table_memo *m, struct slice key,
		       struct slice *ret, struct err *err)
{
	const struct pattern_table *p = t->state;
	struct pattern_groups groups;

	(void)m;
	if (p->ops->accepts != NULL && !p->ops->accepts(key))
		return RC_END;
	if (p->ops->needs_nul) {
		buf_reset(&t->folded);
		buf_add(&t->folded, key);
		key = slice_make(buf_cstr(&t->folded), key.n);
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct rule *rule = &p->rules[i];
		enum rc rc;

		if (rule->kind == RULE_ENDIF)
			continue;
		groups.n = 0;
		rc = p->ops->match(rule->pattern, key, &groups, err);
		if (rc != RC_OK && rc != RC_END) {
			err_context(err, "line %u", rule->line);
			return rc;
		}
		if ((rc == RC_OK) == rule->negate) {
			if (rule->kind == RULE_IF)
				i = rule->endif;
			continue;
		}
		if (rule->kind == RULE_MATCH)
			return give_result(t, rule, &groups, ret, err);
	}
	return RC_END;
}
