/* tests/unit/base/test_base64.c - the vectors of RFC 4648, 10, and what must be refused. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/base/base64.h"

static const struct {
	const char *plain, *coded;
} pairs[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xff\xfe", "///+" },
};

static const struct {
	const char *coded;
	enum rc want;
} refused[] = {
	{ "Z", RC_SYNTAX },
	{ "Zg", RC_SYNTAX },
	{ "Zg=", RC_SYNTAX },
	{ "Zg==\n", RC_SYNTAX },
	{ "Z===", RC_SYNTAX },
	{ "====", RC_SYNTAX },
	{ "=", RC_SYNTAX },
	{ "Zh==", RC_SYNTAX },		/* unused bits */
	{ "Zm9=", RC_SYNTAX },
	{ "Zg==Zg==", RC_SYNTAX },	/* padding in the middle */
	{ "Zm 9", RC_SYNTAX },
	{ "Zm9-", RC_SYNTAX },		/* the URL alphabet */
	{ "Zg=A", RC_SYNTAX },
	{ "Z\xc3m9", RC_SYNTAX },
	{ "Zm9vYmFyMTIz", RC_LIMIT },	/* nine bytes into eight */
};

static void both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(pairs); i++) {
		char out[8];
		size_t n = 99;
		struct buf b;

		assert_int_equal(base64_decode(slice_str(pairs[i].coded), out, sizeof(out), &n),
				 RC_OK);
		unit_slice_is(slice_make(out, n), pairs[i].plain, "decoded");
		buf_init(&b, 64);
		base64_encode(slice_str(pairs[i].plain), &b);
		unit_slice_is(buf_slice(&b), pairs[i].coded, "encoded");
		buf_done(&b);
	}
}

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(refused); i++) {
		char out[8];
		size_t n = 99;
		enum rc rc = base64_decode(slice_str(refused[i].coded), out, sizeof(out), &n);

		if (rc != refused[i].want)
			fail_msg("%s: %s", refused[i].coded, rc_name(rc));
		assert_int_equal(n, 99);
	}
}

static void in_place_and_every_byte(void **state)
{
	unsigned char all[256];
	char text[400];
	size_t n;
	struct buf b;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	buf_init(&b, sizeof(text));
	base64_encode(slice_make(all, sizeof(all)), &b);
	assert_int_equal(buf_finish(&b), RC_OK);
	memcpy(text, buf_slice(&b).p, buf_len(&b));
	assert_int_equal(base64_decode(slice_make(text, buf_len(&b)), text, sizeof(text), &n), RC_OK);
	assert_int_equal(n, 256);
	assert_memory_equal(text, all, 256);
	buf_done(&b);
	buf_init(&b, 5);
	base64_encode(SLICE_LIT("foobar"), &b);
	assert_int_equal(buf_finish(&b), RC_LIMIT);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(refuses),
		cmocka_unit_test(in_place_and_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
