/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ipc/cleanup.h"
#include "lib/ipc/deliver.h"

struct pair {
	struct loop *loop;
	struct ipc_chan a, b;
	unsigned got_rcpts, got_files, closed_a, closed_b;
	char why[ERR_TEXT_MAX];
};

static enum rc take_rcpt(struct ipc_chan *c, struct ipc_reader *r)
{
	struct pair *p = c->owner;
	struct cleanup_rcpt m;

	if (cleanup_rcpt_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	assert_int_equal(m.id, p->got_rcpts);
	p->got_rcpts++;
	return RC_OK;
}

static enum rc take_file(struct ipc_chan *c, struct ipc_reader *r)
{
	struct pair *p = c->owner;
	struct cleanup_opened m;

	if (cleanup_opened_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	assert_int_equal(write(m.file, "x", 1), 1);
	close(m.file);
	p->got_files++;
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ cleanup_rcpt_type, 0, take_rcpt },
	{ cleanup_opened_type, 1, take_file },
};

static void closed_a(struct ipc_chan *c, const struct err *why)
{
	struct pair *p = c->owner;

	(void)why;
	p->closed_a++;
}

static void closed_b(struct ipc_chan *c, const struct err *why)
{
	struct pair *p = c->owner;

	p->closed_b++;
	snprintf(p->why, sizeof(p->why), "%s", why->text);
}

static void open_pair(struct pair *p, const struct ipc_proto *other)
{
	int fds[2];

	*p = (struct pair){ .loop = loop_new() };
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	ipc_chan_init(&p->a, p->loop, fds[0], other, handlers, 2, closed_a, p);
	ipc_chan_init(&p->b, p->loop, fds[1], &cleanup_proto, handlers, 2, closed_b, p);
}

static void close_pair(struct pair *p)
{
	ipc_chan_done(&p->a);
	ipc_chan_done(&p->b);
	ipc_chan_done(&p->b);
	loop_free(&p->loop);
}

static void turns(struct pair *p, int n)
{
	while (n-- > 0)
		loop_turn(p->loop, 0);
}

/* More than the socket holds at once: back-pressure, order kept, nothing lost. */
static void test_many_in_order(void **state)
{
	static char text[1000];
	struct pair p;

	(void)state;
	memset(text, 'a', sizeof(text));
	open_pair(&p, &cleanup_proto);
	for (unsigned i = 0; i < 3000; i++)
		cleanup_rcpt_send(&p.a, &(struct cleanup_rcpt){
			.id = i, .address = { text, sizeof(text) } });
	turns(&p, 2000);
	assert_int_equal(p.got_rcpts, 3000);
	assert_int_equal(ipc_chan_backlog(&p.a), 0);
	close_pair(&p);
}

static void test_descriptor_travels(void **state)
{
	struct pair p;
	int fds[2];
	char c;

	(void)state;
	open_pair(&p, &cleanup_proto);
	assert_int_equal(pipe(fds), 0);
	cleanup_opened_send(&p.a, &(struct cleanup_opened){ .file = fds[1] });
	turns(&p, 5);
	assert_int_equal(p.got_files, 1);
	assert_int_equal(fcntl(fds[1], F_GETFD), -1);
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(read(fds[0], &c, 1), 0);
	close(fds[0]);
	close_pair(&p);
}

static void test_another_protocol_is_refused(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p, &deliver_proto);
	turns(&p, 5);
	assert_int_equal(p.closed_b, 1);
	assert_string_equal(p.why, "cleanup channel: the peer speaks another version");
	assert_false(ipc_chan_is_open(&p.b));
	close_pair(&p);
}

static void test_unknown_and_misplaced_messages_drop_the_peer(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p, &cleanup_proto);
	cleanup_abort_send(&p.a, &(struct cleanup_abort){ .id = 1 });
	turns(&p, 5);
	assert_int_equal(p.closed_b, 1);
	close_pair(&p);

	open_pair(&p, &cleanup_proto);
	p.b.state = 2;
	cleanup_opened_send(&p.a, &(struct cleanup_opened){ .file = open("/dev/null", O_RDONLY) });
	turns(&p, 5);
	assert_int_equal(p.got_files, 0);
	assert_int_equal(p.closed_b, 1);
	close_pair(&p);
}

