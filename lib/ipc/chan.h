/* lib/ipc/chan.h - a standing, multiplexed, non-blocking channel between two of our programs.
 *
 * SOCK_SEQPACKET, one message a packet, descriptors by SCM_RIGHTS. Both sides first send a hello
 * with the hash of their .def file; a peer built from another file is dropped. Sends of one loop
 * round leave in one sendmmsg(2); arrivals are taken up to IPC_BATCH at once. Requests carry ids
 * in their own fields. The channel owns its descriptor. A malformed, unexpected or excessive
 * message closes the channel (on_close with the reason in ERR), in a deferred task. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_CHAN_H
#define LIB_IPC_CHAN_H

#include "lib/event/event.h"
#include "lib/ipc/packet.h"

struct ipc_chan;

/* What a peer may send, and in which states of the channel (bits; 0 = any). */
struct ipc_handler {
	uint16_t type;
	unsigned states;
	/* RC_SYNTAX (from MESSAGE_get or own checks) drops the peer. */
	enum rc (*run)(struct ipc_chan *c, struct ipc_reader *r);
};

/* Made by lib/ipc/gen.h: one per .def file. */
struct ipc_proto {
	const char *name;
	const char *text;	/* the declaration, normalised; its hash goes into the hello */
};

struct ipc_chan {
	struct io io;
	struct task flush_task, close_task;
	struct loop *loop;
	const struct ipc_proto *proto;
	const struct ipc_handler *handlers;
	size_t n_handlers;
	void (*on_close)(struct ipc_chan *c, const struct err *why);
	void *owner;
	unsigned state;			/* one bit, matched against ipc_handler.states; starts 1 */
	struct ipc_packet *out_first, **out_tail;
	size_t out_count, out_max;
	bool got_hello, closed;
	struct err why;
};

/* Room for two messages of 100000 recipients, a packet each, and for the rest of the traffic. */
enum { IPC_BATCH = 16, IPC_OUT_MAX = 262144 };

/* FD is taken over, made non-blocking. Hello is sent at once. */
void ipc_chan_init(struct ipc_chan *c, struct loop *loop, int fd, const struct ipc_proto *proto,
		   const struct ipc_handler *handlers, size_t n_handlers,
		   void (*on_close)(struct ipc_chan *, const struct err *), void *owner);
/* Close now; no callback. Idempotent; a zeroed or closed channel is fine. */
void ipc_chan_done(struct ipc_chan *c);
static inline bool ipc_chan_is_open(const struct ipc_chan *c)
{
	return c->loop != NULL && !c->closed;
}
/* Queue K (ownership passes). Used by MESSAGE_send(). */
void ipc_chan_queue(struct ipc_chan *c, struct ipc_packet *k);
/* Packets not yet taken by the kernel, for back-pressure. */
static inline size_t ipc_chan_backlog(const struct ipc_chan *c) { return c->out_count; }

/* Blocking use on a plain descriptor: jobs, workers, command line tools. Each side sends its
 * hello first. TIMEOUT_MS < 0 waits for ever. */
enum rc ipc_sync_hello(int fd, const struct ipc_proto *proto, int timeout_ms, struct err *err);
enum rc ipc_sync_send(int fd, struct ipc_packet **k, struct err *err);	/* frees K always */
/* Room for one received packet; R borrows from it. */
struct ipc_inbox {
	char mem[IPC_PACKET_MAX];
};
/* RC_END when the peer has closed; RC_TEMP on timeout. */
enum rc ipc_sync_recv(int fd, struct ipc_inbox *box, struct ipc_reader *r, int timeout_ms,
		      struct err *err);
/* connect(2) to a SEQPACKET socket by path; for command line tools. */
enum rc ipc_sync_connect(const char *path, int *ret_fd, struct err *err);

#endif
