/* SPDX-License-Identifier: ISC */
#include "lib/event/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "tests/unit/unit.h"

/* The owner: an echo of lines, with commands for what is tested. */
struct owner {
	struct conn c;
	struct loop *loop;
	int peer;
	unsigned data_calls, drained, secured;
	bool ended;
	enum conn_end why;
	bool keep;	/* consume nothing */
	bool hold;	/* pause after each call */
};

static void on_data(struct conn *c, void *arg)
{
	struct owner *o = arg;
	struct slice in, line;

	o->data_calls++;
	if (o->hold)
		conn_pause(c, true);
	while (!o->keep) {
		in = conn_input(c);
		if (slice_chr(in, '\n') < 0 || !slice_line(&in, &line))
			break;
		conn_printf(c, "<%.*s>", SLICE_ARG(line));
		if (slice_is(line, "quit"))
			conn_close_after_flush(c);
		if (slice_is(line, "kill")) {
			conn_close(c);
			return;
		}
		conn_consume(c, conn_input(c).n - in.n);
		if (slice_is(line, "quit"))
			return;
	}
}

static void on_end(struct conn *c, void *arg, enum conn_end why)
{
	struct owner *o = arg;

	(void)c;
	assert_false(o->ended);
	o->ended = true;
	o->why = why;
}

static void on_drained(struct conn *c, void *arg)
{
	(void)c;
	((struct owner *)arg)->drained++;
}

static void on_secure(struct conn *c, void *arg)
{
	(void)c;
	((struct owner *)arg)->secured++;
}

static const struct conn_ops ops = { on_data, on_end, on_drained, on_secure };

