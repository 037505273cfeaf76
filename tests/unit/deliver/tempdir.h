/* tests/unit/deliver/tempdir.h - a directory that goes away, and files in it. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_DELIVER_TEMPDIR_H
#define TESTS_UNIT_DELIVER_TEMPDIR_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/crc.h"
#include "lib/deliver/message.h"
#include "tests/unit/unit.h"

struct tempdir {
	char path[200];
};

static inline void tempdir_make(struct tempdir *t)
{
	snprintf(t->path, sizeof(t->path), "/tmp/buzon-test-XXXXXX");
	assert_non_null(mkdtemp(t->path));
}

static inline int tempdir_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *f)
{
	(void)st, (void)type, (void)f;
	return remove(path);
}

static inline void tempdir_drop(struct tempdir *t)
{
	nftw(t->path, tempdir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path NAME in T; the result is overwritten by the fourth call after it. */
static inline const char *tempdir_at(const struct tempdir *t, const char *name)
{
	static char paths[4][PATH_MAX];
	static int i;

	i = (i + 1) % 4;
	snprintf(paths[i], sizeof(paths[i]), "%s/%s", t->path, name);
	return paths[i];
}

static inline void tempdir_write(const char *path, struct slice text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p, text.n), (ssize_t)text.n);
	close(fd);
}

static inline void tempdir_read(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY);
	char tmp[4096];
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, tmp, sizeof(tmp))) > 0)
		buf_add(out, slice_make(tmp, (size_t)n));
	close(fd);
}

/* A queue file with CONTENT at offset 10, and HEADER to put before it. Close m->fd. */
static inline void tempdir_message(const struct tempdir *t, struct slice content,
				   const char *header, struct message *m)
{
	const char *path = tempdir_at(t, "queuefile");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, content.p, content.n, 10), (ssize_t)content.n);
	assert_int_equal(pwrite(fd, "tail", 4, (off_t)(10 + content.n)), 4);
	*m = (struct message){ .fd = fd, .offset = 10, .bytes = content.n,
			       .crc = crc32c(0, content), .header = slice_str(header) };
}

#endif
