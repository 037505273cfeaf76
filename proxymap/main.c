/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/sys/log.h"
#include "proxymap/proxymap.h"

#define PARAMS_STRUCT proxymap_params
#define PARAMS_FILE "proxymap/params.def"
#include "lib/conf/param_struct.h"

static struct proxymap_params params;
static struct proxymap the_proxymap;

struct client {
	struct ipc_chan chan;
	struct list questions;
	struct daemon *daemon;
};

void question_answer(struct proxymap *p, struct question *q, uint8_t status, struct slice value)
{
	if (q->client != NULL) {
		proxymap_answer_send(&q->client->chan, &(struct proxymap_answer){
			.id = q->id, .status = status, .value = value });
		list_remove(&q->by_client);
	}
	p->n_questions--;
	daemon_session_end(p->daemon);
	free(q);
}

static void refuse(struct client *c, const struct proxymap_ask *m, uint8_t status)
{
	proxymap_answer_send(&c->chan, &(struct proxymap_answer){ .id = m->id, .status = status });
}

static struct slice copy(char **mem, struct slice s)
{
	char *at = *mem;

	if (s.n > 0)
		memcpy(at, s.p, s.n);
	*mem += s.n;
	return slice_make(at, s.n);
}

static void queue_question(struct proxymap *p, struct client *c, const struct proxymap_ask *m)
{
	struct question *q = mem_new(1, sizeof(*q) + m->table.n + m->key.n);
	char *mem = (char *)(q + 1);

	q->client = c;
	q->id = m->id;
	q->table = copy(&mem, m->table);
	q->key = copy(&mem, m->key);
	list_append(&p->waiting, &q->link);
	list_append(&c->questions, &q->by_client);
	p->n_questions++;
	daemon_session_begin(p->daemon);
}

static bool is_allowed(const struct proxymap *p, struct slice table)
{
	return slice_is(table, "unix:passwd.byname") || slice_is(table, "unix:group.byname") ||
	       hash_get(&p->allowed, table) != NULL;
}

static enum rc take_ask(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct client *c = chan->owner;
	struct proxymap_ask m;

	if (proxymap_ask_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (!is_allowed(&the_proxymap, m.table)) {
		log_warn(NULL, "request for unapproved table: \"%.*s\"", SLICE_ARG(m.table));
		log_warn(NULL, "to approve this table for read-only access, list proxy:%.*s in "
			 "main.cf:proxy_read_maps", SLICE_ARG(m.table));
		refuse(c, &m, PROXYMAP_DENIED);
	} else if (the_proxymap.n_questions >= QUESTIONS_MAX) {
		refuse(c, &m, PROXYMAP_LATER);
	} else {
		queue_question(&the_proxymap, c, &m);
		workers_feed(&the_proxymap);
	}
	return RC_OK;
}

static const struct ipc_handler handlers[] = { { proxymap_ask_type, 0, take_ask } };

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	struct client *c = chan->owner;
	struct list *node;

	log_debug(NULL, "%s", why->text);
	while ((node = list_pop(&c->questions)) != NULL)
		LIST_ENTRY(node, struct question, by_client)->client = NULL;
	free(c);
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct client *c = mem_new(1, sizeof(*c));

	(void)l;
	c->daemon = d;
	list_init(&c->questions);
	ipc_chan_init(&c->chan, daemon_loop(d), fd, &proxymap_proto, handlers, 1, on_close, c);
}

static void prepare(struct daemon *d, struct faults *faults)
{
	static const struct slice prefix = { "proxy:", 6 };
	struct proxymap *p = &the_proxymap;

	p->daemon = d;
	p->workers_max = (unsigned)params.proxymap_workers;
	p->idle_ms = params.proxymap_worker_idle;
	list_init(&p->waiting);
	list_init(&p->workers);
	hash_init(&p->allowed, TABLES_MAX, false);
	for (size_t i = 0; i < params.proxy_read_maps.n; i++) {
		struct slice word = slice_str(params.proxy_read_maps.v[i]);

		if (slice_starts(word, prefix) &&
		    hash_put(&p->allowed, slice_skip(word, prefix.n), p, NULL) != RC_OK)
			faults_add(faults, true, NULL, 0, "name fewer tables",
				   "proxy_read_maps: more than %d tables", TABLES_MAX);
	}
}

static void on_drain(struct daemon *d)
{
	(void)d;
	workers_stop_idle(&the_proxymap);
}

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "proxymap",
		.params = proxymap_params_specs, .n_params = proxymap_params_count,
		.params_out = &params,
		.prepare = prepare, .on_accept = on_accept, .on_drain = on_drain,
	};

	return daemon_main(argc, argv, &spec);
}
