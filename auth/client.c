/* SPDX-License-Identifier: ISC */
#include "auth/client.h"

#include <stdio.h>
#include <stdlib.h>

#include "auth/lookup.h"
#include "lib/base/mem.h"
#include "lib/sys/log.h"

enum { ASKS_PER_CLIENT = 20000 };

struct client {
	struct ipc_chan chan;
	struct auth *auth;
	struct request_set set;
	struct list asks;
	unsigned n_asks;
};

/* One question about a user. */
struct ask {
	struct list link;
	struct client *client;
	uint32_t id;
	struct token_grant grant;	/* of a redeemed token; zeroed otherwise */
	struct lookup lookup;
};

static void drop_ask(struct ask *k)
{
	lookup_done(&k->lookup);
	list_remove(&k->link);
	k->client->n_asks--;
	k->client->auth->n_asks--;
	free(k->grant.prefetch);
	free(k);
}

static void on_close(struct ipc_chan *c, const struct err *why)
{
	struct client *cl = LIST_ENTRY(c, struct client, chan);

	if (why->code == RC_SYNTAX)
		log_err(NULL, why, "client dropped");
	request_set_done(&cl->set);
	LIST_EACH(node, &cl->asks)
		drop_ask(LIST_ENTRY(node, struct ask, link));
	free(cl);
}

static void send_challenge(struct request *r, struct slice data)
{
	struct client *cl = r->set->owner;

	auth_challenge_send(&cl->chan, &(struct auth_challenge){ .id = r->id, .data = data });
}

static void send_success(struct request *r, struct slice user, struct slice token)
{
	struct client *cl = r->set->owner;

	auth_success_send(&cl->chan, &(struct auth_success){ .id = r->id, .user = user,
							     .token = token });
}

static void send_failure(struct request_set *s, uint32_t id, unsigned code, struct slice user,
			 struct slice reason)
{
	struct client *cl = s->owner;

	auth_failure_send(&cl->chan, &(struct auth_failure){ .id = id, .code = (uint8_t)code,
							     .user = user, .reason = reason });
}

static const struct request_ops ops = { send_challenge, send_success, send_failure };

/* What crossed on the way is no fault. */
static enum rc or_ignore(enum rc rc)
{
	return rc == RC_END ? RC_OK : rc;
}

static enum rc on_start(struct ipc_chan *c, struct ipc_reader *r)
{
	struct client *cl = LIST_ENTRY(c, struct client, chan);
	struct auth_start m;
	struct slice initial;

	if (auth_start_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (cl->auth->is_draining)
		return RC_OK;	/* asked again of the successor */
	initial = m.has_initial ? slice_make(m.initial.p != NULL ? m.initial.p : "", m.initial.n)
				: (struct slice){ 0 };
	const struct request_origin o = {
		.id = m.id, .service = m.service, .mechanism = m.mechanism,
		.local_addr = m.local_addr, .remote_addr = m.remote_addr, .session = m.session,
		.wants_token = m.wants_token,
	};

	return request_start(&cl->set, &o, initial, NULL);
}

static enum rc on_continue(struct ipc_chan *c, struct ipc_reader *r)
{
	struct client *cl = LIST_ENTRY(c, struct client, chan);
	struct auth_continue m;

	if (auth_continue_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	return or_ignore(request_continue(&cl->set, m.id, m.data, NULL));
}

static enum rc on_cancel(struct ipc_chan *c, struct ipc_reader *r)
{
	struct client *cl = LIST_ENTRY(c, struct client, chan);
	struct auth_cancel m;

	if (auth_cancel_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	request_cancel(&cl->set, m.id);
	return RC_OK;
}

static void send_none(struct client *cl, uint32_t id, bool temporary, const char *reason)
{
	auth_user_none_send(&cl->chan, &(struct auth_user_none){
		.id = id, .temporary = temporary, .reason = slice_sub(slice_str(reason), 0, 256) });
}

static void on_found(struct lookup *l, enum rc rc, const struct err *err)
{
	struct ask *k = LIST_ENTRY(l, struct ask, lookup);
	bool has_logged_in = k->grant.user[0] != '\0';

	if (rc == RC_OK) {
		auth_user_found_send(&k->client->chan, &(struct auth_user_found){
			.id = k->id, .user = slice_str(l->user.name), .uid = l->user.uid,
			.gid = l->user.gid, .home = slice_str(l->user.home),
			.mail_location = slice_str(l->user.mail),
			.session = slice_str(k->grant.session),
			.extra = buf_slice(&l->user.extra) });
	} else {
		if (rc == RC_PERM)
			log_err(NULL, err, "user lookup failed");
		else if (rc == RC_END && has_logged_in)
			log_error(NULL, "user %s: the password is right, but no user database "
				  "knows the user", l->name);
		/* a fault of ours is for the administrator to mend: the user is not unknown, and
		 * what he is told must not show where things are here */
		if (rc == RC_END && !has_logged_in)
			send_none(k->client, k->id, false, "unknown user");
		else
			send_none(k->client, k->id, true, "Internal error occurred. Refer to server "
				  "log for more information.");
	}
	drop_ask(k);
}

static struct ask *ask_new(struct client *cl, uint32_t id)
{
	struct ask *k = mem_new(1, sizeof(*k));

