/* SPDX-License-Identifier: ISC */
#include "lib/imap/command.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static enum rc parse_how(struct slice word, struct imap_store_args *s)
{
	s->how = STORE_FLAGS_REPLACE;
	if (slice_starts(word, SLICE_LIT("+")) || slice_starts(word, SLICE_LIT("-"))) {
		s->how = word.p[0] == '+' ? STORE_FLAGS_ADD : STORE_FLAGS_REMOVE;
		word = slice_skip(word, 1);
	}
	s->silent = slice_iis(word, "FLAGS.SILENT");
	return s->silent || slice_iis(word, "FLAGS") ? RC_OK : RC_SYNTAX;
}

enum rc imap_store_parse(struct imap_args args, struct arena *a, struct imap_store_args *out,
			 const char **ret_why)
{
	struct imap_store_args s = { 0 };
	struct imap_args list;
	struct slice word;
	enum rc rc;

	*ret_why = "Invalid STORE operation";
	if (!imap_args_atom(&args, &word) || parse_how(word, &s) != RC_OK)
		return RC_SYNTAX;
	*ret_why = "Missing flags";
	if (imap_args_is_empty(args))
		return RC_SYNTAX;
	if (imap_args_list(&args, &list)) {
		*ret_why = "Unexpected arguments behind the flags";
		if (!imap_args_is_empty(args))
			return RC_SYNTAX;
		args = list;
	}
	rc = imap_flags_parse(args, a, &s.flags, ret_why);
	if (rc == RC_OK)
		*out = s;
	return rc;
}

enum rc imap_status_parse(struct imap_args args, unsigned *out, const char **ret_why)
{
	static const struct { const char *name; unsigned bit; } items[] = {
		{ "MESSAGES", IMAP_STATUS_MESSAGES }, { "RECENT", IMAP_STATUS_RECENT },
		{ "UIDNEXT", IMAP_STATUS_UIDNEXT }, { "UIDVALIDITY", IMAP_STATUS_UIDVALIDITY },
		{ "UNSEEN", IMAP_STATUS_UNSEEN },
	};
	struct imap_args list;
	struct slice name;
	unsigned set = 0;

	*ret_why = "Status list is not a list";
	if (!imap_args_list(&args, &list) || !imap_args_is_empty(args))
		return RC_SYNTAX;
	*ret_why = "Empty status list";
	if (imap_args_is_empty(list))
		return RC_SYNTAX;
	*ret_why = "Invalid status item";
	while (imap_args_atom(&list, &name)) {
		size_t i = 0;

		while (i < N_OF(items) && !slice_iis(name, items[i].name))
			i++;
		if (i == N_OF(items))
			return RC_SYNTAX;
		set |= items[i].bit;
	}
	if (!imap_args_is_empty(list))
		return RC_SYNTAX;
	*out = set;
	return RC_OK;
}

enum rc imap_append_parse(struct imap_args args, struct arena *a, struct imap_append_args *out,
			  const char **ret_why)
{
	struct imap_append_args p = { 0 };
	struct imap_args list;
	struct slice text;

	*ret_why = "Invalid mailbox name";
	if (!imap_args_astring(&args, &p.mailbox))
		return RC_SYNTAX;
	if (imap_args_list(&args, &list)) {
		enum rc rc = imap_flags_parse(list, a, &p.flags, ret_why);

		if (rc != RC_OK)
			return rc;
	}
	*ret_why = "Invalid internal date";
	p.has_date = imap_args_string(&args, &text);
	if (p.has_date && date_parse_imap(text, &p.date) != RC_OK)
		return RC_SYNTAX;
	*ret_why = "Invalid arguments";
	if (!imap_args_is_empty(args))
		return RC_SYNTAX;
	*out = p;
	return RC_OK;
}
