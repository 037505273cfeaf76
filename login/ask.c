/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "lib/sys/log.h"
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

static void forget(struct session *s)
{
	list_remove(&s->by_request);
	s->request_id = 0;
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
	return RC_OK;
}

static enum rc on_challenge(struct ipc_chan *c, struct ipc_reader *r)
{
	struct auth_challenge m;
	struct session *s;

	if (auth_challenge_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = take_asked(login_of(c), m.id);
	if (s != NULL)
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

/* Requests die with the channel; their clients may try again. */
static void on_down(struct peer *p, const struct err *why)
{
	struct login *l = LIST_ENTRY(p, struct login, auth);

	(void)why;
	for (unsigned i = 0; i < LOGIN_BUCKETS; i++)
		LIST_EACH(node, &l->asked.buckets[i]) {
			struct session *s = LIST_ENTRY(node, struct session, by_request);

			forget(s);
			session_refused(s, PROTO_FAIL_TEMPORARY, (struct slice){ 0 },
					(struct slice){ 0 });
		}
}

void login_auth_init(struct login *l, struct daemon *d)
{
	peer_init(&l->auth, d, "auth-client", &auth_proto, handlers,
		  sizeof(handlers) / sizeof(handlers[0]), NULL, on_down, l);
}

bool ask_start(struct session *s, const struct proto_ask *ask)
{
	struct login *l = s->login;

	if (!peer_is_up(&l->auth))
		return false;
	s->request_id = requests_add(&l->asked, &s->by_request);
	auth_start_send(&l->auth.chan, &(struct auth_start){
		.id = s->request_id, .service = slice_str(l->proto->service),
		.mechanism = slice_str(s->method), .has_initial = ask->data.p != NULL,
		.initial = ask->data, .secured = s->is_secured, .wants_token = true,
		.local_addr = slice_str(s->local_addr), .local_port = s->local_port,
		.remote_addr = slice_str(s->remote_addr), .remote_port = s->remote_port,
		.session = slice_str(s->id) });
	return true;
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
	if (s->request_id == 0)
		return;
	if (peer_is_up(&s->login->auth))
		auth_cancel_send(&s->login->auth.chan,
				 &(struct auth_cancel){ .id = s->request_id });
	forget(s);
}
