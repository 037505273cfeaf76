/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <unistd.h>

#include "lib/daemon/daemon_impl.h"

/* A short burst lets other workers of the service take their part of a crowd. */
enum { BURST = 4 };

static void wake(struct daemon *d)
{
	if (d->spec->on_wakeup != NULL)
		d->spec->on_wakeup(d);
}

static void on_fd(struct acceptor *a, int fd)
{
	struct inlet *in = LIST_ENTRY(a, struct inlet, acceptor);
	struct daemon *d = in->daemon;

	if (in->listener.is_trigger || d->spec->on_accept == NULL) {
		close(fd);
		wake(d);
	} else {
		d->spec->on_accept(d, fd, &in->listener);
	}
}

static void on_fifo(struct io *io, int ready)
{
	char sink[512];

	(void)ready;
	while (read(io->fd, sink, sizeof(sink)) == (ssize_t)sizeof(sink))
		;
	wake(LIST_ENTRY(io, struct inlet, io)->daemon);
}

void daemon_open_inlets(struct daemon *d)
{
	d->accepting = true;
	for (size_t i = 0; i < d->n_inlets; i++) {
		struct inlet *in = &d->inlets[i];

		fcntl(in->fd, F_SETFD, FD_CLOEXEC);
		if (!in->listener.is_raw) {
			acceptor_init(&in->acceptor, d->loop, in->fd, BURST, on_fd);
		} else if (in->listener.is_trigger) {
			io_init(&in->io, d->loop, in->fd, on_fifo);
			io_want(&in->io, IO_READ);
		} else if (d->spec->on_socket != NULL) {
			d->spec->on_socket(d, in->fd, &in->listener);
		}
	}
}

void daemon_set_accepting(struct daemon *d, bool accepting)
{
	if (d->accepting == accepting)
		return;
	d->accepting = accepting;
	for (size_t i = 0; i < d->n_inlets; i++) {
		struct inlet *in = &d->inlets[i];

		if (!in->listener.is_raw)
			acceptor_pause(&in->acceptor, !accepting);
		else if (in->listener.is_trigger)
			io_want(&in->io, accepting ? IO_READ : 0);
	}
}

/* A service that is no longer configured must not go on listening through a process that only
 * finishes what it has; for the others, master and the successors hold the same sockets. */
void daemon_close_inlets(struct daemon *d)
{
	daemon_set_accepting(d, false);
	for (size_t i = 0; i < d->n_inlets; i++) {
		struct inlet *in = &d->inlets[i];

		if (in->listener.is_raw)
			continue;
		close(in->fd);
		in->acceptor.io.fd = -1;
		in->listener.is_raw = true;	/* nothing is left to switch on */
		in->listener.is_trigger = false;
	}
}
