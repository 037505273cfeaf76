/* SPDX-License-Identifier: ISC */
#include "qmgr/sched.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "qmgr/qmgr.h"

enum { DESTS_MAX = 1000000, KEY_MAX = 2400, SWEEP_MS = 10000, NAME_SIZE_MAX = 64,
       SECOND_MS = 1000 };

static void on_patience(struct timer *t);

/* --- transports and destinations --- */

static struct transport *transport_get(struct qmgr *q, struct slice name)
{
	struct transport *tp = hash_get(&q->transports, name);

	if (tp != NULL)
		return tp;
	tp = mem_new(1, sizeof(*tp) + name.n + 1);
	memcpy(tp->name, name.p, name.n);
	if (hash_put(&q->transports, name, tp, NULL) != RC_OK) {
		free(tp);
		return NULL;
	}
	tp->q = q;
	list_init(&tp->runnable);
	for (size_t i = 0; i < N_TURNS; i++)
		list_init(&tp->ready[i]);
	hash_init(&tp->dests, DESTS_MAX, true);
	hash_init(&tp->requests, SCHED_REQUESTS_MAX, false);
	timer_init(&tp->patience, q->loop, on_patience);
	q->hooks.limits_for(q, tp->name, &tp->limits);
	return tp;
}

static void dest_free(struct dest *d)
{
	(void)hash_remove(&d->tp->dests, slice_make(d->key, d->key_n));
	list_remove(&d->ready);
	free(d->why_dead);
	free(d);
}

/* A transport that takes one recipient a request (local) has its concurrency counted per
 * user, so that one slow mailbox does not hold up the domain; nor can its owner, with extensions
 * or capitals, make many of it that take all places. */
static struct dest *dest_get(struct transport *tp, const struct route *to)
{
	bool per_user = tp->limits.recipients == 1;
	struct slice nexthop = to->nexthop;
	size_t n = nexthop.n + (per_user ? to->user.n + 1 : 0);
	char key[KEY_MAX];
	struct dest *d;

	if (n > sizeof(key))
		return NULL;
	if (per_user) {
		for (size_t i = 0; i < to->user.n; i++)
			key[i] = char_lower(to->user.p[i]);
		key[to->user.n] = '\0';
	}
	memcpy(key + n - nexthop.n, nexthop.p, nexthop.n);
	d = hash_get(&tp->dests, slice_make(key, n));
	if (d != NULL)
		return d;
	d = mem_new(1, sizeof(*d) + n + 1);
	memcpy(d->key, key, n);
	d->key_n = n;
	if (hash_put(&tp->dests, slice_make(key, n), d, NULL) != RC_OK) {
		free(d);
		return NULL;
	}
	d->tp = tp;
	d->nexthop = slice_make(d->key + n - nexthop.n, nexthop.n);
	d->window = tp->limits.initial_concurrency;
	list_init(&d->ready);
	list_init(&d->jobs);
	return d;
}

/* --- who is ready --- */

/* The sweep is due in AFTER_MS at the latest. */
static void look_again(struct qmgr *q, int64_t after_ms)
{
	if (!timer_is_running(&q->later) || q->later.node.key > loop_now_ms(q->loop) + after_ms)
		timer_start(&q->later, after_ms);
}

static bool has_room(const struct dest *d)
{
	if (d->tp->limits.destination_delay_ms > 0)
		return d->busy == 0 && d->next_ms <= loop_now_ms(d->tp->q->loop);
	return d->tp->limits.concurrency == 0 || d->busy < (unsigned)d->window;
}

static void run_dispatch(struct task *t);

void sched_kick(struct transport *tp)
{
	struct qmgr *q = tp->q;

	if (list_is_empty(&tp->runnable))
		list_append(&q->runnable, &tp->runnable);
	loop_defer(q->loop, &q->dispatch, run_dispatch);
}

static bool anyone_ready(const struct transport *tp)
{
	return !list_is_empty(&tp->ready[TURN_FEW]) || !list_is_empty(&tp->ready[TURN_MANY]);
}

static void check_ready(struct dest *d)
{
	enum sched_turn turn = d->n_few > 0 ? TURN_FEW : TURN_MANY;

	if (list_is_empty(&d->jobs) || !has_room(d) || turn != d->turn)
		list_remove(&d->ready);
	if (list_is_empty(&d->jobs) || !has_room(d))
		return;
	d->turn = turn;
	if (list_is_empty(&d->ready))
		list_append(&d->tp->ready[turn], &d->ready);
	sched_kick(d->tp);
}

