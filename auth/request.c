/* SPDX-License-Identifier: ISC */
#include "auth/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/sys/log.h"

enum { DELAY_GRAIN_MS = 500 };	/* failures leave in step, so that their time tells nothing */

void request_set_init(struct request_set *s, struct auth *a, const struct request_ops *ops,
		      void *owner)
{
	*s = (struct request_set){ .auth = a, .ops = ops, .owner = owner };
	for (unsigned i = 0; i < REQUEST_BUCKETS; i++)
		list_init(&s->buckets[i]);
}

static void drop(struct request *r)
{
	check_done(&r->check);
	sasl_server_done(&r->sasl);
	list_remove(&r->link);
	list_remove(&r->queue);
	r->set->n--;
	r->set->auth->n_requests--;
	free(r);
}

void request_set_done(struct request_set *s)
{
	for (unsigned i = 0; i < REQUEST_BUCKETS; i++)
		LIST_EACH(node, &s->buckets[i])
			drop(LIST_ENTRY(node, struct request, link));
}

static struct request *find(struct request_set *s, uint32_t id)
{
	LIST_EACH(node, &s->buckets[id % REQUEST_BUCKETS]) {
		struct request *r = LIST_ENTRY(node, struct request, link);

		if (r->id == id)
			return r;
	}
	return NULL;
}

static void arm(struct timer *t, const struct list *queue, int64_t now_ms)
{
	const struct request *first;

	if (list_is_empty(queue) || timer_is_running(t))
		return;
	first = LIST_ENTRY(queue->next, struct request, queue);
	timer_start(t, first->due_ms > now_ms ? first->due_ms - now_ms : 0);
}

/* Counted from the question, not from the answer: how long a hash took is not to be seen, or who
 * has none would be known. A hash slower than the delay has the next step. */
static int64_t due_after(const struct request *r, int64_t now, int64_t delay)
{
	int64_t due = (r->asked_ms != 0 ? r->asked_ms : now) + delay;

	if (due < now)
		due = now;
	return (due + DELAY_GRAIN_MS - 1) / DELAY_GRAIN_MS * DELAY_GRAIN_MS;
}

/* Into QUEUE, in the order of their ends; T ends the first of them. */
static void hold_back(struct request *r, struct list *queue, struct timer *t, int64_t now_ms)
{
	struct list *at = queue->prev;

	while (at != queue && LIST_ENTRY(at, struct request, queue)->due_ms > r->due_ms)
		at = at->prev;
	list_prepend(at, &r->queue);
	if (at == queue)
		timer_stop(t);
	arm(t, queue, now_ms);
}

static void fail(struct request *r, unsigned code, const char *reason)
{
	struct auth *a = r->set->auth;
	int64_t now = loop_now_ms(a->loop), delay = a->params->auth_failure_delay;

	if (r->check.fields.no_delay || a->is_draining)
		delay = 0;
	sasl_server_done(&r->sasl);
	list_remove(&r->queue);
	r->state = REQUEST_DELAYED;
	r->fail_code = code;
	snprintf(r->fail_reason, sizeof(r->fail_reason), "%s", reason);
	r->due_ms = delay > 0 ? due_after(r, now, delay) : now;
	hold_back(r, &a->delayed, &a->delay, now);
}

static void answer_delayed(struct auth *a, int64_t until_ms)
{
	while (!list_is_empty(&a->delayed)) {
		struct request *r = LIST_ENTRY(a->delayed.next, struct request, queue);

		if (r->due_ms > until_ms)
			break;
		r->set->ops->failure(r->set, r->id, r->fail_code, slice_str(r->tried),
				     slice_str(r->fail_reason));
		drop(r);
	}
}

void request_on_delay(struct timer *t)
{
	struct auth *a = LIST_ENTRY(t, struct auth, delay);
	int64_t now = loop_now_ms(a->loop);

	answer_delayed(a, now);
	arm(t, &a->delayed, now);
}

void request_on_patience(struct timer *t)
{
	struct auth *a = LIST_ENTRY(t, struct auth, patience);
	int64_t now = loop_now_ms(a->loop);

	while (!list_is_empty(&a->asked)) {
		struct request *r = LIST_ENTRY(a->asked.next, struct request, queue);

		if (r->due_ms > now)
			break;
		fail(r, AUTH_FAIL_CREDENTIALS, "");
	}
	arm(t, &a->asked, now);
}

static void await_client(struct request *r)
{
	struct auth *a = r->set->auth;

	r->state = REQUEST_ASKED;
	r->due_ms = loop_now_ms(a->loop) + REQUEST_PATIENCE_MS;
	list_append(&a->asked, &r->queue);
	arm(&a->patience, &a->asked, loop_now_ms(a->loop));
	r->set->ops->challenge(r, r->sasl.out);
}

