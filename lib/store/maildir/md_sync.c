/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/store/maildir/md.h"

/* A look at the disk: load the uidlist if it changed, read the directories, and only when there
 * is something to write (new UIDs, moves out of new/, twins) take the lock, look whether the
 * uidlist is still the same, and write. Sessions that find nothing new never lock. */

enum {
	TRIES = 4,
	TRIES_MAX = 50,
	COMPRESS_MIN = 50	/* records without a file, before a rewrite is worth it */
};

/* How long a change that only a time could have shown may stay unseen. */
static const int64_t SUSPECT_NS = 30 * 1000000000LL;

struct sync {
	struct md_box *b;
	struct md_store *s;
	struct md_scan scan;
	bool with_cur;
	bool locked, own_lock;
	bool start;		/* there is no uidlist to go by */
	bool unsure;		/* files may have been missed: nothing is called gone */
	bool failed_write;
	size_t n_rows;		/* of the table before new ones were added */
	struct err *err;
};

static void pause_a_tick(void)
{
	struct timespec ts = { 0, MD_SLACK_NS };

	nanosleep(&ts, NULL);
}

/* A directory of others, or a full disk before there was a uidlist: UIDs live as long as the
 * session. A full disk later: what has no UID yet has to wait, but the rest can be read and,
 * above all, deleted. False: RC is another matter. */
static bool cannot_write(struct sync *y, enum rc rc)
{
	if (rc == RC_DENIED || (rc == RC_LIMIT && y->start))
		y->b->in_memory = true;
	else if (rc == RC_LIMIT)
		y->failed_write = true;
	return rc == RC_DENIED || rc == RC_LIMIT;
}

static enum rc take_lock(struct sync *y)
{
	struct md_box *b = y->b;
	struct err why = { 0 };
	enum rc rc;

	y->locked = md_lock_is_held(&b->lock);
	if (y->locked || b->in_memory)
		return RC_OK;
	rc = md_lock_folder(y->s, b->f.dir, &b->lock, &why);
	if (rc == RC_OK) {
		y->locked = y->own_lock = true;
		return RC_OK;
	}
	return cannot_write(y, rc) ? RC_OK : err_set(y->err, rc, "%s", why.text);
}

static void drop_lock(struct sync *y)
{
	if (y->own_lock)
		md_lock_drop(&y->b->lock);
	y->own_lock = y->locked = false;
}

/* A broken uidlist is like none: all UIDs begin anew, under a new UIDVALIDITY. */
static enum rc load_table(struct sync *y)
{
	struct md_box *b = y->b;
	struct md_table t;
	struct err why = { 0 };
	enum rc rc;

	md_table_init(&t);
	rc = md_uidfile_load(b->f.dir, &t, &b->uidlist, &why);
	y->start = rc == RC_END || rc == RC_SYNTAX;
	if (rc != RC_OK && !y->start) {
		md_table_done(&t);
		return err_set(y->err, rc, "%s", why.text);
	}
	if (rc == RC_END)
		b->uidlist = (struct fs_stamp){ 0 };
	md_table_inherit(&t, &b->t);
	md_table_done(&b->t);
	b->t = t;
	b->loaded = true;
	y->with_cur = true;
	return RC_OK;
}

/* RC_MORE: the table has changed, so that what a scan found is void. */
static enum rc check_table(struct sync *y)
{
	struct md_box *b = y->b;
	struct fs_stamp now;
	enum rc rc = fs_stamp_at(b->f.dir, MD_UIDLIST, &now, y->err);

	if (rc != RC_OK)
		return rc;
	if (b->loaded && (b->in_memory || fs_stamp_eq(&now, &b->uidlist)))
		return RC_OK;
	if (b->loaded && md_uidfile_load_tail(b->f.dir, &b->t, &b->uidlist) == RC_OK)
		return RC_MORE;
	rc = load_table(y);
	return rc == RC_OK ? RC_MORE : rc;
}

static bool may_write(const struct md_box *b)
{
	return !b->b.readonly && !b->in_memory;
}

