/* Fills a manual that is written but for its tables: standard input to standard output. A line
 * @TABLE@ becomes what lib/conf knows of all parameters, lib/daemon of all programs, or lib/sys of
 * all roles; run by make. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/conf/registry.h"
#include "lib/sys/roles.h"

enum { PARAMS_MAX = 4096, DOC_MAX = 4096 };

/* What mdoc would take for its own is escaped. */
static void put(struct slice s)
{
	if (s.n > 0 && (s.p[0] == '.' || s.p[0] == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			fputs("\\e", stdout);
		else
			putchar(s.p[i]);
	}
}

/* Each sentence on a line of its own, as mdoc wants it. */
static void put_sentences(const char *doc)
{
	struct slice rest = slice_str(doc);

	while (rest.n > 0) {
		const char *end = memmem(rest.p, rest.n, ". ", 2);
		size_t n = end != NULL ? (size_t)(end - rest.p) + 1 : rest.n;

		put(slice_sub(rest, 0, n));
		putchar('\n');
		rest = slice_skip(rest, n + 1);
	}
}

static void put_default(const char *def)
{
	if (def[0] == '\0') {
		puts("Default: empty.");
		return;
	}
	fputs("Default: \\(lq", stdout);
	put(slice_str(def));
	puts("\\(rq.");
}

/* "smtpd" of "../smtpd/params.def"; nothing of a library's, which many programs read. */
static struct slice program_of(const char *file)
{
	struct slice path = slice_str(file), part, last = { 0 }, before = { 0 };

	while (slice_split(&path, '/', &part)) {
		if (slice_is(before, "lib"))
			return (struct slice){ 0 };
		before = last;
		last = part;
	}
	return slice_is(before, "lib") ? (struct slice){ NULL, 0 } : before;
}

static void put_range(const struct param_spec *p)
{
	int64_t unit = p->type == PARAM_TIME ? 1000 : 1;
	const char *after = p->type == PARAM_TIME ? " seconds" : "";

	if ((p->type != PARAM_INT && p->type != PARAM_TIME && p->type != PARAM_SIZE) ||
	    p->hi == INT64_MAX || (p->lo == 0 && p->hi == 0))
		return;
	printf("From %lld to %lld%s.\n", (long long)(p->lo / unit), (long long)(p->hi / unit),
	       after);
}

static int by_name(const void *a, const void *b)
{
	const struct param_spec *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void put_params(void)
{
	static const struct param_spec *sorted[PARAMS_MAX];
	size_t n = 0;

	while (n < PARAMS_MAX && (sorted[n] = registry_at(n)) != NULL)
		n++;
	qsort(sorted, n, sizeof(sorted[0]), by_name);
	for (size_t i = 0; i < n; i++) {
		struct slice program = program_of(sorted[i]->file);

		if (i > 0 && strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			continue;
		printf(".It Va %s Pq %s\n", sorted[i]->name, param_type_name(sorted[i]->type));
		put_sentences(sorted[i]->doc);
		put_range(sorted[i]);
		put_default(sorted[i]->def);
		if (slice_is(program, "cmd"))
			puts("For the commands.");
		else if (program.n > 0)
			printf("For %.*s.\n", SLICE_ARG(program));
	}
}

static void put_derived(void)
{
	const struct derived_spec *d;

	for (size_t i = 0; (d = registry_derived_at(i)) != NULL; i++) {
		if (d->unused != NULL)
			continue;
		printf(".It Ar transport Ns Va %s Pq %s\n", d->suffix, param_type_name(d->type));
		put_sentences(d->doc);
		put_default(d->def);
	}
}

static void put_refused(void)
{
	const struct foreign_spec *f;

	for (size_t i = 0; (f = registry_foreign_at(i)) != NULL; i++) {
		if (f->class != FOREIGN_MAIL)
			continue;
		printf(".It Va %s\n", f->name);
		put_default(f->def);
		if (f->way_out != NULL)
			printf("Instead: %s.\n", f->way_out);
	}
}

static void put_noted(void)
{
	const struct derived_spec *d;
	const struct foreign_spec *f;

	for (size_t i = 0; (f = registry_foreign_at(i)) != NULL; i++)
		if (f->class == FOREIGN_HARMLESS)
			printf(".Va %s ,\n", f->name);
	for (size_t i = 0; (d = registry_derived_at(i)) != NULL; i++)
		if (d->unused != NULL)
			printf(".Ar %s Ns Va %s ,\n",
			       d->class == DERIVED_COMMAND ? "service" : "transport", d->suffix);
}

#define PROGRAM(name, binary, socket, model, role)
#define ABSORBED(name, text) ".It Cm " name "\n" text ".\n"
#define ABSORBED_SERVICE(name, program, text) ".It Cm " name "\n" text ".\n"
#define LATER(name, text)
static void put_absorbed(void)
{
	fputs(
#include "lib/daemon/programs.def"
	      , stdout);
}
#undef ABSORBED
#undef ABSORBED_SERVICE
#undef LATER

#define ABSORBED(name, text)
#define ABSORBED_SERVICE(name, program, text)
#define LATER(name, text) ".It Cm " name "\n" text ".\n"
static void put_later(void)
{
	fputs(
#include "lib/daemon/programs.def"
	      , stdout);
}
#undef PROGRAM
#undef ABSORBED
#undef ABSORBED_SERVICE
#undef LATER

static void put_role(const struct role *r)
{
	static const char *const users[] = {
		[ROLE_USER_ROOT] = "root", [ROLE_USER_MAIL] = "mail_owner",
		[ROLE_USER_AUTH] = "auth_owner", [ROLE_USER_NET] = "net_owner",
		[ROLE_USER_JOB] = "the user it works for",
	};
	struct buf b;

	buf_init(&b, DOC_MAX);
	buf_addf(&b, ".It Cm %s\nUser: %s.\n", r->name, users[r->user]);
	buf_addf(&b, "Purpose: %s.\n", r->purpose);
	buf_adds(&b, "Calls: ");
	role_describe_calls(r, &b);
	buf_adds(&b, r->calls == CALLS_BASE ? "none.\nPaths: " : ".\nPaths: ");
	role_describe_paths(r, &b);
	buf_adds(&b, r->paths->name == NULL ? "none.\nConnects to: " : ".\nConnects to: ");
	for (const char *const *p = r->peers; *p != NULL; p++)
		buf_addf(&b, "%s%s", p == r->peers ? "" : ", ",
			 strcmp(*p, "*") == 0 ? "every delivery agent" : *p);
	printf("%s%s.\n", buf_cstr(&b), *r->peers == NULL ? "nobody" : "");
	buf_done(&b);
}

static void put_roles(void)
{
	for (size_t i = 0; role_at(i) != NULL; i++)
		put_role(role_at(i));
}

static const struct { const char *name; void (*put)(void); } tables[] = {
	{ "@PARAMETERS@\n", put_params }, { "@TRANSPORTS@\n", put_derived },
	{ "@REFUSED@\n", put_refused }, { "@NOTED@\n", put_noted },
	{ "@ABSORBED@\n", put_absorbed }, { "@LATER@\n", put_later },
	{ "@ROLES@\n", put_roles },
};

int main(void)
{
	char line[DOC_MAX];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t i = 0;

		while (i < sizeof(tables) / sizeof(tables[0]) && strcmp(line, tables[i].name) != 0)
			i++;
		if (i < sizeof(tables) / sizeof(tables[0]))
			tables[i].put();
		else
			fputs(line, stdout);
	}
	return ferror(stdin) || fflush(stdout) != 0 ? 1 : 0;
}
