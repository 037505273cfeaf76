/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/store/maildir/md.h"

enum {
	FIND_TRIES = 3,
	COPY_MAX = 64 << 10,		/* larger contents are mapped */
	LEARNED_LOCK_MS = 100
};

/* Call USE with the message's file; look again when another session renamed it meanwhile. */
static enum rc with_file(struct md_box *b, uint32_t uid,
			 int (*use)(int dir, const char *name, void *arg), void *arg,
			 struct err *err)
{
	for (int try = 0; try < FIND_TRIES; try++) {
		char name[MD_NAME_MAX + 1];
		struct md_row *row;
		enum rc rc = try > 0 ? md_sync_again(b, err) : RC_OK;

		if (rc == RC_OK)
			rc = md_row_of(b, uid, &row);
		if (rc != RC_OK)
			return rc;
		if (use(md_row_file(b, row, name), name, arg) == 0)
			return RC_OK;
		if (errno != ENOENT)
			return fs_err(err, "open(%s)", name);
	}
	return RC_END;
}

static int use_stat(int dir, const char *name, void *arg)
{
	return fstatat(dir, name, arg, AT_SYMLINK_NOFOLLOW);
}

static int use_open(int dir, const char *name, void *arg)
{
	*(int *)arg = fs_open(dir, name, O_RDONLY | O_NONBLOCK, 0);
	return *(int *)arg < 0 ? -1 : 0;
}

static enum rc stat_row(struct md_box *b, uint32_t uid, struct err *err)
{
	struct md_row *row;
	struct stat st;
	enum rc rc = with_file(b, uid, use_stat, &st, err);

	if (rc == RC_OK)
		rc = md_row_of(b, uid, &row);
	if (rc != RC_OK)
		return rc;
	row->date = st.st_mtim.tv_sec;
	if (row->physical == MD_SIZE_UNKNOWN)
		row->physical = (uint64_t)st.st_size;
	return RC_OK;
}

enum rc md_box_date(struct store_box *box, uint32_t uid, int64_t *out, struct err *err)
{
	struct md_box *b = (struct md_box *)box;
	struct md_row *row;
	enum rc rc = md_row_of(b, uid, &row);

	if (rc == RC_OK && row->date == MD_DATE_UNKNOWN) {
		rc = stat_row(b, uid, err);
		if (rc == RC_OK)
			rc = md_row_of(b, uid, &row);
	}
	if (rc == RC_OK)
		*out = row->date;
	return rc;
}

/* From the file name, else from the uidlist record. */
static uint64_t told_size(const struct md_row *row, char key)
{
	uint64_t n = md_name_size(row->base, key);
	struct slice value;

	if (n == MD_SIZE_UNKNOWN && md_uidlist_key(row->keys, key, &value) &&
	    num_u64(value, INT64_MAX, &n) != RC_OK)
		n = MD_SIZE_UNKNOWN;
	return n;
}

static enum rc count_size(struct md_box *b, uint32_t uid, enum store_size which, struct err *err)
{
	struct store_content c;
	enum rc rc;

	if (which == STORE_SIZE_PHYSICAL)
		return stat_row(b, uid, err);
	rc = md_box_read(&b->b, uid, &c, err);
	if (rc != RC_OK)
		return rc;
	md_box_learn_size(&b->b, uid, c.bytes.n, store_wire_size(c.bytes));
	store_content_done(&c);
	return RC_OK;
}

enum rc md_box_size(struct store_box *box, uint32_t uid, enum store_size which, uint64_t *out,
		    struct err *err)
{
	struct md_box *b = (struct md_box *)box;
	bool physical = which == STORE_SIZE_PHYSICAL;
	struct md_row *row;
	enum rc rc = md_row_of(b, uid, &row);
	uint64_t *known;

	if (rc != RC_OK)
		return rc;
	known = physical ? &row->physical : &row->crlf;
	if (*known == MD_SIZE_UNKNOWN)
		*known = told_size(row, physical ? 'S' : 'W');
	if (*known == MD_SIZE_UNKNOWN) {
		rc = count_size(b, uid, which, err);
		if (rc == RC_OK)
			rc = md_row_of(b, uid, &row);
		if (rc != RC_OK)
			return rc;
		row->learned = true;
		b->n_learned++;
	}
	*out = physical ? row->physical : row->crlf;
	return RC_OK;
}