static bool needs_lock(const struct sync *y)
{
	const struct md_box *b = y->b;

	if (y->start || b->t.torn || b->t.head.version != 3 || y->scan.n_unknown > 0)
		return true;
	return may_write(b) && (y->scan.n_twins > 0 || (y->scan.n_new > 0 && !b->keep_recent));
}

/* Is a record without a file, that could have been missed? */
static bool misses_some(const struct sync *y)
{
	const struct md_table *t = &y->b->t;

	for (size_t i = 0; i < t->n; i++)
		if (y->scan.seen[i] == 0 && (y->with_cur || t->v[i].in_new))
			return true;
	return false;
}

/* One consistent pair of table and scan, with the lock when it is needed. */
static enum rc look(struct sync *y)
{
	for (int try = 0; try < TRIES_MAX; try++) {
		enum rc rc = check_table(y);

		if (rc != RC_OK && rc != RC_MORE)
			return rc;
		md_scan_done(&y->scan);
		rc = md_scan_run(y->b, y->with_cur, &y->scan, y->err);
		if (rc == RC_OK && needs_lock(y) && !y->locked && !y->failed_write &&
		    !y->b->in_memory) {
			rc = take_lock(y);
			if (rc == RC_OK)
				rc = check_table(y);
		}
		if (rc == RC_MORE)
			continue;
		if (rc != RC_OK)
			return rc;
		if ((y->scan.stable && y->with_cur) || !misses_some(y))
			return RC_OK;
		if (!y->with_cur) {
			y->with_cur = true;	/* it may have been moved to cur/ */
			continue;
		}
		if (try >= TRIES) {
			y->unsure = true;
			return RC_OK;
		}
		pause_a_tick();
	}
	return err_set(y->err, RC_TEMP, "the mailbox changes too fast");
}

static void set_row(struct md_row *row, const struct md_entry *e, const char *info)
{
	row->info = info;
	row->flags = e->name.flags;
	row->keywords = e->name.keywords;
	row->present = true;
	row->in_new = e->in_new;
}

/* The entry's info in memory that lives as long as the row. */
static const char *keep_info(struct sync *y, const struct md_entry *e)
{
	const char *info = e->name.info.n > 0 ? e->name.info.p : "";

	if (y->with_cur || info[0] == '\0')
		return info;
	return md_intern(y->b, e->name.info);
}

/* Rows that were not seen are gone; unless the scan cannot be trusted, then they stay, and what
 * they borrow from the old scan is copied. */
static void sweep_rows(struct sync *y)
{
	struct md_table *t = &y->b->t;

	for (size_t i = 0; i < t->n; i++) {
		struct md_row *row = &t->v[i];
		const char *info;

		if (y->scan.seen[i] != 0 || !row->present || (!y->with_cur && !row->in_new))
			continue;
		info = y->unsure ? md_intern(y->b, slice_str(row->info)) : NULL;
		row->present = info != NULL;
		row->info = info != NULL ? info : "";
	}
}

static enum rc apply_known(struct sync *y)
{
	sweep_rows(y);
	for (size_t i = 0; i < y->scan.n; i++) {
		const struct md_entry *e = &y->scan.v[i];
		const char *info;

		/* Seen twice in an unstable scan: moved while it ran, the later place is right. */
		if (e->row == MD_NO_ROW || (e->is_twin && y->scan.stable))
			continue;
		info = keep_info(y, e);
		if (info == NULL)
			return err_set(y->err, RC_LIMIT, "too many files in one mailbox");
		set_row(&y->b->t.v[e->row], e, info);
		if (e->in_new && y->b->keep_recent)
			y->b->t.v[e->row].recent = true;
	}
	return RC_OK;
}

static enum rc add_unknown(struct sync *y)
{
	struct md_box *b = y->b;

	for (size_t i = 0; i < y->scan.n_unknown; i++) {
		struct md_entry *e = &y->scan.v[i];
		const char *info = keep_info(y, e);
		uint32_t row;
		enum rc rc;

		md_lock_keep(&b->lock);
		if (e->is_twin || !md_name_is_usable(e->name.base))
			continue;
		rc = info == NULL ? RC_LIMIT :
				    md_table_add(&b->t, e->name.base, (struct slice){ NULL, 0 },
						 &row);
		if (rc != RC_OK)
			return err_set(y->err, rc, "no room for more messages");
		set_row(&b->t.v[row], e, info);
		b->t.v[row].recent = e->in_new;
	}
	return RC_OK;
}