static int setup(void **state)
{
	struct owner *o = mem_new(1, sizeof(*o));
	int fds[2];

	o->loop = loop_new();
	loop_fake_clock(o->loop, 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	o->peer = fds[1];
	conn_init(&o->c, o->loop, fds[0], 256, 1 << 20, &ops, o);
	*state = o;
	return 0;
}

static int teardown(void **state)
{
	struct owner *o = *state;

	conn_close(&o->c);
	conn_close(&o->c);
	if (o->peer >= 0)
		close(o->peer);
	loop_free(&o->loop);
	free(o);
	return 0;
}

static void turns(struct owner *o, int n)
{
	while (n-- > 0)
		loop_turn(o->loop, 0);
}

static void say(struct owner *o, const char *s)
{
	assert_int_equal(write(o->peer, s, strlen(s)), (ssize_t)strlen(s));
}

static const char *hear(struct owner *o)
{
	static char mem[4096];
	ssize_t n = read(o->peer, mem, sizeof(mem) - 1);

	mem[n > 0 ? n : 0] = '\0';
	return n == 0 ? "EOF" : mem;
}

static void one_turn_one_write(void **state)
{
	struct owner *o = *state;

	say(o, "a\nb\nc\n");
	loop_turn(o->loop, 10);
	assert_string_equal(hear(o), "<a><b><c>");
	assert_int_equal(o->drained, 1);
	assert_int_equal(o->data_calls, 1);
	assert_int_equal(o->c.bytes_in, 6);
	assert_int_equal(o->c.bytes_out, 9);
	assert_null(o->c.in.mem);	/* an idle connection holds no memory */
	assert_null(o->c.out.mem);
}

static void bytes_come_one_by_one(void **state)
{
	struct owner *o = *state;

	for (const char *p = "hello\nquit\n"; *p != '\0'; p++) {
		assert_int_equal(write(o->peer, p, 1), 1);
		loop_turn(o->loop, 10);
	}
	turns(o, 2);
	assert_string_equal(hear(o), "<hello><quit>");
	assert_true(o->ended && o->why == CONN_EOF);
}

static void replies_precede_the_end(void **state)
{
	struct owner *o = *state;

	say(o, "a\n");
	shutdown(o->peer, SHUT_WR);
	turns(o, 3);
	assert_true(o->ended && o->why == CONN_EOF);
	assert_string_equal(hear(o), "<a>");
}

static void a_reset_is_told(void **state)
{
	struct owner *o = *state;

	o->keep = true;
	conn_write(&o->c, SLICE_LIT("unread"));
	turns(o, 1);
	close(o->peer);		/* with unread input: reset */
	o->peer = -1;
	turns(o, 2);
	assert_true(o->ended && o->why == CONN_RESET);
}

static void a_full_input_stops_reading(void **state)
{
	struct owner *o = *state;
	char mem[400];

	o->keep = true;
	memset(mem, 'x', sizeof(mem));
	assert_int_equal(write(o->peer, mem, sizeof(mem)), (ssize_t)sizeof(mem));
	turns(o, 3);
	assert_int_equal(conn_input(&o->c).n, 256);
	assert_int_equal(o->c.io.want, 0);
	conn_consume(&o->c, 100);
	turns(o, 2);
	assert_int_equal(conn_input(&o->c).n, 256);
	conn_consume(&o->c, 256);
	turns(o, 2);
	assert_int_equal(conn_input(&o->c).n, 400 - 356);
}

static void a_pause_holds_input_back(void **state)
{
	struct owner *o = *state;

	o->hold = true;
	say(o, "a\n");
	loop_turn(o->loop, 10);
	assert_string_equal(hear(o), "<a>");
	say(o, "b\n");
	turns(o, 3);
	assert_string_equal(hear(o), "");
	assert_int_equal(o->data_calls, 1);
	conn_pause(&o->c, false);
	turns(o, 2);
	assert_string_equal(hear(o), "<b>");
	assert_int_equal(o->data_calls, 2);
}

static void again_shows_the_same_bytes(void **state)
{
	struct owner *o = *state;

	o->keep = true;
	say(o, "a\n");
	loop_turn(o->loop, 10);
	turns(o, 2);
	assert_int_equal(o->data_calls, 1);
	o->keep = false;
	conn_again(&o->c);
	turns(o, 1);
	assert_string_equal(hear(o), "<a>");
}

static void close_in_a_callback(void **state)
{
	struct owner *o = *state;

	say(o, "kill\nmore\n");
	turns(o, 2);
	assert_false(o->ended);
	assert_string_equal(hear(o), "EOF");
	conn_write(&o->c, SLICE_LIT("x"));	/* after the end: nothing happens */
	conn_deadline(&o->c, 1);
	conn_pause(&o->c, false);
	turns(o, 1);
}

static void the_deadline_ends_it(void **state)
{
	struct owner *o = *state;

	conn_deadline(&o->c, 300000);
	loop_advance(o->loop, 299999);
	turns(o, 1);
	assert_false(o->ended);
	conn_deadline(&o->c, 300000);
	loop_advance(o->loop, 299999);
	turns(o, 1);
	assert_false(o->ended);
	loop_advance(o->loop, 1);
	turns(o, 1);
	assert_true(o->ended && o->why == CONN_TIMEOUT);
}

static void a_slow_reader_gets_everything(void **state)
{
	struct owner *o = *state;
	size_t want = 600000, got = 0;
	static char mem[70000];
	char *block = mem_new(1, want);
	ssize_t n;

	conn_write(&o->c, slice_make(block, want));
	free(block);
	conn_close_after_flush(&o->c);
	turns(o, 1);
	assert_true(conn_unsent(&o->c) > 0);
	for (int i = 0; i < 1000 && !o->ended; i++) {
		while ((n = read(o->peer, mem, sizeof(mem))) > 0)
			got += (size_t)n;
		turns(o, 1);
	}
	while ((n = read(o->peer, mem, sizeof(mem))) > 0)
		got += (size_t)n;
	assert_true(o->ended && o->why == CONN_EOF);
	assert_int_equal(got, want);
}

static void too_much_output_ends_it(void **state)
{
	struct owner *o = *state;
	char *block = mem_new(1, (1 << 20) + 1);

	conn_write(&o->c, slice_make(block, (1 << 20) + 1));
	free(block);
	assert_false(o->ended);
	turns(o, 1);
	assert_true(o->ended && o->why == CONN_OVERFLOW);
}

static void a_talking_peer_hears_the_last_reply(void **state)
{
	struct owner *o = *state;

	say(o, "quit\njunk\n");
	o->keep = false;
	turns(o, 2);
	assert_false(o->ended);			/* lingers: the peer was still talking */
	say(o, "more junk\n");
	turns(o, 2);
	assert_string_equal(hear(o), "<quit>");
	assert_string_equal(hear(o), "EOF");
	loop_advance(o->loop, 2000);
	turns(o, 1);
	assert_true(o->ended && o->why == CONN_EOF);
}

static void the_descriptor_can_be_taken(void **state)
{
	struct owner *o = *state;
	int fd = conn_take_fd(&o->c);

	say(o, "a\n");
	turns(o, 2);
	assert_int_equal(o->data_calls, 0);
	assert_int_equal(write(fd, "hi", 2), 2);
	assert_string_equal(hear(o), "hi");
	close(fd);
}

/* A filter that flips a bit, holds bytes back as TLS does, and shakes hands with one byte. */
struct flip {
	struct conn_filter f;
	char held[64];
	size_t n_held;
	bool want_write_once, broken;
};
static int live_filters;

static int flip_handshake(struct conn_filter *f, int fd)
{
	struct flip *x = (struct flip *)f;
	char c;

	if (x->want_write_once) {
		x->want_write_once = false;
		return FILTER_WANT_WRITE;
	}
	if (read(fd, &c, 1) != 1)
		return FILTER_WANT_READ;
	return c == '!' ? 1 : FILTER_FAILED;
}

static ssize_t flip_read(struct conn_filter *f, int fd, void *p, size_t n)
{
	struct flip *x = (struct flip *)f;
	ssize_t got;

	if (x->n_held == 0) {
		got = read(fd, x->held, sizeof(x->held));
		if (got <= 0)
			return got == 0 ? 0 : errno == EAGAIN ? FILTER_WANT_READ : FILTER_FAILED;
		x->n_held = (size_t)got;
	}
	if (n > 5)
		n = 5;		/* small records */
	if (n > x->n_held)
		n = x->n_held;
	for (size_t i = 0; i < n; i++)
		((char *)p)[i] = (char)(x->held[i] ^ 1);
	memmove(x->held, x->held + n, x->n_held - n);
	x->n_held -= n;
	return (ssize_t)n;
}

static ssize_t flip_write(struct conn_filter *f, int fd, const void *p, size_t n)
{
	char mem[3];

	(void)f;
	if (n > sizeof(mem))
		n = sizeof(mem);
	for (size_t i = 0; i < n; i++)
		mem[i] = (char)(((const char *)p)[i] ^ 1);
	return write(fd, mem, n);
}

static bool flip_pending(struct conn_filter *f)
{
	return ((struct flip *)f)->n_held > 0;
}

static void flip_shutdown(struct conn_filter *f, int fd)
{
	(void)f;
	(void)!write(fd, "~", 1);
}

static void flip_free(struct conn_filter *f)
{
	live_filters--;
	free(f);
}

static const char *flip_error(struct conn_filter *f)
{
	(void)f;
	return "no";
}

static const struct conn_filter_ops flip_ops = { flip_handshake, flip_read, flip_write,
						 flip_pending, flip_shutdown, flip_free,
						 flip_error };

static struct conn_filter *flip_new(bool want_write_once)
{
	struct flip *x = mem_new(1, sizeof(*x));

	x->f.ops = &flip_ops;
	x->want_write_once = want_write_once;
	live_filters++;
	return &x->f;
}

static void flipped(char *s)
{
	for (; *s != '\0'; s++)
		*s ^= 1;
}

static void a_filter_takes_over_after_the_output(void **state)
{
	struct owner *o = *state;
	char text[] = "one\ntwo\nthree\n", reply[64];

	conn_write(&o->c, SLICE_LIT("ready"));
	conn_start_filter(&o->c, flip_new(true));
	assert_false(conn_is_secure(&o->c));
	turns(o, 1);
	assert_string_equal(hear(o), "ready");
	turns(o, 2);
	assert_false(conn_is_secure(&o->c));
	say(o, "!");
	turns(o, 2);
	assert_true(conn_is_secure(&o->c));
	assert_int_equal(o->secured, 1);
	flipped(text);
	say(o, text);
	turns(o, 8);
	slice_to_cstr(slice_str(hear(o)), reply, sizeof(reply));
	flipped(reply);
	assert_string_equal(reply, "<one><two><three>");
	conn_close(&o->c);
	assert_string_equal(hear(o), "~");
	assert_int_equal(live_filters, 0);
}

static void held_back_bytes_come_after_a_pause(void **state)
{
	struct owner *o = *state;
	char text[] = "one\ntwo\nthree\n", reply[64];

	conn_start_filter(&o->c, flip_new(false));
	turns(o, 1);
	say(o, "!");
	turns(o, 2);
	o->hold = true;
	flipped(text);
	say(o, text);
	turns(o, 4);
	o->hold = false;
	conn_pause(&o->c, false);
	turns(o, 8);
	slice_to_cstr(slice_str(hear(o)), reply, sizeof(reply));
	flipped(reply);
	assert_string_equal(reply, "<one><two><three>");
}

static void a_failed_handshake_is_told(void **state)
{
	struct owner *o = *state;

	conn_start_filter(&o->c, flip_new(false));
	turns(o, 1);
	say(o, "EHLO\n");	/* clear text where TLS was promised */
	turns(o, 2);
	assert_true(o->ended && o->why == CONN_TLS_ERROR);
	assert_int_equal(o->data_calls, 0);
	conn_close(&o->c);
	assert_int_equal(live_filters, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(one_turn_one_write), T(bytes_come_one_by_one), T(replies_precede_the_end),
		T(a_reset_is_told), T(a_full_input_stops_reading), T(a_pause_holds_input_back),
		T(again_shows_the_same_bytes), T(close_in_a_callback), T(the_deadline_ends_it),
		T(a_slow_reader_gets_everything), T(too_much_output_ends_it),
		T(a_talking_peer_hears_the_last_reply), T(the_descriptor_can_be_taken),
		T(a_filter_takes_over_after_the_output), T(held_back_bytes_come_after_a_pause),
		T(a_failed_handshake_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
