/* SPDX-License-Identifier: ISC */
#include "lib/daemon/tables.h"

#include <stdio.h>

#include "lib/base/mem.h"
#include "lib/daemon/daemon_impl.h"
#include "lib/daemon/questions.h"
#include "lib/daemon/users.h"
#include "lib/ipc/proxymap.h"
#include "lib/sys/log.h"

static void send_question(struct peer *p, const struct question *q)
{
	proxymap_ask_send(&p->chan, &(struct proxymap_ask){
		.id = q->id, .table = q->table, .key = q->key });
}

static enum rc on_answer(struct ipc_chan *c, struct ipc_reader *r)
{
	static const enum rc codes[] = { RC_OK, RC_END, RC_TEMP, RC_PERM };
	struct questions *qs = questions_of(c);
	struct proxymap_answer m;
	struct question *q;

	if (proxymap_answer_get(r, &m) != RC_OK || m.status >= sizeof(codes) / sizeof(codes[0]) ||
	    (q = questions_find(qs, m.id)) == NULL)
		return RC_SYNTAX;
	questions_finish(qs, q, codes[m.status], m.value);
	return RC_OK;
}

static enum rc ask(void *ctx, struct slice table, struct slice key, void *token, struct err *err)
{
	return questions_ask(ctx, table, key, token, err);
}

static enum rc ask_now(void *ctx, struct slice table, struct slice key, struct buf *out,
		       struct err *err)
{
	(void)ctx;
	(void)key;
	(void)out;
	return err_set(err, RC_TEMP, "table %.*s cannot be waited for here", SLICE_ARG(table));
}

static void note(const char *text)
{
	log_warn(NULL, "%s", text);
}

/* As settle_faults() does. */
static void note_for_check(const char *text)
{
	printf("N\t0\t\t\t%s\n", text);
}

void daemon_use_tables(struct daemon *d)
{
	static const struct ipc_handler handlers[] = {
		{ proxymap_answer_type, 0, on_answer },
	};
	static const struct question_service service = {
		.name = "proxymap", .proto = &proxymap_proto, .handlers = handlers,
		.n_handlers = sizeof(handlers) / sizeof(handlers[0]), .max = 100000,
		.send = send_question,
	};
	struct questions *qs = mem_new(1, sizeof(*qs));	/* lives as long as the process */
	struct table_transport transport = { .ask = ask, .ask_now = ask_now, .ctx = qs };

	questions_init(qs, d, &service);
	table_set_transport(service.name, &transport);
	table_on_note(d->is_checking ? note_for_check : note);
	daemon_use_users(d);
}
