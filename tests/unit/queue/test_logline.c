/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/queue/logline.h"

static void test_delay(void **state)
{
	static const struct {
		int64_t us;
		const char *want;
	} cases[] = {
		{ 0, "0" }, { -5, "0" }, { 4999, "0" }, { 5000, "0.01" }, { 34500, "0.03" },
		{ 100000, "0.1" }, { 345000, "0.35" }, { 994999, "0.99" }, { 996000, "1" },
		{ 1000000, "1" }, { 4240000, "4.2" }, { 9960000, "10" }, { 12400000, "12" },
		{ 12500000, "13" }, { 340000000, "340" }, { 432000000000ll, "432000" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < N_OF(cases); i++) {
		buf_reset(&b);
		delivery_delay_put(&b, cases[i].us);
		unit_slice_is(buf_slice(&b), cases[i].want, "delay");
	}
	buf_done(&b);
}

static void test_line(void **state)
{
	struct delivery_line l = {
		.to = SLICE_LIT("bob@example.org"), .orig_to = SLICE_LIT("Bob@example.org"),
		.relay = "local", .dsn = SLICE_LIT("2.0.0"), .status = "sent",
		.text = SLICE_LIT("delivered to maildir"),
		.times = { 1000000, 1100000, 1110000, 0, 1420000 },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	delivery_line_put(&b, &l);
	unit_slice_is(buf_slice(&b), "to=<bob@example.org>, relay=local, delay=0.42, "
		      "delays=0.1/0.01/0/0.31, dsn=2.0.0, status=sent (delivered to maildir)",
		      "same");
	buf_reset(&b);
	l.orig_to = SLICE_LIT("bobby");
	l.times = (struct delivery_times){ .arrived_us = 5, .done_us = 5 };
	delivery_line_put(&b, &l);
	unit_slice_is(buf_slice(&b), "to=<bob@example.org>, orig_to=<bobby>, relay=local, "
		      "delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)",
		      "other");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delay), cmocka_unit_test(test_line),
	};

	return cmocka_run_group_tests_name("delivery line", tests, NULL, NULL);
}
