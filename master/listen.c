/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "master/master.h"

enum { BACKLOG = 4096, SOCKET_MODE = 0666 };

static void set(int fd, int level, int name)
{
	int on = 1;

	setsockopt(fd, level, name, &on, sizeof(on));
}

/* TCP_NODELAY is inherited by accepted sockets, so no session pays for it. */
static enum rc open_inet(const struct plan_socket *s, int fd, struct err *err)
{
	set(fd, SOL_SOCKET, SO_REUSEADDR);
	set(fd, IPPROTO_TCP, TCP_NODELAY);
	if (s->family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (bind(fd, (const struct sockaddr *)&s->addr, s->addr_len) == 0)
		return RC_OK;
	if (errno == EADDRINUSE)
		return err_sys(err, "bind %s (another program listens there; find it with "
			       "\"ss -ltnp\")", s->name);
	if (errno == EACCES)
		return err_sys(err, "bind %s (ports below 1024 need root)", s->name);
	return err_sys(err, "bind %s", s->name);
}

/* private and public belong to mail_owner, so no name in them is given rights once it is there: it
 * could be a link by then. A socket's file gets its mode when it is made, from the socket. */
static int make_name(const struct plan_socket *s, int fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask = umask(0);
	int rc;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", s->name);
	rc = fchmod(fd, SOCKET_MODE);
	if (rc == 0)
		rc = bind(fd, (struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	return rc;
}

/* The old file is our own from a former run: the pid lock says that no other master is here. */
static enum rc open_unix(const struct plan_socket *s, int fd, struct err *err)
{
	if (strlen(s->name) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return err_set(err, RC_PERM, "socket name %s is too long", s->name);
	if (unlink(s->name) != 0 && errno != ENOENT)
		return err_sys(err, "remove old %s", s->name);
	return make_name(s, fd) == 0 ? RC_OK : err_sys(err, "bind %s", s->name);
}

/* Opened for writing too, so that it never is at its end. */
static enum rc open_fifo(const struct plan_socket *s, int *ret_fd, struct err *err)
{
	struct stat st;
	int fd;

	if (lstat(s->name, &st) == 0 && !S_ISFIFO(st.st_mode) && unlink(s->name) != 0)
		return err_sys(err, "remove old %s", s->name);
	if (mkfifo(s->name, 0600) != 0 && errno != EEXIST)
		return err_sys(err, "mkfifo %s", s->name);
	fd = open(s->name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_sys(err, "open %s", s->name);
	if (fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode) || st.st_nlink != 1 ||
	    fchmod(fd, SOCKET_MODE) != 0) {
		close(fd);
		return err_set(err, RC_PERM, "%s is not a fifo of ours", s->name);
	}
	*ret_fd = fd;
	return RC_OK;
}

enum rc listen_open(const struct plan_socket *s, int *ret_fd, struct err *err)
{
	enum rc rc;
	int fd;

	if (s->is_fifo)
		return open_fifo(s, ret_fd, err);
	fd = socket(s->family, s->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(err, "socket for %s", s->name);
	rc = s->family == AF_UNIX ? open_unix(s, fd, err) : open_inet(s, fd, err);
	if (rc == RC_OK && s->type != SOCK_DGRAM && listen(fd, BACKLOG) != 0)
		rc = err_sys(err, "listen on %s", s->name);
	if (rc != RC_OK)
		close(fd);
	else
		*ret_fd = fd;
	return rc;
}

void listen_forget(const struct plan_socket *s)
{
	if (s->family == AF_UNIX)
		unlink(s->name);
}
