/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cleanup/expand.h"
#include "cleanup/server.h"
#include "lib/base/mem.h"

enum { SPACE_CHECK_MS = 1000, ID_TRIES = 100 };

struct refusal {
	uint16_t code;
	const char *dsn, *text;
};
static const struct refusal
	no_space = { 452, "4.3.1", "Insufficient system storage" },
	write_error = { 451, "4.3.0", "Error: queue file write error" },
	table_error = { 451, "4.3.0", "Error: temporary lookup failure" },
	alias_error = { 451, "4.6.0", "Error: alias expansion error" },
	protocol_error = { 451, "4.3.0", "Error: internal protocol error" },
	too_big = { 552, "5.3.4", "Error: message file too big" },
	too_many_hops = { 554, "5.4.0", "Error: too many hops" },
	too_many_rcpts = { 452, "4.5.3", "Error: too many recipients" },
	no_rcpts = { 554, "5.1.0", "Error: no recipients specified" };

#define TO(state) (1u << TXN_##state)
/* Which states may follow which; all may be OVER. */
static const unsigned legal_moves[] = {
	[TXN_OPEN] = TO(MAIL),
	[TXN_MAIL] = TO(RCPT),
	[TXN_RCPT] = TO(RCPT) | TO(EXPAND),
	[TXN_EXPAND] = TO(SYNC),
	[TXN_SYNC] = 0,
	[TXN_OVER] = 0,
};
static_assert(sizeof(legal_moves) / sizeof(legal_moves[0]) == TXN_OVER + 1, "a row per state");

/* The only way to change the state. */
static void set_state(struct txn *t, enum txn_state state)
{
	assert(((legal_moves[t->state] | TO(OVER)) & 1u << state) != 0);
	t->state = state;
}

static struct slice key_of(const uint32_t *id)
{
	return slice_make(id, sizeof(*id));
}

static struct txn *find(struct client *cl, uint32_t id)
{
	return hash_get(&cl->txns, key_of(&id));
}

bool txn_is_committing(const struct txn *t)
{
	return t->state >= TXN_EXPAND;
}

/* --- the end of a transaction --- */

static void run_bury(struct task *task)
{
	struct txn *t = LIST_ENTRY(task, struct txn, bury);

	if (t->has_memo)
		table_memo_done(&t->memo);
	arena_done(&t->work);
	arena_done(&t->arena);
	free(t);
}

/* The file, if it is still there, is closed and stays; see discard(). */
static void txn_end(struct txn *t)
{
	struct client *cl = t->client;
	struct cleanup *c = cl->server;

	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	set_state(t, TXN_OVER);
	(void)hash_remove(&cl->txns, key_of(&t->id));
	c->n_txns--;
	if (c->on_txns != NULL)
		c->on_txns(c);
	loop_defer(c->loop, &t->bury, run_bury);
	client_check_idle(cl);
}

static void discard(struct txn *t)
{
	struct cleanup *c = t->client->server;
	struct err err = { 0 };

	if (t->fd >= 0 && queue_remove(c->spool, t->queue, &t->qid, &err) == RC_SYS)
		log_err(&t->log, &err, "unfinished queue file stays");
	if (t->credit_epoch != 0 && t->credit_epoch == c->qmgr_epoch && c->qmgr != NULL)
		c->credit++;
	t->credit_epoch = 0;
}

void txn_drop(struct txn *t)
{
	discard(t);
	txn_end(t);
}

static void answer(struct txn *t, uint16_t code, const char *dsn, const char *text)
{
	struct cleanup_done m = { .id = t->id, .code = code, .dsn = slice_str(dsn),
				  .text = slice_str(text), .queue_id = queue_id_slice(&t->qid) };

	if (!t->client->is_gone)
		cleanup_done_send(&t->client->chan, &m);
}

static void refuse(struct txn *t, const struct refusal *why)
{
	answer(t, why->code, why->dsn, why->text);
	txn_drop(t);
}

static const struct refusal *refusal_of(int sys_errno)
{
	return sys_errno == ENOSPC || sys_errno == EDQUOT || sys_errno == EROFS ? &no_space
										 : &write_error;
}

static void refuse_sys(struct txn *t, const struct err *err)
{
	log_err(&t->log, err, "queue file not made");
	refuse(t, refusal_of(err->sys_errno));
}

