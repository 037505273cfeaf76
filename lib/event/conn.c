/* SPDX-License-Identifier: ISC */
#include "lib/event/conn.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	READ_BYTES_MIN = 4096,		/* a first read; grows when the peer fills it */
	READ_BYTES_MAX = 65536,
	READS_PER_TURN = 4,		/* then the others have their turn */
	LINGER_MS = 2000,
	CLOSE_MS = 30000		/* for the last reply, when the owner set no deadline */
};

static bool is_gone(const struct conn *c)
{
	return c->ended || c->io.fd < 0;
}

static void stop(struct conn *c)
{
	c->ended = 1;
	io_stop(&c->io);
	timer_stop(&c->deadline);
	task_cancel(&c->flush);
	task_cancel(&c->again);
}

static void end(struct conn *c, enum conn_end why)
{
	if (is_gone(c))
		return;
	stop(c);
	c->ops->on_end(c, c->owner, why);
}

/* Give the memory of an empty buffer back: thousands of connections wait with nothing in it. */
static void release_if_empty(struct buf *b)
{
	size_t max = b->max;
	bool over = b->over;

	if (b->mem == NULL || buf_len(b) > 0)
		return;
	buf_done(b);
	buf_init(b, max);
	b->over = over;
}

/* Bytes moved, 0 at the end of the stream, or FILTER_*. */
static ssize_t raw_read(struct conn *c, void *p, size_t n)
{
	ssize_t got;

	if (c->filter != NULL)
		return c->filter->ops->read(c->filter, c->io.fd, p, n);
	do
		got = read(c->io.fd, p, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? FILTER_WANT_READ : FILTER_FAILED;
	return got;
}

static ssize_t raw_write(struct conn *c, const void *p, size_t n)
{
	ssize_t put;

	if (c->filter != NULL)
		return c->filter->ops->write(c->filter, c->io.fd, p, n);
	do {
		put = send(c->io.fd, p, n, MSG_NOSIGNAL);
		if (put < 0 && errno == ENOTSOCK)
			put = write(c->io.fd, p, n);
	} while (put < 0 && errno == EINTR);
	if (put < 0)
		return errno == EAGAIN ? FILTER_WANT_WRITE : FILTER_FAILED;
	return put;
}

/* Register what the state needs. A pause takes effect lazily, in on_io(): most pauses end before
 * the peer sends again, and then cost no system call. */
static void update_interest(struct conn *c)
{
	bool reads = c->next_filter == NULL && !c->closing && buf_room(&c->in) > 0 &&
		     (!c->paused || (c->io.want & IO_READ));
	int want = 0;

	if (is_gone(c) || c->shaking || c->lingering)
		return;
	if (reads || c->write_wants_read)
		want |= IO_READ;
	if (c->stalled || c->read_wants_write)
		want |= IO_WRITE;
	if (want != c->io.want)
		io_want(&c->io, want);
}

/* Handshake */

static void shake(struct conn *c)
{
	int rc = c->filter->ops->handshake(c->filter, c->io.fd);

	switch (rc) {
	case 1:
		c->shaking = 0;
		update_interest(c);
		if (c->ops->on_secure != NULL)
			c->ops->on_secure(c, c->owner);
		if (!is_gone(c))
			conn_again(c);
		break;
	case FILTER_WANT_READ:
		io_want(&c->io, IO_READ);
		break;
	case FILTER_WANT_WRITE:
		io_want(&c->io, IO_READ | IO_WRITE);
		break;
	default:
		end(c, CONN_TLS_ERROR);
	}
}

static void switch_filter(struct conn *c)
{
	c->filter = c->next_filter;
	c->next_filter = NULL;
	c->shaking = 1;
	shake(c);
}

/* Closing */

static void linger(struct conn *c)
{
	char sink[READ_BYTES_MIN];
	ssize_t n;

	do
		n = read(c->io.fd, sink, sizeof(sink));
	while (n == (ssize_t)sizeof(sink) || (n < 0 && errno == EINTR));
	if (n == 0 || (n < 0 && errno != EAGAIN))
		end(c, CONN_EOF);
}

/* All output is written. A socket closed with unread input sends a reset that may overtake the
 * last reply; so where the peer was still talking, say that we are done and hear it out. */
static void finish_closing(struct conn *c)
{
	if (buf_len(&c->in) == 0) {
		end(c, CONN_EOF);
		return;
	}
	if (c->filter != NULL)
		c->filter->ops->shutdown(c->filter, c->io.fd);
	buf_reset(&c->in);
	c->lingering = 1;
	shutdown(c->io.fd, SHUT_WR);
	timer_start(&c->deadline, LINGER_MS);
	io_want(&c->io, IO_READ);
}

/* Writing */

static void on_written(struct conn *c)
{
	release_if_empty(&c->out);
	if (c->ops->on_drained != NULL && !c->closing)
		c->ops->on_drained(c, c->owner);
	if (is_gone(c) || buf_len(&c->out) > 0)
		return;
	if (c->closing && !c->lingering)
		finish_closing(c);
	else if (c->next_filter != NULL)
		switch_filter(c);
}

/* Write what there is. False when the connection ended or the socket is full. */
static bool push(struct conn *c)
{
	c->stalled = c->write_wants_read = 0;
	while (buf_len(&c->out) > 0) {
		struct slice s = buf_slice(&c->out);
		ssize_t n = raw_write(c, s.p, s.n);

		if (n == FILTER_FAILED || n == 0) {
			end(c, c->filter != NULL ? CONN_TLS_ERROR : CONN_RESET);
			return false;
		}
		if (n > 0) {
			buf_consume(&c->out, (size_t)n);
			c->bytes_out += (uint64_t)n;
		}
		if (n < 0 || ((size_t)n < s.n && c->filter == NULL)) {
			c->write_wants_read = n == FILTER_WANT_READ;
			c->stalled = !c->write_wants_read;
			return false;
		}
	}
	return true;
}

static void do_flush(struct conn *c)
{
	bool had_output = buf_len(&c->out) > 0;

	if (is_gone(c) || c->shaking || c->lingering)
		return;
	if (buf_is_over(&c->out)) {
		end(c, CONN_OVERFLOW);
		return;
	}
	if (push(c) && (had_output || c->closing || c->next_filter != NULL))
		on_written(c);
	update_interest(c);
}

static void on_flush(struct task *t)
{
	do_flush(LIST_ENTRY(t, struct conn, flush));
}

static void schedule_flush(struct conn *c)
{
	if (!is_gone(c) && !c->stalled && !c->write_wants_read)
		loop_defer(c->io.loop, &c->flush, on_flush);
}

void conn_write(struct conn *c, struct slice s)
{
	if (is_gone(c) || c->closing || s.n == 0)
		return;
	buf_add(&c->out, s);
	schedule_flush(c);
}

void conn_printf(struct conn *c, const char *fmt, ...)
{
	va_list ap;

	if (is_gone(c) || c->closing)
		return;
	va_start(ap, fmt);
	buf_addv(&c->out, fmt, ap);
	va_end(ap);
	schedule_flush(c);
}

size_t conn_unsent(const struct conn *c)
{
	return buf_len(&c->out);
}

/* Reading */

static bool may_read(const struct conn *c)
{
	return !is_gone(c) && !c->paused && !c->closing && !c->shaking &&
	       c->next_filter == NULL && buf_room(&c->in) > 0;
}

static bool is_pending(const struct conn *c)
{
	return c->filter != NULL && c->filter->ops->pending(c->filter);
}

/* Fill the input buffer until the socket is (probably) empty: a short read of a plain socket
 * saves the read that would say EAGAIN. Returns the last result of raw_read(); *RET_GOT tells
 * whether any byte came. */
static ssize_t fill(struct conn *c, bool *ret_got)
{
	ssize_t n = FILTER_WANT_READ;

	c->read_wants_write = 0;
	for (int i = 0; i < READS_PER_TURN && buf_room(&c->in) > 0; i++) {
		size_t room;
		char *p = buf_reserve(&c->in, c->read_bytes, &room);

		n = raw_read(c, p, room);
		if (n <= 0)
			break;
		buf_commit(&c->in, (size_t)n);
		c->bytes_in += (uint64_t)n;
		*ret_got = true;
		if (c->filter != NULL ? !is_pending(c) : (size_t)n < room) {
			c->read_bytes = READ_BYTES_MIN;
			break;
		}
		c->read_bytes = READ_BYTES_MAX;
	}
	c->read_wants_write = n == FILTER_WANT_WRITE;
	return n;
}

static void do_read(struct conn *c)
{
	bool got = false;
	ssize_t n = fill(c, &got);

	if (got)
		c->ops->on_data(c, c->owner);
	if (is_gone(c))
		return;
	release_if_empty(&c->in);
	if (n == 0 && !c->closing) {
		do_flush(c);	/* replies to what came before the end */
		end(c, CONN_EOF);
	} else if (n == FILTER_FAILED) {
		end(c, c->filter != NULL ? CONN_TLS_ERROR : CONN_RESET);
	} else {
		if (is_pending(c))
			conn_again(c);
		update_interest(c);
	}
}

void conn_fill(struct conn *c)
{
	bool got = false;

	if (is_gone(c) || c->closing || c->shaking || c->next_filter != NULL)
		return;
	(void)fill(c, &got);
	release_if_empty(&c->in);
}

static void on_again(struct task *t)
{
	struct conn *c = LIST_ENTRY(t, struct conn, again);
	bool had = buf_len(&c->in) > 0;

	if (is_gone(c) || c->paused || c->closing || c->shaking)
		return;
	if (is_pending(c) && may_read(c)) {
		do_read(c);
		return;
	}
	if (had) {
		c->ops->on_data(c, c->owner);
		if (!is_gone(c))
			release_if_empty(&c->in);
	}
	update_interest(c);
}

void conn_again(struct conn *c)
{
	if (!is_gone(c))
		loop_defer(c->io.loop, &c->again, on_again);
}

void conn_pause(struct conn *c, bool paused)
{
	bool was = c->paused;

	c->paused = paused;
	if (is_gone(c) || !was || paused)
		return;
	if (buf_len(&c->in) > 0 || is_pending(c))
		conn_again(c);
	update_interest(c);
}

void conn_consume(struct conn *c, size_t n)
{
	bool was_full = buf_room(&c->in) == 0;

	buf_consume(&c->in, n);
	if (was_full && n > 0 && !is_gone(c)) {
		if (is_pending(c))
			conn_again(c);
		update_interest(c);
	}
}

void conn_discard_input(struct conn *c)
{
	conn_consume(c, buf_len(&c->in));
}

static void on_io(struct io *io, int ready)
{
	struct conn *c = LIST_ENTRY(io, struct conn, io);

	if (c->lingering) {
		linger(c);
		return;
	}
	if (c->shaking) {
		shake(c);
		return;
	}
	if ((ready & IO_WRITE) || c->write_wants_read) {
		do_flush(c);
		if (is_gone(c))
			return;
	}
	if (!(ready & IO_READ) && !c->read_wants_write)
		return;
	if (may_read(c))
		do_read(c);
	else if (c->paused && !c->write_wants_read)
		io_want(&c->io, c->io.want & ~IO_READ);
}

/* Life */

static void on_deadline(struct timer *t)
{
	struct conn *c = LIST_ENTRY(t, struct conn, deadline);

	end(c, c->lingering ? CONN_EOF : CONN_TIMEOUT);
}

void conn_init(struct conn *c, struct loop *loop, int fd, size_t max_in_bytes,
	       size_t max_out_bytes, const struct conn_ops *ops, void *owner)
{
	*c = (struct conn){ .ops = ops, .owner = owner, .read_bytes = READ_BYTES_MIN };
	buf_init(&c->in, max_in_bytes);
	buf_init(&c->out, max_out_bytes);
	timer_init(&c->deadline, loop, on_deadline);
	task_init(&c->flush);
	task_init(&c->again);
	io_init(&c->io, loop, fd, on_io);
	io_want(&c->io, IO_READ);
}

static void release(struct conn *c)
{
	stop(c);
	if (c->filter != NULL)
		c->filter->ops->free(c->filter);
	if (c->next_filter != NULL)
		c->next_filter->ops->free(c->next_filter);
	c->filter = c->next_filter = NULL;
	buf_done(&c->in);
	buf_done(&c->out);
}

void conn_close(struct conn *c)
{
	int fd = c->io.fd;

	if (fd < 0)
		return;
	if (c->filter != NULL && !c->shaking && !c->lingering)
		c->filter->ops->shutdown(c->filter, fd);
	release(c);
	c->io.fd = -1;
	close(fd);
}

void conn_close_after_flush(struct conn *c)
{
	if (is_gone(c) || c->closing)
		return;
	c->closing = 1;
	if (!timer_is_running(&c->deadline))
		timer_start(&c->deadline, CLOSE_MS);
	schedule_flush(c);
}

int conn_take_fd(struct conn *c)
{
	int fd = c->io.fd;

	release(c);
	c->io.fd = -1;
	return fd;
}

void conn_start_filter(struct conn *c, struct conn_filter *filter)
{
	if (is_gone(c)) {
		filter->ops->free(filter);
		return;
	}
	c->next_filter = filter;
	schedule_flush(c);
}

bool conn_is_secure(const struct conn *c)
{
	return c->filter != NULL && !c->shaking;
}

void conn_deadline(struct conn *c, int64_t after_ms)
{
	if (is_gone(c) || c->lingering)
		return;
	if (after_ms > 0)
		timer_start(&c->deadline, after_ms);
	else
		timer_stop(&c->deadline);
}
