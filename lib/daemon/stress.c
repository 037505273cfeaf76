/* SPDX-License-Identifier: ISC */
#include "lib/daemon/daemon_impl.h"

enum { WIDTH = sizeof(int64_t) };

/* A value that depends on $stress. */
struct stressed {
	const struct param_spec *spec;
	char normal[WIDTH], stressed[WIDTH];
};

struct stress {
	size_t n;
	struct stressed v[];
};

static size_t width_of(const struct param_spec *p)
{
	switch (p->type) {
	case PARAM_INT: case PARAM_TIME: case PARAM_SIZE: return sizeof(int64_t);
	case PARAM_BOOL: return sizeof(bool);
	default: return 0;
	}
}

/* The value of one parameter as the configuration stands now. */
static void load_one(struct daemon *d, const struct param_spec *p, char *out)
{
	struct param_spec alone = *p;
	struct faults ignored;	/* told when all were loaded */

	faults_init(&ignored, &d->arena);
	alone.offset = 0;
	params_load(&alone, 1, d->conf, &d->arena, out, &ignored);
}

static bool is_set_by_hand(const struct daemon *d)
{
	struct slice value;

	return conf_raw(d->conf, SLICE_LIT("stress"), &value, NULL) && value.n > 0;
}

/* Both values of each parameter are made while files may still be read. Who sets stress in
 * master.cf has it always. */
void stress_load(struct daemon *d)
{
	size_t n = d->spec->n_params;
	struct stress *s;

	if (n == 0 || is_set_by_hand(d))
		return;
	s = arena_alloc(&d->arena, sizeof(*s) + n * sizeof(s->v[0]));
	if (s == NULL)
		return;
	conf_override(d->conf, SLICE_LIT("stress"), SLICE_LIT("yes"));
	for (size_t i = 0; i < n; i++) {
		const struct param_spec *p = &d->spec->params[i];
		struct stressed *v = &s->v[s->n];
		size_t width = width_of(p);

		if (width == 0)
			continue;
		v->spec = p;
		memcpy(v->normal, (const char *)d->spec->params_out + p->offset, width);
		load_one(d, p, v->stressed);
		s->n += memcmp(v->normal, v->stressed, width) != 0;
	}
	conf_override(d->conf, SLICE_LIT("stress"), SLICE_LIT(""));
	d->stress = s;
}

void stress_set(struct daemon *d, bool on)
{
	for (size_t i = 0; d->stress != NULL && i < d->stress->n; i++) {
		const struct stressed *v = &d->stress->v[i];

		memcpy((char *)d->spec->params_out + v->spec->offset,
		       on ? v->stressed : v->normal, width_of(v->spec));
	}
}
