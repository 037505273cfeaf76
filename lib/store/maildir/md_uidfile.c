/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/store/maildir/md_folder.h"

enum { UIDLIST_MAX = 1 << 30, HEAD_MAX = 4096, KEYWORDS_MAX = 64 << 10, GUID_BYTES = 16 };

static ssize_t read_at(int fd, char *to, size_t n, off_t at)
{
	ssize_t r;

	do
		r = pread(fd, to, n, at);
	while (r < 0 && errno == EINTR);
	return r;
}

enum rc md_uidfile_load(int dir, struct md_table *t, struct fs_stamp *stamp, struct err *err)
{
	struct fs_stamp s = { 0 };
	char *text;
	size_t n;
	enum rc rc = fs_read(dir, MD_UIDLIST, UIDLIST_MAX, &text, &n, &s, err);

	if (rc != RC_OK)
		return rc;
	if (stamp != NULL)
		*stamp = s;
	return md_table_load(t, text, n);
}

/* The bytes from FROM on, with the last line known in front of them. An inode may be another
 * file by now: the line that ends at the old size must still be the last we know. */
static enum rc extend(int fd, struct md_table *t, uint64_t from, uint64_t to)
{
	const struct md_row *last = &t->v[t->n - 1];
	struct md_record known = { last->uid, last->base, last->keys };
	size_t n = 0;
	char *text;
	struct buf line;
	enum rc rc = RC_MORE;

	buf_init(&line, UIDLIST_MAX);
	md_uidlist_put_record(&known, &line);
	if (from > buf_len(&line) && to - from < UIDLIST_MAX) {
		n = buf_len(&line) + (size_t)(to - from);
		text = mem_new(n, 1);
		if (read_at(fd, text, n, (off_t)(from - buf_len(&line))) == (ssize_t)n &&
		    slice_starts(slice_make(text, n), buf_slice(&line)) &&
		    md_table_extend(t, slice_skip(slice_make(text, n), buf_len(&line))) == RC_OK)
			rc = RC_OK;
		free(text);
	}
	buf_done(&line);
	return rc;
}

enum rc md_uidfile_load_tail(int dir, struct md_table *t, struct fs_stamp *stamp)
{
	struct fs_stamp now;
	enum rc rc = RC_MORE;
	int fd;

	if (t->n == 0 || t->torn || t->head.version != 3)
		return RC_MORE;
	fd = fs_open(dir, MD_UIDLIST, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return RC_MORE;
	if (fs_stamp_fd(fd, &now, NULL) == RC_OK && now.ino == stamp->ino &&
	    now.dev == stamp->dev && now.size_bytes > stamp->size_bytes)
		rc = extend(fd, t, stamp->size_bytes, now.size_bytes);
	close(fd);
	if (rc == RC_OK)
		*stamp = now;
	return rc;
}

enum rc md_uidfile_start(struct md_store *s, struct md_table *t, struct err *err)
{
	unsigned char bytes[GUID_BYTES];
	char guid[2 * GUID_BYTES + 2] = "G";
	uint32_t uidvalidity;
	enum rc rc = md_uidvalidity_next(s, &uidvalidity, err);

	if (rc != RC_OK)
		return rc;
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return fs_err(err, "getrandom()");
	for (size_t i = 0; i < GUID_BYTES; i++)
		snprintf(guid + 1 + 2 * i, 3, "%02x", bytes[i]);
	md_table_done(t);
	t->head = (struct md_uidlist_head){ .version = 3, .uidvalidity = uidvalidity,
					    .uidnext = 1,
					    .keys = arena_slice(&t->strings, slice_str(guid)) };
	return RC_OK;
}

static void put_row(const struct md_row *row, struct buf *out)
{
	struct md_record r = { .uid = row->uid, .base = row->base, .keys = row->keys };

	md_uidlist_put_record(&r, out);
}

/* A row's keys with the sizes that had to be counted, each only where nothing tells it yet. */
static void put_learned_row(const struct md_row *row, struct buf *out)
{
	struct md_record r = { .uid = row->uid, .base = row->base };
	struct slice have;
	struct buf keys;

	buf_init(&keys, row->keys.n + 100);
	if (row->physical != MD_SIZE_UNKNOWN && md_name_size(row->base, 'S') == MD_SIZE_UNKNOWN &&
	    !md_uidlist_key(row->keys, 'S', &have))
		buf_addf(&keys, "S%llu ", (unsigned long long)row->physical);
	if (row->crlf != MD_SIZE_UNKNOWN && md_name_size(row->base, 'W') == MD_SIZE_UNKNOWN &&
	    !md_uidlist_key(row->keys, 'W', &have))
		buf_addf(&keys, "W%llu ", (unsigned long long)row->crlf);
	buf_add(&keys, row->keys);
	r.keys = slice_trim(buf_slice(&keys));
	md_uidlist_put_record(&r, out);
	buf_done(&keys);
}

enum rc md_uidfile_rewrite(struct md_store *s, int dir, const struct md_table *t, bool all,
			   struct fs_stamp *stamp, struct err *err)
{
	struct fs_replace how = { .dir = dir, .tmp = MD_UIDLIST ".tmp", .name = MD_UIDLIST,
				  .mode = s->file_mode, .sync = !s->s.no_fsync };
	struct md_uidlist_head head = t->head;
	struct fs_stamp old;
	struct buf out;
	enum rc rc = fs_stamp_at(dir, MD_UIDLIST, &old, err);

