/* lib/table/type_regexp.c - regexp: - POSIX regular expressions. */
/* SPDX-License-Identifier: ISC */
#include <regex.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/pattern.h"

static enum rc parse_flags(struct slice flags, int *ret, struct err *err)
{
	*ret = REG_EXTENDED | REG_ICASE;
	for (size_t i = 0; i < flags.n; i++) {
		switch (flags.p[i]) {
		case 'i': *ret ^= REG_ICASE; break;
		case 'm': *ret ^= REG_NEWLINE; break;
		case 'x': *ret ^= REG_EXTENDED; break;
		default:
			return err_set(err, RC_SYNTAX, "unknown regexp option \"%c\"", flags.p[i]);
		}
	}
	return RC_OK;
}

static enum rc compile_regexp(struct slice *line, void **ret, unsigned *ret_groups,
			      struct err *err)
{
	struct slice pattern, flags;
	char *text, why[200];
	int cflags, code;
	regex_t *re;
	enum rc rc = pattern_cut_delimited(line, &pattern, &flags, err);

	if (rc == RC_OK)
		rc = parse_flags(flags, &cflags, err);
	if (rc != RC_OK)
		return rc;
	re = mem_new(1, sizeof(*re));
	text = mem_dup(pattern.p, pattern.n);
	code = regcomp(re, text, cflags);
	free(text);
	if (code != 0) {
		regerror(code, re, why, sizeof(why));
		free(re);
		return err_set(err, RC_SYNTAX, "bad pattern: %s", why);
	}
	*ret = re;
	*ret_groups = (unsigned)re->re_nsub;
	return RC_OK;
}

static enum rc match_regexp(void *pattern, struct slice key, struct pattern_groups *groups,
			    struct err *err)
{
	regmatch_t m[PATTERN_GROUPS_MAX];
	const regex_t *re = pattern;
	size_t n = re->re_nsub + 1 < PATTERN_GROUPS_MAX ? re->re_nsub + 1 : PATTERN_GROUPS_MAX;
	int code;

	m[0].rm_so = 0;
	m[0].rm_eo = (regoff_t)key.n;
	code = regexec(re, key.p, n, m, REG_STARTEND);
	if (code == REG_NOMATCH)
		return RC_END;
	if (code != 0)
		return err_set(err, RC_TEMP, "matching needs too much memory");
	for (size_t i = 0; i < n; i++)
		groups->v[i] = m[i].rm_so < 0 ? (struct slice){ NULL, 0 }
			     : slice_sub(key, (size_t)m[i].rm_so, (size_t)(m[i].rm_eo - m[i].rm_so));
	groups->n = n;
	return RC_OK;
}

static void free_regexp(void *pattern)
{
	regfree(pattern);
	free(pattern);
}

static enum rc open_regexp(struct table *t, const char *name, struct err *err)
{
	static const struct pattern_ops ops = {
		.compile = compile_regexp, .match = match_regexp, .free = free_regexp,
		.needs_nul = true,
	};

	return pattern_open(t, name, &ops, err);
}

const struct table_type table_type_regexp = {
	.name = "regexp", .is_pattern = true, .open = open_regexp, .lookup = pattern_lookup,
	.close = pattern_close,
};
