/* One recipient, from what it expands to, through the workers, to its result. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/ipc/localworker.h"
#include "lib/mail/addr.h"
#include "local/front.h"

static void carry_out(struct recipient *r);
static void finish(struct recipient *r);

static struct front *front_of(const struct recipient *r)
{
	return r->request->front;
}

/* The plan is own_action alone. */
static void plan_one(struct recipient *r)
{
	r->plan = (struct plan){ .first = &r->own_action, .last = &r->own_action, .n = 1 };
	carry_out(r);
}

/* The recipient is settled by one outcome, without a plan. */
static void settle(struct recipient *r, int status, const char *dsn, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void settle(struct recipient *r, int status, const char *dsn, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->own_action = (struct action){ .kind = ACTION_SETTLED, .address = r->address,
					 .original = r->original };
	outcome_set(&r->own_action.out, status, dsn, "%s", text);
	plan_one(r);
}

/* --- what is to be done --- */

static void plan_virtual(struct recipient *r)
{
	struct front *f = front_of(r);
	struct virtual_mailbox m;
	struct err err = { 0 };
	enum rc rc = virtual_find(&f->config, &f->mailboxes, r->address, &r->facts.memo,
				  &r->request->arena, &m, &err);

	if (rc == RC_MORE)
		return;
	if (rc == RC_END) {
		settle(r, OUTCOME_BOUNCED, "5.1.1", "unknown user: \"%.*s\"",
		       SLICE_ARG(r->address));
		return;
	}
	if (rc == RC_PERM) {	/* of which the sender learns no more than that */
		log_warn(&r->request->log, "%s", err.text);
		settle(r, OUTCOME_DEFERRED, "4.3.5", "mail system configuration error");
		return;
	}
	if (rc != RC_OK) {
		settle(r, OUTCOME_DEFERRED, "4.3.0", "%s", err.text);
		return;
	}
	r->own_action = (struct action){
		.kind = ACTION_MAILBOX, .path = m.path, .dir = m.dir, .place = WORKER_VIRTUAL,
		.format = m.path.p[m.path.n - 1] == '/' ? WORK_MAILDIR : WORK_MBOX,
		.mailbox_user = r->address, .address = r->address, .original = r->original,
		.sender = r->request->m.sender,
		.delivered_to = r->address, .uid = m.uid, .gid = m.gid,
	};
	plan_one(r);
}

static struct delivery_names names_of(const struct recipient *r)
{
	const struct deliver *m = &r->request->m;

	return (struct delivery_names){
		.original = r->original.n > 0 ? r->original : r->address, .sender = m->sender,
		.client_address = m->client_addr, .client_helo = m->client_helo,
		.client_hostname = m->client_name, .client_protocol = m->client_proto,
		.sasl_method = m->sasl_method, .sasl_sender = m->sasl_sender,
		.sasl_username = m->sasl_user, .envid = m->envid,
	};
}

static void plan_local(struct recipient *r)
{
	struct expand_input in = { .config = &front_of(r)->config, .address = r->address,
				   .original = r->original, .names = names_of(r) };
	struct err err = { 0 };
	enum rc rc = expand_recipient(&in, &r->facts, &r->plan, &err);

	if (rc == RC_MORE)
		return;
	if (rc != RC_OK) {
		settle(r, OUTCOME_BOUNCED, "5.4.6", "%s", err.text);
		return;
	}
	if (r->plan.warning.n > 0)
		log_warn(&r->request->log, "%.*s", SLICE_ARG(r->plan.warning));
	carry_out(r);
}

static void on_run(struct task *t)
{
	struct recipient *r = LIST_ENTRY(t, struct recipient, run_task);

	if (front_of(r)->config.is_virtual)
		plan_virtual(r);
	else
		plan_local(r);
}

static void on_facts(struct facts *f)
{
	struct recipient *r = f->owner;

	loop_defer(daemon_loop(front_of(r)->daemon), &r->run_task, on_run);
}

/* A message that was delivered to this recipient before goes in circles. */
static bool is_loop(struct recipient *r, struct err *err, enum rc *rc)
{
	const struct content_header *h = &r->request->header;
	bool found = false;
	struct buf b;

	*rc = request_header(r->request, err);
	if (*rc != RC_OK)
		return false;
	buf_init(&b, 4096);
	for (size_t i = 0; i < h->n_delivered_to && !found; i++) {
		buf_reset(&b);
		addr_unquote(h->delivered_to[i], &b);
		found = slice_ieq(buf_slice(&b), r->address);
	}
	buf_done(&b);
	return found;
}

void recipient_start(struct recipient *r)
{
	struct front *f = front_of(r);
	struct err err = { 0 };
	enum rc rc = RC_OK;

	task_init(&r->run_task);
	facts_init(&r->facts, &r->request->arena, f->workers, &f->users, on_facts, r);
	if (!f->config.is_virtual && is_loop(r, &err, &rc))
		settle(r, OUTCOME_BOUNCED, "5.4.6", "mail forwarding loop for %.*s",
		       SLICE_ARG(r->address));
	else if (rc != RC_OK)
		settle(r, OUTCOME_DEFERRED, "4.3.0", "%s", err.text);
	else
		on_run(&r->run_task);
}

/* --- doing it --- */

static void add_header(struct buf *b, const char *name, struct slice address, const char *open,
		       const char *close)
{
	buf_addf(b, "%s: %s", name, open);
	addr_quote(address, b);
	buf_addf(b, "%s\n", close);
}

static void make_header(const struct recipient *r, const struct action *a, struct buf *b)
{
	const struct config *c = &front_of(r)->config;
	bool delivered = a->kind == ACTION_MAILBOX ||
			 (c->delivered_in & (a->kind == ACTION_COMMAND ? DELIVERED_COMMAND
								       : DELIVERED_FILE)) != 0;

	add_header(b, "Return-Path", a->sender, "<", ">");
	if (c->has_original_recipient)
		add_header(b, "X-Original-To", r->original.n > 0 ? r->original : r->address, "",
			   "");
	if (delivered)
		add_header(b, "Delivered-To", a->delivered_to, "", "");
}

static struct ipc_packet *command_packet(const struct recipient *r, const struct action *a,
					 uint32_t id, int fd, struct slice header)
{
	const struct deliver *m = &r->request->m;
	struct ipc_packet *k = ipc_packet_new(work_command_type);

	work_command_put(&k, &(struct work_command){
		.id = id, .command = a->path, .directory = a->directory,
		.environment = a->environment, .file = fd, .content_offset = m->content_offset,
		.content_bytes = m->content_bytes, .content_crc = m->content_crc,
		.sender = a->sender, .header = header,
		.limit_ms = front_of(r)->config.p.command_time_limit });
	return k;
}

static struct ipc_packet *file_packet(const struct recipient *r, const struct action *a,
				      uint32_t id, int fd, struct slice header)
{
	const struct config *c = &front_of(r)->config;
	const struct deliver *m = &r->request->m;
	struct ipc_packet *k = ipc_packet_new(work_deliver_type);

	work_deliver_put(&k, &(struct work_deliver){
		.id = id, .format = (uint8_t)a->format, .path = a->path,
		.user = slice_sub(a->mailbox_user, 0, 256), .file = fd,
		.content_offset = m->content_offset, .content_bytes = m->content_bytes,
		.content_crc = m->content_crc, .sender = a->sender, .header = header,
		.limit_bytes = c->is_virtual ? c->p.virtual_mailbox_limit
					     : c->p.mailbox_size_limit });
	return k;
}

static void go_on(struct recipient *r);

static void on_member_done(struct work *w, const struct outcome *out)
{
	struct member *m = LIST_ENTRY(w, struct member, work);

	m->is_running = false;
	m->action->out = *out;
	go_on(m->recipient);
}

/* Virtual mailboxes and files in one directory have a worker in common; but one that stands still at
 * the lock of a file is that file's alone. */
static struct worker_key key_of(const struct action *a)
{
	const struct user_info *u = a->user;
	bool is_shared = a->place == WORKER_VIRTUAL || a->place == WORKER_FILE;

	return (struct worker_key){
		.kind = a->place, .user = u != NULL ? u->name : (struct slice){ 0 },
		.uid = u != NULL ? u->uid : a->uid, .gid = u != NULL ? u->gid : a->gid,
		.dir = a->place == WORKER_HOME ? u->home : a->dir,
		.lane = is_shared && a->format != WORK_MAILDIR ? a->path : (struct slice){ 0 },
		.makes_dir = a->format == WORK_MAILDIR,
	};
}

/* The last member of a request's only recipient takes the queue file itself, others a copy. */
static int take_file(struct recipient *r)
{
	struct request *q = r->request;
	int fd = q->m.file;

	if (q->n == 1 && r->plan.n == 1)
		q->m.file = -1;
	else
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd;
}

static void submit(struct member *m)
{
	struct recipient *r = m->recipient;
	struct action *a = m->action;
	struct worker_key key = key_of(a);
	struct ipc_packet *k;
	struct buf header;
	int fd = take_file(r);

	if (fd < 0) {
		outcome_errno(&a->out, errno, "cannot hand the queue file over");
		return;
	}
	buf_init(&header, 8192);
	make_header(r, a, &header);
	m->work.id = workers_next_id(front_of(r)->workers);
	m->work.on_done = on_member_done;
	if (a->kind == ACTION_COMMAND)
		k = command_packet(r, a, m->work.id, fd, buf_slice(&header));
	else
		k = file_packet(r, a, m->work.id, fd, buf_slice(&header));
	if (k->bad || buf_is_over(&header)) {
		outcome_set(&a->out, OUTCOME_BOUNCED, "5.3.0", "the delivery's names are too long");
		ipc_packet_free(&k);
	} else {
		m->is_running = true;
		workers_submit(front_of(r)->workers, &key, &m->work, k);
	}
	buf_done(&header);
}

/* sendmail -bv asks only what would be done. */
static void pretend(struct action *a)
{
	switch (a->kind) {
	case ACTION_MAILBOX:
		outcome_set(&a->out, OUTCOME_SENT, "2.0.0", "delivers to %s",
			    a->format == WORK_MAILDIR ? "maildir" : "mailbox");
		return;
	case ACTION_FILE:
		outcome_set(&a->out, OUTCOME_SENT, "2.0.0", "delivers to file: %.*s",
			    SLICE_ARG(a->path));
		return;
	case ACTION_COMMAND:
		outcome_set(&a->out, OUTCOME_SENT, "2.0.0", "delivers to command: %.*s",
			    SLICE_ARG(a->path));
		return;
	case ACTION_FORWARD:
		outcome_set(&a->out, OUTCOME_SENT, "2.0.0", "forwards to %.*s", SLICE_ARG(a->path));
		return;
	case ACTION_SETTLED:
		return;
	}
}

/* One after the other, in the order they are written: whoever has many commands in a .forward file
 * does not take the places of others for them. */
static void go_on(struct recipient *r)
{
	while (r->next < r->plan.n) {
		struct member *m = &r->members[r->next++];

		if (m->action->kind == ACTION_FORWARD || m->action->out.status != 0)
			continue;
		submit(m);
		if (m->is_running)
			return;
	}
	finish(r);
}

static void carry_out(struct recipient *r)
{
	struct request *q = r->request;
	size_t i = 0;

	r->members = &r->own_member;
	if (r->plan.n != 1)
		r->members = arena_alloc(&q->arena, (r->plan.n + 1) * sizeof(*r->members));
	if (r->members == NULL)
		r->plan.n = 0;	/* which finish() knows */
	for (struct action *a = r->plan.first; a != NULL && i < r->plan.n; a = a->next, i++) {
		struct member *m = &r->members[i];

		m->recipient = r;
		m->action = a;
		if (q->m.verify)
			pretend(a);
		else if (a->kind == ACTION_FORWARD)
			r->has_forwards = true;
	}
	go_on(r);
}

/* --- forwarding, when all else is done --- */

static void on_forwarded(struct forward *w, const struct outcome *out)
{
	struct member *m = LIST_ENTRY(w, struct member, forward);
	struct recipient *r = m->recipient;

	m->is_forwarding = false;
	for (size_t i = 0; i < w->n; i++)
		((struct action *)(uintptr_t)w->actions[i])->out = *out;
	if (--r->pending == 0)
		finish(r);
}

/* All actions with the sender of member FIRST in one message. */
static bool gather(struct recipient *r, size_t first)
{
	struct member *m = &r->members[first];
	size_t n = 0;

	m->forward.actions = arena_alloc(&r->request->arena, r->plan.n *
				   sizeof(*m->forward.actions));
	if (m->forward.actions == NULL)
		return false;
	for (size_t i = first; i < r->plan.n; i++) {
		struct action *a = r->members[i].action;

		if (a->kind != ACTION_FORWARD || a->is_gathered ||
		    !slice_eq(a->sender, m->action->sender))
			continue;
		a->is_gathered = true;
		m->forward.actions[n++] = a;
	}
	m->forward.n = n;
	m->forward.recipient = r;
	m->forward.on_done = on_forwarded;
	return true;
}

static bool is_deferred(const struct recipient *r)
{
	for (size_t i = 0; i < r->plan.n; i++)
		if (r->members[i].action->out.status == OUTCOME_DEFERRED)
			return true;
	return false;
}

/* Forwarded last, and only when nothing has to be repeated: a repetition forwards again. */
static void start_forwards(struct recipient *r)
{
	r->has_forwards = false;
	r->pending++;
	for (size_t i = 0; i < r->plan.n; i++) {
		struct action *a = r->members[i].action;

		if (a->kind != ACTION_FORWARD || a->is_gathered)
			continue;
		if (!gather(r, i)) {
			outcome_set(&a->out, OUTCOME_DEFERRED, "4.3.0", "too many addresses");
			continue;
		}
		r->pending++;
		r->members[i].is_forwarding = true;
		forward_start(front_of(r)->forwarder, &r->members[i].forward);
	}
	if (--r->pending == 0)
		finish(r);
}

/* --- the result --- */

static const char *diag_type(const struct action *a)
{
	return a->kind == ACTION_COMMAND && a->out.status != OUTCOME_SENT ? "x-unix" : "";
}

/* Deferred when anything is, else sent when anything was, else bounced. */
static const struct action *sum_up(const struct recipient *r)
{
	static const int order[] = { OUTCOME_DEFERRED, OUTCOME_SENT, OUTCOME_BOUNCED };

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (size_t i = 0; i < r->plan.n; i++)
			if (r->members[i].action->out.status == order[k])
				return r->members[i].action;
	return NULL;
}

static void log_members(struct recipient *r, const struct action *sum)
{
	for (size_t i = 0; i < r->plan.n; i++) {
		const struct action *a = r->members[i].action;

		/* Addresses that went out in one message share a line; what was not tried has
		 * none. */
		if (a->out.status == 0 || (a->is_gathered && r->members[i].forward.n == 0))
			continue;
		request_log(r->request, a->address, a->original, &a->out);
		if (a != sum && a->out.status == OUTCOME_BOUNCED &&
		    sum->out.status != OUTCOME_DEFERRED)
			request_member_failed(r->request, r, a->address, &a->out, diag_type(a));
	}
}

/* soft_bounce: what failed for good is put off; its status keeps the 5 of the failure. */
static void soften(struct recipient *r)
{
	for (size_t i = 0; i < r->plan.n; i++) {
		struct outcome *out = &r->members[i].action->out;

		if (out->status == OUTCOME_BOUNCED)
			out->status = OUTCOME_DEFERRED;
	}
}

static void finish(struct recipient *r)
{
	static const struct outcome nothing = { .status = OUTCOME_DEFERRED, .dsn = "4.3.0",
						.text = "nothing was done" };
	const struct action *sum;
	bool is_list;

	if (front_of(r)->config.soft_bounce && !r->request->m.verify)
		soften(r);
	if (r->has_forwards && !is_deferred(r)) {
		start_forwards(r);
		return;
	}
	sum = sum_up(r);
	r->is_settled = true;
	facts_done(&r->facts);
	if (sum == NULL) {
		request_log(r->request, r->address, r->original, &nothing);
		request_result(r->request, r, r->address, &nothing, "", "");
		return;
	}
	log_members(r, sum);
	is_list = sum->has_owner;
	request_result(r->request, r, sum->address, &sum->out,
		       sum->kind == ACTION_FORWARD && !is_list ? "expanded" : "", diag_type(sum));
}

void recipient_abandon(struct recipient *r)
{
	if (r->is_settled)
		return;
	task_cancel(&r->run_task);
	facts_done(&r->facts);
	for (size_t i = 0; i < r->plan.n && r->members != NULL; i++) {
		if (r->members[i].is_running)
			work_cancel(&r->members[i].work);
		if (r->members[i].is_forwarding)
			forward_cancel(&r->members[i].forward);
	}
}
