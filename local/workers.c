/* SPDX-License-Identifier: ISC */
#include "local/workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/ipc/localworker.h"
#include "lib/sys/log.h"

enum { SWEEP_MS = 5000, KEY_MAX = 8192, STALE_AFTER_MS = 10000 };

struct worker {
	struct list link;		/* in workers.all, the longest unused first */
	struct workers *owner;
	struct ipc_chan chan;
	struct task end_task;
	uint32_t request;		/* id at the broker while it is being made, else 0 */
	char *key;
	size_t key_n;
	enum worker_kind kind;
	struct list works;		/* given to it, in order */
	unsigned n_works;
	bool is_retired;		/* gets no more work */
	int64_t made_ms, idle_since_ms;
};

struct workers {
	struct daemon *daemon;
	const struct config *config;
	struct ipc_chan broker;
	struct hash by_key;		/* all kinds but commands */
	struct list all;
	unsigned n;
	struct list waiting;		/* works without a place */
	struct list queries;
	uint32_t next_id;
	struct timer sweep;
};

static void fail_work(struct work *w, const char *text)
{
	struct outcome out = { 0 };

	list_remove(&w->link);
	ipc_packet_free(&w->packet);
	free(w->key);
	w->key = NULL;
	w->worker = NULL;
	outcome_set(&out, OUTCOME_DEFERRED, "4.3.0", "%s", text);
	if (w->on_done != NULL)
		w->on_done(w, &out);
	else
		w->on_opened(w, -1, WORK_OPEN_LATER, slice_str(text));
}

uint32_t workers_next_id(struct workers *ws)
{
	if (++ws->next_id == 0)
		ws->next_id = 1;
	return ws->next_id;
}

/* Whoever is removed and made again with another user id, or moves, has other workers. */
static size_t make_key(const struct worker_key *k, char out[KEY_MAX])
{
	int n = snprintf(out, KEY_MAX, "%d %u %u %.*s/%.*s", (int)k->kind, (unsigned)k->uid,
			 (unsigned)k->gid, SLICE_ARG(k->user), SLICE_ARG(k->dir));
	size_t used = n < KEY_MAX ? (size_t)n : KEY_MAX - 1;

	out[used++] = '\0';
	n = snprintf(out + used, KEY_MAX - used, "%.*s", SLICE_ARG(k->lane));
	return used + (size_t)n < KEY_MAX ? used + (size_t)n : KEY_MAX - 1;
}

/* --- ends --- */

static void on_free(struct task *t)
{
	free(LIST_ENTRY(t, struct worker, end_task));
}

static void place_waiting(struct workers *ws);

static void forget_key(struct worker *w)
{
	struct workers *ws = w->owner;

	if (hash_get(&ws->by_key, slice_make(w->key, w->key_n)) == w)
		hash_remove(&ws->by_key, slice_make(w->key, w->key_n));
}

/* Out of every list; its works fail with WHY (NULL: it has none). */
static void drop_worker(struct worker *w, const char *why)
{
	struct workers *ws = w->owner;
	struct list *node;

	forget_key(w);
	list_remove(&w->link);
	ws->n--;
	ipc_chan_done(&w->chan);
	while ((node = list_pop(&w->works)) != NULL)
		fail_work(LIST_ENTRY(node, struct work, link), why != NULL ? why : "no worker");
	free(w->key);
	w->key = NULL;
	loop_defer(daemon_loop(ws->daemon), &w->end_task, on_free);
}

static void on_worker_closed(struct ipc_chan *chan, const struct err *why)
{
	struct worker *w = chan->owner;
	struct workers *ws = w->owner;

	(void)why;
	drop_worker(w, "the delivery worker ended unexpectedly");
	place_waiting(ws);
}

static void sweep(struct timer *t)
{
	struct workers *ws = LIST_ENTRY(t, struct workers, sweep);
	int64_t now = loop_now_ms(daemon_loop(ws->daemon));

	LIST_EACH(node, &ws->all) {
		struct worker *w = LIST_ENTRY(node, struct worker, link);

		if (w->n_works == 0 && w->request == 0 &&
		    (w->is_retired ||
		     now - w->idle_since_ms >= ws->config->p.local_worker_idle_time))
			drop_worker(w, NULL);
	}
	timer_start(&ws->sweep, SWEEP_MS);
}

