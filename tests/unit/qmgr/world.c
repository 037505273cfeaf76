/* SPDX-License-Identifier: ISC */
#include "tests/unit/qmgr/world.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/queue/file.h"
#include "lib/sys/crc.h"

static void pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
}

static void remember(char *to, size_t size, struct slice s)
{
	snprintf(to, size, "%.*s", SLICE_ARG(s));
}

/* --- the agent's side --- */

static enum rc see_deliver(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = c->owner;
	struct deliver m;

	assert_int_equal(deliver_get(r, &m), RC_OK);
	w->current = (struct seen){ .request = m.id, .file = m.file };
	remember(w->current.id, sizeof(w->current.id), m.queue_id);
	remember(w->current.transport, sizeof(w->current.transport), m.transport);
	remember(w->current.nexthop, sizeof(w->current.nexthop), m.nexthop);
	assert_int_equal(fcntl(m.file, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(m.file);
	return RC_OK;
}

static enum rc see_rcpt(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = c->owner;
	struct deliver_rcpt m;
	struct seen *s;

	assert_int_equal(deliver_rcpt_get(r, &m), RC_OK);
	assert_true(w->n_seen < WORLD_SEEN_MAX);
	assert_int_equal(m.id, w->current.request);
	s = &w->seen[w->n_seen++];
	*s = w->current;
	s->index = m.index;
	s->last = m.last;
	remember(s->to, sizeof(s->to), m.address);
	return RC_OK;
}

static const struct ipc_handler agent_far_handlers[] = {
	{ deliver_type, 0, see_deliver }, { deliver_rcpt_type, 0, see_rcpt },
};

static void agent_closed(struct ipc_chan *c, const struct err *why)
{
	struct peer *p = c->owner;

	agent_down(p->owner, why->text);
}

static void far_closed(struct ipc_chan *c, const struct err *why)
{
	(void)c;
	(void)why;
}

void world_agent(struct world *w, uint32_t credit)
{
	struct transport *tp = hash_get(&w->q.transports, SLICE_LIT("virtual"));
	int fds[2];

	pair(fds);
	assert_non_null(tp);
	w->agent = (struct peer){ .owner = tp };
	ipc_chan_init(&w->agent.chan, w->loop, fds[0], &deliver_proto, agent_handlers,
		      agent_n_handlers, agent_closed, &w->agent);
	ipc_chan_init(&w->agent_far, w->loop, fds[1], &deliver_proto, agent_far_handlers,
		      N_OF(agent_far_handlers), far_closed, w);
	agent_up(tp, &w->agent.chan);
	deliver_credit_send(&w->agent_far, &(struct deliver_credit){ .more = credit });
	world_settle(w);
}

void world_agent_dies(struct world *w)
{
	ipc_chan_done(&w->agent_far);
	world_settle(w);
}

void world_answer(struct world *w, size_t i, unsigned status, const char *dsn, const char *text)
{
	assert_true(i < w->n_seen && !w->seen[i].answered);
	w->seen[i].answered = true;
	deliver_result_send(&w->agent_far, &(struct deliver_result){
		.id = w->seen[i].request, .index = w->seen[i].index, .status = (uint8_t)status,
		.dsn = slice_str(dsn), .text = slice_str(text),
		.agent_dead = text[0] == '!' });
	if (w->seen[i].last)
		deliver_credit_send(&w->agent_far, &(struct deliver_credit){ .more = 1 });
	world_settle(w);
}

/* --- bounce's side --- */

static enum rc see_report(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = c->owner;
	struct bounce_report m;

	assert_int_equal(bounce_report_get(r, &m), RC_OK);
	close(m.file);
	assert_true(w->n_reports < N_OF(w->reports));
	w->reports[w->n_reports].id = m.id;
	w->reports[w->n_reports].kind = m.kind;
	w->reports[w->n_reports].left = m.rcpt_count;
	w->reports[w->n_reports].text[0] = '\0';
	w->n_reports++;
	return RC_OK;
}

static enum rc see_report_rcpt(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = c->owner;
	struct bounce_rcpt m;
	size_t i = w->n_reports - 1, n = strlen(w->reports[i].text);

	assert_int_equal(bounce_rcpt_get(r, &m), RC_OK);
	assert_int_equal(m.id, w->reports[i].id);
	assert_true(w->reports[i].left-- > 0);
	snprintf(w->reports[i].text + n, sizeof(w->reports[i].text) - n, "%.*s %.*s %.*s %.*s;",
		 SLICE_ARG(m.address), SLICE_ARG(m.dsn), SLICE_ARG(m.action), SLICE_ARG(m.text));
	return RC_OK;
}

static const struct ipc_handler bounce_far_handlers[] = {
	{ bounce_report_type, 0, see_report }, { bounce_rcpt_type, 0, see_report_rcpt },
};

static void bounce_closed(struct ipc_chan *c, const struct err *why)
{
	(void)why;
	report_down(((struct peer *)c->owner)->owner);
}

void world_bounce(struct world *w)
{
	int fds[2];

	pair(fds);
	w->bounce = (struct peer){ .owner = &w->q };
	ipc_chan_init(&w->bounce.chan, w->loop, fds[0], &bounce_proto, report_handlers,
		      report_n_handlers, bounce_closed, &w->bounce);
	ipc_chan_init(&w->bounce_far, w->loop, fds[1], &bounce_proto, bounce_far_handlers,
		      N_OF(bounce_far_handlers), far_closed, w);
	report_up(&w->q, &w->bounce.chan);
	world_settle(w);
}

void world_reported(struct world *w, size_t i, bool ok)
{
	assert_true(i < w->n_reports);
	assert_int_equal(w->reports[i].left, 0);
	bounce_done_send(&w->bounce_far,
			 &(struct bounce_done){ .id = w->reports[i].id, .ok = ok });
	world_settle(w);
}

/* --- the side of cleanup and the tools --- */

static enum rc hear_credit(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = c->owner;
	struct qmgr_credit m;

	assert_int_equal(qmgr_credit_get(r, &m), RC_OK);
	w->credit += m.more;
	return RC_OK;
}

static void __attribute__((format(printf, 2, 3))) hear(struct world *w, const char *fmt, ...)
{
	size_t n = strlen(w->heard);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->heard + n, sizeof(w->heard) - n, fmt, ap);
	va_end(ap);
}

static enum rc hear_message(struct ipc_chan *c, struct ipc_reader *r)
{
	struct qmgr_message m;

	assert_int_equal(qmgr_message_get(r, &m), RC_OK);
	hear(c->owner, "%.*s:<%.*s>", SLICE_ARG(m.queue_name), SLICE_ARG(m.sender));
	return RC_OK;
}

static enum rc hear_rcpt(struct ipc_chan *c, struct ipc_reader *r)
{
	struct qmgr_rcpt m;

	assert_int_equal(qmgr_rcpt_get(r, &m), RC_OK);
	hear(c->owner, " %.*s(%.*s)", SLICE_ARG(m.address), SLICE_ARG(m.reason));
	return RC_OK;
}

static enum rc hear_end(struct ipc_chan *c, struct ipc_reader *r)
{
	struct qmgr_list_end m;

	assert_int_equal(qmgr_list_end_get(r, &m), RC_OK);
	hear(c->owner, ".%.*s", SLICE_ARG(m.error));
	return RC_OK;
}

static enum rc hear_did(struct ipc_chan *c, struct ipc_reader *r)
{
	struct qmgr_did m;

	assert_int_equal(qmgr_did_get(r, &m), RC_OK);
	hear(c->owner, "%u%.*s", m.count, SLICE_ARG(m.error));
	return RC_OK;
}

static const struct ipc_handler tool_handlers[] = {
	{ qmgr_credit_type, 0, hear_credit }, { qmgr_message_type, 0, hear_message },
	{ qmgr_rcpt_type, 0, hear_rcpt },     { qmgr_list_end_type, 0, hear_end },
	{ qmgr_did_type, 0, hear_did },
};

void world_tool(struct world *w, unsigned may)
{
	int fds[2];

	pair(fds);
	ipc_chan_done(&w->tool);
	ipc_chan_init(&w->tool, w->loop, fds[1], &qmgr_proto, tool_handlers, N_OF(tool_handlers),
		      far_closed, w);
	intake_accept(&w->q, fds[0], may);
	world_settle(w);
}

void world_do(struct world *w, const char *verb, const char *target, const char *queue)
{
	w->heard[0] = '\0';
	qmgr_do_send(&w->tool, &(struct qmgr_do){ .verb = slice_str(verb),
		.target = slice_str(target), .queue = slice_str(queue) });
	world_settle(w);
}

void world_list(struct world *w)
{
	w->heard[0] = '\0';
	qmgr_list_send(&w->tool, &(struct qmgr_list){});
	world_settle(w);
}

/* --- files --- */

static size_t split_rcpts(const char *to, struct queue_rcpt *v, size_t max)
{
	struct slice rest = slice_str(to), word;
	size_t n = 0;

	while (slice_token(&rest, " ", &word)) {
		assert_true(n < max);
		v[n] = (struct queue_rcpt){ .mark = QUEUE_MARK_TODO };
		if (word.p[0] == '!') {
			v[n].notify = QUEUE_NOTIFY_SUCCESS;
			word = slice_skip(word, 1);
		}
		v[n++].address = word;
	}
	return n;
}

static struct queue_id make(struct world *w, enum queue_name q, const char *from, const char *to,
			    struct buf *tail)
{
	static const char content[] = WORLD_CONTENT;
	static struct queue_rcpt rcpts[2000];
	int64_t now = loop_unix_us(w->loop);
	struct queue_envelope e = {
		.arrived_us = now, .content_bytes = strlen(content),
		.content_crc = crc32c(0, slice_str(content)), .sender = slice_str(from),
		.rcpts = rcpts, .n_rcpts = split_rcpts(to, rcpts, N_OF(rcpts)),
	};
	struct queue_id id;
	int fd;

	queue_id_short(now + w->next_id++, &id);
	assert_int_equal(queue_create(&w->spool, q, &id, &fd, NULL), RC_OK);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(queue_file_commit(fd, &e, tail, NULL), RC_OK);
	close(fd);
	return id;
}

struct queue_id world_file(struct world *w, enum queue_name q, const char *from, const char *to)
{
	struct queue_id id;
	struct buf tail;

	buf_init(&tail, QUEUE_TAIL_MAX);
	id = make(w, q, from, to, &tail);
	buf_done(&tail);
	return id;
}

struct queue_id world_mail(struct world *w, enum queue_name q, const char *from, const char *to)
{
	struct queue_id id;
	struct buf tail;

	if (!ipc_chan_is_open(&w->tool)) {
		world_tool(w, MAY_CHANGE);
		qmgr_intake_send(&w->tool, &(struct qmgr_intake){});
		world_settle(w);
	}
	buf_init(&tail, QUEUE_TAIL_MAX);
	id = make(w, q, from, to, &tail);
	qmgr_new_send(&w->tool, &(struct qmgr_new){ .queue_id = queue_id_slice(&id),
		.queue = (uint8_t)q,
		.tail = buf_len(&tail) <= 24576 ? buf_slice(&tail) : (struct slice){ 0 } });
	world_settle(w);
	buf_done(&tail);
	return id;
}

bool world_exists(struct world *w, enum queue_name q, const struct queue_id *id)
{
	struct stat st;

	return queue_stat(&w->spool, q, id, &st, NULL) == RC_OK;
}

const char *world_marks(struct world *w, enum queue_name q, const struct queue_id *id)
{
	static char marks[2001];
	struct queue_envelope e;
	struct arena a;
	struct buf tail;
	int fd;

	snprintf(marks, sizeof(marks), "?");
	if (queue_open(&w->spool, q, id, O_RDONLY, &fd, NULL) != RC_OK)
		return marks;
	arena_init(&a, 1 << 24);
	buf_init(&tail, QUEUE_TAIL_MAX);
	if (queue_file_load(fd, &tail, &a, &e, NULL) == RC_OK) {
		for (size_t i = 0; i < e.n_rcpts; i++)
			marks[i] = e.rcpts[i].mark;
		marks[e.n_rcpts] = '\0';
	}
	close(fd);
	arena_done(&a);
	buf_done(&tail);
	return marks;
}

size_t world_count(struct world *w, enum queue_name q)
{
	struct queue_scan scan;
	struct queue_id id;
	size_t n = 0;

	assert_int_equal(queue_scan_init(&scan, &w->spool, q, NULL), RC_OK);
	while (queue_scan_next(&scan, &id))
		n++;
	queue_scan_done(&scan);
	return n;
}

/* --- the world itself --- */

static void ask_agent(struct qmgr *q, struct transport *tp)
{
	struct world *w = q->owner;

	(void)tp;
	w->n_asked++;
}

static void limits_for(struct qmgr *q, const char *transport, struct transport_limits *out)
{
	*out = ((struct world *)q->owner)->limits;
	if (strcmp(transport, "error") == 0)
		out->builtin = BUILTIN_ERROR;
	if (strcmp(transport, "retry") == 0)
		out->builtin = BUILTIN_RETRY;
	if (strcmp(transport, "discard") == 0)
		out->builtin = BUILTIN_DISCARD;
}

/* The domain says where: "x@error" and so on to the built-in transports, "x@bad" and "x@later"
 * fail to route, the rest goes to virtual at its domain. */
static enum rc route(struct qmgr *q, struct message *m, size_t i, struct route *out,
		     struct err *err)
{
	struct slice address = m->env.rcpts[i].address, domain = address;
	ptrdiff_t plus = slice_chr(address, '+');

	(void)q;
	domain = slice_skip(domain, (size_t)slice_rchr(domain, '@') + 1);
	*out = (struct route){ SLICE_LIT("virtual"), domain,
			       plus < 0 ? address : slice_sub(address, 0, (size_t)plus) };
	if (slice_is(domain, "error") || slice_is(domain, "retry") || slice_is(domain, "discard"))
		*out = (struct route){ domain, slice_is(domain, "error")
						       ? SLICE_LIT("5.1.2 no such place")
						       : SLICE_LIT("as configured"),
				       address };
	if (slice_is(domain, "bad")) {
		err_dsn(err, "5.4.6");
		return err_set(err, RC_PERM, "loops");
	}
	if (slice_is(domain, "later"))
		return err_set(err, RC_TEMP, "table is broken");
	return RC_OK;
}

static void wake_pickup(struct qmgr *q)
{
	((struct world *)q->owner)->n_wakes++;
}

static void ask_bounce(struct qmgr *q)
{
	((struct world *)q->owner)->n_asked_bounce++;
}

static void on_drained(struct qmgr *q)
{
	((struct world *)q->owner)->n_drained++;
}

static const struct qmgr_hooks hooks = {
	.ask_agent = ask_agent, .limits_for = limits_for, .route = route,
	.wake_pickup = wake_pickup, .ask_bounce = ask_bounce, .on_drained = on_drained,
};

static void set_policy(struct qmgr_policy *p)
{
	*p = (struct qmgr_policy){
		.message_active_limit = 1000, .message_recipient_limit = 5000,
		.minimal_backoff_s = 300, .maximal_backoff_s = 4000, .queue_run_delay_ms = 300000,
		.transport_retry_ms = 60000, .maximal_lifetime_s = 432000,
		.bounce_lifetime_s = 86400, .agent_patience_ms = 5000,
	};
}

void world_init(struct world *w)
{
	struct err err = { 0 };
	struct qmgr_policy p;
	char path[128];

	*w = (struct world){ .root = "/tmp/h-queue-qmgr-XXXXXX" };
	assert_non_null(mkdtemp(w->root));
	for (enum queue_name q = 0; q < QUEUE_N; q++) {
		snprintf(path, sizeof(path), "%s/%s", w->root, queue_name_str(q));
		assert_int_equal(mkdir(path, 0700), 0);
	}
	if (queue_spool_open(&w->spool, w->root, QUEUE_ALL, "deferred, defer", 1, &err) != RC_OK)
		fail_msg("%s", err.text);
	w->loop = loop_new();
	loop_fake_clock(w->loop, WORLD_START_S);
	w->limits = (struct transport_limits){
		.concurrency = 20, .initial_concurrency = 5, .recipients = 50,
		.positive = { FEEDBACK_FIXED, 1 }, .negative = { FEEDBACK_FIXED, 1 },
		.failed_cohorts = 1,
	};
	set_policy(&p);
	qmgr_init(&w->q, w->loop, &w->spool, &p, &hooks, w);
	qmgr_start(&w->q);
	world_settle(w);
}

void world_restart(struct world *w)
{
	struct qmgr_policy p = w->q.policy;

	ipc_chan_done(&w->agent.chan);
	ipc_chan_done(&w->agent_far);
	ipc_chan_done(&w->bounce.chan);
	ipc_chan_done(&w->bounce_far);
	ipc_chan_done(&w->tool);
	qmgr_done(&w->q);
	w->n_seen = w->n_reports = 0;
	qmgr_init(&w->q, w->loop, &w->spool, &p, &hooks, w);
	qmgr_start(&w->q);
	world_settle(w);
}

void world_settle(struct world *w)
{
	for (int i = 0; i < 60; i++)
		loop_turn(w->loop, 0);
}

void world_advance(struct world *w, int64_t s)
{
	loop_advance(w->loop, s * 1000);
	world_settle(w);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void world_done(struct world *w)
{
	ipc_chan_done(&w->agent.chan);
	ipc_chan_done(&w->agent_far);
	ipc_chan_done(&w->bounce.chan);
	ipc_chan_done(&w->bounce_far);
	ipc_chan_done(&w->tool);
	qmgr_done(&w->q);
	loop_free(&w->loop);
	queue_spool_close(&w->spool);
	nftw(w->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
