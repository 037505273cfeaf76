/* SPDX-License-Identifier: ISC */
#include "lib/pop3/cmdline.h"

#include "lib/base/num.h"

static bool is_verb_char(char c) { return c != ' '; }

enum rc pop3_cmdline_parse(struct slice line, struct pop3_cmdline *out)
{
	struct slice rest = line;

	if (slice_has_nul(line))
		return RC_SYNTAX;
	out->verb = slice_take_while(&rest, is_verb_char);
	out->arg = slice_skip(rest, 1);
	return RC_OK;
}

enum rc pop3_cmdline_next(struct slice in, size_t max_bytes, struct slice *ret_line,
			  size_t *ret_used)
{
	ptrdiff_t lf = slice_chr(slice_sub(in, 0, max_bytes), '\n');
	size_t n;

	if (lf < 0)
		return in.n >= max_bytes ? RC_LIMIT : RC_MORE;
	n = (size_t)lf;
	*ret_used = n + 1;
	if (n > 0 && in.p[n - 1] == '\r')
		n--;
	*ret_line = slice_sub(in, 0, n);
	return RC_OK;
}

static bool is_space(char c) { return c == ' '; }

enum rc pop3_cmdline_number(struct slice *arg, uint64_t max, uint64_t *out)
{
	struct slice digits, at;
	enum rc rc;

	slice_take_while(arg, is_space);
	at = *arg;
	digits = slice_take_while(arg, char_is_digit);
	if (digits.n == 0 || (arg->n > 0 && arg->p[0] != ' ')) {
		*arg = at;
		return RC_SYNTAX;
	}
	rc = num_u64(digits, max, out);
	if (rc != RC_OK)
		*arg = at;
	return rc;
}
