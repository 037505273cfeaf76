/* lib/event/acceptor.h - accept connections from a listening socket, in short bursts.
 *
 * The descriptor may be shared by several worker processes: so a burst is short, that the load
 * spreads, and an accept that finds nothing is no fault. When descriptors run out, accepting
 * rests for a second instead of spinning. Does not own the listening descriptor. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_EVENT_ACCEPTOR_H
#define LIB_EVENT_ACCEPTOR_H

#include "lib/event/event.h"

struct acceptor {
	struct io io;
	struct timer rest;
	int burst;
	bool paused;
	void (*on_fd)(struct acceptor *a, int fd);
};

/* FD listens and is non-blocking. ON_FD owns each connection's descriptor, which is
 * non-blocking and close-on-exec. BURST is the most accepted before others have their turn. */
void acceptor_init(struct acceptor *a, struct loop *loop, int fd, int burst,
		   void (*on_fd)(struct acceptor *, int));
void acceptor_pause(struct acceptor *a, bool paused);
void acceptor_stop(struct acceptor *a);

#endif
