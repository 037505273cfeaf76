/* lib/base/buf.h - an owned, growing byte buffer with a hard maximum given at birth.
 *
 * No I/O. Appends never fail one by one: what does not fit in the maximum is dropped and
 * remembered, and buf_finish() or buf_is_over() tells once. Bytes can be consumed from the
 * front, so that a buf serves as a stream's input or output queue. Freed memory is not wiped;
 * call buf_wipe() where secrets passed through. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_BUF_H
#define LIB_BASE_BUF_H

#include <stdarg.h>

#include "lib/base/slice.h"

struct buf {
	char *mem;	/* NULL until the first append */
	size_t start;	/* consumed bytes in front */
	size_t end;	/* bytes used, including the consumed */
	size_t size;	/* allocated */
	size_t max;	/* most bytes between start and end */
	bool over;	/* an append was cut off */
};

/* MAX_BYTES is the most the buffer will ever hold at once. */
void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b);	/* frees; B may be reused after buf_init */
void buf_reset(struct buf *b);	/* empty, memory kept, over cleared */
void buf_wipe(struct buf *b);	/* overwrite all memory, then reset */

static inline struct slice buf_slice(const struct buf *b)
{
	return (struct slice){ b->mem != NULL ? b->mem + b->start : NULL, b->end - b->start };
}

static inline size_t buf_len(const struct buf *b) { return b->end - b->start; }
static inline size_t buf_room(const struct buf *b) { return b->max - (b->end - b->start); }
static inline bool buf_is_over(const struct buf *b) { return b->over; }

void buf_add(struct buf *b, struct slice s);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Room for up to WANT more bytes to be written in place (for read(2)); *RET_N is what may be
 * written, 0 when the maximum is reached. Follow with buf_commit(). */
char *buf_reserve(struct buf *b, size_t want, size_t *ret_n);
void buf_commit(struct buf *b, size_t n);

/* Drop N bytes (at most all) from the front. Slices into the buffer stay valid until the next
 * append or reserve. */
void buf_consume(struct buf *b, size_t n);

/* Shorten to the first N bytes. */
void buf_truncate(struct buf *b, size_t n);

/* The content as a NUL-terminated string that the buffer keeps owning; valid until the next
 * change. Never NULL. */
const char *buf_cstr(struct buf *b);

/* RC_OK, or RC_LIMIT when any append since init or reset was cut off. */
enum rc buf_finish(const struct buf *b);

/* The content as a heap string that the caller frees; B is empty afterwards. */
char *buf_take(struct buf *b);

#endif
