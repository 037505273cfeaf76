/* SPDX-License-Identifier: ISC */
#include "lib/mail/mime_type.h"

#include "lib/base/num.h"
#include "lib/mail/cfws.h"

static bool is_token_char(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

static struct slice take_token(struct slice *s)
{
	cfws_skip(s);
	return slice_take_while(s, is_token_char);
}

/* A parameter's value: a quoted string (its content into TMP), or all up to a blank or ';', for
 * senders leave out quotes that RFC 2045 demands. */
static struct slice take_value(struct slice *s, struct buf *tmp)
{
	size_t i = 0;

	cfws_skip(s);
	if (s->n == 0 || s->p[0] != '"') {
		while (i < s->n && !char_is_space(s->p[i]) && s->p[i] != ';')
			i++;
		*s = slice_skip(*s, i);
		return slice_make(s->p - i, i);
	}
	buf_reset(tmp);
	for (i = 1; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		if (s->p[i] != '\r' && s->p[i] != '\n' && s->p[i] != '\0')
			buf_addc(tmp, s->p[i]);
	}
	*s = slice_skip(*s, i + 1);
	return buf_slice(tmp);
}

/* To the next ';' outside quotes and comments, dropping it; false at the end. */
static bool next_param(struct slice *s)
{
	bool quoted = false;
	size_t i = 0;

	cfws_skip(s);
	for (; i < s->n && (quoted || s->p[i] != ';'); i++) {
		if (s->p[i] == '"')
			quoted = !quoted;
		else if (s->p[i] == '\\' && quoted)
			i++;
	}
	*s = slice_skip(*s, i + 1);
	return s->n > 0;
}

/* --- RFC 2231: the pieces of one parameter --- */

struct piece {
	struct slice base, value;
	uint32_t index;
	bool is_numbered, is_extended, is_used;
};

/* "name*0*" and its kin; what does not fit the pattern is a plain name. */
static void split_name(struct slice name, struct piece *p)
{
	struct slice rest = name;
	ptrdiff_t star = slice_chr(name, '*');

	*p = (struct piece){ .base = name };
	if (star <= 0)
		return;
	rest = slice_skip(name, (size_t)star + 1);
	if (rest.n > 0 && rest.p[rest.n - 1] == '*') {
		p->is_extended = true;
		rest.n--;
	} else if (rest.n == 0) {
		p->is_extended = true;
		p->base = slice_sub(name, 0, (size_t)star);
		return;
	}
	if (num_u32(rest, MIME_PARAMS_MAX, &p->index) != RC_OK) {
		p->is_extended = false;
		return;
	}
	p->is_numbered = true;
	p->base = slice_sub(name, 0, (size_t)star);
}

static void add_plain_piece(struct slice value, bool escape, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (escape && (!is_token_char((char)c) || c >= 0x80 || c == '%' || c == '\'' ||
			       c == '*')) {
			buf_addc(out, '%');
			buf_addc(out, hex[c >> 4]);
			buf_addc(out, hex[c & 15]);
		} else {
			buf_addc(out, (char)c);
		}
	}
}

static struct piece *find_piece(struct piece *pieces, size_t n, struct slice base, uint32_t index)
{
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].is_numbered && !pieces[i].is_used && pieces[i].index == index &&
		    slice_ieq(pieces[i].base, base))
			return &pieces[i];
	}
	return NULL;
}

/* Join base*0, base*1, ... as far as they follow each other. An extended first piece brings the
 * charset; if any piece is extended the plain ones are escaped. */
static void join(struct piece *pieces, size_t n, struct slice base, struct buf *out,
		 bool *ret_extended)
{
	struct piece *p;
	bool any = false;

	for (uint32_t i = 0; (p = find_piece(pieces, n, base, i)) != NULL; i++)
		any = any || p->is_extended;
	for (uint32_t i = 0; (p = find_piece(pieces, n, base, i)) != NULL; i++) {
		if (any && i == 0 && !p->is_extended)
			buf_adds(out, "''");
		add_plain_piece(p->value, any && !p->is_extended, out);
		p->is_used = true;
	}
	*ret_extended = any;
}

