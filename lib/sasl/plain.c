/* SPDX-License-Identifier: ISC */
#include "lib/sasl/mech.h"

/* [authzid] NUL authcid NUL passwd (RFC 4616, 2) */
enum sasl_next sasl_plain_step(struct sasl_server *s, struct slice in)
{
	struct slice authzid, authcid;

	if (in.p == NULL && s->steps == 0) {
		s->out = SLICE_LIT("");
		return SASL_CHALLENGE;
	}
	if (!slice_split(&in, '\0', &authzid) || !slice_split(&in, '\0', &authcid) || in.p == NULL)
		return SASL_MALFORMED;
	if (authcid.n == 0 || !sasl_keep(s, authzid, SASL_NAME_MAX, &s->authzid) ||
	    !sasl_keep(s, authcid, SASL_NAME_MAX, &s->authcid) ||
	    !sasl_keep(s, in, SASL_PASSWORD_MAX, &s->password))
		return SASL_MALFORMED;
	return SASL_CHECK;
}
