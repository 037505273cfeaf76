/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/mail/charset.h"

#define BADCHAR "\xef\xbf\xbd"

static const struct { const char *charset, *in, *want; } texts[] = {
	{ "utf-8", "\xc3\xa9", "\xc3\xa9" },
	{ "UTF8", "a\xff" "b", "a" BADCHAR "b" },
	{ "utf-8", "cut\xe2\x82", "cut" BADCHAR },
	{ "us-ascii", "a\xe9", "a" BADCHAR },
	{ "iso-8859-1", "\xe9t\xe9", "\xc3\xa9t\xc3\xa9" },
	{ "windows-1252", "\x80", "\xe2\x82\xac" },
	{ "koi8-r", "\xc1", "\xd0\xb0" },
	{ "iso-2022-jp", "\x1b$B$\"\x1b(B.", "\xe3\x81\x82." },
	{ "gb2312", "\xd6\xd0", "\xe4\xb8\xad" },
	{ "utf-8//IGNORE", "x", NULL },
	{ "no-such-charset", "x", NULL },
	{ "", "x", NULL },
};

static void test_convert(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(texts); i++) {
		struct slice in = slice_str(texts[i].in), name = slice_str(texts[i].charset);
		struct charset *c;
		struct buf b;

		buf_init(&b, 1000);
		if (texts[i].want == NULL) {
			assert_int_equal(charset_to_utf8(name, in, &b), RC_END);
			assert_int_equal(buf_len(&b), 0);
			continue;
		}
		assert_int_equal(charset_to_utf8(name, in, &b), RC_OK);
		unit_slice_is(buf_slice(&b), texts[i].want, texts[i].charset);
		buf_reset(&b);
		assert_int_equal(charset_open(name, &c), RC_OK);
		for (size_t k = 0; k < in.n; k++)
			charset_feed(c, slice_sub(in, k, 1), &b);
		charset_finish(c, &b);
		charset_close(&c);
		assert_null(c);
		unit_slice_is(buf_slice(&b), texts[i].want, "byte by byte");
		buf_done(&b);
	}
}

static const struct { const char *in, *want; } words[] = {
	{ "", "" }, { "plain", "plain" }, { "=?utf-8?q?a_b=3D?=", "a b=" },
	{ "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab" }, { "=?utf-8?Q?a?=  \r\n =?utf-8?Q?b?=", "ab" },
	{ "=?utf-8?Q?a?= b", "a b" }, { "a =?utf-8?Q?b?=", "a b" },
	{ "=?iso-8859-1?Q?Andr=E9?= Pirard", "Andr\xc3\xa9 Pirard" },
	{ "=?ISO-8859-1*fr?B?6Q==?=", "\xc3\xa9" },
	{ "=?utf-8?B?w6k=?=", "\xc3\xa9" },
	{ "=?utf-8?B?ww==?= =?utf-8?B?qQ==?=", "\xc3\xa9" },	/* one character in two words */
	{ "=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "a\xc3\xa9" },
	{ "=?no-such?q?a?=", "=?no-such?q?a?=" },
	{ "=?utf-8?x?a?=", "=?utf-8?x?a?=" }, { "=?utf-8?q?a", "=?utf-8?q?a" },
	{ "=?utf-8?q?a?", "=?utf-8?q?a?" }, { "=?", "=?" }, { "=??q?a?=", "=??q?a?=" },
	{ "=?utf-8?q?a b?=", "a b" }, { "x=?utf-8?q?a?=y", "xay" },
	{ "folded\r\n text", "folded text" }, { "\xe9", BADCHAR }, { "\xc3\xa9", "\xc3\xa9" },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(words); i++) {
		struct buf b;

		buf_init(&b, 1000);
		charset_decode_words(slice_str(words[i].in), &b);
		unit_slice_is(buf_slice(&b), words[i].want, words[i].in);
		buf_done(&b);
	}
}

static void test_fold(void **state)
{
	static const struct { const char *a, *b; } same[] = {
		{ "Stra\xc3\x9f" "e", "STRASSE" }, { "\xc3\x89", "\xc3\xa9" },
		{ "e\xcc\x81", "\xc3\xa9" }, { "\xd0\x9f", "\xd0\xbf" }, { "ABC", "abc" },
		{ "\xef\xbc\xa1", "a" },
	};
	struct buf a, b;

	(void)state;
	buf_init(&a, 100);
	buf_init(&b, 100);
	for (size_t i = 0; i < N_OF(same); i++) {
		buf_reset(&a);
		buf_reset(&b);
		charset_fold(slice_str(same[i].a), &a);
		charset_fold(slice_str(same[i].b), &b);
		assert_true(slice_eq(buf_slice(&a), buf_slice(&b)));
	}
	buf_reset(&a);
	charset_fold(SLICE_LIT("A\xff" "B"), &a);
	unit_slice_is(buf_slice(&a), "a" BADCHAR "b", "invalid byte");
	buf_done(&a);
	buf_done(&b);
}

/* Each module that stays is mappings for every job: none may that only made a table. */
static void test_modules(void **state)
{
	static const char *const made[] = { "/IBM", "/ISO8859", "/CP125", "/MACINTOSH", "/TIS-620" };
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4096];

	(void)state;
	charset_warm();
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		for (size_t i = 0; i < N_OF(made); i++)
			if (strstr(line, "/gconv/") != NULL && strstr(line, made[i]) != NULL)
				fail_msg("still mapped: %s", line);
	fclose(maps);
}

/* After charset_warm() charsets of single bytes come from tables: they must say what iconv says. */
static void test_warm(void **state)
{
	static const char *const names[] = { "iso-8859-1", "ISO-8859-7", "windows-1252", "cp1251",
					     "KOI8-R", "tis-620", "macintosh" };
	struct buf before[N_OF(names)], after;
	char all[256];

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	for (size_t i = 0; i < N_OF(names); i++) {
		buf_init(&before[i], 2000);
		assert_int_equal(charset_to_utf8(slice_str(names[i]), slice_make(all, sizeof(all)),
						 &before[i]), RC_OK);
	}
	charset_warm();
	charset_warm();
	for (size_t i = 0; i < N_OF(names); i++) {
		buf_init(&after, 2000);
		assert_int_equal(charset_to_utf8(slice_str(names[i]), slice_make(all, sizeof(all)),
						 &after), RC_OK);
		if (!slice_eq(buf_slice(&before[i]), buf_slice(&after)))
			fail_msg("%s: iconv and the table differ", names[i]);
		buf_done(&after);
		buf_done(&before[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convert), cmocka_unit_test(test_words),
		cmocka_unit_test(test_fold), cmocka_unit_test(test_warm),
		cmocka_unit_test(test_modules),
		/* once more, by the tables */
		cmocka_unit_test(test_convert), cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
