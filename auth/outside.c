/* SPDX-License-Identifier: ISC */
#include "auth/outside.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/base/base64.h"
#include "lib/base/mem.h"
#include "lib/event/conn.h"
#include "lib/sasl/authproto.h"
#include "lib/sys/log.h"

enum { OUT_MAX = 1 << 20, HANDSHAKE_MS = 30000 };

enum outside_state {
	OUTSIDE_NEW,		/* VERSION is to come */
	OUTSIDE_VERSION,	/* CPID is to come */
	OUTSIDE_READY
};

struct outside {
	struct conn conn;
	struct auth *auth;
	struct request_set set;
	enum outside_state state;
	struct task death;
};

static void die(struct task *t)
{
	struct outside *o = LIST_ENTRY(t, struct outside, death);

	o->auth->n_outside--;
	request_set_done(&o->set);
	conn_close(&o->conn);
	free(o);
}

static void end(struct outside *o)
{
	loop_defer(o->auth->loop, &o->death, die);
}

static void on_end(struct conn *c, void *owner, enum conn_end why)
{
	(void)c;
	if (why == CONN_OVERFLOW)
		log_warn(NULL, "an outside client reads nothing; dropped");
	end(owner);
}

static void send_buf(struct outside *o, struct buf *b)
{
	conn_write(&o->conn, buf_slice(b));
	buf_done(b);
}

static void put_challenge(struct request *r, struct slice data)
{
	struct buf b;

	buf_init(&b, AUTHPROTO_LINE_MAX);
	authproto_put_cont(&b, r->id, data);
	send_buf(r->set->owner, &b);
}

static void put_success(struct request *r, struct slice user, struct slice token)
{
	struct buf b;

	(void)token;
	buf_init(&b, AUTHPROTO_LINE_MAX);
	authproto_put_ok(&b, r->id, user, (struct slice){ 0 });
	send_buf(r->set->owner, &b);
}

static void put_failure(struct request_set *s, uint32_t id, unsigned code, struct slice user,
			struct slice reason)
{
	static const enum authproto_code codes[] = {
		[AUTH_FAIL_CREDENTIALS] = AUTHPROTO_WRONG,
		[AUTH_FAIL_TEMPORARY] = AUTHPROTO_TEMP_FAIL,
		[AUTH_FAIL_DISABLED] = AUTHPROTO_USER_DISABLED,
		[AUTH_FAIL_MECHANISM] = AUTHPROTO_INVALID_BASE64,
		[AUTH_FAIL_AUTHORIZATION] = AUTHPROTO_AUTHZ_FAIL,
		[AUTH_FAIL_PLAINTEXT] = AUTHPROTO_WRONG,
		[AUTH_FAIL_EXPIRED] = AUTHPROTO_PASS_EXPIRED,
	};
	struct buf b;

	buf_init(&b, AUTHPROTO_LINE_MAX);
	authproto_put_fail(&b, id, codes[code], user, reason);
	send_buf(s->owner, &b);
}

static const struct request_ops ops = { put_challenge, put_success, put_failure };

/* DST is wiped by the caller. False: not base64, or longer than any mechanism takes. */
static bool decode(struct slice text, char dst[SASL_MESSAGE_MAX], struct slice *out)
{
	size_t n;

	if (base64_decode(text, dst, SASL_MESSAGE_MAX, &n) != RC_OK)
		return false;
	*out = slice_make(dst, n);
	return true;
}

/* An empty resp= is what old clients send for none, and Exim always sends it. */
static enum rc on_auth(struct outside *o, const struct authproto_line *l, struct err *err)
{
	const struct request_origin origin = {
		.id = l->id, .service = l->service, .mechanism = l->mech,
		.local_addr = slice_sub(l->local_addr, 0, 63),
		.remote_addr = slice_sub(l->remote_addr, 0, 63),
		.session = slice_sub(l->session, 0, TOKEN_SESSION_MAX),
	};
	char mem[SASL_MESSAGE_MAX];
	struct slice initial = { 0 };
	enum rc rc;

	if (l->response.n > 0 && !decode(l->response, mem, &initial))
		return request_refuse(&o->set, &origin, AUTH_FAIL_MECHANISM, err);
	rc = request_start(&o->set, &origin, initial, err);
	mem_wipe(mem, sizeof(mem));
	return rc;
}

