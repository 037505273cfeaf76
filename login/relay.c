/* SPDX-License-Identifier: ISC */
#include "login/session.h"

/* Unsent bytes above which the other side is not read: back-pressure reaches both peers. */
enum { RELAY_HIGH = 65536 };

/* All of what FROM has, to TO. */
static void carry(struct conn *from, struct conn *to)
{
	struct slice in = conn_input(from);

	conn_write(to, in);
	conn_consume(from, in.n);
	if (conn_unsent(to) > RELAY_HIGH)
		conn_pause(from, true);
}

static void on_client_data(struct conn *c, void *owner)
{
	struct session *s = owner;

	carry(c, &s->job);
}

static void on_job_data(struct conn *c, void *owner)
{
	struct session *s = owner;

	carry(c, &s->conn);
}

static void on_client_drained(struct conn *c, void *owner)
{
	struct session *s = owner;

	(void)c;
	conn_pause(&s->job, false);
}

static void on_job_drained(struct conn *c, void *owner)
{
	struct session *s = owner;

	(void)c;
	conn_pause(&s->conn, false);
}

/* The client is gone: what it said last goes to the job, which then sees the end. */
static void on_client_end(struct conn *c, void *owner, enum conn_end why)
{
	struct session *s = owner;

	(void)c;
	if (why == CONN_EOF && s->state == SESSION_RELAY) {
		session_set_state(s, SESSION_CLOSING);
		conn_pause(&s->job, false);
		conn_close_after_flush(&s->job);
		return;
	}
	session_end(s);
}

/* The job has ended: its last words go to the client. */
static void on_job_end(struct conn *c, void *owner, enum conn_end why)
{
	struct session *s = owner;

	(void)c;
	(void)why;
	if (s->state == SESSION_RELAY) {
		session_set_state(s, SESSION_CLOSING);
		conn_pause(&s->conn, false);
		conn_close_after_flush(&s->conn);
		return;
	}
	session_end(s);
}

void relay_start(struct session *s)
{
	static const struct conn_ops client_ops = { on_client_data, on_client_end,
						    on_client_drained, NULL };
	static const struct conn_ops job_ops = { on_job_data, on_job_end, on_job_drained, NULL };

	session_set_state(s, SESSION_RELAY);
	s->login->proto->done(&s->engine);
	s->has_engine = false;
	conn_init(&s->job, s->login->loop, s->pair_fd, RELAY_HIGH, 4 * RELAY_HIGH, &job_ops, s);
	s->pair_fd = -1;
	s->has_job = true;
	s->conn.ops = &client_ops;
	s->conn.in.max = RELAY_HIGH;
	conn_pause(&s->conn, false);
}
