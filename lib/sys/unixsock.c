/* SPDX-License-Identifier: ISC */
#include "lib/sys/unixsock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A long path is reached through a descriptor of its directory, which is put into *RET_DIR. */
static int make_address(const char *path, struct sockaddr_un *out, int *ret_dir)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int n;

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*ret_dir = -1;
	if (strlen(path) < sizeof(out->sun_path)) {
		memcpy(out->sun_path, path, strlen(path));
		return 0;
	}
	errno = ENAMETOOLONG;
	if (slash == NULL || (size_t)(slash - path) >= sizeof(dir))
		return -1;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	*ret_dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_dir < 0)
		return -1;
	n = snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d%s", *ret_dir, slash);
	return n < (int)sizeof(out->sun_path) ? 0 : -1;
}

int unixsock_connect(const char *path, int type)
{
	struct sockaddr_un addr;
	int dir, fd = -1, code = -1, saved;

	if (make_address(path, &addr, &dir) == 0)
		fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		code = connect(fd, (const struct sockaddr *)&addr, sizeof(addr));
	saved = errno;
	if (dir >= 0)
		close(dir);
	if (fd >= 0 && code != 0)
		close(fd);
	errno = saved;
	return code == 0 ? fd : -1;
}
