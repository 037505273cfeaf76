/* Any table source: entries have keys and values; a map entry written again reads the same; the
 * canonical value of an alias is a fixed point. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/table/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* TEXT must be one entry with KEY (any, when NULL) and VALUE. */
static void check_again(struct slice text, bool is_alias, const struct slice *key,
			struct slice value)
{
	struct slice got_key, got_value;
	struct source s;
	struct err err = { 0 };
	unsigned line;

	source_init(&s, text, is_alias);
	check(source_next(&s, &got_key, &got_value, &line, &err) == RC_OK);
	check(key == NULL || slice_eq(*key, got_key));
	check(slice_eq(value, got_value));
	check(source_next(&s, &got_key, &got_value, &line, &err) == RC_END);
	source_done(&s);
}

static void check_entry(struct slice key, struct slice value, bool is_alias)
{
	struct buf text;

	buf_init(&text, key.n + value.n + 10);
	if (is_alias) {
		buf_adds(&text, "k: ");
		buf_add(&text, value);
		check_again(buf_slice(&text), true, NULL, value);
	} else {
		check(key.n > 0 && value.n > 0);
		buf_add(&text, key);
		buf_addc(&text, ' ');
		buf_add(&text, value);
		check_again(buf_slice(&text), false, &key, value);
	}
	buf_done(&text);
}

static void run(struct slice text, bool is_alias)
{
	struct slice key, value;
	struct source s;
	unsigned line, last = 0;
	enum rc rc;

	source_init(&s, text, is_alias);
	do {
		struct err err = { 0 };

		rc = source_next(&s, &key, &value, &line, &err);
		if (rc == RC_END)
			break;
		check(line > last);
		last = line;
		check(rc == RC_OK || (rc == RC_SYNTAX && err.text[0] != '\0'));
		if (rc == RC_OK)
			check_entry(key, value, is_alias);
	} while (true);
	source_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	run(slice_make(data, size), false);
	run(slice_make(data, size), true);
	return 0;
}
