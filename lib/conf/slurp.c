/* lib/conf/slurp.c - read a file to its end. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum rc read_all(int fd, const char *path, struct buf *out, struct err *err)
{
	size_t room;

	for (;;) {
		char *p = buf_reserve(out, 1 << 16, &room);
		ssize_t n;

		if (room == 0) {
			char more;

			if (read(fd, &more, 1) == 0)
				return RC_OK;
			return err_set(err, RC_LIMIT, "%s is larger than %zu bytes", path, out->max);
		}
		n = read(fd, p, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot read %s", path);
		if (n == 0)
			return RC_OK;
		buf_commit(out, (size_t)n);
	}
}

enum rc slurp_file(const char *path, struct buf *out, struct stat *ret_st, struct err *err)
{
	/* O_NONBLOCK: a fifo in the file's place must not hang the program. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	enum rc rc;

	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	if (fstat(fd, &st) < 0)
		rc = err_sys(err, "cannot stat %s", path);
	else if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		rc = err_set(err, RC_DENIED, "%s is not a regular file", path);
	else
		rc = read_all(fd, path, out, err);
	close(fd);
	if (rc == RC_OK && ret_st != NULL)
		*ret_st = st;
	return rc;
}
