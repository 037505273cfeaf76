/* SPDX-License-Identifier: ISC */
#include "lib/mail/enc.h"

#include "lib/base/base64.h"

enum enc_kind enc_kind_of(struct slice token, bool *ret_known)
{
	static const struct { const char *name; enum enc_kind kind; } kinds[] = {
		{ "7bit", ENC_IDENTITY }, { "8bit", ENC_IDENTITY }, { "binary", ENC_IDENTITY },
		{ "", ENC_IDENTITY }, { "base64", ENC_BASE64 }, { "quoted-printable", ENC_QP },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (slice_iis(token, kinds[i].name)) {
			if (ret_known != NULL)
				*ret_known = true;
			return kinds[i].kind;
		}
	}
	if (ret_known != NULL)
		*ret_known = false;
	return ENC_IDENTITY;
}

void enc_decoder_init(struct enc_decoder *d, enum enc_kind kind)
{
	*d = (struct enc_decoder){ .kind = kind };
}

/* --- base64 --- */

static void base64_feed(struct enc_decoder *d, struct slice in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		int v = base64_value(in.p[i]);

		if (in.p[i] == '=')
			d->n_bits = 0;	/* the rest of this quantum is padding */
		if (v < 0)
			continue;
		d->bits = d->bits << 6 | (uint32_t)v;
		d->n_bits += 6;
		if (d->n_bits >= 8) {
			d->n_bits -= 8;
			buf_addc(out, (char)(d->bits >> d->n_bits & 0xff));
		}
	}
}

/* --- quoted-printable --- */

static void qp_flush(struct enc_decoder *d, struct buf *out)
{
	buf_add(out, slice_make(d->held, d->n_held));
	d->n_held = 0;
}

static bool qp_hold(struct enc_decoder *d, char c, struct buf *out)
{
	if (d->n_held == sizeof(d->held))
		qp_flush(d, out);
	d->held[d->n_held++] = c;
	return true;
}

/* Blanks are held: they go when the line ends. False: C is not part of what is held. */
static bool qp_after_blank(struct enc_decoder *d, char c, struct buf *out)
{
	bool cr = d->held[d->n_held - 1] == '\r';

	if (c == '\n') {
		d->n_held = 0;
		if (cr)
			buf_addc(out, '\r');
		buf_addc(out, '\n');
		return true;
	}
	return !cr && (char_is_blank(c) || c == '\r') && qp_hold(d, c, out);
}

/* "=" is held, perhaps with a digit or blanks behind it. */
static bool qp_after_equals(struct enc_decoder *d, char c, struct buf *out)
{
	char second = d->n_held > 1 ? d->held[1] : '\0';
	int high = char_hex(second);

	if (high >= 0) {
		if (char_hex(c) < 0)
			return false;
		d->n_held = 0;
		buf_addc(out, (char)(high << 4 | char_hex(c)));
		return true;
	}
	if (c == '\n') {
		d->n_held = 0;
		return true;
	}
	return (char_is_blank(c) || c == '\r' || (second == '\0' && char_hex(c) >= 0)) &&
	       qp_hold(d, c, out);
}

static void qp_byte(struct enc_decoder *d, char c, struct buf *out)
{
	if (d->n_held > 0) {
		if (d->held[0] == '=' ? qp_after_equals(d, c, out) : qp_after_blank(d, c, out))
			return;
		qp_flush(d, out);
	}
	if (c == '=' || char_is_blank(c))
		qp_hold(d, c, out);
	else
		buf_addc(out, c);
}

void enc_decode(struct enc_decoder *d, struct slice in, struct buf *out)
{
	switch (d->kind) {
	case ENC_BASE64:
		base64_feed(d, in, out);
		return;
	case ENC_QP:
		for (size_t i = 0; i < in.n; i++)
			qp_byte(d, in.p[i], out);
		return;
	case ENC_IDENTITY:
		buf_add(out, in);
		return;
	}
}

void enc_decode_finish(struct enc_decoder *d, struct buf *out)
{
	bool soft_break = d->n_held > 0 && d->held[0] == '=' &&
			  (d->n_held == 1 || char_hex(d->held[1]) < 0);

	if (d->kind == ENC_QP && d->n_held > 0 && !char_is_blank(d->held[0]) && !soft_break)
		qp_flush(d, out);
	enc_decoder_init(d, d->kind);
}

static void qp_escape(char c, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";

	buf_addc(out, '=');
	buf_addc(out, digits[(unsigned char)c >> 4]);
	buf_addc(out, digits[(unsigned char)c & 15]);
}

void enc_qp(struct slice in, struct buf *out)
{
	size_t column = 0;

	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];
		bool at_end = i + 1 == in.n || in.p[i + 1] == '\n';
		bool plain = (char_is_print(c) && c != '=') || c == '\t';

		if (c == '\n') {
			buf_addc(out, c);
			column = 0;
			continue;
		}
		if (char_is_blank(c) && at_end)
			plain = false;
		if (column + (plain ? 1 : 3) > 75) {
			buf_adds(out, "=\n");
			column = 0;
		}
		if (plain)
			buf_addc(out, c);
		else
			qp_escape(c, out);
		column += plain ? 1 : 3;
	}
}