static enum rc on_cont(struct outside *o, const struct authproto_line *l, struct err *err)
{
	char mem[SASL_MESSAGE_MAX];
	struct slice data;
	enum rc rc;

	if (decode(l->response, mem, &data))
		rc = request_continue(&o->set, l->id, data, err);
	else
		rc = request_garbled(&o->set, l->id, err);
	mem_wipe(mem, sizeof(mem));
	return rc == RC_END ? RC_OK : rc;
}

static enum rc on_line(struct outside *o, const struct authproto_line *l, struct err *err)
{
	if (l->verb == AUTHPROTO_OTHER)
		return RC_OK;
	if (l->verb == AUTHPROTO_VERSION && o->state == OUTSIDE_NEW) {
		o->state = OUTSIDE_VERSION;
		return l->major == AUTHPROTO_MAJOR ? RC_OK
			: err_set(err, RC_SYNTAX, "speaks version %u", l->major);
	}
	if (l->verb == AUTHPROTO_CPID && o->state == OUTSIDE_VERSION) {
		o->state = OUTSIDE_READY;
		conn_deadline(&o->conn, 0);
		return RC_OK;
	}
	if (o->state != OUTSIDE_READY)
		return err_set(err, RC_SYNTAX, "handshake out of order");
	switch (l->verb) {
	case AUTHPROTO_AUTH: return on_auth(o, l, err);
	case AUTHPROTO_CONT: return on_cont(o, l, err);
	case AUTHPROTO_CANCEL: request_cancel(&o->set, l->id); return RC_OK;
	default: return err_set(err, RC_SYNTAX, "handshake repeated");
	}
}

static enum rc take_line(struct outside *o, struct slice text, struct err *err)
{
	struct authproto_line line;
	struct arena arena;
	enum rc rc;

	arena_init(&arena, 2 * AUTHPROTO_LINE_MAX);
	rc = authproto_parse(text, &arena, &line, err);
	if (rc == RC_OK)
		rc = on_line(o, &line, err);
	arena_done(&arena);
	return rc;
}

static void on_data(struct conn *c, void *owner)
{
	struct outside *o = owner;
	struct err err = { 0 };

	for (;;) {
		struct slice in = conn_input(c);
		ptrdiff_t end_of_line = slice_chr(in, '\n');
		enum rc rc;

		if (end_of_line < 0 && in.n < AUTHPROTO_LINE_MAX)
			return;
		if (end_of_line < 0)
			rc = err_set(&err, RC_LIMIT, "line over %d bytes", AUTHPROTO_LINE_MAX);
		else
			rc = take_line(o, slice_sub(in, 0, (size_t)end_of_line), &err);
		if (rc != RC_OK) {
			log_err(NULL, &err, "outside client dropped");
			end(o);
			return;
		}
		mem_wipe((char *)in.p, (size_t)end_of_line);
		conn_consume(c, (size_t)end_of_line + 1);
	}
}

static const struct conn_ops conn_ops = { on_data, on_end, NULL, NULL };

static void greet(struct outside *o)
{
	unsigned char cookie[16];
	struct buf b;

	if (getrandom(cookie, sizeof(cookie), 0) != (ssize_t)sizeof(cookie))
		abort();
	buf_init(&b, AUTHPROTO_LINE_MAX);
	authproto_put_hello(&b);
	for (size_t i = 0; i < o->auth->n_mechs; i++)
		authproto_put_mech(&b, o->auth->mechs[i]->name,
				   (o->auth->mechs[i]->flags & SASL_PLAINTEXT) != 0);
	authproto_put_done(&b, (uint32_t)getpid(), ++o->auth->n_connections, cookie);
	send_buf(o, &b);
}

void outside_new(struct auth *a, int fd)
{
	struct outside *o;

	if (a->n_outside == OUTSIDE_MAX) {
		log_warn(NULL, "more than %d outside clients; one was sent away", OUTSIDE_MAX);
		close(fd);
		return;
	}
	a->n_outside++;
	o = mem_new(1, sizeof(*o));
	o->auth = a;
	task_init(&o->death);
	request_set_init(&o->set, a, &ops, o);
	conn_init(&o->conn, a->loop, fd, AUTHPROTO_LINE_MAX, OUT_MAX, &conn_ops, o);
	conn_deadline(&o->conn, HANDSHAKE_MS);
	greet(o);
}
