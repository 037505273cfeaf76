/* SPDX-License-Identifier: ISC */
#include "lib/imap/search.h"

#include "lib/base/num.h"
#include "lib/imap/flags.h"
#include "lib/mail/charset.h"
#include "lib/mail/date.h"

enum argument { NO_ARG, ARG_SET, ARG_KEYWORD, ARG_DATE, ARG_NUMBER, ARG_TEXT, ARG_HEADER };

static const struct word {
	const char *name;
	enum imap_key_type type;
	enum argument argument;
	bool negate;
	unsigned flag;		/* FLAG */
	const char *field;	/* HEADER with a fixed name */
} words[] = {
	{ .name = "ALL", .type = IMAP_KEY_AND },
	{ .name = "ANSWERED", .type = IMAP_KEY_FLAG, .flag = STORE_ANSWERED },
	{ .name = "DELETED", .type = IMAP_KEY_FLAG, .flag = STORE_DELETED },
	{ .name = "DRAFT", .type = IMAP_KEY_FLAG, .flag = STORE_DRAFT },
	{ .name = "FLAGGED", .type = IMAP_KEY_FLAG, .flag = STORE_FLAGGED },
	{ .name = "SEEN", .type = IMAP_KEY_FLAG, .flag = STORE_SEEN },
	{ .name = "UNANSWERED", .type = IMAP_KEY_FLAG, .flag = STORE_ANSWERED, .negate = true },
	{ .name = "UNDELETED", .type = IMAP_KEY_FLAG, .flag = STORE_DELETED, .negate = true },
	{ .name = "UNDRAFT", .type = IMAP_KEY_FLAG, .flag = STORE_DRAFT, .negate = true },
	{ .name = "UNFLAGGED", .type = IMAP_KEY_FLAG, .flag = STORE_FLAGGED, .negate = true },
	{ .name = "UNSEEN", .type = IMAP_KEY_FLAG, .flag = STORE_SEEN, .negate = true },
	{ .name = "RECENT", .type = IMAP_KEY_RECENT },
	{ .name = "OLD", .type = IMAP_KEY_RECENT, .negate = true },
	{ .name = "KEYWORD", .type = IMAP_KEY_KEYWORD, .argument = ARG_KEYWORD },
	{ .name = "UNKEYWORD", .type = IMAP_KEY_KEYWORD, .argument = ARG_KEYWORD, .negate = true },
	{ .name = "BEFORE", .type = IMAP_KEY_BEFORE, .argument = ARG_DATE },
	{ .name = "ON", .type = IMAP_KEY_ON, .argument = ARG_DATE },
	{ .name = "SINCE", .type = IMAP_KEY_SINCE, .argument = ARG_DATE },
	{ .name = "SENTBEFORE", .type = IMAP_KEY_SENTBEFORE, .argument = ARG_DATE },
	{ .name = "SENTON", .type = IMAP_KEY_SENTON, .argument = ARG_DATE },
	{ .name = "SENTSINCE", .type = IMAP_KEY_SENTSINCE, .argument = ARG_DATE },
	{ .name = "LARGER", .type = IMAP_KEY_LARGER, .argument = ARG_NUMBER },
	{ .name = "SMALLER", .type = IMAP_KEY_SMALLER, .argument = ARG_NUMBER },
	{ .name = "UID", .type = IMAP_KEY_UID, .argument = ARG_SET },
	{ .name = "BCC", .type = IMAP_KEY_HEADER, .argument = ARG_TEXT, .field = "Bcc" },
	{ .name = "CC", .type = IMAP_KEY_HEADER, .argument = ARG_TEXT, .field = "Cc" },
	{ .name = "FROM", .type = IMAP_KEY_HEADER, .argument = ARG_TEXT, .field = "From" },
	{ .name = "SUBJECT", .type = IMAP_KEY_HEADER, .argument = ARG_TEXT, .field = "Subject" },
	{ .name = "TO", .type = IMAP_KEY_HEADER, .argument = ARG_TEXT, .field = "To" },
	{ .name = "HEADER", .type = IMAP_KEY_HEADER, .argument = ARG_HEADER },
	{ .name = "BODY", .type = IMAP_KEY_BODY, .argument = ARG_TEXT },
	{ .name = "TEXT", .type = IMAP_KEY_TEXT, .argument = ARG_TEXT },
};

