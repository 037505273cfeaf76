/* tests/fuzz/fuzz_passwd_line.c - a line of a passwd-file, its extra fields, and a database spec.
 *
 * The parts lie inside the line and hold no colon but the last; a walk of the extra fields ends; a
 * name that is accepted is no path out of a directory. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "auth/dbspec.h"
#include "auth/fields.h"
#include "auth/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool inside(struct slice part, struct slice whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_name(struct slice in)
{
	static const struct name_rules rules = { "%Lu", "", "realm" };
	char out[NAME_MAX_BYTES + 1];

	if (name_canonical(&rules, in, out, NULL) != RC_OK)
		return;
	check(out[0] != '\0' && strchr(out, '/') == NULL && strcmp(out, "..") != 0);
	for (const char *p = out; *p != '\0'; p++)
		check(!char_is_cntrl(*p));
}

static void check_fields(struct slice rest)
{
	const struct expand_vars vars = { .user = SLICE_LIT("a@b") };
	struct slice name, value;
	struct fields f;

	fields_init(&f);
	while (passwd_extra_next(&rest, &name, &value)) {
		check(name.n > 0 || value.p != NULL);
		if (fields_take(&f, name, value, &vars, NULL) != RC_OK)
			break;
	}
	check(buf_len(&f.prefetch) <= FIELDS_PREFETCH_MAX);
	if (f.has_nets)
		(void)fields_net_allowed(slice_str(f.nets), SLICE_LIT("192.0.2.1"));
	fields_done(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);
	struct passwd_entry e;
	struct db_spec *spec;
	struct arena arena;

	if (passwd_line_parse(in, &e, NULL) == RC_OK) {
		check(e.user.n > 0 && slice_chr(e.user, ':') < 0 && slice_chr(e.password, ':') < 0);
		check(inside(e.user, in) && inside(e.password, in) && inside(e.uid, in));
		check(inside(e.gid, in) && inside(e.home, in) && inside(e.extra, in));
		check_name(e.user);
		check_fields(e.extra);
	}
	arena_init(&arena, 65536);
	if (size <= 4096)
		(void)db_spec_parse(in, DB_FOR_PASSWORDS, &arena, &spec, NULL);
	arena_done(&arena);
	return 0;
}
