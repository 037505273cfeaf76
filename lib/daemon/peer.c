/* SPDX-License-Identifier: ISC */
#include "lib/daemon/peer.h"

#include <unistd.h>

#include "lib/daemon/daemon_impl.h"
#include "lib/ipc/control.h"
#include "lib/sys/log.h"

enum { PAUSE_MIN_MS = 100, PAUSE_MAX_MS = 2000, STABLE_MS = 1000 };

static void ask(struct peer *p)
{
	struct daemon *d = p->daemon;

	if (++d->next_connect_id == 0)
		d->next_connect_id = 1;
	p->connect_id = d->next_connect_id;
	control_connect_send(&d->control, &(struct control_connect){
		.id = p->connect_id, .service = slice_str(p->service) });
}

static void on_retry(struct timer *t)
{
	struct peer *p = LIST_ENTRY(t, struct peer, retry);

	if (p->wanted && p->connect_id == 0 && !peer_is_up(p))
		ask(p);
}

static void retry_later(struct peer *p)
{
	timer_start(&p->retry, p->pause_ms);
	p->pause_ms = p->pause_ms * 2 < PAUSE_MAX_MS ? p->pause_ms * 2 : PAUSE_MAX_MS;
}

static void on_close(struct ipc_chan *c, const struct err *why)
{
	struct peer *p = c->owner;

	if (loop_now_ms(p->daemon->loop) - p->up_since_ms >= STABLE_MS)
		p->pause_ms = PAUSE_MIN_MS;
	/* Again and again: perhaps one of us is older than the other. */
	log_at(p->pause_ms >= PAUSE_MAX_MS ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, NULL,
	       "connection to service %s: %s", p->service, why->text);
	if (p->wanted)
		retry_later(p);
	if (p->ops.on_down != NULL)
		p->ops.on_down(p, why);
}

static struct peer *find_asking(struct daemon *d, uint32_t id)
{
	LIST_EACH(node, &d->peers) {
		struct peer *p = LIST_ENTRY(node, struct peer, link);

		if (p->connect_id == id)
			return p;
	}
	return NULL;
}

void peer_connected(struct daemon *d, uint32_t id, int fd)
{
	struct peer *p = id != 0 ? find_asking(d, id) : NULL;

	if (p == NULL || !p->wanted) {
		close(fd);
		return;
	}
	p->connect_id = 0;
	p->up_since_ms = loop_now_ms(d->loop);
	ipc_chan_init(&p->chan, d->loop, fd, p->ops.proto, p->ops.handlers, p->ops.n_handlers,
		      on_close, p);
	if (p->ops.on_up != NULL)
		p->ops.on_up(p);
}

void peer_refused(struct daemon *d, uint32_t id, struct slice reason)
{
	struct peer *p = id != 0 ? find_asking(d, id) : NULL;
	struct err why = { 0 };

	if (p == NULL)
		return;
	p->connect_id = 0;
	(void)!err_set(&why, RC_TEMP, "service %s: %.*s", p->service, SLICE_ARG(reason));
	if (p->pause_ms >= PAUSE_MAX_MS)
		log_warn(NULL, "%s", why.text);
	if (p->wanted)
		retry_later(p);
	if (p->ops.on_down != NULL)
		p->ops.on_down(p, &why);
}

void peer_init(struct peer *p, struct daemon *d, const char *service, const struct peer_ops *ops,
	       void *owner)
{
	*p = (struct peer){ .daemon = d, .service = service, .ops = *ops, .owner = owner,
			    .pause_ms = PAUSE_MIN_MS };
	timer_init(&p->retry, d->loop, on_retry);
	list_init(&p->link);
}

void peer_start(struct peer *p)
{
	if (p->wanted)
		return;
	p->wanted = true;
	list_append(&p->daemon->peers, &p->link);
	ask(p);
}

void peer_retire(struct peer *p)
{
	if (!p->wanted)
		return;
	p->wanted = false;
	p->connect_id = 0;
	list_remove(&p->link);
	timer_stop(&p->retry);
}

void peer_stop(struct peer *p)
{
	peer_retire(p);
	ipc_chan_done(&p->chan);
}

bool peer_is_up(const struct peer *p)
{
	return ipc_chan_is_open(&p->chan);
}
