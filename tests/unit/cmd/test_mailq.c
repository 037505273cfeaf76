/* What Debian's Postfix 3.7 printed for the same queue. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <time.h>

#include "tests/unit/unit.h"

#include "cmd/mailq.h"

#define REFUSED "connect to 127.0.0.1[127.0.0.1]:23999: Connection refused"

static const char text_of_two[] =
	"-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n"
	"346FBA92203     471 Sun Nov 22 01:36:05  MAILER-DAEMON\n"
	"                   (" REFUSED ")\n"
	"                                         dave@example.org\n"
	"\n"
	"33B24A92202!     299 Sun Nov 22 01:36:05  alice@example.com\n"
	"                   (" REFUSED ")\n"
	"                                         bob@example.org\n"
	"                                         carol@example.org\n"
	"\n"
	"-- 0 Kbytes in 2 Requests.\n";

static const char json_of_two[] =
	"{\"queue_name\": \"deferred\", \"queue_id\": \"346FBA92203\", \"arrival_time\": 1795311365, "
	"\"message_size\": 471, \"forced_expire\": false, \"sender\": \"MAILER-DAEMON\", "
	"\"recipients\": [{\"address\": \"dave@example.org\", \"delay_reason\": \"" REFUSED "\"}]}\n"
	"{\"queue_name\": \"hold\", \"queue_id\": \"33B24A92202\", \"arrival_time\": 1795311365, "
	"\"message_size\": 299, \"forced_expire\": false, \"sender\": \"alice@example.com\", "
	"\"recipients\": [{\"address\": \"bob@example.org\", \"delay_reason\": \"" REFUSED "\"}, "
	"{\"address\": \"carol@example.org\", \"delay_reason\": \"" REFUSED "\"}]}\n";

static void put_two(struct mailq *m)
{
	struct slice none = { 0 }, why = SLICE_LIT(REFUSED);

	mailq_message(m, SLICE_LIT("deferred"), SLICE_LIT("346FBA92203"), 1795311365, 471, none);
	mailq_rcpt(m, SLICE_LIT("dave@example.org"), none, why);
	mailq_message(m, SLICE_LIT("hold"), SLICE_LIT("33B24A92202"), 1795311365, 299,
		      SLICE_LIT("alice@example.com"));
	mailq_rcpt(m, SLICE_LIT("bob@example.org"), none, why);
	mailq_rcpt(m, SLICE_LIT("carol@example.org"), none, why);
	mailq_end(m);
}

static void test_as_postfix(void **state)
{
	struct mailq m;
	struct buf b;

	(void)state;
	for (int json = 0; json < 2; json++) {
		buf_init(&b, 10000);
		mailq_init(&m, json, false, "MAILER-DAEMON", &b);
		put_two(&m);
		assert_string_equal(buf_cstr(&b), json ? json_of_two : text_of_two);
		mailq_done(&m);
		buf_done(&b);
	}
}

static void test_empty(void **state)
{
	struct mailq m;
	struct buf b;

	(void)state;
	for (int json = 0; json < 2; json++) {
		buf_init(&b, 1000);
		mailq_init(&m, json, false, "MAILER-DAEMON", &b);
		mailq_end(&m);
		assert_string_equal(buf_cstr(&b), json ? "" : "Mail queue is empty\n");
		mailq_done(&m);
		buf_done(&b);
	}
}

/* Reasons that change, that come back with the next message, and that are too long to align. */
static void test_reasons_and_long_ids(void **state)
{
	char longer[101];
	struct slice none = { 0 }, why = SLICE_LIT("why");
	struct mailq m;
	struct buf b;

	(void)state;
	memset(longer, 'x', 100);
	longer[100] = '\0';
	buf_init(&b, 10000);
	mailq_init(&m, false, true, "MAILER-DAEMON", &b);
	mailq_message(&m, SLICE_LIT("active"), SLICE_LIT("4bFgMc0xZ5z2Pq"), 1795311365, 5,
		      SLICE_LIT("a@x"));
	mailq_rcpt(&m, SLICE_LIT("r1@y"), none, none);
	mailq_rcpt(&m, SLICE_LIT("r2@y"), none, why);
	mailq_rcpt(&m, SLICE_LIT("r3@y"), none, why);
	mailq_rcpt(&m, SLICE_LIT("r4@y"), none, slice_str(longer));
	mailq_message(&m, SLICE_LIT("deferred"), SLICE_LIT("4bFgMc0xZ6z2Pq"), 1795311365, 2048,
		      SLICE_LIT("a@x"));
	mailq_rcpt(&m, SLICE_LIT("r5@y"), none, slice_str(longer));
	mailq_end(&m);
	assert_non_null(strstr(buf_cstr(&b), "----Queue ID----- --Size-- ---Arrival Time---- "
					     "--Sender/Recipient------\n"
					     "4bFgMc0xZ5z2Pq*          5 Sun Nov 22 01:36:05 a@x\n"));
	assert_non_null(strstr(buf_cstr(&b), "(why)\n"));
	assert_null(strstr(strstr(buf_cstr(&b), "(why)") + 1, "(why)"));
	assert_non_null(strstr(buf_cstr(&b), "r3@y\n(xxx"));
	assert_non_null(strstr(strstr(buf_cstr(&b), "(xxx") + 1, "(xxx"));
	assert_non_null(strstr(buf_cstr(&b), "\n-- 2 Kbytes in 2 Requests.\n"));
	mailq_done(&m);
	buf_done(&b);
}

static void test_hostile_text(void **state)
{
	struct mailq m;
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	mailq_init(&m, false, false, "MAILER-DAEMON", &b);
	mailq_message(&m, SLICE_LIT("active"), SLICE_LIT("33B24A92202"), 0, 1,
		      SLICE_LIT("a\x1b[2J@x"));
	mailq_rcpt(&m, SLICE_LIT("b\xff@y"), (struct slice){ 0 }, SLICE_LIT("\nfake line"));
	assert_non_null(strstr(buf_cstr(&b), "a?[2J@x\n"));
	assert_non_null(strstr(buf_cstr(&b), "(?fake line)\n"));
	assert_non_null(strstr(buf_cstr(&b), "b?@y\n"));
	mailq_done(&m);
	buf_reset(&b);
	mailq_init(&m, true, false, "MAILER-DAEMON", &b);
	mailq_message(&m, SLICE_LIT("active"), SLICE_LIT("33B24A92202"), 0, 1,
		      SLICE_LIT("a\"b\\c\n\x01\xc3\xbc@x"));
	mailq_rcpt(&m, SLICE_LIT("b@y"), SLICE_LIT("old@y"), (struct slice){ 0 });
	mailq_end(&m);
	assert_non_null(strstr(buf_cstr(&b), "\"sender\": \"a\\\"b\\\\c\\n\\u0001\xc3\xbc@x\""));
	assert_non_null(strstr(buf_cstr(&b),
			       "{\"orig_address\": \"old@y\", \"address\": \"b@y\"}]}\n"));
	mailq_done(&m);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_postfix), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_reasons_and_long_ids), cmocka_unit_test(test_hostile_text),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("mailq", tests, NULL, NULL);
}