/* --- open --- */

/* Asked at most once a second: the answer costs a system call and changes slowly. */
static bool has_space(struct cleanup *c)
{
	int64_t now = loop_now_ms(c->loop);
	struct statvfs fs;
	int64_t free_bytes;

	if (now - c->space_checked_ms < SPACE_CHECK_MS)
		return c->has_space;
	c->space_checked_ms = now;
	c->has_space = true;
	if (fstatvfs(c->spool->fd[QUEUE_INCOMING], &fs) != 0)
		return true;	/* creating the file will tell */
	free_bytes = (int64_t)(fs.f_bavail * fs.f_frsize);
	if (free_bytes <= c->policy.queue_minfree ||
	    free_bytes / 3 * 2 <= c->policy.message_size_limit) {
		log_warn(NULL, "queue file system has only %lld bytes free; refusing mail",
			 (long long)free_bytes);
		c->has_space = false;
	}
	return c->has_space;
}

static struct txn *txn_new(struct client *cl, const struct cleanup_open *m)
{
	struct cleanup *c = cl->server;
	struct txn *t = mem_new(1, sizeof(*t));

	t->client = cl;
	t->id = m->id;
	t->flags = m->flags;
	t->size_limit = m->size_limit > 0 ? m->size_limit : c->policy.message_size_limit;
	t->fd = -1;
	t->last = &t->first;
	arena_init(&t->arena, CLEANUP_ARENA_MAX);
	arena_init(&t->work, CLEANUP_ARENA_MAX);
	list_init(&t->job.link);
	task_init(&t->bury);
	if (hash_put(&cl->txns, key_of(&t->id), t, NULL) != RC_OK) {
		free(t);
		return NULL;
	}
	c->n_txns++;
	if (c->on_txns != NULL)
		c->on_txns(c);
	return t;
}

static void choose_queue(struct cleanup *c, struct txn *t)
{
	if ((t->flags & CLEANUP_FLAG_HOLD) != 0) {
		t->queue = QUEUE_HOLD;
	} else if (c->credit == 0) {
		t->queue = QUEUE_INCOMING;
	} else {
		c->credit--;
		t->credit_epoch = c->qmgr_epoch;
		t->queue = QUEUE_ACTIVE;
	}
}

static enum rc create_file(struct cleanup *c, struct txn *t, struct err *err)
{
	enum rc rc = RC_END;

	for (int i = 0; i < ID_TRIES && rc == RC_END; i++) {
		queue_idgen_next(&c->ids, loop_unix_us(c->loop), &t->qid);
		rc = queue_create(c->spool, t->queue, &t->qid, &t->fd, err);
	}
	if (rc == RC_END)
		return err_set(err, RC_TEMP, "no free queue id");
	t->log = (struct log_ctx){ .queue_id = queue_id_slice(&t->qid) };
	return rc;
}

static enum rc on_open(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct client *cl = chan->owner;
	struct cleanup *c = cl->server;
	struct err err = { 0 };
	struct cleanup_open m;
	struct txn *t;
	int fd;

	if (cleanup_open_get(r, &m) != RC_OK || find(cl, m.id) != NULL)
		return RC_SYNTAX;
	t = txn_new(cl, &m);
	if (t == NULL)
		return RC_SYNTAX;
	choose_queue(c, t);
	if (!has_space(c)) {
		refuse(t, &no_space);
	} else if (create_file(c, t, &err) != RC_OK) {
		refuse_sys(t, &err);
	} else if ((fd = fcntl(t->fd, F_DUPFD_CLOEXEC, 0)) < 0) {
		(void)!err_sys(&err, "duplicate descriptor");
		refuse_sys(t, &err);
	} else {
		cleanup_opened_send(chan, &(struct cleanup_opened){
			.id = t->id, .queue_id = queue_id_slice(&t->qid), .file = fd });
	}
	return RC_OK;
}

/* --- the envelope --- */

/* Values go into a text file: what cannot stand there came from a broken or hostile client. */
static bool keep(struct txn *t, struct slice s, struct slice *out)
{
	*out = (struct slice){ 0 };
	if (!queue_value_is_valid(s))
		return false;
	if (s.n > 0)
		*out = arena_slice(&t->arena, s);
	return s.n == 0 || out->p != NULL;
}

