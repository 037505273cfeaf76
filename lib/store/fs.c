/* SPDX-License-Identifier: ISC */
#include "lib/store/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"

enum { TREE_DEPTH_MAX = 16 };

int fs_open(int dir, const char *name, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
		.mode = (flags & O_CREAT) != 0 ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	/* EAGAIN: a rename raced with the resolution; EINTR: a slow file system. */
	for (int tries = 0; tries < 100; tries++) {
		int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));

		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			return fd;
	}
	return -1;
}

int fs_open_dir(int dir, const char *name)
{
	return fs_open(dir, name, O_RDONLY | O_DIRECTORY, 0);
}

static enum rc code_of(int e)
{
	switch (e) {
	case ENOENT:
	case ENOTDIR:
		return RC_END;
	case EACCES:
	case EPERM:
	case EROFS:
	case ELOOP:
	case EXDEV:
		return RC_DENIED;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return RC_LIMIT;
	case EEXIST:
	case ENOTEMPTY:
		return RC_PERM;
	default:
		return RC_SYS;
	}
}

enum rc fs_err(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	enum rc rc = code_of(saved);
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	errno = saved;
	if (err == NULL || err->code != RC_OK)
		return rc;
	(void)err_sys(err, "%s", text);
	err->code = rc;
	return rc;
}

static struct fs_stamp stamp_of(const struct stat *st)
{
	return (struct fs_stamp){ .dev = st->st_dev, .ino = st->st_ino,
				  .size_bytes = (uint64_t)st->st_size,
				  .mtime_ns = st->st_mtim.tv_sec * 1000000000LL +
					      st->st_mtim.tv_nsec };
}

enum rc fs_stamp_at(int dir, const char *name, struct fs_stamp *out, struct err *err)
{
	struct stat st;

	*out = (struct fs_stamp){ 0 };
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		*out = stamp_of(&st);
	else if (errno != ENOENT)
		return fs_err(err, "stat(%s)", name);
	return RC_OK;
}

enum rc fs_stamp_fd(int fd, struct fs_stamp *out, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fs_err(err, "fstat()");
	*out = stamp_of(&st);
	return RC_OK;
}

int64_t fs_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static enum rc read_fd(int fd, const char *name, size_t n, char **ret_text, size_t *ret_n,
		       struct err *err)
{
	char *text = mem_new(n + 1, 1);
	size_t got = 0;

	while (got < n) {
		ssize_t r = read(fd, text + got, n - got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			free(text);
			return fs_err(err, "read(%s)", name);
		}
		if (r == 0)
			break;
		got += (size_t)r;
	}
	text[got] = '\0';
	*ret_text = text;
	*ret_n = got;
	return RC_OK;
}

enum rc fs_read(int dir, const char *name, size_t max_bytes, char **ret_text, size_t *ret_n,
		struct fs_stamp *stamp, struct err *err)
{
	int fd = fs_open(dir, name, O_RDONLY | O_NONBLOCK, 0);
	struct stat st;
	enum rc rc;

	if (fd < 0)
		return errno == ENOENT ? RC_END : fs_err(err, "open(%s)", name);
	if (fstat(fd, &st) != 0)
		rc = fs_err(err, "fstat(%s)", name);
	else if (!S_ISREG(st.st_mode))
		rc = err_set(err, RC_DENIED, "%s is not a regular file", name);
	else if ((uint64_t)st.st_size > max_bytes)
		rc = err_set(err, RC_LIMIT, "%s is larger than %zu bytes", name, max_bytes);
	else
		rc = read_fd(fd, name, (size_t)st.st_size, ret_text, ret_n, err);
	if (rc == RC_OK && stamp != NULL)
		*stamp = stamp_of(&st);
	close(fd);
	return rc;
}

