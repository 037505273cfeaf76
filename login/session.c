/* SPDX-License-Identifier: ISC */
#include "login/session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/sys/log.h"
#include "login/address.h"

static void on_data(struct conn *c, void *owner);
static void on_end(struct conn *c, void *owner, enum conn_end why);
static void on_secure(struct conn *c, void *owner);

static const struct conn_ops conn_ops = { on_data, on_end, NULL, on_secure };

#define TO(state) (1u << SESSION_##state)
/* Which states may follow which; all may be OVER. */
static const unsigned legal_moves[] = {
	[SESSION_NEW] = TO(TALK),
	[SESSION_TALK] = TO(TALK) | TO(TLS) | TO(AUTH) | TO(CLOSING),
	[SESSION_TLS] = TO(TALK),
	[SESSION_AUTH] = TO(TALK) | TO(HANDOVER) | TO(CLOSING),
	[SESSION_HANDOVER] = TO(RELAY) | TO(CLOSING),
	[SESSION_RELAY] = TO(CLOSING),
	[SESSION_CLOSING] = 0,
	[SESSION_OVER] = 0,
};
static_assert(sizeof(legal_moves) / sizeof(legal_moves[0]) == SESSION_OVER + 1, "a row per state");

void session_set_state(struct session *s, enum session_state state)
{
	assert(((legal_moves[s->state] | TO(OVER)) & 1u << state) != 0);
	s->state = state;
}

static unsigned seconds_since(const struct session *s, int64_t then_ms)
{
	return (unsigned)((loop_now_ms(s->login->loop) - then_ms) / 1000);
}

static struct say_client describe(const struct session *s)
{
	return (struct say_client){
		.user = s->user, .method = s->method, .remote_addr = s->remote_addr,
		.local_addr = s->local_addr, .session = s->id,
		.tls_error = s->tls_error[0] != '\0' ? s->tls_error : NULL,
		.is_tls = s->is_tls, .is_secured = s->is_secured, .attempts = s->attempts,
		.successes = s->successes, .age_s = seconds_since(s, s->began_ms),
		.auth_s = seconds_since(s, s->auth_began_ms),
		.tried_plaintext = s->tried_plaintext,
		.tried_unknown_mech = s->tried_unknown_mech,
		.is_exchanging = s->is_exchanging || s->gave_up,
		.is_disabled = s->was_disabled, .is_expired = s->was_expired,
		.never_greeted = s->never_greeted,
	};
}

/* One line; WHY as in say_end(). */
static void log_end(struct session *s, const char *why)
{
	struct say_client c = describe(s);
	struct buf b;

	buf_init(&b, SAY_MAX);
	say_end(&c, why, &b);
	log_info(NULL, "%s", buf_cstr(&b));
	buf_done(&b);
}

/* Strangers */

static void be_stranger(struct session *s)
{
	struct login *l = s->login;
	unsigned *count = hash_get(&l->by_addr, slice_str(s->remote_addr));

	s->is_stranger = true;
	list_append(&l->strangers, &s->stranger);
	l->n_strangers++;
	if (count == NULL) {
		count = mem_new(1, sizeof(*count));
		if (hash_put(&l->by_addr, slice_str(s->remote_addr), count, NULL) != RC_OK) {
			free(count);
			return;
		}
	}
	++*count;
}

static void be_stranger_no_more(struct session *s)
{
	struct login *l = s->login;
	unsigned *count;

	if (!s->is_stranger)
		return;
	s->is_stranger = false;
	list_remove(&s->stranger);
	l->n_strangers--;
	count = hash_get(&l->by_addr, slice_str(s->remote_addr));
	if (count != NULL && --*count == 0)
		free(hash_remove(&l->by_addr, slice_str(s->remote_addr)));
}

static bool has_too_many(const struct session *s)
{
	int64_t limit = s->login->params->login_client_connection_limit;
	const unsigned *count = hash_get(&s->login->by_addr, slice_str(s->remote_addr));

	return limit > 0 && count != NULL && *count > limit &&
	       !address_is_local(s->remote_addr, s->local_addr);
}