static bool issue_token(struct request *r, unsigned char token[TOKEN_BYTES])
{
	struct auth *a = r->set->auth;
	struct slice fields = buf_slice(&r->check.fields.prefetch);
	struct token_grant g = { 0 };

	snprintf(g.user, sizeof(g.user), "%s", r->check.name);
	snprintf(g.service, sizeof(g.service), "%s", r->check.service);
	snprintf(g.session, sizeof(g.session), "%s", r->check.session);
	snprintf(g.remote_addr, sizeof(g.remote_addr), "%s", r->check.remote_addr);
	snprintf(g.local_addr, sizeof(g.local_addr), "%s", r->check.local_addr);
	g.prefetch = mem_dup(fields.p, fields.n);
	g.prefetch_bytes = fields.n;
	if (tokens_issue(a->tokens, loop_now_ms(a->loop), &g, token) == RC_OK)
		return true;
	free(g.prefetch);
	return false;
}

static void succeed(struct request *r)
{
	unsigned char token[TOKEN_BYTES];
	struct slice shown = { 0 };

	if (r->wants_token) {
		if (!issue_token(r, token)) {
			log_error(NULL, "too many logins are under way");
			fail(r, AUTH_FAIL_TEMPORARY, "");
			return;
		}
		shown = slice_make(token, sizeof(token));
	}
	r->set->ops->success(r, slice_str(r->check.name), shown);
	mem_wipe(token, sizeof(token));
	drop(r);
}

/* Behind an address of this machine may be anybody. */
static bool is_punishable(const struct request *r)
{
	return strcmp(r->check.remote_addr, r->check.local_addr) != 0;
}

static void remember(struct request *r, enum check_verdict verdict)
{
	struct penalties *p = r->set->auth->penalties;
	struct slice addr = slice_str(r->check.remote_addr);

	if (verdict == CHECK_YES)
		penalties_forgive(p, addr);
	else if (verdict == CHECK_WRONG && !r->check.fields.no_delay && is_punishable(r))
		penalties_failed(p, addr, slice_hash(slice_str(r->tried)) ^
				 slice_hash(r->sasl.password), loop_now_ms(r->set->auth->loop));
}

static void on_checked(struct check *c)
{
	static const unsigned codes[] = {
		[CHECK_WRONG] = AUTH_FAIL_CREDENTIALS, [CHECK_TEMP] = AUTH_FAIL_TEMPORARY,
		[CHECK_DISABLED] = AUTH_FAIL_DISABLED, [CHECK_EXPIRED] = AUTH_FAIL_EXPIRED,
	};
	struct request *r = LIST_ENTRY(c, struct request, check);

	remember(r, c->verdict);
	if (c->verdict == CHECK_YES)
		succeed(r);
	else
		fail(r, codes[c->verdict], c->verdict == CHECK_DISABLED ? c->fields.reason : "");
}

/* Acting for somebody else is for masters, of whom there are none. */
static bool is_own_authzid(const struct request *r)
{
	char name[NAME_MAX_BYTES + 1];

	if (r->sasl.authzid.n == 0 || slice_eq(r->sasl.authzid, r->sasl.authcid))
		return true;
	return name_canonical(&r->set->auth->names, r->sasl.authzid, name, NULL) == RC_OK &&
	       strcmp(name, r->check.name) == 0;
}

static void look(struct request *r)
{
	r->state = REQUEST_CHECKING;
	r->asked_ms = loop_now_ms(r->set->auth->loop);
	r->check.password = r->sasl.password;
	check_start(&r->check, r->set->auth, on_checked);
}

static void look_at_held(struct auth *a, int64_t until_ms)
{
	while (!list_is_empty(&a->held)) {
		struct request *r = LIST_ENTRY(a->held.next, struct request, queue);

		if (r->due_ms > until_ms)
			break;
		list_remove(&r->queue);
		look(r);
	}
}

void request_on_held(struct timer *t)
{
	struct auth *a = LIST_ENTRY(t, struct auth, held_timer);
	int64_t now = loop_now_ms(a->loop);

	look_at_held(a, now);
	arm(t, &a->held, now);
}

/* Who guesses has no answer to wait for when it is late: he hangs up and guesses on. So guesses are
 * slowed down before they are looked at. */
static void check(struct request *r)
{
	struct auth *a = r->set->auth;
	int64_t now = loop_now_ms(a->loop), due;
	struct err err = { 0 };

	if (!slice_to_cstr(r->sasl.authcid, r->tried, sizeof(r->tried)))
		r->tried[0] = '\0';
	if (name_canonical(&a->names, r->sasl.authcid, r->check.name, &err) != RC_OK) {
		if (a->params->auth_verbose)
			log_info(NULL, "%s(%s): %s", r->tried, r->check.remote_addr, err.text);
		fail(r, AUTH_FAIL_CREDENTIALS, "");
		return;
	}
	snprintf(r->tried, sizeof(r->tried), "%s", r->check.name);
	if (!is_own_authzid(r)) {
		fail(r, AUTH_FAIL_AUTHORIZATION, "");
		return;
	}
	due = penalties_due(a->penalties, slice_str(r->check.remote_addr), now);
	if (due <= now) {
		look(r);
		return;
	}
	r->state = REQUEST_HELD;
	r->due_ms = due;
	hold_back(r, &a->held, &a->held_timer, now);
}

