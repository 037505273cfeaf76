/* cmd/postconf_main.c - main.cf: showing parameters, setting, removing and commenting out. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/postconf.h"
#include "lib/base/mem.h"
#include "lib/conf/edit.h"
#include "lib/conf/replace.h"
#include "lib/conf/slurp.h"
#include "lib/sys/log.h"

enum { VALUE_MAX = 4 << 20 };

static void print_raw(const struct postconf *p, struct slice name, struct slice raw)
{
	char *text = mem_dup(name.p, name.n);

	postconf_print(p, text, raw);
	free(text);
}

static void print_expanded(const struct postconf *p, const struct conf *c, struct slice name)
{
	struct err err = { 0 };
	struct buf value;

	buf_init(&value, VALUE_MAX);
	if (conf_expand_name(c, name, &value, &err) != RC_OK)
		log_fatal("%s", err.text);
	print_raw(p, name, buf_slice(&value));
	buf_done(&value);
}

static bool is_set(const struct postconf *p, struct slice name)
{
	return conf_entry(p->c, name) != NULL ||
	       (p->has_explicit_dir && slice_is(name, "config_directory"));
}

static void print_param(const struct postconf *p, struct slice name)
{
	const struct conf *c = (p->mode & POSTCONF_DEFAULTS) != 0 ? p->defaults : p->c;
	struct slice raw;

	if ((p->mode & POSTCONF_SET) != 0 && !is_set(p, name))
		return;
	if ((p->mode & POSTCONF_EXPAND) != 0)
		print_expanded(p, c, name);
	else if (conf_raw(c, name, &raw, NULL) || conf_lookup(c, name, &raw))
		print_raw(p, name, raw);
	else if (known_is_legacy(p->known, name))
		print_raw(p, name, SLICE_LIT(""));
}

static bool is_wanted(const struct postconf *p, enum known_class class)
{
	/* What the administrator made up has no default. */
	if (class == KNOWN_USER && (p->mode & POSTCONF_DEFAULTS) != 0)
		return false;
	return class != KNOWN_NOT && (p->classes >> class & 1) != 0;
}

void postconf_main_show(struct postconf *p, char **names)
{
	enum known_class class;
	struct slice name;

	if (*names == NULL) {
		for (size_t i = 0; known_at(p->known, i, &name, &class); i++)
			if (is_wanted(p, class))
				print_param(p, name);
		return;
	}
	for (; *names != NULL; names++) {
		name = slice_str(*names);
		if (is_wanted(p, known_class(p->known, name)) || known_is_legacy(p->known, name))
			print_param(p, name);
		else
			log_warn(NULL, "%s: unknown parameter", *names);
	}
}

static enum edit_kind edit_kind_of(const struct postconf *p)
{
	if ((p->mode & POSTCONF_EDIT) != 0)
		return EDIT_SET;
	return (p->mode & POSTCONF_REMOVE) != 0 ? EDIT_REMOVE : EDIT_COMMENT;
}

/* Of two settings of one name the last counts. Returns how many edits there are. */
static size_t collect(enum edit_kind kind, char **args, struct edit *edits)
{
	size_t n = 0, i;

	for (; *args != NULL; args++) {
		struct edit e = { .name = slice_trim_space(slice_str(*args)) };

		if (strchr(*args, '\n') != NULL)
			log_fatal("-e, -X, or -# accepts no multi-line input");
		if (kind == EDIT_SET)
			postconf_cut_setting(*args, &e.name, &e.value);
		else if (e.name.n == 0)
			log_fatal("-X or -# requires non-blank parameter names");
		for (i = 0; i < n && !slice_eq(edits[i].name, e.name); i++)
			;
		if (i < n && kind == EDIT_SET)
			log_warn(NULL, "ignoring earlier request: '%.*s = %.*s'",
				 SLICE_ARG(edits[i].name), SLICE_ARG(edits[i].value));
		edits[i] = e;
		n += i == n;
	}
	return n;
}

void postconf_main_edit(struct postconf *p, char **args)
{
	enum edit_kind kind = edit_kind_of(p);
	char *path = arena_printf(&p->arena, "%s/main.cf", p->dir);
	struct edit *edits;
	struct buf old, new;
	struct err err = { 0 };
	size_t n = 0;

	while (args[n] != NULL)
		n++;
	if (n == 0)
		log_fatal(kind == EDIT_SET ? "-e requires name=value argument"
					   : "missing service argument");
	edits = mem_new(n, sizeof(*edits));
	n = collect(kind, args, edits);
	buf_init(&old, SLURP_MAX);
	buf_init(&new, 2UL * SLURP_MAX);
	if (slurp_file(path, &old, NULL, &err) != RC_OK)
		log_fatal("%s", err.text);
	edit_maincf(buf_slice(&old), kind, edits, n, &new);
	for (size_t i = 0; i < n; i++)
		if (edits[i].hits > 1)
			log_warn(NULL, "%s: multiple entries for \"%.*s\"", path,
				 SLICE_ARG(edits[i].name));
	if (replace_file(path, buf_slice(&new), &err) != RC_OK)
		log_fatal("%s", err.text);
	buf_done(&old);
	buf_done(&new);
	free(edits);
}
