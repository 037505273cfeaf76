/* tests/fuzz/fuzz_authproto.c - any line to the Dovecot authentication protocol.
 *
 * What comes out lies inside the line or the arena, and what we would answer is one line whatever
 * bytes the names hold. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/sasl/authproto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_one_line(struct slice user)
{
	struct buf b;

	buf_init(&b, 4 * AUTHPROTO_LINE_MAX);
	authproto_put_fail(&b, 1, AUTHPROTO_WRONG, user, user);
	authproto_put_ok(&b, 1, user, user);
	check(buf_finish(&b) == RC_OK);
	struct slice rest = buf_slice(&b), line;
	unsigned n = 0;

	while (slice_line(&rest, &line))
		n++;
	check(n == 2);
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);
	struct authproto_line l;
	struct err err = { 0 };
	struct arena arena;

	if (size > AUTHPROTO_LINE_MAX)
		return 0;
	arena_init(&arena, 2 * AUTHPROTO_LINE_MAX);
	if (authproto_parse(in, &arena, &l, &err) == RC_OK) {
		check(l.response.n <= size && l.mech.n <= size && l.service.n <= size);
		check(!l.has_response || l.verb == AUTHPROTO_AUTH);
		check(l.verb != AUTHPROTO_AUTH || l.mech.n > 0);
		check_one_line(l.service);
	} else {
		check(err.code == RC_SYNTAX);
	}
	check_one_line(in);
	arena_done(&arena);
	return 0;
}
