/* cmd/postconf_medit.c - changing entries, fields and -o parameters of master.cf. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/postconf.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/conf/replace.h"
#include "lib/conf/slurp.h"
#include "lib/sys/log.h"

/* "service/type[/what]=value" */
struct change {
	const char *text;
	struct slice service, type, what, value;
	bool has_value;
	bool matched;
	struct masterline entry;	/* of -Me */
};

static bool is_type(struct slice s)
{
	static const char *const types[] = { "inet", "unix", "unix-dgram", "fifo", "pass" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_is(s, types[i]))
			return true;
	return false;
}

/* A field's value as master would accept it; empty is kept as it is. */
static void check_field(int field, struct slice value)
{
	bool ok = true;
	uint32_t n;

	if (value.n == 0 || slice_is(value, "-"))
		return;
	switch (field) {
	case MASTERLINE_TYPE:
		ok = is_type(value);
		break;
	case MASTERLINE_PRIVATE:
	case MASTERLINE_UNPRIVILEGED:
	case MASTERLINE_CHROOT:
		ok = slice_is(value, "y") || slice_is(value, "n");
		break;
	case MASTERLINE_WAKEUP:
		if (value.p[value.n - 1] == '?')
			value.n--;
		ok = num_u32(value, INT32_MAX, &n) == RC_OK;
		break;
	case MASTERLINE_LIMIT:
		ok = num_u32(value, INT32_MAX, &n) == RC_OK;
		break;
	default:
		break;
	}
	if (!ok)
		log_fatal("invalid %s field \"%.*s\" in \"%.*s\"", masterline_field_names[field],
			  SLICE_ARG(value), SLICE_ARG(value));
}

static int find_field(struct slice name)
{
	for (int i = 0; i < MASTERLINE_FIELDS; i++)
		if (slice_is(name, masterline_field_names[i]))
			return i;
	log_fatal("invalid service attribute name: \"%.*s\"", SLICE_ARG(name));
}

static void parse_new_entry(struct postconf *p, struct change *k)
{
	struct err err = { 0 };

	if (masterline_parse(k->value, &p->arena, &k->entry, &err) != RC_OK)
		log_fatal("bad field count: \"%s\"", k->text);
	for (int i = MASTERLINE_TYPE; i < MASTERLINE_COMMAND; i++)
		check_field(i, slice_str(k->entry.field[i]));
}

static void check_change(struct postconf *p, struct change *k)
{
	bool is_entry = (p->mode & POSTCONF_ENTRIES) != 0;

	if ((p->mode & POSTCONF_EDIT) != 0 && !k->has_value)
		log_fatal("missing '=' after attribute name: \"%s\"", k->text);
	if (is_entry && (k->type.n == 0 || k->what.n > 0))
		log_fatal("-Me, -MX or -M# requires service_name/type");
	if (!is_entry && k->what.n == 0)
		log_fatal((p->mode & POSTCONF_FIELDS) != 0
				  ? "-Fe or -FX requires service_name/type/field_name"
				  : "-Pe or -PX requires service_name/type/parameter_name");
	if (is_entry && (p->mode & POSTCONF_EDIT) != 0)
		parse_new_entry(p, k);
	if ((p->mode & POSTCONF_FIELDS) != 0)
		check_field(find_field(k->what), k->value);
	for (size_t i = 0; (p->mode & POSTCONF_PARAMS) != 0 && i < k->value.n; i++)
		if (char_is_space(k->value.p[i]))
			log_fatal("-Pe does not accept whitespace in parameter value");
}

static void parse_change(struct postconf *p, const char *text, struct change *k)
{
	struct slice rest = slice_str(text);
	ptrdiff_t eq = slice_chr(rest, '=');

	*k = (struct change){ .text = text, .has_value = eq >= 0 };
	if (strchr(text, '\n') != NULL)
		log_fatal("-Me, -Fe, -Pe, -X, or -# accept no multi-line input");
	if (eq >= 0 && (p->mode & POSTCONF_EDIT) != 0) {
		k->value = slice_trim_space(slice_skip(rest, (size_t)eq + 1));
		rest = slice_trim_space(slice_sub(rest, 0, (size_t)eq));
	}
	if (slice_split(&rest, '/', &k->service) && slice_split(&rest, '/', &k->type) &&
	    slice_split(&rest, '/', &k->what) && rest.n > 0)
		log_fatal("too many \"/\" in \"%s\"", text);
	check_change(p, k);
}

static bool matches(const struct change *k, const struct masterline *l)
{
	return (slice_is(k->service, "*") || slice_is(k->service, l->field[MASTERLINE_SERVICE])) &&
	       (slice_is(k->type, "*") || slice_is(k->type, l->field[MASTERLINE_TYPE]));
}

static const char *keep(struct postconf *p, struct slice s)
{
	const char *copy = arena_str(&p->arena, s);

	if (copy == NULL)
		log_fatal("too much text");
	return copy;
}

static void set_field(struct postconf *p, struct masterline *l, const struct change *k)
{
	int field = find_field(k->what);
	struct masterline changed;
	struct err err = { 0 };
	char *text;

	if (field != MASTERLINE_COMMAND) {
		l->field[field] = keep(p, k->value);
		return;
	}
	/* The command holds the arguments: parse it as the end of an entry. */
	text = arena_printf(&p->arena, "- - - - - - - %.*s", SLICE_ARG(k->value));
	if (text == NULL || masterline_parse(slice_str(text), &p->arena, &changed, &err) != RC_OK)
		log_fatal("bad command: \"%.*s\"", SLICE_ARG(k->value));
	l->field[MASTERLINE_COMMAND] = changed.field[MASTERLINE_COMMAND];
	l->args = changed.args;
}

