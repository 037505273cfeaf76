/* SPDX-License-Identifier: ISC */
#include "lib/ipc/chan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ipc/wire.h"
#include "lib/sys/log.h"

static void on_ready(struct io *io, int ready);
static void flush(struct ipc_chan *c);

static void run_flush(struct task *t)
{
	flush(LIST_ENTRY(t, struct ipc_chan, flush_task));
}

void ipc_chan_init(struct ipc_chan *c, struct loop *loop, int fd, const struct ipc_proto *proto,
		   const struct ipc_handler *handlers, size_t n_handlers,
		   void (*on_close)(struct ipc_chan *, const struct err *), void *owner)
{
	*c = (struct ipc_chan){ .loop = loop, .proto = proto, .handlers = handlers,
				.n_handlers = n_handlers, .on_close = on_close, .owner = owner,
				.state = 1, .out_max = IPC_OUT_MAX };
	c->out_tail = &c->out_first;
	task_init(&c->flush_task);
	task_init(&c->close_task);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	io_init(&c->io, loop, fd, on_ready);
	io_want(&c->io, IO_READ);
	ipc_chan_queue(c, wire_hello(proto));
}

static void drop_queue(struct ipc_chan *c)
{
	while (c->out_first != NULL) {
		struct ipc_packet *k = c->out_first;

		c->out_first = k->next;
		ipc_packet_free(&k);
	}
	c->out_tail = &c->out_first;
	c->out_count = 0;
}

void ipc_chan_done(struct ipc_chan *c)
{
	if (c->loop == NULL)
		return;
	io_stop(&c->io);
	task_cancel(&c->flush_task);
	task_cancel(&c->close_task);
	drop_queue(c);
	close(c->io.fd);
	c->closed = true;
	c->loop = NULL;
}

static void run_close(struct task *t)
{
	struct ipc_chan *c = LIST_ENTRY(t, struct ipc_chan, close_task);
	struct err why = c->why;
	void (*on_close)(struct ipc_chan *, const struct err *) = c->on_close;

	ipc_chan_done(c);
	if (on_close != NULL)
		on_close(c, &why);
}

/* Drop the peer: on_close runs later with this text. */
__attribute__((format(printf, 2, 3)))
static void drop_peer(struct ipc_chan *c, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (c->loop == NULL || c->closed)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->closed = true;
	(void)!err_set(&c->why, RC_TEMP, "%s channel: %s", c->proto->name, text);
	io_stop(&c->io);
	loop_defer(c->loop, &c->close_task, run_close);
}

void ipc_chan_queue(struct ipc_chan *c, struct ipc_packet *k)
{
	if (c->loop == NULL || c->closed) {
		ipc_packet_free(&k);
		return;
	}
	if (k->bad || c->out_count >= c->out_max) {
		drop_peer(c, "%s", k->bad ? "a field of an outgoing message is over its limit"
					  : "the peer takes no messages");
		ipc_packet_free(&k);
		return;
	}
	k->next = NULL;
	*c->out_tail = k;
	c->out_tail = &k->next;
	c->out_count++;
	if (c->out_count == 1)
		loop_defer(c->loop, &c->flush_task, run_flush);
}

static void drop_sent(struct ipc_chan *c, int n)
{
	for (; n > 0; n--) {
		struct ipc_packet *k = c->out_first;

		c->out_first = k->next;
		c->out_count--;
		ipc_packet_free(&k);
	}
	if (c->out_first == NULL)
		c->out_tail = &c->out_first;
}

static void flush(struct ipc_chan *c)
{
	/* What was logged before a message comes before what its receiver logs. */
	log_flush();
	while (c->out_first != NULL && !c->closed) {
		int n = wire_send(c->io.fd, c->out_first);

		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
			io_want(&c->io, IO_READ | IO_WRITE);
			return;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			drop_peer(c, "send: %s", strerror(errno));
			return;
		}
		drop_sent(c, n);
	}
	if (!c->closed)
		io_want(&c->io, IO_READ);
}

static const struct ipc_handler *find_handler(const struct ipc_chan *c, uint16_t type)
{
	for (size_t i = 0; i < c->n_handlers; i++)
		if (c->handlers[i].type == type)
			return &c->handlers[i];
	return NULL;
}

static void dispatch(struct ipc_chan *c, struct ipc_reader *r)
{
	const struct ipc_handler *h;

	if (!c->got_hello) {
		c->got_hello = true;
		if (wire_check_hello(c->proto, r) != RC_OK)
			drop_peer(c, "the peer speaks another version");
		return;
	}
	h = find_handler(c, r->type);
	if (h == NULL || (h->states != 0 && (h->states & c->state) == 0))
		drop_peer(c, "message %u is not allowed here", r->type);
	else if (h->run(c, r) == RC_SYNTAX)
		drop_peer(c, "message %u is malformed", r->type);
}

static void take(void *ctx, struct slice packet, const int *fds, unsigned n_fds)
{
	struct ipc_chan *c = ctx;
	struct ipc_reader r;

	if (ipc_reader_init(&r, packet, fds, n_fds) != RC_OK)
		drop_peer(c, "a packet without a proper header");
	else if (c->loop != NULL && !c->closed)
		dispatch(c, &r);
	ipc_reader_done(&r);
}

static void on_ready(struct io *io, int ready)
{
	struct ipc_chan *c = LIST_ENTRY(io, struct ipc_chan, io);
	int n;

	if ((ready & IO_WRITE) != 0)
		flush(c);
	if (c->closed || (ready & IO_READ) == 0)
		return;
	n = wire_receive(c->io.fd, take, c);
	if (n == 0)
		drop_peer(c, "closed by the peer");
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		drop_peer(c, "receive: %s", strerror(errno));
}