/* No uidlist and no way to write one: any UIDVALIDITY will do that no session had before. */
static enum rc start_table(struct sync *y)
{
	struct md_box *b = y->b;
	struct err why = { 0 };
	enum rc rc = y->locked ? md_uidfile_start(y->s, &b->t, &why) : RC_DENIED;

	if (rc == RC_OK)
		return RC_OK;
	if (!cannot_write(y, rc))
		return err_set(y->err, rc, "%s", why.text);
	md_table_done(&b->t);
	b->t.head = (struct md_uidlist_head){ .version = 3, .uidvalidity = (uint32_t)time(NULL),
					      .uidnext = 1 };
	return RC_OK;
}

static size_t count_absent(const struct md_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += !t->v[i].present;
	return n;
}

static bool wants_rewrite(const struct sync *y)
{
	const struct md_table *t = &y->b->t;
	size_t absent;

	if (y->start || t->torn || t->head.version != 3)
		return true;
	if (!y->with_cur || !y->scan.stable)
		return false;
	absent = count_absent(t);
	return absent >= COMPRESS_MIN && absent > t->n / 4;
}

static enum rc write_uids(struct sync *y, struct err *err)
{
	struct md_box *b = y->b;
	struct md_table *t = &b->t;
	enum rc rc = RC_OK;

	if (wants_rewrite(y)) {
		bool all = !y->with_cur || !y->scan.stable;

		rc = md_uidfile_rewrite(y->s, b->f.dir, t, all, &b->uidlist, err);
		if (rc == RC_OK) {
			t->torn = false;
			t->head.version = 3;
		}
	} else if (t->n > y->n_rows) {
		rc = md_uidfile_append(y->s, b->f.dir, t, y->n_rows, false, &b->uidlist, err);
	}
	return rc;
}


static enum rc assign_uids(struct sync *y)
{
	struct md_box *b = y->b;
	uint32_t uidnext;
	struct err why = { 0 };
	enum rc rc = RC_OK;

	if (y->failed_write)
		return RC_OK;
	if (y->start)
		rc = start_table(y);
	if (rc != RC_OK)
		return rc;
	y->n_rows = b->t.n;
	uidnext = b->t.head.uidnext;
	rc = add_unknown(y);
	if (rc != RC_OK || !y->locked || b->in_memory)
		return rc;
	rc = write_uids(y, &why);
	if (rc == RC_OK)
		return RC_OK;
	if (!cannot_write(y, rc))
		return err_set(y->err, rc, "%s", why.text);
	if (!b->in_memory)
		md_table_cut(&b->t, y->n_rows, uidnext);
	return RC_OK;
}

/* "base" or "base:2,S" from new/ to cur/. */
static bool move_row(struct sync *y, struct md_row *row)
{
	struct md_box *b = y->b;
	char from[MD_NAME_MAX + 1], to[MD_NAME_MAX + 4];

	(void)md_row_file(b, row, from);
	snprintf(to, sizeof(to), "%s%s", from, row->info[0] == '\0' ? ":2," : "");
	if (fs_rename_new(b->f.new, from, b->f.cur, to) != 0) {
		b->dirty_cur = b->dirty_new = true;
		return false;
	}
	if (row->info[0] == '\0')
		row->info = ":2,";
	row->in_new = false;
	row->recent = true;
	return true;
}

static void move_new(struct sync *y)
{
	struct md_table *t = &y->b->t;

	if (y->scan.n_new == 0 || y->b->keep_recent || !may_write(y->b) || !y->locked)
		return;
	md_own_begin(y->b);
	for (size_t i = 0; i < t->n; i++) {
		if (!t->v[i].present || !t->v[i].in_new)
			continue;
		md_lock_keep(&y->b->lock);
		(void)move_row(y, &t->v[i]);
	}
	md_own_end(y->b);
}

/* Two files with one base, or a base that no uidlist can hold: give the file a new base. When
 * both are the same file (a crash between link and unlink), one name goes. */
