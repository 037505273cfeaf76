/* SPDX-License-Identifier: ISC */
#include "tests/unit/qmgr/world.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "qmgr/limits.h"

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

static void test_sent(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");

	(void)state;
	assert_int_equal(w.n_asked, 1);
	world_agent(&w, 10);
	assert_int_equal(w.n_seen, 1);
	assert_string_equal(w.seen[0].id, id.s);
	assert_string_equal(w.seen[0].to, "b@y");
	assert_string_equal(w.seen[0].nexthop, "y");
	assert_true(world_exists(&w, QUEUE_ACTIVE, &id));
	world_answer(&w, 0, 1, "2.0.0", "delivered");
	assert_false(world_exists(&w, QUEUE_ACTIVE, &id));
	assert_int_equal(hash_count(&w.q.active), 0);
	assert_int_equal(w.q.n_rcpts, 0);
	assert_int_equal(w.n_reports, 0);
}

/* One of two is deferred: the other is marked, and only the deferred one is tried again. */
static void test_deferred(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_INCOMING, "a@x", "b@y c@y");
	int fd;

	(void)state;
	/* what another message with this id left behind */
	assert_int_equal(queue_create(&w.spool, QUEUE_DEFER, &id, &fd, NULL), RC_OK);
	assert_int_equal(write(fd, "offset=1\nreason=old\n\n", 22), 22);
	close(fd);
	world_agent(&w, 10);
	assert_int_equal(w.n_seen, 2);
	assert_int_equal(w.seen[0].request, w.seen[1].request);
	world_answer(&w, 0, 1, "2.0.0", "delivered");
	assert_string_equal(world_marks(&w, QUEUE_ACTIVE, &id), "D-");
	world_answer(&w, 1, 2, "4.2.2", "mailbox full");
	assert_false(world_exists(&w, QUEUE_ACTIVE, &id));
	assert_string_equal(world_marks(&w, QUEUE_DEFERRED, &id), "D-");
	world_tool(&w, MAY_LIST);
	world_list(&w);
	assert_string_equal(w.heard, "deferred:<a@x> c@y(mailbox full).");
	world_advance(&w, 299);
	assert_int_equal(w.n_seen, 2);
	world_advance(&w, 2);
	assert_int_equal(w.n_seen, 3);
	assert_string_equal(w.seen[2].to, "c@y");
	/* back-off grows with age: 301 s old waits 301 s, 602 s old 602 s */
	world_answer(&w, 2, 2, "4.2.2", "mailbox full");
	world_advance(&w, 299);
	assert_int_equal(w.n_seen, 3);
	world_advance(&w, 3);
	assert_int_equal(w.n_seen, 4);
	world_answer(&w, 3, 1, "2.0.0", "delivered");
	assert_int_equal(world_count(&w, QUEUE_DEFERRED) + world_count(&w, QUEUE_ACTIVE) +
			 world_count(&w, QUEUE_DEFER), 0);
}

/* A bounced recipient is done only when its report is durable. */
static void test_bounced(void **state)
{
	struct queue_id id;

	(void)state;
	world_bounce(&w);
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y c@y");
	world_agent(&w, 10);
	world_answer(&w, 0, 3, "5.1.1", "unknown user");
	assert_int_equal(w.n_reports, 0);
	world_answer(&w, 1, 1, "2.0.0", "delivered");
	assert_int_equal(w.n_reports, 1);
	assert_int_equal(w.reports[0].kind, REPORT_FAILED);
	assert_string_equal(w.reports[0].text, "b@y 5.1.1 failed unknown user;");
	assert_string_equal(world_marks(&w, QUEUE_ACTIVE, &id), "-D");
	world_reported(&w, 0, false);
	assert_string_equal(world_marks(&w, QUEUE_DEFERRED, &id), "-D");
	world_advance(&w, 301);
	assert_int_equal(w.n_seen, 3);
	world_answer(&w, 2, 3, "5.1.1", "unknown user");
	world_reported(&w, 1, true);
	assert_int_equal(world_count(&w, QUEUE_DEFERRED) + world_count(&w, QUEUE_ACTIVE), 0);
}

/* soft_bounce: what failed for good is tried again, and no report is made; an address that is only
 * verified is still said to fail. */
