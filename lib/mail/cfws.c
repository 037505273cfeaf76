/* SPDX-License-Identifier: ISC */
#include "lib/mail/cfws.h"

void cfws_skip(struct slice *s)
{
	size_t depth = 0, i = 0;

	for (; i < s->n; i++) {
		char c = s->p[i];

		if (c == '\\' && depth > 0)
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !char_is_space(c))
			break;
	}
	*s = slice_skip(*s, i);
}

bool cfws_take(struct slice *s, char c)
{
	cfws_skip(s);
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = slice_skip(*s, 1);
	return true;
}
