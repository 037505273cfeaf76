/* tests/fuzz/fuzz_md_keywords.c - dovecot-keywords: names are bounded, and print and parse agree. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/store/maildir/md_keywords.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
	if (!fact)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct md_keywords k, again;
	struct buf out;

	md_keywords_parse(slice_make(data, size), &k);
	buf_init(&out, 1 << 16);
	md_keywords_put(&k, &out);
	require(buf_finish(&out) == RC_OK);
	md_keywords_parse(buf_slice(&out), &again);
	for (int i = 0; i < MD_KEYWORDS; i++) {
		require(strlen(k.name[i]) <= STORE_KEYWORD_NAME_MAX);
		require(strcmp(k.name[i], again.name[i]) == 0);
	}
	if (md_keywords_add(&k, SLICE_LIT("$Fuzz")) >= 0)
		require(md_keywords_find(&k, SLICE_LIT("$fuzz")) >= 0);
	buf_done(&out);
	return 0;
}