static void test_soft_bounce(void **state)
{
	struct queue_id id;

	(void)state;
	world_bounce(&w);
	w.q.policy.soft_bounce = true;
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y c@error");
	world_agent(&w, 10);
	world_answer(&w, 0, 3, "5.1.1", "unknown user");
	assert_int_equal(w.n_reports, 0);
	assert_string_equal(world_marks(&w, QUEUE_DEFERRED, &id), "--");
	world_advance(&w, 301);
	assert_int_equal(w.n_seen, 2);
	world_answer(&w, 1, 1, "2.0.0", "delivered");
	assert_string_equal(world_marks(&w, QUEUE_DEFERRED, &id), "D-");
}

static void test_bounce_comes_late(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");

	(void)state;
	world_agent(&w, 10);
	world_answer(&w, 0, 3, "5.1.1", "unknown user");
	assert_int_equal(w.n_reports, 0);
	assert_int_equal(w.n_asked_bounce, 1);
	world_bounce(&w);
	assert_int_equal(w.n_reports, 1);
	ipc_chan_done(&w.bounce_far);	/* it dies with the request in hand, and comes again */
	world_settle(&w);
	assert_true(world_exists(&w, QUEUE_ACTIVE, &id));
	world_bounce(&w);
	assert_int_equal(w.n_reports, 2);
	world_reported(&w, 1, true);
	assert_false(world_exists(&w, QUEUE_ACTIVE, &id));
	/* and one that does not come at all */
	ipc_chan_done(&w.bounce_far);
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", "c@y");
	world_answer(&w, 1, 3, "5.1.1", "unknown user");
	world_advance(&w, 31);
	assert_string_equal(world_marks(&w, QUEUE_DEFERRED, &id), "-");
}

static void test_success_notice(void **state)
{
	struct queue_id id;

	(void)state;
	world_bounce(&w);
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", "!b@y c@y");
	world_agent(&w, 10);
	world_answer(&w, 0, 1, "2.1.5", "250 ok");
	assert_string_equal(world_marks(&w, QUEUE_ACTIVE, &id), "d-");
	world_answer(&w, 1, 2, "4.0.0", "later");
	assert_int_equal(w.n_reports, 1);
	assert_int_equal(w.reports[0].kind, REPORT_SUCCESS);
	assert_string_equal(w.reports[0].text, "b@y 2.1.5 delivered 250 ok;");
	/* killed before the answer: the notice is still owed, the mail is not sent again */
	world_restart(&w);
	world_bounce(&w);
	world_agent(&w, 10);
	assert_int_equal(w.n_seen, 1);
	assert_string_equal(w.seen[0].to, "c@y");
	world_answer(&w, 0, 1, "2.0.0", "delivered");
	assert_int_equal(w.n_reports, 1);
	assert_string_equal(w.reports[0].text, "b@y 2.0.0 delivered delivered;");
	world_reported(&w, 0, true);
	assert_false(world_exists(&w, QUEUE_ACTIVE, &id));
}

static void test_agent_breaks(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y c@y");

	(void)state;
	world_agent(&w, 10);
	world_answer(&w, 0, 1, "2.0.0", "delivered");
	world_agent_dies(&w);
	assert_true(world_exists(&w, QUEUE_ACTIVE, &id));
	world_agent(&w, 10);
	assert_int_equal(w.n_seen, 3);
	assert_string_equal(w.seen[2].to, "c@y");
	world_agent_dies(&w);	/* the second agent that it killed: enough for this round */
	assert_string_equal(world_marks(&w, QUEUE_DEFERRED, &id), "D-");
}

static void test_no_agent(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y"), id2;

	(void)state;
	world_advance(&w, 4);
	assert_true(world_exists(&w, QUEUE_ACTIVE, &id));
	world_advance(&w, 2);
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id));
	/* while the transport is dead, others are deferred at once */
	id2 = world_mail(&w, QUEUE_ACTIVE, "a@x", "c@z");
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id2));
	world_agent(&w, 10);
	id2 = world_mail(&w, QUEUE_ACTIVE, "a@x", "d@z");
	assert_int_equal(w.n_seen, 1);
}

