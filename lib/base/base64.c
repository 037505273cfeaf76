/* SPDX-License-Identifier: ISC */
#include "lib/base/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct slice in, struct buf *out)
{
	while (in.n > 0) {
		const unsigned char *p = (const unsigned char *)in.p;
		unsigned v = (unsigned)p[0] << 16 | (in.n > 1 ? (unsigned)p[1] << 8 : 0) |
			     (in.n > 2 ? p[2] : 0);
		char quad[4] = { ALPHABET[v >> 18], ALPHABET[v >> 12 & 63],
				 in.n > 1 ? ALPHABET[v >> 6 & 63] : '=',
				 in.n > 2 ? ALPHABET[v & 63] : '=' };

		buf_add(out, slice_make(quad, sizeof(quad)));
		in = slice_skip(in, 3);
	}
}

/* No table lookup by C: what is decoded may be a password. */
int base64_value(char c)
{
	if (char_is_upper(c))
		return c - 'A';
	if (char_is_lower(c))
		return c - 'a' + 26;
	if (char_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* One group of four; PAD of them are '='. -1 when a byte is foreign or unused bits are set. */
static int group(const char *p, int pad)
{
	int v = 0;

	for (int i = 0; i < 4 - pad; i++) {
		int x = base64_value(p[i]);

		if (x < 0)
			return -1;
		v = v << 6 | x;
	}
	if (pad > 0 && (v & (pad == 1 ? 3 : 15)) != 0)
		return -1;
	return v << 6 * pad;
}

enum rc base64_decode(struct slice in, void *dst, size_t size, size_t *ret_n)
{
	unsigned char *to = dst;
	size_t n = 0;

	if (in.n % 4 != 0)
		return RC_SYNTAX;
	for (size_t i = 0; i < in.n; i += 4) {
		const char *p = in.p + i;
		int pad = i + 4 < in.n || p[3] != '=' ? 0 : p[2] == '=' ? 2 : 1;
		int v = group(p, pad);

		if (v < 0)
			return RC_SYNTAX;
		if (size - n < (size_t)(3 - pad))
			return RC_LIMIT;
		to[n++] = (unsigned char)(v >> 16);
		if (pad < 2)
			to[n++] = (unsigned char)(v >> 8);
		if (pad < 1)
			to[n++] = (unsigned char)v;
	}
	*ret_n = n;
	return RC_OK;
}
