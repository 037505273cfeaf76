/* SPDX-License-Identifier: ISC */
#include "lib/smtp/cmdline.h"

static bool is_not_blank(char c)
{
	return !char_is_space(c);
}

enum rc smtp_cmdline_parse(struct slice line, struct smtp_cmdline *out)
{
	struct slice rest = slice_trim_space(line);
	struct slice verb = slice_take_while(&rest, is_not_blank);

	if (verb.n == 0 || slice_has_nul(line))
		return RC_SYNTAX;
	*out = (struct smtp_cmdline){ .verb = verb, .arg = slice_trim_space(rest) };
	return RC_OK;
}

/* Length of the quoted part at the start of S, whose first byte opened it; S.n + 1 if unclosed. */
static size_t quoted_length(struct slice s, char close)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (close == '>' && s.p[i] == '"')
			i += quoted_length(slice_skip(s, i), '"') - 1;
		else if (s.p[i] == close)
			return i + 1;
	}
	return s.n + 1;
}

enum rc smtp_cmdline_word(struct slice *arg, struct slice *ret)
{
	struct slice s = slice_trim_space(*arg);
	size_t n = 0;

	if (s.n == 0)
		return RC_END;
	while (n < s.n && !char_is_space(s.p[n])) {
		if (s.p[n] == '"' || s.p[n] == '<')
			n += quoted_length(slice_skip(s, n), s.p[n] == '"' ? '"' : '>');
		else
			n += s.p[n] == '\\' ? 2 : 1;
	}
	*ret = slice_sub(s, 0, n);
	*arg = slice_skip(s, n);
	return n > s.n ? RC_SYNTAX : RC_OK;
}

bool smtp_cmdline_is_header(struct slice line)
{
	ptrdiff_t colon = slice_chr(line, ':');

	for (ptrdiff_t i = 0; i < colon; i++)
		if (!char_is_print(line.p[i]) || line.p[i] == ' ')
			return false;
	return colon > 0;
}
