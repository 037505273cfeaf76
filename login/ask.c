/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "login/session.h"

static struct login *login_of(struct ipc_chan *c)
{
	return LIST_ENTRY(LIST_ENTRY(c, struct peer, chan), struct login, auth);
}

static struct session *take_asked(struct login *l, uint32_t id)
{
	LIST_EACH(node, &l->asked.buckets[id % LOGIN_BUCKETS]) {
		struct session *s = LIST_ENTRY(node, struct session, by_request);

		if (s->request_id == id)
			return s;
	}
	return NULL;
}

enum { UNASKED_MS = 10000 };

/* The answer is there, or not wanted any more. */
static void forget(struct session *s)
{
	list_remove(&s->by_request);
	s->request_id = 0;
	buf_wipe(&s->initial);
}

static void send_start(struct session *s)
{
	struct login *l = s->login;
	struct slice initial = buf_slice(&s->initial);

	if (initial.p == NULL)
		initial.p = "";
	s->request_id = requests_add(&l->asked, &s->by_request);
	auth_start_send(&l->auth.chan, &(struct auth_start){
		.id = s->request_id, .service = slice_str(l->proto->service),
		.mechanism = slice_str(s->method), .has_initial = s->has_initial,
		.initial = s->has_initial ? initial : (struct slice){ 0 },
		.secured = s->is_secured, .wants_token = true,
		.local_addr = slice_str(s->local_addr), .local_port = s->local_port,
		.remote_addr = slice_str(s->remote_addr), .remote_port = s->remote_port,
		.session = slice_str(s->id) });
}

static void put_off(struct session *s)
{
	struct login *l = s->login;

	list_append(&l->unasked, &s->by_request);
	if (!timer_is_running(&l->unasked_timer))
		timer_start(&l->unasked_timer, UNASKED_MS);
}

static void refuse(struct session *s)
{
	forget(s);
	session_refused(s, PROTO_FAIL_TEMPORARY, (struct slice){ 0 }, (struct slice){ 0 });
}

static void on_unasked(struct timer *t)
{
	struct login *l = LIST_ENTRY(t, struct login, unasked_timer);

	while (!list_is_empty(&l->unasked))
		refuse(LIST_ENTRY(l->unasked.next, struct session, by_request));
}

static void ask_put_off(struct login *l)
{
	struct list *node;

	timer_stop(&l->unasked_timer);
	while ((node = list_pop(&l->unasked)) != NULL)
		send_start(LIST_ENTRY(node, struct session, by_request));
}

/* Greeted are those whom we can tell what they may use. */
static void greet_waiting(struct login *l)
{
	struct list *node;

	while ((node = list_pop(&l->waiting)) != NULL)
		session_greet(LIST_ENTRY(node, struct session, link));
}

static enum rc on_mechanisms(struct ipc_chan *c, struct ipc_reader *r)
{
	struct login *l = login_of(c);
	struct auth_mechanisms m;

	if (auth_mechanisms_get(r, &m) != RC_OK ||
	    !slice_to_cstr(m.plaintext, l->plain_mechs, sizeof(l->plain_mechs)) ||
	    !slice_to_cstr(m.others, l->other_mechs, sizeof(l->other_mechs)))
		return RC_SYNTAX;
	snprintf(l->all_mechs, sizeof(l->all_mechs), "%s%s%s", l->plain_mechs,
		 m.plaintext.n > 0 && m.others.n > 0 ? " " : "", l->other_mechs);
	l->knows_mechs = true;
	greet_waiting(l);
	ask_put_off(l);
	return RC_OK;
}

static enum rc on_challenge(struct ipc_chan *c, struct ipc_reader *r)
{
	struct auth_challenge m;
	struct session *s;

	if (auth_challenge_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = take_asked(login_of(c), m.id);
	if (s == NULL)
		return RC_OK;
	s->was_challenged = true;
	buf_wipe(&s->initial);
	session_challenged(s, m.data);
	return RC_OK;
}

static enum rc on_success(struct ipc_chan *c, struct ipc_reader *r)
{
	struct auth_success m;
	struct session *s;

