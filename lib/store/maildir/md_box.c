/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/store/maildir/md.h"

enum { FIND_TRIES = 3, INFOS_MAX = 1000000 };

static struct md_box *self(struct store_box *b)
{
	return (struct md_box *)b;
}

static const struct md_box *const_self(const struct store_box *b)
{
	return (const struct md_box *)b;
}

enum rc md_row_of(struct md_box *b, uint32_t uid, struct md_row **out)
{
	uint32_t row = b->replaced ? MD_NO_ROW : md_table_find_uid(&b->t, uid);

	if (row == MD_NO_ROW || !b->t.v[row].present)
		return RC_END;
	*out = &b->t.v[row];
	return RC_OK;
}

int md_row_file(const struct md_box *b, const struct md_row *row, char out[MD_NAME_MAX + 1])
{
	snprintf(out, MD_NAME_MAX + 1, "%.*s%s", SLICE_ARG(row->base), row->info);
	return row->in_new ? b->f.new : b->f.cur;
}

const char *md_intern(struct md_box *b, struct slice info)
{
	char *copy = hash_get(&b->infos, info);

	if (copy != NULL)
		return copy;
	copy = mem_dup(info.n > 0 ? info.p : "", info.n);
	if (hash_put(&b->infos, info, copy, NULL) == RC_OK)
		return copy;
	free(copy);
	return NULL;
}

static void free_infos(struct md_box *b)
{
	struct slice key;
	size_t pos = 0;
	void *copy;

	while (hash_next(&b->infos, &pos, &key, &copy))
		free(copy);
	hash_done(&b->infos);
}

static size_t md_count(const struct store_box *b)
{
	return const_self(b)->n_live;
}

static void row_to_disk(const struct md_row *row, struct store_disk_msg *out)
{
	*out = (struct store_disk_msg){ .uid = row->uid, .flags = row->flags,
					.recent = row->recent, .keywords = row->keywords };
}

static void md_disk_msg(const struct store_box *b, size_t i, struct store_disk_msg *out)
{
	const struct md_box *m = const_self(b);

	row_to_disk(&m->t.v[m->live[i]], out);
}

/* Who scans the directories while names change in them may miss a message; those who care hold
 * this lock. Without the right to make one, names can still be changed. */
static enum rc md_change_begin(struct store_box *box, struct err *err)
{
	struct md_box *b = self(box);
	struct err why = { 0 };
	enum rc rc = md_lock_folder((struct md_store *)box->store, b->f.dir, &b->lock, &why);

	if (rc == RC_TEMP)
		return err_set(err, rc, "%s", why.text);
	md_own_begin(b);
	return RC_OK;
}

static void md_change_end(struct store_box *box)
{
	struct md_box *b = self(box);

	md_own_end(b);
	md_lock_drop(&b->lock);
	if (box->stale)
		md_rebuild_live(b);
}

static uint8_t new_flags(uint8_t old, const struct store_flag_op *op)
{
	switch (op->how) {
	case STORE_FLAGS_ADD:
		return old | op->flags;
	case STORE_FLAGS_REMOVE:
		return (uint8_t)(old & ~(unsigned)op->flags);
	default:
		return op->flags & STORE_FLAGS_ALL;
	}
}

static uint32_t new_keywords(uint32_t old, const struct store_flag_op *op)
{
	uint32_t k = (uint32_t)op->keywords & ((1u << MD_KEYWORDS) - 1);

	switch (op->how) {
	case STORE_FLAGS_ADD:
		return old | k;
	case STORE_FLAGS_REMOVE:
		return old & ~k;
	default:
		return k;
	}
}

/* RC_END: the file is no longer under this name. */
static enum rc rename_row(struct md_box *b, struct md_row *row, uint8_t flags, uint32_t keywords,
			  struct err *err)
{
	char from[MD_NAME_MAX + 1], to[2 * MD_NAME_MAX];
	int dir = md_row_file(b, row, from);
	struct buf info;
	const char *kept;
	enum rc rc = RC_OK;

