/* SPDX-License-Identifier: ISC */
#include "lib/queue/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PATH_SIZE = 2 * QUEUE_HASH_DEPTH_MAX + QUEUE_ID_SIZE };

/* From linux/magic.h: file systems whose fsync of a file also makes its name durable. */
enum { MAGIC_EXT4 = 0xef53, MAGIC_XFS = 0x58465342 };

static const char *const names[] = {
	[QUEUE_MAILDROP] = "maildrop", [QUEUE_INCOMING] = "incoming", [QUEUE_ACTIVE] = "active",
	[QUEUE_DEFERRED] = "deferred", [QUEUE_HOLD] = "hold", [QUEUE_CORRUPT] = "corrupt",
	[QUEUE_DEFER] = "defer",
};
static_assert(sizeof(names) / sizeof(names[0]) == QUEUE_N);

const char *queue_name_str(enum queue_name q)
{
	return names[q];
}

enum queue_name queue_name_find(struct slice s)
{
	enum queue_name q = 0;

	while (q < QUEUE_N && !slice_is(s, names[q]))
		q++;
	return q;
}

static bool listed(const char *hash_names, const char *name)
{
	struct slice rest = slice_str(hash_names), word;

	while (slice_token(&rest, ", \t\r\n", &word))
		if (slice_is(word, name))
			return true;
	return false;
}

static bool syncs_names(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == MAGIC_EXT4 || fs.f_type == MAGIC_XFS);
}

enum rc queue_lock_open(const char *root, const char *service, int *ret_fd, struct err *err)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/pid/unix.%s", root, service);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, "open %s", path);
	*ret_fd = fd;
	return RC_OK;
}

enum rc queue_spool_open(struct queue_spool *s, const char *root, unsigned needed,
			 const char *hash_names, unsigned depth, struct err *err)
{
	char path[4096];

	*s = (struct queue_spool){ 0 };
	for (enum queue_name q = 0; q < QUEUE_N; q++)
		s->fd[q] = -1;
	for (enum queue_name q = 0; q < QUEUE_N; q++) {
		if ((needed & 1u << q) == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", root, names[q]);
		s->fd[q] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (s->fd[q] < 0 && errno == EACCES) /* postdrop may write to maildrop, not list it */
			s->fd[q] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (s->fd[q] < 0) {
			(void)!err_sys(err, "open queue directory %s", path);
			queue_spool_close(s);
			return RC_SYS;
		}
		if (listed(hash_names, names[q]))
			s->depth[q] = (unsigned char)(depth < QUEUE_HASH_DEPTH_MAX
							      ? depth : QUEUE_HASH_DEPTH_MAX);
		s->must_sync_dirs |= !syncs_names(s->fd[q]);
	}
	return RC_OK;
}

void queue_spool_close(struct queue_spool *s)
{
	for (enum queue_name q = 0; q < QUEUE_N; q++) {
		if (s->fd[q] >= 0)
			close(s->fd[q]);
		s->fd[q] = -1;
	}
}

/* "8/0/8045F68C3A1" at depth 2. Returns the length of the directory part. */
static size_t make_path(const struct queue_spool *s, enum queue_name q,
			const struct queue_id *id, char path[PATH_SIZE])
{
	char chars[6];
	size_t n = 0;

	queue_id_hash_chars(queue_id_slice(id), s->depth[q], chars);
	for (size_t i = 0; chars[i] != '\0'; i++) {
		path[n++] = chars[i];
		path[n++] = '/';
	}
	memcpy(path + n, id->s, strlen(id->s) + 1);
	return n;
}

void queue_path(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		char out[QUEUE_PATH_SIZE])
{
	char path[PATH_SIZE];

	make_path(s, q, id, path);
	snprintf(out, QUEUE_PATH_SIZE, "%s/%s", names[q], path);
}

/* The subdirectories on the way to PATH, whose first N bytes are directories. */
static int make_dirs(const struct queue_spool *s, enum queue_name q, char *path, size_t n)
{
	for (size_t i = 1; i < n; i += 2) {
		path[i] = '\0';
		if (mkdirat(s->fd[q], path, 0700) != 0 && errno != EEXIST)
			return -1;
		path[i] = '/';
	}
	if (n > 0 && s->must_sync_dirs)
		(void)fsync(s->fd[q]);
	return 0;
}

enum rc queue_create(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		     int *ret_fd, struct err *err)
{
	char path[PATH_SIZE];
	size_t n = make_path(s, q, id, path);
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(s->fd[q], path, flags, 0600);

	if (fd < 0 && errno == ENOENT && n > 0 && make_dirs(s, q, path, n) == 0)
		fd = openat(s->fd[q], path, flags, 0600);
	if (fd < 0)
		return errno == EEXIST ? RC_END : err_sys(err, "create %s/%s", names[q], path);
	*ret_fd = fd;
	return RC_OK;
}

enum rc queue_open(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		   int flags, int *ret_fd, struct err *err)
{
	char path[PATH_SIZE];
	int fd;

	make_path(s, q, id, path);
	fd = openat(s->fd[q], path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP)
		return err_set(err, RC_PERM, "a symbolic link");
	if (fd < 0)
		return errno == ENOENT ? RC_END : err_sys(err, "open %s/%s", names[q], path);
	*ret_fd = fd;
	return RC_OK;
}

static int rename_once(int from_fd, const char *from, int to_fd, const char *to)
{
	if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* A file system without RENAME_NOREPLACE: two names for a moment, never a replaced file.
	 * Killed in that moment, the message is taken up by both. */
	if (linkat(from_fd, from, to_fd, to, 0) != 0)
		return -1;
	return unlinkat(from_fd, from, 0);
}

enum rc queue_move(const struct queue_spool *s, enum queue_name from, const struct queue_id *id,
		   enum queue_name to, const struct queue_id *to_id, struct err *err)
{
	char old[PATH_SIZE], new[PATH_SIZE];
	size_t n = make_path(s, to, to_id, new);
	int rc;

	make_path(s, from, id, old);
	rc = rename_once(s->fd[from], old, s->fd[to], new);
	if (rc != 0 && errno == ENOENT && n > 0 && make_dirs(s, to, new, n) == 0)
		rc = rename_once(s->fd[from], old, s->fd[to], new);
	if (rc == 0)
		return RC_OK;
	if (errno == ENOENT)
		return RC_END;
	if (errno == EEXIST)
		return err_set(err, RC_DENIED, "%s/%s is taken", names[to], new);
	return err_sys(err, "move %s/%s to %s/%s", names[from], old, names[to], new);
}

enum rc queue_remove(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		     struct err *err)
{
	char path[PATH_SIZE];

	make_path(s, q, id, path);
	if (unlinkat(s->fd[q], path, 0) == 0)
		return RC_OK;
	return errno == ENOENT ? RC_END : err_sys(err, "remove %s/%s", names[q], path);
}

enum rc queue_set_due(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		      int64_t due_s, struct err *err)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = due_s } };
	char path[PATH_SIZE];

	make_path(s, q, id, path);
	if (utimensat(s->fd[q], path, times, AT_SYMLINK_NOFOLLOW) == 0)
		return RC_OK;
	return errno == ENOENT ? RC_END : err_sys(err, "set time of %s/%s", names[q], path);
}

