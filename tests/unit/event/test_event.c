/* SPDX-License-Identifier: ISC */
#include "lib/event/event.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/event/acceptor.h"
#include "tests/unit/unit.h"

static char trace[128];

static void note(char c)
{
	size_t n = strlen(trace);

	assert_true(n + 1 < sizeof(trace));
	trace[n] = c;
	trace[n + 1] = '\0';
}

static int setup(void **state)
{
	struct loop *loop = loop_new();

	trace[0] = '\0';
	loop_fake_clock(loop, 1000000);
	*state = loop;
	return 0;
}

static int teardown(void **state)
{
	struct loop *loop = *state;

	loop_free(&loop);
	return 0;
}

struct named_timer {
	struct timer t;
	char name;
	int64_t again_ms;	/* -1: once */
};

static void on_timer(struct timer *t)
{
	struct named_timer *n = LIST_ENTRY(t, struct named_timer, t);

	note(n->name);
	if (n->again_ms >= 0)
		timer_start(t, n->again_ms);
}

static void timers_run_when_due_and_in_order(void **state)
{
	struct loop *loop = *state;
	struct named_timer a = { .name = 'a', .again_ms = -1 }, b = { .name = 'b', .again_ms = -1 },
			   z = { .name = 'z', .again_ms = 0 };

	timer_init(&a.t, loop, on_timer);
	timer_init(&b.t, loop, on_timer);
	timer_init(&z.t, loop, on_timer);
	timer_start(&a.t, 200);
	timer_start(&b.t, 100);
	loop_turn(loop, 0);
	assert_string_equal(trace, "");
	loop_advance(loop, 99);
	loop_turn(loop, 0);
	assert_string_equal(trace, "");
	loop_advance(loop, 101);
	loop_turn(loop, 0);
	assert_string_equal(trace, "ba");
	assert_false(timer_is_running(&a.t));
	timer_start(&a.t, 10);
	timer_stop(&a.t);
	timer_stop(&a.t);
	timer_start(&z.t, 0);	/* starts itself again without delay: once a round */
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	assert_string_equal(trace, "bazz");
	timer_stop(&z.t);
	assert_int_equal(loop_unix_us(loop), INT64_C(1000000200000));
}

static void a_real_clock_wakes_the_loop(void **state)
{
	struct loop *loop = loop_new();
	struct named_timer a = { .name = 'a', .again_ms = -1 };
	int64_t start = loop_now_ms(loop);

	(void)state;
	timer_init(&a.t, loop, on_timer);
	timer_start(&a.t, 50);
	timer_start(&a.t, 20);	/* earlier than what is armed */
	for (int i = 0; i < 10 && trace[0] == '\0'; i++)
		loop_turn(loop, 1000);
	assert_string_equal(trace, "a");
	assert_in_range(loop_now_ms(loop) - start, 20, 900);
	loop_free(&loop);
	assert_null(loop);
}

struct named_task {
	struct task t;
	struct loop *loop;
	char name;
	struct named_task *next;
};

static void on_task(struct task *t)
{
	struct named_task *n = LIST_ENTRY(t, struct named_task, t);

	note(n->name);
	if (n->next != NULL)
		loop_defer(n->loop, &n->next->t, on_task);
}

static void tasks_run_once_and_chain(void **state)
{
	struct loop *loop = *state;
	struct named_task b = { .loop = loop, .name = 'b' };
	struct named_task a = { .loop = loop, .name = 'a', .next = &b };
	struct named_task x = { .loop = loop, .name = 'x' };

	task_init(&a.t);
	task_init(&b.t);
	task_init(&x.t);
	loop_defer(loop, &a.t, on_task);
	loop_defer(loop, &a.t, on_task);
	loop_defer(loop, &x.t, on_task);
	task_cancel(&x.t);
	task_cancel(&x.t);
	loop_turn(loop, 0);
	assert_string_equal(trace, "ab");
}

struct watched {
	struct io io;
	struct io *other;
};

static void on_io(struct io *io, int ready)
{
	struct watched *w = LIST_ENTRY(io, struct watched, io);

	note(ready == IO_READ ? 'r' : 'w');
	if (w->other != NULL)
		io_stop(w->other);
}

static void io_tells_only_what_is_wanted(void **state)
{
	struct loop *loop = *state;
	struct watched w = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	io_init(&w.io, loop, fds[0], on_io);
	loop_turn(loop, 0);
	assert_string_equal(trace, "");
	io_want(&w.io, IO_READ);
	loop_turn(loop, 0);
	assert_string_equal(trace, "");
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_turn(loop, 10);
	assert_string_equal(trace, "r");
	io_want(&w.io, IO_READ | IO_WRITE);
	loop_turn(loop, 10);
	assert_int_equal(strlen(trace), 3);
	io_want(&w.io, IO_WRITE);
	loop_turn(loop, 10);
	assert_int_equal(trace[3], 'w');
	io_stop(&w.io);
	io_stop(&w.io);
	loop_turn(loop, 0);
	assert_int_equal(strlen(trace), 4);
	close(fds[0]);
	close(fds[1]);
}

