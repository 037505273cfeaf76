/* SPDX-License-Identifier: ISC */
#include "local/alias.h"

#include "lib/mail/addr.h"

static enum rc append(struct target_list *list, struct arena *a, enum target_kind kind,
		      struct slice text)
{
	struct target *t = list->n < TARGETS_MAX ? ARENA_NEW(a, struct target) : NULL;

	if (t == NULL)
		return RC_LIMIT;
	t->kind = kind;
	t->text = arena_slice(a, text);
	if (t->text.p == NULL)
		return RC_LIMIT;
	if (list->last != NULL)
		list->last->next = t;
	else
		list->first = t;
	list->last = t;
	list->n++;
	return RC_OK;
}

/* Cut the item before the next byte of ENDS that is outside quotes, comments and angle
 * brackets. */
static struct slice take_item(struct slice *s, const char *ends)
{
	bool quoted = false;
	size_t depth = 0, angle = 0, i = 0;

	for (; i < s->n; i++) {
		char c = s->p[i];

		if (c == '\\' && i + 1 < s->n) {
			i++;
		} else if (c == '"' && depth == 0) {
			quoted = !quoted;
		} else if (quoted) {
			continue;
		} else if (c == '(') {
			depth++;
		} else if (c == ')' && depth > 0) {
			depth--;
		} else if (depth == 0) {
			angle = c == '<' ? 1 : c == '>' ? 0 : angle;
			if (c != '\0' && strchr(ends, c) != NULL && angle == 0)
				break;
		}
	}
	struct slice item = slice_trim_space(slice_sub(*s, 0, i));

	*s = slice_skip(*s, i + 1);
	return item;
}

/* Quotes and backslashes removed, as in the local part of an address. */
static void unquote(struct slice item, struct buf *out)
{
	for (size_t i = 0; i < item.n; i++) {
		if (item.p[i] == '"')
			continue;
		if (item.p[i] == '\\' && i + 1 < item.n)
			i++;
		buf_addc(out, item.p[i]);
	}
}

static bool starts_quoted(struct slice item, const char *what)
{
	if (item.n > 0 && item.p[0] == '"')
		item = slice_skip(item, 1);
	return slice_istarts(item, slice_str(what));
}

static enum rc add_special(struct slice item, struct arena *a, struct target_list *out)
{
	struct buf flat;
	struct slice text;
	enum rc rc;

	buf_init(&flat, item.n + 1);
	unquote(item, &flat);
	text = slice_trim_space(buf_slice(&flat));
	if (text.n > 0 && text.p[0] == '|')
		rc = append(out, a, TARGET_COMMAND, slice_trim_space(slice_skip(text, 1)));
	else if (text.n > 0 && (text.p[0] == '/' || text.p[0] == '~'))
		rc = append(out, a, TARGET_FILE, text);
	else
		rc = append(out, a, TARGET_INCLUDE,
			    slice_trim_space(slice_skip(text, strlen(":include:"))));
	buf_done(&flat);
	return rc;
}

static void remember_bad(struct target_list *out, struct slice item)
{
	if (out->bad.n == 0)
		out->bad = item;
}

static bool is_readable(const struct addr_list *list)
{
	for (const struct addr *x = list->first; x != NULL; x = x->next)
		if (x->kind == ADDR_MAILBOX && x->local.n == 0)
			return false;
	return true;
}

/* An item may hold several addresses where commas are left out, and groups. What is more than one
 * word and no address is read as words: a '#' behind an address hides nothing but itself. */
static enum rc add_addresses(struct slice item, struct arena *a, struct target_list *out)
{
	struct slice words = item, word;
	struct addr_list list;
	struct buf text;
	enum rc rc = RC_OK;

	addr_parse(item, TARGETS_MAX, a, &list);
	if (list.is_cut)
		return RC_LIMIT;
	word = take_item(&words, " \t\r\n");
	if (!is_readable(&list) && word.n < item.n) {
		for (; word.n > 0 && word.p[0] != '#' && rc == RC_OK;
		     word = take_item(&words, " \t\r\n"))
			rc = add_addresses(word, a, out);
		if (word.n > 0)
			remember_bad(out, word);
		return rc;
	}
	buf_init(&text, item.n + 2);
	for (const struct addr *x = list.first; x != NULL && rc == RC_OK; x = x->next) {
		if (x->kind != ADDR_MAILBOX)
			continue;
		if (x->local.n == 0) {
			remember_bad(out, item);
			continue;
		}
		buf_reset(&text);
		buf_add(&text, x->local);
		if (x->domain.n > 0)
			buf_addc(&text, '@');
		buf_add(&text, x->domain);
		rc = append(out, a, TARGET_ADDRESS, buf_slice(&text));
	}
	buf_done(&text);
	return rc;
}

static enum rc add_item(struct slice item, struct arena *a, struct target_list *out)
{
	if (item.n == 0)
		return RC_OK;
	if (slice_has_nul(item)) {
		remember_bad(out, item);
		return RC_OK;
	}
	if (starts_quoted(item, "|") || starts_quoted(item, "/") || starts_quoted(item, "~/") ||
	    starts_quoted(item, ":include:"))
		return add_special(item, a, out);
	if (item.p[0] == '\\')
		return append(out, a, TARGET_USER, slice_skip(item, 1));
	return add_addresses(item, a, out);
}

enum rc alias_parse(struct slice text, struct arena *a, struct target_list *out)
{
	while (text.n > 0) {
		enum rc rc = add_item(take_item(&text, ","), a, out);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc alias_parse_file(struct slice text, struct arena *a, struct target_list *out)
{
	struct slice line;

	while (slice_line(&text, &line)) {
		enum rc rc = RC_OK;

		if (line.n > 0 && line.p[0] != '#')
			rc = alias_parse(line, a, out);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

struct slice alias_split_extension(struct slice local, const char *delimiters,
				   bool owner_special, struct slice *ret_ext)
{
	bool special = owner_special && (slice_istarts(local, SLICE_LIT("owner-")) ||
					 slice_iends(local, SLICE_LIT("-request")));

	*ret_ext = (struct slice){ 0 };
	if (slice_iis(local, "mailer-daemon") || slice_iis(local, "double-bounce"))
		return local;
	for (size_t i = 1; i < local.n; i++) {
		char c = local.p[i];

		if (c == '\0' || strchr(delimiters, c) == NULL || (c == '-' && special))
			continue;
		*ret_ext = slice_skip(local, i + 1);
		return slice_sub(local, 0, i);
	}
	return local;
}
