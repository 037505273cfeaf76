/* SPDX-License-Identifier: ISC */
/* What the commands ask of qmgr: delete, hold, release, requeue, flush, list. */
#include "tests/unit/qmgr/world.h"

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

static void test_delete(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y"), held, late;

	(void)state;
	held = world_file(&w, QUEUE_HOLD, "a@x", "b@y");
	late = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@retry");
	world_agent(&w, 10);
	world_tool(&w, MAY_CHANGE);
	world_do(&w, "delete", id.s, "hold");
	assert_string_equal(w.heard, "0");
	world_do(&w, "delete", id.s, "");
	assert_string_equal(w.heard, "1");
	assert_false(world_exists(&w, QUEUE_ACTIVE, &id));
	world_answer(&w, 0, 2, "4.0.0", "later");	/* its agent was still busy */
	assert_int_equal(world_count(&w, QUEUE_DEFERRED), 1);
	world_do(&w, "delete", "ALL", "");
	assert_string_equal(w.heard, "2");
	assert_false(world_exists(&w, QUEUE_HOLD, &held) || world_exists(&w, QUEUE_DEFERRED, &late));
	assert_int_equal(hash_count(&w.q.active), 0);
	world_advance(&w, 100000);
	world_do(&w, "delete", "../x", "");
	assert_string_equal(w.heard, "0not a queue id");
	world_do(&w, "explode", "ALL", "");
	assert_string_equal(w.heard, "0unknown request");
}

static void test_hold_and_release(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y c@y");

	(void)state;
	world_agent(&w, 10);
	world_tool(&w, MAY_CHANGE | MAY_LIST);
	world_do(&w, "hold", id.s, "");
	assert_string_equal(w.heard, "1");
	assert_true(world_exists(&w, QUEUE_ACTIVE, &id));	/* an agent has it */
	world_answer(&w, 0, 1, "2.0.0", "delivered");
	world_answer(&w, 1, 2, "4.0.0", "later");
	assert_string_equal(world_marks(&w, QUEUE_HOLD, &id), "D-");
	world_advance(&w, 100000);
	assert_int_equal(w.n_seen, 2);
	world_list(&w);
	assert_string_equal(w.heard, "hold:<a@x> c@y().");
	world_do(&w, "release", id.s, "");
	assert_string_equal(w.heard, "1");
	assert_int_equal(w.n_seen, 3);
	assert_string_equal(w.seen[2].to, "c@y");
}

static void test_requeue(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@retry");

	(void)state;
	world_tool(&w, MAY_CHANGE);
	world_do(&w, "requeue", "ALL", "deferred");
	assert_string_equal(w.heard, "1");
	assert_true(world_exists(&w, QUEUE_MAILDROP, &id));
	assert_false(world_exists(&w, QUEUE_DEFER, &id));
	assert_int_equal(w.n_wakes, 1);
}

static void test_flush(void **state)
{
	struct queue_id id = world_mail(&w, QUEUE_ACTIVE, "a@x", "b@y");

	(void)state;
	world_agent(&w, 10);
	world_answer(&w, 0, 2, "4.0.0", "later");
	world_tool(&w, MAY_FLUSH);
	world_do(&w, "flush_id", "8045F68C3A1", "");
	assert_string_equal(w.heard, "0");
	world_do(&w, "flush_id", id.s, "");
	assert_string_equal(w.heard, "1");
	assert_int_equal(w.n_seen, 2);
	world_answer(&w, 1, 2, "4.0.0", "later");
	world_do(&w, "flush_site", "z", "");
	assert_string_equal(w.heard, "0");
	world_do(&w, "flush_site", "Y", "");
	assert_string_equal(w.heard, "1");
	assert_int_equal(w.n_seen, 3);
	world_do(&w, "delete", id.s, "");
	assert_string_equal(w.heard, "0not allowed");
	world_list(&w);
	assert_string_equal(w.heard, ".not allowed to list the queue");
}

/* A stranger who may only list says that it is cleanup: it is dropped. */
static void test_intake_needs_rights(void **state)
{
	(void)state;
	world_tool(&w, MAY_LIST | MAY_FLUSH);
	qmgr_intake_send(&w.tool, &(struct qmgr_intake){});
	world_settle(&w);
	assert_false(ipc_chan_is_open(&w.tool));
	world_tool(&w, MAY_CHANGE);
	qmgr_new_send(&w.tool, &(struct qmgr_new){ .queue_id = SLICE_LIT("8045F68C3A1"),
						   .queue = QUEUE_ACTIVE });
	world_settle(&w);
	assert_false(ipc_chan_is_open(&w.tool));
	assert_int_equal(w.credit, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_delete), T(test_hold_and_release), T(test_requeue), T(test_flush),
		T(test_intake_needs_rights),
	};

	return cmocka_run_group_tests_name("tools", tests, NULL, NULL);
}
