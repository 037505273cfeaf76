/* Any main.cf: values expand or fail within their limits, faults have lines of the file, and an
 * edit makes exactly the change it was asked for. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/conf/edit.h"
#include "lib/conf/maincf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static unsigned count_lines(struct slice text)
{
	struct slice line;
	unsigned n = 0;

	while (slice_line(&text, &line))
		n++;
	return n;
}

static void expand_all(const struct conf *c, unsigned lines)
{
	const struct conf_entry *e;
	size_t pos = 0, n = 0;

	while ((e = conf_next(c, &pos)) != NULL && n++ < 50) {
		struct err err = { 0 };
		struct buf out;
		enum rc rc;

		check(e->name.n > 0 && e->line >= 1 && e->line <= lines);
		check(conf_entry(c, e->name) == e);
		buf_init(&out, 4096);
		rc = conf_expand_name(c, e->name, &out, &err);
		check(rc == RC_OK || rc == RC_SYNTAX || rc == RC_LIMIT);
		check(rc != RC_OK || (!buf_is_over(&out) && buf_len(&out) <= 4096));
		check(rc == RC_OK || rc == RC_LIMIT || err.text[0] != '\0');
		buf_done(&out);
	}
}

static struct conf *parse(struct slice text, struct arena *arena)
{
	struct conf *c = conf_new("/etc/x");
	unsigned lines = count_lines(text);
	struct faults faults;

	faults_init(&faults, arena);
	conf_parse(c, "main.cf", text, &faults);
	for (const struct fault *f = faults.first; f != NULL; f = f->next)
		check(f->line >= 1 && f->line <= lines && f->text[0] != '\0');
	return c;
}

/* What EDIT did to the first name must be all that changed. */
static void check_edit(struct slice text, const struct conf *before, enum edit_kind kind,
		       struct arena *arena)
{
	size_t pos = 0;
	const struct conf_entry *first = conf_next(before, &pos), *e;
	struct edit edit = { .value = SLICE_LIT("new value") };
	struct conf *after;
	struct buf out;

	if (first == NULL)
		return;
	edit.name = first->name;
	buf_init(&out, text.n * 2 + 1000);
	edit_maincf(text, kind, &edit, 1, &out);
	check(!buf_is_over(&out));
	after = parse(buf_slice(&out), arena);
	e = conf_entry(after, first->name);
	check(kind == EDIT_SET ? e != NULL && slice_is(e->value, "new value") : e == NULL);
	for (pos = 0; (e = conf_next(before, &pos)) != NULL;)
		if (e != first)
			check(conf_entry(after, e->name) != NULL &&
			      slice_eq(conf_entry(after, e->name)->value, e->value));
	conf_free(&after);
	buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct arena arena;
	struct conf *c;

	arena_init(&arena, 64UL << 20);
	c = parse(text, &arena);
	expand_all(c, count_lines(text));
	/* A NUL is dropped from names on reading, so an edit cannot find such a name. */
	if (!slice_has_nul(text)) {
		check_edit(text, c, EDIT_SET, &arena);
		check_edit(text, c, EDIT_REMOVE, &arena);
		check_edit(text, c, EDIT_COMMENT, &arena);
	}
	conf_free(&c);
	arena_done(&arena);
	return 0;
}