static void send_away(struct session *s, const char *text, const char *why);

/* What it has sent is not waited for: its place is needed at once. */
static void drop_oldest(struct login *l)
{
	struct session *oldest = LIST_ENTRY(l->strangers.next, struct session, stranger);

	be_stranger_no_more(oldest);
	conn_discard_input(&oldest->conn);
	send_away(oldest, "Connection queue full", "Connection queue full");
}

/* A new client takes the place of who has been silent for longest. The last place of this process
 * is not taken for good either: as long as it is, nobody is accepted. */
static void make_room(struct login *l)
{
	unsigned limit = daemon_session_limit(l->daemon);
	bool is_full = limit > 0 && daemon_sessions(l->daemon) >= limit;

	while (l->n_strangers > (unsigned)l->params->login_unauthenticated_limit) {
		drop_oldest(l);
		is_full = false;
	}
	if (is_full && l->n_strangers > 1)
		drop_oldest(l);
}

/* Life */

static void die(struct task *t)
{
	struct session *s = LIST_ENTRY(t, struct session, death);
	struct daemon *d = s->login->daemon;

	if (s->has_conn)
		conn_close(&s->conn);
	if (s->has_job)
		conn_close(&s->job);
	if (s->has_engine)
		s->login->proto->done(&s->engine);
	ask_done(s);
	mem_wipe(s, sizeof(*s));
	free(s);
	daemon_session_end(d);
}

void session_end(struct session *s)
{
	if (s->state == SESSION_OVER)
		return;
	session_set_state(s, SESSION_OVER);
	timer_stop(&s->timer);
	be_stranger_no_more(s);
	list_remove(&s->link);
	list_remove(&s->by_request);
	if (s->queued_fd >= 0)
		close(s->queued_fd);
	if (s->pair_fd >= 0)
		close(s->pair_fd);
	loop_defer(s->login->loop, &s->death, die);
}

static void send_buf(struct session *s, struct buf *b)
{
	conn_write(&s->conn, buf_slice(b));
	buf_done(b);
}

/* Log the end and close when the last words are sent. */
static void close_with(struct session *s, const char *why)
{
	log_end(s, why);
	ask_cancel(s);
	be_stranger_no_more(s);
	list_remove(&s->link);
	session_set_state(s, SESSION_CLOSING);
	timer_stop(&s->timer);
	conn_pause(&s->conn, false);
	conn_close_after_flush(&s->conn);
}

/* Make room or give up: TEXT is said to the client, WHY to the log. */
static void send_away(struct session *s, const char *text, const char *why)
{
	struct buf b;

	if (s->state == SESSION_RELAY || s->state == SESSION_CLOSING || s->state == SESSION_OVER)
		return;
	if (s->end_reason != NULL) {	/* gone already; auth's answer is not waited for */
		ask_cancel(s);
		log_end(s, s->end_reason);
		session_end(s);
		return;
	}
	if (!s->has_engine || s->state == SESSION_TLS) {
		log_end(s, why);
		ask_cancel(s);
		session_end(s);
		return;
	}
	buf_init(&b, SESSION_OUT_MAX);
	s->login->proto->bye(&s->engine, text, &b);
	send_buf(s, &b);
	close_with(s, why);
}

static void on_idle(struct timer *t)
{
	send_away(LIST_ENTRY(t, struct session, timer), "Disconnected for inactivity.",
			  "Inactivity");
}

static void touch(struct session *s)
{
	timer_start(&s->timer, s->login->params->login_timeout);
}

/* Greeting */

static bool may_use_plaintext(const struct session *s)
{
	const struct login *l = s->login;

	if (s->is_tls)
		return true;
	if (l->tls_level == LOGIN_TLS_ENCRYPT)
		return false;
	return s->is_secured || !l->params->login_disable_plaintext_auth;
}