/* For the log only, which makes of it what it can. */
static bool keep_for_log(struct txn *t, struct slice s, struct slice *out)
{
	*out = arena_slice(&t->arena, s);
	return out->p != NULL;
}

static bool keep_attrs(struct txn *t, const struct cleanup_mail *m)
{
	const struct slice values[QUEUE_ATTR_N] = {
		[QUEUE_ATTR_CLIENT_NAME] = m->client_name,
		[QUEUE_ATTR_CLIENT_ADDRESS] = m->client_addr,
		[QUEUE_ATTR_CLIENT_PORT] = m->client_port,
		[QUEUE_ATTR_PROTOCOL] = m->client_proto,
		[QUEUE_ATTR_HELO] = m->client_helo,
		[QUEUE_ATTR_SASL_METHOD] = m->sasl_method,
		[QUEUE_ATTR_SASL_USERNAME] = m->sasl_user,
		[QUEUE_ATTR_SASL_SENDER] = m->sasl_sender,
		[QUEUE_ATTR_LOG_IDENT] = m->log_ident,
		[QUEUE_ATTR_REWRITE_CONTEXT] = (t->flags & CLEANUP_FLAG_LOCAL) != 0
						       ? SLICE_LIT("local")
						       : SLICE_LIT("remote"),
	};

	for (enum queue_attr a = 0; a < QUEUE_ATTR_N; a++)
		if (!keep(t, values[a], &t->env.attr[a]))
			return false;
	return true;
}

static enum rc on_mail(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct cleanup_mail m;
	struct queue_envelope *e;
	struct txn *t;
	int64_t now = loop_unix_us(((struct client *)chan->owner)->server->loop);

	if (cleanup_mail_get(r, &m) != RC_OK || m.dsn_ret > QUEUE_RET_HDRS)
		return RC_SYNTAX;
	t = find(chan->owner, m.id);
	if (t == NULL)
		return RC_OK;	/* refused meanwhile; the answer is on its way */
	if (t->state != TXN_OPEN)
		return RC_SYNTAX;
	e = &t->env;
	e->arrived_us = m.arrival_us > 0 && m.arrival_us <= now ? m.arrival_us : now;
	e->ret = m.dsn_ret;
	e->flags = (m.encoding == 8 ? QUEUE_FLAG_8BIT : 0) |
		   (m.smtputf8 ? QUEUE_FLAG_SMTPUTF8 : 0) |
		   ((t->flags & CLEANUP_FLAG_REPORT) != 0 ? QUEUE_FLAG_REPORT : 0) |
		   ((t->flags & CLEANUP_FLAG_VERIFY) != 0 ? QUEUE_FLAG_VERIFY : 0);
	if (!keep(t, m.sender, &t->sender) || !keep(t, m.envid, &e->envid) ||
	    !keep_attrs(t, &m) || !keep_for_log(t, m.message_id, &t->message_id) ||
	    !keep_for_log(t, m.resent_message_id, &t->resent_message_id))
		return RC_SYNTAX;
	set_state(t, TXN_MAIL);
	return RC_OK;
}

static enum rc on_rcpt(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct cleanup_rcpt m;
	struct wanted *w;
	struct txn *t;

	if (cleanup_rcpt_get(r, &m) != RC_OK || m.address.n == 0 || m.notify > 15)
		return RC_SYNTAX;
	t = find(chan->owner, m.id);
	if (t == NULL)
		return RC_OK;
	if ((t->state != TXN_MAIL && t->state != TXN_RCPT) ||
	    t->n_wanted == CLEANUP_WANTED_MAX)
		return RC_SYNTAX;
	w = ARENA_NEW(&t->arena, struct wanted);
	if (w == NULL || !keep(t, m.address, &w->address) || !keep(t, m.original, &w->original) ||
	    !keep(t, m.orcpt, &w->orcpt))
		return RC_SYNTAX;
	w->notify = m.notify;
	*t->last = w;
	t->last = &w->next;
	t->n_wanted++;
	set_state(t, TXN_RCPT);
	return RC_OK;
}

/* --- commit --- */

