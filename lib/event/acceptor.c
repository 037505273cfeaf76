/* SPDX-License-Identifier: ISC */
#include "lib/event/acceptor.h"

#include <errno.h>
#include <sys/socket.h>

enum { REST_MS = 1000 };

static void accept_burst(struct acceptor *a)
{
	for (int i = 0; i < a->burst && a->io.want != 0; i++) {
		int fd = accept4(a->io.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			a->on_fd(a, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			io_stop(&a->io);
			timer_start(&a->rest, REST_MS);
		}
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

static void on_io(struct io *io, int ready)
{
	(void)ready;
	accept_burst(LIST_ENTRY(io, struct acceptor, io));
}

static void on_rested(struct timer *t)
{
	struct acceptor *a = LIST_ENTRY(t, struct acceptor, rest);

	if (!a->paused)
		io_want(&a->io, IO_READ);
}

void acceptor_init(struct acceptor *a, struct loop *loop, int fd, int burst,
		   void (*on_fd)(struct acceptor *, int))
{
	a->burst = burst;
	a->paused = false;
	a->on_fd = on_fd;
	timer_init(&a->rest, loop, on_rested);
	io_init(&a->io, loop, fd, on_io);
	io_want(&a->io, IO_READ);
}

void acceptor_pause(struct acceptor *a, bool paused)
{
	a->paused = paused;
	timer_stop(&a->rest);
	io_want(&a->io, paused ? 0 : IO_READ);
}

void acceptor_stop(struct acceptor *a)
{
	acceptor_pause(a, true);
}
