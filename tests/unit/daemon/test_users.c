/* tests/unit/daemon/test_users.c - userdb: tables of a loop daemon; the test is auth. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/daemon/daemon_impl.h"
#include "lib/daemon/tables.h"
#include "lib/ipc/auth.h"
#include "lib/sys/log.h"

static struct {
	struct daemon daemon;
	struct arena arena;
	struct table *table;
	unsigned ready;
	int auth;
} t;

static void turns(int n)
{
	for (int i = 0; i < n; i++)
		loop_turn(t.daemon.loop, 0);
}

static int setup(void **state)
{
	(void)state;
	log_open(LOG_SINK_POSTLOG, dup(STDERR_FILENO), "test", 0);
	t.daemon.loop = loop_new();
	t.daemon.is_helper = true;
	loop_fake_clock(t.daemon.loop, 1700000000);
	list_init(&t.daemon.peers);
	arena_init(&t.daemon.arena, 1 << 20);
	arena_init(&t.arena, 1 << 20);
	daemon_use_tables(&t.daemon);
	return table_open("userdb:", "hash", TABLE_FOLD, &t.table, NULL) == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	LIST_EACH(node, &t.daemon.peers)
		peer_stop(LIST_ENTRY(node, struct peer, link));
	table_close(&t.table);
	loop_free(&t.daemon.loop);
	arena_done(&t.arena);
	arena_done(&t.daemon.arena);
	return 0;
}

static void on_ready(struct table_memo *m)
{
	assert_int_equal(m->pending, 0);
	t.ready++;
}

/* What master does with the request to connect. */
static void connect_auth(void)
{
	struct peer *p = LIST_ENTRY(t.daemon.peers.next, struct peer, link);
	int fds[2];

	assert_false(list_is_empty(&t.daemon.peers));
	assert_string_equal(p->service, "auth-master");
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	peer_connected(&t.daemon, p->connect_id, fds[0]);
	turns(2);
	t.auth = fds[1];
	assert_int_equal(ipc_sync_hello(t.auth, &auth_proto, 1000, NULL), RC_OK);
	turns(2);
}

static struct ipc_inbox box;
static struct ipc_reader reader;

static uint32_t asked(const char *user)
{
	struct auth_user m;

	turns(3);
	assert_int_equal(ipc_sync_recv(t.auth, &box, &reader, 1000, NULL), RC_OK);
	assert_int_equal(reader.type, auth_user_type);
	assert_int_equal(auth_user_get(&reader, &m), RC_OK);
	unit_slice_is(m.user, user, "user");
	return m.id;
}

static void answers(void **state)
{
	struct table_memo memo;
	struct slice got;
	uint32_t a, b, c;

	(void)state;
	table_memo_init(&memo, &t.arena, on_ready, NULL);
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("alice@d"), &got, NULL), RC_MORE);
	connect_auth();	/* the question waited for the channel */
	a = asked("alice@d");
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("nobody@d"), &got, NULL), RC_MORE);
	b = asked("nobody@d");
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("broken@d"), &got, NULL), RC_MORE);
	c = asked("broken@d");
	assert_int_equal(auth_user_none_sync(t.auth, &(struct auth_user_none){ .id = b }, NULL),
			 RC_OK);
	assert_int_equal(auth_user_found_sync(t.auth, &(struct auth_user_found){
		.id = a, .uid = 5, .gid = 6, .mail_location = SLICE_LIT("maildir:/v/alice") }, NULL),
		RC_OK);
	turns(3);
	assert_int_equal(t.ready, 0);
	assert_int_equal(auth_user_found_sync(t.auth, &(struct auth_user_found){
		.id = c, .mail_location = SLICE_LIT("what?") }, NULL), RC_OK);
	turns(3);
	assert_int_equal(t.ready, 1);
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("alice@d"), &got, NULL), RC_OK);
	unit_slice_is(got, "/v/alice/", "mailbox");
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("nobody@d"), &got, NULL), RC_END);
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("broken@d"), &got, NULL), RC_TEMP);
	table_memo_done(&memo);
}

static void auth_goes_away(void **state)
{
	struct table_memo memo;
	struct slice got;

	(void)state;
	t.ready = 0;
	table_memo_init(&memo, &t.arena, on_ready, NULL);
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("late@d"), &got, NULL), RC_MORE);
	(void)asked("late@d");
	close(t.auth);
	turns(4);
	assert_int_equal(t.ready, 0);
	LIST_ENTRY(t.daemon.peers.next, struct peer, link)->connect_id = 5;
	connect_auth();		/* the successor is asked again */
	(void)asked("late@d");
	close(t.auth);
	turns(4);
	loop_advance(t.daemon.loop, 11000);
	turns(2);
	assert_int_equal(t.ready, 1);
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("late@d"), &got, NULL), RC_TEMP);
	table_memo_done(&memo);
	/* whoever asks now waits for it to come back; a memo that went before drops its answer */
	table_memo_init(&memo, &t.arena, on_ready, NULL);
	assert_int_equal(table_lookup(t.table, &memo, SLICE_LIT("new@d"), &got, NULL), RC_MORE);
	LIST_ENTRY(t.daemon.peers.next, struct peer, link)->connect_id = 7;
	connect_auth();
	table_memo_done(&memo);
	assert_int_equal(auth_user_none_sync(t.auth, &(struct auth_user_none){ .id = asked("new@d") },
					     NULL), RC_OK);
	turns(3);
	assert_int_equal(t.ready, 1);
	close(t.auth);
	turns(3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(auth_goes_away),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