	k->client = cl;
	k->id = id;
	list_append(&cl->asks, &k->link);
	cl->n_asks++;
	cl->auth->n_asks++;
	return k;
}

static enum rc on_redeem(struct ipc_chan *c, struct ipc_reader *r)
{
	struct client *cl = LIST_ENTRY(c, struct client, chan);
	struct auth_redeem m;
	struct token_grant grant = { 0 };
	struct ask *k;

	if (auth_redeem_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (cl->n_asks >= ASKS_PER_CLIENT) {
		send_none(cl, m.id, true, "too many questions at once");
		return RC_OK;
	}
	if (tokens_redeem(cl->auth->tokens, loop_now_ms(cl->auth->loop), m.token, m.service,
			  &grant) != RC_OK) {
		log_warn(NULL, "a token was presented that is not valid");
		send_none(cl, m.id, false, "token is not valid");
		return RC_OK;
	}
	k = ask_new(cl, m.id);
	k->grant = grant;
	k->lookup.prefetch = slice_make(grant.prefetch, grant.prefetch_bytes);
	snprintf(k->lookup.remote_addr, sizeof(k->lookup.remote_addr), "%s", grant.remote_addr);
	snprintf(k->lookup.local_addr, sizeof(k->lookup.local_addr), "%s", grant.local_addr);
	lookup_start(&k->lookup, cl->auth, grant.user, m.service, on_found);
	return RC_OK;
}

static enum rc on_user(struct ipc_chan *c, struct ipc_reader *r)
{
	struct client *cl = LIST_ENTRY(c, struct client, chan);
	char name[NAME_MAX_BYTES + 1];
	struct auth_user m;

	if (auth_user_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (cl->n_asks >= ASKS_PER_CLIENT)
		send_none(cl, m.id, true, "too many questions at once");
	else if (name_canonical(&cl->auth->names, m.user, name, NULL) != RC_OK)
		send_none(cl, m.id, false, "no such name");
	else
		lookup_start(&ask_new(cl, m.id)->lookup, cl->auth, name, m.service, on_found);
	return RC_OK;
}

/* States of the channel are the rights it came with. */
static const struct ipc_handler handlers[] = {
	{ auth_start_type, CLIENT_SASL, on_start },
	{ auth_continue_type, CLIENT_SASL, on_continue },
	{ auth_cancel_type, CLIENT_SASL, on_cancel },
	{ auth_redeem_type, CLIENT_USERS, on_redeem },
	{ auth_user_type, CLIENT_USERS, on_user },
};

static void send_mechanisms(struct client *cl)
{
	struct buf plain, others;

	buf_init(&plain, 256);
	buf_init(&others, 256);
	for (size_t i = 0; i < cl->auth->n_mechs; i++) {
		const struct sasl_mech *m = cl->auth->mechs[i];
		struct buf *b = (m->flags & SASL_PLAINTEXT) != 0 ? &plain : &others;

		buf_addf(b, "%s%s", buf_len(b) > 0 ? " " : "", m->name);
	}
	auth_mechanisms_send(&cl->chan, &(struct auth_mechanisms){ .plaintext = buf_slice(&plain),
								   .others = buf_slice(&others) });
	buf_done(&plain);
	buf_done(&others);
}

void client_new(struct auth *a, int fd, enum client_right right)
{
	struct client *cl = mem_new(1, sizeof(*cl));

	cl->auth = a;
	list_init(&cl->asks);
	request_set_init(&cl->set, a, &ops, cl);
	ipc_chan_init(&cl->chan, a->loop, fd, &auth_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_close, cl);
	cl->chan.state = right;
	if (right == CLIENT_SASL)
		send_mechanisms(cl);
}
