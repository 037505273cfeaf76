/* lib/ipc/packet.h - one message in one SEQPACKET packet: encode, decode, descriptors.
 *
 * A packet is { u16 type, u16 descriptor count, fields in declaration order, little endian }.
 * Strings are u32 length + bytes. Decoding is strict: a field missing, over its declared
 * maximum, a descriptor missing or left over, or bytes behind the last field make the message
 * malformed, and the peer is dropped. Used by code that lib/ipc/gen.h makes; programs see only
 * MESSAGE_put(), MESSAGE_get() and MESSAGE_send(). */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_PACKET_H
#define LIB_IPC_PACKET_H

#include "lib/base/slice.h"

enum { IPC_PACKET_MAX = 32768, IPC_FDS_MAX = 4 };

/* A packet being written. MEM has room for IPC_PACKET_MAX bytes or is grown by its owner. */
struct ipc_packet {
	struct ipc_packet *next;	/* in a channel's queue */
	size_t n, size;
	int fds[IPC_FDS_MAX];
	unsigned n_fds;
	bool bad;			/* a field was over its maximum: never sent */
	char mem[];
};

struct ipc_packet *ipc_packet_new(uint16_t type);
void ipc_packet_free(struct ipc_packet **k);	/* closes descriptors it still holds */
void ipc_put_begin(struct ipc_packet **k, uint16_t type);
void ipc_put_int(struct ipc_packet **k, uint64_t v, unsigned bytes);
void ipc_put_str(struct ipc_packet **k, struct slice s, size_t max);
void ipc_put_fd(struct ipc_packet **k, int fd);	/* takes FD over */

/* A packet being read; borrowed from the receive buffer. */
struct ipc_reader {
	uint16_t type;
	struct slice rest;
	int fds[IPC_FDS_MAX];
	unsigned n_fds, next_fd;
	bool bad;
};

/* Take the header apart. RC_SYNTAX when there is none or the descriptor count differs. */
enum rc ipc_reader_init(struct ipc_reader *r, struct slice packet, const int *fds,
			unsigned n_fds);
void ipc_reader_done(struct ipc_reader *r);	/* closes descriptors nobody took */
uint64_t ipc_get_int(struct ipc_reader *r, unsigned bytes);
bool ipc_get_bool(struct ipc_reader *r);		/* one byte, 0 or 1 */
struct slice ipc_get_str(struct ipc_reader *r, size_t max);	/* borrowed */
int ipc_get_fd(struct ipc_reader *r);		/* the caller owns it; -1 when missing */
/* RC_SYNTAX: something is missing, wrong or left; the descriptors are the reader's again. */
enum rc ipc_get_end(struct ipc_reader *r);

#endif
