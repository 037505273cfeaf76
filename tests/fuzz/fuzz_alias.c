/* Aliases and .forward files: any text gives targets of sane kinds, the same whether a line stands
 * alone or in a file. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "local/alias.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_list(const struct target_list *list, size_t size)
{
	size_t n = 0;

	for (const struct target *t = list->first; t != NULL; t = t->next, n++) {
		check(t->text.p != NULL && t->text.n <= size && !slice_has_nul(t->text));
		check(t->kind != TARGET_FILE || slice_starts(t->text, SLICE_LIT("/")) ||
		      slice_starts(t->text, SLICE_LIT("~/")));
		check(t->kind != TARGET_ADDRESS || t->text.n > 0);
		check(t->kind >= TARGET_ADDRESS && t->kind <= TARGET_INCLUDE);
	}
	check(n == list->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size), ext, user;
	struct target_list line = { 0 }, file = { 0 };
	struct arena a;

	arena_init(&a, 1 << 24);
	check(alias_parse(in, &a, &line) == RC_OK);
	check_list(&line, size);
	check(alias_parse_file(in, &a, &file) == RC_OK);
	check_list(&file, size);
	if (size > 0 && in.p[0] != '#' && slice_chr(in, '\n') < 0 && slice_chr(in, '\r') < 0)
		check(file.n == line.n);
	user = alias_split_extension(in, "+-", true, &ext);
	check(user.n + ext.n <= size && (size == 0 || user.n > 0));
	arena_done(&a);
	return 0;
}
