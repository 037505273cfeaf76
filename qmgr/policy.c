/* SPDX-License-Identifier: ISC */
#include "qmgr/policy.h"

#include <stdlib.h>

enum rc feedback_parse(struct slice s, struct feedback *out)
{
	static const struct {
		const char *name;
		enum feedback_kind kind;
	} kinds[] = { { "concurrency", FEEDBACK_LINEAR }, { "sqrt_concurrency", FEEDBACK_SQRT } };
	struct feedback f = { .kind = FEEDBACK_FIXED };
	struct slice number = slice_trim(s), rest = number;
	char text[32], *end;

	if (slice_chr(s, '/') >= 0) {
		size_t i = 0;

		(void)slice_split(&rest, '/', &number);
		rest = slice_trim(rest);
		while (i < 2 && !slice_is(rest, kinds[i].name))
			i++;
		if (i == 2)
			return RC_SYNTAX;
		f.kind = kinds[i].kind;
	}
	if (!slice_to_cstr(slice_trim(number), text, sizeof(text)) || text[0] == '\0')
		return RC_SYNTAX;
	for (const char *p = text; *p != '\0'; p++)
		if (!char_is_digit(*p) && *p != '.')
			return RC_SYNTAX;
	f.number = strtod(text, &end);
	if (*end != '\0')
		return RC_SYNTAX;
	if (f.number > 1)
		return RC_LIMIT;
	*out = f;
	return RC_OK;
}

/* Newton's method: enough for a window of a few hundred, and no libm for one call. */
static double square_root(double v)
{
	double x = v > 1 ? v : 1;

	for (int i = 0; i < 20; i++)
		x = (x + v / x) / 2;
	return x;
}

double feedback_value(const struct feedback *f, double window)
{
	if (window < 1)
		window = 1;
	switch (f->kind) {
	case FEEDBACK_LINEAR: return f->number / window;
	case FEEDBACK_SQRT: return f->number / square_root(window);
	default: return f->number;
	}
}
