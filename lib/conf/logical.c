/* lib/conf/logical.c - joining physical lines. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/logical.h"

void logical_init(struct logical *l, struct slice text)
{
	*l = (struct logical){ .rest = text };
	buf_init(&l->text, LOGICAL_MAX);
}

void logical_done(struct logical *l)
{
	buf_done(&l->text);
}

static bool is_ignored(struct slice physical)
{
	struct slice s = slice_trim_space(physical);

	return s.n == 0 || s.p[0] == '#';
}

static void append(struct logical *l, struct slice s)
{
	ptrdiff_t nul;

	while ((nul = slice_chr(s, '\0')) >= 0) {
		l->has_nul = true;
		buf_add(&l->text, slice_sub(s, 0, (size_t)nul));
		s = slice_skip(s, (size_t)nul + 1);
	}
	buf_add(&l->text, s);
}

static void trim_end(struct buf *b)
{
	struct slice s = buf_slice(b);

	while (s.n > 0 && char_is_space(s.p[s.n - 1]))
		s.n--;
	buf_truncate(b, s.n);
}

bool logical_next(struct logical *l)
{
	struct slice before, physical;
	bool have = false;

	buf_reset(&l->text);
	l->starts_blank = false;
	l->has_nul = false;
	while (before = l->rest, slice_line(&l->rest, &physical)) {
		bool is_blank_start = physical.n > 0 && char_is_space(physical.p[0]);

		if (is_ignored(physical)) {
			l->line++;
			continue;
		}
		if (have && !is_blank_start) {
			l->rest = before;
			break;
		}
		l->line++;
		if (!have) {
			l->first_line = l->line;
			l->starts_blank = is_blank_start;
			if (is_blank_start)
				physical = slice_trim_space(physical);
			have = true;
		}
		append(l, physical);
	}
	trim_end(&l->text);
	return have;
}
