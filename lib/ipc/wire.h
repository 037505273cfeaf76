/* lib/ipc/wire.h - the system calls under channels and blocking use; private to lib/ipc. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_WIRE_H
#define LIB_IPC_WIRE_H

#include "lib/ipc/chan.h"

struct ipc_packet *wire_hello(const struct ipc_proto *proto);
enum rc wire_check_hello(const struct ipc_proto *proto, struct ipc_reader *r);

/* Send as many packets of the list FIRST as the kernel takes, at most IPC_BATCH, in one call.
 * Number sent, or -1 with errno. Nothing is freed. */
int wire_send(int fd, struct ipc_packet *first);

/* Receive up to IPC_BATCH packets and hand each to TAKE, which owns the descriptors. Number of
 * packets, 0 at end of stream or behind an empty packet, -1 with errno. Descriptors come
 * close-on-exec. A packet that was cut off is handed over empty, so that it is refused as
 * malformed. */
int wire_receive(int fd, void (*take)(void *ctx, struct slice packet, const int *fds,
				      unsigned n_fds), void *ctx);

#endif
