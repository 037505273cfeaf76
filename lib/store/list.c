/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/backend.h"

/* A list is made from two sorted sets of names: what exists and what is subscribed. */
struct name_set {
	struct store_names names;
	char sep;
};

static bool in_inbox(const char *name, char sep)
{
	return strncmp(name, "INBOX", 5) == 0 && (name[5] == '\0' || name[5] == sep);
}

/* Tree order: the separator sorts before every other character, INBOX before every other name. */
static int cmp_names(const char *a, const char *b, char sep)
{
	bool a_first = in_inbox(a, sep), b_first = in_inbox(b, sep);

	if (a_first != b_first)
		return a_first ? -1 : 1;
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b)
		return 0;
	if (*a == '\0' || *b == '\0')
		return *a == '\0' ? -1 : 1;
	if (*a == sep || *b == sep)
		return *a == sep ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int cmp_dot(const void *a, const void *b)
{
	return cmp_names(*(char *const *)a, *(char *const *)b, '.');
}

static int cmp_slash(const void *a, const void *b)
{
	return cmp_names(*(char *const *)a, *(char *const *)b, '/');
}

static void sort(struct name_set *s)
{
	size_t kept = 0;

	if (s->names.n == 0)
		return;
	qsort(s->names.v, s->names.n, sizeof(*s->names.v), s->sep == '/' ? cmp_slash : cmp_dot);
	for (size_t i = 1; i < s->names.n; i++) {
		if (strcmp(s->names.v[i], s->names.v[kept]) == 0)
			free(s->names.v[i]);
		else
			s->names.v[++kept] = s->names.v[i];
	}
	s->names.n = kept + 1;
}

/* Index of the first name that is not before NAME. */
static size_t lower_bound(const struct name_set *s, const char *name)
{
	size_t lo = 0, hi = s->names.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cmp_names(s->names.v[mid], name, s->sep) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool has(const struct name_set *s, const char *name)
{
	size_t i = lower_bound(s, name);

	return i < s->names.n && strcmp(s->names.v[i], name) == 0;
}

/* What lies below a name follows it directly. */
static bool has_below(const struct name_set *s, const char *name)
{
	size_t i = lower_bound(s, name), n = strlen(name);

	if (i < s->names.n && strcmp(s->names.v[i], name) == 0)
		i++;
	return i < s->names.n && strncmp(s->names.v[i], name, n) == 0 &&
	       s->names.v[i][n] == s->sep;
}

/* The parents of every name, for a tree without holes. */
static enum rc add_parents(struct name_set *s)
{
	size_t n = s->names.n;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		struct slice name = slice_str(s->names.v[i]);
		ptrdiff_t at;

		while (rc == RC_OK && (at = slice_rchr(name, s->sep)) > 0) {
			name.n = (size_t)at;
			rc = store_names_add(&s->names, name);
		}
	}
	return rc;
}

static void make_entries(struct name_set *names, const struct name_set *exist,
			 const struct name_set *subscribed, struct store_list *out)
{
	out->entries = mem_new(names->names.n + 1, sizeof(*out->entries));
	out->n = names->names.n;
	for (size_t i = 0; i < out->n; i++) {
		char *name = names->names.v[i];
		unsigned attrs = 0;

		if (!has(exist, name))
			attrs |= STORE_ENTRY_NOSELECT;
		if (has_below(exist, name))
			attrs |= STORE_ENTRY_CHILDREN;
		if (has(subscribed, name))
			attrs |= STORE_ENTRY_SUBSCRIBED;
		if (has_below(subscribed, name))
			attrs |= STORE_ENTRY_SUBSCRIBED_BELOW;
		out->entries[i] = (struct store_entry){ name, attrs };
		names->names.v[i] = NULL;	/* the entry has it now */
	}
}

static enum rc copy_names(const struct store_names *from, struct store_names *to)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < from->n && rc == RC_OK; i++)
		rc = store_names_add(to, slice_str(from->v[i]));
	return rc;
}

static enum rc list(struct store *s, bool by_subscription, struct store_list *out,
		    struct err *err)
{
	struct name_set exist = { .sep = s->separator }, subscribed = exist, names = exist;
	enum rc rc = s->ops->names(s, &exist.names, err);

	*out = (struct store_list){ 0 };
	if (rc == RC_OK)
		rc = s->ops->subscribed(s, &subscribed.names, err);
	if (rc == RC_OK)
		rc = copy_names(by_subscription ? &subscribed.names : &exist.names, &names.names);
	if (rc == RC_OK && !by_subscription)
		rc = add_parents(&names);
	if (rc == RC_OK) {
		sort(&exist);
		sort(&subscribed);
		sort(&names);
		make_entries(&names, &exist, &subscribed, out);
	} else {
		rc = err_set(err, rc, "too many mailboxes");
	}
	store_names_done(&exist.names);
	store_names_done(&subscribed.names);
	store_names_done(&names.names);
	return rc;
}

enum rc store_list(struct store *s, struct store_list *out, struct err *err)
{
	return list(s, false, out, err);
}

enum rc store_list_subscribed(struct store *s, struct store_list *out, struct err *err)
{
	return list(s, true, out, err);
}

void store_list_done(struct store_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free((char *)(uintptr_t)l->entries[i].name);
	free(l->entries);
	*l = (struct store_list){ 0 };
}