/* Options end at the first word that is none. */
static size_t end_of_options(const struct masterline *l)
{
	size_t i = 0;

	while (i < l->args.n && l->args.v[i][0] == '-')
		i += strcmp(l->args.v[i], "-o") == 0 && i + 1 < l->args.n ? 2 : 1;
	return i;
}

/* The index of the -o that sets NAME, and how many words it has; false: none does. */
static bool find_setting(struct postconf *p, const struct masterline *l, struct slice name,
			 size_t *ret_at, size_t *ret_words)
{
	size_t end = end_of_options(l);

	for (size_t i = 0; i < end; i++) {
		struct err err = { 0 };
		char *found, *value;
		int words = masterline_option(l, i, &p->arena, &found, &value, &err);

		if (words <= 0)
			continue;
		if (slice_is(name, found)) {
			*ret_at = i;
			*ret_words = (size_t)words;
			return true;
		}
		i += (size_t)words - 1;
	}
	return false;
}

/* Replace WORDS arguments at AT by the N at NEW. */
static void splice(struct postconf *p, struct masterline *l, size_t at, size_t words,
		   const char *const *new, size_t n)
{
	const char **v = arena_alloc(&p->arena, (l->args.n - words + n + 1) * sizeof(*v));

	if (v == NULL)
		log_fatal("too much text");
	memcpy(v, l->args.v, at * sizeof(*v));
	if (n > 0)
		memcpy(v + at, new, n * sizeof(*v));
	memcpy(v + at + n, l->args.v + at + words, (l->args.n - at - words) * sizeof(*v));
	l->args.v = v;
	l->args.n = l->args.n - words + n;
}

static void set_setting(struct postconf *p, struct masterline *l, const struct change *k)
{
	const char *new[2] = { "-o", NULL };
	size_t at = end_of_options(l), words = 0;

	new[1] = arena_printf(&p->arena, "%.*s=%.*s", SLICE_ARG(k->what), SLICE_ARG(k->value));
	if (!find_setting(p, l, k->what, &at, &words))
		words = 0;
	splice(p, l, at, words, new, 2);
}

static void remove_setting(struct postconf *p, struct masterline *l, const struct change *k)
{
	size_t at, words;

	while (find_setting(p, l, k->what, &at, &words))
		splice(p, l, at, words, NULL, 0);
}

static void apply(struct postconf *p, struct masterfile_item *item, struct change *k)
{
	item->state = MASTERFILE_CHANGED;
	if ((p->mode & POSTCONF_ENTRIES) != 0 && (p->mode & POSTCONF_EDIT) != 0)
		item->entry = k->entry;
	else if ((p->mode & POSTCONF_ENTRIES) != 0)
		item->state = (p->mode & POSTCONF_REMOVE) != 0 ? MASTERFILE_REMOVED
							       : MASTERFILE_COMMENTED;
	else if ((p->mode & POSTCONF_FIELDS) != 0)
		set_field(p, &item->entry, k);
	else if ((p->mode & POSTCONF_EDIT) != 0)
		set_setting(p, &item->entry, k);
	else
		remove_setting(p, &item->entry, k);
}

/* Which entries a change concerns is decided before any is changed. */
static void apply_all(struct postconf *p, struct change *changes, size_t n)
{
	for (struct masterfile_item *item = p->master.first; item != NULL; item = item->next) {
		struct masterline before = item->entry;

		for (size_t i = 0; item->is_entry && i < n; i++) {
			if (!matches(&changes[i], &before))
				continue;
			changes[i].matched = true;
			apply(p, item, &changes[i]);
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (changes[i].matched)
			continue;
		if ((p->mode & POSTCONF_ENTRIES) == 0)
			log_warn(NULL, "unmatched service_name/type: \"%s\"", changes[i].text);
		else if ((p->mode & POSTCONF_EDIT) != 0 &&
			 !masterfile_add(&p->master, &changes[i].entry))
			log_fatal("too much text");
	}
}

static void load(struct postconf *p)
{
	struct faults faults;
	struct err err = { 0 };
	struct buf text;

	faults_init(&faults, &p->arena);
	buf_init(&p->text, SLURP_MAX);
	if (slurp_file(p->master_path, &p->text, NULL, &err) != RC_OK)
		log_fatal("%s", err.text);
	masterfile_parse(p->master_path, buf_slice(&p->text), &p->arena, &p->master, &faults);
	if (faults.first == NULL)
		return;
	buf_init(&text, 8192);
	fault_print(faults.first, &text);
	log_fatal("%s", buf_cstr(&text));
}

void postconf_master_edit(struct postconf *p, char **args)
{
	struct change *changes;
	struct err err = { 0 };
	struct buf out;
	size_t n = 0;

	while (args[n] != NULL)
		n++;
	if (n == 0)
		log_fatal((p->mode & POSTCONF_EDIT) != 0 ? "-e requires name=value argument"
							 : "missing service argument");
	changes = mem_new(n, sizeof(*changes));
	for (size_t i = 0; i < n; i++)
		parse_change(p, args[i], &changes[i]);
	load(p);
	apply_all(p, changes, n);
	buf_init(&out, 4UL * SLURP_MAX);
	masterfile_print(&p->master, &out);
	if (replace_file(p->master_path, buf_slice(&out), &err) != RC_OK)
		log_fatal("%s", err.text);
	buf_done(&out);
	free(changes);
}
