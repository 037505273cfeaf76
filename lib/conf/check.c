/* lib/conf/check.c - asking the registry about everything that is set. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/check.h"

#include <stdio.h>

#include "lib/conf/known.h"
#include "lib/conf/values.h"

/* One pass over the names. */
struct check {
	const struct conf *c;
	const struct known *known;
	const struct service *services;
	struct faults *faults;
};

static void report_undefined(void *ctx, const char *file, struct slice name)
{
	struct check *k = ctx;
	const char *near = known_nearest(k->known, name);
	char remedy[200];

	if (near != NULL)
		snprintf(remedy, sizeof(remedy), "did you mean $%s?", near);
	else
		snprintf(remedy, sizeof(remedy), "it stands for nothing; set it or remove it");
	faults_add(k->faults, false, file, 0, remedy, "undefined parameter: %.*s",
		   SLICE_ARG(name));
}

static void report_unused(void *ctx, const char *file, unsigned line, struct slice name,
			  struct slice value)
{
	struct check *k = ctx;
	const struct foreign_spec *f = registry_foreign(conf_registry(k->c), name);
	const char *near = known_nearest(k->known, name);
	char remedy[200];

	if (f != NULL) {
		faults_add(k->faults, false, file, line, "remove the line",
			   "%s is a parameter of old versions of Postfix", f->name);
		return;
	}
	if (near != NULL)
		snprintf(remedy, sizeof(remedy), "did you mean %s? else remove the line", near);
	else
		snprintf(remedy, sizeof(remedy), "remove the line");
	faults_add(k->faults, true, file, line, remedy, "unknown parameter: %.*s = %.*s",
		   SLICE_ARG(name), value.n > 60 ? 60 : (int)value.n, value.p);
}

/* Equal but for white space. */
static bool is_same_text(struct slice a, struct slice b)
{
	struct slice x, y;

	for (;;) {
		bool has_x = slice_token(&a, " \t\r\n", &x), has_y = slice_token(&b, " \t\r\n", &y);

		if (!has_x || !has_y)
			return has_x == has_y;
		if (!slice_eq(x, y))
			return false;
	}
}

/* Set as Postfix has it anyway, as written or after expansion. */
static bool is_default(const struct conf *c, const char *postfix_has, struct slice value)
{
	struct buf set, def;
	struct err err = { 0 };
	bool same = is_same_text(value, slice_str(postfix_has));

	buf_init(&set, 1 << 20);
	buf_init(&def, 1 << 20);
	if (!same && conf_expand(c, value, &set, &err) == RC_OK &&
	    conf_expand(c, slice_str(postfix_has), &def, &err) == RC_OK)
		same = is_same_text(buf_slice(&set), buf_slice(&def));
	buf_done(&set);
	buf_done(&def);
	return same;
}

static void report_no_effect(struct check *k, const struct conf_entry *e, const char *why)
{
	faults_add(k->faults, false, e->file, e->line, why,
		   "%.*s is a parameter of Postfix that has no effect here", SLICE_ARG(e->name));
}

static void check_foreign(struct check *k, const struct conf_entry *e)
{
	const struct foreign_spec *f = registry_foreign(conf_registry(k->c), e->name);
	const char *remedy;

	if (f == NULL || f->class == FOREIGN_OBSOLETE || is_default(k->c, f->def, e->value))
		return;
	if (f->class == FOREIGN_HARMLESS) {
		report_no_effect(k, e, f->way_out);
		return;
	}
	remedy = f->way_out != NULL ? f->way_out : "remove the line, or stay with Postfix for this";
	faults_add(k->faults, true, e->file, e->line, remedy,
		   "%s is not supported, and would change what happens to mail", f->name);
}

static void check_derived(struct check *k, const struct conf_entry *e)
{
	struct slice service;
	const struct derived_spec *d = registry_derived(e->name, &service);
	struct param_spec spec;

	if (d == NULL || known_class(k->known, e->name) != KNOWN_SERVICE)
		return;
	spec = (struct param_spec){ .type = d->type, .name = e->name.p, .def = d->def };
	if (d->type != PARAM_STR)
		spec.hi = INT64_MAX;
	param_check(&spec, k->c, k->faults);
	if (d->unused != NULL && !is_default(k->c, d->def, e->value))
		report_no_effect(k, e, d->unused);
}

/* E is set, and no program declares it. */
static void check_entry(struct check *k, const struct conf_entry *e)
{
	check_foreign(k, e);
	check_derived(k, e);
}

static void check_entries(struct check *k)
{
	const struct conf_entry *e;
	size_t pos = 0;

	while ((e = conf_next(k->c, &pos)) != NULL)
		check_entry(k, e);
}

/* A service sees main.cf with its own options; those alone are looked at. */
static void check_service(struct check *main_check, const struct service *s, const char *file)
{
	struct conf *c = conf_copy(main_check->c);
	struct check k = { .c = c, .known = main_check->known, .services = main_check->services,
			   .faults = main_check->faults };

	for (const struct service_option *o = s->options; o != NULL; o = o->next)
		conf_override_at(c, slice_str(o->name), slice_str(o->value), file, s->line);
	for (const struct service_option *o = s->options; o != NULL; o = o->next) {
		struct slice name = slice_str(o->name);
		const struct param_spec *spec = registry_find(conf_registry(c), name);

		if (spec != NULL) {
			param_check(spec, c, k.faults);
			values_check(name, c, k.services, k.faults);
		} else {
			check_entry(&k, conf_entry(c, name));
		}
	}
	conf_free(&c);
}

void conf_check(const struct conf *c, const struct service *services, struct faults *faults)
{
	struct known *known = known_new(c, services);
	struct check k = { .c = c, .known = known, .services = services, .faults = faults };
	enum known_class class;
	struct slice name;
	char file[4096];

	known_unused(known, report_unused, &k);
	known_undefined(known, report_undefined, &k);
	for (size_t i = 0; known_at(known, i, &name, &class); i++)
		if (class == KNOWN_BUILTIN) {
			param_check(registry_find(conf_registry(c), name), c, faults);
			values_check(name, c, services, faults);
		}
	check_entries(&k);
	snprintf(file, sizeof(file), "%s/master.cf", conf_dir(c));
	for (const struct service *s = services; s != NULL; s = s->next)
		if (s->options != NULL)
			check_service(&k, s, file);
	known_free(&known);
}
