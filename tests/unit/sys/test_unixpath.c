/* SPDX-License-Identifier: ISC */
#include "lib/sys/unixpath.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static char top[] = "/tmp/buzon-unixpath-XXXXXX";

/* Directories of LENGTH bytes in all below TOP, entered as they are made: a socket is bound by its
 * short name. */
static void go_down(size_t length, char *path, size_t size)
{
	size_t n = (size_t)snprintf(path, size, "%s", top);

	assert_int_equal(chdir(top), 0);
	while (n < length) {
		assert_int_equal(mkdir("0123456789012345678", 0700), 0);
		assert_int_equal(chdir("0123456789012345678"), 0);
		n += (size_t)snprintf(path + n, size - n, "/0123456789012345678");
	}
}

static void go_up(size_t length)
{
	for (size_t n = strlen(top); n < length; n += 20) {
		assert_int_equal(chdir(".."), 0);
		assert_int_equal(rmdir("0123456789012345678"), 0);
	}
	assert_int_equal(chdir("/"), 0);
}

static void paths_of_any_length(void **state)
{
	static const size_t lengths[] = { 0, 80, 120, 1000, 3500 };
	const struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "socket" };

	(void)state;
	for (size_t i = 0; i < N_OF(lengths); i++) {
		char path[PATH_MAX];
		int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd = socket(AF_UNIX, SOCK_STREAM, 0);

		go_down(lengths[i], path, sizeof(path) - 10);
		assert_int_equal(bind(listener, (const struct sockaddr *)&a, sizeof(a)), 0);
		assert_int_equal(listen(listener, 1), 0);
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "/socket");
		assert_int_equal(unixpath_connect(fd, path), 0);
		close(fd);
		close(listener);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(unixpath_connect(fd, path), -1);
		assert_int_equal(errno, ECONNREFUSED);
		assert_int_equal(unlink("socket"), 0);
		assert_int_equal(unixpath_connect(fd, path), -1);
		assert_int_equal(errno, ENOENT);
		close(fd);
		go_up(lengths[i]);
	}
	assert_int_equal(rmdir(top), 0);
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(top) != NULL ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_of_any_length),
	};

	return cmocka_run_group_tests_name("unixpath", tests, setup, NULL);
}
