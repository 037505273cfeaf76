/* tests/fuzz/fuzz_imap_view.c - a client's view, written down: UIDs ascend, and what is read prints
 * back to the same bytes. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "imapd/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
	if (!fact)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size);
	struct store_msg *msgs;
	struct buf again;
	uint32_t n, last = 0;

	if (view_get(text, &msgs, &n) != RC_OK)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		require(msgs[i].uid > last && !msgs[i].gone);
		last = msgs[i].uid;
	}
	buf_init(&again, size);
	require(view_put(msgs, n, &again) && buf_finish(&again) == RC_OK);
	require(slice_eq(buf_slice(&again), text));
	buf_done(&again);
	free(msgs);
	return 0;
}
