/* SPDX-License-Identifier: ISC */
#include "lib/deliver/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "lib/mail/wire.h"

enum { DIRS_MAX = 4096 };

/* As values of a hash, which holds pointers. */
#define DIR_ORDERED ((void *)1)
#define DIR_UNORDERED ((void *)2)

void maildir_names_init(struct maildir_names *n)
{
	char host[64] = "localhost";
	struct buf b;

	*n = (struct maildir_names){ .pid = (int)getpid() };
	(void)!gethostname(host, sizeof(host) - 1);
	buf_init(&b, sizeof(n->host) - 1);
	for (const char *p = host; *p != '\0'; p++) {
		if (*p == '/' || *p == ':')
			buf_addf(&b, "\\%03o", (unsigned)*p);
		else if (char_is_print(*p))
			buf_addc(&b, *p);
	}
	snprintf(n->host, sizeof(n->host), "%s", buf_cstr(&b));
	buf_done(&b);
	hash_init(&n->dirs, DIRS_MAX, false);
}

void maildir_names_done(struct maildir_names *n)
{
	hash_done(&n->dirs);
}

static void next_name(struct maildir_names *n, char *out, size_t size)
{
	struct timespec now;
	int64_t us;

	clock_gettime(CLOCK_REALTIME, &now);
	us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	if (us <= n->last_us)
		us = n->last_us + 1;
	n->last_us = us;
	snprintf(out, size, "%lld.M%lldP%d.%s", (long long)(us / 1000000),
		 (long long)(us % 1000000), n->pid, n->host);
}

