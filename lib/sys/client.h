/* lib/sys/client.h - the client of a job that blocks: bytes in, buffered responses out.
 *
 * Responses are collected and leave before the next wait, or when much has gathered; a large
 * body leaves together with what stands before it, without being copied. Once the connection
 * is lost all output is dropped and input is at its end: callers need not look after each
 * step. What the kernel does is behind struct client_ops, so that a test can hold the clock. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_CLIENT_H
#define LIB_SYS_CLIENT_H

#include <sys/uio.h>

#include "lib/base/buf.h"

enum client_wake {
	CLIENT_INPUT = 1,	/* bytes, or the end */
	CLIENT_WATCH = 2,	/* the second descriptor is readable */
	CLIENT_TIMEOUT = 4,
	CLIENT_STOP = 8		/* the system wants the job to end */
};

struct client_ops {
	/* Wait for input, for WATCH_FD (-1: none) or TIMEOUT_MS; a set of enum client_wake. */
	unsigned (*wait)(void *self, int watch_fd, int64_t timeout_ms);
	/* At least one byte if there was CLIENT_INPUT; 0: end or failure. */
	size_t (*read)(void *self, char *p, size_t n);
	/* All of it; false when the client is gone or has taken nothing for too long. */
	bool (*write)(void *self, const struct iovec *v, int n);
};

enum { CLIENT_IN_SIZE = 8192 };

struct client {
	const struct client_ops *ops;
	void *self;
	bool gone;
	uint64_t n_in, n_out;		/* bytes, for the log */
	size_t in_from, in_to;		/* unread part of in */
	char in[CLIENT_IN_SIZE];
	struct buf out;
};

void client_init(struct client *c, const struct client_ops *ops, void *self);
void client_done(struct client *c);

/* The kernel's side over a connected stream socket FD. */
struct client_socket {
	int fd;
	int stop_fd;		/* readable when the job is to end; -1: never */
	int64_t write_timeout_ms;
	struct slice early;	/* what was read before FD was handed over; read first */
};
extern const struct client_ops client_socket_ops;	/* self: struct client_socket */

/* Unread input; may be empty. */
static inline struct slice client_input(const struct client *c)
{
	return slice_make(c->in + c->in_from, c->in_to - c->in_from);
}
void client_consume(struct client *c, size_t n);

/* Send what is buffered, then wait (see client_ops.wait) without reading. CLIENT_INPUT at once
 * when unread input is there or the client is gone. */
unsigned client_wait(struct client *c, int watch_fd, int64_t timeout_ms);

/* Make input non-empty. RC_OK; RC_END: client gone; RC_TEMP: nothing came for TIMEOUT_MS;
 * RC_PERM: the job is to end. */
enum rc client_fill(struct client *c, int64_t timeout_ms);

/* At least one and at most N bytes of input to P; 0: client gone or silent for TIMEOUT_MS. */
size_t client_read(struct client *c, char *p, size_t n, int64_t timeout_ms);

/* Where responses are appended. Call client_relax() between items of a long response. */
static inline struct buf *client_out(struct client *c) { return &c->out; }
void client_relax(struct client *c);
void client_flush(struct client *c);

/* Send BYTES behind what is buffered; large ones are not copied. */
void client_send(struct client *c, struct slice bytes);

#endif
