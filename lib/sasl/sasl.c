/* SPDX-License-Identifier: ISC */
#include "lib/sasl/sasl.h"

#include "lib/base/mem.h"
#include "lib/sasl/mech.h"

static const struct sasl_mech mechs[] = {
	{ "PLAIN", SASL_PLAINTEXT, sasl_plain_step },
	{ "LOGIN", SASL_PLAINTEXT, sasl_login_step },
};

const struct sasl_mech *sasl_mech_at(size_t i)
{
	return i < sizeof(mechs) / sizeof(mechs[0]) ? &mechs[i] : NULL;
}

const struct sasl_mech *sasl_mech_find(struct slice name)
{
	const struct sasl_mech *m;

	for (size_t i = 0; (m = sasl_mech_at(i)) != NULL; i++)
		if (slice_iis(name, m->name))
			return m;
	return NULL;
}

void sasl_server_init(struct sasl_server *s, const struct sasl_mech *mech)
{
	*s = (struct sasl_server){ .mech = mech };
}

void sasl_server_done(struct sasl_server *s)
{
	mem_wipe(s->mem, sizeof(s->mem));
	s->out = s->authcid = s->authzid = s->password = (struct slice){ 0 };
	s->used = 0;
	s->is_over = true;
}

bool sasl_keep(struct sasl_server *s, struct slice in, size_t max, struct slice *out)
{
	if (in.n > max || in.n > sizeof(s->mem) - s->used || slice_has_nul(in))
		return false;
	if (in.n > 0)
		memcpy(s->mem + s->used, in.p, in.n);
	*out = slice_make(s->mem + s->used, in.n);
	s->used += in.n;
	return true;
}

enum sasl_next sasl_server_continue(struct sasl_server *s, struct slice in)
{
	enum sasl_next next = SASL_MALFORMED;

	if (!s->is_over && in.n <= SASL_MESSAGE_MAX)
		next = s->mech->step(s, in);
	s->steps++;
	if (next != SASL_CHALLENGE)
		s->is_over = true;
	return next;
}

/* Both mechanisms let the client speak first; without an initial response the server asks with an
 * empty challenge (PLAIN) or with its first question (LOGIN), which the mechanism tells. */
enum sasl_next sasl_server_start(struct sasl_server *s, struct slice initial)
{
	return sasl_server_continue(s, initial);
}
