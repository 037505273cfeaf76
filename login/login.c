/* SPDX-License-Identifier: ISC */
#include "login/login.h"

#include <stdlib.h>

#include "login/session.h"

enum { ADDRS_MAX = 1000000 };

static void requests_init(struct requests *r)
{
	for (unsigned i = 0; i < LOGIN_BUCKETS; i++)
		list_init(&r->buckets[i]);
	r->last_id = 0;
}

static bool is_used(const struct requests *r, uint32_t id)
{
	LIST_EACH(node, &r->buckets[id % LOGIN_BUCKETS])
		if (LIST_ENTRY(node, struct session, by_request)->request_id == id)
			return true;
	return false;
}

uint32_t requests_add(struct requests *r, struct list *link)
{
	do
		r->last_id++;
	while (r->last_id == 0 || is_used(r, r->last_id));
	list_append(&r->buckets[r->last_id % LOGIN_BUCKETS], link);
	return r->last_id;
}

void login_init(struct login *l, struct daemon *d, struct loop *loop,
		const struct login_params *params, const struct proto *proto,
		enum login_tls tls_level, struct tls_server *tls)
{
	*l = (struct login){ .params = params, .proto = proto, .tls_level = tls_level,
			     .tls = tls, .make_filter = tls_server_filter, .loop = loop,
			     .daemon = d };
	list_init(&l->waiting);
	list_init(&l->strangers);
	list_init(&l->unasked);
	requests_init(&l->asked);
	requests_init(&l->handed);
	hash_init(&l->by_addr, ADDRS_MAX, false);
	login_auth_init(l, d);
	login_broker_init(l, d);
}

void login_done(struct login *l)
{
	struct slice key;
	size_t pos = 0;
	void *count;

	timer_stop(&l->unasked_timer);
	peer_stop(&l->auth);
	peer_stop(&l->broker);
	while (hash_next(&l->by_addr, &pos, &key, &count))
		free(count);
	hash_done(&l->by_addr);
}
