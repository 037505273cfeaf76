/* SPDX-License-Identifier: ISC */
#include "lib/ipc/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/base/mem.h"

enum { HELLO_TYPE = 0, HELLO_VERSION = 1 };

union control {
	struct cmsghdr align;
	char mem[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
};

/* FNV-1a without a seed: both processes must get the same. */
static uint64_t text_hash(const char *text)
{
	uint64_t h = 14695981039346656037u;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return h;
}

struct ipc_packet *wire_hello(const struct ipc_proto *proto)
{
	struct ipc_packet *k = ipc_packet_new(HELLO_TYPE);

	ipc_put_int(&k, HELLO_VERSION, 2);
	ipc_put_int(&k, text_hash(proto->text), 8);
	return k;
}

enum rc wire_check_hello(const struct ipc_proto *proto, struct ipc_reader *r)
{
	uint64_t version = ipc_get_int(r, 2), hash = ipc_get_int(r, 8);

	if (r->type != HELLO_TYPE || ipc_get_end(r) != RC_OK || version != HELLO_VERSION ||
	    hash != text_hash(proto->text))
		return RC_SYNTAX;
	return RC_OK;
}

static void attach_fds(struct msghdr *m, union control *room, const struct ipc_packet *k)
{
	struct cmsghdr *h;

	if (k->n_fds == 0)
		return;
	m->msg_control = room->mem;
	m->msg_controllen = CMSG_SPACE(sizeof(int) * k->n_fds);
	h = CMSG_FIRSTHDR(m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int) * k->n_fds);
	memcpy(CMSG_DATA(h), k->fds, sizeof(int) * k->n_fds);
}

int wire_send(int fd, struct ipc_packet *first)
{
	struct mmsghdr v[IPC_BATCH] = { 0 };
	struct iovec iov[IPC_BATCH];
	union control room[IPC_BATCH];
	unsigned n = 0;

	for (struct ipc_packet *k = first; k != NULL && n < IPC_BATCH; k = k->next, n++) {
		iov[n] = (struct iovec){ k->mem, k->n };
		v[n].msg_hdr.msg_iov = &iov[n];
		v[n].msg_hdr.msg_iovlen = 1;
		attach_fds(&v[n].msg_hdr, &room[n], k);
	}
	if (n == 1)
		return sendmsg(fd, &v[0].msg_hdr, MSG_NOSIGNAL) < 0 ? -1 : 1;
	return sendmmsg(fd, v, n, MSG_NOSIGNAL);
}

static unsigned collect_fds(struct msghdr *m, int *fds)
{
	unsigned n = 0;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
		size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int got[IPC_FDS_MAX];

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		if (count > IPC_FDS_MAX)
			count = IPC_FDS_MAX;
		memcpy(got, CMSG_DATA(h), count * sizeof(int));
		for (size_t i = 0; i < count; i++) {
			if (n < IPC_FDS_MAX)
				fds[n++] = got[i];
			else
				close(got[i]);
		}
	}
	return n;
}

static void close_all(const int *fds, unsigned n)
{
	while (n > 0)
		close(fds[--n]);
}

/* One receive area per process: packets are handled before the next receive. */
static struct {
	char mem[IPC_BATCH][IPC_PACKET_MAX];
	union control control[IPC_BATCH];
} area;

int wire_receive(int fd, void (*take)(void *ctx, struct slice packet, const int *fds,
				      unsigned n_fds), void *ctx)
{
	struct mmsghdr v[IPC_BATCH] = { 0 };
	struct iovec iov[IPC_BATCH];
	bool ended = false;
	int n;

	for (unsigned i = 0; i < IPC_BATCH; i++) {
		iov[i] = (struct iovec){ area.mem[i], IPC_PACKET_MAX };
		v[i].msg_hdr.msg_iov = &iov[i];
		v[i].msg_hdr.msg_iovlen = 1;
		v[i].msg_hdr.msg_control = area.control[i].mem;
		v[i].msg_hdr.msg_controllen = sizeof(area.control[i]);
	}
	n = recvmmsg(fd, v, IPC_BATCH, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, NULL);
	for (int i = 0; i < n; i++) {
		struct msghdr *m = &v[i].msg_hdr;
		int fds[IPC_FDS_MAX];
		unsigned n_fds = collect_fds(m, fds);
		bool cut = (m->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;

		/* The end; or an empty packet, which no peer of ours sends: what came with
		 * those behind it is closed, and the channel too. */
		ended |= v[i].msg_len == 0 && n_fds == 0 && !cut;
		if (ended) {
			close_all(fds, n_fds);
			continue;
		}
		take(ctx, slice_make(area.mem[i], cut ? 0 : v[i].msg_len), fds, n_fds);
		mem_wipe(area.mem[i], v[i].msg_len);
	}
	return ended ? 0 : n;
}