	buf_init(&info, MD_NAME_MAX);
	md_name_put_info(slice_str(row->info), flags, keywords, &info);
	snprintf(to, sizeof(to), "%.*s%s", SLICE_ARG(row->base), buf_cstr(&info));
	kept = md_intern(b, buf_slice(&info));
	if (kept == NULL)
		rc = err_set(err, RC_LIMIT, "too many kinds of flags in one mailbox");
	else if (fs_rename_new(dir, from, b->f.cur, to) != 0)
		rc = errno == ENOENT ? RC_END : fs_err(err, "rename(%s, %s)", from, to);
	buf_done(&info);
	if (rc != RC_OK)
		return rc;
	row->info = kept;
	row->flags = flags;
	row->keywords = keywords;
	row->in_new = false;
	return RC_OK;
}

static enum rc md_set_flags(struct store_box *box, uint32_t uid, const struct store_flag_op *op,
			    struct store_disk_msg *ret_old, struct store_disk_msg *ret,
			    struct err *err)
{
	struct md_box *b = self(box);
	struct md_row *row;
	enum rc rc = RC_END;

	md_lock_keep(&b->lock);
	for (int try = 0; rc == RC_END && try < FIND_TRIES; try++) {
		uint32_t keywords;
		uint8_t flags;

		if (try > 0 && (rc = md_sync_again(b, err)) != RC_OK)
			return rc;
		rc = md_row_of(b, uid, &row);
		if (rc != RC_OK)
			return rc;
		flags = new_flags(row->flags, op);
		keywords = new_keywords(row->keywords, op);
		row_to_disk(row, ret_old);
		if (flags != row->flags || keywords != row->keywords)
			rc = rename_row(b, row, flags, keywords, err);
	}
	if (rc == RC_OK)
		row_to_disk(row, ret);
	return rc;
}

static enum rc md_expunge(struct store_box *box, uint32_t uid, struct err *err)
{
	struct md_box *b = self(box);

	md_lock_keep(&b->lock);
	for (int try = 0; try < FIND_TRIES; try++) {
		char name[MD_NAME_MAX + 1];
		struct md_row *row;
		enum rc rc = RC_OK;
		int dir;

		if (try > 0)
			rc = md_sync_again(b, err);
		if (rc == RC_OK)
			rc = md_row_of(b, uid, &row);
		if (rc != RC_OK)
			return rc;
		dir = md_row_file(b, row, name);
		if (unlinkat(dir, name, 0) == 0) {
			row->present = false;
			b->b.stale = true;
			return RC_OK;
		}
		if (errno != ENOENT)
			return fs_err(err, "unlink(%s)", name);
	}
	return RC_END;
}

static const char *md_keyword(const struct store_box *b, unsigned bit)
{
	const char *name = bit < MD_KEYWORDS ? const_self(b)->keywords.name[bit] : "";

	return md_keyword_is_valid(slice_str(name)) ? name : NULL;
}

static bool md_keywords_room(const struct store_box *b)
{
	for (unsigned i = 0; i < MD_KEYWORDS; i++)
		if (const_self(b)->keywords.name[i][0] == '\0')
			return true;
	return false;
}

static enum rc add_keyword(struct md_box *b, struct slice name, int *ret, struct err *err)
{
	struct md_store *s = (struct md_store *)b->b.store;
	struct md_keywords k;
	enum rc rc = md_keywords_load(b->f.dir, &k, &b->keywords_stamp, err);

	if (rc != RC_OK)
		return rc;
	*ret = md_keywords_find(&k, name);
	if (*ret < 0) {
		*ret = md_keywords_add(&k, name);
		if (*ret < 0)
			return err_set(err, RC_LIMIT, "Too many keywords in this mailbox");
		rc = md_keywords_save(s, b->f.dir, &k, &b->keywords_stamp, err);
	}
	if (rc == RC_OK) {
		b->keywords = k;
		b->b.keywords_changed = true;
	}
	return rc;
}