	if (rc != RC_OK)
		return rc;
	buf_init(&out, UIDLIST_MAX);
	md_uidlist_put_head(&head, &out);
	for (size_t i = 0; i < t->n; i++) {
		if (!all && !t->v[i].present)
			continue;
		if (t->v[i].learned)
			put_learned_row(&t->v[i], &out);
		else
			put_row(&t->v[i], &out);
	}
	rc = buf_finish(&out);
	if (rc == RC_OK)
		rc = fs_replace(&how, buf_slice(&out), &old, stamp, err);
	else
		rc = err_set(err, rc, "%s would be too large", MD_UIDLIST);
	buf_done(&out);
	return rc;
}

/* A short write is taken back, so that no torn line stays behind a full disk. */
static enum rc append_text(int fd, struct slice text, bool sync, struct err *err)
{
	struct stat st;
	enum rc rc;

	if (fstat(fd, &st) != 0)
		return fs_err(err, "fstat(%s)", MD_UIDLIST);
	rc = fs_write_all(fd, text, MD_UIDLIST, err);
	if (rc == RC_OK && sync && fdatasync(fd) != 0)
		rc = fs_err(err, "fdatasync(%s)", MD_UIDLIST);
	if (rc != RC_OK)
		(void)!ftruncate(fd, st.st_size);
	return rc;
}

enum rc md_uidfile_append(struct md_store *s, int dir, const struct md_table *t, size_t first,
			  bool sync, struct fs_stamp *stamp, struct err *err)
{
	struct buf out;
	enum rc rc;
	int fd = fs_open(dir, MD_UIDLIST, O_WRONLY | O_APPEND, 0);

	if (fd < 0)
		return fs_err(err, "open(%s)", MD_UIDLIST);
	buf_init(&out, UIDLIST_MAX);
	for (size_t i = first; i < t->n; i++)
		put_row(&t->v[i], &out);
	rc = buf_finish(&out);
	if (rc == RC_OK)
		rc = append_text(fd, buf_slice(&out), sync && !s->s.no_fsync, err);
	if (rc == RC_OK && stamp != NULL)
		rc = fs_stamp_fd(fd, stamp, err);
	buf_done(&out);
	close(fd);
	return rc;
}

/* The last record's UID, from the file's last bytes. */
static enum rc last_uid(int fd, off_t size, uint32_t *out)
{
	char text[2048];
	size_t want = (size_t)size < sizeof(text) ? (size_t)size : sizeof(text);
	ssize_t r = read_at(fd, text, want, size - (off_t)want);
	struct slice tail = slice_make(text, r > 0 ? (size_t)r : 0);
	struct md_record record;
	ptrdiff_t lf;

	if (r != (ssize_t)want || tail.p[tail.n - 1] != '\n')
		return RC_MORE;
	lf = slice_rchr(slice_sub(tail, 0, tail.n - 1), '\n');
	if (lf < 0)
		return RC_MORE;
	tail = slice_skip(tail, (size_t)lf + 1);
	if (md_uidlist_record(&tail, 3, &record) != RC_OK)
		return RC_MORE;
	*out = record.uid;
	return RC_OK;
}

static enum rc peek(int fd, uint32_t *ret_uidvalidity, uint32_t *ret_uidnext)
{
	struct md_uidlist_head head;
	char text[HEAD_MAX];
	struct slice rest;
	struct stat st;
	ssize_t r = read_at(fd, text, sizeof(text), 0);
	uint32_t last;

	if (r <= 0 || fstat(fd, &st) != 0)
		return RC_MORE;
	rest = slice_make(text, (size_t)r);
	if (md_uidlist_head(&rest, &head) != RC_OK || head.version != 3)
		return RC_MORE;
	*ret_uidvalidity = head.uidvalidity;
	*ret_uidnext = head.uidnext;
	if (r - (ssize_t)rest.n == st.st_size)
		return RC_OK;
	if (last_uid(fd, st.st_size, &last) != RC_OK)
		return RC_MORE;
	if (last >= *ret_uidnext)
		*ret_uidnext = last + 1;
	return last < MD_UID_MAX ? RC_OK : RC_MORE;
}

enum rc md_uidfile_peek(int dir, uint32_t *ret_uidvalidity, uint32_t *ret_uidnext,
			struct err *err)
{
	int fd = fs_open(dir, MD_UIDLIST, O_RDONLY | O_NONBLOCK, 0);
	enum rc rc;

	if (fd < 0)
		return errno == ENOENT ? RC_MORE : fs_err(err, "open(%s)", MD_UIDLIST);
	rc = peek(fd, ret_uidvalidity, ret_uidnext);
	close(fd);
	return rc;
}

enum rc md_keywords_load(int dir, struct md_keywords *out, struct fs_stamp *stamp,
			 struct err *err)
{
	char *text;
	size_t n;
	enum rc rc = fs_read(dir, MD_KEYWORDS_FILE, KEYWORDS_MAX, &text, &n, stamp, err);

	if (rc == RC_END) {
		*out = (struct md_keywords){ 0 };
		*stamp = (struct fs_stamp){ 0 };
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	md_keywords_parse(slice_make(text, n), out);
	free(text);
	return RC_OK;
}

enum rc md_keywords_save(struct md_store *s, int dir, const struct md_keywords *k,
			 struct fs_stamp *stamp, struct err *err)
{
	struct fs_replace how = { .dir = dir, .tmp = MD_KEYWORDS_FILE ".tmp",
				  .name = MD_KEYWORDS_FILE, .mode = s->file_mode,
				  .sync = !s->s.no_fsync };
	struct fs_stamp old;
	struct buf out;
	enum rc rc = fs_stamp_at(dir, MD_KEYWORDS_FILE, &old, err);

	if (rc != RC_OK)
		return rc;
	buf_init(&out, KEYWORDS_MAX);
	md_keywords_put(k, &out);
	rc = fs_replace(&how, buf_slice(&out), &old, stamp, err);
	buf_done(&out);
	return rc;
}
