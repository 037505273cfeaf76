/* tests/fuzz/fuzz_queue_tail.c - whatever the tail parser takes is canonical and lies inside.
 *
 * The last eight hex digits of the checksum are put right first, so that the fuzzer gets past
 * it; the input as it is must be handled too. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/queue/envelope.h"
#include "lib/queue/reason.h"
#include "lib/sys/crc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void inside(struct slice s, struct slice all)
{
	check(s.n == 0 || (s.p >= all.p && s.p + s.n <= all.p + all.n));
}

static void try_tail(struct slice tail)
{
	struct queue_envelope e;
	struct arena a;
	struct buf out;

	arena_init(&a, 16 << 20);
	if (queue_tail_parse(tail, &a, &e, NULL) == RC_OK) {
		inside(e.sender, tail);
		for (size_t i = 0; i < e.n_rcpts; i++) {
			inside(e.rcpts[i].address, tail);
			inside(e.rcpts[i].orcpt, tail);
			check(e.rcpts[i].address.n > 0);
		}
		check(e.marks_at > e.content_bytes &&
		      e.marks_at + e.n_rcpts < e.content_bytes + tail.n);
		buf_init(&out, QUEUE_TAIL_MAX);
		check(queue_tail_encode(&e, &out, NULL) == RC_OK);
		check(slice_eq(buf_slice(&out), tail));
		buf_done(&out);
	}
	arena_done(&a);
}

static void seal(char *p, size_t n)
{
	struct queue_footer f;
	uint64_t tail_bytes;
	char hex[9];
	uint32_t crc;

	if (n < QUEUE_FOOTER_SIZE ||
	    queue_footer_parse(slice_make(p + n - QUEUE_FOOTER_SIZE, QUEUE_FOOTER_SIZE), &f,
			       &tail_bytes) != RC_OK || tail_bytes != n)
		return;
	crc = crc32c(0, slice_make(p, f.envelope_bytes));
	crc = crc32c(crc, slice_make(p + n - QUEUE_FOOTER_SIZE, QUEUE_FOOTER_SIZE - 9));
	snprintf(hex, sizeof(hex), "%08x", (unsigned)crc);
	memcpy(p + n - 9, hex, 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);
	struct slice rest = slice_make(data, size);
	struct queue_reason r;

	memcpy(copy, data, size);
	try_tail(slice_make(copy, size));
	seal(copy, size);
	try_tail(slice_make(copy, size));
	free(copy);
	while (queue_reason_next(&rest, &r)) {
		inside(r.text, slice_make(data, size));
		check(r.text.n > 0);
	}
	return 0;
}