static struct dest *next_ready(struct transport *tp)
{
	enum sched_turn turn = tp->turn;

	tp->turn = turn == TURN_FEW ? TURN_MANY : TURN_FEW;
	if (list_is_empty(&tp->ready[turn]))
		turn = tp->turn;
	return LIST_ENTRY(list_pop(&tp->ready[turn]), struct dest, ready);
}

/* Work for a transport without an agent: ask for one, and wait for it only so long. */
static void want_agent(struct transport *tp)
{
	struct qmgr *q = tp->q;

	if (!timer_is_running(&tp->patience))
		timer_start(&tp->patience, q->policy.agent_patience_ms);
	if (!tp->is_asked) {
		tp->is_asked = true;
		q->hooks.ask_agent(q, tp);
	}
}

static void send_next(struct transport *tp)
{
	struct dest *d = next_ready(tp);
	struct job *j = LIST_ENTRY(list_pop(&d->jobs), struct job, in_dest);
	struct qmgr *q = tp->q;

	list_append(&d->jobs, &j->in_dest);	/* the other messages' turn comes first */
	if (!agent_send(j)) {
		check_ready(d);
		return;
	}
	d->busy++;
	tp->credit--;
	d->next_ms = loop_now_ms(q->loop) + tp->limits.destination_delay_ms;
	tp->next_ms = loop_now_ms(q->loop) + tp->limits.transport_delay_ms;
	check_ready(d);
}

static bool is_paced(const struct transport *tp)
{
	return tp->limits.transport_delay_ms > 0 && tp->next_ms > loop_now_ms(tp->q->loop);
}

static void run_transport(struct transport *tp)
{
	if (tp->chan == NULL && anyone_ready(tp)) {
		want_agent(tp);
		return;
	}
	while (tp->chan != NULL && tp->credit > 0 && anyone_ready(tp) && !is_paced(tp) &&
	       hash_count(&tp->requests) < SCHED_REQUESTS_MAX)
		send_next(tp);
	if (is_paced(tp) && anyone_ready(tp))
		look_again(tp->q, tp->next_ms - loop_now_ms(tp->q->loop));
}

static void run_dispatch(struct task *t)
{
	struct qmgr *q = LIST_ENTRY(t, struct qmgr, dispatch);

	for (struct list *n = list_pop(&q->runnable); n != NULL; n = list_pop(&q->runnable))
		if (!q->is_draining)
			run_transport(LIST_ENTRY(n, struct transport, runnable));
}

/* --- jobs --- */

static bool has_few(const struct message *m)
{
	return m->env.n_rcpts <= SCHED_FEW_RCPTS;
}

static void job_free(struct job *j)
{
	j->dest->n_few -= has_few(j->m);
	list_remove(&j->in_message);
	list_remove(&j->in_dest);
	free(j);
}

/* Recipients of one message are routed one after another, so the destination's last job is the
 * message's own if there is one. */
static struct job *job_for(struct message *m, struct dest *d)
{
	struct job *j;

	if (!list_is_empty(&d->jobs)) {
		j = LIST_ENTRY(d->jobs.prev, struct job, in_dest);
		if (j->m == m)
			return j;
	}
	j = mem_new(1, sizeof(*j));
	j->m = m;
	j->dest = d;
	j->first = j->last = QMGR_NO_RCPT;
	list_append(&m->jobs, &j->in_message);
	list_append(&d->jobs, &j->in_dest);
	d->n_few += has_few(m);
	return j;
}

void sched_again(struct message *m, uint32_t i, struct dest *d)
{
	struct job *j = job_for(m, d);

	m->rcpts[i].state = RCPT_WAITING;
	m->rcpts[i].next = QMGR_NO_RCPT;
	if (j->first == QMGR_NO_RCPT)
		j->first = i;
	else
		m->rcpts[j->last].next = i;
	j->last = i;
	check_ready(d);
}

uint32_t sched_take(struct job *j)
{
	uint32_t i = j->first;

	if (i == QMGR_NO_RCPT)
		return i;
	j->first = j->m->rcpts[i].next;
	j->m->rcpts[i].next = QMGR_NO_RCPT;
	return i;
}

void sched_job_used(struct job *j)
{
	struct dest *d = j->dest;

	if (j->first != QMGR_NO_RCPT)
		return;
	job_free(j);
	check_ready(d);
}

void sched_take_back(struct message *m)
{
	for (struct list *n = list_pop(&m->jobs); n != NULL; n = list_pop(&m->jobs)) {
		struct job *j = LIST_ENTRY(n, struct job, in_message);
		struct dest *d = j->dest;

		for (uint32_t i = sched_take(j); i != QMGR_NO_RCPT; i = sched_take(j))
			m->rcpts[i].state = RCPT_TODO;
		job_free(j);
		check_ready(d);
	}
}