/* --- answers --- */

static struct work *find_work(struct worker *w, uint32_t id)
{
	LIST_EACH(node, &w->works) {
		struct work *work = LIST_ENTRY(node, struct work, link);

		if (work->id == id)
			return work;
	}
	return NULL;
}

/* The request ID is over; NULL when nobody waits for it any more. */
static struct work *settle(struct worker *w, uint32_t id)
{
	struct workers *ws = w->owner;
	struct work *work = find_work(w, id);

	if (w->n_works > 0)
		w->n_works--;
	if (work != NULL) {
		list_remove(&work->link);
		work->worker = NULL;
	}
	if (w->n_works == 0) {
		w->idle_since_ms = loop_now_ms(daemon_loop(ws->daemon));
		place_waiting(ws);
	}
	return work;
}

/* What a worker may reach was settled when it was made. Where that directory has been replaced since
 * (moved, mounted over), it is refused what the next one gets. */
static void note_refusal(struct worker *w)
{
	int64_t now = loop_now_ms(daemon_loop(w->owner->daemon));

	if (now - w->made_ms < STALE_AFTER_MS || w->kind == WORKER_COMMAND)
		return;
	w->is_retired = true;
	forget_key(w);
}

static enum rc take_done(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct outcome out = { 0 };
	struct work_done m;
	struct work *work;

	if (work_done_get(r, &m) != RC_OK || m.status < OUTCOME_SENT || m.status > OUTCOME_BOUNCED)
		return RC_SYNTAX;
	out.status = m.status;
	(void)slice_to_cstr(m.dsn, out.dsn, sizeof(out.dsn));
	(void)slice_to_cstr(slice_sub(m.text, 0, sizeof(out.text) - 1), out.text,
			    sizeof(out.text));
	if (m.refused)
		note_refusal(chan->owner);
	work = settle(chan->owner, m.id);
	if (work != NULL && work->on_done != NULL)
		work->on_done(work, &out);
	return RC_OK;
}

static enum rc take_opened(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct work_opened m;
	struct work *work;

	if (work_opened_get(r, &m) != RC_OK || m.file < 0)
		return RC_SYNTAX;
	work = settle(chan->owner, m.id);
	if (work != NULL && work->on_opened != NULL)
		work->on_opened(work, m.file, 0, SLICE_LIT(""));
	else
		close(m.file);
	return RC_OK;
}

