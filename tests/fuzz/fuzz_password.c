/* tests/fuzz/fuzz_password.c - stored passwords as a hand may have damaged them.
 *
 * Parsing stays inside its input; the cheap schemes are verified too, and none accepts the empty
 * password or fails in another way than it says. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/sasl/password.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);
	struct password p;
	struct err err = { 0 };
	enum rc rc = password_parse(in, SLICE_LIT("PLAIN"), &p, &err);

	if (rc != RC_OK) {
		check(rc == RC_SYNTAX || rc == RC_LIMIT);
		check(err.code == rc && err.text[0] != '\0');
		return 0;
	}
	check(p.hash.n <= in.n && (p.hash.n == 0 || p.hash.p + p.hash.n == in.p + in.n));
	check(password_scheme_is_known(slice_str(password_scheme_name(&p))));
	if (password_is_costly(&p))
		return 0;
	rc = password_verify(&p, SLICE_LIT("secret"), &err);
	check(rc == RC_OK || rc == RC_DENIED || rc == RC_SYNTAX);
	if (p.code == PASSWORD_AS_IS)
		check(rc == (slice_is(p.hash, "secret") ? RC_OK : RC_DENIED));
	return 0;
}