static int make_dir(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/* The Maildir with the directories above it; only what is missing is made. */
static int make_maildir(const char *dir)
{
	static const char *const parts[] = { "cur", "new", "tmp" };
	char path[MAILDIR_PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s", dir);

	if (n >= (int)sizeof(path) - 4)
		return -1;
	for (char *p = path + 1; *p != '\0'; p++) {
		struct stat st;

		if (*p != '/')
			continue;
		*p = '\0';
		if (stat(path, &st) != 0 && make_dir(path) != 0)
			return -1;
		*p = '/';
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(path + n, sizeof(path) - (size_t)n, "%s", parts[i]);
		if (make_dir(path) != 0)
			return -1;
	}
	return 0;
}

static void tmp_path(const struct maildir_file *f, char out[MAILDIR_PATH_MAX])
{
	snprintf(out, MAILDIR_PATH_MAX, "%stmp/%s", f->dir, f->name);
}

static int open_tmp(struct maildir_names *names, struct maildir_file *f)
{
	char path[MAILDIR_PATH_MAX];

	next_name(names, f->name, sizeof(f->name));
	tmp_path(f, path);
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* One stat of each file system for each Maildir: does a rename there need a sync of its own? */
static bool dir_needs_sync(struct maildir_names *names, const struct maildir_file *f, int queue_fd)
{
	struct slice key = slice_str(f->dir);
	const void *known = hash_get(&names->dirs, key);
	struct stat queue, here;
	struct statfs fs;
	bool ordered;

	if (known != NULL)
		return known == DIR_UNORDERED;
	ordered = fstat(queue_fd, &queue) == 0 && fstat(f->fd, &here) == 0 &&
		  fstatfs(f->fd, &fs) == 0 && queue.st_dev == here.st_dev &&
		  (fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC);
	if (hash_put(&names->dirs, key, ordered ? DIR_ORDERED : DIR_UNORDERED, NULL) != RC_OK)
		hash_clear(&names->dirs);
	return !ordered;
}

static int copy(const struct message *m, char *block, struct maildir_file *f, struct err *err)
{
	const struct slice none = { 0 };
	struct slice header = m->header, part;
	struct wire w = { 0 };
	uint64_t pos = 0, growth = wire_growth(&w, header, NULL);
	uint32_t crc = 0;
	enum rc rc;

	while ((rc = message_read(m, block, &pos, &crc, &part, err)) == RC_OK) {
		growth += wire_growth(&w, part, NULL);
		if (message_write(f->fd, header, part) != 0)
			return errno;
		header.n = 0;
	}
	if (rc == RC_END && message_write(f->fd, header, none) != 0)	/* an empty content */
		return errno;
	f->bytes = m->header.n + m->bytes;
	f->crlf_bytes = f->bytes + growth;
	return rc == RC_END ? 0 : -1;
}

enum rc maildir_write(struct maildir_names *names, const char *dir, const struct message *m,
		      uint64_t limit_bytes, char *block, struct maildir_file *f,
		      struct outcome *out)
{
	struct err err = { 0 };
	int e;

	f->fd = -1;
	if (limit_bytes > 0 && m->header.n + m->bytes > limit_bytes) {
		outcome_errno(out, EFBIG, "maildir delivery failed: error writing message");
		return RC_LIMIT;
	}
	if (!slice_to_cstr(slice_str(dir), f->dir, sizeof(f->dir))) {
		outcome_set(out, OUTCOME_BOUNCED, "5.2.0", "maildir path is too long");
		return RC_LIMIT;
	}
	f->fd = open_tmp(names, f);
	if (f->fd < 0 && errno == ENOENT && make_maildir(f->dir) == 0)
		f->fd = open_tmp(names, f);
	if (f->fd < 0) {
		outcome_errno(out, errno, "maildir delivery failed: create maildir file %stmp/%s",
			      f->dir, f->name);
		return RC_SYS;
	}
	e = copy(m, block, f, &err);
	if (e == 0) {
		f->needs_dir_sync = dir_needs_sync(names, f, m->fd);
		return RC_OK;
	}
	if (e > 0)
		outcome_errno(out, e, "maildir delivery failed: error writing message");
	else
		outcome_set(out, OUTCOME_DEFERRED, "4.3.0", "%s", err.text);
	maildir_discard(f);
	return RC_SYS;
}

void maildir_start_sync(struct maildir_file *f)
{
	/* A hint: what fails here fails in fsync() again. */
	(void)!sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

enum rc maildir_sync(struct maildir_file *f, struct outcome *out)
{
	if (fsync(f->fd) == 0)
		return RC_OK;
	outcome_errno(out, errno, "maildir delivery failed: error writing message");
	maildir_discard(f);
	return RC_SYS;
}

static int sync_new(const char *dir)
{
	char path[MAILDIR_PATH_MAX];
	int fd, result;

	if (snprintf(path, sizeof(path), "%snew", dir) >= (int)sizeof(path))
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = fsync(fd);
	close(fd);
	return result;
}

/* Never over an existing file; file systems without that kind of rename get a plain one, for the
 * names are unique. */
static int rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EINVAL ? rename(from, to) : -1;
}

enum rc maildir_publish(struct maildir_file *f, struct outcome *out)
{
	char from[MAILDIR_PATH_MAX], to[MAILDIR_PATH_MAX];

	tmp_path(f, from);
	snprintf(to, sizeof(to), "%snew/%s,S=%llu,W=%llu", f->dir, f->name,
		 (unsigned long long)f->bytes, (unsigned long long)f->crlf_bytes);
	if (rename_new(from, to) != 0) {
		outcome_errno(out, errno, "maildir delivery failed: rename %s to %snew", from,
			      f->dir);
		maildir_discard(f);
		return RC_SYS;
	}
	close(f->fd);
	f->fd = -1;
	if (f->needs_dir_sync && sync_new(f->dir) != 0) {
		outcome_errno(out, errno, "maildir delivery failed: sync %snew", f->dir);
		return RC_SYS;
	}
	return RC_OK;
}

void maildir_discard(struct maildir_file *f)
{
	char path[MAILDIR_PATH_MAX];

	if (f->fd < 0)
		return;
	tmp_path(f, path);
	unlink(path);
	close(f->fd);
	f->fd = -1;
}