static void rename_away(struct sync *y, const struct md_entry *e, const char *twin, int twin_dir)
{
	struct md_box *b = y->b;
	char name[MD_UNIQUE_MAX + MD_NAME_MAX], unique[MD_UNIQUE_MAX], old[MD_NAME_MAX + 1];
	int dir = e->in_new ? b->f.new : b->f.cur;
	struct fs_stamp mine, other = { 0 };

	if (!slice_to_cstr(slice_make(e->name.base.p, e->name.base.n + e->name.info.n), old,
			   sizeof(old)))
		return;
	if (twin != NULL && fs_stamp_at(dir, old, &mine, NULL) == RC_OK &&
	    fs_stamp_at(twin_dir, twin, &other, NULL) == RC_OK && mine.ino != 0 &&
	    mine.ino == other.ino && mine.dev == other.dev) {
		(void)unlinkat(dir, old, 0);
		return;
	}
	md_unique_name(y->s, unique);
	snprintf(name, sizeof(name), "%s%.*s", unique, SLICE_ARG(e->name.info));
	(void)!fs_rename_new(dir, old, dir, name);
}

/* True when something was renamed, so that another look is due. */
static bool fix_names(struct sync *y)
{
	struct md_box *b = y->b;
	bool fixed = false;

	if (!may_write(b) || !y->locked || !y->scan.stable || !y->with_cur)
		return false;
	for (size_t i = 0; i < y->scan.n; i++) {
		const struct md_entry *e = &y->scan.v[i];
		char twin[MD_NAME_MAX + 1];
		uint32_t row;
		int dir = -1;

		if (!e->is_twin && (e->row != MD_NO_ROW || md_name_is_usable(e->name.base)))
			continue;
		row = md_table_find(&b->t, e->name.base);
		if (e->is_twin && row != MD_NO_ROW && b->t.v[row].present)
			dir = md_row_file(b, &b->t.v[row], twin);
		rename_away(y, e, dir >= 0 ? twin : NULL, dir);
		fixed = true;
	}
	return fixed;
}

void md_rebuild_live(struct md_box *b)
{
	b->live = mem_grow(b->live, b->t.n + 1, sizeof(*b->live));
	b->n_live = 0;
	for (size_t i = 0; i < b->t.n; i++)
		if (b->t.v[i].present)
			b->live[b->n_live++] = (uint32_t)i;
	b->b.uidnext = b->t.head.uidnext;
	if (b->b.uidvalidity == 0)
		b->b.uidvalidity = b->t.head.uidvalidity;
	else if (b->b.uidvalidity != b->t.head.uidvalidity)
		b->replaced = true;
}

static bool is_fresh(const struct sync *y, const struct fs_stamp *stamp)
{
	return y->scan.started_ns - stamp->mtime_ns <= MD_SLACK_NS;
}

/* What was seen when, before our own moves change it. */
static void note_times(struct sync *y)
{
	struct md_box *b = y->b;

	b->new = y->scan.new;
	b->dirty_new = is_fresh(y, &y->scan.new) || y->unsure || y->failed_write;
	if (!y->with_cur)
		return;
	b->cur = y->scan.cur;
	b->dirty_cur = is_fresh(y, &y->scan.cur) || y->unsure;
	b->suspect_ns = 0;
}

/* A scan of cur/ is what the rows' infos borrow from; one of new/ alone was copied. */
static void adopt_scan(struct sync *y)
{
	if (y->with_cur) {
		md_scan_done(&y->b->scan);
		y->b->scan = y->scan;
		y->scan = (struct md_scan){ 0 };
	}
}

static enum rc one_pass(struct sync *y, bool *ret_again)
{
	enum rc rc = look(y);

	if (rc != RC_OK)
		return rc;
	rc = apply_known(y);
	if (rc == RC_OK && needs_lock(y))
		rc = assign_uids(y);
	if (rc == RC_OK) {
		note_times(y);
		*ret_again = (y->scan.n_twins > 0 || y->scan.n_unknown > 0) && fix_names(y);
		move_new(y);
	}
	adopt_scan(y);
	return rc;
}

