/* Address lists: bounded, and what was understood survives printing and parsing again. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/mail/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void print_again(const struct addr *x)
{
	struct addr_list list;
	struct arena a;
	struct buf b;

	arena_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	addr_print(x, &b);
	addr_parse(buf_slice(&b), 100, &a, &list);
	check(list.n == 1 && list.first->kind == ADDR_MAILBOX && !list.first->is_bad);
	check(slice_eq(list.first->local, x->local));
	check(slice_eq(list.first->domain, x->domain));
	check(slice_eq(list.first->name, x->name));
	buf_done(&b);
	arena_done(&a);
}

static void quote_again(struct slice s)
{
	struct buf b, c;

	buf_init(&b, 2 * s.n + 2);
	buf_init(&c, 2 * s.n + 2);
	addr_quote(s, &b);
	addr_unquote(buf_slice(&b), &c);
	check(slice_eq(buf_slice(&c), s) && !buf_is_over(&b));
	buf_done(&b);
	buf_done(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);
	struct addr_list list;
	struct arena a;
	size_t n = 0;
	int depth = 0;

	arena_init(&a, 1 << 22);
	addr_parse(in, 500, &a, &list);
	for (const struct addr *x = list.first; x != NULL; x = x->next, n++) {
		depth += x->kind == ADDR_GROUP_START ? 1 : x->kind == ADDR_GROUP_END ? -1 : 0;
		check(depth == 0 || depth == 1);
		check(x->local.n + x->domain.n + x->name.n + x->route.n <= size + 4);
		check(!slice_has_nul(x->local) && !slice_has_nul(x->name));
		if (x->kind == ADDR_MAILBOX && !x->is_bad)
			print_again(x);
	}
	check(n == list.n && (depth == 0 || list.is_cut));
	arena_done(&a);
	quote_again(in);
	return 0;
}
