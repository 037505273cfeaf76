/* SPDX-License-Identifier: ISC */
#include "lib/imap/fetch.h"

#include "lib/base/num.h"
#include "lib/imap/write.h"

static const struct { const char *name; enum imap_fetch_kind kind; } simple[] = {
	{ "UID", IMAP_FETCH_UID }, { "FLAGS", IMAP_FETCH_FLAGS },
	{ "INTERNALDATE", IMAP_FETCH_INTERNALDATE }, { "RFC822.SIZE", IMAP_FETCH_SIZE },
	{ "ENVELOPE", IMAP_FETCH_ENVELOPE }, { "BODY", IMAP_FETCH_BODY },
	{ "BODYSTRUCTURE", IMAP_FETCH_BODYSTRUCTURE },
};

/* Each adds to the one before. */
static const struct { const char *name; unsigned n; } macros[] = {
	{ "FAST", 3 }, { "ALL", 4 }, { "FULL", 5 },
};
static const enum imap_fetch_kind macro_kinds[] = {
	IMAP_FETCH_FLAGS, IMAP_FETCH_INTERNALDATE, IMAP_FETCH_SIZE, IMAP_FETCH_ENVELOPE,
	IMAP_FETCH_BODY,
};

/* The PEEK forms are older than BODY.PEEK; Outlook still uses the first. */
static const struct { const char *name, *answer; enum imap_part_text text; bool peek; } old[] = {
	{ "RFC822", "RFC822", IMAP_PART_ALL, false },
	{ "RFC822.HEADER", "RFC822.HEADER", IMAP_PART_HEADER, true },
	{ "RFC822.TEXT", "RFC822.TEXT", IMAP_PART_TEXT, false },
	{ "RFC822.PEEK", "RFC822", IMAP_PART_ALL, true },
	{ "RFC822.TEXT.PEEK", "RFC822.TEXT", IMAP_PART_TEXT, true },
};

static const struct { const char *name; enum imap_part_text text; } texts[] = {
	{ "", IMAP_PART_ALL }, { "HEADER", IMAP_PART_HEADER }, { "TEXT", IMAP_PART_TEXT },
	{ "MIME", IMAP_PART_MIME }, { "HEADER.FIELDS", IMAP_PART_FIELDS },
	{ "HEADER.FIELDS.NOT", IMAP_PART_FIELDS_NOT },
};

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

struct parse {
	struct arena *arena;
	struct imap_fetch *out;
	const char *why;
};

static enum rc wrong(struct parse *p, const char *why)
{
	p->why = why;
	return RC_SYNTAX;
}

static void add(struct parse *p, enum imap_fetch_kind kind, const struct imap_section *section)
{
	struct imap_fetch *f = p->out;

	if (kind != IMAP_FETCH_SECTION && (f->kinds & 1U << kind) != 0)
		return;
	f->kinds |= 1U << kind;
	f->items[f->n].kind = kind;
	if (section != NULL) {
		f->items[f->n].section = *section;
		f->sets_seen |= !section->peek;
	}
	f->n++;
}

/* Cut the part numbers off *SPEC: "1.2.MIME" leaves "MIME". */
static enum rc parse_path(struct parse *p, struct slice *spec, struct imap_section *s)
{
	size_t dots = 1;

	for (size_t i = 0; i < spec->n; i++)
		dots += spec->p[i] == '.';
	s->path = arena_alloc(p->arena, dots * sizeof(*s->path));
	if (s->path == NULL)
		return RC_LIMIT;
	while (spec->n > 0 && char_is_digit(spec->p[0])) {
		struct slice digits = slice_take_while(spec, char_is_digit);

		if (num_u32(digits, UINT32_MAX, &s->path[s->n_path]) != RC_OK ||
		    s->path[s->n_path++] == 0)
			return wrong(p, "Invalid part number in section");
		if (spec->n == 0)
			return RC_OK;
		*spec = slice_skip(*spec, 1);
		if (spec->p[-1] != '.' || spec->n == 0)
			return wrong(p, "Invalid part number in section");
	}
	return RC_OK;
}

static enum rc parse_fields(struct parse *p, struct imap_args *args, struct imap_section *s)
{
	struct imap_args list;
	const struct imap_arg *first = imap_args_peek(*args);

	if (!imap_args_list(args, &list) || first->inside == 0)
		return wrong(p, "Missing list of header fields in section");
	s->fields = arena_alloc(p->arena, first->inside * sizeof(*s->fields));
	if (s->fields == NULL)
		return RC_LIMIT;
	while (!imap_args_is_empty(list))
		if (!imap_args_astring(&list, &s->fields[s->n_fields++]))
			return wrong(p, "Invalid header field in section");
	return RC_OK;
}

/* "<0.100>" or nothing. */
static enum rc parse_partial(struct parse *p, struct slice s, struct imap_section *out)
{
	struct slice from;

	if (s.n == 0)
		return RC_OK;
	if (s.n < 2 || s.p[0] != '<' || s.p[s.n - 1] != '>')
		return wrong(p, "Unexpected text behind section");
	s = slice_sub(s, 1, s.n - 2);
	if (!slice_split(&s, '.', &from) || num_u64(from, UINT32_MAX, &out->from) != RC_OK ||
	    num_u64(s, UINT32_MAX, &out->count) != RC_OK || out->count == 0)
		return wrong(p, "Invalid partial range");
	out->partial = true;
	return RC_OK;
}

