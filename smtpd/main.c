/* smtpd: the SMTP server. This file joins the server (smtpd.h) to the daemon skeleton. */
/* SPDX-License-Identifier: ISC */
#include "lib/daemon/daemon.h"
#include "lib/daemon/tables.h"
#include "lib/sys/log.h"
#include "smtpd/smtpd.h"
#include "smtpd/standalone.h"

enum {
	LOOK_MS = 2000,		/* between looks at the files behind tables */
	PARKED_MAX = 256,	/* clients that may wait for our channels, once, at the start */
	PARKED_LOOK_MS = 10,
	PARKED_WAIT_MS = 5000	/* then they are served without what is missing */
};

static struct smtpd server;

/* The channels, and where the server wants to find them. */
static struct link {
	struct peer peer;
	const char *service;
	const struct ipc_proto *proto;
	const struct ipc_handler *handlers;
	size_t n_handlers;
	struct ipc_chan **slot;
} links[] = {
	/* Two of them, one in use; the other is from before cleanup was replaced, or none. */
	{ .service = "cleanup", .proto = &cleanup_proto, .handlers = smtpd_cleanup_handlers,
	  .n_handlers = 3, .slot = &server.cleanup },
	{ .service = "cleanup", .proto = &cleanup_proto, .handlers = smtpd_cleanup_handlers,
	  .n_handlers = 3, .slot = &server.cleanup },
	{ .service = "resolver", .proto = &resolver_proto, .handlers = smtpd_resolver_handlers,
	  .n_handlers = 2, .slot = &server.resolver },
	{ .service = "anvil", .proto = &anvil_proto, .handlers = smtpd_anvil_handlers,
	  .n_handlers = 1, .slot = &server.anvil },
	{ .service = "auth-client", .proto = &auth_proto, .handlers = smtpd_auth_handlers,
	  .n_handlers = 4, .slot = &server.auth },
};
enum { N_LINKS = sizeof(links) / sizeof(links[0]) };

static void on_up(struct peer *p)
{
	struct link *l = LIST_ENTRY(p, struct link, peer);

	smtpd_channel_up(&server, l->slot, &p->chan);
}

static void on_down(struct peer *p, const struct err *why)
{
	struct link *l = LIST_ENTRY(p, struct link, peer);

	log_debug(NULL, "%s: %s", l->service, why->text);
	smtpd_channel_down(&server, l->slot, &p->chan);
}

/* Messages under way end with the old cleanup, new ones go to its successor. While one is still
 * there from the time before, all stays as it is: the old one takes new messages, too. */
static void on_move(struct smtpd *s)
{
	struct link *old = &links[0], *next = &links[1];

	if (s->cleanup == &next->peer.chan)
		old = &links[1], next = &links[0];
	if (peer_is_up(&next->peer))
		return;
	peer_retire(&old->peer);
	peer_start(&next->peer);
}

static bool is_needed(const struct link *l)
{
	if (l->slot == &server.auth)
		return server.p.smtpd_sasl_auth_enable;
	if (l->slot == &server.resolver)
		return server.p.smtpd_peername_lookup;
	return l != &links[1];
}

static void prepare(struct daemon *d, struct faults *faults)
{
	daemon_use_tables(d);
	smtpd_init(&server, daemon_conf(d), daemon_service(d), faults);
}

static void on_count(struct smtpd *s, int change)
{
	struct daemon *d = s->owner;

	if (change > 0)
		daemon_session_begin(d);
	else
		daemon_session_end(d);
}

static struct timer look;

static void on_look(struct timer *t)
{
	struct daemon *d = server.owner;

	if (daemon_is_draining(d))
		return;
	if (smtpd_has_changed(&server, loop_now_ms(server.loop)))
		daemon_replace(d, "table has changed");
	else
		timer_start(t, LOOK_MS);
}

/* The first clients may be there before the channels are: without auth's a client would not be
 * offered AUTH, without the resolver's it would have no name. */
static struct {
	int fds[PARKED_MAX];
	size_t n;
	struct timer look;
	int64_t until_ms;
	bool is_open;
} parked;

static bool channels_are_up(void)
{
	for (size_t i = 0; i < N_LINKS; i++)
		if (is_needed(&links[i]) && *links[i].slot == NULL)
			return false;
	return !server.p.smtpd_sasl_auth_enable || server.mechs_plaintext[0] != '\0' ||
	       server.mechs_others[0] != '\0';
}

static void serve_parked(struct timer *t)
{
	struct daemon *d = server.owner;

	parked.is_open = channels_are_up() || loop_now_ms(server.loop) >= parked.until_ms;
	if (!parked.is_open) {
		timer_start(t, PARKED_LOOK_MS);
		return;
	}
	for (size_t i = 0; i < parked.n; i++) {
		smtpd_accept(&server, parked.fds[i]);
		daemon_session_end(d);
	}
	parked.n = 0;
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	(void)l;
	if (parked.is_open || parked.n == PARKED_MAX) {
		smtpd_accept(&server, fd);
		return;
	}
	daemon_session_begin(d);
	parked.fds[parked.n++] = fd;
	if (!timer_is_running(&parked.look))
		serve_parked(&parked.look);
}

static enum rc start(struct daemon *d, struct err *err)
{
	(void)err;
	server.loop = daemon_loop(d);
	server.owner = d;
	server.on_count = on_count;
	server.on_move = on_move;
	for (size_t i = 0; i < N_LINKS; i++) {
		struct link *l = &links[i];

		peer_init(&l->peer, d, l->service, &(struct peer_ops){
			l->proto, l->handlers, l->n_handlers, on_up, on_down }, &server);
		if (is_needed(l))
			peer_start(&l->peer);
	}
	timer_init(&parked.look, server.loop, serve_parked);
	parked.until_ms = loop_now_ms(server.loop) + PARKED_WAIT_MS;
	timer_init(&look, server.loop, on_look);
	timer_start(&look, LOOK_MS);
	return RC_OK;
}

static void on_ticket_keys(struct daemon *d, const void *keys, size_t n)
{
	(void)d;
	if (server.tls != NULL && n >= sizeof(struct ticket_keys))
		tls_server_set_ticket_keys(server.tls, keys);
}

static const struct daemon_spec spec = {
	.name = "smtpd",
	.prepare = prepare,
	.start = start,
	.on_accept = on_accept,
	.on_ticket_keys = on_ticket_keys,
};

int main(int argc, char **argv)
{
	if (standalone_is_wanted(argc, argv))
		return standalone_main(argc, argv);
	return daemon_main(argc, argv, &spec);
}
