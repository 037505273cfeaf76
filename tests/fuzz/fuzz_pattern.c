/* Any rules as the inline content of pcre:, cidr: and regexp: tables, and any key: a table opens
 * or says why not; a lookup gives the same answer twice, within its limits. The first line of the
 * input is the key. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/table/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void ask(struct table *t, struct slice key)
{
	struct slice one = { NULL, 0 }, two = { NULL, 0 };
	struct err err = { 0 };
	struct buf copy;
	enum rc rc = table_lookup(t, NULL, key, &one, &err);

	check(rc == RC_OK || rc == RC_END || rc == RC_TEMP);
	check(rc != RC_TEMP || err.text[0] != '\0');
	buf_init(&copy, 4 << 20);
	buf_add(&copy, one);
	check(table_lookup(t, NULL, key, &two, &err) == rc);
	check(rc != RC_OK || slice_eq(buf_slice(&copy), two));
	buf_done(&copy);
}

static void run(const char *type, struct slice rules, struct slice key)
{
	struct table *t = NULL;
	struct err err = { 0 };
	struct buf spec;

	buf_init(&spec, rules.n + 100);
	buf_addf(&spec, "%s:{", type);
	buf_add(&spec, rules);
	buf_addc(&spec, '}');
	if (table_open(buf_cstr(&spec), "hash", 0, &t, &err) == RC_OK)
		ask(t, key);
	else
		check(err.text[0] != '\0');
	table_close(&t);
	buf_done(&spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rules = slice_make(data, size), key;
	size_t repeats = 0;

	if (!slice_line(&rules, &key) || slice_has_nul(rules))
		return 0;
	run("pcre", rules, key);
	run("cidr", rules, key);
	/* Repeated repetition makes the C library's compiler take all memory there is: an
	 * administrator's mistake, not an attacker's way in. */
	for (size_t i = 1; i < rules.n; i++)
		repeats += strchr("+*?{)", rules.p[i - 1]) != NULL &&
			   strchr("+*?{", rules.p[i]) != NULL;
	if (repeats == 0)
		run("regexp", rules, key);
	return 0;
}
