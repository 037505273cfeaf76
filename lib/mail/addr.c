/* SPDX-License-Identifier: ISC */
#include "lib/mail/addr.h"

struct parser {
	struct slice in;
	struct arena *arena;
	struct addr_list *list;
	size_t max;
	struct buf phrase;	/* words as a display name: single blanks kept between them */
	struct buf local;	/* the same words as a local part: no blanks */
	struct buf domain;
	struct buf route;
	struct buf comment;	/* text of the last comment */
	bool has_words, has_domain, has_angle, has_comment, is_bad, in_group;
};

static bool is_special(char c)
{
	return c != '\0' && strchr("()<>[]:;@\\,.\"", c) != NULL;
}

static bool is_word_char(char c)
{
	return c != '\0' && !is_special(c) && !char_is_space(c);
}

static bool is_atext(char c)
{
	return is_word_char(c) && !char_is_cntrl(c);
}

/* --- lexical parts; each takes itself off P->in --- */

static bool at(const struct parser *p, char c)
{
	return p->in.n > 0 && p->in.p[0] == c;
}

static void skip(struct parser *p, size_t n)
{
	p->in = slice_skip(p->in, n);
}

/* Text between OPEN (already taken) and CLOSE with quoted pairs resolved, folds and NUL dropped.
 * OPEN != CLOSE may nest; the inner ones are kept as text. */
static void take_quoted(struct parser *p, char open, char close, struct buf *out)
{
	size_t depth = 1, i = 0;

	for (; i < p->in.n; i++) {
		char c = p->in.p[i];

		if (c == '\\' && i + 1 < p->in.n)
			c = p->in.p[++i];
		else if (c == close && --depth == 0)
			break;
		else if (c == open && open != close)
			depth++;
		if (c != '\0' && c != '\r' && c != '\n')
			buf_addc(out, c);
	}
	if (i == p->in.n)
		p->is_bad = true;
	skip(p, i + 1);
}

/* Skip white space and comments; true when there was any. */
static bool take_cfws(struct parser *p)
{
	size_t before = p->in.n;

	while (p->in.n > 0) {
		if (char_is_space(p->in.p[0]) || p->in.p[0] == '\0') {
			skip(p, 1);
		} else if (p->in.p[0] == '(') {
			skip(p, 1);
			buf_reset(&p->comment);
			take_quoted(p, '(', ')', &p->comment);
			p->has_comment = slice_trim(buf_slice(&p->comment)).n > 0;
		} else {
			break;
		}
	}
	return p->in.n != before;
}

/* One word (atom, quoted string, or a dot) into PHRASE (may be NULL) and LOCAL. */
static bool take_word(struct parser *p, struct buf *phrase, struct buf *local)
{
	size_t from = buf_len(local);

	if (at(p, '"')) {
		skip(p, 1);
		take_quoted(p, '"', '"', local);
	} else if (at(p, '.')) {
		skip(p, 1);
		buf_addc(local, '.');
	} else {
		struct slice atom = slice_take_while(&p->in, is_word_char);

		if (atom.n == 0)
			return false;
		buf_add(local, atom);
	}
	if (phrase != NULL)
		buf_add(phrase, slice_skip(buf_slice(local), from));
	return true;
}

/* Words up to something else. A blank between two words that no dot joins makes them a phrase;
 * as a local part only what follows the last such blank counts. */
static void take_words(struct parser *p)
{
	bool after_dot = true, has_gap = false;

	buf_reset(&p->phrase);
	buf_reset(&p->local);
	p->has_words = false;
	for (;;) {
		bool blank = take_cfws(p), is_dot = at(p, '.');

		if (p->in.n == 0 || (is_special(p->in.p[0]) && !is_dot && !at(p, '"')))
			break;
		if (blank && p->has_words) {
			buf_addc(&p->phrase, ' ');
			if (!after_dot && !is_dot) {
				buf_reset(&p->local);
				has_gap = true;
			}
		}
		if (!take_word(p, &p->phrase, &p->local))
			break;
		p->has_words = true;
		after_dot = is_dot;
	}
	if (has_gap && !at(p, '<') && !at(p, ':'))
		p->is_bad = true;
	if (has_gap && !at(p, '@'))
		buf_reset(&p->local);
}

/* "[...]" with its quoted pairs as they stand; folds and NUL dropped. */
static void take_literal(struct parser *p, struct buf *out)
{
	size_t i = 0;

	for (; i < p->in.n; i++) {
		bool pair = p->in.p[i] == '\\' && i + 1 < p->in.n;
		char c = p->in.p[pair ? ++i : i];

		if (c == '\0' || c == '\r' || c == '\n' || (c == '\\' && !pair))
			continue;
		if (pair)
			buf_addc(out, '\\');
		buf_addc(out, c);
		if (c == ']' && !pair)
			break;
	}
	if (i == p->in.n)
		p->is_bad = true;
	skip(p, i + 1);
}

