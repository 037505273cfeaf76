/* SPDX-License-Identifier: ISC */
#include "lib/sasl/mech.h"

/* The mechanism without a standard (draft-murchison-sasl-login): two questions, two answers. An
 * initial response, which some clients send, answers the first question. The texts of the questions
 * are what clients compare with. */
enum sasl_next sasl_login_step(struct sasl_server *s, struct slice in)
{
	if (in.p == NULL && s->steps == 0) {
		s->out = SLICE_LIT("Username:");
		return SASL_CHALLENGE;
	}
	if (s->authcid.n == 0) {
		if (in.n == 0 || !sasl_keep(s, in, SASL_NAME_MAX, &s->authcid))
			return SASL_MALFORMED;
		s->out = SLICE_LIT("Password:");
		return SASL_CHALLENGE;
	}
	return sasl_keep(s, in, SASL_PASSWORD_MAX, &s->password) ? SASL_CHECK : SASL_MALFORMED;
}
