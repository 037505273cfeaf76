/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/maildir/md.h"

enum { NAMES_MAX = 1 << 30, ENTRIES_MAX = 10000000 };

struct reading {
	const struct md_table *t;
	struct md_scan *s;
	bool in_new;
	enum rc rc;
};

void md_scan_done(struct md_scan *s)
{
	free(s->v);
	free(s->seen);
	arena_done(&s->names);
	*s = (struct md_scan){ .names = s->names };
}

static enum rc push(struct md_scan *s, const struct md_entry *e)
{
	if (s->n == ENTRIES_MAX)
		return RC_LIMIT;
	if (s->n == s->size) {
		s->size = s->size > 0 ? 2 * s->size : 64;
		s->v = mem_grow(s->v, s->size, sizeof(*s->v));
	}
	s->v[s->n++] = *e;
	return RC_OK;
}

/* What is no file is no message: a directory, a link to somewhere else, a pipe. */
static bool take_name(void *ctx, const char *name, enum fs_type type)
{
	struct reading *r = ctx;
	struct md_entry e = { .row = MD_NO_ROW, .in_new = r->in_new };
	struct slice copy;

	if (name[0] == '.' || type != FS_FILE)
		return true;
	copy = arena_slice(&r->s->names, slice_str(name));
	if (copy.p == NULL) {
		r->rc = RC_LIMIT;
		return false;
	}
	md_name_parse(copy, &e.name);
	e.row = md_table_find(r->t, e.name.base);
	if (e.row != MD_NO_ROW) {
		e.is_twin = r->s->seen[e.row] != 0;
		r->s->seen[e.row] = 1;
	}
	r->s->n_twins += e.is_twin;
	r->s->n_unknown += e.row == MD_NO_ROW;
	r->s->n_new += e.in_new;
	r->rc = push(r->s, &e);
	return r->rc == RC_OK;
}

static enum rc read_dir(const struct md_table *t, int dir, bool in_new, struct md_scan *s,
			struct err *err)
{
	struct reading r = { .t = t, .s = s, .in_new = in_new };
	enum rc rc = fs_each(dir, take_name, &r, err);

	if (rc != RC_OK)
		return rc;
	return r.rc == RC_OK ? RC_OK : err_set(err, r.rc, "too many files in one mailbox");
}

/* A file can be missed only when a name changes while the directory is read, and that changes
 * the directory's time: unless the time was so fresh that its clock may not have ticked. */
static bool is_stable(int dir, const struct fs_stamp *before, int64_t started_ns)
{
	struct fs_stamp after;

	return fs_stamp_fd(dir, &after, NULL) == RC_OK && fs_stamp_eq(before, &after) &&
	       started_ns - before->mtime_ns > MD_SLACK_NS;
}

static int cmp_unknown(const void *a, const void *b)
{
	const struct md_entry *x = *(struct md_entry *const *)a;
	const struct md_entry *y = *(struct md_entry *const *)b;
	int d = md_name_cmp(x->name.base, y->name.base);

	return d != 0 ? d : (int)x->in_new - (int)y->in_new;
}

/* Entries without a row in the order of arrival, at the front of V; twins among them found. */
static void sort_unknown(struct md_scan *s)
{
	struct md_entry **p = mem_new(s->n_unknown + 1, sizeof(*p));
	struct md_entry *sorted = mem_new(s->n + 1, sizeof(*sorted));
	size_t n = 0, k = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].row == MD_NO_ROW)
			p[n++] = &s->v[i];
	qsort(p, n, sizeof(*p), cmp_unknown);
	for (size_t i = 0; i < n; i++) {
		sorted[k++] = *p[i];
		if (i > 0 && slice_eq(p[i]->name.base, p[i - 1]->name.base)) {
			sorted[i].is_twin = true;
			s->n_twins++;
		}
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].row != MD_NO_ROW)
			sorted[k++] = s->v[i];
	free(p);
	free(s->v);
	s->v = sorted;
	s->size = s->n + 1;
}

/* new/ first: a message moved to cur/ meanwhile is then seen twice rather than never. */
enum rc md_scan_run(struct md_box *b, bool with_cur, struct md_scan *out, struct err *err)
{
	struct md_scan s = { .with_cur = with_cur, .started_ns = fs_now_ns() };
	enum rc rc;

	arena_init(&s.names, NAMES_MAX);
	s.seen = mem_new(b->t.n + 1, 1);
	rc = fs_stamp_fd(b->f.new, &s.new, err);
	if (rc == RC_OK)
		rc = fs_stamp_fd(b->f.cur, &s.cur, err);
	if (rc == RC_OK)
		rc = read_dir(&b->t, b->f.new, true, &s, err);
	if (rc == RC_OK && with_cur)
		rc = read_dir(&b->t, b->f.cur, false, &s, err);
	if (rc != RC_OK) {
		md_scan_done(&s);
		return rc;
	}
	s.stable = is_stable(b->f.new, &s.new, s.started_ns) &&
		   (!with_cur || is_stable(b->f.cur, &s.cur, s.started_ns));
	if (s.n_unknown > 0)
		sort_unknown(&s);
	*out = s;
	return RC_OK;
}
