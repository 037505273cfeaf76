/* lib/event/conn.h - a bounded, buffered byte stream on the loop, TLS below it if asked.
 *
 * The owner sees decrypted bytes and a deadline per phase. Input stops being read when the input
 * buffer is full or reading is paused (back-pressure reaches the peer's TCP window). Output of
 * one loop round is gathered and written with one system call. The conn owns its descriptor.
 * Callbacks never run inside conn_write(). After on_end the owner calls conn_close(). */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_EVENT_CONN_H
#define LIB_EVENT_CONN_H

#include "lib/base/buf.h"
#include "lib/event/event.h"

enum conn_end { CONN_EOF, CONN_RESET, CONN_TIMEOUT, CONN_OVERFLOW, CONN_TLS_ERROR };

/* A layer between the socket and the buffers; lib/tls makes one. All calls are non-blocking.
 * read/write return bytes moved, 0 for end of stream (read), or a negative enum below. */
enum { FILTER_WANT_READ = -1, FILTER_WANT_WRITE = -2, FILTER_FAILED = -3 };
struct conn_filter;
struct conn_filter_ops {
	int (*handshake)(struct conn_filter *f, int fd);	/* 1 done, or FILTER_* */
	ssize_t (*read)(struct conn_filter *f, int fd, void *p, size_t n);
	ssize_t (*write)(struct conn_filter *f, int fd, const void *p, size_t n);
	bool (*pending)(struct conn_filter *f);			/* decrypted bytes held back */
	void (*shutdown)(struct conn_filter *f, int fd);	/* best effort close_notify */
	void (*free)(struct conn_filter *f);
	/* Why it failed, for the log: "error:..." of the library, or words. */
	const char *(*error)(struct conn_filter *f);
};
struct conn_filter {
	const struct conn_filter_ops *ops;
};

struct conn;
struct conn_ops {
	/* Bytes are in conn_input(); consume what is used with conn_consume(). Called again when
	 * more has come, not for the same bytes twice unless conn_again() asks or a pause ends. */
	void (*on_data)(struct conn *c, void *owner);
	void (*on_end)(struct conn *c, void *owner, enum conn_end why);
	void (*on_drained)(struct conn *c, void *owner);	/* output empty; may be NULL */
	void (*on_secure)(struct conn *c, void *owner);		/* handshake done; may be NULL */
};

struct conn {
	struct io io;
	struct timer deadline;
	struct task flush;
	struct task again;
	struct buf in, out;
	const struct conn_ops *ops;
	void *owner;
	struct conn_filter *filter;		/* owned; NULL in clear */
	struct conn_filter *next_filter;	/* waits for the output to be written */
	size_t read_bytes;			/* how much the next read asks for */
	unsigned paused : 1, shaking : 1, ended : 1, closing : 1, lingering : 1;
	unsigned read_wants_write : 1, write_wants_read : 1, stalled : 1;
	uint64_t bytes_in, bytes_out;
};

/* FD is non-blocking and taken over. */
void conn_init(struct conn *c, struct loop *loop, int fd, size_t max_in_bytes,
	       size_t max_out_bytes, const struct conn_ops *ops, void *owner);
void conn_close(struct conn *c);		/* now; idempotent; output is dropped */

/* No more on_data; on_end(CONN_EOF) follows when the output is written. What the peer still
 * sends is read and dropped for a moment, so that a reset does not overtake the last reply. */
void conn_close_after_flush(struct conn *c);
int conn_take_fd(struct conn *c);		/* hand-over: stop, give the descriptor away */

static inline struct slice conn_input(const struct conn *c) { return buf_slice(&c->in); }
void conn_consume(struct conn *c, size_t n);

/* Take in what has come, now, even if paused: who must know whether the peer spoke already.
 * Never a callback; the end of the stream is told by the loop as ever. */
void conn_fill(struct conn *c);
void conn_discard_input(struct conn *c);	/* before STARTTLS */
void conn_again(struct conn *c);		/* on_data soon for the input that is there */
void conn_pause(struct conn *c, bool paused);

/* Much is about to come: the next read asks for up to N bytes instead of feeling its way. */
static inline void conn_expect(struct conn *c, size_t n) { c->read_bytes = n; }

/* Overflow of the output maximum ends the connection (CONN_OVERFLOW) in a deferred task. */
void conn_write(struct conn *c, struct slice s);
void conn_printf(struct conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t conn_unsent(const struct conn *c);

/* All pending output is written first; then FILTER (ownership passes) takes over. Input that
 * was buffered in clear must have been discarded by the caller. */
void conn_start_filter(struct conn *c, struct conn_filter *filter);
bool conn_is_secure(const struct conn *c);

/* on_end(CONN_TIMEOUT) after AFTER_MS without another call; 0 switches it off. */
void conn_deadline(struct conn *c, int64_t after_ms);

#endif