static enum rc take_not_opened(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct work_not_opened m;
	struct work *work;

	if (work_not_opened_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (m.code != WORK_OPEN_NONE)
		note_refusal(chan->owner);
	work = settle(chan->owner, m.id);
	if (work != NULL && work->on_opened != NULL)
		work->on_opened(work, -1, m.code, m.text);
	return RC_OK;
}

static const struct ipc_handler worker_handlers[] = {
	{ work_done_type, 0, take_done }, { work_opened_type, 0, take_opened },
	{ work_not_opened_type, 0, take_not_opened },
};

/* --- giving work --- */

static void give(struct worker *w, struct work *work)
{
	work->worker = w;
	list_append(&w->works, &work->link);
	w->n_works++;
	/* At the end of the list: used last. */
	list_remove(&w->link);
	list_append(&w->owner->all, &w->link);
	if (w->request == 0) {
		ipc_chan_queue(&w->chan, work->packet);
		work->packet = NULL;
	}
}

static struct worker *idle_command_worker(struct workers *ws, struct slice key)
{
	LIST_EACH(node, &ws->all) {
		struct worker *w = LIST_ENTRY(node, struct worker, link);

		if (w->kind == WORKER_COMMAND && w->n_works == 0 && w->request == 0 &&
		    slice_eq(slice_make(w->key, w->key_n), key))
			return w;
	}
	return NULL;
}

/* The longest unused worker makes room for another. */
static bool make_room(struct workers *ws)
{
	if (ws->n < (unsigned)ws->config->p.local_worker_limit)
		return true;
	LIST_EACH(node, &ws->all) {
		struct worker *w = LIST_ENTRY(node, struct worker, link);

		if (w->n_works == 0 && w->request == 0) {
			drop_worker(w, NULL);
			return true;
		}
	}
	return false;
}

static struct worker *new_worker(struct workers *ws, const struct worker_key *key,
				 const char *name, size_t n)
{
	struct worker *w = mem_new(1, sizeof(*w));

	w->owner = ws;
	w->key = mem_dup(name, n);
	w->key_n = n;
	w->kind = key->kind;
	list_init(&w->works);
	list_append(&ws->all, &w->link);
	ws->n++;
	task_init(&w->end_task);
	/* The hash holds at least as many as there may be workers. */
	if (key->kind != WORKER_COMMAND)
		(void)!hash_put(&ws->by_key, slice_make(w->key, n), w, NULL);
	w->request = workers_next_id(ws);
	broker_worker_send(&ws->broker, &(struct broker_worker){
		.id = w->request, .kind = (uint8_t)key->kind, .user = key->user,
		.uid = key->uid, .gid = key->gid, .dir = key->dir, .makes_dir = key->makes_dir });
	return w;
}

/* A worker for KEY, made if need be; NULL: no place now. */
static struct worker *find_worker(struct workers *ws, const struct worker_key *key,
				  const char *name, size_t n)
{
	struct worker *w;

	if (key->kind == WORKER_COMMAND)
		w = idle_command_worker(ws, slice_make(name, n));
	else
		w = hash_get(&ws->by_key, slice_make(name, n));
	if (w == NULL && make_room(ws))
		w = new_worker(ws, key, name, n);
	return w;
}

/* The key again from its printed form, which waiting works keep. */
static struct worker_key parse_key(const struct work *work)
{
	struct slice s = slice_make(work->key, work->key_n), part;
	struct worker_key k = { .kind = work->kind, .makes_dir = work->makes_dir };

	slice_split(&s, ' ', &part);
	k.uid = (uid_t)strtoul(s.p, NULL, 10);
	slice_split(&s, ' ', &part);
	k.gid = (gid_t)strtoul(s.p, NULL, 10);
	slice_split(&s, ' ', &part);
	slice_split(&s, '/', &k.user);
	slice_split(&s, '\0', &k.dir);
	return k;
}

static void place_waiting(struct workers *ws)
{
	while (!list_is_empty(&ws->waiting)) {
		struct work *work = LIST_ENTRY(ws->waiting.next, struct work, link);
		struct worker_key key = parse_key(work);
		struct worker *w = find_worker(ws, &key, work->key, work->key_n);

		if (w == NULL)
			return;
		list_remove(&work->link);
		free(work->key);
		work->key = NULL;
		give(w, work);
	}
}

void workers_submit(struct workers *ws, const struct worker_key *key, struct work *w,
		    struct ipc_packet *packet)
{
	char name[KEY_MAX];
	size_t n = make_key(key, name);
	struct worker *worker = find_worker(ws, key, name, n);

	list_init(&w->link);
	w->packet = packet;
	w->worker = NULL;
	w->key = NULL;
	w->kind = key->kind;
	w->makes_dir = key->makes_dir;
	if (worker != NULL) {
		give(worker, w);
		return;
	}
	w->key = mem_dup(name, n);
	w->key_n = n;
	list_append(&ws->waiting, &w->link);
}

void work_cancel(struct work *w)
{
	if (w->link.next == NULL)
		return;
	/* What has not been sent is not counted on by the worker's answers. */
	if (w->worker != NULL && w->packet != NULL)
		w->worker->n_works--;
	list_remove(&w->link);
	ipc_packet_free(&w->packet);
	free(w->key);
	w->key = NULL;
	w->worker = NULL;
}

/* --- the broker --- */

static struct worker *find_request(struct workers *ws, uint32_t id)
{
	LIST_EACH(node, &ws->all) {
		struct worker *w = LIST_ENTRY(node, struct worker, link);

		if (w->request == id && id != 0)
			return w;
	}
	return NULL;
}

static enum rc take_ready(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct workers *ws = chan->owner;
	struct broker_worker_ready m;
	struct worker *w;

	if (broker_worker_ready_get(r, &m) != RC_OK || m.channel < 0)
		return RC_SYNTAX;
	w = find_request(ws, m.id);
	if (w == NULL) {
		close(m.channel);
		return RC_OK;
	}
	w->request = 0;
	w->made_ms = w->idle_since_ms = loop_now_ms(daemon_loop(ws->daemon));
	ipc_chan_init(&w->chan, daemon_loop(ws->daemon), m.channel, &localworker_proto,
		      worker_handlers, sizeof(worker_handlers) / sizeof(worker_handlers[0]),
		      on_worker_closed, w);
	LIST_EACH(node, &w->works) {
		struct work *work = LIST_ENTRY(node, struct work, link);

		ipc_chan_queue(&w->chan, work->packet);
		work->packet = NULL;
	}
	return RC_OK;
}

static enum rc take_failed(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct workers *ws = chan->owner;
	struct broker_worker_failed m;
	char text[ERR_TEXT_MAX];
	struct worker *w;

	if (broker_worker_failed_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	w = find_request(ws, m.id);
	if (w == NULL)
		return RC_OK;
	snprintf(text, sizeof(text), "%.*s", SLICE_ARG(m.text));
	drop_worker(w, text);
	place_waiting(ws);
	return RC_OK;
}

static struct user_query *take_query(struct workers *ws, uint32_t id)
{
	LIST_EACH(node, &ws->queries) {
		struct user_query *q = LIST_ENTRY(node, struct user_query, link);

		if (q->id != id)
			continue;
		list_remove(&q->link);
		return q;
	}
	return NULL;
}

static enum rc take_user_found(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct broker_user_found m;
	struct user_query *q;

	if (broker_user_found_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	q = take_query(chan->owner, m.id);
	if (q != NULL)
		q->on_user(q, RC_OK, &(struct user_info){ .name = m.name, .home = m.home,
			   .shell = m.shell, .uid = m.uid, .gid = m.gid }, SLICE_LIT(""));
	return RC_OK;
}

static enum rc take_user_none(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct broker_user_none m;
	struct user_query *q;

	if (broker_user_none_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	q = take_query(chan->owner, m.id);
	if (q != NULL)
		q->on_user(q, m.temporary ? RC_TEMP : RC_END, NULL, m.reason);
	return RC_OK;
}

static const struct ipc_handler broker_handlers[] = {
	{ broker_worker_ready_type, 0, take_ready }, { broker_worker_failed_type, 0, take_failed },
	{ broker_user_found_type, 0, take_user_found },
	{ broker_user_none_type, 0, take_user_none },
};

void workers_ask_user(struct workers *ws, struct slice name, struct user_query *q)
{
	q->id = workers_next_id(ws);
	list_append(&ws->queries, &q->link);
	if (name.n > 0 && name.p[0] == '/')
		broker_owner_send(&ws->broker, &(struct broker_owner){ .id = q->id, .path = name });
	else
		broker_user_send(&ws->broker, &(struct broker_user){ .id = q->id, .name = name });
}

void user_query_cancel(struct user_query *q)
{
	if (q->link.next != NULL)
		list_remove(&q->link);
}

/* Without its broker the front is of no use; master starts both again. */
static void on_broker_gone(struct ipc_chan *chan, const struct err *why)
{
	struct workers *ws = chan->owner;

	log_warn(NULL, "the broker has ended: %s", why->text);
	daemon_exit(ws->daemon, EXIT_FAILURE);
}

struct workers *workers_new(struct daemon *d, const struct config *c, int broker_fd)
{
	struct workers *ws = mem_new(1, sizeof(*ws));

	ws->daemon = d;
	ws->config = c;
	list_init(&ws->all);
	list_init(&ws->waiting);
	list_init(&ws->queries);
	hash_init(&ws->by_key, (size_t)c->p.local_worker_limit + 1, false);
	ipc_chan_init(&ws->broker, daemon_loop(d), broker_fd, &localbroker_proto, broker_handlers,
		      sizeof(broker_handlers) / sizeof(broker_handlers[0]), on_broker_gone, ws);
	timer_init(&ws->sweep, daemon_loop(d), sweep);
	timer_start(&ws->sweep, SWEEP_MS);
	return ws;
}