static void a_stopped_watcher_stays_silent(void **state)
{
	struct loop *loop = *state;
	struct watched a = { 0 }, b = { 0 };
	int fa[2], fb[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fa), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fb), 0);
	io_init(&a.io, loop, fa[0], on_io);
	io_init(&b.io, loop, fb[0], on_io);
	a.other = &b.io;
	b.other = &a.io;
	io_want(&a.io, IO_READ);
	io_want(&b.io, IO_READ);
	assert_int_equal(write(fa[1], "x", 1), 1);
	assert_int_equal(write(fb[1], "x", 1), 1);
	loop_turn(loop, 10);
	assert_string_equal(trace, "r");	/* both were ready; the first stopped the other */
	io_stop(&a.io);
	io_stop(&b.io);
	for (int i = 0; i < 2; i++) {
		close(fa[i]);
		close(fb[i]);
	}
}

static void on_sig(struct sig *s)
{
	note(s->signo == SIGUSR1 ? 's' : '?');
}

static void signals_arrive_on_the_loop(void **state)
{
	struct loop *loop = *state;
	struct sig s = { 0 };

	sig_start(&s, loop, SIGUSR1, on_sig);
	raise(SIGUSR1);
	assert_string_equal(trace, "");
	loop_turn(loop, 100);
	assert_string_equal(trace, "s");
	sig_stop(&s);
	sig_stop(&s);
}

static void on_child(struct child *c, int status)
{
	(void)c;
	note(WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 'c' : '!');
}

static void on_orphan(struct loop *loop, pid_t pid, int status)
{
	(void)loop;
	(void)pid;
	(void)status;
	note('o');
}

static pid_t fork_exiting(int status)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	assert_true(pid > 0);
	return pid;
}

static void children_and_orphans_are_reaped(void **state)
{
	struct loop *loop = *state;
	struct child c = { 0 }, forgotten = { 0 };

	loop_on_orphan(loop, on_orphan);
	child_watch(&c, loop, fork_exiting(7), on_child);
	for (int i = 0; i < 100 && strlen(trace) < 1; i++)
		loop_turn(loop, 50);
	assert_string_equal(trace, "c");
	child_watch(&forgotten, loop, fork_exiting(7), on_child);
	child_forget(&forgotten);
	child_forget(&forgotten);
	for (int i = 0; i < 100 && strlen(trace) < 2; i++)
		loop_turn(loop, 50);
	assert_string_equal(trace, "co");
}

/* The first child can be over before the loop listens for any. */
static void a_child_that_ended_first_is_reaped(void **state)
{
	struct child c = { 0 };
	siginfo_t info;
	pid_t pid = fork_exiting(7);

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	child_watch(&c, *state, pid, on_child);
	for (int i = 0; i < 20 && strlen(trace) < 1; i++)
		loop_turn(*state, 50);
	assert_string_equal(trace, "c");
}

static void leaving_in_a_child_resets_signals(void **state)
{
	struct loop *loop = *state;
	struct sig s = { 0 };
	int status;
	pid_t pid;

	sig_start(&s, loop, SIGTERM, on_sig);
	pid = fork();
	if (pid == 0) {
		loop_leave_in_child(loop);
		raise(SIGTERM);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	loop_turn(loop, 0);
	assert_string_equal(trace, "");
	sig_stop(&s);
}

static int accepted;

static void on_fd(struct acceptor *a, int fd)
{
	(void)a;
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	accepted++;
}

static void bursts_are_bounded(void **state)
{
	struct loop *loop = *state;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), clients[6];
	struct acceptor a;

	snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "buzon-test-%d", getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 16), 0);
	for (size_t i = 0; i < N_OF(clients); i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(connect(clients[i], (struct sockaddr *)&addr, sizeof(addr)), 0);
	}
	acceptor_init(&a, loop, fd, 4, on_fd);
	loop_turn(loop, 10);
	assert_int_equal(accepted, 4);
	acceptor_pause(&a, true);
	loop_turn(loop, 0);
	assert_int_equal(accepted, 4);
	acceptor_pause(&a, false);
	loop_turn(loop, 10);
	assert_int_equal(accepted, 6);
	acceptor_stop(&a);
	for (size_t i = 0; i < N_OF(clients); i++)
		close(clients[i]);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timers_run_when_due_and_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(a_real_clock_wakes_the_loop, setup, teardown),
		cmocka_unit_test_setup_teardown(tasks_run_once_and_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(io_tells_only_what_is_wanted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stopped_watcher_stays_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(signals_arrive_on_the_loop, setup, teardown),
		cmocka_unit_test_setup_teardown(children_and_orphans_are_reaped, setup, teardown),
		cmocka_unit_test_setup_teardown(a_child_that_ended_first_is_reaped, setup,
						teardown),
		cmocka_unit_test_setup_teardown(leaving_in_a_child_resets_signals, setup, teardown),
		cmocka_unit_test_setup_teardown(bursts_are_bounded, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
