/* lib/conf/faults.c - collecting what is wrong, so that all of it is reported at once. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "lib/conf/maincf.h"

void faults_init(struct faults *f, struct arena *arena)
{
	*f = (struct faults){ .arena = arena };
	f->tail = &f->first;
}

void faults_add(struct faults *f, bool is_fatal, const char *file, unsigned line,
		const char *remedy, const char *fmt, ...)
{
	char text[1024];
	struct fault *fault;
	va_list ap;

	if (is_fatal)
		f->fatal_count++;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fault = ARENA_NEW(f->arena, struct fault);
	if (fault == NULL)
		return; /* counted; the arena's cap bounds how many are listed */
	fault->is_fatal = is_fatal;
	fault->line = line;
	fault->text = arena_str(f->arena, slice_str(text));
	if (file != NULL)
		fault->file = arena_str(f->arena, slice_str(file));
	if (remedy != NULL)
		fault->remedy = arena_str(f->arena, slice_str(remedy));
	if (fault->text == NULL)
		return;
	*f->tail = fault;
	f->tail = &fault->next;
}

void faults_locate(struct faults *f, const struct conf *c)
{
	for (struct fault *p = f->first; p != NULL; p = p->next) {
		ptrdiff_t colon = slice_chr(slice_str(p->text), ':');
		const struct conf_entry *e;

		if (p->line > 0 || colon <= 0)
			continue;
		e = conf_entry(c, slice_make(p->text, (size_t)colon));
		if (e == NULL || e->file == NULL)
			continue;
		p->line = e->line;
		p->file = arena_str(f->arena, slice_str(e->file));
	}
}

void fault_print(const struct fault *fault, struct buf *out)
{
	if (fault->file != NULL && fault->line > 0)
		buf_addf(out, "%s, line %u: ", fault->file, fault->line);
	else if (fault->file != NULL)
		buf_addf(out, "%s: ", fault->file);
	buf_adds(out, fault->text);
	if (fault->remedy != NULL)
		buf_addf(out, " (%s)", fault->remedy);
}
