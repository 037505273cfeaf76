/* SPDX-License-Identifier: ISC */
#include "lib/mail/wire.h"

/* Bytes of IN before the next LF that has no CR before it, or IN.n. */
static size_t next_bare_lf(const struct wire *w, struct slice in)
{
	size_t i = 0;

	while (i < in.n) {
		const char *lf = memchr(in.p + i, '\n', in.n - i);

		if (lf == NULL)
			return in.n;
		i = (size_t)(lf - in.p);
		if (!(i > 0 ? in.p[i - 1] == '\r' : w->after_cr))
			return i;
		i++;
	}
	return in.n;
}

static void remember(struct wire *w, struct slice in)
{
	if (in.n > 0)
		w->after_cr = in.p[in.n - 1] == '\r';
}

uint64_t wire_growth(struct wire *w, struct slice in, uint64_t *lines)
{
	uint64_t bare = 0, all = 0;
	size_t i = 0;

	while (i < in.n) {
		const char *lf = memchr(in.p + i, '\n', in.n - i);

		if (lf == NULL)
			break;
		i = (size_t)(lf - in.p);
		bare += !(i > 0 ? in.p[i - 1] == '\r' : w->after_cr);
		all++;
		i++;
	}
	remember(w, in);
	if (lines != NULL)
		*lines += all;
	return bare;
}

size_t wire_to_crlf(struct wire *w, struct slice *in, char *dst, size_t size)
{
	size_t used = 0;

	while (in->n > 0 && used < size) {
		size_t i = next_bare_lf(w, *in);
		struct slice plain = slice_sub(*in, 0, i < size - used ? i : size - used);

		memcpy(dst + used, plain.p, plain.n);
		used += plain.n;
		*in = slice_skip(*in, plain.n);
		remember(w, plain);
		if (plain.n < i || in->n == 0)
			continue;
		if (size - used < 2)
			break;
		/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes, not a string */
		memcpy(dst + used, "\r\n", 2);
		used += 2;
		*in = slice_skip(*in, 1);
		w->after_cr = false;
	}
	return used;
}

size_t wire_seek(struct wire *w, struct slice in, uint64_t *crlf_offset)
{
	size_t done = 0;

	for (;;) {
		struct slice rest = slice_skip(in, done);
		size_t i = next_bare_lf(w, rest);

		if (*crlf_offset <= i) {
			remember(w, slice_sub(rest, 0, (size_t)*crlf_offset));
			done += (size_t)*crlf_offset;
			*crlf_offset = 0;
			return done;
		}
		*crlf_offset -= i;
		if (i == rest.n) {
			remember(w, rest);
			return in.n;
		}
		if (*crlf_offset == 1) {
			*crlf_offset = 0;
			w->after_cr = true;	/* the CR that is not stored lies behind us */
			return done + i;
		}
		*crlf_offset -= 2;
		done += i + 1;
		w->after_cr = false;
	}
}
