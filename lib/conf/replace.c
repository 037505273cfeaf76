/* lib/conf/replace.c - write, sync, rename. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum rc write_all(int fd, const char *path, struct slice s, struct err *err)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot write %s", path);
		s = slice_skip(s, (size_t)n);
	}
	return RC_OK;
}

static enum rc fill(int fd, const char *temp, const struct stat *old, struct slice content,
		    struct err *err)
{
	enum rc rc;

	if (fchown(fd, old->st_uid, old->st_gid) < 0 && geteuid() == 0)
		return err_sys(err, "cannot set the owner of %s", temp);
	if (fchmod(fd, old->st_mode & 07777) < 0)
		return err_sys(err, "cannot set the permissions of %s", temp);
	rc = write_all(fd, temp, content, err);
	if (rc == RC_OK && fsync(fd) < 0)
		rc = err_sys(err, "cannot write %s", temp);
	return rc;
}

/* So that the rename is on disk too. */
static void sync_directory(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(dir, sizeof(dir), "%.*s", slash != NULL ? (int)(slash - path + 1) : 1,
		 slash != NULL ? path : ".");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

enum rc replace_file(const char *path, struct slice content, struct err *err)
{
	char real[PATH_MAX], temp[PATH_MAX + 8];
	struct stat old;
	enum rc rc;
	int fd;

	if (realpath(path, real) == NULL || stat(real, &old) < 0)
		return err_sys(err, "cannot open %s", path);
	snprintf(temp, sizeof(temp), "%s.XXXXXX", real);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot create %s", temp);
	rc = fill(fd, temp, &old, content, err);
	if (close(fd) < 0 && rc == RC_OK)
		rc = err_sys(err, "cannot write %s", temp);
	if (rc == RC_OK && rename(temp, real) < 0)
		rc = err_sys(err, "cannot rename %s to %s", temp, real);
	if (rc == RC_OK)
		sync_directory(real);
	else
		unlink(temp);
	return rc;
}
