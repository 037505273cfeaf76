/* SPDX-License-Identifier: ISC */
#include "lib/smtp/reply.h"

#include <stdio.h>

static void set_dsn(struct smtp_reply *r, struct slice dsn)
{
	if (dsn.n >= sizeof(r->dsn) || !slice_to_cstr(dsn, r->dsn, sizeof(r->dsn)))
		r->dsn[0] = '\0';
	if (r->dsn[0] != '\0' && r->code >= 200 && r->code < 600 && r->code / 100 != 3)
		r->dsn[0] = (char)('0' + r->code / 100);
}

void smtp_reply_set(struct smtp_reply *r, unsigned code, const char *dsn, const char *fmt, ...)
{
	va_list ap;

	r->code = code;
	set_dsn(r, slice_str(dsn));
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
}

/* Does S start with an enhanced status code ("5.7.1", class 2, 4 or 5)? Its length, else 0. */
static size_t dsn_length(struct slice s)
{
	struct slice rest = slice_skip(s, 2);
	struct slice subject, detail;

	if (s.n < 5 || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5') || s.p[1] != '.')
		return 0;
	subject = slice_take_while(&rest, char_is_digit);
	if (subject.n == 0 || subject.n > 3 || rest.n == 0 || rest.p[0] != '.')
		return 0;
	rest = slice_skip(rest, 1);
	detail = slice_take_while(&rest, char_is_digit);
	if (detail.n == 0 || detail.n > 3 || (rest.n > 0 && !char_is_space(rest.p[0])))
		return 0;
	return 2 + subject.n + 1 + detail.n;
}

/* Three digits, the first 2 to 5, then a blank or the end. */
static bool starts_with_code(struct slice s)
{
	return s.n >= 3 && s.p[0] >= '2' && s.p[0] <= '5' && char_is_digit(s.p[1]) &&
	       char_is_digit(s.p[2]) && (s.n == 3 || char_is_blank(s.p[3]));
}

void smtp_reply_parse(struct slice text, unsigned default_code, const char *default_dsn,
		      struct smtp_reply *out)
{
	struct slice s = slice_trim_space(text), dsn = slice_str(default_dsn);
	size_t n;

	out->code = default_code;
	if (starts_with_code(s)) {
		out->code = (unsigned)((s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + s.p[2] - '0');
		s = slice_trim_space(slice_skip(s, 3));
	}
	n = dsn_length(s);
	if (n > 0) {
		dsn = slice_sub(s, 0, n);
		s = slice_trim_space(slice_skip(s, n));
	}
	set_dsn(out, dsn);
	snprintf(out->text, sizeof(out->text), "%.*s", SLICE_ARG(s));
}

static void print_line(const struct smtp_reply *r, struct slice line, bool last, struct buf *out)
{
	size_t used = 4, start = buf_len(out);
	char *p;

	buf_addf(out, "%03u%c", r->code, last ? ' ' : '-');
	if (r->dsn[0] != '\0') {
		buf_addf(out, "%s ", r->dsn);
		used += strlen(r->dsn) + 1;
	}
	buf_add(out, slice_sub(line, 0, SMTP_REPLY_LINE_MAX - 2 - used));
	p = out->mem + out->start;
	for (size_t i = start; i < buf_len(out); i++)
		if (char_is_cntrl(p[i]))
			p[i] = '?';
	buf_adds(out, "\r\n");
}

void smtp_reply_soften(struct smtp_reply *r)
{
	if (r->code < 500)
		return;
	r->code -= 100;
	if (r->dsn[0] == '5')
		r->dsn[0] = '4';
}

void smtp_reply_print(const struct smtp_reply *r, struct buf *out)
{
	smtp_reply_print_text(r, slice_str(r->text), out);
}

void smtp_reply_print_text(const struct smtp_reply *r, struct slice text, struct buf *out)
{
	struct slice line;

	if (text.n == 0)
		print_line(r, text, true, out);
	while (text.n > 0) {
		ptrdiff_t lf = slice_chr(text, '\n');
		size_t n = lf < 0 ? text.n : (size_t)lf;

		line = slice_sub(text, 0, n);
		text = slice_skip(text, n + 1);
		print_line(r, line, text.n == 0, out);
	}
}
