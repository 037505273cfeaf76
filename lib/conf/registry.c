/* lib/conf/registry.c - the tables made from the .def files, and a hash over them. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/registry.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"

#define PARAM(type, name, def, lo, hi, doc) \
	{ PARAM_##type, #name, def, lo, hi, doc, 0, __FILE__ },
#define PARAM_NAMED(type, member, name, def, lo, hi, doc) \
	{ PARAM_##type, name, def, lo, hi, doc, 0, __FILE__ },
static const struct param_spec specs[] = {
#include "lib/conf/programs.def"
};
#undef PARAM
#undef PARAM_NAMED

#define FOREIGN(name, def, class, way_out) { name, def, FOREIGN_##class, way_out, false },
#define FOREIGN_RAW(name, def, class, way_out) { name, def, FOREIGN_##class, way_out, true },
static const struct foreign_spec foreign[] = {
#include "lib/conf/foreign.def"
};
#undef FOREIGN
#undef FOREIGN_RAW

#define DERIVED(type, suffix, def, class, doc) \
	{ PARAM_##type, suffix, def, DERIVED_##class, doc, NULL },
#define DERIVED_UNUSED(type, suffix, def, class, why) \
	{ PARAM_##type, suffix, def, DERIVED_##class, NULL, why },
static const struct derived_spec derived[] = {
#include "lib/conf/derived.def"
};
#undef DERIVED
#undef DERIVED_UNUSED

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

struct registry {
	struct hash params;
	struct hash foreign;
};

static void put(struct hash *h, const char *name, const void *value)
{
	/* Both tables are smaller than the maximum the hashes were made with. */
	if (hash_put(h, slice_str(name), (void *)value, NULL) != RC_OK)
		abort();
}

struct registry *registry_new(void)
{
	struct registry *r = mem_new(1, sizeof(*r));

	hash_init(&r->params, N_OF(specs), false);
	hash_init(&r->foreign, N_OF(foreign), false);
	for (size_t i = 0; i < N_OF(specs); i++)
		put(&r->params, specs[i].name, &specs[i]);
	/* What a program declares is no longer foreign, even while its line is still there. */
	for (size_t i = 0; i < N_OF(foreign); i++)
		if (registry_find(r, slice_str(foreign[i].name)) == NULL)
			put(&r->foreign, foreign[i].name, &foreign[i]);
	return r;
}

void registry_free(struct registry **r)
{
	if (*r == NULL)
		return;
	hash_done(&(*r)->params);
	hash_done(&(*r)->foreign);
	free(*r);
	*r = NULL;
}

const struct param_spec *registry_find(const struct registry *r, struct slice name)
{
	return hash_get(&r->params, name);
}

const struct foreign_spec *registry_foreign(const struct registry *r, struct slice name)
{
	return hash_get(&r->foreign, name);
}

const struct derived_spec *registry_derived(struct slice name, struct slice *ret_service)
{
	const struct derived_spec *best = NULL;

	for (size_t i = 0; i < N_OF(derived); i++) {
		struct slice suffix = slice_str(derived[i].suffix);

		if (name.n <= suffix.n || !slice_ends(name, suffix))
			continue;
		/* "x_destination_recipient_limit" also ends in "_recipient_limit". */
		if (best == NULL || suffix.n > strlen(best->suffix))
			best = &derived[i];
	}
	if (best != NULL)
		*ret_service = slice_sub(name, 0, name.n - strlen(best->suffix));
	return best;
}

bool registry_is_raw(const struct registry *r, struct slice name)
{
	const struct param_spec *spec = registry_find(r, name);
	const struct foreign_spec *f = registry_foreign(r, name);

	return spec != NULL ? spec->type == PARAM_RAW : f != NULL && f->is_raw;
}

bool registry_default(const struct registry *r, struct slice name, struct slice *ret)
{
	const struct param_spec *spec = registry_find(r, name);
	const struct foreign_spec *f = registry_foreign(r, name);
	struct slice service;
	const struct derived_spec *d;

	if (spec != NULL) {
		*ret = slice_str(spec->def);
		return true;
	}
	if (f != NULL) {
		*ret = slice_str(f->def);
		return true;
	}
	d = registry_derived(name, &service);
	if (d != NULL)
		*ret = slice_str(d->def);
	return d != NULL;
}

const struct param_spec *registry_at(size_t i)
{
	return i < N_OF(specs) ? &specs[i] : NULL;
}

const struct foreign_spec *registry_foreign_at(size_t i)
{
	return i < N_OF(foreign) ? &foreign[i] : NULL;
}

const struct derived_spec *registry_derived_at(size_t i)
{
	return i < N_OF(derived) ? &derived[i] : NULL;
}
