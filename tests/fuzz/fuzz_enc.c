/* Encodings: any cutting decodes alike; modified UTF-7 has one form for each name; line endings
 * convert the same in pieces, and are counted right. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/mail/enc.h"
#include "lib/mail/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void decode(struct slice in, enum enc_kind kind, size_t step, struct buf *out)
{
	struct enc_decoder d;

	enc_decoder_init(&d, kind);
	for (size_t at = 0; at < in.n; at += step)
		enc_decode(&d, slice_sub(in, at, step), out);
	enc_decode_finish(&d, out);
	check(buf_len(out) <= in.n && !buf_is_over(out));
}

static void bodies(struct slice in, struct buf *a, struct buf *b)
{
	for (enum enc_kind k = ENC_IDENTITY; k <= ENC_QP; k++) {
		buf_reset(a);
		buf_reset(b);
		decode(in, k, 1, a);
		decode(in, k, in.n + 1, b);
		check(slice_eq(buf_slice(a), buf_slice(b)));
	}
	buf_reset(a);
	buf_reset(b);
	enc_qp(in, a);
	decode(buf_slice(a), ENC_QP, 7, b);
	check(slice_eq(buf_slice(b), in));
}

static void names(struct slice in, struct buf *a, struct buf *b)
{
	buf_reset(a);
	buf_reset(b);
	if (enc_mutf7_decode(in, a) == RC_OK) {
		check(enc_is_utf8(buf_slice(a)));
		check(enc_mutf7_encode(buf_slice(a), b) == RC_OK);
		check(slice_eq(buf_slice(b), in));
	}
	buf_reset(a);
	buf_reset(b);
	check((enc_mutf7_encode(in, a) == RC_OK) == enc_is_utf8(in));
	if (enc_is_utf8(in)) {
		check(enc_mutf7_decode(buf_slice(a), b) == RC_OK);
		check(slice_eq(buf_slice(b), in));
	}
}

static void to_crlf(struct wire *w, struct slice in, struct buf *out)
{
	char dst[64];

	while (in.n > 0)
		buf_add(out, slice_make(dst, wire_to_crlf(w, &in, dst, sizeof(dst))));
}

static void lines(struct slice in, struct buf *a, struct buf *b)
{
	struct wire w = { 0 }, v = { 0 };
	uint64_t n = 0;

	buf_reset(a);
	buf_reset(b);
	to_crlf(&w, in, a);
	for (size_t i = 0; i < in.n; i++)
		to_crlf(&v, slice_sub(in, i, 1), b);
	check(slice_eq(buf_slice(a), buf_slice(b)));
	w.after_cr = false;
	check(wire_growth(&w, in, &n) == buf_len(a) - in.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);
	struct buf a, b;

	buf_init(&a, 16 * size + 64);
	buf_init(&b, 16 * size + 64);
	bodies(in, &a, &b);
	names(in, &a, &b);
	lines(in, &a, &b);
	buf_done(&a);
	buf_done(&b);
	return 0;
}
