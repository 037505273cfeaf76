/* SPDX-License-Identifier: ISC */
#include "lib/sys/unixpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_short(int fd, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path));
	return connect(fd, (struct sockaddr *)&a, sizeof(a));
}

/* The descriptor of its directory is a short name for it. */
static int connect_below(int fd, const char *dir, const char *name)
{
	char path[PATH_MAX];
	int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), rc, saved;

	if (dir_fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir_fd, name);
	rc = connect_short(fd, path);
	saved = errno;
	close(dir_fd);
	errno = saved;
	return rc;
}

int unixpath_connect(int fd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int rc = connect_short(fd, path);

	if (rc == 0 || errno != ENAMETOOLONG || slash == NULL ||
	    (size_t)(slash - path) >= sizeof(dir))
		return rc;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	return connect_below(fd, dir, slash + 1);
}
