/* SPDX-License-Identifier: ISC */
#include "lib/pop3/uidl.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/base/num.h"

enum { WIDTH_MAX = 255 };

/* %[offset.][0][width][LUX]letter */
struct directive {
	char letter;
	bool zero;		/* fill with zeros; else WIDTH cuts */
	bool hex, lower, upper;
	unsigned offset, width;
};

static enum rc take_number(struct slice *rest, unsigned *out)
{
	struct slice digits = slice_take_while(rest, char_is_digit);
	uint32_t n = 0;

	if (digits.n > 0 && num_u32(digits, WIDTH_MAX, &n) != RC_OK)
		return RC_SYNTAX;
	*out = n;
	return RC_OK;
}

static bool take_char(struct slice *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = slice_skip(*rest, 1);
	return true;
}

/* The directive behind a '%' at the front of *REST. */
static enum rc take_directive(struct slice *rest, struct directive *d)
{
	*d = (struct directive){ .zero = take_char(rest, '0') };
	if (take_number(rest, &d->width) != RC_OK)
		return RC_SYNTAX;
	if (take_char(rest, '.')) {
		d->zero = false;
		d->offset = d->width;
		if (take_number(rest, &d->width) != RC_OK)
			return RC_SYNTAX;
	}
	for (;;) {
		if (take_char(rest, 'X'))
			d->hex = true;
		else if (take_char(rest, 'L'))
			d->lower = true;
		else if (take_char(rest, 'U'))
			d->upper = true;
		else
			break;
	}
	if (rest->n == 0)
		return RC_SYNTAX;
	d->letter = rest->p[0];
	*rest = slice_skip(*rest, 1);
	return d->letter != '\0' && strchr("uvfg%", d->letter) != NULL ? RC_OK : RC_SYNTAX;
}

enum rc pop3_uidl_check(struct slice format, struct err *err)
{
	struct slice rest = format;
	bool differs = false;
	ptrdiff_t at;

	while ((at = slice_chr(rest, '%')) >= 0) {
		struct directive d;

		rest = slice_skip(rest, (size_t)at + 1);
		if (take_directive(&rest, &d) != RC_OK)
			return err_set(err, RC_SYNTAX, "\"%.*s\": what follows a %% must be u, v, f, "
				       "g or %%, with [0]width and X, L, U in front of it",
				       SLICE_ARG(format));
		differs |= d.letter == 'u' || d.letter == 'f' || d.letter == 'g';
	}
	if (!differs)
		return err_set(err, RC_SYNTAX, "\"%.*s\" gives all messages the same id",
			       SLICE_ARG(format));
	return RC_OK;
}

/* With zeros nothing is cut; without them nothing is filled. */
static void put_text(const struct directive *d, struct slice s, struct buf *out)
{
	if (d->zero)
		for (size_t n = s.n; n < d->width; n++)
			buf_addc(out, '0');
	else
		s = slice_sub(s, d->offset, d->width > 0 ? d->width : s.n);
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, d->lower ? char_lower(s.p[i]) :
			      d->upper ? char_upper(s.p[i]) : s.p[i]);
}

static void put_number(const struct directive *d, uint32_t n, struct buf *out)
{
	char text[16];

	snprintf(text, sizeof(text), d->hex ? "%" PRIx32 : "%" PRIu32, n);
	put_text(d, slice_str(text), out);
}

static void put_directive(const struct directive *d, const struct pop3_uidl *v, struct buf *out)
{
	switch (d->letter) {
	case 'u':
		put_number(d, v->uid, out);
		break;
	case 'v':
		put_number(d, v->uidvalidity, out);
		break;
	case 'f':
		put_text(d, v->name, out);
		break;
	case 'g':
		put_text(d, v->guid, out);
		break;
	default:
		buf_addc(out, '%');
	}
}

void pop3_uidl_put_fixed(struct slice id, struct buf *out)
{
	id = slice_sub(id, 0, POP3_UIDL_MAX);
	for (size_t i = 0; i < id.n; i++)
		buf_addc(out, char_is_print(id.p[i]) && id.p[i] != ' ' ? id.p[i] : '_');
	if (id.n == 0)
		buf_addc(out, '_');
}

void pop3_uidl_put(struct slice format, const struct pop3_uidl *v, struct buf *out)
{
	struct buf id;

	buf_init(&id, POP3_UIDL_MAX);
	while (format.n > 0) {
		struct directive d;
		char c = format.p[0];

		format = slice_skip(format, 1);
		if (c != '%')
			buf_addc(&id, c);
		else if (take_directive(&format, &d) == RC_OK)
			put_directive(&d, v, &id);
	}
	pop3_uidl_put_fixed(buf_slice(&id), out);
	buf_done(&id);
}
