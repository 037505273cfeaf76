/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "imapd/view.h"

enum { MANY = 100000 };

#define M(u, f, k, r) { .uid = (u), .flags = (f), .keywords = (k), .recent = (r) }

/* What goes in comes out, in so many bytes. */
static void there_and_back(void **state)
{
	static const struct {
		struct store_msg msgs[4];
		uint32_t n;
		size_t bytes;
	} cases[] = {
		{ .n = 0, .bytes = 0 },
		{ { M(1, 0, 0, false) }, 1, 4 },
		{ { M(1, STORE_SEEN, 0, false), M(2, STORE_SEEN, 0, false) }, 2, 4 },
		{ { M(1, STORE_SEEN, 0, false), M(2, STORE_SEEN, 0, true) }, 2, 8 },
		{ { M(1, 0, 1, false), M(2, 0, 2, false), M(3, 0, 2, false) }, 3, 8 },
		{ { M(7, 0, 0, false), M(9, 0, 0, false) }, 2, 8 },
		{ { M(200, STORE_FLAGS_ALL, 0, true) }, 1, 5 },
		{ { M(UINT32_MAX, 0, UINT64_MAX, false) }, 1, 17 },
		{ { M(1, 0, 0, false), M(UINT32_MAX, 0, 0, false) }, 2, 12 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct store_msg *msgs = NULL;
		struct buf b;
		uint32_t n;

		buf_init(&b, 1000);
		assert_true(view_put(cases[i].msgs, cases[i].n, &b));
		if (buf_len(&b) != cases[i].bytes)
			fail_msg("case %zu: %zu bytes", i, buf_len(&b));
		assert_int_equal(view_get(buf_slice(&b), &msgs, &n), RC_OK);
		assert_int_equal(n, cases[i].n);
		for (uint32_t k = 0; k < n; k++) {
			assert_int_equal(msgs[k].uid, cases[i].msgs[k].uid);
			assert_int_equal(msgs[k].flags, cases[i].msgs[k].flags);
			assert_true(msgs[k].keywords == cases[i].msgs[k].keywords);
			assert_int_equal(msgs[k].recent, cases[i].msgs[k].recent);
		}
		free(msgs);
		buf_done(&b);
	}
}

static void what_is_read_takes_few_bytes(void **state)
{
	struct store_msg *msgs = calloc(MANY, sizeof(*msgs));
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (uint32_t i = 0; i < MANY; i++)
		msgs[i] = (struct store_msg)M(i + 1, STORE_SEEN, 0, false);
	assert_true(view_put(msgs, MANY, &b));
	assert_true(buf_len(&b) < 10);
	msgs[MANY / 2].gone = true;
	assert_false(view_put(msgs, MANY, &b));
	buf_done(&b);
	free(msgs);
}

static void nothing_else_is_a_view(void **state)
{
	static const struct { struct slice text; enum rc rc; } cases[] = {
		{ SLICE_LIT("\0"), RC_SYNTAX },			/* cut short */
		{ SLICE_LIT("\0\0\0"), RC_SYNTAX },
		{ SLICE_LIT("\0\0\0\0\0"), RC_SYNTAX },
		{ SLICE_LIT("\x80\0\0\0\0"), RC_SYNTAX },		/* not the shortest form */
		{ SLICE_LIT("\0\0\x40\0"), RC_SYNTAX },		/* no such flag */
		{ SLICE_LIT("\0\0\0\0\0\0\0\0"), RC_SYNTAX },	/* should be one run */
		{ SLICE_LIT("\xff\xff\xff\xff\x0f\0\0\0"), RC_SYNTAX },	/* no such UID */
		{ SLICE_LIT("\0\xff\xff\xff\xff\x0f\0\0"), RC_SYNTAX },
		{ SLICE_LIT("\0\xfe\xff\xff\xff\x0f\0\0"), RC_LIMIT },
		{ SLICE_LIT("\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), RC_SYNTAX },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct store_msg *msgs;
		uint32_t n;

		if (view_get(cases[i].text, &msgs, &n) != cases[i].rc)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(what_is_read_takes_few_bytes),
		cmocka_unit_test(nothing_else_is_a_view),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
