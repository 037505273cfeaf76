/* cmd/postconf_master.c - master.cf: entries (-M), fields (-F) and -o parameters (-P). */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/postconf.h"
#include "lib/base/mem.h"
#include "lib/conf/logical.h"
#include "lib/sys/log.h"

enum { PARTS_MAX = 3 };

/* "service/type/field": the parts of a request; empty ones stand for all. */
struct request {
	const char *text;		/* as given */
	struct slice part[PARTS_MAX];
	size_t n;			/* parts that are there */
	struct slice value;		/* of an edit */
	bool matched;
};

static bool part_matches(struct slice part, const char *s)
{
	return part.n == 0 || slice_is(part, "*") || slice_is(part, s);
}

static bool entry_matches(const struct request *r, const struct masterline *l)
{
	return part_matches(r->part[0], l->field[MASTERLINE_SERVICE]) &&
	       part_matches(r->part[1], l->field[MASTERLINE_TYPE]);
}

/* -1: there is no such field. */
static int find_field(struct slice name)
{
	for (int i = 0; i < MASTERLINE_FIELDS; i++)
		if (slice_is(name, masterline_field_names[i]))
			return i;
	return -1;
}

static bool is_field(struct slice s)
{
	return slice_is(s, "*") || find_field(s) >= 0;
}

/* The last part may hold slashes only where it is a value, which is cut off before. */
static bool cut_request(const char *text, size_t max_parts, struct request *r)
{
	struct slice rest = slice_str(text), part;

	*r = (struct request){ .text = text };
	while (slice_split(&rest, '/', &part)) {
		if (r->n == max_parts)
			return false;
		r->part[r->n++] = part;
	}
	return r->n > 0 && r->part[0].n > 0;
}

static struct request parse_show_request(const struct postconf *p, const char *text)
{
	struct request r;

	if ((p->mode & POSTCONF_ENTRIES) != 0) {
		/* A pattern of the shell that matched nothing is no service's name. */
		if (!cut_request(text, 2, &r) ||
		    (slice_chr(r.part[0], '*') >= 0 && r.part[0].n > 1))
			log_fatal("-M option requires service_name[/type]");
	} else if ((p->mode & POSTCONF_FIELDS) != 0) {
		if (!cut_request(text, 3, &r))
			log_fatal("-F option requires service_name[/type[/field]]");
		if (r.n == 3 && !is_field(r.part[2]))
			log_fatal("invalid service attribute name: \"%.*s\"", SLICE_ARG(r.part[2]));
	} else if (!cut_request(text, 3, &r)) {
		log_fatal("-P option requires service_name[/type[/parameter]]");
	}
	return r;
}

/* With -x: main.cf, -o, and the entry's own options. */
static struct conf *conf_of_entry(const struct postconf *p, const struct masterline *l)
{
	struct conf *c = conf_copy(p->c);

	conf_override(c, SLICE_LIT("service_name"), slice_str(l->field[MASTERLINE_SERVICE]));
	conf_override(c, SLICE_LIT("process_name"), slice_str(l->field[MASTERLINE_COMMAND]));
	for (size_t i = 0; i < l->args.n; i++) {
		struct err err = { 0 };
		char *name, *value;
		int words = masterline_option(l, i, (struct arena *)&p->arena, &name, &value, &err);

		if (words <= 0)
			continue;
		conf_override(c, slice_str(name), slice_str(value));
		i += (size_t)words - 1;
	}
	return c;
}

/* Only values of -o are expanded: $recipient in pipe's arguments is for later. */
static const char *expand_setting(const struct conf *c, struct arena *arena, const char *word)
{
	bool braced = word[0] == '{';
	struct slice s = slice_str(word), name;
	struct err err = { 0 };
	struct buf value;
	const char *text;
	ptrdiff_t eq;

	if (braced)
		s = slice_trim_space(slice_sub(s, 1, s.n - 2));
	eq = slice_chr(s, '=');
	if (eq < 0)
		return word;
	name = slice_trim_space(slice_sub(s, 0, (size_t)eq));
	buf_init(&value, LOGICAL_MAX);
	if (conf_expand(c, slice_trim_space(slice_skip(s, (size_t)eq + 1)), &value, &err) != RC_OK)
		log_fatal("%.*s: %s", SLICE_ARG(name), err.text);
	text = arena_printf(arena, "{%.*s=%s}", SLICE_ARG(name), buf_cstr(&value));
	buf_done(&value);
	return text;
}

