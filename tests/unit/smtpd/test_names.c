/* tests/unit/smtpd/test_names.c - names of clients are remembered, for a minute, within bounds. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "smtpd/names.h"
#include "tests/unit/unit.h"

static void test_names(void **state)
{
	struct names *n = names_new();
	char name[64], addr[32];

	(void)state;
	assert_false(names_find(n, "192.0.2.1", 0, name, sizeof(name)));
	names_keep(n, "192.0.2.1", "a.example", 1000);
	names_keep(n, "192.0.2.2", "b.example", 1000);
	assert_true(names_find(n, "192.0.2.1", 1000 + NAMES_KEEP_MS - 1, name, sizeof(name)));
	assert_string_equal(name, "a.example");
	assert_false(names_find(n, "192.0.2.1", 1000 + NAMES_KEEP_MS, name, sizeof(name)));
	names_keep(n, "192.0.2.1", "c.example", 2000);
	assert_true(names_find(n, "192.0.2.1", 2000, name, sizeof(name)));
	assert_string_equal(name, "c.example");
	for (int i = 0; i < 3 * NAMES_MAX; i++) {
		snprintf(addr, sizeof(addr), "10.%d.%d.1", i / 256, i % 256);
		names_keep(n, addr, "d.example", 3000);
		assert_true(names_find(n, addr, 3000, name, sizeof(name)));
	}
	names_free(&n);
	assert_null(n);
	names_free(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
