/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/sys/log.h"
#include "login/session.h"

enum { BROKER_PATIENCE_MS = 60000 };

static struct login *login_of(struct ipc_chan *c)
{
	return LIST_ENTRY(LIST_ENTRY(c, struct peer, chan), struct login, broker);
}

/* The session that handed a client over under ID; it is forgotten here. */
static struct session *take_handed(struct login *l, uint32_t id)
{
	LIST_EACH(node, &l->handed.buckets[id % LOGIN_BUCKETS]) {
		struct session *s = LIST_ENTRY(node, struct session, by_request);

		if (s->request_id == id) {
			list_remove(&s->by_request);
			s->request_id = 0;
			timer_stop(&s->timer);
			return s;
		}
	}
	return NULL;
}

static enum rc on_started(struct ipc_chan *c, struct ipc_reader *r)
{
	struct login_started m;
	struct session *s;

	if (login_started_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = take_handed(login_of(c), m.id);
	if (s != NULL)
		session_started(s, m.pid);
	return RC_OK;
}

static enum rc on_refused(struct ipc_chan *c, struct ipc_reader *r)
{
	struct login_refused m;
	struct session *s;

	if (login_refused_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = take_handed(login_of(c), m.id);
	if (s != NULL)
		session_not_started(s, m.temporary, m.reason);
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ login_started_type, 0, on_started },
	{ login_refused_type, 0, on_refused },
};

static void give_up(struct session *s)
{
	struct session *same = take_handed(s->login, s->request_id);

	if (same != NULL)
		session_not_started(same, true, (struct slice){ 0 });
}

static void on_patience(struct timer *t)
{
	give_up(LIST_ENTRY(t, struct session, timer));
}

/* Whether a job was made before the channel broke cannot be known: the client is told to come again,
 * and a job without its client ends by itself. */
static void on_down(struct peer *p, const struct err *why)
{
	struct login *l = LIST_ENTRY(p, struct login, broker);
	unsigned n = 0;

	for (unsigned i = 0; i < LOGIN_BUCKETS; i++)
		LIST_EACH(node, &l->handed.buckets[i]) {
			struct session *s = LIST_ENTRY(node, struct session, by_request);

			if (s->queued_fd < 0) {
				give_up(s);
				n++;
			}
		}
	if (n > 0)
		log_err(NULL, why, "service %s is gone with %u clients", l->proto->broker, n);
}

static void send_handover(struct session *s, int fd)
{
	struct login *l = s->login;
	bool tell;
	struct slice tag = l->proto->tag(&s->engine, &tell);

	s->queued_fd = -1;
	login_handover_send(&l->broker.chan, &(struct login_handover){
		.id = s->request_id, .client = fd, .token = slice_make(s->token, s->token_n),
		.user = slice_str(s->user), .command_tag = tag, .tell_capability = tell,
		.input = conn_input(&s->conn), .secured = s->is_secured,
		.local_addr = slice_str(s->local_addr), .remote_addr = slice_str(s->remote_addr),
		.remote_port = s->remote_port, .session = slice_str(s->id) });
	conn_discard_input(&s->conn);
	mem_wipe(s->token, sizeof(s->token));
}

static void on_up(struct peer *p)
{
	struct login *l = LIST_ENTRY(p, struct login, broker);

	for (unsigned i = 0; i < LOGIN_BUCKETS; i++)
		LIST_EACH(node, &l->handed.buckets[i]) {
			struct session *s = LIST_ENTRY(node, struct session, by_request);

			if (s->queued_fd >= 0)
				send_handover(s, s->queued_fd);
		}
}

void login_broker_init(struct login *l, struct daemon *d)
{
	peer_init(&l->broker, d, l->proto->broker, &(struct peer_ops){
		&login_proto, handlers, sizeof(handlers) / sizeof(handlers[0]), on_up, on_down }, l);
}

void handover(struct session *s, int fd)
{
	struct login *l = s->login;

	s->request_id = requests_add(&l->handed, &s->by_request);
	timer_init(&s->timer, l->loop, on_patience);
	timer_start(&s->timer, BROKER_PATIENCE_MS);
	peer_start(&l->broker);
	if (peer_is_up(&l->broker)) {
		send_handover(s, fd);
		return;
	}
	s->queued_fd = fd;
}
