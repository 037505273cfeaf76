/* SPDX-License-Identifier: ISC */
#include "lib/smtp/path.h"

#include <arpa/inet.h>

enum { LABEL_MAX = 63 };

static bool is_label(char c)
{
	return char_is_alnum(c) || c == '-' || c == '_' || char_is_8bit(c);
}

static bool is_atext(char c)
{
	return char_is_alnum(c) || char_is_8bit(c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool has_8bit(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is_8bit(s.p[i]))
			return true;
	return false;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321, 4.1.3) */
static bool is_literal(struct slice d)
{
	static const char six[] = "IPv6:";
	char text[INET6_ADDRSTRLEN];
	unsigned char addr[16];
	int family = AF_INET;

	if (d.n < 2 || d.p[d.n - 1] != ']')
		return false;
	d = slice_sub(d, 1, d.n - 2);
	if (slice_istarts(d, slice_str(six))) {
		d = slice_skip(d, sizeof(six) - 1);
		family = AF_INET6;
	}
	return slice_to_cstr(d, text, sizeof(text)) && inet_pton(family, text, addr) == 1;
}

static bool is_dotted_number(struct slice d)
{
	for (size_t i = 0; i < d.n; i++)
		if (!char_is_digit(d.p[i]) && d.p[i] != '.')
			return false;
	return true;
}

/* A label in UTF-8 may be longer than what it becomes in DNS. */
static bool label_is_valid(struct slice label)
{
	return label.n > 0 && label.p[0] != '-' && label.p[label.n - 1] != '-' &&
	       (label.n <= LABEL_MAX || has_8bit(label));
}

bool smtp_domain_is_valid(struct slice d)
{
	if (d.n == 0 || d.n > SMTP_DOMAIN_MAX)
		return false;
	if (d.p[0] == '[')
		return is_literal(d);
	if (is_dotted_number(d))
		return false;
	while (d.n > 0) {
		struct slice label = slice_take_while(&d, is_label);

		if (!label_is_valid(label) || (d.n > 0 && (d.p[0] != '.' || d.n == 1)))
			return false;
		d = slice_skip(d, 1);
	}
	return true;
}

/* "@a,@b:" at the start of *S is dropped. */
static enum rc skip_route(struct slice *s)
{
	while (s->n > 0 && s->p[0] == '@') {
		size_t n = 1;

		while (n < s->n && s->p[n] != ',' && s->p[n] != ':')
			n++;
		if (n == s->n || !smtp_domain_is_valid(slice_sub(*s, 1, n - 1)))
			return RC_SYNTAX;
		if (s->p[n] == ',' && (n + 1 == s->n || s->p[n + 1] != '@'))
			return RC_SYNTAX;
		*s = slice_skip(*s, n + 1);
	}
	return RC_OK;
}

/* A quoted string at the start of *S, its content to OUT. */
static enum rc take_quoted(struct slice *s, struct buf *out)
{
	for (size_t i = 1; i < s->n; i++) {
		char c = s->p[i];

		if (c == '"') {
			*s = slice_skip(*s, i + 1);
			return RC_OK;
		}
		if (c == '\\' && ++i < s->n)
			c = s->p[i];
		if (char_is_cntrl(c))
			return RC_SYNTAX;
		buf_addc(out, c);
	}
	return RC_SYNTAX;
}

static enum rc take_local(struct slice *s, struct buf *out)
{
	size_t words = 0;

	for (; s->n > 0 && s->p[0] != '@'; words++) {
		if (s->p[0] == '"') {
			if (take_quoted(s, out))
				return RC_SYNTAX;
		} else if (s->p[0] == '.') {
			buf_addc(out, '.');
			*s = slice_skip(*s, 1);
		} else {
			struct slice atom = slice_take_while(s, is_atext);

			if (atom.n == 0)
				return RC_SYNTAX;
			buf_add(out, atom);
		}
	}
	return words > 0 ? RC_OK : RC_SYNTAX;
}

static enum rc take_domain(struct slice s, struct buf *out, struct smtp_path *p)
{
	if (s.n > 1 && s.p[s.n - 1] == '.')
		s.n--;
	if (!smtp_domain_is_valid(s))
		return RC_SYNTAX;
	p->has_domain = true;
	p->has_8bit_domain = has_8bit(s);
	buf_addc(out, '@');
	buf_add(out, s);
	return RC_OK;
}

static enum rc take_address(struct slice s, struct buf *out, struct smtp_path *p)
{
	size_t start = buf_len(out);

	if (skip_route(&s))
		return RC_SYNTAX;
	if (take_local(&s, out) || buf_len(out) == start)
		return RC_SYNTAX;
	if (buf_slice(out).p[start] == '-')
		return RC_SYNTAX;	/* some command would take it for an option */
	p->has_8bit_local = has_8bit(slice_skip(buf_slice(out), start));
	return s.n == 0 ? RC_OK : take_domain(slice_skip(s, 1), out, p);
}

enum rc smtp_path_parse(struct slice word, struct buf *address, struct smtp_path *out)
{
	struct slice s = slice_trim(word);
	size_t before = buf_len(address);
	enum rc rc;

	*out = (struct smtp_path){ 0 };
	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>') {
		out->is_bracketed = true;
		s = slice_trim(slice_sub(s, 1, s.n - 2));
		out->is_empty = s.n == 0;
	}
	if (out->is_empty)
		return RC_OK;
	rc = take_address(s, address, out);
	if (rc == RC_OK && (buf_is_over(address) || buf_len(address) - before > SMTP_ADDRESS_MAX))
		rc = RC_LIMIT;
	if (rc)
		buf_truncate(address, before);
	return rc;
}