enum rc fs_write_all(int fd, struct slice s, const char *name, struct err *err)
{
	while (s.n > 0) {
		ssize_t w = write(fd, s.p, s.n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return fs_err(err, "write(%s)", name);
		s = slice_skip(s, (size_t)w);
	}
	return RC_OK;
}

/* Readers that know OLD must see that the file is another one, even within one second. */
static void set_later_time(int fd, const struct fs_stamp *old)
{
	struct timespec now[2];

	clock_gettime(CLOCK_REALTIME, &now[1]);
	now[0].tv_nsec = UTIME_OMIT;
	if (old == NULL || now[1].tv_sec > old->mtime_ns / 1000000000LL)
		return;
	now[1].tv_sec = old->mtime_ns / 1000000000LL + 1;
	now[1].tv_nsec = 0;
	(void)futimens(fd, now);
}

static enum rc fill(const struct fs_replace *r, int fd, struct slice s,
		    const struct fs_stamp *old, struct fs_stamp *ret_stamp, struct err *err)
{
	enum rc rc = fs_write_all(fd, s, r->tmp, err);

	if (rc != RC_OK)
		return rc;
	set_later_time(fd, old);
	if (r->sync && fdatasync(fd) != 0)
		return fs_err(err, "fdatasync(%s)", r->tmp);
	if (renameat(r->dir, r->tmp, r->dir, r->name) != 0)
		return fs_err(err, "rename(%s, %s)", r->tmp, r->name);
	return ret_stamp != NULL ? fs_stamp_fd(fd, ret_stamp, err) : RC_OK;
}

enum rc fs_replace(const struct fs_replace *r, struct slice s, const struct fs_stamp *old,
		   struct fs_stamp *ret_stamp, struct err *err)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL, fd;
	enum rc rc;

	if (!r->exclusive)
		(void)unlinkat(r->dir, r->tmp, 0);
	fd = fs_open(r->dir, r->tmp, flags, r->mode);
	if (fd < 0)
		return fs_err(err, "open(%s)", r->tmp);
	rc = fill(r, fd, s, old, ret_stamp, err);
	if (rc != RC_OK)
		(void)unlinkat(r->dir, r->tmp, 0);
	close(fd);
	return rc;
}

static enum fs_type type_of(const struct dirent *e)
{
	if (e->d_type == DT_REG || e->d_type == DT_UNKNOWN)
		return FS_FILE;
	return e->d_type == DT_DIR ? FS_DIR : FS_OTHER;
}

enum rc fs_each(int dir, fs_each_fn *each, void *ctx, struct err *err)
{
	int fd = fs_open_dir(dir, ".");
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	enum rc rc = RC_OK;

	if (d == NULL) {
		rc = fs_err(err, "opendir()");
		if (fd >= 0)
			close(fd);
		return rc;
	}
	for (;;) {
		errno = 0;
		e = readdir(d);
		if (e == NULL) {
			if (errno != 0)
				rc = fs_err(err, "readdir()");
			break;
		}
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    !each(ctx, e->d_name, type_of(e)))
			break;
	}
	closedir(d);
	return rc;
}

struct tree {
	int dir;
	unsigned depth;
	enum rc rc;
	struct err *err;
};

static enum rc remove_below(int dir, const char *name, unsigned depth, struct err *err);

static bool remove_one(void *ctx, const char *name, enum fs_type type)
{
	struct tree *t = ctx;

	(void)type;
	if (unlinkat(t->dir, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno == EISDIR || errno == EPERM)
		t->rc = remove_below(t->dir, name, t->depth + 1, t->err);
	else
		t->rc = fs_err(t->err, "unlink(%s)", name);
	return t->rc == RC_OK;
}

static enum rc remove_below(int dir, const char *name, unsigned depth, struct err *err)
{
	struct tree t = { .depth = depth, .err = err };
	enum rc rc;

	if (depth > TREE_DEPTH_MAX)
		return err_set(err, RC_LIMIT, "%s: directories are nested too deep", name);
	t.dir = fs_open_dir(dir, name);
	if (t.dir < 0)
		return errno == ENOENT ? RC_OK : fs_err(err, "open(%s)", name);
	rc = fs_each(t.dir, remove_one, &t, err);
	close(t.dir);
	if (rc != RC_OK || t.rc != RC_OK)
		return rc != RC_OK ? rc : t.rc;
	if (unlinkat(dir, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
		return fs_err(err, "rmdir(%s)", name);
	return RC_OK;
}

enum rc fs_remove_tree(int dir, const char *name, struct err *err)
{
	return remove_below(dir, name, 0, err);
}

int fs_rename_new(int from_dir, const char *from, int to_dir, const char *to)
{
	struct stat st;

	if (renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	/* A file system without it (NFS): as near as one can come. */
	if (fstatat(to_dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(from_dir, from, to_dir, to);
}
