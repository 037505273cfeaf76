/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ipc/wire.h"
#include "lib/sys/unixsock.h"

static enum rc wait_for(int fd, short what, int timeout_ms, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = what };
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, "poll");
	return n > 0 ? RC_OK : err_set(err, RC_TEMP, "no answer in time");
}

enum rc ipc_sync_send(int fd, struct ipc_packet **k, struct err *err)
{
	enum rc rc = RC_OK;

	if ((*k)->bad)
		rc = err_set(err, RC_LIMIT, "a field of an outgoing message is over its limit");
	while (rc == RC_OK && wire_send(fd, *k) < 0) {
		if (errno == EAGAIN || errno == ENOBUFS)
			rc = wait_for(fd, POLLOUT, -1, err);
		else if (errno != EINTR)
			rc = err_sys(err, "send");
	}
	ipc_packet_free(k);
	return rc;
}

struct one {
	struct ipc_inbox *box;
	struct ipc_reader *r;
	enum rc rc;
};

/* One packet only: the blocking side never leaves a second one in the shared area. */
static ssize_t receive_one(int fd, struct one *one)
{
	union {
		struct cmsghdr align;
		char mem[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
	} room;
	struct iovec iov = { one->box->mem, sizeof(one->box->mem) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room.mem,
			    .msg_controllen = sizeof(room) };
	int fds[IPC_FDS_MAX];
	unsigned n_fds = 0;
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *h = n >= 0 ? CMSG_FIRSTHDR(&m) : NULL;

	if (n < 0)
		return n;
	if (h != NULL && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
		n_fds = (unsigned)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(h), n_fds * sizeof(int));
	}
	one->rc = ipc_reader_init(one->r, slice_make(one->box->mem, (size_t)n), fds, n_fds);
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		one->rc = RC_SYNTAX;
	if (one->rc != RC_OK)
		ipc_reader_done(one->r);
	return n;
}

enum rc ipc_sync_recv(int fd, struct ipc_inbox *box, struct ipc_reader *r, int timeout_ms,
		      struct err *err)
{
	struct one one = { box, r, RC_OK };

	for (;;) {
		enum rc rc = wait_for(fd, POLLIN, timeout_ms, err);
		ssize_t n;

		if (rc != RC_OK)
			return rc;
		n = receive_one(fd, &one);
		if (n == 0)
			return RC_END;
		if (n > 0)
			break;
		if (errno != EINTR && errno != EAGAIN)
			return err_sys(err, "receive");
	}
	return one.rc == RC_OK ? RC_OK : err_set(err, RC_SYNTAX, "malformed packet");
}

enum rc ipc_sync_hello(int fd, const struct ipc_proto *proto, int timeout_ms, struct err *err)
{
	struct ipc_packet *k = wire_hello(proto);
	struct ipc_inbox box;
	struct ipc_reader r;
	enum rc rc = ipc_sync_send(fd, &k, err);

	if (rc != RC_OK)
		return rc;
	rc = ipc_sync_recv(fd, &box, &r, timeout_ms, err);
	if (rc == RC_END)
		return err_set(err, RC_TEMP, "the %s peer closed the connection", proto->name);
	if (rc == RC_OK && wire_check_hello(proto, &r) != RC_OK)
		return err_set(err, RC_PERM, "the %s peer speaks another version", proto->name);
	return rc;
}

enum rc ipc_sync_connect(const char *path, int *ret_fd, struct err *err)
{
	int fd = unixsock_connect(path, SOCK_SEQPACKET);

	if (fd < 0)
		return err_sys(err, "connect to %s", path);
	*ret_fd = fd;
	return RC_OK;
}
