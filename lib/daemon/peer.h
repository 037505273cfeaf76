/* lib/daemon/peer.h - a standing channel to another service, made by master.
 *
 * Connects by itself, again after a break with a growing pause (100 ms to 2 s). Requests in
 * flight at a break are the owner's to fail or repeat (on_down). What is sent while it is down
 * is dropped: ask peer_is_up(). */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_PEER_H
#define LIB_DAEMON_PEER_H

#include "lib/daemon/daemon.h"

struct peer;

/* Our end of the channel. */
struct peer_ops {
	const struct ipc_proto *proto;
	const struct ipc_handler *handlers;	/* what is taken from the other end */
	size_t n_handlers;
	void (*on_up)(struct peer *p);		/* may be NULL */
	void (*on_down)(struct peer *p, const struct err *why);	/* may be NULL */
};

struct peer {
	struct ipc_chan chan;
	struct daemon *daemon;
	const char *service;
	struct peer_ops ops;
	void *owner;
	struct list link;
	struct timer retry;
	uint32_t connect_id;	/* 0: no request is under way */
	int64_t pause_ms;
	int64_t up_since_ms;
	bool wanted;
};

/* OPS is copied. */
void peer_init(struct peer *p, struct daemon *d, const char *service, const struct peer_ops *ops,
	       void *owner);
void peer_start(struct peer *p);	/* in start() or when first needed */
void peer_stop(struct peer *p);
void peer_retire(struct peer *p);	/* the other side closes it when all is done; none follows */
bool peer_is_up(const struct peer *p);

#endif
