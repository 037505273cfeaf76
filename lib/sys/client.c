/* SPDX-License-Identifier: ISC */
#include "lib/sys/client.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

enum {
	OUT_MAX = 1 << 30,	/* one response; more than any message's ENVELOPE */
	OUT_HIGH = 65536,	/* client_relax() sends from here on */
	OUT_KEEP = 65536,	/* memory kept for the next response */
	SEND_DIRECT = 16384	/* client_send() copies less than this */
};

void client_init(struct client *c, const struct client_ops *ops, void *self)
{
	*c = (struct client){ .ops = ops, .self = self };
	buf_init(&c->out, OUT_MAX);
}

void client_done(struct client *c)
{
	buf_done(&c->out);
}

void client_consume(struct client *c, size_t n)
{
	c->in_from += n;
	if (c->in_from == c->in_to)
		c->in_from = c->in_to = 0;
}

static void write_out(struct client *c, struct slice more)
{
	struct slice out = buf_slice(&c->out);
	struct iovec v[2] = {
		{ .iov_base = (void *)(uintptr_t)out.p, .iov_len = out.n },
		{ .iov_base = (void *)(uintptr_t)more.p, .iov_len = more.n },
	};

	if (!c->gone && buf_finish(&c->out) == RC_OK && c->ops->write(c->self, v, 2))
		c->n_out += out.n + more.n;
	else
		c->gone = true;
	buf_reset(&c->out);
	if (c->out.size > OUT_KEEP)
		buf_done(&c->out);
}

void client_flush(struct client *c)
{
	if (buf_len(&c->out) > 0)
		write_out(c, (struct slice){ NULL, 0 });
}

void client_relax(struct client *c)
{
	if (buf_len(&c->out) >= OUT_HIGH)
		client_flush(c);
}

void client_send(struct client *c, struct slice bytes)
{
	if (bytes.n >= SEND_DIRECT) {
		write_out(c, bytes);
		return;
	}
	buf_add(&c->out, bytes);
	client_relax(c);
}

unsigned client_wait(struct client *c, int watch_fd, int64_t timeout_ms)
{
	client_flush(c);
	if (c->gone || c->in_from < c->in_to)
		return CLIENT_INPUT;
	return c->ops->wait(c->self, watch_fd, timeout_ms);
}

enum rc client_fill(struct client *c, int64_t timeout_ms)
{
	unsigned wake;
	size_t n;

	if (c->in_from < c->in_to)
		return RC_OK;
	wake = client_wait(c, -1, timeout_ms);
	if (!(wake & CLIENT_INPUT))
		return wake & CLIENT_STOP ? RC_PERM : RC_TEMP;
	n = c->gone ? 0 : c->ops->read(c->self, c->in, sizeof(c->in));
	c->n_in += n;
	c->in_to = n;
	c->gone |= n == 0;
	return c->gone ? RC_END : RC_OK;
}

size_t client_read(struct client *c, char *p, size_t n, int64_t timeout_ms)
{
	size_t have = c->in_to - c->in_from;

	if (have > 0) {
		n = n < have ? n : have;
		memcpy(p, c->in + c->in_from, n);
		client_consume(c, n);
		return n;
	}
	n = client_wait(c, -1, timeout_ms) & CLIENT_INPUT && !c->gone ?
		c->ops->read(c->self, p, n) : 0;
	c->n_in += n;
	c->gone |= n == 0;
	return n;
}

static int to_poll_timeout(int64_t ms)
{
	return ms < 0 ? -1 : ms > INT_MAX ? INT_MAX : (int)ms;
}

static unsigned socket_wait(void *self, int watch_fd, int64_t timeout_ms)
{
	struct client_socket *s = self;
	struct pollfd p[3] = {
		{ .fd = s->fd, .events = POLLIN }, { .fd = watch_fd, .events = POLLIN },
		{ .fd = s->stop_fd, .events = POLLIN },
	};
	int n;

	if (s->early.n > 0)
		return CLIENT_INPUT;
	/* A signal only makes a wait longer. */
	do
		n = poll(p, 3, to_poll_timeout(timeout_ms));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return CLIENT_INPUT;	/* the read will tell */
	return (p[0].revents != 0 ? CLIENT_INPUT : 0U) |
		(p[1].revents != 0 ? CLIENT_WATCH : 0U) |
		(p[2].revents != 0 ? CLIENT_STOP : 0U) | (n == 0 ? CLIENT_TIMEOUT : 0U);
}

static size_t socket_read(void *self, char *p, size_t n)
{
	struct client_socket *s = self;
	struct slice early = slice_sub(s->early, 0, n);
	ssize_t got;

	if (early.n > 0) {
		memcpy(p, early.p, early.n);
		s->early = slice_skip(s->early, early.n);
		return early.n;
	}
	for (;;) {
		got = recv(s->fd, p, n, MSG_DONTWAIT);
		if (got >= 0 || (errno != EINTR && errno != EAGAIN))
			break;
		if (errno == EAGAIN && !(socket_wait(s, -1, -1) & CLIENT_INPUT))
			return 0;
	}
	return got > 0 ? (size_t)got : 0;
}

static bool is_writable(const struct client_socket *s)
{
	struct pollfd p[2] = {
		{ .fd = s->fd, .events = POLLOUT }, { .fd = s->stop_fd, .events = POLLIN },
	};
	int n;

	/* A client that does not read does not keep a job from its end. */
	do
		n = poll(p, 2, to_poll_timeout(s->write_timeout_ms));
	while (n < 0 && errno == EINTR);
	return n > 0 && p[0].revents != 0;
}

/* The first bytes of V that were sent are taken off it. */
static void skip_sent(struct iovec *v, int n, size_t sent)
{
	for (int i = 0; i < n && sent > 0; i++) {
		size_t part = sent < v[i].iov_len ? sent : v[i].iov_len;

		v[i].iov_base = (char *)v[i].iov_base + part;
		v[i].iov_len -= part;
		sent -= part;
	}
}

static bool socket_write(void *self, const struct iovec *given, int n)
{
	struct client_socket *s = self;
	struct iovec v[2];
	struct msghdr m = { .msg_iov = v };
	size_t left = 0;

	for (int i = 0; i < n; i++) {
		v[i] = given[i];
		left += v[i].iov_len;
	}
	m.msg_iovlen = (size_t)n;
	while (left > 0) {
		ssize_t sent = sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN && is_writable(s))
			continue;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		left -= (size_t)sent;
		skip_sent(v, n, (size_t)sent);
	}
	return true;
}

const struct client_ops client_socket_ops = {
	.wait = socket_wait, .read = socket_read, .write = socket_write,
};
