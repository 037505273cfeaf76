/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/mail/date.h"

enum { BAD = -999 };

static const struct { const char *in; int64_t time; int zone; } dates[] = {
	{ "Thu, 01 Jan 1970 00:00:00 +0000", 0, 0 },
	{ "Tue, 1 Sep 2026 10:00:00 +0200", 1788249600, 120 },
	{ "1 Sep 2026 10:00 +0200", 1788249600, 120 },
	{ "Tue, 01 Sep 2026 08:00:00 GMT", 1788249600, 0 },
	{ "Tue, 01 Sep 2026 08:00:00", 1788249600, 0 },
	{ "Tue, 01 Sep 2026 03:00:00 CDT", 1788249600, -300 },
	{ "Tue, 01 Sep 2026 10:00:00 +0200 (CEST)", 1788249600, 120 },
	{ " Tue,\r\n 1 (first) Sep 2026 10 : 00 : 00 +0200", 1788249600, 120 },
	{ "Tue Sep  1 08:00:00 2026", 1788249600, 0 },
	{ "Tue Sep  1 08:00:00 GMT 2026", 1788249600, 0 },
	{ "Tue Sep  1 10:00:00 2026 +0200", 1788249600, 120 },
	{ "01-Sep-26 08:00:00 GMT", 1788249600, 0 },
	{ "1 Jan 70 00:00:00 -0000", 0, 0 },
	{ "29 Feb 2024 00:00:00 +0000", 1709164800, 0 },
	{ "31 Dec 2016 23:59:60 +0000", 1483228800, 0 },
	{ "29 Feb 2023 00:00:00 +0000", BAD, 0 },
	{ "32 Jan 2023 00:00:00 +0000", BAD, 0 },
	{ "1 Foo 2023 00:00:00 +0000", BAD, 0 },
	{ "1 Jan 2023 24:00:00 +0000", BAD, 0 },
	{ "1 Jan 2023 00:60:00 +0000", BAD, 0 },
	{ "1 Jan 2023 00:00:00 +99999", BAD, 0 },
	{ "1 Jan 2023 00:00:00 +0060", BAD, 0 },
	{ "1 Jan 99999 00:00:00 +0000", BAD, 0 },
	{ "1 Jan 0000 00:00:00 +0000", BAD, 0 },
	{ "", BAD, 0 }, { "Tue,", BAD, 0 }, { "1", BAD, 0 }, { "1 Jan", BAD, 0 },
	{ "garbage", BAD, 0 }, { "(((", BAD, 0 },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(dates); i++) {
		struct date d = { BAD, 0 };
		enum rc rc = date_parse(slice_str(dates[i].in), &d);

		if ((rc == RC_OK) != (dates[i].time != BAD) || d.time != dates[i].time)
			fail_msg("\"%s\": rc %d time %lld", dates[i].in, rc, (long long)d.time);
		assert_int_equal(d.zone, dates[i].zone);
	}
}

static const struct { struct date d; const char *rfc, *imap, *asctime; } prints[] = {
	{ { 0, 0 }, "Thu, 01 Jan 1970 00:00:00 +0000", "01-Jan-1970 00:00:00 +0000",
	  "Thu Jan  1 00:00:00 1970" },
	{ { 1788249600, 120 }, "Tue, 01 Sep 2026 10:00:00 +0200", "01-Sep-2026 10:00:00 +0200",
	  "Tue Sep  1 10:00:00 2026" },
	{ { 1709164800, -210 }, "Wed, 28 Feb 2024 20:30:00 -0330", "28-Feb-2024 20:30:00 -0330",
	  "Wed Feb 28 20:30:00 2024" },
	{ { -1, 0 }, "Wed, 31 Dec 1969 23:59:59 +0000", "31-Dec-1969 23:59:59 +0000",
	  "Wed Dec 31 23:59:59 1969" },
};

static void test_print(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(prints); i++) {
		struct date d;
		struct buf b;

		buf_init(&b, 100);
		date_print(prints[i].d, NULL, &b);
		unit_slice_is(buf_slice(&b), prints[i].rfc, "RFC 5322");
		assert_int_equal(date_parse(buf_slice(&b), &d), RC_OK);
		assert_int_equal(d.time, prints[i].d.time);
		assert_int_equal(d.zone, prints[i].d.zone);
		buf_reset(&b);
		date_print_imap(prints[i].d, &b);
		unit_slice_is(buf_slice(&b), prints[i].imap, "IMAP");
		assert_int_equal(date_parse_imap(buf_slice(&b), &d), RC_OK);
		assert_int_equal(d.time, prints[i].d.time);
		buf_reset(&b);
		date_print_asctime(prints[i].d, &b);
		unit_slice_is(buf_slice(&b), prints[i].asctime, "asctime");
		buf_reset(&b);
		date_print(prints[i].d, "CEST", &b);
		assert_true(slice_ends(buf_slice(&b), SLICE_LIT(" (CEST)")));
		buf_done(&b);
	}
}

/* Every day of 800 years, both ways. */
static void test_days(void **state)
{
	int64_t day = date_days(1700, 1, 1);
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(date_days(1970, 1, 1), 0);
	for (; day < date_days(2500, 1, 1); day += 13) {
		int64_t again;

		buf_reset(&b);
		date_print_imap((struct date){ day * 86400, 0 }, &b);
		assert_int_equal(date_parse_imap_day(slice_sub(buf_slice(&b), 0, 11), &again),
				 RC_OK);
		assert_int_equal(again, day);
		assert_int_equal(date_day((struct date){ day * 86400 + 86399, 0 }), day);
	}
	buf_done(&b);
}

static void test_imap_strict(void **state)
{
	static const char *const bad[] = {
		"", "-Sep-2026 10:00:00 +0200", "  1-Sep-2026 10:00:00 +0200", "1",
		"01-Sep-2026 10:00:00 0200",
		"01-Sep-2026 10:00:00 +020", "01/Sep/2026 10:00:00 +0200",
		"01-Xyz-2026 10:00:00 +0200", "01-Sep-2026 10:00:00 +0200 ",
		"32-Sep-2026 10:00:00 +0200", "01-Sep-2026 25:00:00 +0200",
		"01-Sep-2026T10:00:00 +0200",
	};
	struct date d;
	int64_t day;

	(void)state;
	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(date_parse_imap(slice_str(bad[i]), &d), RC_SYNTAX);
	assert_int_equal(date_parse_imap(SLICE_LIT(" 1-Sep-2026 10:00:00 +0200"), &d), RC_OK);
	assert_int_equal(d.time, 1788249600);
	assert_int_equal(date_parse_imap(SLICE_LIT("1-Sep-2026 10:00:00 +0200"), &d), RC_OK);
	assert_int_equal(d.time, 1788249600);
	assert_int_equal(date_parse_imap_day(SLICE_LIT("1-Feb-1994"), &day), RC_OK);
	assert_int_equal(day, date_days(1994, 2, 1));
	assert_int_equal(date_parse_imap_day(SLICE_LIT(" 1-Feb-1994"), &day), RC_SYNTAX);
	assert_int_equal(date_parse_imap_day(SLICE_LIT("1-Feb-94"), &day), RC_SYNTAX);
	assert_int_equal(date_parse_imap_day(SLICE_LIT("30-Feb-1994"), &day), RC_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse), cmocka_unit_test(test_print),
		cmocka_unit_test(test_days), cmocka_unit_test(test_imap_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