static void test_dead_destination(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y"), id2;

	(void)state;
	world_agent(&w, 100);
	world_answer(&w, 0, 2, "4.4.1", "!connect to y: refused");
	/* windows of 5, 3, 2: a fifth, a third, a half of a cohort failed, more than one in all */
	for (size_t i = 1; i < 3; i++) {
		world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");
		assert_int_equal(w.n_seen, i + 1);
		world_answer(&w, i, 2, "4.4.1", "!connect to y: refused");
	}
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id));
	id2 = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id2));
	world_tool(&w, MAY_LIST | MAY_FLUSH);
	world_list(&w);
	assert_non_null(strstr(w.heard, "(delivery temporarily suspended: !connect to y: refused)"));
	ipc_chan_done(&w.tool);
	world_mail(&w, QUEUE_ACTIVE, "a@x", "b@other");
	assert_int_equal(w.n_seen, 4);
	world_tool(&w, MAY_LIST | MAY_FLUSH);
	world_do(&w, "flush", "", "");
	assert_string_equal(w.heard, "4");
	assert_int_equal(w.n_seen, 4 + 4);
}

static void test_concurrency(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++)
		world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");
	world_agent(&w, 1000);
	assert_int_equal(w.n_seen, 5);
	for (size_t i = 0; i < 40; i++) {
		size_t out;

		world_answer(&w, i, 1, "2.0.0", "delivered");
		out = w.n_seen - i - 1;
		if (out > 20)
			fail_msg("%zu at once", out);
	}
	assert_int_equal(w.n_seen, 40);
	assert_int_equal(world_count(&w, QUEUE_ACTIVE), 0);
}

static void test_credit(void **state)
{
	(void)state;
	for (int i = 0; i < 9; i++)
		world_mail(&w, QUEUE_ACTIVE, "a@x", i % 2 == 0 ? "b@y" : "b@z");
	world_agent(&w, 3);
	assert_int_equal(w.n_seen, 3);
	world_answer(&w, 0, 1, "2.0.0", "delivered");
	assert_int_equal(w.n_seen, 4);
}

/* A list of many recipients does not hold up a message that comes after it. */
static void test_fairness(void **state)
{
	static char to[30000];
	size_t n = 0, at = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		n += (size_t)snprintf(to + n, sizeof(to) - n, "u%d@y ", i);
	world_mail(&w, QUEUE_ACTIVE, "list@x", to);
	world_mail(&w, QUEUE_ACTIVE, "a@x", "late@y");
	w.limits.concurrency = 0;
	world_agent(&w, 2);
	assert_int_equal(w.n_seen, 51);	/* 50 of the list, then the other message */
	for (at = 0; at < w.n_seen && strcmp(w.seen[at].to, "late@y") != 0; at++)
		;
	assert_int_equal(at, 50);
}

/* Nor where each of them is a destination; and small messages do not hold up the list. */
static void test_fairness_among_users(void **state)
{
	static char to[8000];
	size_t n = 0, few = 0;

	(void)state;
	w.limits = (struct transport_limits){ .recipients = 1 };
	for (int i = 0; i < 1000; i++)
		n += (size_t)snprintf(to + n, sizeof(to) - n, "u%d@y ", i);
	world_mail(&w, QUEUE_ACTIVE, "list@x", to);
	world_mail(&w, QUEUE_ACTIVE, "a@x", "one@y two@y u999@y");
	world_agent(&w, 6);
	assert_int_equal(w.n_seen, 6);
	for (size_t i = 0; i < w.n_seen; i++)
		few += strcmp(w.seen[i].to, "one@y") == 0 || strcmp(w.seen[i].to, "two@y") == 0 ||
		       strcmp(w.seen[i].to, "u999@y") == 0;
	assert_int_equal(few, 3);
}

/* Where one request takes one recipient, concurrency is counted per recipient. */
static void test_per_recipient(void **state)
{
	(void)state;
	w.limits = (struct transport_limits){ .concurrency = 2, .initial_concurrency = 2,
					      .recipients = 1, .failed_cohorts = 1 };
	for (int i = 0; i < 3; i++) {
		world_mail(&w, QUEUE_ACTIVE, "a@x", "busy@y");
		world_mail(&w, QUEUE_ACTIVE, "a@x", i == 0 ? "b@y" : i == 1 ? "c@y" : "d@y");
	}
	world_agent(&w, 100);
	assert_int_equal(w.n_seen, 5);
}