void md_box_learn_size(struct store_box *box, uint32_t uid, uint64_t physical, uint64_t crlf)
{
	struct md_row *row;

	if (md_row_of((struct md_box *)box, uid, &row) != RC_OK)
		return;
	row->physical = physical;
	row->crlf = crlf;
}

bool md_box_attr(const struct store_box *box, uint32_t uid, enum store_attr which,
		 struct slice *out)
{
	static const char keys[] = { [STORE_ATTR_GUID] = 'G', [STORE_ATTR_NAME] = '\0',
				     [STORE_ATTR_POP3_UIDL] = 'P',
				     [STORE_ATTR_POP3_ORDER] = 'O' };
	const struct md_box *b = (const struct md_box *)box;
	uint32_t i = md_table_find_uid(&b->t, uid);
	const struct md_row *row;

	if (i == MD_NO_ROW)
		return false;
	row = &b->t.v[i];
	if (which != STORE_ATTR_NAME && md_uidlist_key(row->keys, keys[which], out)) {
		/* A P without a value says that the name was the UIDL. */
		if (out->n == 0 && which == STORE_ATTR_POP3_UIDL)
			*out = row->base;
		return out->n > 0;
	}
	if (which != STORE_ATTR_GUID && which != STORE_ATTR_NAME)
		return false;
	*out = row->base;
	return true;
}

static enum rc load_content(int fd, size_t n, struct store_content *out, struct err *err)
{
	size_t got = 0;
	void *map;

	if (n > COPY_MAX) {
		map = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map == MAP_FAILED)
			return fs_err(err, "mmap()");
		*out = (struct store_content){ .bytes = { map, n }, .fd = fd, .map = map,
					       .map_n = n };
		return RC_OK;
	}
	map = mem_new(n + 1, 1);
	while (got < n) {
		ssize_t r = pread(fd, (char *)map + got, n - got, (off_t)got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			free(map);
			return fs_err(err, "read()");
		}
		if (r == 0)
			break;
		got += (size_t)r;
	}
	*out = (struct store_content){ .bytes = { map, got }, .fd = fd, .map = map };
	return RC_OK;
}

enum rc md_box_read(struct store_box *box, uint32_t uid, struct store_content *out,
		    struct err *err)
{
	struct md_box *b = (struct md_box *)box;
	struct md_row *row;
	struct stat st;
	int fd = -1;
	enum rc rc = with_file(b, uid, use_open, &fd, err);

	if (rc != RC_OK)
		return rc;
	if (fstat(fd, &st) != 0)
		rc = fs_err(err, "fstat()");
	else if (!S_ISREG(st.st_mode))
		rc = err_set(err, RC_DENIED, "the message is not a regular file");
	else
		rc = load_content(fd, (size_t)st.st_size, out, err);
	if (rc != RC_OK) {
		close(fd);
		return rc;
	}
	if (md_row_of(b, uid, &row) == RC_OK) {
		row->date = st.st_mtim.tv_sec;
		out->is_wire = told_size(row, 'W') == out->bytes.n;
	}
	return RC_OK;
}

/* Only when nobody holds the lock for long, and only if the uidlist is still the one we know:
 * what is not saved is counted again some day. */
void md_box_save_learned(struct md_box *b)
{
	struct md_store *s = (struct md_store *)b->b.store;
	struct fs_stamp now;
	struct md_lock lock;

	if (b->n_learned == 0 || b->in_memory || b->replaced || !b->loaded)
		return;
	if (md_lock_get(&lock, b->f.dir, MD_UIDLIST, s->s.hostname, s->file_mode,
			LEARNED_LOCK_MS, NULL) != RC_OK)
		return;
	if (fs_stamp_at(b->f.dir, MD_UIDLIST, &now, NULL) == RC_OK &&
	    fs_stamp_eq(&now, &b->uidlist) &&
	    md_uidfile_rewrite(s, b->f.dir, &b->t, true, &b->uidlist, NULL) == RC_OK)
		b->n_learned = 0;
	md_lock_drop(&lock);
}