static struct proto_env env_of(const struct session *s)
{
	const struct login *l = s->login;
	bool plaintext = may_use_plaintext(s);

	return (struct proto_env){
		.greeting = l->params->login_greeting,
		.mechs = plaintext ? l->all_mechs : l->other_mechs,
		.imap_capability = l->params->imap_login_capability,
		.imap_id = l->params->imap_id_send, .takes_plaintext = plaintext,
		.has_tls = l->tls != NULL && l->tls_level != LOGIN_TLS_NONE, .is_tls = s->is_tls,
	};
}

void session_greet(struct session *s)
{
	struct proto_env env = env_of(s);
	struct buf b;

	buf_init(&b, SESSION_OUT_MAX);
	s->login->proto->init(&s->engine, &env, &b);
	s->has_engine = true;
	session_set_state(s, SESSION_TALK);
	send_buf(s, &b);
	conn_pause(&s->conn, false);
	conn_again(&s->conn);
}

static void begin(struct session *s)
{
	if (s->login->knows_mechs) {
		session_greet(s);
		return;
	}
	conn_pause(&s->conn, true);
	list_append(&s->login->waiting, &s->link);
}

static bool start_tls(struct session *s)
{
	const struct login *l = s->login;
	struct conn_filter *f = l->tls != NULL ? l->make_filter(l->tls) : NULL;

	if (f == NULL)
		return false;
	conn_start_filter(&s->conn, f);
	return true;
}

static void set_addresses(struct session *s, int fd)
{
	address_of_peer(fd, s->remote_addr, sizeof(s->remote_addr), &s->remote_port);
	address_of_self(fd, s->local_addr, sizeof(s->local_addr), &s->local_port);
	s->is_secured = address_is_local(s->remote_addr, s->local_addr);
	address_session_id(loop_unix_us(s->login->loop), s->remote_port, s->id, sizeof(s->id));
}

static struct session *make(struct login *l, int fd)
{
	struct session *s = mem_new(1, sizeof(*s));

	s->login = l;
	s->queued_fd = s->pair_fd = -1;
	s->began_ms = s->auth_began_ms = loop_now_ms(l->loop);
	list_init(&s->link);
	list_init(&s->by_request);
	buf_init(&s->initial, SESSION_INITIAL_MAX);
	task_init(&s->death);
	timer_init(&s->timer, l->loop, on_idle);
	set_addresses(s, fd);
	conn_init(&s->conn, l->loop, fd, SESSION_IN_MAX, SESSION_OUT_MAX, &conn_ops, s);
	s->has_conn = true;
	touch(s);
	return s;
}

void session_new(struct login *l, int fd)
{
	struct session *s = make(l, fd);

	daemon_session_begin(l->daemon);
	be_stranger(s);
	if (has_too_many(s)) {
		log_end(s, "Too many connections from this address");
		session_end(s);
		return;
	}
	make_room(l);
	if (!l->params->login_tls_wrappermode)
		begin(s);
	else if (!start_tls(s))
		session_end(s);
}

static void on_secure(struct conn *c, void *owner)
{
	struct session *s = owner;
	struct proto_env env;

	(void)c;
	s->is_tls = s->is_secured = true;
	if (s->state != SESSION_TLS) {
		begin(s);
		return;
	}
	env = env_of(s);
	s->login->proto->secured(&s->engine, &env);
	session_set_state(s, SESSION_TALK);
	touch(s);
}

/* Talk */

static void fail(struct session *s, enum proto_fail why, struct slice reason)
{
	struct buf b;

	session_set_state(s, SESSION_TALK);
	s->is_exchanging = false;
	buf_init(&b, SESSION_OUT_MAX);
	s->login->proto->fail(&s->engine, why, reason, &b);
	send_buf(s, &b);
	touch(s);
	conn_again(&s->conn);
}