/* SPEC is what follows the '[': "1.TEXT]<0.9>", or "HEADER.FIELDS" with the list and "]" next. */
static enum rc parse_section(struct parse *p, struct slice spec, bool peek,
			     struct imap_args *args)
{
	struct imap_section s = { .peek = peek };
	ptrdiff_t end = slice_chr(spec, ']');
	struct slice name = end < 0 ? spec : slice_sub(spec, 0, (size_t)end);
	struct slice rest = end < 0 ? (struct slice){ NULL, 0 } : slice_skip(spec, (size_t)end + 1);
	enum rc rc = parse_path(p, &name, &s);
	size_t i = 0;

	if (rc != RC_OK)
		return rc;
	while (i < N_OF(texts) && !slice_iis(name, texts[i].name))
		i++;
	if (i == N_OF(texts))
		return wrong(p, "Unknown section");
	s.text = texts[i].text;
	if (s.text == IMAP_PART_MIME && s.n_path == 0)
		return wrong(p, "Section MIME needs a part number");
	if (s.text == IMAP_PART_FIELDS || s.text == IMAP_PART_FIELDS_NOT) {
		const struct imap_arg *close;

		rc = end < 0 ? parse_fields(p, args, &s) : wrong(p, "Missing list of header fields");
		if (rc != RC_OK)
			return rc;
		close = imap_args_peek(*args);
		if (close == NULL || close->space || !imap_args_atom(args, &rest) ||
		    rest.p[0] != ']')
			return wrong(p, "Missing ']' in section");
		rest = slice_skip(rest, 1);
	} else if (end < 0) {
		return wrong(p, "Missing ']' in section");
	}
	rc = parse_partial(p, rest, &s);
	if (rc == RC_OK)
		add(p, IMAP_FETCH_SECTION, &s);
	return rc;
}

static enum rc parse_item(struct parse *p, struct imap_args *args)
{
	struct slice name;

	if (!imap_args_atom(args, &name))
		return wrong(p, "FETCH list contains non-atoms");
	for (size_t i = 0; i < N_OF(simple); i++) {
		if (slice_iis(name, simple[i].name)) {
			add(p, simple[i].kind, NULL);
			return RC_OK;
		}
	}
	for (size_t i = 0; i < N_OF(old); i++) {
		if (slice_iis(name, old[i].name)) {
			struct imap_section s = { .old_name = slice_str(old[i].answer),
						  .text = old[i].text, .peek = old[i].peek };

			add(p, IMAP_FETCH_SECTION, &s);
			return RC_OK;
		}
	}
	if (slice_istarts(name, SLICE_LIT("BODY[")))
		return parse_section(p, slice_skip(name, 5), false, args);
	if (slice_istarts(name, SLICE_LIT("BODY.PEEK[")))
		return parse_section(p, slice_skip(name, 10), true, args);
	return wrong(p, "Unknown FETCH parameter");
}

static bool parse_macro(struct parse *p, struct imap_args *args)
{
	const struct imap_arg *arg = imap_args_peek(*args);

	for (size_t i = 0; arg->type == IMAP_ARG_ATOM && i < N_OF(macros); i++) {
		if (!slice_iis(arg->text, macros[i].name))
			continue;
		(void)imap_args_next(args);
		for (unsigned k = 0; k < macros[i].n; k++)
			add(p, macro_kinds[k], NULL);
		return true;
	}
	return false;
}

enum rc imap_fetch_parse(struct imap_args args, bool with_uid, struct arena *a,
			 struct imap_fetch *out, const char **ret_why)
{
	struct imap_fetch f = { NULL, 0, 0, false };
	struct parse p = { a, &f, NULL };
	/* UID and a macro add up to six items; else an item is at least one argument. */
	size_t most = (size_t)(args.end - args.p) + 6;
	struct imap_args list = args;
	enum rc rc = RC_OK;

	if (imap_args_is_empty(args)) {
		*ret_why = "Missing FETCH items";
		return RC_SYNTAX;
	}
	f.items = arena_alloc(a, most * sizeof(*f.items));
	if (f.items == NULL)
		return RC_LIMIT;
	if (with_uid)
		add(&p, IMAP_FETCH_UID, NULL);
	if (imap_args_list(&args, &list)) {
		if (imap_args_is_empty(list))
			rc = wrong(&p, "FETCH list is empty");
		while (rc == RC_OK && !imap_args_is_empty(list))
			rc = parse_item(&p, &list);
	} else if (!parse_macro(&p, &args)) {
		rc = parse_item(&p, &args);
	}
	if (rc == RC_OK && !imap_args_is_empty(args))
		rc = wrong(&p, "Unexpected arguments behind the FETCH items");
	if (rc == RC_OK)
		*out = f;
	else
		*ret_why = p.why;
	return rc;
}

void imap_section_print(const struct imap_section *s, struct buf *out)
{
	if (s->old_name.n > 0) {
		buf_add(out, s->old_name);
		return;
	}
	buf_adds(out, "BODY[");
	for (size_t i = 0; i < s->n_path; i++)
		buf_addf(out, "%s%u", i > 0 ? "." : "", s->path[i]);
	for (size_t i = 0; i < N_OF(texts); i++)
		if (texts[i].text == s->text && s->text != IMAP_PART_ALL)
			buf_addf(out, "%s%s", s->n_path > 0 ? "." : "", texts[i].name);
	for (size_t i = 0; i < s->n_fields; i++) {
		buf_adds(out, i == 0 ? " (" : " ");
		imap_write_astring(s->fields[i], out);
	}
	buf_adds(out, s->n_fields > 0 ? ")]" : "]");
	if (s->partial)
		buf_addf(out, "<%llu>", (unsigned long long)s->from);
}
