/* SPDX-License-Identifier: ISC */
#include "lib/smtp/eol.h"

enum smtp_eol smtp_eol_find(struct slice in, bool after_cr, size_t *ret_line, size_t *ret_used)
{
	const char *lf = in.n > 0 ? memchr(in.p, '\n', in.n) : NULL;
	size_t n = lf != NULL ? (size_t)(lf - in.p) : in.n;
	bool has_cr = n > 0 ? in.p[n - 1] == '\r' : after_cr;

	*ret_line = n;
	*ret_used = n + (lf != NULL);
	if (lf == NULL)
		return SMTP_EOL_NONE;
	if (!has_cr)
		return SMTP_EOL_BARE;
	if (n > 0)
		*ret_line = n - 1;
	return SMTP_EOL_CRLF;
}

void smtp_content_init(struct smtp_content *c, enum smtp_eol_policy policy, bool is_dotted,
		       bool keeps_cr)
{
	*c = (struct smtp_content){
		.policy = policy,
		.is_dotted = is_dotted,
		.keeps_cr = keeps_cr,
		.at = SMTP_AT_LINE_START,
		.after_crlf = true,
	};
}

static void give_cr(const struct smtp_content *c, struct buf *out)
{
	buf_addc(out, c->keeps_cr ? '\r' : ' ');
}

/* TEXT holds no line end; CRs in it are strays. */
static void give_text(const struct smtp_content *c, struct slice text, struct buf *out)
{
	while (text.n > 0) {
		ptrdiff_t cr = c->keeps_cr ? -1 : slice_chr(text, '\r');
		size_t n = cr < 0 ? text.n : (size_t)cr;

		buf_add(out, slice_sub(text, 0, n));
		text = slice_skip(text, n);
		if (text.n > 0) {
			give_cr(c, out);
			text = slice_skip(text, 1);
		}
	}
}

static void line_ended(struct smtp_content *c, enum smtp_eol eol)
{
	c->after_crlf = eol == SMTP_EOL_CRLF;
	c->saw_bare_lf = c->saw_bare_lf || eol == SMTP_EOL_BARE;
	c->at = SMTP_AT_LINE_START;
}

/* A line that is nothing but a dot: the end, or dropped (as in Postfix: nobody who stuffs dots
 * sends it as content, and whoever does not must not get a line that ends a message later). */
static void lone_dot(struct smtp_content *c, enum smtp_eol eol)
{
	bool standard = c->after_crlf && eol == SMTP_EOL_CRLF;

	line_ended(c, eol);
	if (standard || c->policy == SMTP_EOL_ANY)
		c->at = SMTP_AT_END;
}

/* In the middle of a line, or behind a CR in it. */
static void feed_text(struct smtp_content *c, struct slice *in, struct buf *out)
{
	struct slice window = slice_sub(*in, 0, buf_room(out) - 2);
	size_t line, used;
	enum smtp_eol eol = smtp_eol_find(window, c->at == SMTP_AT_CR, &line, &used);
	bool cr_was_stray = c->at == SMTP_AT_CR && !(eol == SMTP_EOL_CRLF && used == 1);

	if (cr_was_stray)
		give_cr(c, out);
	c->at = SMTP_AT_MIDDLE;
	if (eol == SMTP_EOL_NONE && window.p[window.n - 1] == '\r') {
		line--;
		c->at = SMTP_AT_CR;
	}
	give_text(c, slice_sub(window, 0, line), out);
	*in = slice_skip(*in, used);
	if (eol != SMTP_EOL_NONE) {
		buf_addc(out, '\n');
		line_ended(c, eol);
	}
}

static void feed_after_dot(struct smtp_content *c, struct slice *in)
{
	char next = in->p[0];

	if (next == '\n')
		lone_dot(c, c->at == SMTP_AT_DOT_CR ? SMTP_EOL_CRLF : SMTP_EOL_BARE);
	else if (c->at == SMTP_AT_DOT_CR)
		c->at = SMTP_AT_CR;	/* ".\rX": the dot was stuffing, the CR is a stray */
	else if (next == '\r')
		c->at = SMTP_AT_DOT_CR;
	else
		c->at = SMTP_AT_MIDDLE;
	if (c->at != SMTP_AT_MIDDLE && c->at != SMTP_AT_CR)
		*in = slice_skip(*in, 1);
}

enum rc smtp_content_feed(struct smtp_content *c, struct slice *in, struct buf *out)
{
	while (in->n > 0 && c->at != SMTP_AT_END && buf_room(out) >= SMTP_CONTENT_ROOM) {
		switch (c->at) {
		case SMTP_AT_LINE_START:
			c->at = SMTP_AT_MIDDLE;
			if (c->is_dotted && in->p[0] == '.') {
				c->at = SMTP_AT_DOT;
				*in = slice_skip(*in, 1);
			}
			break;
		case SMTP_AT_DOT:
		case SMTP_AT_DOT_CR:
			feed_after_dot(c, in);
			break;
		case SMTP_AT_MIDDLE:
		case SMTP_AT_CR:
			feed_text(c, in, out);
			break;
		case SMTP_AT_END:
			break;
		}
	}
	return c->at == SMTP_AT_END ? RC_END : RC_MORE;
}

void smtp_content_finish(struct smtp_content *c, struct buf *out)
{
	if (c->at == SMTP_AT_CR)
		give_cr(c, out);
	if (c->at == SMTP_AT_CR || c->at == SMTP_AT_MIDDLE)
		buf_addc(out, '\n');
	c->at = SMTP_AT_END;
}