static bool is_among(struct slice mech, const char *mechs)
{
	struct slice rest = slice_str(mechs), one;

	while (slice_token(&rest, " ", &one))
		if (slice_ieq(one, mech))
			return true;
	return false;
}

static void set_method(struct session *s, struct slice mech)
{
	size_t n = mech.n < sizeof(s->method) - 1 ? mech.n : sizeof(s->method) - 1;

	for (size_t i = 0; i < n; i++)
		s->method[i] = char_upper(mech.p[i]);
	s->method[n] = '\0';
}

static void try_login(struct session *s, const struct proto_ask *ask)
{
	const struct login *l = s->login;

	if (s->attempts++ == 0)
		s->auth_began_ms = loop_now_ms(l->loop);
	set_method(s, ask->mech);
	s->tried_unknown_mech = !is_among(ask->mech, l->all_mechs);
	s->tried_plaintext = is_among(ask->mech, l->plain_mechs) && !may_use_plaintext(s);
	s->was_disabled = s->was_expired = s->gave_up = false;
	if (s->tried_unknown_mech)
		fail(s, PROTO_FAIL_MECHANISM, (struct slice){ 0 });
	else if (s->tried_plaintext)
		fail(s, PROTO_FAIL_PLAINTEXT, (struct slice){ 0 });
	else {
		session_set_state(s, SESSION_AUTH);
		ask_start(s, ask);
	}
}

/* What the client pipelined behind STARTTLS was in clear and may be anybody's: it is thrown away. */
static void begin_starttls(struct session *s)
{
	conn_discard_input(&s->conn);
	session_set_state(s, SESSION_TLS);
	if (!start_tls(s))
		session_end(s);
}

static void act(struct session *s, enum proto_event ev, const struct proto_ask *ask)
{
	switch (ev) {
	case PROTO_MORE:
		break;
	case PROTO_STARTTLS:
		begin_starttls(s);
		break;
	case PROTO_AUTH:
		try_login(s, ask);
		break;
	case PROTO_RESPONSE:
		s->is_exchanging = false;
		session_set_state(s, SESSION_AUTH);
		if (!ask_continue(s, ask->data))
			fail(s, PROTO_FAIL_TEMPORARY, (struct slice){ 0 });
		break;
	case PROTO_CANCEL:
		ask_cancel(s);
		s->is_exchanging = false;
		s->gave_up = true;
		break;
	case PROTO_CLOSE:
		close_with(s, ask->reason);
		break;
	}
}

static void on_data(struct conn *c, void *owner)
{
	struct session *s = owner;

	while (s->state == SESSION_TALK) {
		struct slice in = conn_input(c);
		struct proto_ask ask;
		enum proto_event ev;
		size_t used;
		struct buf b;

		buf_init(&b, SESSION_OUT_MAX);
		ev = s->login->proto->feed(&s->engine, in, &used, &b, &ask);
		send_buf(s, &b);
		act(s, ev, &ask);
		if (s->state == SESSION_TLS || s->state == SESSION_OVER)
			return;
		mem_wipe((char *)in.p, used);
		conn_consume(c, used);
		if (used == 0 && ev == PROTO_MORE)
			return;
		touch(s);
	}
}

/* The client is gone. While auth is checking, its verdict is waited for: who guesses passwords and
 * hangs up shall stand in the log. */
static void on_end(struct conn *c, void *owner, enum conn_end why)
{
	static const char *const reasons[] = {
		[CONN_EOF] = "Connection closed", [CONN_RESET] = "Connection closed",
		[CONN_TIMEOUT] = "Inactivity", [CONN_OVERFLOW] = "Client does not read",
		[CONN_TLS_ERROR] = "Connection closed",
	};
	struct session *s = owner;

	if (s->state == SESSION_CLOSING || s->state == SESSION_OVER) {
		session_end(s);
		return;
	}
	if (why == CONN_TLS_ERROR && !s->is_tls && c->filter != NULL)
		snprintf(s->tls_error, sizeof(s->tls_error), "%s", c->filter->ops->error(c->filter));
	s->never_greeted = s->state == SESSION_NEW && !s->login->knows_mechs;
	s->end_reason = reasons[why];
	if (s->state == SESSION_AUTH && s->request_id != 0)
		return;
	if (s->state == SESSION_HANDOVER)
		return;
	ask_cancel(s);
	log_end(s, s->end_reason);
	session_end(s);
}

