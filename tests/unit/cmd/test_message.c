/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "cmd/message.h"
#include "lib/queue/submission.h"

static const struct {
	const char *in, *want, *rcpts;
	bool dot_ends, extract, fix;
} cases[] = {
	{ "Subject: a\n\nx\n.\nrest\n", "Subject: a\n\nx\n", "", true, false, true },
	{ "Subject: a\n\nx\n.\nrest\n", "Subject: a\n\nx\n.\nrest\n", "", false, false, true },
	{ "Subject: a\r\n\r\nx\r\n.\r\nrest\r\n", "Subject: a\n\nx\n", "", true, false, true },
	{ "Subject: a\r\n\r\nx\r\n", "Subject: a\r\n\r\nx\r\n", "", true, false, false },
	{ "Subject: a\n\nno end", "Subject: a\n\nno end\n", "", true, false, true },
	{ "a\n..\n. \n.", "a\n..\n. \n", "", true, false, true },
	{ "To: a@x, B <b@y>\nBcc: c@z\nCc: d\n\nTo: e@w\n", "To: a@x, B <b@y>\nCc: d\n\nTo: e@w\n",
	  "a@x b@y c@z d ", true, true, true },
	{ "To: a@x\nResent-To: r@x\nResent-Bcc: s@x\n\n", "To: a@x\nResent-To: r@x\n\n",
	  "r@x s@x ", true, true, true },
	{ "To: undisclosed: ;\nReturn-Path: <x>\nSubject: y\n\nb",
	  "To: undisclosed: ;\nSubject: y\n\nb\n", "", true, true, true },
	{ "To: g: a@x,\n b@y;, c@z\n\n", "To: g: a@x,\n b@y;, c@z\n\n",
	  "a@x b@y c@z ", true, true, true },
	{ "no header at all\n", "no header at all\n", "", true, true, true },
	{ "", "", "", true, true, true }, { ".", "", "", true, false, true },
};

static void run(size_t i, size_t step)
{
	struct slice in = slice_str(cases[i].in);
	struct message m;
	struct arena a;
	struct buf out, rcpts;

	arena_init(&a, 1 << 20);
	message_init(&m, &a);
	buf_init(&out, 10000);
	buf_init(&rcpts, 10000);
	m.dot_ends = cases[i].dot_ends;
	m.extract = cases[i].extract;
	m.fix_line_ends = cases[i].fix;
	while (in.n > 0 && message_feed(&m, slice_sub(in, 0, step), &out) == RC_OK)
		in = slice_skip(in, step);
	message_finish(&m, &out);
	for (const struct message_rcpt *r = message_first_rcpt(&m); r != NULL;
	     r = message_next_rcpt(&m, r))
		buf_addf(&rcpts, "%.*s ", SLICE_ARG(r->address));
	unit_slice_is(buf_slice(&out), cases[i].want, cases[i].in);
	unit_slice_is(buf_slice(&rcpts), cases[i].rcpts, cases[i].in);
	buf_done(&out);
	buf_done(&rcpts);
	message_done(&m);
	arena_done(&a);
}

static void test_messages_however_they_come(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		for (size_t step = 1; step < 12; step += step == 1 ? 1 : 3)
			run(i, step);
	for (size_t i = 0; i < N_OF(cases); i++)
		run(i, 1000);
}

static void test_submission_round_trip(void **state)
{
	struct queue_rcpt rcpt = { .address = { "a@x", 3 }, .mark = QUEUE_MARK_TODO };
	struct queue_envelope e = { .rcpts = &rcpt, .n_rcpts = 1, .sender = { "s", 1 } };
	struct buf out, content;
	struct submission s;
	struct slice piece, all;
	enum rc rc;

	(void)state;
	buf_init(&out, 100000);
	buf_init(&content, 1000);
	assert_int_equal(submission_begin(&e, &out, NULL), RC_OK);
	submission_chunk(SLICE_LIT("hello "), &out);
	submission_chunk(SLICE_LIT(""), &out);
	submission_chunk(SLICE_LIT("world"), &out);
	submission_end(&out);
	all = buf_slice(&out);
	for (size_t cut = 0; cut <= all.n; cut++) {
		submission_init(&s);
		buf_reset(&content);
		rc = RC_MORE;
		for (size_t i = 0; i < cut && rc != RC_END; i++) {
			buf_add(&s.in, slice_sub(all, i, 1));
			while ((rc = submission_next(&s, &piece)) == RC_OK)
				buf_add(&content, piece);
			assert_true(rc == RC_MORE || rc == RC_END);
		}
		assert_int_equal(rc == RC_END, cut == all.n);
		submission_done(&s);
	}
	unit_slice_is(buf_slice(&content), "hello world", "content");
	buf_addc(&out, 'x');
	submission_init(&s);
	buf_add(&s.in, buf_slice(&out));
	while ((rc = submission_next(&s, &piece)) == RC_OK)
		;
	assert_int_equal(rc, RC_SYNTAX);
	submission_done(&s);
	buf_done(&out);
	buf_done(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_however_they_come),
		cmocka_unit_test(test_submission_round_trip),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
