/* tests/unit/smtp/test_intake.c - headers of incoming messages, in any pieces. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/smtp/intake.h"
#include "tests/unit/unit.h"

static const struct {
	bool completes;
	const char *in, *out;
	unsigned hops;
	const char *id;
} cases[] = {
	{ false, "Subject: a\n\nbody\n", "R: x\nSubject: a\n\nbody\n", 0, "" },
	{ false, "", "R: x\n", 0, "" },
	{ false, "\nbody\n", "R: x\n\nbody\n", 0, "" },
	{ false, "\n", "R: x\n\n", 0, "" },
	{ false, "Subject: a\n", "R: x\nSubject: a\n", 0, "" },
	{ false, "no header\nbody\n", "R: x\n\nno header\nbody\n", 0, "" },
	{ false, " body\n", "R: x\n\n body\n", 0, "" },
	{ false, "A: b\nnonheader: \n\n", "R: x\nA: b\nnonheader: \n\n", 0, "" },
	{ false, "A: b\nnon header\nc\n", "R: x\nA: b\n\nnon header\nc\n", 0, "" },
	{ false, "Received: a\nA: b\nreceived: c\n\td\n\nReceived: e\n",
	  "R: x\nReceived: a\nA: b\nreceived: c\n\td\n\nReceived: e\n", 2, "" },
	{ false, "Message-ID: <a@b>\nmessage-id: <c>\n\n",
	  "R: x\nMessage-ID: <a@b>\nmessage-id: <c>\n\n", 0, "<a@b>" },
	{ false, "Message-Id:\n <a@b>\n\n", "R: x\nMessage-Id:\n <a@b>\n\n", 0, "<a@b>" },
	{ false, "Bcc: a@b,\n c@d\nX: y\nBCC: z\n\nBcc: e\n", "R: x\nX: y\n\nBcc: e\n", 0, "" },
	{ false, "From me Mon\nA: b\n\n", "R: x\nX-Mailbox-Line: From me Mon\nA: b\n\n", 0, "" },
	{ false, ">From me\n>>From you\nFrom: a\n\nFrom x\n",
	  "R: x\nX-Mailbox-Line: >From me\nX-Mailbox-Line: >>From you\nFrom: a\n\nFrom x\n", 0, "" },
	{ false, "From: a@b\nTo: c\n\n", "R: x\nFrom: a@b\nTo: c\n\n", 0, "" },
	{ true, "Subject: a\n\nb\n",
	  "R: x\nSubject: a\nMessage-Id: <new>\nDate: now\nFrom: me@x\n\nb\n", 0, "<new>" },
	{ true, "Message-Id: <o>\nDate: d\nFrom: f\n\nb\n",
	  "R: x\nMessage-Id: <o>\nDate: d\nFrom: f\n\nb\n", 0, "<o>" },
	{ true, "Resent-To: a\nFrom: f\n\nb\n",
	  "R: x\nResent-To: [a]\nFrom: f\nResent-Message-Id: <new>\nResent-Date: now\n"
	  "Resent-From: me@x\n\nb\n", 0, "" },
	{ true, "To: a\n", "R: x\nTo: [a]\nMessage-Id: <new>\nDate: now\nFrom: me@x\n", 0, "<new>" },
	{ true, "From: a\nReply-To: a\nResent-Bcc: a\nTo: a\n\n",
	  "R: x\nFrom: {a}\nReply-To: {a}\nResent-Bcc: [a]\nTo: [a]\nResent-Message-Id: <new>\n"
	  "Resent-Date: now\nResent-From: me@x\n\n", 0, "" },
	{ true, "To: a,\n b\nCc: a\n\n",
	  "R: x\nTo: a,\n b\nCc: [a]\nMessage-Id: <new>\nDate: now\nFrom: me@x\n\n", 0, "<new>" },
	{ true, "From: ?\nDate: d\nMessage-Id: i\n",
	  "R: x\nFrom: ?\nDate: d\nMessage-Id: i\n", 0, "i" },
	{ false, "Message-Id: <a\n\tb\x01@c>\n\n", "R: x\nMessage-Id: <a\n\tb\x01@c>\n\n", 0,
	  "<a b?@c>" },
	{ true, "Message-Id:\nDate: d\nFrom: f\n", "R: x\nMessage-Id:\nDate: d\nFrom: f\n", 0, "" },
	{ true, "", "R: x\nMessage-Id: <new>\nDate: now\nFrom: me@x\n", 0, "<new>" },
};

/* Only the address "a" is not in standard form here; about "?" nothing is known yet. */
static enum rc rewrite(void *ctx, bool is_sender, struct slice value, struct buf *out)
{
	(void)ctx;
	if (slice_is(value, "?"))
		return RC_MORE;
	if (!slice_is(value, "a"))
		return RC_END;
	buf_adds(out, is_sender ? "{a}" : "[a]");
	return RC_OK;
}

static void run_case(size_t i, size_t piece)
{
	const struct slice drop[] = { SLICE_LIT("bcc"), SLICE_LIT("return-path") };
	struct smtp_intake_conf conf = {
		.received = SLICE_LIT("R: x\n"), .drop = drop, .n_drop = 2, .field_max = 1000,
		.completes = cases[i].completes, .message_id = SLICE_LIT("<new>"),
		.date = SLICE_LIT("now"), .from = SLICE_LIT("me@x"),
		.rewrite = cases[i].completes ? rewrite : NULL,
	};
	struct slice in = slice_str(cases[i].in);
	struct smtp_intake intake;
	struct buf out;

	buf_init(&out, 100000);
	smtp_intake_init(&intake, &conf);
	while (in.n > 0) {
		size_t n = piece < in.n ? piece : in.n;
		char *copy = malloc(n);

		smtp_intake_feed(&intake, slice_make(memcpy(copy, in.p, n), n), &out);
		free(copy);
		in = slice_skip(in, n);
	}
	smtp_intake_finish(&intake, &out);
	unit_slice_is(buf_slice(&out), cases[i].out, cases[i].in);
	assert_int_equal(intake.hops, cases[i].hops);
	assert_string_equal(intake.message_id, cases[i].id);
	assert_int_equal(intake.is_later, strchr(cases[i].in, '?') != NULL);
	smtp_intake_done(&intake);
	buf_done(&out);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		for (size_t piece = 1; piece < 100; piece++)
			run_case(i, piece);
}

/* A field over the limit is cut; what follows it is not lost. */
static void test_long_field(void **state)
{
	struct smtp_intake_conf conf = { .field_max = 100 };
	struct smtp_intake intake;
	struct buf in, out;

	(void)state;
	buf_init(&in, 100000);
	buf_init(&out, 100000);
	buf_adds(&in, "X: ");
	for (int k = 0; k < 5000; k++)
		buf_addc(&in, 'x');
	buf_adds(&in, "\nY: z\n\nbody\n");
	smtp_intake_init(&intake, &conf);
	smtp_intake_feed(&intake, buf_slice(&in), &out);
	smtp_intake_finish(&intake, &out);
	assert_true(slice_ends(buf_slice(&out), SLICE_LIT("xx\nY: z\n\nbody\n")));
	assert_true(buf_len(&out) < 200);
	smtp_intake_done(&intake);
	buf_done(&in);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