/* What auth says */

static void set_user(struct session *s, struct slice user)
{
	if (user.n > 0 && !slice_to_cstr(user, s->user, sizeof(s->user)))
		s->user[0] = '\0';
}

static bool was_left(struct session *s)
{
	if (s->end_reason == NULL)
		return false;
	log_end(s, s->end_reason);
	session_end(s);
	return true;
}

void session_challenged(struct session *s, struct slice data)
{
	struct buf b;

	if (s->end_reason != NULL) {
		s->is_exchanging = true;
		ask_cancel(s);
		(void)was_left(s);
		return;
	}
	session_set_state(s, SESSION_TALK);
	s->is_exchanging = true;
	buf_init(&b, SESSION_OUT_MAX);
	s->login->proto->challenge(&s->engine, data, &b);
	send_buf(s, &b);
	conn_again(&s->conn);
}

void session_refused(struct session *s, enum proto_fail why, struct slice user,
		     struct slice reason)
{
	set_user(s, user);
	s->was_disabled = why == PROTO_FAIL_DISABLED;
	s->was_expired = why == PROTO_FAIL_EXPIRED;
	/* auth gave up while the client owes an answer: it is told when it has given it, for an
	 * answer must not be taken for a command */
	if (s->is_exchanging && s->end_reason == NULL)
		return;
	if (!was_left(s))
		fail(s, why, reason);
}

/* Under TLS the job gets one end of a pair and we keep the other; in clear it gets the client, of
 * whom we keep a second descriptor until the job has started. Nothing more is read from here on. */
static int descriptor_for_job(struct session *s)
{
	int pair[2];

	if (!s->is_tls)
		return dup(s->conn.io.fd);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	s->pair_fd = pair[0];
	return pair[1];
}

void session_accepted(struct session *s, struct slice user, struct slice token)
{
	int fd;

	set_user(s, user);
	s->successes++;
	if (was_left(s))
		return;
	be_stranger_no_more(s);
	conn_pause(&s->conn, true);
	timer_stop(&s->timer);
	fd = token.n <= sizeof(s->token) ? descriptor_for_job(s) : -1;
	if (fd < 0) {
		log_error(NULL, "no descriptor for the job of %s", s->user);
		session_not_started(s, true, (struct slice){ 0 });
		return;
	}
	memcpy(s->token, token.p, token.n);
	s->token_n = token.n;
	session_set_state(s, SESSION_HANDOVER);
	handover(s, fd);
}

/* What the broker says */

void session_started(struct session *s, uint32_t job_pid)
{
	struct say_client c = describe(s);
	struct buf b;

	buf_init(&b, SAY_MAX);
	say_login(&c, job_pid, &b);
	log_info(NULL, "%s", buf_cstr(&b));
	buf_done(&b);
	if (s->is_tls && s->end_reason == NULL) {
		relay_start(s);
		return;
	}
	/* the job has its own descriptor of the client: ours is closed, nothing else */
	close(conn_take_fd(&s->conn));
	s->has_conn = false;
	session_end(s);
}

void session_not_started(struct session *s, bool is_temporary, struct slice reason)
{
	struct buf b;

	if (was_left(s))
		return;
	buf_init(&b, SESSION_OUT_MAX);
	s->login->proto->fail(&s->engine, is_temporary ? PROTO_FAIL_TEMPORARY : PROTO_FAIL_LIMIT,
			      reason, &b);
	s->login->proto->bye(&s->engine, "Disconnected.", &b);
	send_buf(s, &b);
	close_with(s, "Connection closed");
}