static void act(struct request *r, enum sasl_next next)
{
	switch (next) {
	case SASL_CHALLENGE: await_client(r); break;
	case SASL_CHECK: check(r); break;
	case SASL_MALFORMED: fail(r, AUTH_FAIL_CREDENTIALS, ""); break;
	}
}

static bool take_texts(struct request *r, const struct request_origin *o)
{
	struct check *c = &r->check;

	return slice_to_cstr(o->service, c->service, sizeof(c->service)) &&
	       slice_to_cstr(o->remote_addr, c->remote_addr, sizeof(c->remote_addr)) &&
	       slice_to_cstr(o->local_addr, c->local_addr, sizeof(c->local_addr)) &&
	       slice_to_cstr(o->session, c->session, sizeof(c->session));
}

/* RC_END: there are too many, and the client has been told. */
static enum rc make(struct request_set *s, const struct request_origin *o, struct request **out,
		    struct err *err)
{
	struct request *r;

	if (s->n >= REQUESTS_PER_FRONT) {
		s->ops->failure(s, o->id, AUTH_FAIL_TEMPORARY, (struct slice){ 0 },
				(struct slice){ 0 });
		return RC_END;
	}
	if (find(s, o->id) != NULL)
		return err_set(err, RC_SYNTAX, "request number %u is in use", o->id);
	r = mem_new(1, sizeof(*r));
	r->set = s;
	r->id = o->id;
	r->wants_token = o->wants_token;
	list_init(&r->queue);
	list_append(&s->buckets[r->id % REQUEST_BUCKETS], &r->link);
	s->n++;
	s->auth->n_requests++;
	if (!take_texts(r, o)) {
		drop(r);
		return err_set(err, RC_SYNTAX, "service, address or session is too long");
	}
	*out = r;
	return RC_OK;
}

enum rc request_refuse(struct request_set *s, const struct request_origin *o, unsigned code,
		       struct err *err)
{
	struct request *r;
	enum rc rc = make(s, o, &r, err);

	if (rc == RC_OK)
		fail(r, code, "");
	return rc == RC_END ? RC_OK : rc;
}

enum rc request_start(struct request_set *s, const struct request_origin *o, struct slice initial,
		      struct err *err)
{
	const struct sasl_mech *mech = auth_mech(s->auth, o->mechanism);
	struct request *r;
	enum rc rc;

	if (s->auth->is_draining)
		return request_refuse(s, o, AUTH_FAIL_TEMPORARY, err);
	if (mech == NULL)
		return request_refuse(s, o, AUTH_FAIL_MECHANISM, err);
	rc = make(s, o, &r, err);
	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	sasl_server_init(&r->sasl, mech);
	act(r, sasl_server_start(&r->sasl, initial));
	return RC_OK;
}

static enum rc find_asked(struct request_set *s, uint32_t id, struct request **out, struct err *err)
{
	struct request *r = find(s, id);

	if (r == NULL)
		return err_set(err, RC_END, "no request %u", id);
	if (r->state != REQUEST_ASKED)
		return err_set(err, r->state == REQUEST_DELAYED ? RC_END : RC_SYNTAX,
			       "request %u does not wait for a message", id);
	list_remove(&r->queue);
	*out = r;
	return RC_OK;
}

enum rc request_continue(struct request_set *s, uint32_t id, struct slice data, struct err *err)
{
	struct request *r;
	enum rc rc = find_asked(s, id, &r, err);

	if (rc == RC_OK)
		act(r, sasl_server_continue(&r->sasl, data));
	return rc;
}

enum rc request_garbled(struct request_set *s, uint32_t id, struct err *err)
{
	struct request *r;
	enum rc rc = find_asked(s, id, &r, err);

	if (rc == RC_OK)
		fail(r, AUTH_FAIL_MECHANISM, "");
	return rc;
}

void request_cancel(struct request_set *s, uint32_t id)
{
	struct request *r = find(s, id);

	if (r != NULL)
		drop(r);
}

void request_end_waiting(struct auth *a)
{
	while (!list_is_empty(&a->asked))
		fail(LIST_ENTRY(a->asked.next, struct request, queue), AUTH_FAIL_TEMPORARY, "");
	look_at_held(a, INT64_MAX);
	answer_delayed(a, INT64_MAX);
}
