/* tests/fuzz/fuzz_sasl.c - any messages to any mechanism.
 *
 * First byte: the mechanism and whether there is an initial response; then messages, each with a
 * length byte. An exchange ends within three messages, what it yields has no NUL and keeps its
 * limits, and after the end nothing is taken. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/sasl/sasl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_result(const struct sasl_server *s)
{
	check(s->authcid.n > 0 && s->authcid.n <= SASL_NAME_MAX && !slice_has_nul(s->authcid));
	check(s->authzid.n <= SASL_NAME_MAX && !slice_has_nul(s->authzid));
	check(s->password.n <= SASL_PASSWORD_MAX && !slice_has_nul(s->password));
	check(s->used <= sizeof(s->mem));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make(data, size), in = { 0 };
	enum sasl_next next;
	struct sasl_server s;
	unsigned n = 1;

	if (size == 0)
		return 0;
	sasl_server_init(&s, sasl_mech_at(data[0] & 1));
	rest = slice_skip(rest, 1);
	if ((data[0] & 2) == 0)
		next = sasl_server_start(&s, in);
	else
		next = SASL_CHALLENGE, n = 0;
	while (next == SASL_CHALLENGE && rest.n > 0) {
		size_t len = (unsigned char)rest.p[0];

		in = slice_sub(rest, 1, len);
		rest = slice_skip(rest, 1 + in.n);
		next = n++ == 0 ? sasl_server_start(&s, in) : sasl_server_continue(&s, in);
	}
	check(n <= 3);
	if (next == SASL_CHECK)
		check_result(&s);
	if (next != SASL_CHALLENGE)
		check(sasl_server_continue(&s, in) == SASL_MALFORMED);
	sasl_server_done(&s);
	return 0;
}