static enum rc md_keyword_bit(struct store_box *box, struct slice name, bool create,
			      unsigned *ret_bit, struct err *err)
{
	struct md_box *b = self(box);
	struct md_lock lock;
	int i = md_keywords_find(&b->keywords, name);
	enum rc rc;

	if (i < 0 && !create)
		return RC_END;
	if (i < 0 && !md_keyword_is_valid(name))
		return err_set(err, RC_SYNTAX, "Invalid keyword");
	if (i < 0) {
		rc = md_lock_folder((struct md_store *)box->store, b->f.dir, &lock, err);
		if (rc != RC_OK)
			return rc;
		rc = add_keyword(b, name, &i, err);
		md_lock_drop(&lock);
		if (rc != RC_OK)
			return rc;
	}
	*ret_bit = (unsigned)i;
	return RC_OK;
}

/* inotify takes paths only; a wrong guess costs no more than a refresh. */
static enum rc md_watch(struct store_box *box, int *ret_fd, struct err *err)
{
	static const char *const dirs[] = { "new", "cur" };
	struct md_box *b = self(box);
	const struct md_store *s = (const struct md_store *)box->store;
	char folder[MD_FOLDER_MAX], path[PATH_MAX];

	if (b->watch >= 0) {
		*ret_fd = b->watch;
		return RC_OK;
	}
	b->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (b->watch < 0)
		return fs_err(err, "inotify_init1()");
	md_folder_path(s, b->name, folder);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", s->path, folder, dirs[i]);
		if (inotify_add_watch(b->watch, path,
				      IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
				      IN_DELETE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW) < 0) {
			enum rc rc = fs_err(err, "inotify_add_watch(%s)", path);

			close(b->watch);
			b->watch = -1;
			return rc;
		}
	}
	*ret_fd = b->watch;
	return RC_OK;
}

static size_t md_dirs(const struct store_box *box, int ret[STORE_DIRS_MAX])
{
	if (const_self(box)->in_memory)
		return 0;
	ret[0] = const_self(box)->f.new;
	ret[1] = const_self(box)->f.cur;
	return 2;
}

static void md_box_free(struct store_box *box)
{
	struct md_box *b = self(box);

	md_box_save_learned(b);
	md_lock_drop(&b->lock);
	md_scan_done(&b->scan);
	md_table_done(&b->t);
	md_folder_close(&b->f);
	if (b->watch >= 0)
		close(b->watch);
	free_infos(b);
	free(b->live);
	free(b);
}

static const struct store_box_ops box_ops = {
	.free = md_box_free, .sync = md_sync, .count = md_count, .disk_msg = md_disk_msg,
	.change_begin = md_change_begin, .change_end = md_change_end,
	.set_flags = md_set_flags, .expunge = md_expunge,
	.keyword = md_keyword, .keyword_bit = md_keyword_bit, .keywords_room = md_keywords_room,
	.size = md_box_size, .date = md_box_date, .attr = md_box_attr, .read = md_box_read,
	.learn_size = md_box_learn_size, .watch = md_watch, .dirs = md_dirs,
};

enum rc md_box_open(struct store *s, const char *name, unsigned mode, struct store_box **out,
		    struct err *err)
{
	struct md_box *b = mem_new(1, sizeof(*b));
	unsigned again_ms;
	bool deleted;
	enum rc rc;

	b->b = (struct store_box){ .ops = &box_ops, .store = s,
				   .readonly = (mode & STORE_BOX_READONLY) != 0 };
	b->keep_recent = (mode & (STORE_BOX_READONLY | STORE_BOX_KEEP_RECENT)) != 0;
	b->lock = MD_LOCK_NONE;
	b->watch = -1;
	b->f = MD_FOLDER_NONE;
	md_table_init(&b->t);
	hash_init(&b->infos, INFOS_MAX, false);
	memcpy(b->name, name, strlen(name) + 1);
	rc = md_folder_open((struct md_store *)s, name, &b->f, err);
	if (rc == RC_OK)
		rc = md_sync(&b->b, 0, &deleted, &again_ms, err);
	if (rc != RC_OK) {
		md_box_free(&b->b);
		return rc;
	}
	if (!b->b.readonly)
		md_folder_clean_tmp(&b->f, time(NULL));
	store_box_first_view(&b->b);
	b->b.keywords_changed = false;
	*out = &b->b;
	return RC_OK;
}