/* A user who holds up his own mail has no more places for having many addresses. */
static void test_per_recipient_is_per_user(void **state)
{
	(void)state;
	w.limits = (struct transport_limits){ .concurrency = 2, .initial_concurrency = 2,
					      .recipients = 1, .failed_cohorts = 1 };
	world_mail(&w, QUEUE_ACTIVE, "a@x", "slow+1@y");
	world_mail(&w, QUEUE_ACTIVE, "a@x", "slow+2@y");
	world_mail(&w, QUEUE_ACTIVE, "a@x", "Slow+3@y");
	world_mail(&w, QUEUE_ACTIVE, "a@x", "SLOW+4@y");
	world_mail(&w, QUEUE_ACTIVE, "a@x", "other@y");
	world_agent(&w, 100);
	assert_int_equal(w.n_seen, 3);
}

static void test_rate_delay(void **state)
{
	(void)state;
	w.limits.destination_delay_ms = 10000;
	for (int i = 0; i < 3; i++)
		world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");
	world_agent(&w, 100);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(w.n_seen, i + 1);
		world_answer(&w, i, 1, "2.0.0", "delivered");
		world_advance(&w, 9);
		assert_int_equal(w.n_seen, i + 1);
		world_advance(&w, 2);
	}
	assert_int_equal(world_count(&w, QUEUE_ACTIVE), 0);
}

static void test_defer_transports(void **state)
{
	(void)state;
	w.limits.is_deferred = true;
	world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");
	assert_int_equal(world_count(&w, QUEUE_DEFERRED), 1);
	world_agent(&w, 10);
	world_advance(&w, 400);
	assert_int_equal(w.n_seen, 0);
	world_tool(&w, MAY_FLUSH);
	world_do(&w, "flush", "", "");
	assert_int_equal(w.n_seen, 1);
}

static void test_builtin(void **state)
{
	struct queue_id id;

	(void)state;
	world_bounce(&w);
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", "a@discard b@error c@retry d@bad e@later");
	assert_string_equal(world_marks(&w, QUEUE_ACTIVE, &id), "D----");
	assert_int_equal(w.n_reports, 1);
	assert_string_equal(w.reports[0].text,
			    "b@error 5.1.2 failed no such place;d@bad 5.4.6 failed loops;");
	world_reported(&w, 0, true);
	assert_string_equal(world_marks(&w, QUEUE_DEFERRED, &id), "DD-D-");
	world_tool(&w, MAY_LIST);
	world_list(&w);
	assert_string_equal(w.heard,
			    "deferred:<a@x> c@retry(as configured) e@later(table is broken).");
}

static void test_expired(void **state)
{
	struct queue_id id;

	(void)state;
	world_bounce(&w);
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@retry");
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id));
	world_advance(&w, 432001);
	assert_int_equal(w.n_reports, 1);
	assert_int_equal(w.reports[0].kind, REPORT_FAILED);
	assert_string_equal(w.reports[0].text, "b@retry 4.0.0 failed as configured;");
	world_reported(&w, 0, true);
	assert_int_equal(world_count(&w, QUEUE_ACTIVE) + world_count(&w, QUEUE_DEFERRED), 0);
	/* the null sender's mail has a shorter life */
	world_mail(&w, QUEUE_ACTIVE, "", "b@retry");
	world_advance(&w, 86401);
	assert_int_equal(w.n_reports, 2);
}

static void test_delay_warning(void **state)
{
	struct queue_id id;

	(void)state;
	w.q.policy.delay_warning_s = 3600;
	world_bounce(&w);
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@retry");
	world_advance(&w, 3700);
	assert_int_equal(w.n_reports, 1);
	assert_int_equal(w.reports[0].kind, REPORT_DELAYED);
	world_reported(&w, 0, true);
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id));
	world_advance(&w, 4000);
	world_restart(&w);
	world_bounce(&w);
	world_advance(&w, 4000);
	assert_int_equal(w.n_reports, 0);	/* once in a message's life */
}

static void damage(enum queue_name q, const struct queue_id *id, int64_t at)
{
	int fd;

	assert_int_equal(queue_open(&w.spool, q, id, O_RDWR, &fd, NULL), RC_OK);
	assert_int_equal(pwrite(fd, "!", 1, at), 1);
	close(fd);
}