/* --- routing --- */

static void settle_builtin(struct message *m, uint32_t i, enum builtin kind,
			   struct slice nexthop)
{
	const char *dsn = kind == BUILTIN_ERROR ? "5.0.0" : kind == BUILTIN_RETRY ? "4.0.0" : "2.0.0";
	enum rcpt_state state = kind == BUILTIN_ERROR	? RCPT_FAILED
				: kind == BUILTIN_RETRY ? RCPT_DEFERRED
							: RCPT_SENT;
	struct slice text = nexthop, word;
	char own[8];

	/* "error:5.1.2 text": the nexthop may begin with the status it wants. */
	if (slice_split(&nexthop, ' ', &word) && word.n >= 5 && word.n < sizeof(own) &&
	    word.p[0] == dsn[0] && word.p[1] == '.' && char_is_digit(word.p[2])) {
		(void)slice_to_cstr(word, own, sizeof(own));
		dsn = own;
		text = slice_trim(nexthop);
	}
	message_settle_here(m, i, state, outcome_say(dsn, "%.*s", SLICE_ARG(text)));
}

static struct outcome *suspended(const struct outcome *why)
{
	char dsn[16];

	if (!slice_to_cstr(why->dsn, dsn, sizeof(dsn)) || dsn[0] != '4')
		snprintf(dsn, sizeof(dsn), "4.4.1");
	return outcome_say(dsn, "delivery temporarily suspended: %.*s", SLICE_ARG(why->text));
}

void sched_add(struct message *m, uint32_t i, const struct route *to)
{
	struct qmgr *q = m->q;
	int64_t now = loop_now_ms(q->loop);
	struct transport *tp = transport_get(q, slice_sub(to->transport, 0, NAME_SIZE_MAX));
	struct dest *d;

	if (tp == NULL) {
		message_settle_here(m, i, RCPT_DEFERRED, outcome_say("4.3.0", "too many transports"));
		return;
	}
	if (tp->limits.builtin != BUILTIN_NONE) {
		settle_builtin(m, i, tp->limits.builtin, to->nexthop);
		return;
	}
	if (tp->limits.is_deferred && !m->is_flushed) {
		message_settle_here(m, i, RCPT_DEFERRED, outcome_say("4.3.2", "deferred transport"));
		return;
	}
	if (tp->dead_until_ms > now) {
		message_settle_here(m, i, RCPT_DEFERRED, outcome_dup(tp->why_dead));
		return;
	}
	d = dest_get(tp, to);
	if (d == NULL)
		message_settle_here(m, i, RCPT_DEFERRED,
				    outcome_say("4.3.0", "too many destinations"));
	else if (d->dead_until_ms > now)
		message_settle_here(m, i, RCPT_DEFERRED, suspended(d->why_dead));
	else
		sched_again(m, i, d);
}

/* --- trouble --- */

/* Settling the last recipient of a message takes its other jobs away too, never a destination. */
static void defer_jobs(struct dest *d, struct outcome *(*why)(const struct outcome *),
		       const struct outcome *cause)
{
	while (!list_is_empty(&d->jobs)) {
		struct job *j = LIST_ENTRY(d->jobs.next, struct job, in_dest);
		struct message *m = j->m;
		uint32_t i = sched_take(j);

		if (j->first == QMGR_NO_RCPT)
			job_free(j);
		if (i != QMGR_NO_RCPT)
			message_settle_here(m, i, RCPT_DEFERRED, why(cause));
	}
	list_remove(&d->ready);
}

static void destination_dead(struct dest *d, const struct outcome *why)
{
	struct qmgr *q = d->tp->q;

	free(d->why_dead);
	d->why_dead = outcome_dup(why);
	d->dead_until_ms = loop_now_ms(q->loop) + q->policy.minimal_backoff_s * SECOND_MS;
	d->window = d->tp->limits.initial_concurrency;
	d->success = d->failure = d->failed_cohorts = 0;
	defer_jobs(d, suspended, d->why_dead);
	look_again(q, SWEEP_MS);
}

void sched_transport_dead(struct transport *tp, struct outcome *why)
{
	struct qmgr *q = tp->q;
	size_t pos = 0;
	void *d;

	log_warn(NULL, "transport %s: %.*s; its mail is deferred", tp->name, SLICE_ARG(why->text));
	timer_stop(&tp->patience);
	free(tp->why_dead);
	tp->why_dead = why;
	tp->dead_until_ms = loop_now_ms(q->loop) + q->policy.transport_retry_ms;
	while (hash_next(&tp->dests, &pos, NULL, &d))
		defer_jobs(d, outcome_dup, why);
}