	if (auth_success_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = take_asked(login_of(c), m.id);
	if (s == NULL)
		return RC_OK;
	if (s->state != SESSION_AUTH)
		return RC_SYNTAX;	/* it is the client's turn */
	forget(s);
	session_accepted(s, m.user, m.token);
	return RC_OK;
}

static enum rc on_failure(struct ipc_chan *c, struct ipc_reader *r)
{
	static const enum proto_fail codes[] = {
		[0] = PROTO_FAIL_TEMPORARY,
		[AUTH_FAIL_CREDENTIALS] = PROTO_FAIL_CREDENTIALS,
		[AUTH_FAIL_TEMPORARY] = PROTO_FAIL_TEMPORARY,
		[AUTH_FAIL_DISABLED] = PROTO_FAIL_DISABLED,
		[AUTH_FAIL_MECHANISM] = PROTO_FAIL_MECHANISM,
		[AUTH_FAIL_AUTHORIZATION] = PROTO_FAIL_AUTHORIZATION,
		[AUTH_FAIL_PLAINTEXT] = PROTO_FAIL_PLAINTEXT,
		[AUTH_FAIL_EXPIRED] = PROTO_FAIL_EXPIRED,
	};
	struct auth_failure m;
	struct session *s;

	if (auth_failure_get(r, &m) != RC_OK || m.code >= sizeof(codes) / sizeof(codes[0]))
		return RC_SYNTAX;
	s = take_asked(login_of(c), m.id);
	if (s == NULL)
		return RC_OK;
	forget(s);
	session_refused(s, codes[m.code], m.user, m.reason);
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ auth_mechanisms_type, 0, on_mechanisms },
	{ auth_challenge_type, 0, on_challenge },
	{ auth_success_type, 0, on_success },
	{ auth_failure_type, 0, on_failure },
};

/* auth is replaced at a reload, or was killed. A question that it has only been given is put again;
 * in the middle of an exchange the client must begin anew. */
static void on_down(struct peer *p, const struct err *why)
{
	struct login *l = LIST_ENTRY(p, struct login, auth);

	(void)why;
	for (unsigned i = 0; i < LOGIN_BUCKETS; i++)
		LIST_EACH(node, &l->asked.buckets[i]) {
			struct session *s = LIST_ENTRY(node, struct session, by_request);

			if (s->was_challenged) {
				refuse(s);
				continue;
			}
			list_remove(&s->by_request);
			s->request_id = 0;
			put_off(s);
		}
}

void login_auth_init(struct login *l, struct daemon *d)
{
	peer_init(&l->auth, d, "auth-client", &(struct peer_ops){
		&auth_proto, handlers, sizeof(handlers) / sizeof(handlers[0]), NULL, on_down }, l);
	timer_init(&l->unasked_timer, l->loop, on_unasked);
}

void ask_start(struct session *s, const struct proto_ask *ask)
{
	s->has_initial = ask->data.p != NULL;
	s->was_challenged = false;
	buf_wipe(&s->initial);
	buf_add(&s->initial, ask->data);
	if (peer_is_up(&s->login->auth))
		send_start(s);
	else
		put_off(s);
}

bool ask_continue(struct session *s, struct slice data)
{
	struct login *l = s->login;

	if (s->request_id == 0 || !peer_is_up(&l->auth))
		return false;
	auth_continue_send(&l->auth.chan, &(struct auth_continue){ .id = s->request_id,
								   .data = data });
	return true;
}

void ask_cancel(struct session *s)
{
	if (s->request_id != 0 && peer_is_up(&s->login->auth))
		auth_cancel_send(&s->login->auth.chan,
				 &(struct auth_cancel){ .id = s->request_id });
	forget(s);
}

void ask_done(struct session *s)
{
	buf_wipe(&s->initial);
	buf_done(&s->initial);
}