static void take_domain(struct parser *p, struct buf *out)
{
	size_t from = buf_len(out);

	for (;;) {
		take_cfws(p);
		if (at(p, '[')) {
			take_literal(p, out);
			break;
		}
		if (at(p, '"') || !take_word(p, NULL, out))
			break;
		if (!at(p, '.') && buf_len(out) > 0 && buf_slice(out).p[buf_len(out) - 1] != '.') {
			take_cfws(p);
			if (!at(p, '.'))
				break;
		}
	}
	if (buf_len(out) == from)
		p->is_bad = true;
}

/* "@a,@b:" in front of the address proper (RFC 5322, 4.4). */
static void take_route(struct parser *p)
{
	while (at(p, '@') || at(p, ',')) {
		bool comma = at(p, ',');

		skip(p, 1);
		buf_addc(&p->route, comma ? ',' : '@');
		if (!comma)
			take_domain(p, &p->route);
		take_cfws(p);
	}
	if (at(p, ':'))
		skip(p, 1);
	else
		p->is_bad = true;
}

/* Local part and domain between "<" (at hand) and ">". */
static void take_angle(struct parser *p)
{
	skip(p, 1);
	p->has_angle = true;
	buf_reset(&p->local);
	take_cfws(p);
	if (at(p, '@'))
		take_route(p);
	while (take_cfws(p), take_word(p, NULL, &p->local))
		;
	if (at(p, '@')) {
		skip(p, 1);
		take_domain(p, &p->domain);
		p->has_domain = true;
	}
	take_cfws(p);
	if (!at(p, '>')) {
		p->is_bad = true;
		while (p->in.n > 0 && !at(p, '>') && !at(p, ',') && !at(p, ';'))
			skip(p, 1);
	}
	if (at(p, '>'))
		skip(p, 1);
}

/* --- the list --- */

static struct addr *append(struct parser *p, enum addr_kind kind)
{
	struct addr *a = p->list->n < p->max ? ARENA_NEW(p->arena, struct addr) : NULL;

	if (a == NULL) {
		p->list->is_cut = true;
		return NULL;
	}
	a->kind = kind;
	if (p->list->last != NULL)
		p->list->last->next = a;
	else
		p->list->first = a;
	p->list->last = a;
	p->list->n++;
	return a;
}

static struct slice keep(struct parser *p, struct slice s)
{
	struct slice r = arena_slice(p->arena, s);

	if (r.p == NULL)
		p->list->is_cut = true;
	return r;
}

static void append_group(struct parser *p)
{
	struct addr *a = append(p, ADDR_GROUP_START);

	skip(p, 1);
	p->in_group = true;
	if (a == NULL)
		return;
	a->local = keep(p, slice_trim(buf_slice(&p->phrase)));
	a->is_bad = p->is_bad;
}

static void append_mailbox(struct parser *p)
{
	struct addr *a = append(p, ADDR_MAILBOX);
	struct slice phrase = slice_trim(buf_slice(&p->phrase));

	if (a == NULL)
		return;
	if (p->has_angle || p->has_domain || buf_len(&p->local) > 0)
		a->local = keep(p, buf_slice(&p->local));
	if (p->has_domain)
		a->domain = keep(p, buf_slice(&p->domain));
	if (buf_len(&p->route) > 0)
		a->route = keep(p, buf_slice(&p->route));
	if (phrase.n > 0 && (p->has_angle || a->local.p == NULL))
		a->name = keep(p, phrase);
	else if (p->has_comment)
		a->name = keep(p, slice_trim(buf_slice(&p->comment)));
	a->is_bad = p->is_bad || a->local.n == 0;
	p->has_comment = false;
}

static void take_element(struct parser *p)
{
	size_t before = p->in.n;

	/* A comment in front is no name; one behind the address is. */
	p->has_domain = p->has_angle = p->has_comment = p->is_bad = false;
	buf_reset(&p->domain);
	buf_reset(&p->route);
	take_words(p);
	if (at(p, ':') && p->has_words && !p->in_group) {
		append_group(p);
		return;
	}
	if (at(p, '<')) {
		take_angle(p);
	} else if (at(p, '@')) {
		skip(p, 1);
		take_domain(p, &p->domain);
		p->has_domain = true;
	}
	take_cfws(p);
	if (p->in.n > 0 && !at(p, ',') && !at(p, ';'))
		p->is_bad = true;
	if (p->has_words || p->has_angle || p->has_domain)
		append_mailbox(p);
	if (p->in.n == before)
		skip(p, 1);	/* a stray special */
}

