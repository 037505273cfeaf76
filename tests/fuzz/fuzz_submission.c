/* sendmail's message reader gives the same however the bytes come; a submission on arbitrary
 * bytes ends in complete, more, or malformed. The first byte picks the options. */
/* SPDX-License-Identifier: ISC */
#include <assert.h>

#include "cmd/message.h"
#include "lib/queue/submission.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_message(uint8_t options, struct slice in, size_t step, struct buf *out)
{
	struct message m;
	struct arena a;

	arena_init(&a, 16 << 20);
	message_init(&m, &a);
	m.dot_ends = options & 1;
	m.extract = options & 2;
	m.fix_line_ends = options & 4;
	while (in.n > 0 && message_feed(&m, slice_sub(in, 0, step), out) == RC_OK)
		in = slice_skip(in, step);
	message_finish(&m, out);
	message_done(&m);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, bytes;
	struct submission s;
	struct slice piece;
	enum rc rc;

	if (size == 0 || size > 100000)
		return 0;
	buf_init(&whole, 1 << 20);
	buf_init(&bytes, 1 << 20);
	read_message(data[0], slice_make(data + 1, size - 1), size, &whole);
	read_message(data[0], slice_make(data + 1, size - 1), 1, &bytes);
	assert(slice_eq(buf_slice(&whole), buf_slice(&bytes)));
	buf_done(&whole);
	buf_done(&bytes);
	submission_init(&s);
	buf_add(&s.in, slice_make(data, size));
	while ((rc = submission_next(&s, &piece)) == RC_OK)
		assert(piece.n > 0 && piece.n <= SUBMISSION_CHUNK_MAX);
	assert(rc == RC_MORE || rc == RC_END || rc == RC_SYNTAX);
	submission_done(&s);
	return 0;
}
