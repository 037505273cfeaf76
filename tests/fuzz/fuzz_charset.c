/* Charsets: the first line names one, the rest is text; output is UTF-8 and, for input
 * without faults, does not depend on how the input is cut. So do encoded words and folding. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/mail/charset.h"
#include "lib/mail/enc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void convert(struct slice name, struct slice text, struct buf *a, struct buf *b)
{
	struct charset *c;

	if (charset_open(name, &c) != RC_OK)
		return;
	charset_feed(c, text, a);
	charset_finish(c, a);
	for (size_t i = 0; i < text.n; i++)
		charset_feed(c, slice_sub(text, i, 1), b);
	charset_finish(c, b);
	check(enc_is_utf8(buf_slice(a)));
	check(enc_is_utf8(buf_slice(b)));
	if (slice_find(buf_slice(a), SLICE_LIT("\xef\xbf\xbd")) < 0)
		check(slice_eq(buf_slice(a), buf_slice(b)));
	charset_close(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size), text = in, name;
	struct buf a, b;

	buf_init(&a, 64 * size + 64);
	buf_init(&b, 64 * size + 64);
	if (slice_line(&text, &name))
		convert(name, text, &a, &b);
	buf_reset(&a);
	charset_decode_words(in, &a);
	check(enc_is_utf8(buf_slice(&a)));
	buf_reset(&a);
	buf_reset(&b);
	charset_fold(in, &a);
	check(enc_is_utf8(buf_slice(&a)));
	buf_done(&a);
	buf_done(&b);
	return 0;
}