/* The directories are the truth. */
static void test_start(void **state)
{
	struct queue_id active, incoming, deferred, hold, bad[3], unfinished, gone;
	int fd;

	(void)state;
	active = world_file(&w, QUEUE_ACTIVE, "a@x", "active@y");
	incoming = world_file(&w, QUEUE_INCOMING, "a@x", "incoming@y");
	deferred = world_file(&w, QUEUE_DEFERRED, "a@x", "deferred@y");
	assert_int_equal(queue_set_due(&w.spool, QUEUE_DEFERRED, &deferred, WORLD_START_S + 100,
				       NULL), RC_OK);
	hold = world_file(&w, QUEUE_HOLD, "a@x", "hold@y");
	bad[0] = world_file(&w, QUEUE_ACTIVE, "a@x", "bad@y");
	damage(QUEUE_ACTIVE, &bad[0], 3);	/* the content */
	bad[1] = world_file(&w, QUEUE_INCOMING, "a@x", "bad@y");
	damage(QUEUE_INCOMING, &bad[1], 60);	/* the envelope */
	bad[2] = world_file(&w, QUEUE_DEFERRED, "a@x", "bad@y");
	damage(QUEUE_DEFERRED, &bad[2], 60);
	assert_int_equal(queue_set_due(&w.spool, QUEUE_DEFERRED, &bad[2], WORLD_START_S, NULL),
			 RC_OK);
	queue_id_short(5, &unfinished);
	assert_int_equal(queue_create(&w.spool, QUEUE_ACTIVE, &unfinished, &fd, NULL), RC_OK);
	close(fd);
	queue_id_short(6, &gone);
	assert_int_equal(queue_create(&w.spool, QUEUE_DEFER, &gone, &fd, NULL), RC_OK);
	close(fd);
	assert_int_equal(queue_create(&w.spool, QUEUE_DEFER, &hold, &fd, NULL), RC_OK);
	close(fd);
	world_restart(&w);
	world_agent(&w, 100);
	assert_int_equal(w.n_seen, 2);
	assert_false(world_exists(&w, QUEUE_DEFER, &gone));
	assert_true(world_exists(&w, QUEUE_DEFER, &hold));
	assert_string_equal(w.seen[0].to, "active@y");
	assert_string_equal(w.seen[1].to, "incoming@y");
	assert_true(world_exists(&w, QUEUE_ACTIVE, &incoming));
	for (int i = 0; i < 3; i++)
		assert_true(world_exists(&w, QUEUE_CORRUPT, &bad[i]));
	assert_true(world_exists(&w, QUEUE_ACTIVE, &unfinished));
	world_advance(&w, 101);
	assert_int_equal(w.n_seen, 3);
	assert_string_equal(w.seen[2].to, "deferred@y");
	assert_true(world_exists(&w, QUEUE_HOLD, &hold) && world_exists(&w, QUEUE_ACTIVE, &active));
}

static void test_postfix_file(void **state)
{
	static const char text[] = "C_            521             624               1"
		"               0             521               0T\0211758000000 123456A";
	struct queue_id id;
	int fd;

	(void)state;
	queue_id_short(7, &id);
	assert_int_equal(queue_create(&w.spool, QUEUE_DEFERRED, &id, &fd, NULL), RC_OK);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	world_restart(&w);
	world_advance(&w, 400000000);
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id));
	assert_int_equal(world_count(&w, QUEUE_CORRUPT), 0);
}

/* What a dead cleanup committed and could not tell is found when the next one comes. */
static void test_intake_scans(void **state)
{
	(void)state;
	world_file(&w, QUEUE_ACTIVE, "a@x", "b@y");
	world_file(&w, QUEUE_INCOMING, "a@x", "c@y");
	world_settle(&w);
	assert_int_equal(hash_count(&w.q.active), 0);
	world_mail(&w, QUEUE_ACTIVE, "a@x", "d@y");
	assert_int_equal(hash_count(&w.q.active), 3);
	assert_true(w.credit >= 250);
}

/* What that scan found, and is done, does not begin again when cleanup tells of it late. */
static void test_late_news(void **state)
{
	struct queue_id id;
	char tail[4096];
	int fd;
	ssize_t n;

	(void)state;
	world_bounce(&w);
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@error");
	assert_int_equal(queue_open(&w.spool, QUEUE_ACTIVE, &id, O_RDONLY, &fd, NULL), RC_OK);
	n = pread(fd, tail, sizeof(tail), sizeof(WORLD_CONTENT) - 1);
	close(fd);
	world_reported(&w, 0, true);
	assert_false(world_exists(&w, QUEUE_ACTIVE, &id));
	qmgr_new_send(&w.tool, &(struct qmgr_new){ .queue_id = queue_id_slice(&id),
		.queue = QUEUE_ACTIVE, .tail = slice_make(tail, (size_t)n) });
	world_settle(&w);
	assert_true(ipc_chan_is_open(&w.tool));
	assert_int_equal(hash_count(&w.q.active), 0);
	assert_int_equal(world_count(&w, QUEUE_DEFER), 0);
}

