/* SPDX-License-Identifier: ISC */
#include "lib/imap/mailbox.h"

#include "lib/mail/enc.h"
#include "lib/store/store.h"

static bool is_inbox(struct slice name)
{
	return slice_iis(name, "INBOX");
}

static bool is_mutf7(struct slice name)
{
	struct buf utf8;
	enum rc rc;

	buf_init(&utf8, STORE_NAME_MAX * 4);
	rc = enc_mutf7_decode(name, &utf8);
	if (slice_has_nul(buf_slice(&utf8)))
		rc = RC_SYNTAX;
	buf_done(&utf8);
	return rc == RC_OK;
}

/* A prefix that begins with INBOX does so in any case, as INBOX itself. */
static bool has_prefix(const struct imap_namespace *ns, struct slice name)
{
	struct slice inbox = SLICE_LIT("INBOX");
	size_t n = slice_istarts(ns->prefix, inbox) ? inbox.n : 0;

	return slice_istarts(name, slice_sub(ns->prefix, 0, n)) &&
		slice_starts(slice_skip(name, n), slice_skip(ns->prefix, n));
}

enum rc imap_mailbox_from_wire(const struct imap_namespace *ns, struct slice name,
			       struct arena *a, const char **out, const char **ret_why)
{
	char *copy;

	*ret_why = NULL;
	if (name.n == 0)
		*ret_why = "Mailbox name is empty";
	else if (name.n > ns->prefix.n + STORE_NAME_MAX)
		*ret_why = "Mailbox name is too long";
	else if (!is_mutf7(name))
		*ret_why = "Mailbox name is not valid mUTF-7";
	else if (!is_inbox(name) && (!has_prefix(ns, name) || name.n == ns->prefix.n))
		*ret_why = "Client tried to access nonexistent namespace";
	if (*ret_why != NULL)
		return RC_SYNTAX;
	copy = arena_str(a, is_inbox(name) ? SLICE_LIT("INBOX") : slice_skip(name, ns->prefix.n));
	if (copy == NULL)
		return RC_LIMIT;
	*out = copy;
	return RC_OK;
}

void imap_mailbox_to_wire(const struct imap_namespace *ns, const char *name, struct buf *out)
{
	if (strcmp(name, "INBOX") != 0)
		buf_add(out, ns->prefix);
	buf_adds(out, name);
}

/* Two wildcards, two places to come back to: '%' is stretched first, and given up where it would
 * swallow a separator; then '*' is. */
bool imap_list_matches(struct slice pattern, struct slice name, char separator)
{
	const size_t none = SIZE_MAX;
	size_t p = 0, s = 0, star_p = none, star_s = 0, percent_p = none, percent_s = 0;
	/* So many characters match in any case: INBOX, as itself or as the parent of others. */
	size_t fold = slice_istarts(name, SLICE_LIT("INBOX")) &&
		(name.n == 5 || name.p[5] == separator) ? 5 : 0;

	while (s < name.n) {
		char c = p < pattern.n ? pattern.p[p] : '\0', d = name.p[s];

		if (c == '*') {
			star_p = ++p;
			star_s = s;
			percent_p = none;
		} else if (c == '%') {
			percent_p = ++p;
			percent_s = s;
		} else if (p < pattern.n &&
			   (c == d || (s < fold && char_upper(c) == char_upper(d)))) {
			p++;
			s++;
		} else if (percent_p != none && name.p[percent_s] != separator) {
			p = percent_p;
			s = ++percent_s;
		} else if (star_p != none) {
			p = star_p;
			s = ++star_s;
			percent_p = none;
		} else {
			return false;
		}
	}
	while (p < pattern.n && (pattern.p[p] == '*' || pattern.p[p] == '%'))
		p++;
	return p == pattern.n;
}
