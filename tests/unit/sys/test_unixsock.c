/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/sys/unixsock.h"

static char top[] = "/tmp/buzon-test-XXXXXX";

/* How long the name of a directory is in which the socket lies. */
static const struct { size_t length; const char *socket; } cases[] = {
	{ 1, "s" }, { 60, "s" }, { 84, "s" }, { 85, "s" }, { 86, "s" }, { 120, "s" }, { 250, "s" },
	{ 250, "a-name-that-is-as-long-as-any-service-has-one" },
};

static int listen_in(const char *dir, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	assert_int_equal(chdir(dir), 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", name);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(chdir("/"), 0);
	return fd;
}

static void paths_of_any_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		char dir[400], path[500];
		int server, fd;

		snprintf(dir, sizeof(dir), "%s/%0*d", top, (int)cases[i].length, 0);
		snprintf(path, sizeof(path), "%s/%s", dir, cases[i].socket);
		assert_int_equal(mkdir(dir, 0700), 0);
		assert_int_equal(unixsock_connect(path, SOCK_SEQPACKET), -1);
		assert_int_equal(errno, ENOENT);
		server = listen_in(dir, cases[i].socket);
		assert_int_equal(unixsock_connect(path, SOCK_SEQPACKET), -1);
		assert_int_equal(errno, ECONNREFUSED);
		assert_int_equal(listen(server, 1), 0);
		fd = unixsock_connect(path, SOCK_SEQPACKET);
		assert_true(fd >= 0);
		close(fd);
		close(server);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(rmdir(dir), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(paths_of_any_length) };
	int failed;

	if (mkdtemp(top) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(top);
	return failed;
}