static void expand_entry(struct postconf *p, struct masterline *l)
{
	struct conf *c = conf_of_entry(p, l);
	const char **v = arena_alloc(&p->arena, (l->args.n + 1) * sizeof(*v));

	for (size_t i = 0; v != NULL && i < l->args.n; i++) {
		v[i] = l->args.v[i];
		if (i > 0 && strcmp(l->args.v[i - 1], "-o") == 0)
			v[i] = expand_setting(c, &p->arena, v[i]);
	}
	if (v != NULL)
		l->args.v = v;
	conf_free(&c);
}

static void show_entry(struct postconf *p, const struct masterline *l)
{
	struct buf out;

	buf_init(&out, 4 * LOGICAL_MAX);
	masterline_format(l, (p->mode & POSTCONF_FOLD) != 0, &out);
	puts(buf_cstr(&out));
	buf_done(&out);
}

static void show_field(struct postconf *p, const struct masterline *l, int field)
{
	char *label = arena_printf(&p->arena, "%s/%s/%s", l->field[MASTERLINE_SERVICE],
				   l->field[MASTERLINE_TYPE], masterline_field_names[field]);
	struct buf out;

	if (field != MASTERLINE_COMMAND || (p->mode & POSTCONF_NO_VALUE) != 0) {
		postconf_print(p, label, slice_str(l->field[field]));
		return;
	}
	buf_init(&out, 4 * LOGICAL_MAX);
	if ((p->mode & POSTCONF_NO_NAME) == 0)
		buf_addf(&out, "%s = ", label);
	masterline_command(l, (p->mode & POSTCONF_FOLD) != 0, &out);
	puts(buf_cstr(&out));
	buf_done(&out);
}

static void show_fields(struct postconf *p, const struct masterline *l, struct request *r)
{
	bool all = r == NULL || r->n < 3 || slice_is(r->part[2], "*");

	for (int i = 0; i < MASTERLINE_FIELDS; i++)
		if (all || slice_is(r->part[2], masterline_field_names[i]))
			show_field(p, l, i);
	if (r != NULL)
		r->matched = true;
}

/* An -o parameter of an entry. */
struct setting {
	const char *name, *value;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct setting *)a)->name, ((const struct setting *)b)->name);
}

/* The last of several with the same name counts. */
static size_t collect_settings(struct postconf *p, const struct masterline *l,
			       struct setting *out)
{
	size_t n = 0, j;

	for (size_t i = 0; i < l->args.n && l->args.v[i][0] == '-'; i++) {
		struct err err = { 0 };
		char *name, *value;
		int words = masterline_option(l, i, &p->arena, &name, &value, &err);

		if (words <= 0)
			continue;
		i += (size_t)words - 1;
		for (j = 0; j < n && strcmp(out[j].name, name) != 0; j++)
			;
		out[j] = (struct setting){ name, value };
		n += j == n;
	}
	qsort(out, n, sizeof(*out), by_name);
	return n;
}

static void show_settings(struct postconf *p, const struct masterline *l, struct request *r)
{
	struct setting *all = mem_new(l->args.n + 1, sizeof(*all));
	size_t n = collect_settings(p, l, all);

	for (size_t i = 0; i < n; i++) {
		if (r != NULL && r->n == 3 && !part_matches(r->part[2], all[i].name))
			continue;
		if (r != NULL)
			r->matched = true;
		postconf_print(p, arena_printf(&p->arena, "%s/%s/%s", l->field[MASTERLINE_SERVICE],
					       l->field[MASTERLINE_TYPE], all[i].name),
			       slice_str(all[i].value));
	}
	free(all);
}

static void show_for(struct postconf *p, struct masterline *l, struct request *r)
{
	if ((p->mode & POSTCONF_FIELDS) != 0) {
		show_fields(p, l, r);
	} else if ((p->mode & POSTCONF_PARAMS) != 0) {
		show_settings(p, l, r);
	} else {
		show_entry(p, l);
		if (r != NULL)
			r->matched = true;
	}
}

void postconf_master_show(struct postconf *p, char **args)
{
	struct request *requests;
	size_t n = 0;

	while (args[n] != NULL)
		n++;
	requests = mem_new(n + 1, sizeof(*requests));
	for (size_t i = 0; i < n; i++)
		requests[i] = parse_show_request(p, args[i]);
	for (struct masterfile_item *item = p->master.first; item != NULL; item = item->next) {
		if (!item->is_entry)
			continue;
		if ((p->mode & POSTCONF_EXPAND) != 0)
			expand_entry(p, &item->entry);
		if (n == 0)
			show_for(p, &item->entry, NULL);
		for (size_t i = 0; i < n; i++) {
			if (!entry_matches(&requests[i], &item->entry))
				continue;
			show_for(p, &item->entry, &requests[i]);
			if ((p->mode & POSTCONF_ENTRIES) != 0)
				break;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (!requests[i].matched)
			log_warn(NULL, "unmatched request: \"%s\"", args[i]);
	free(requests);
}
