/* Modified UTF-7 of IMAP mailbox names, and UTF-8 itself. */
/* SPDX-License-Identifier: ISC */
#include "lib/mail/enc.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* Cut one character off *S, which is not empty; false, and *S unchanged, when it is not
 * well-formed. */
static bool utf8_take(struct slice *s, uint32_t *ret_char)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s->p[0];
	size_t more = c < 0x80 ? 0 : c < 0xc2 ? 4 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 4;
	uint32_t v;

	if (more > 3 || s->n <= more)
		return false;
	v = more == 0 ? c : c & (0x3fu >> more);
	for (size_t i = 1; i <= more; i++) {
		if (((unsigned char)s->p[i] & 0xc0) != 0x80)
			return false;
		v = v << 6 | ((unsigned char)s->p[i] & 0x3f);
	}
	if (v < least[more] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return false;
	*s = slice_skip(*s, more + 1);
	*ret_char = v;
	return true;
}

static void add_utf8(uint32_t v, struct buf *out)
{
	if (v < 0x80) {
		buf_addc(out, (char)v);
	} else if (v < 0x800) {
		buf_addc(out, (char)(0xc0 | v >> 6));
	} else if (v < 0x10000) {
		buf_addc(out, (char)(0xe0 | v >> 12));
		buf_addc(out, (char)(0x80 | (v >> 6 & 0x3f)));
	} else {
		buf_addc(out, (char)(0xf0 | v >> 18));
		buf_addc(out, (char)(0x80 | (v >> 12 & 0x3f)));
		buf_addc(out, (char)(0x80 | (v >> 6 & 0x3f)));
	}
	if (v >= 0x80)
		buf_addc(out, (char)(0x80 | (v & 0x3f)));
}

bool enc_is_utf8(struct slice s)
{
	uint32_t v;

	while (s.n > 0) {
		if (!utf8_take(&s, &v))
			return false;
	}
	return true;
}

void enc_utf8_clean(struct slice s, struct buf *out)
{
	struct slice good = { s.p, 0 };
	uint32_t v;

	while (s.n > 0) {
		if (utf8_take(&s, &v))
			continue;
		good.n = (size_t)(s.p - good.p);
		buf_add(out, good);
		buf_adds(out, "\xef\xbf\xbd");
		s = slice_skip(s, 1);
		good.p = s.p;
	}
	good.n = (size_t)(s.p - good.p);
	buf_add(out, good);
}

/* One UTF-16 unit of a shift sequence; *HIGH is a high surrogate that waits for its other half. */
static enum rc add_unit(uint32_t unit, uint32_t *high, struct buf *out)
{
	bool is_low = unit >= 0xdc00 && unit <= 0xdfff;

	if ((*high != 0) != is_low)
		return RC_SYNTAX;
	if (is_low) {
		add_utf8(0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00), out);
		*high = 0;
	} else if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
	} else if (unit >= 0x20 && unit <= 0x7e) {
		return RC_SYNTAX;	/* must be written as itself */
	} else {
		add_utf8(unit, out);
	}
	return RC_OK;
}

/* The base64 between "&" and "-", both already cut off. */
static enum rc decode_shift(struct slice b64, struct buf *out)
{
	uint32_t bits = 0, high = 0;
	unsigned n_bits = 0;

	for (size_t i = 0; i < b64.n; i++) {
		const char *at = b64.p[i] != '\0' ? strchr(alphabet, b64.p[i]) : NULL;

		if (at == NULL)
			return RC_SYNTAX;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		n_bits += 6;
		if (n_bits < 16)
			continue;
		n_bits -= 16;
		if (add_unit(bits >> n_bits & 0xffff, &high, out) != RC_OK)
			return RC_SYNTAX;
	}
	if (high != 0 || n_bits >= 6 || (bits & ((1u << n_bits) - 1)) != 0)
		return RC_SYNTAX;
	return RC_OK;
}

enum rc enc_mutf7_decode(struct slice s, struct buf *utf8)
{
	bool after_shift = false;

	while (s.n > 0) {
		char c = s.p[0];
		struct slice b64;

		if (!char_is_print(c))
			return RC_SYNTAX;
		s = slice_skip(s, 1);
		if (c != '&') {
			buf_addc(utf8, c);
			after_shift = false;
			continue;
		}
		if (slice_chr(s, '-') < 0)
			return RC_SYNTAX;
		slice_split(&s, '-', &b64);
		if (b64.n == 0) {
			buf_addc(utf8, '&');
			after_shift = false;
			continue;
		}
		if (after_shift || decode_shift(b64, utf8) != RC_OK)
			return RC_SYNTAX;
		after_shift = true;
	}
	return RC_OK;
}

struct shifter {
	uint32_t bits;
	unsigned n_bits;
	bool is_open;
	struct buf *out;
};

static void shift_unit(struct shifter *w, uint32_t unit)
{
	w->bits = w->bits << 16 | unit;
	w->n_bits += 16;
	while (w->n_bits >= 6) {
		w->n_bits -= 6;
		buf_addc(w->out, alphabet[w->bits >> w->n_bits & 0x3f]);
	}
	w->bits &= (1u << w->n_bits) - 1;
}

static void shift_close(struct shifter *w)
{
	if (!w->is_open)
		return;
	if (w->n_bits > 0)
		buf_addc(w->out, alphabet[w->bits << (6 - w->n_bits) & 0x3f]);
	buf_addc(w->out, '-');
	w->bits = w->n_bits = 0;
	w->is_open = false;
}

static void shift_char(struct shifter *w, uint32_t v)
{
	if (!w->is_open)
		buf_addc(w->out, '&');
	w->is_open = true;
	if (v >= 0x10000) {
		shift_unit(w, 0xd800 + ((v - 0x10000) >> 10));
		v = 0xdc00 + ((v - 0x10000) & 0x3ff);
	}
	shift_unit(w, v);
}

enum rc enc_mutf7_encode(struct slice utf8, struct buf *mutf7)
{
	struct shifter w = { .out = mutf7 };
	uint32_t v;

	while (utf8.n > 0) {
		if (!utf8_take(&utf8, &v))
			return RC_SYNTAX;
		if (v < 0x20 || v > 0x7e) {
			shift_char(&w, v);
			continue;
		}
		shift_close(&w);
		buf_addc(mutf7, (char)v);
		if (v == '&')
			buf_addc(mutf7, '-');
	}
	shift_close(&w);
	return RC_OK;
}