static enum rc sync_now(struct md_box *b, bool with_cur, struct err *err)
{
	struct sync y = { .b = b, .s = (struct md_store *)b->b.store, .err = err,
			  .with_cur = with_cur, .locked = md_lock_is_held(&b->lock) };
	bool again = true;
	enum rc rc = RC_OK;

	for (int pass = 0; rc == RC_OK && again && pass < 3; pass++) {
		y.start = y.unsure = false;
		rc = one_pass(&y, &again);
		y.with_cur |= again;
	}
	drop_lock(&y);
	if (y.scan.v != NULL || y.scan.seen != NULL)
		md_scan_done(&y.scan);
	md_rebuild_live(b);
	return rc;
}

static bool is_deleted(const struct md_box *b)
{
	struct stat st;

	return fstat(b->f.dir, &st) == 0 && st.st_nlink == 0;
}

static enum rc sync_keywords(struct md_box *b, struct err *err)
{
	struct fs_stamp now;
	enum rc rc = fs_stamp_at(b->f.dir, MD_KEYWORDS_FILE, &now, err);

	if (rc != RC_OK || fs_stamp_eq(&now, &b->keywords_stamp))
		return rc;
	b->b.keywords_changed = true;
	return md_keywords_load(b->f.dir, &b->keywords, &b->keywords_stamp, err);
}

struct look_at {
	bool uidlist, cur, new;		/* changed since the last look */
};

static enum rc see_times(struct md_box *b, struct look_at *out, struct err *err)
{
	struct fs_stamp uidlist, cur, new;
	enum rc rc = fs_stamp_at(b->f.dir, MD_UIDLIST, &uidlist, err);

	if (rc == RC_OK)
		rc = fs_stamp_fd(b->f.cur, &cur, err);
	if (rc == RC_OK)
		rc = fs_stamp_fd(b->f.new, &new, err);
	if (rc != RC_OK)
		return rc;
	out->uidlist = !b->loaded || (!b->in_memory && !fs_stamp_eq(&uidlist, &b->uidlist));
	out->cur = b->dirty_cur || !fs_stamp_eq(&cur, &b->cur) ||
		   (b->suspect_ns != 0 && fs_now_ns() - b->suspect_ns > SUSPECT_NS);
	out->new = b->dirty_new || !fs_stamp_eq(&new, &b->new);
	return RC_OK;
}

static void drain_watch(const struct md_box *b)
{
	char events[4096];

	if (b->watch >= 0)
		while (read(b->watch, events, sizeof(events)) > 0)
			continue;
}

enum rc md_sync(struct store_box *box, unsigned how, bool *ret_deleted, unsigned *again_ms,
		struct err *err)
{
	struct md_box *b = (struct md_box *)box;
	struct look_at at;
	enum rc rc;

	drain_watch(b);
	*ret_deleted = b->replaced || is_deleted(b);
	if (*ret_deleted)
		return RC_END;
	rc = sync_keywords(b, err);
	if (rc == RC_OK)
		rc = see_times(b, &at, err);
	if (rc != RC_OK)
		return rc;
	if ((how & STORE_LOOK_HARD) != 0)
		at.cur = at.new = true;
	if (!at.uidlist && !at.cur && !at.new)
		return RC_END;
	rc = sync_now(b, at.cur, err);
	if (b->dirty_cur || b->dirty_new)
		*again_ms = MD_SLACK_NS / 1000000 + 1;
	*ret_deleted = b->replaced;
	return rc == RC_OK && b->replaced ? RC_END : rc;
}

enum rc md_sync_again(struct md_box *b, struct err *err)
{
	b->b.stale = true;
	return sync_now(b, true, err);
}

void md_own_begin(struct md_box *b)
{
	struct fs_stamp now;

	b->own_clean = fs_stamp_fd(b->f.cur, &now, NULL) == RC_OK && fs_stamp_eq(&now, &b->cur);
}

/* Nobody else had changed cur/ before ours began: take its new time as known. Who changed it in
 * between is found by the scan that is due after SUSPECT_NS, or with the next change. */
void md_own_end(struct md_box *b)
{
	if (!b->own_clean || fs_stamp_fd(b->f.cur, &b->cur, NULL) != RC_OK)
		return;
	if (b->suspect_ns == 0)
		b->suspect_ns = fs_now_ns();
}