static void on_synced(struct sync_job *job)
{
	struct txn *t = LIST_ENTRY(job, struct txn, job);

	if (job->result != 0) {
		struct err err = { 0 };

		errno = job->result;
		(void)!err_sys(&err, "sync queue file");
		refuse_sys(t, &err);
		return;
	}
	answer(t, 250, "2.0.0", "Ok");
	if (t->queue != QUEUE_HOLD)
		intake_announce(t->client->server, t);
	txn_end(t);
}

static void write_envelope(struct txn *t)
{
	struct cleanup *c = t->client->server;
	struct err err = { 0 };
	enum rc rc = queue_file_commit(t->fd, &t->env, &c->tail, &err);

	if (rc == RC_OK && buf_len(&c->tail) <= INTAKE_TAIL_MAX)
		t->tail = arena_slice(&t->arena, buf_slice(&c->tail));
	if (rc == RC_SYS) {
		refuse_sys(t, &err);
	} else if (rc == RC_LIMIT) {
		refuse(t, &too_many_rcpts);
	} else if (rc != RC_OK) {
		log_err(&t->log, &err, "refused");
		refuse(t, &protocol_error);
	} else {
		set_state(t, TXN_SYNC);
		t->job = (struct sync_job){ .queue = t->queue, .id = &t->qid, .fd = t->fd,
					    .done = on_synced };
		list_init(&t->job.link);
		sync_pool_submit(c->pool, &t->job);
	}
}

static void run_expand(struct txn *t)
{
	struct err err = { 0 };
	enum rc rc = expand_txn(t->client->server->expander, t, &err);

	if (rc == RC_MORE)
		return;
	if (rc == RC_LIMIT && err.dsn[0] == '\0') {
		refuse(t, &too_many_rcpts);
	} else if (rc != RC_OK) {
		log_err(&t->log, &err, "address expansion failed");
		refuse(t, rc == RC_LIMIT ? &alias_error : &table_error);
	} else if (t->env.n_rcpts == 0) {
		refuse(t, &no_rcpts);
	} else {
		write_envelope(t);
	}
}

static void on_tables(struct table_memo *memo)
{
	run_expand(memo->owner);
}

static const struct refusal *check_commit(const struct txn *t, const struct cleanup_commit *m)
{
	if (m->content_bytes < 0)
		return &protocol_error;
	if (t->size_limit > 0 && m->content_bytes > t->size_limit)
		return &too_big;
	if (m->hops > t->client->server->policy.hopcount_limit)
		return &too_many_hops;
	return NULL;
}

static enum rc on_commit(struct ipc_chan *chan, struct ipc_reader *r)
{
	const struct refusal *why;
	struct cleanup_commit m;
	struct txn *t;

	if (cleanup_commit_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	t = find(chan->owner, m.id);
	if (t == NULL)
		return RC_OK;
	if (t->state != TXN_RCPT)
		return RC_SYNTAX;
	if (t->resent_message_id.n > 0)
		log_info(&t->log, "resent-message-id=%.*s", SLICE_ARG(t->resent_message_id));
	log_info(&t->log, "message-id=%.*s", t->message_id.n > 0 ? (int)t->message_id.n : 2,
		 t->message_id.n > 0 ? t->message_id.p : "<>");
	why = check_commit(t, &m);
	if (why == &too_many_hops)
		log_warn(&t->log, "message rejected: hopcount exceeded");
	if (why != NULL) {
		refuse(t, why);
		return RC_OK;
	}
	t->env.content_bytes = (uint64_t)m.content_bytes;
	t->env.content_crc = m.content_crc;
	set_state(t, TXN_EXPAND);
	table_memo_init(&t->memo, &t->arena, on_tables, t);
	t->has_memo = true;
	run_expand(t);
	return RC_OK;
}

static enum rc on_abort(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct cleanup_abort m;
	struct txn *t;

	if (cleanup_abort_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	t = find(chan->owner, m.id);
	if (t != NULL && !txn_is_committing(t))
		txn_drop(t);
	return RC_OK;
}

const struct ipc_handler cleanup_handlers[] = {
	{ cleanup_open_type, 0, on_open },     { cleanup_mail_type, 0, on_mail },
	{ cleanup_rcpt_type, 0, on_rcpt },     { cleanup_commit_type, 0, on_commit },
	{ cleanup_abort_type, 0, on_abort },
};
const size_t cleanup_n_handlers = sizeof(cleanup_handlers) / sizeof(cleanup_handlers[0]);
