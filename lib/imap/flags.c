/* SPDX-License-Identifier: ISC */
#include "lib/imap/flags.h"

/* In the order in which Dovecot lists them. */
static const struct { const char *name; unsigned bit; } names[] = {
	{ "\\Answered", STORE_ANSWERED }, { "\\Flagged", STORE_FLAGGED },
	{ "\\Deleted", STORE_DELETED }, { "\\Seen", STORE_SEEN }, { "\\Draft", STORE_DRAFT },
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

static unsigned system_bit(struct slice name)
{
	for (size_t i = 0; i < N_NAMES; i++)
		if (slice_iis(name, names[i].name))
			return names[i].bit;
	return 0;
}

static bool is_keyword_char(char c)
{
	return char_is_print(c) && strchr(" (){%*\"\\]", c) == NULL;
}

bool imap_keyword_is_valid(struct slice name)
{
	struct slice rest = name;

	(void)slice_take_while(&rest, is_keyword_char);
	return name.n > 0 && name.n <= STORE_KEYWORD_NAME_MAX && rest.n == 0;
}

static bool has_keyword(const struct imap_flags *f, struct slice name)
{
	for (size_t i = 0; i < f->n_keywords; i++)
		if (slice_ieq(f->keywords[i], name))
			return true;
	return false;
}

enum rc imap_flags_parse(struct imap_args args, struct arena *a, struct imap_flags *out,
			 const char **ret_why)
{
	struct imap_flags f = { 0, NULL, 0 };
	struct slice name;

	f.keywords = arena_alloc(a, STORE_KEYWORDS_MAX * sizeof(*f.keywords));
	if (f.keywords == NULL)
		return RC_LIMIT;
	while (imap_args_atom(&args, &name)) {
		unsigned bit = system_bit(name);

		f.system |= bit;
		if (bit != 0 || has_keyword(&f, name))
			continue;
		*ret_why = "Invalid system flag";
		if (name.n > 0 && name.p[0] == '\\')
			return RC_SYNTAX;
		*ret_why = f.n_keywords == STORE_KEYWORDS_MAX ? "Too many keywords" :
			"Invalid keyword";
		if (f.n_keywords == STORE_KEYWORDS_MAX || !imap_keyword_is_valid(name))
			return RC_SYNTAX;
		f.keywords[f.n_keywords++] = name;
	}
	*ret_why = "Flags list contains non-atoms";
	if (!imap_args_is_empty(args))
		return RC_SYNTAX;
	*out = f;
	return RC_OK;
}

void imap_flags_print(unsigned system, struct buf *out)
{
	const char *blank = "";

	for (size_t i = 0; i < N_NAMES; i++) {
		if ((system & names[i].bit) == 0)
			continue;
		buf_adds(out, blank);
		buf_adds(out, names[i].name);
		blank = " ";
	}
}