enum rc queue_stat(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		   struct stat *st, struct err *err)
{
	char path[PATH_SIZE];

	make_path(s, q, id, path);
	if (fstatat(s->fd[q], path, st, AT_SYMLINK_NOFOLLOW) == 0)
		return RC_OK;
	return errno == ENOENT ? RC_END : err_sys(err, "stat %s/%s", names[q], path);
}

static int sync_dir(const struct queue_spool *s, enum queue_name q, const struct queue_id *id)
{
	char path[PATH_SIZE];
	size_t n = make_path(s, q, id, path);
	int fd, rc = 0;

	if (n == 0)
		return fsync(s->fd[q]) == 0 ? 0 : errno;
	path[n - 1] = '\0';
	fd = openat(s->fd[q], path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		rc = errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

int queue_sync(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
	       int fd)
{
	int e;

	if (fsync(fd) != 0)
		return errno;
	if (!s->must_sync_dirs)
		return 0;
	e = sync_dir(s, q, id);
	/* who may not read the directory syncs the whole file system */
	return e == EACCES && syncfs(fd) == 0 ? 0 : e;
}

/* --- walking --- */

enum rc queue_scan_init(struct queue_scan *scan, const struct queue_spool *s, enum queue_name q,
			struct err *err)
{
	int fd = openat(s->fd[q], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*scan = (struct queue_scan){ .spool = s, .queue = q, .level = -1 };
	if (fd < 0 || (scan->dirs[0] = fdopendir(fd)) == NULL) {
		if (fd >= 0)
			close(fd);
		return err_sys(err, "read queue directory %s", names[q]);
	}
	scan->level = 0;
	return RC_OK;
}

void queue_scan_done(struct queue_scan *scan)
{
	for (; scan->level >= 0; scan->level--)
		closedir(scan->dirs[scan->level]);
}

static bool is_subdir(const struct queue_scan *scan, const struct dirent *e)
{
	return e->d_name[0] != '\0' && e->d_name[1] == '\0' && char_hex(e->d_name[0]) >= 0 &&
	       (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN) &&
	       scan->level < QUEUE_HASH_DEPTH_MAX;
}

static void descend(struct queue_scan *scan, const char *name)
{
	int fd = openat(dirfd(scan->dirs[scan->level]), name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	scan->path[2 * scan->level] = name[0];
	scan->path[2 * scan->level + 1] = '/';
	scan->dirs[++scan->level] = d;
}

/* True when the file is where its id belongs, or could be moved there. */
static bool settle(struct queue_scan *scan, const struct queue_id *id)
{
	char path[PATH_SIZE];
	size_t n = make_path(scan->spool, scan->queue, id, path);
	int fd = scan->spool->fd[scan->queue];

	if (n == 2 * (size_t)scan->level && memcmp(path, scan->path, n) == 0)
		return true;
	if (n > 0 && make_dirs(scan->spool, scan->queue, path, n) != 0)
		return false;
	return rename_once(dirfd(scan->dirs[scan->level]), id->s, fd, path) == 0;
}

bool queue_scan_next(struct queue_scan *scan, struct queue_id *out)
{
	while (scan->level >= 0) {
		const struct dirent *e = readdir(scan->dirs[scan->level]);

		if (e == NULL)
			closedir(scan->dirs[scan->level--]);
		else if (is_subdir(scan, e))
			descend(scan, e->d_name);
		else if (e->d_type != DT_DIR && queue_id_parse(slice_str(e->d_name), out) == RC_OK &&
			 settle(scan, out))
			return true;
	}
	return false;
}
