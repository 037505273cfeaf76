/* Any master.cf: unchanged it prints as it was; an entry printed and read again is the same. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/conf/mastercf.h"
#include "lib/conf/masterfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_services(const struct service *s)
{
	for (; s != NULL; s = s->next) {
		check(s->name[0] != '\0' && s->program[0] != '\0' && s->line > 0);
		check(s->wakeup_s >= 0 && s->max_processes >= -1 && s->args != NULL);
		for (const struct service_option *o = s->options; o != NULL; o = o->next)
			check(o->name[0] != '\0' && o->value != NULL);
		for (const struct service *t = s->next; t != NULL; t = t->next)
			check(t->type != s->type || strcmp(t->name, s->name) != 0);
	}
}

/* Printed, read and printed again: the second print is the first. */
static void check_entry(const struct masterline *l, bool folded, struct arena *arena)
{
	struct masterline again;
	struct slice rest, line;
	struct err err = { 0 };
	struct buf one, joined, two;

	buf_init(&one, 1 << 20);
	buf_init(&joined, 1 << 20);
	buf_init(&two, 1 << 20);
	masterline_format(l, folded, &one);
	for (rest = buf_slice(&one); slice_line(&rest, &line);)
		buf_add(&joined, line);
	check(masterline_parse(buf_slice(&joined), arena, &again, &err) == RC_OK);
	check(again.args.n == l->args.n);
	for (size_t i = 0; i < MASTERLINE_FIELDS; i++)
		check(strcmp(again.field[i], l->field[i]) == 0);
	masterline_format(&again, folded, &two);
	check(slice_eq(buf_slice(&one), buf_slice(&two)));
	buf_done(&one);
	buf_done(&joined);
	buf_done(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct service *services;
	struct masterfile file;
	struct faults faults;
	struct arena arena;
	struct buf out;

	arena_init(&arena, 64UL << 20);
	faults_init(&faults, &arena);
	mastercf_parse("m", text, &arena, &services, &faults);
	check_services(services);
	faults_init(&faults, &arena);
	masterfile_parse("m", text, &arena, &file, &faults);
	buf_init(&out, size + 10);
	masterfile_print(&file, &out);
	check(slice_eq(buf_slice(&out), text));
	for (struct masterfile_item *item = file.first; item != NULL; item = item->next) {
		if (!item->is_entry)
			continue;
		check_entry(&item->entry, true, &arena);
		check_entry(&item->entry, false, &arena);
	}
	buf_done(&out);
	arena_done(&arena);
	return 0;
}
