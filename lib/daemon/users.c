/* SPDX-License-Identifier: ISC */
#include "lib/daemon/users.h"

#include "lib/base/mem.h"
#include "lib/daemon/questions.h"
#include "lib/ipc/auth.h"
#include "lib/sys/log.h"
#include "lib/table/userdb.h"

static enum rc on_found(struct ipc_chan *c, struct ipc_reader *r)
{
	struct questions *qs = questions_of(c);
	struct auth_user_found m;
	struct question *q;
	struct err err = { 0 };
	struct buf value;
	enum rc rc;

	if (auth_user_found_get(r, &m) != RC_OK || (q = questions_find(qs, m.id)) == NULL)
		return RC_SYNTAX;
	buf_init(&value, IPC_PACKET_MAX);
	rc = userdb_value(&m, &value, &err);
	if (rc != RC_OK)
		log_err(NULL, &err, "user %.*s", SLICE_ARG(m.user));
	questions_finish(qs, q, rc == RC_OK ? RC_OK : RC_TEMP, buf_slice(&value));
	buf_done(&value);
	return RC_OK;
}

static enum rc on_none(struct ipc_chan *c, struct ipc_reader *r)
{
	struct questions *qs = questions_of(c);
	struct auth_user_none m;
	struct question *q;

	if (auth_user_none_get(r, &m) != RC_OK || (q = questions_find(qs, m.id)) == NULL)
		return RC_SYNTAX;
	if (m.temporary)
		log_warn(NULL, "user lookup: %.*s", SLICE_ARG(m.reason));
	questions_finish(qs, q, m.temporary ? RC_TEMP : RC_END, (struct slice){ 0 });
	return RC_OK;
}

static void send_question(struct peer *p, const struct question *q)
{
	auth_user_send(&p->chan, &(struct auth_user){ .id = q->id, .user = q->key,
						      .service = SLICE_LIT("lda") });
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
	return err_set(err, RC_TEMP, "table userdb:%.*s cannot be waited for here",
		       SLICE_ARG(table));
}

void daemon_use_users(struct daemon *d)
{
	static const struct ipc_handler handlers[] = {
		{ auth_user_found_type, 0, on_found },
		{ auth_user_none_type, 0, on_none },
	};
	static const struct question_service service = {
		.name = USERDB_SERVICE, .proto = &auth_proto, .handlers = handlers,
		.n_handlers = sizeof(handlers) / sizeof(handlers[0]), .max = 20000,
		.send = send_question,
	};
	struct questions *qs = mem_new(1, sizeof(*qs));	/* lives as long as the process */
	struct table_transport transport = { .ask = ask, .ask_now = ask_now, .ctx = qs };

	questions_init(qs, d, &service);
	table_set_transport(service.name, &transport);
}
