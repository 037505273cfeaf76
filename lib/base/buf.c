/* SPDX-License-Identifier: ISC */
#include "lib/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"

enum { BUF_FIRST = 256 };

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){ .max = max_bytes };
}

void buf_done(struct buf *b)
{
	free(b->mem);
	*b = (struct buf){ .max = b->max };
}

void buf_reset(struct buf *b)
{
	b->start = b->end = 0;
	b->over = false;
}

void buf_wipe(struct buf *b)
{
	mem_wipe(b->mem, b->size);
	buf_reset(b);
}

/* Make N bytes plus a NUL fit behind end; the caller has checked the maximum. */
static void make_room(struct buf *b, size_t n)
{
	size_t len = b->end - b->start, size = b->size > 0 ? b->size : BUF_FIRST;

	if (b->mem != NULL && b->end + n + 1 <= b->size)
		return;
	if (b->start > 0) {
		memmove(b->mem, b->mem + b->start, len);
		b->start = 0;
		b->end = len;
		if (len + n + 1 <= b->size / 2)
			return;
	}
	while (size < len + n + 1)
		size *= 2;
	if (size > b->size) {
		b->mem = mem_grow(b->mem, size, 1);
		b->size = size;
	}
}

char *buf_reserve(struct buf *b, size_t want, size_t *ret_n)
{
	size_t room = buf_room(b);

	if (want > room)
		want = room;
	*ret_n = want;
	make_room(b, want);
	return b->mem + b->end;
}

void buf_commit(struct buf *b, size_t n)
{
	b->end += n;
}

void buf_add(struct buf *b, struct slice s)
{
	size_t n;
	char *p;

	if (s.n == 0)
		return;
	if (s.n > buf_room(b))
		b->over = true;
	p = buf_reserve(b, s.n, &n);
	memcpy(p, s.p, n);
	buf_commit(b, n);
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, (struct slice){ &c, 1 });
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, slice_str(s));
}

void buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	char small[512];
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		buf_add(b, slice_make(small, (size_t)n));
	} else if (n >= 0) {
		char *big = mem_new((size_t)n + 1, 1);

		vsnprintf(big, (size_t)n + 1, fmt, again);
		buf_add(b, slice_make(big, (size_t)n));
		free(big);
	}
	va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

void buf_consume(struct buf *b, size_t n)
{
	if (n >= b->end - b->start)
		b->start = b->end = 0;
	else
		b->start += n;
}

void buf_truncate(struct buf *b, size_t n)
{
	if (n < b->end - b->start)
		b->end = b->start + n;
}

const char *buf_cstr(struct buf *b)
{
	make_room(b, 0);
	b->mem[b->end] = '\0';
	return b->mem + b->start;
}

enum rc buf_finish(const struct buf *b)
{
	return b->over ? RC_LIMIT : RC_OK;
}

char *buf_take(struct buf *b)
{
	char *s;

	if (b->start > 0) {
		memmove(b->mem, b->mem + b->start, b->end - b->start);
		b->end -= b->start;
		b->start = 0;
	}
	make_room(b, 0);
	b->mem[b->end] = '\0';
	s = b->mem;
	*b = (struct buf){ .max = b->max };
	return s;
}