struct parse {
	struct arena *arena;
	struct slice charset;
	const char *why;
};

static enum rc parse_key(struct parse *p, struct imap_args *args, unsigned depth,
			 struct imap_key **out);

static enum rc wrong(struct parse *p, const char *why)
{
	p->why = why;
	return RC_SYNTAX;
}

/* All keys of a group into *OUT as a chain. */
static enum rc parse_group(struct parse *p, struct imap_args *args, unsigned depth,
			   struct imap_key **out)
{
	if (imap_args_is_empty(*args))
		return wrong(p, "Missing search parameters");
	while (!imap_args_is_empty(*args)) {
		enum rc rc = parse_key(p, args, depth, out);

		if (rc != RC_OK)
			return rc;
		out = &(*out)->next;
	}
	return RC_OK;
}

static enum rc parse_set(struct parse *p, struct slice s, struct imap_key *k)
{
	enum rc rc = imap_seqset_parse(s, p->arena, &k->set);

	if (rc == RC_OK && k->type == IMAP_KEY_SEQ && imap_seqset_has_zero(&k->set))
		rc = RC_SYNTAX;
	return rc == RC_SYNTAX ? wrong(p, "Invalid messageset") : rc;
}

static enum rc parse_text(struct parse *p, struct imap_args *args, struct imap_key *k)
{
	struct buf utf8, folded;
	struct slice s;
	enum rc rc;

	if (!imap_args_astring(args, &s))
		return wrong(p, "Missing text of search key");
	buf_init(&utf8, s.n * 8 + 64);
	buf_init(&folded, s.n * 32 + 256);
	rc = charset_to_utf8(p->charset, s, &utf8);
	if (rc == RC_OK) {
		charset_fold(buf_slice(&utf8), &folded);
		k->text = arena_slice(p->arena, buf_slice(&folded));
		rc = k->text.p == NULL ? RC_LIMIT : RC_OK;
	}
	buf_done(&utf8);
	buf_done(&folded);
	return rc;
}

static enum rc parse_argument(struct parse *p, struct imap_args *args, const struct word *w,
			      struct imap_key *k)
{
	struct slice s;

	switch (w->argument) {
	case NO_ARG:
		k->number = w->flag;
		return RC_OK;
	case ARG_SET:
		return imap_args_atom(args, &s) ? parse_set(p, s, k) :
			wrong(p, "Missing messageset");
	case ARG_KEYWORD:
		if (!imap_args_atom(args, &k->text) || !imap_keyword_is_valid(k->text))
			return wrong(p, "Invalid keyword");
		return RC_OK;
	case ARG_DATE:
		if (!imap_args_astring(args, &s) || date_parse_imap_day(s, &k->day) != RC_OK)
			return wrong(p, "Invalid date");
		return RC_OK;
	case ARG_NUMBER:
		if (!imap_args_atom(args, &s) || num_u64(s, INT64_MAX, &k->number) != RC_OK)
			return wrong(p, "Invalid size");
		return RC_OK;
	case ARG_HEADER:
		if (!imap_args_astring(args, &k->name) || k->name.n == 0)
			return wrong(p, "Missing name of header field");
		return parse_text(p, args, k);
	case ARG_TEXT:
		k->name = slice_str(w->field);
		return parse_text(p, args, k);
	}
	return RC_SYNTAX;
}