static void test_active_limit(void **state)
{
	(void)state;
	w.q.policy.message_active_limit = 10;
	for (int i = 0; i < 20; i++)
		world_mail(&w, QUEUE_INCOMING, "a@x", "b@y");
	assert_int_equal(world_count(&w, QUEUE_ACTIVE), 10);
	assert_int_equal(world_count(&w, QUEUE_INCOMING), 10);
	world_agent(&w, 1);
	for (size_t i = 0; i < 20; i++)
		world_answer(&w, i, 1, "2.0.0", "delivered");
	assert_int_equal(world_count(&w, QUEUE_ACTIVE) + world_count(&w, QUEUE_INCOMING), 0);
}

static void test_same_id_twice(void **state)
{
	struct queue_id id = world_file(&w, QUEUE_DEFERRED, "old@x", "b@y"), id2;
	char from[128], to[128];

	(void)state;
	id2 = world_mail(&w, QUEUE_ACTIVE, "new@x", "c@retry");
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id2));
	/* one with the id of a deferred message: it gets another when it is deferred itself */
	world_restart(&w);
	id2 = world_file(&w, QUEUE_INCOMING, "new@x", "c@retry");
	snprintf(from, sizeof(from), "%s/incoming/%s", w.root, id2.s);
	snprintf(to, sizeof(to), "%s/active/%s", w.root, id.s);
	assert_int_equal(rename(from, to), 0);
	world_restart(&w);
	assert_true(world_exists(&w, QUEUE_DEFERRED, &id));
	assert_int_equal(world_count(&w, QUEUE_DEFERRED), 3);
	assert_int_equal(world_count(&w, QUEUE_ACTIVE), 0);
	assert_int_equal(hash_count(&w.q.active), 0);
}

/* An agent that answers what it was not asked, or twice, is dropped. */
static void test_agent_lies(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");

	(void)state;
	world_agent(&w, 10);
	deliver_result_send(&w.agent_far, &(struct deliver_result){
		.id = w.seen[0].request, .index = 1, .status = 1 });
	world_settle(&w);
	assert_false(ipc_chan_is_open(&w.agent_far));
	assert_string_equal(world_marks(&w, QUEUE_ACTIVE, &id), "-");
}

/* A reload: the old one lets go of what no agent has and locks the rest until it is answered. */
static void test_drain(void **state)
{
	struct queue_id busy = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y c@y"), idle;
	int fd;

	(void)state;
	world_agent(&w, 1);
	idle = world_mail(&w, QUEUE_ACTIVE, "a@x", "d@y");
	assert_int_equal(w.n_seen, 2);
	qmgr_drain(&w.q);
	world_settle(&w);
	assert_int_equal(hash_count(&w.q.active), 1);
	assert_true(world_exists(&w, QUEUE_ACTIVE, &idle));
	assert_int_equal(queue_open(&w.spool, QUEUE_ACTIVE, &busy, O_RDONLY, &fd, NULL), RC_OK);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	world_answer(&w, 0, 1, "2.0.0", "delivered");
	assert_int_equal(w.n_drained, 0);
	world_answer(&w, 1, 2, "4.0.0", "later");
	assert_true(w.n_drained > 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_string_equal(world_marks(&w, QUEUE_ACTIVE, &busy), "D-");
	/* while somebody holds the lock, the successor leaves that one alone and comes back */
	world_restart(&w);
	world_agent(&w, 10);
	assert_int_equal(w.n_seen, 1);
	assert_string_equal(w.seen[0].to, "d@y");
	close(fd);
	world_advance(&w, 6);
	assert_int_equal(w.n_seen, 2);
	assert_string_equal(w.seen[1].to, "c@y");
}

static void test_file_vanishes(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");

	(void)state;
	assert_int_equal(queue_remove(&w.spool, QUEUE_ACTIVE, &id, NULL), RC_OK);
	world_agent(&w, 10);
	assert_int_equal(w.n_seen, 0);
	assert_int_equal(hash_count(&w.q.active), 0);
	world_mail(&w, QUEUE_ACTIVE, "a@x", "c@y");
	assert_int_equal(w.n_seen, 1);
}

/* More recipients than one packet of the announcement takes: read from the file. */
static void test_many_recipients(void **state)
{
	static char to[40000];
	struct queue_id id;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 1500; i++)
		n += (size_t)snprintf(to + n, sizeof(to) - n, "user%d@y ", i);
	w.limits.concurrency = 0;
	id = world_mail(&w, QUEUE_ACTIVE, "a@x", to);
	world_agent(&w, 100);
	world_settle(&w);
	assert_int_equal(w.n_seen, 1500);
	for (size_t i = 0; i < 1500; i += 3)
		world_answer(&w, i, 1, "2.0.0", "delivered");
	assert_memory_equal(world_marks(&w, QUEUE_ACTIVE, &id), "D--D--D--", 9);
	world_restart(&w);
	world_agent(&w, 100);
	world_settle(&w);
	assert_int_equal(w.n_seen, 1000);
}

