/* tests/fuzz/fuzz_md_uidlist.c - dovecot-uidlist: what is read lies inside the text, UIDs ascend,
 * every base is found again, what is printed reads the same, and a first part extended by the
 * rest is the whole. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/maildir/md_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
	if (!fact)
		abort();
}

static void check_rows(const struct md_table *t, const char *text, size_t size)
{
	uint32_t last = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct md_row *row = &t->v[i];
		uint32_t found = md_table_find(t, row->base);

		require(row->uid > last && row->uid < t->head.uidnext);
		require(row->base.p >= text && row->base.p + row->base.n <= text + size);
		require(found != MD_NO_ROW && found >= i);
		require(slice_eq(t->v[found].base, row->base));
		require(md_table_find_uid(t, row->uid) == i);
		last = row->uid;
	}
}

static void check_same(const struct md_table *a, const struct md_table *b)
{
	require(a->n == b->n && a->head.uidnext == b->head.uidnext);
	require(a->head.uidvalidity == b->head.uidvalidity);
	require(slice_eq(a->head.keys, b->head.keys));
	for (size_t i = 0; i < a->n; i++)
		require(a->v[i].uid == b->v[i].uid && slice_eq(a->v[i].base, b->v[i].base) &&
			slice_eq(a->v[i].keys, b->v[i].keys));
}

static void check_extend(const struct md_table *whole, struct slice text)
{
	ptrdiff_t lf = slice_rchr(slice_sub(text, 0, text.n / 2), '\n');
	struct md_table t;
	size_t n;

	if (lf < 0 || whole->torn)
		return;
	n = (size_t)lf + 1;
	md_table_init(&t);
	if (md_table_load(&t, mem_dup(text.p, n), n) == RC_OK && !t.torn) {
		require(md_table_extend(&t, slice_skip(text, n)) == RC_OK);
		check_same(&t, whole);
		require(md_table_extend(&t, SLICE_LIT("1 :x\n")) != RC_OK || t.n == 1);
	}
	md_table_done(&t);
}

static void check_print(const struct md_table *t)
{
	struct md_table again;
	struct buf out;

	buf_init(&out, 1 << 22);
	md_uidlist_put_head(&t->head, &out);
	for (size_t i = 0; i < t->n; i++) {
		struct md_record r = { t->v[i].uid, t->v[i].base, t->v[i].keys };

		md_uidlist_put_record(&r, &out);
	}
	md_table_init(&again);
	require(md_table_load(&again, mem_dup(buf_slice(&out).p, buf_len(&out)),
			      buf_len(&out)) == RC_OK);
	require(!again.torn);
	check_same(&again, t);
	md_table_done(&again);
	buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup(size > 0 ? (const char *)data : "", size);
	struct md_table t;

	md_table_init(&t);
	if (md_table_load(&t, text, size) == RC_OK) {
		check_rows(&t, t.text, size);
		check_print(&t);
		check_extend(&t, slice_make(t.text, size));
	} else {
		require(t.n == 0 && t.text == NULL);
	}
	md_table_done(&t);
	return 0;
}