struct collector {
	struct arena *arena;
	struct mime_type *out;
	struct piece pieces[MIME_PARAMS_MAX];
	size_t n;
	struct buf tmp;
};

static bool keep(struct collector *c, struct slice s, struct slice *out)
{
	*out = arena_slice(c->arena, s);
	if (out->p == NULL)
		c->out->is_cut = true;
	return out->p != NULL;
}

static void collect(struct collector *c, struct slice s)
{
	while (next_param(&s)) {
		struct slice name = take_token(&s);
		struct piece *p;

		if (name.n == 0 || !cfws_take(&s, '='))
			continue;
		if (c->n == MIME_PARAMS_MAX) {
			c->out->is_cut = true;
			return;
		}
		p = &c->pieces[c->n];
		split_name(name, p);
		if (!keep(c, take_value(&s, &c->tmp), &p->value))
			return;
		c->n++;
	}
}

static void store_piece(struct collector *c, struct piece *p)
{
	struct mime_param *param = &c->out->params[c->out->n_params];
	bool extended = p->is_extended, ok = true;

	param->value = p->value;
	buf_reset(&c->tmp);
	if (p->is_numbered && p->index == 0) {
		join(c->pieces, c->n, p->base, &c->tmp, &extended);
		ok = keep(c, buf_slice(&c->tmp), &param->value);
	}
	buf_reset(&c->tmp);
	buf_add(&c->tmp, p->base);
	if (p->is_numbered && p->index != 0)
		buf_addf(&c->tmp, "*%u", (unsigned)p->index);
	if (extended)
		buf_addc(&c->tmp, '*');
	ok = ok && keep(c, buf_slice(&c->tmp), &param->name);
	p->is_used = true;
	if (ok)
		c->out->n_params++;
}

static void parse_params(struct slice s, struct arena *a, struct mime_type *out)
{
	struct collector c = { .arena = a, .out = out };

	/* Escaping triples a value; all pieces together are no longer than S. */
	buf_init(&c.tmp, 3 * s.n + 16);
	collect(&c, s);
	if (c.n > 0)
		out->params = arena_alloc(a, c.n * sizeof(*out->params));
	if (out->params == NULL) {
		out->is_cut = out->is_cut || c.n > 0;
		buf_done(&c.tmp);
		return;
	}
	/* Joined parameters stand where their first piece stood; later pieces are used up then. */
	for (size_t i = 0; i < c.n; i++) {
		struct piece *p = &c.pieces[i];

		if (p->is_numbered && p->index != 0 && find_piece(c.pieces, c.n, p->base, 0) != NULL)
			store_piece(&c, find_piece(c.pieces, c.n, p->base, 0));
		if (!p->is_used)
			store_piece(&c, p);
	}
	buf_done(&c.tmp);
}

enum rc mime_type_parse(struct slice value, struct arena *a, struct mime_type *out)
{
	struct slice type = take_token(&value), subtype = { 0 };

	if (type.n > 0 && cfws_take(&value, '/'))
		subtype = take_token(&value);
	*out = (struct mime_type){ .type = SLICE_LIT("text"), .subtype = SLICE_LIT("plain") };
	if (subtype.n == 0)
		return RC_SYNTAX;
	out->type = type;
	out->subtype = subtype;
	parse_params(value, a, out);
	return RC_OK;
}

enum rc mime_disposition_parse(struct slice value, struct arena *a, struct mime_type *out)
{
	*out = (struct mime_type){ .type = take_token(&value) };
	if (out->type.n == 0)
		return RC_SYNTAX;
	parse_params(value, a, out);
	return RC_OK;
}

size_t mime_language_parse(struct slice value, struct slice *tags, size_t max)
{
	size_t n = 0;

	while (n < max) {
		struct slice tag = take_token(&value);

		if (tag.n > 0)
			tags[n++] = tag;
		else if (value.n == 0)
			break;
		else
			value = slice_skip(value, 1);
	}
	return n;
}

struct slice mime_token(struct slice value)
{
	return take_token(&value);
}

struct slice mime_param(const struct mime_type *t, struct slice name)
{
	for (size_t i = 0; i < t->n_params; i++) {
		if (slice_ieq(t->params[i].name, name))
			return t->params[i].value;
	}
	return (struct slice){ 0 };
}