/* NEW is RECENT UNSEEN: the one word that stands for two keys. */
static enum rc make_new(struct parse *p, struct imap_key *k)
{
	struct imap_key *recent = ARENA_NEW(p->arena, struct imap_key);
	struct imap_key *unseen = ARENA_NEW(p->arena, struct imap_key);

	if (recent == NULL || unseen == NULL)
		return RC_LIMIT;
	*unseen = (struct imap_key){ .type = IMAP_KEY_FLAG, .number = STORE_SEEN, .negate = true };
	*recent = (struct imap_key){ .type = IMAP_KEY_RECENT, .next = unseen };
	k->type = IMAP_KEY_AND;
	k->sub = recent;
	return RC_OK;
}

static enum rc parse_or(struct parse *p, struct imap_args *args, unsigned depth,
			struct imap_key *k)
{
	enum rc rc = parse_key(p, args, depth + 1, &k->sub);

	k->type = IMAP_KEY_OR;
	return rc == RC_OK ? parse_key(p, args, depth + 1, &k->sub->next) : rc;
}

static enum rc parse_word(struct parse *p, struct imap_args *args, unsigned depth,
			  struct imap_key *k)
{
	struct slice name;

	if (!imap_args_atom(args, &name))
		return wrong(p, "Unexpected string in search");
	if (imap_seqset_looks_like(name)) {
		k->type = IMAP_KEY_SEQ;
		return parse_set(p, name, k);
	}
	if (slice_iis(name, "OR"))
		return parse_or(p, args, depth, k);
	if (slice_iis(name, "NEW"))
		return make_new(p, k);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!slice_iis(name, words[i].name))
			continue;
		k->type = words[i].type;
		k->negate ^= words[i].negate;
		return parse_argument(p, args, &words[i], k);
	}
	return wrong(p, "Unknown search key");
}

static enum rc parse_key(struct parse *p, struct imap_args *args, unsigned depth,
			 struct imap_key **out)
{
	struct imap_key *k = ARENA_NEW(p->arena, struct imap_key);
	const struct imap_arg *arg;
	struct imap_args list;
	enum rc rc = RC_LIMIT;

	if (depth > IMAP_SEARCH_DEPTH_MAX)
		return wrong(p, "Search is nested too deeply");
	if (k == NULL)
		return rc;
	while ((arg = imap_args_peek(*args)) != NULL && arg->type == IMAP_ARG_ATOM &&
	       slice_iis(arg->text, "NOT")) {
		k->negate = !k->negate;
		(void)imap_args_next(args);
	}
	if (arg == NULL) {
		rc = wrong(p, "Missing search key");
	} else if (imap_args_list(args, &list)) {
		k->type = IMAP_KEY_AND;
		rc = parse_group(p, &list, depth + 1, &k->sub);
	} else {
		rc = parse_word(p, args, depth, k);
	}
	if (rc == RC_OK)
		*out = k;
	return rc;
}

enum rc imap_search_parse(struct imap_args args, struct arena *a, struct imap_key *out,
			  const char **ret_why)
{
	/* Without a CHARSET it would be US-ASCII; 8-bit text then can only mean UTF-8. */
	struct parse p = { .arena = a, .charset = SLICE_LIT("UTF-8") };
	const struct imap_arg *first = imap_args_peek(args);
	struct imap_key all = { .type = IMAP_KEY_AND };
	enum rc rc;

	if (first != NULL && first->type == IMAP_ARG_ATOM && slice_iis(first->text, "CHARSET")) {
		struct charset *c;

		(void)imap_args_next(&args);
		*ret_why = "Missing charset name";
		if (!imap_args_astring(&args, &p.charset))
			return RC_SYNTAX;
		rc = charset_open(p.charset, &c);
		if (rc != RC_OK)
			return rc;
		charset_close(&c);
	}
	rc = parse_group(&p, &args, 0, &all.sub);
	if (rc == RC_OK)
		*out = all;
	else
		*ret_why = p.why;
	return rc;
}
