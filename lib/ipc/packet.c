/* SPDX-License-Identifier: ISC */
#include "lib/ipc/packet.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"

enum { PACKET_FIRST = 496 };

struct ipc_packet *ipc_packet_new(uint16_t type)
{
	struct ipc_packet *k = mem_new(1, sizeof(*k) + PACKET_FIRST);

	k->size = PACKET_FIRST;
	ipc_put_begin(&k, type);
	return k;
}

void ipc_packet_free(struct ipc_packet **k)
{
	if (*k == NULL)
		return;
	for (unsigned i = 0; i < (*k)->n_fds; i++)
		close((*k)->fds[i]);
	mem_wipe((*k)->mem, (*k)->n);	/* some carry passwords */
	free(*k);
	*k = NULL;
}

static bool reserve(struct ipc_packet **k, size_t n)
{
	size_t size = (*k)->size;

	if (n > IPC_PACKET_MAX - (*k)->n) {
		(*k)->bad = true;
		return false;
	}
	while (size < (*k)->n + n)
		size *= 2;
	if (size > (*k)->size) {
		*k = mem_grow(*k, sizeof(**k) + size, 1);
		(*k)->size = size;
	}
	return true;
}

void ipc_put_begin(struct ipc_packet **k, uint16_t type)
{
	(*k)->n = 0;
	(*k)->bad = false;
	ipc_put_int(k, type, 2);
	ipc_put_int(k, 0, 2);
}

void ipc_put_int(struct ipc_packet **k, uint64_t v, unsigned bytes)
{
	if (!reserve(k, bytes))
		return;
	for (unsigned i = 0; i < bytes; i++, v >>= 8)
		(*k)->mem[(*k)->n++] = (char)(v & 0xff);
}

void ipc_put_str(struct ipc_packet **k, struct slice s, size_t max)
{
	if (s.n > max) {
		(*k)->bad = true;
		return;
	}
	ipc_put_int(k, s.n, 4);
	if (s.n == 0 || !reserve(k, s.n))
		return;
	memcpy((*k)->mem + (*k)->n, s.p, s.n);
	(*k)->n += s.n;
}

void ipc_put_fd(struct ipc_packet **k, int fd)
{
	if (fd < 0 || (*k)->n_fds == IPC_FDS_MAX) {
		if (fd >= 0)
			close(fd);
		(*k)->bad = true;
		return;
	}
	(*k)->fds[(*k)->n_fds++] = fd;
	(*k)->mem[2] = (char)(*k)->n_fds;
}

enum rc ipc_reader_init(struct ipc_reader *r, struct slice packet, const int *fds,
			unsigned n_fds)
{
	*r = (struct ipc_reader){ .rest = packet, .n_fds = n_fds };
	for (unsigned i = 0; i < n_fds; i++)
		r->fds[i] = fds[i];
	r->type = (uint16_t)ipc_get_int(r, 2);
	if (ipc_get_int(r, 2) != n_fds)
		r->bad = true;
	return r->bad ? RC_SYNTAX : RC_OK;
}

void ipc_reader_done(struct ipc_reader *r)
{
	for (; r->next_fd < r->n_fds; r->next_fd++)
		close(r->fds[r->next_fd]);
}

uint64_t ipc_get_int(struct ipc_reader *r, unsigned bytes)
{
	uint64_t v = 0;

	if (r->bad || r->rest.n < bytes) {
		r->bad = true;
		return 0;
	}
	for (unsigned i = bytes; i-- > 0;)
		v = v << 8 | (unsigned char)r->rest.p[i];
	r->rest = slice_skip(r->rest, bytes);
	return v;
}

bool ipc_get_bool(struct ipc_reader *r)
{
	uint64_t v = ipc_get_int(r, 1);

	if (v > 1)
		r->bad = true;
	return v == 1;
}

struct slice ipc_get_str(struct ipc_reader *r, size_t max)
{
	uint64_t n = ipc_get_int(r, 4);
	struct slice s;

	if (r->bad || n > max || n > r->rest.n) {
		r->bad = true;
		return (struct slice){ NULL, 0 };
	}
	s = slice_sub(r->rest, 0, n);
	r->rest = slice_skip(r->rest, n);
	return s;
}

int ipc_get_fd(struct ipc_reader *r)
{
	if (r->bad || r->next_fd == r->n_fds) {
		r->bad = true;
		return -1;
	}
	return r->fds[r->next_fd++];
}

enum rc ipc_get_end(struct ipc_reader *r)
{
	if (!r->bad && r->rest.n == 0 && r->next_fd == r->n_fds)
		return RC_OK;
	r->next_fd = 0;
	return RC_SYNTAX;
}