static void on_patience(struct timer *t)
{
	struct transport *tp = LIST_ENTRY(t, struct transport, patience);

	if (tp->chan == NULL)
		sched_transport_dead(tp, outcome_say("4.3.0", "mail transport unavailable"));
}

static void grow(struct dest *d)
{
	const struct transport_limits *l = &d->tp->limits;
	double f = feedback_value(&l->positive, d->window);

	d->failed_cohorts = 0;
	if ((l->concurrency > 0 && d->window >= l->concurrency) ||
	    d->window >= d->busy + l->initial_concurrency)
		return;
	d->success += f;
	while (d->success + f / 2 >= 1) {
		d->window += 1;
		d->success -= 1;
		d->failure = 0;
	}
	if (l->concurrency > 0 && d->window > l->concurrency)
		d->window = l->concurrency;
}

static void shrink(struct dest *d, const struct outcome *why)
{
	const struct transport_limits *l = &d->tp->limits;
	double f = feedback_value(&l->negative, d->window);

	d->failed_cohorts += 1 / d->window;
	if (l->failed_cohorts > 0 && d->failed_cohorts >= l->failed_cohorts) {
		destination_dead(d, why);
		return;
	}
	d->failure -= f;
	while (d->failure - f / 2 < 0) {
		d->window -= 1;
		d->failure += 1;
		d->success = 0;
	}
	if (d->window < 1)
		d->window = 1;
}

void sched_finished(struct dest *d, const struct outcome *trouble)
{
	if (trouble == NULL)
		grow(d);
	else
		shrink(d, trouble);
	d->busy--;
	look_again(d->tp->q, d->tp->limits.destination_delay_ms > 0
				     ? d->tp->limits.destination_delay_ms : SWEEP_MS);
	check_ready(d);
}

/* --- time --- */

/* Destinations with nothing to do are forgotten; paced ones may have become ready. Returns when
 * to look again, or INT64_MAX. */
static int64_t sweep(struct transport *tp, int64_t now)
{
	int64_t next = INT64_MAX;
	size_t pos = 0;
	void *v;

	while (hash_next(&tp->dests, &pos, NULL, &v)) {
		struct dest *d = v;

		if (!list_is_empty(&d->jobs)) {
			check_ready(d);
			if (d->next_ms > now && d->next_ms < next)
				next = d->next_ms;
		} else if (d->busy == 0 && d->dead_until_ms <= now && d->next_ms <= now) {
			dest_free(d);
		} else if (next > now + SWEEP_MS) {
			next = now + SWEEP_MS;
		}
	}
	if (is_paced(tp) && anyone_ready(tp) && tp->next_ms < next)
		next = tp->next_ms;
	return next;
}

void sched_run_later(struct timer *t)
{
	struct qmgr *q = LIST_ENTRY(t, struct qmgr, later);
	int64_t now = loop_now_ms(q->loop), next = INT64_MAX;
	size_t pos = 0;
	void *tp;

	while (hash_next(&q->transports, &pos, NULL, &tp)) {
		int64_t at = sweep(tp, now);

		if (at < next)
			next = at;
	}
	if (next != INT64_MAX)
		timer_start(t, next - now);
}

void sched_forget_dead(struct qmgr *q)
{
	size_t pos = 0, at;
	void *v, *w;

	while (hash_next(&q->transports, &pos, NULL, &v)) {
		struct transport *tp = v;

		tp->dead_until_ms = 0;
		at = 0;
		while (hash_next(&tp->dests, &at, NULL, &w))
			((struct dest *)w)->dead_until_ms = 0;
	}
}

void sched_done(struct qmgr *q)
{
	size_t pos = 0, at;
	void *v, *w;

	while (hash_next(&q->transports, &pos, NULL, &v)) {
		struct transport *tp = v;

		at = 0;
		while (hash_next(&tp->requests, &at, NULL, &w)) {
			free(((struct request *)w)->trouble);
			free(w);
		}
		at = 0;
		while (hash_next(&tp->dests, &at, NULL, &w)) {
			free(((struct dest *)w)->why_dead);
			free(w);
		}
		hash_done(&tp->requests);
		hash_done(&tp->dests);
		timer_stop(&tp->patience);
		free(tp->why_dead);
		free(tp);
	}
	hash_done(&q->transports);
}
