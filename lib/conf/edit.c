/* lib/conf/edit.c - line by line: what an edit does to a definition and its continuation. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/edit.h"

#include "lib/conf/logical.h"

/* TEXT starts with a definition. Its "=" may stand in a continuation line. */
static struct edit *find_edit(struct edit *edits, size_t n, struct slice text)
{
	struct edit *found = NULL;
	struct slice line, name;
	struct logical l;
	ptrdiff_t eq;

	logical_init(&l, text);
	logical_next(&l);
	line = buf_slice(&l.text);
	eq = slice_chr(line, '=');
	name = slice_trim_space(slice_sub(line, 0, eq < 0 ? 0 : (size_t)eq));
	for (size_t i = 0; eq >= 0 && i < n && found == NULL; i++)
		if (slice_eq(edits[i].name, name))
			found = &edits[i];
	logical_done(&l);
	return found;
}

static void add_setting(const struct edit *e, struct buf *out)
{
	buf_add(out, e->name);
	buf_adds(out, " = ");
	buf_add(out, e->value);
	buf_addc(out, '\n');
}

/* RAW is the line with its end, when it has one. */
static void add_line(struct slice raw, struct buf *out)
{
	buf_add(out, raw);
	if (raw.n > 0 && raw.p[raw.n - 1] != '\n')
		buf_addc(out, '\n');
}

void edit_maincf(struct slice text, enum edit_kind kind, struct edit *edits, size_t n,
		 struct buf *out)
{
	struct edit *current = NULL;
	struct slice before, line;

	while (before = text, slice_line(&text, &line)) {
		struct slice raw = slice_sub(before, 0, before.n - text.n);
		struct slice trimmed = slice_trim_space(line);
		bool is_start = trimmed.n > 0 && trimmed.p[0] != '#' && !char_is_space(line.p[0]);

		if (is_start) {
			current = find_edit(edits, n, before);
			if (current != NULL)
				current->hits++;
		}
		if (current == NULL || trimmed.n == 0 || trimmed.p[0] == '#') {
			add_line(raw, out);
		} else if (kind == EDIT_COMMENT) {
			buf_addc(out, '#');
			add_line(raw, out);
		} else if (kind == EDIT_SET && is_start) {
			add_setting(current, out);
		}
	}
	for (size_t i = 0; kind == EDIT_SET && i < n; i++)
		if (edits[i].hits == 0)
			add_setting(&edits[i], out);
}
