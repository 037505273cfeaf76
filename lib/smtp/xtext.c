/* SPDX-License-Identifier: ISC */
#include "lib/smtp/xtext.h"

static bool may_stand(char c)
{
	return char_is_print(c) && c != ' ';
}

enum rc smtp_xtext_decode(struct slice in, bool allow_8bit, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];
		int hi, lo;

		if (c == '+') {
			if (in.n - i < 3 || (hi = char_hex(in.p[i + 1])) < 0 ||
			    (lo = char_hex(in.p[i + 2])) < 0)
				return RC_SYNTAX;
			c = (char)(hi * 16 + lo);
			i += 2;
			if (char_is_cntrl(c))
				return RC_SYNTAX;
		} else if (!may_stand(c) && !(allow_8bit && char_is_8bit(c))) {
			return RC_SYNTAX;
		}
		buf_addc(out, c);
	}
	return RC_OK;
}

void smtp_xtext_encode(struct slice in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		if (may_stand(in.p[i]) && in.p[i] != '+' && in.p[i] != '=')
			buf_addc(out, in.p[i]);
		else
			buf_addf(out, "+%02X", (unsigned char)in.p[i]);
	}
}
