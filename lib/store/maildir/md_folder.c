/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/store/maildir/md_folder.h"

enum {
	TMP_KEEP_S = 36 * 3600,
	TMP_LOOK_S = 8 * 3600,
	UIDVALIDITY_TRIES = 1000
};

#define UIDVALIDITY_FILE "dovecot-uidvalidity"

void md_folder_path(const struct md_store *s, const char *name, char out[MD_FOLDER_MAX])
{
	size_t i = 0;

	if (strcmp(name, "INBOX") == 0) {
		memcpy(out, ".", 2);
		return;
	}
	out[i++] = '.';
	for (; *name != '\0' && i < MD_FOLDER_MAX - 1; name++)
		out[i++] = *name == s->s.separator ? '.' : *name;
	out[i] = '\0';
}

void md_folder_close(struct md_folder *f)
{
	int *fds[] = { &f->dir, &f->cur, &f->new, &f->tmp };

	for (size_t i = 0; i < 4; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static int open_or_make(int dir, const char *name, mode_t mode)
{
	int fd = fs_open_dir(dir, name);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (mkdirat(dir, name, mode) != 0 && errno != EEXIST)
		return -1;
	return fs_open_dir(dir, name);
}

enum rc md_folder_open(const struct md_store *s, const char *name, struct md_folder *out,
		       struct err *err)
{
	char path[MD_FOLDER_MAX];
	struct md_folder f = MD_FOLDER_NONE;
	enum rc rc = RC_OK;

	md_folder_path(s, name, path);
	f.dir = fs_open_dir(s->root, path);
	if (f.dir < 0)
		return errno == ENOENT ? err_set(err, RC_END, "Mailbox doesn't exist: %s", name) :
					 fs_err(err, "open(%s)", path);
	f.cur = open_or_make(f.dir, "cur", s->dir_mode);
	f.new = f.cur < 0 ? -1 : open_or_make(f.dir, "new", s->dir_mode);
	f.tmp = f.new < 0 ? -1 : open_or_make(f.dir, "tmp", s->dir_mode);
	if (f.tmp < 0) {
		rc = fs_err(err, "open(%s)", path);
		md_folder_close(&f);
	}
	*out = f;
	return rc;
}

enum rc md_lock_folder(struct md_store *s, int dir, struct md_lock *l, struct err *err)
{
	return md_lock_get(l, dir, MD_UIDLIST, s->s.hostname, s->file_mode, s->s.lock_timeout_ms,
			   err);
}

static enum rc first_uidlist(struct md_store *s, int dir, struct err *err)
{
	struct md_lock lock;
	struct md_table t;
	enum rc rc = md_lock_folder(s, dir, &lock, err);

	if (rc != RC_OK)
		return rc;
	md_table_init(&t);
	rc = md_uidfile_load(dir, &t, NULL, NULL);
	if (rc == RC_END) {
		rc = md_uidfile_start(s, &t, err);
		if (rc == RC_OK)
			rc = md_uidfile_rewrite(s, dir, &t, true, NULL, err);
	}
	md_table_done(&t);
	md_lock_drop(&lock);
	return rc;
}

/* tmp/ comes last: who finds it finds the others. */
enum rc md_folder_make(struct md_store *s, const char *dir, struct err *err)
{
	struct md_folder f = MD_FOLDER_NONE;
	enum rc rc = RC_OK;
	int mark;

	f.dir = open_or_make(s->root, dir, s->dir_mode);
	if (f.dir >= 0)
		f.cur = open_or_make(f.dir, "cur", s->dir_mode);
	if (f.cur >= 0)
		f.new = open_or_make(f.dir, "new", s->dir_mode);
	if (f.new >= 0)
		f.tmp = open_or_make(f.dir, "tmp", s->dir_mode);
	if (f.tmp < 0) {
		rc = fs_err(err, "mkdir(%s)", dir);
		goto out;
	}
	if (strcmp(dir, ".") != 0) {
		mark = fs_open(f.dir, "maildirfolder", O_WRONLY | O_CREAT, s->file_mode);
		if (mark < 0)
			rc = fs_err(err, "open(%s/maildirfolder)", dir);
		else
			close(mark);
	}
	if (rc == RC_OK)
		rc = first_uidlist(s, f.dir, err);
out:
	md_folder_close(&f);
	return rc;
}

struct cleaning {
	int dir;
	time_t before;
};

static bool clean_one(void *ctx, const char *name, enum fs_type type)
{
	struct cleaning *c = ctx;
	struct stat st;

	if (type == FS_FILE && fstatat(c->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_mtime < c->before && st.st_ctime < c->before)
		(void)unlinkat(c->dir, name, 0);
	return true;
}

/* The directory's access time remembers when somebody last looked, as Dovecot does it. */
void md_folder_clean_tmp(const struct md_folder *f, time_t now)
{
	struct timespec times[2] = { { 0, UTIME_NOW }, { 0, UTIME_OMIT } };
	struct cleaning c = { .dir = f->tmp };
	struct stat st;

	c.before = now - TMP_KEEP_S;
	if (fstat(f->tmp, &st) != 0 || st.st_atime > st.st_ctime + TMP_KEEP_S ||
	    st.st_atime > now - TMP_LOOK_S)
		return;
	(void)fs_each(f->tmp, clean_one, &c, NULL);
	(void)futimens(f->tmp, times);
}

/* Times within one process never repeat, so no counter is needed in the name. */
void md_unique_name(struct md_store *s, char out[MD_UNIQUE_MAX])
{
	struct timespec ts;
	int64_t us;
	int n;

	clock_gettime(CLOCK_REALTIME, &ts);
	us = ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
	if (us <= s->last_us)
		us = s->last_us + 1;
	s->last_us = us;
	n = snprintf(out, MD_UNIQUE_MAX, "%" PRId64 ".M%" PRId64 "P%ld.", us / 1000000,
		     us % 1000000, (long)getpid());
	for (const char *h = s->s.hostname; *h != '\0' && n < MD_UNIQUE_MAX - 5; h++) {
		if (*h == '/' || *h == ':' || *h == ',' || char_is_cntrl(*h))
			n += snprintf(out + n, (size_t)(MD_UNIQUE_MAX - n), "\\%03o",
				      (unsigned char)*h);
		else
			out[n++] = *h;
	}
	out[n] = '\0';
}

static bool uidvalidity_of(const char *name, uint32_t *out)
{
	struct slice s = slice_str(name);
	uint64_t value;

	if (!slice_starts(s, SLICE_LIT(UIDVALIDITY_FILE ".")))
		return false;
	s = slice_skip(s, sizeof(UIDVALIDITY_FILE));
	if (s.n != 8 || num_hex(s, UINT32_MAX, &value) != RC_OK)
		return false;
	*out = (uint32_t)value;
	return true;
}

static bool find_highest(void *ctx, const char *name, enum fs_type type)
{
	uint32_t value, *highest = ctx;

	(void)type;
	if (uidvalidity_of(name, &value) && value > *highest)
		*highest = value;
	return true;
}

static void marker_name(char out[64], uint32_t value)
{
	snprintf(out, 64, UIDVALIDITY_FILE ".%08" PRIx32, value);
}

/* The marker's name is the truth; the file beside it only saves looking for it. */
static uint32_t read_value(const struct md_store *s)
{
	uint64_t value;
	char *text;
	size_t n;

	if (fs_read(s->root, UIDVALIDITY_FILE, 64, &text, &n, NULL, NULL) != RC_OK)
		return 0;
	if (n < 8 || num_hex(slice_make(text, 8), UINT32_MAX, &value) != RC_OK)
		value = 0;
	free(text);
	return (uint32_t)value;
}

static enum rc first_marker(struct md_store *s, uint32_t *out, struct err *err)
{
	uint32_t value = (uint32_t)time(NULL);
	char name[64];
	int fd;

	marker_name(name, value);
	fd = fs_open(s->root, name, O_WRONLY | O_CREAT | O_EXCL, 0444);
	if (fd < 0)
		return errno == EEXIST ? RC_MORE : fs_err(err, "open(%s)", name);
	close(fd);
	*out = value;
	return RC_OK;
}

/* Move the marker one up: whoever's rename succeeds owns the number. */
static enum rc next_marker(struct md_store *s, uint32_t *value, struct err *err)
{
	char from[64], to[64];
	enum rc rc;

	if (*value == 0) {
		rc = fs_each(s->root, find_highest, value, err);
		if (rc != RC_OK)
			return rc;
		if (*value == 0)
			return first_marker(s, value, err);
	}
	if (*value == UINT32_MAX)
		return err_set(err, RC_LIMIT, "no UIDVALIDITY is left");
	marker_name(from, *value);
	marker_name(to, *value + 1);
	if (fs_rename_new(s->root, from, s->root, to) == 0) {
		(*value)++;
		return RC_OK;
	}
	*value = 0;
	return errno == ENOENT || errno == EEXIST ? RC_MORE :
						    fs_err(err, "rename(%s, %s)", from, to);
}

enum rc md_uidvalidity_next(struct md_store *s, uint32_t *out, struct err *err)
{
	uint32_t value = read_value(s);
	enum rc rc = RC_MORE;
	char text[16];
	int fd;

	for (int i = 0; rc == RC_MORE && i < UIDVALIDITY_TRIES; i++)
		rc = next_marker(s, &value, err);
	if (rc == RC_MORE)
		return err_set(err, RC_TEMP, "no UIDVALIDITY could be had");
	if (rc != RC_OK)
		return rc;
	snprintf(text, sizeof(text), "%08" PRIx32, value);
	fd = fs_open(s->root, UIDVALIDITY_FILE, O_WRONLY | O_CREAT, s->file_mode);
	if (fd >= 0) {
		/* Failing is harmless: the marker is searched for then. */
		(void)!pwrite(fd, text, 8, 0);
		close(fd);
	}
	*out = value;
	return RC_OK;
}