static void parser_init(struct parser *p, struct slice in, size_t max, struct arena *a,
			struct addr_list *out)
{
	*out = (struct addr_list){ 0 };
	*p = (struct parser){ .in = in, .arena = a, .list = out, .max = max };
	buf_init(&p->phrase, in.n + 1);
	buf_init(&p->local, in.n + 1);
	buf_init(&p->domain, in.n + 2);
	buf_init(&p->route, in.n + 2);
	buf_init(&p->comment, in.n + 1);
}

static void parser_done(struct parser *p)
{
	buf_done(&p->phrase);
	buf_done(&p->local);
	buf_done(&p->domain);
	buf_done(&p->route);
	buf_done(&p->comment);
}

void addr_parse(struct slice value, size_t max, struct arena *a, struct addr_list *out)
{
	struct parser p;

	parser_init(&p, value, max, a, out);
	while (!out->is_cut) {
		take_cfws(&p);
		if (p.in.n == 0)
			break;
		if (at(&p, ',')) {
			skip(&p, 1);
			p.has_comment = false;
		} else if (at(&p, ';')) {
			skip(&p, 1);
			if (p.in_group)
				append(&p, ADDR_GROUP_END);
			p.in_group = false;
		} else {
			take_element(&p);
		}
	}
	if (p.in_group)
		append(&p, ADDR_GROUP_END);
	parser_done(&p);
}

enum rc addr_parse_one(struct slice s, struct buf *out)
{
	struct addr_list list;
	const struct addr *a;
	struct arena arena;
	enum rc rc = RC_SYNTAX;

	if (slice_is(slice_trim_space(s), "<>"))
		return RC_OK;
	arena_init(&arena, 8 * s.n + 4096);
	addr_parse(s, 2, &arena, &list);
	a = list.first;
	if (list.n == 1 && !list.is_cut && a->kind == ADDR_MAILBOX && !a->is_bad) {
		buf_add(out, a->local);
		if (a->domain.p != NULL)
			buf_addc(out, '@');
		buf_add(out, a->domain);
		rc = RC_OK;
	}
	arena_done(&arena);
	return rc;
}

/* --- quoting and printing --- */

static bool is_dot_atom(struct slice s)
{
	bool after_dot = true;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' ? after_dot : !is_atext(s.p[i]))
			return false;
		after_dot = s.p[i] == '.';
	}
	return s.n > 0 && !after_dot;
}

static void add_quoted(struct slice s, struct buf *out)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == '\r')
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

static void add_local(struct slice local, struct buf *out)
{
	if (is_dot_atom(local))
		buf_add(out, local);
	else
		add_quoted(local, out);
}

void addr_quote(struct slice internal, struct buf *out)
{
	ptrdiff_t i = slice_rchr(internal, '@');

	if (internal.n == 0)
		return;
	if (i < 0) {
		add_local(internal, out);
		return;
	}
	add_local(slice_sub(internal, 0, (size_t)i), out);
	buf_add(out, slice_skip(internal, (size_t)i));
}

void addr_unquote(struct slice external, struct buf *out)
{
	bool in_quotes = false;
	size_t i = 0;

	for (; i < external.n && (in_quotes || external.p[i] != '@'); i++) {
		if (external.p[i] == '"') {
			in_quotes = !in_quotes;
			continue;
		}
		if (external.p[i] == '\\' && i + 1 < external.n)
			i++;
		buf_addc(out, external.p[i]);
	}
	buf_add(out, slice_skip(external, i));
}

static bool is_plain_phrase(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_atext(s.p[i]) &&
		    !(s.p[i] == ' ' && i > 0 && i + 1 < s.n && s.p[i - 1] != ' '))
			return false;
	}
	return s.n > 0;
}

static void add_phrase(struct slice s, struct buf *out)
{
	if (is_plain_phrase(s))
		buf_add(out, s);
	else
		add_quoted(s, out);
}

void addr_print(const struct addr *a, struct buf *out)
{
	if (a->kind == ADDR_GROUP_END) {
		buf_addc(out, ';');
		return;
	}
	if (a->kind == ADDR_GROUP_START) {
		add_phrase(a->local, out);
		buf_addc(out, ':');
		return;
	}
	if (a->name.n > 0) {
		add_phrase(a->name, out);
		buf_adds(out, " <");
	}
	add_local(a->local, out);
	if (a->domain.p != NULL)
		buf_addc(out, '@');
	buf_add(out, a->domain);
	if (a->name.n > 0)
		buf_addc(out, '>');
}