/* Values by transport, by default, and what is wrong with them. */
static void test_limits(void **state)
{
	static const char text[] =
		"slow_destination_concurrency_limit = 3\nslow_destination_rate_delay = 2s\n"
		"default_destination_recipient_limit = 7\n"
		"odd_initial_destination_concurrency = 0\n"
		"slow_destination_concurrency_positive_feedback = 1/concurrency\n";
	struct conf *conf = conf_new("/nowhere");
	struct transport_limits l;
	struct faults faults;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	faults_init(&faults, &a);
	conf_parse(conf, "main.cf", slice_str(text), &faults);
	limits_load(conf, &a, "slow", &l, &faults);
	assert_int_equal(faults.fatal_count, 0);
	assert_true(l.concurrency == 3 && l.initial_concurrency == 3 && l.recipients == 7);
	assert_true(l.destination_delay_ms == 2000 && l.positive.kind == FEEDBACK_LINEAR);
	limits_load(conf, &a, "local", &l, &faults);
	assert_true(l.concurrency == 2 && l.recipients == 1 && l.failed_cohorts == 1);
	limits_load(conf, &a, "retry", &l, &faults);
	assert_int_equal(l.builtin, BUILTIN_RETRY);
	assert_int_equal(faults.fatal_count, 0);
	limits_load(conf, &a, "odd", &l, &faults);
	assert_int_equal(faults.fatal_count, 1);
	assert_int_equal(l.initial_concurrency, 5);
	conf_free(&conf);
	arena_done(&a);
}

static void test_feedback(void **state)
{
	static const struct {
		const char *text;
		enum rc rc;
		double at_4;
	} cases[] = {
		{ "1", RC_OK, 1 }, { "0.25", RC_OK, 0.25 }, { "1/concurrency", RC_OK, 0.25 },
		{ "1/sqrt_concurrency", RC_OK, 0.5 }, { " 0.5 / concurrency ", RC_OK, 0.125 },
		{ "0", RC_OK, 0 }, { "", RC_SYNTAX, 0 }, { "x", RC_SYNTAX, 0 },
		{ "1/x", RC_SYNTAX, 0 }, { "1.1", RC_LIMIT, 0 }, { "-1", RC_SYNTAX, 0 },
		{ "nan", RC_SYNTAX, 0 }, { "/concurrency", RC_SYNTAX, 0 },
	};
	struct feedback f;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		enum rc rc = feedback_parse(slice_str(cases[i].text), &f);
		double off = rc == RC_OK ? feedback_value(&f, 4) - cases[i].at_4 : 0;

		if (rc != cases[i].rc || off > 1e-9 || off < -1e-9)
			fail_msg("\"%s\": %s, off by %g", cases[i].text, rc_name(rc), off);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_sent), T(test_deferred), T(test_bounced), T(test_soft_bounce),
		T(test_bounce_comes_late),
		T(test_success_notice), T(test_agent_breaks), T(test_no_agent),
		T(test_dead_destination), T(test_concurrency), T(test_credit), T(test_fairness),
		T(test_fairness_among_users),
		T(test_per_recipient), T(test_per_recipient_is_per_user), T(test_rate_delay),
		T(test_defer_transports),
		T(test_builtin), T(test_expired),
		T(test_delay_warning), T(test_start), T(test_postfix_file), T(test_intake_scans),
		T(test_late_news),
		T(test_active_limit), T(test_same_id_twice),
		T(test_agent_lies), T(test_drain),
		T(test_file_vanishes), T(test_many_recipients), cmocka_unit_test(test_feedback),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("qmgr", tests, NULL, NULL);
}