static unsigned open_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1000; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* A packet as no sender of ours makes it: BYTES with N descriptors. */
static void send_raw(int to, const char *bytes, size_t n_bytes, unsigned n)
{
	union {
		struct cmsghdr align;
		char mem[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
	} room = { 0 };
	struct iovec iov = { (void *)(uintptr_t)bytes, n_bytes };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fd = open("/dev/null", O_RDONLY);

	if (n > 0) {
		m.msg_control = room.mem;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(int) * n);
		for (unsigned i = 0; i < n; i++)
			memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)) + i * sizeof(int), &fd, sizeof(fd));
	}
	assert_int_equal(sendmsg(to, &m, 0), n_bytes);
	close(fd);
}

/* Descriptors are what a bad peer could fill us with: none stays of a message that is refused. */
static void test_refused_messages_leave_no_descriptors(void **state)
{
	static const char opened_and_more[] = "\x02\0\1\0" "\0\0\0\0" "\0\0\0\0" "junk";
	unsigned before = open_fds();
	struct pair p;

	(void)state;
	assert_int_equal(cleanup_opened_type, 2);
	open_pair(&p, &cleanup_proto);
	turns(&p, 3);
	send_raw(p.a.io.fd, opened_and_more, sizeof(opened_and_more) - 1, 1);
	turns(&p, 3);
	assert_int_equal(p.got_files, 0);
	assert_int_equal(p.closed_b, 1);
	close_pair(&p);
	assert_int_equal(open_fds(), before);
}

static void test_packets_behind_an_empty_one_leave_no_descriptors(void **state)
{
	static const char any[] = "\x63\0\4\0";
	unsigned before = open_fds();
	struct pair p;

	(void)state;
	open_pair(&p, &cleanup_proto);
	turns(&p, 3);
	cleanup_rcpt_send(&p.a, &(struct cleanup_rcpt){ .id = 0 });
	turns(&p, 1);
	send_raw(p.a.io.fd, "", 0, 0);
	send_raw(p.a.io.fd, any, sizeof(any) - 1, IPC_FDS_MAX);
	turns(&p, 5);
	assert_int_equal(p.closed_b, 1);
	close_pair(&p);
	assert_int_equal(open_fds(), before);
}

static void test_end_of_the_peer(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p, &cleanup_proto);
	turns(&p, 3);
	ipc_chan_done(&p.a);
	turns(&p, 3);
	assert_int_equal(p.closed_a, 0);
	assert_int_equal(p.closed_b, 1);
	assert_string_equal(p.why, "cleanup channel: closed by the peer");
	close_pair(&p);
}

static void test_blocking_side(void **state)
{
	struct pair p = { .loop = loop_new() };
	struct cleanup_rcpt m = { .id = 0 };
	struct ipc_inbox box;
	struct ipc_reader r;
	struct err err = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	ipc_chan_init(&p.b, p.loop, fds[1], &cleanup_proto, handlers, 2, closed_b, &p);
	turns(&p, 2);
	assert_int_equal(ipc_sync_hello(fds[0], &cleanup_proto, 1000, &err), RC_OK);
	assert_int_equal(cleanup_rcpt_sync(fds[0], &m, &err), RC_OK);
	turns(&p, 3);
	assert_int_equal(p.got_rcpts, 1);
	assert_int_equal(ipc_sync_recv(fds[0], &box, &r, 10, &err), RC_TEMP);
	cleanup_abort_send(&p.b, &(struct cleanup_abort){ .id = 9 });
	turns(&p, 2);
	err = (struct err){ 0 };
	assert_int_equal(ipc_sync_recv(fds[0], &box, &r, 1000, &err), RC_OK);
	assert_int_equal(r.type, cleanup_abort_type);
	ipc_chan_done(&p.b);
	assert_int_equal(ipc_sync_recv(fds[0], &box, &r, 1000, &err), RC_END);
	close(fds[0]);
	loop_free(&p.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_in_order), cmocka_unit_test(test_descriptor_travels),
		cmocka_unit_test(test_another_protocol_is_refused),
		cmocka_unit_test(test_unknown_and_misplaced_messages_drop_the_peer),
		cmocka_unit_test(test_refused_messages_leave_no_descriptors),
		cmocka_unit_test(test_packets_behind_an_empty_one_leave_no_descriptors),
		cmocka_unit_test(test_end_of_the_peer), cmocka_unit_test(test_blocking_side),
	};

	return cmocka_run_group_tests_name("chan", tests, NULL, NULL);
}
