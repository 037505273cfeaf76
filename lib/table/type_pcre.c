/* lib/table/type_pcre.c - pcre: - Perl's regular expressions, by PCRE2. */
/* SPDX-License-Identifier: ISC */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/pattern.h"

/* A pattern that backtracks more than this fails for the moment instead of holding up a loop. */
enum { MATCH_STEPS_MAX = 1000000 };

struct pcre {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static const struct { char letter; uint32_t option; } options[] = {
	{ 'i', PCRE2_CASELESS }, { 'm', PCRE2_MULTILINE }, { 's', PCRE2_DOTALL },
	{ 'x', PCRE2_EXTENDED }, { 'A', PCRE2_ANCHORED }, { 'E', PCRE2_DOLLAR_ENDONLY },
	{ 'U', PCRE2_UNGREEDY },
};

static enum rc parse_flags(struct slice flags, uint32_t *ret, struct err *err)
{
	size_t j;

	*ret = PCRE2_CASELESS | PCRE2_DOTALL;
	for (size_t i = 0; i < flags.n; i++) {
		for (j = 0; j < sizeof(options) / sizeof(options[0]); j++)
			if (options[j].letter == flags.p[i])
				break;
		if (j < sizeof(options) / sizeof(options[0]))
			*ret ^= options[j].option;
		else if (flags.p[i] != 'X') /* a flag of the library before PCRE2 */
			return err_set(err, RC_SYNTAX, "unknown pcre option \"%c\"", flags.p[i]);
	}
	return RC_OK;
}

static void free_pcre(void *pattern)
{
	struct pcre *p = pattern;

	pcre2_match_context_free(p->context);
	pcre2_match_data_free(p->data);
	pcre2_code_free(p->code);
	free(p);
}

/* As UTF-8 when the pattern is that, so that "." is a character; keys may be anything. */
static pcre2_code *compile_text(struct slice pattern, uint32_t flags, int *ret_code)
{
	PCRE2_SIZE at;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
					 flags | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, ret_code,
					 &at, NULL);

	/* UTF-8 errors are the negative codes. */
	if (code == NULL && *ret_code < 0)
		code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, flags, ret_code, &at, NULL);
	return code;
}

static enum rc compile_pcre(struct slice *line, void **ret, unsigned *ret_groups,
			    struct err *err)
{
	struct slice pattern, flags;
	uint32_t bits, groups = 0;
	unsigned char why[200];
	struct pcre *p;
	pcre2_code *code;
	int number;
	enum rc rc = pattern_cut_delimited(line, &pattern, &flags, err);

	if (rc == RC_OK)
		rc = parse_flags(flags, &bits, err);
	if (rc != RC_OK)
		return rc;
	code = compile_text(pattern, bits, &number);
	if (code == NULL) {
		pcre2_get_error_message(number, why, sizeof(why));
		return err_set(err, RC_SYNTAX, "bad pattern: %s", (char *)why);
	}
	p = mem_new(1, sizeof(*p));
	p->code = code;
	p->data = pcre2_match_data_create_from_pattern(code, NULL);
	p->context = pcre2_match_context_create(NULL);
	if (p->data == NULL || p->context == NULL) {
		free_pcre(p);
		return err_set(err, RC_TEMP, "out of memory");
	}
	pcre2_set_match_limit(p->context, MATCH_STEPS_MAX);
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	*ret = p;
	*ret_groups = groups;
	return RC_OK;
}

static enum rc match_pcre(void *pattern, struct slice key, struct pattern_groups *groups,
			  struct err *err)
{
	const struct pcre *p = pattern;
	const PCRE2_SIZE *ends;
	int n = pcre2_match(p->code, (PCRE2_SPTR)key.p, key.n, 0, 0, p->data, p->context);

	if (n == PCRE2_ERROR_NOMATCH)
		return RC_END;
	if (n < 0)
		return err_set(err, RC_TEMP,
			       "matching was given up: the pattern needs too much work");
	ends = pcre2_get_ovector_pointer(p->data);
	groups->n = n < PATTERN_GROUPS_MAX ? (size_t)n : PATTERN_GROUPS_MAX;
	for (size_t i = 0; i < groups->n; i++)
		groups->v[i] = ends[2 * i] == PCRE2_UNSET ? (struct slice){ NULL, 0 }
			     : slice_sub(key, ends[2 * i], ends[2 * i + 1] - ends[2 * i]);
	return RC_OK;
}

static enum rc open_pcre(struct table *t, const char *name, struct err *err)
{
	static const struct pattern_ops ops = {
		.compile = compile_pcre, .match = match_pcre, .free = free_pcre,
	};

	return pattern_open(t, name, &ops, err);
}

const struct table_type table_type_pcre = {
	.name = "pcre", .is_pattern = true, .open = open_pcre, .lookup = pattern_lookup,
	.close = pattern_close,
};
