/* SPDX-License-Identifier: ISC */
#include "smtpd/restrict.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"

enum { CLASSES_MAX = 100, NESTING_MAX = 20 };

struct class {
	const char *name;
	struct clauses list;
};

struct restrictions {
	struct arena arena;
	struct clauses list[N_STAGES];
	struct clauses local_clients;
	struct class classes[CLASSES_MAX];
	size_t n_classes;
};

/* What compiling one parameter needs. */
struct compiler {
	struct smtpd *d;
	struct restrictions *r;
	const struct conf *conf;
	struct faults *faults;
	const char *param;
	enum stage stage;
};

static const char *const stage_access[N_STAGES] = {
	[STAGE_CLIENT] = "check_client_access",	      [STAGE_HELO] = "check_helo_access",
	[STAGE_SENDER] = "check_sender_access",	      [STAGE_RELAY] = "check_recipient_access",
	[STAGE_RECIPIENT] = "check_recipient_access", [STAGE_DATA] = "check_recipient_access",
	[STAGE_END] = "check_recipient_access",
};

static void complain(struct compiler *k, const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void complain(struct compiler *k, const char *remedy, const char *fmt, ...)
{
	unsigned line = 0;
	struct slice raw;
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!conf_raw(k->conf, slice_str(k->param), &raw, &line))
		line = 0;
	faults_add(k->faults, true, line > 0 ? "main.cf" : NULL, line, remedy, "%s: %s", k->param,
		   text);
}

static const struct clauses *find_class(const struct restrictions *r, struct slice name)
{
	for (size_t i = 0; i < r->n_classes; i++)
		if (slice_is(name, r->classes[i].name))
			return &r->classes[i].list;
	return NULL;
}

static void open_table(struct compiler *k, struct clause *cl, const char *spec)
{
	struct err err = { 0 };

	if (table_open(spec, k->d->base.default_database_type, TABLE_FOLD, &cl->table, &err))
		complain(k, NULL, "%s", err.text);
}

/* One clause from WORDS at *I, which is moved past it. False: a fault, reported. */
static bool compile_clause(struct compiler *k, const struct str_list *words, size_t *i,
			   struct clause *cl)
{
	struct slice word = slice_str(words->v[(*i)++]);

	*cl = (struct clause){ 0 };
	if (table_is_spec(word)) {
		cl->what = restriction_find(slice_str(stage_access[k->stage]));
		open_table(k, cl, word.p);
		return cl->table != NULL;
	}
	cl->class = find_class(k->r, word);
	if (cl->class != NULL)
		return true;
	cl->what = restriction_find(word);
	if (cl->what == NULL) {
		complain(k, "remove it, or see the manual smtpd(8) for those there are",
			 "unknown restriction \"%s\"", word.p);
		return false;
	}
	if (!k->d->p.smtpd_delay_reject && (cl->what->stages & 1u << k->stage) == 0) {
		complain(k, "set smtpd_delay_reject = yes",
			 "\"%s\" cannot be judged here yet", word.p);
		return false;
	}
	if (cl->what->arg == ARG_NONE)
		return true;
	if (*i == words->n) {
		complain(k, NULL, "\"%s\" needs a table behind it", word.p);
		return false;
	}
	open_table(k, cl, words->v[(*i)++]);
	return cl->table != NULL;
}

static void compile(struct compiler *k, const struct str_list *words, struct clauses *out)
{
	out->v = arena_alloc(&k->r->arena, (words->n + 1) * sizeof(*out->v));
	if (out->v == NULL)
		return;
	for (size_t i = 0; i < words->n;)
		if (compile_clause(k, words, &i, &out->v[out->n]))
			out->n++;
}

/* The classes are parameters of main.cf whose names are not known before. */
static void compile_classes(struct compiler *k, const struct str_list *names)
{
	struct restrictions *r = k->r;

	for (size_t i = 0; i < names->n && r->n_classes < CLASSES_MAX; i++)
		r->classes[r->n_classes++].name = names->v[i];
	for (size_t i = 0; i < r->n_classes; i++) {
		struct str_list words;
		struct err err = { 0 };
		struct buf b;

		buf_init(&b, 1 << 20);
		k->param = r->classes[i].name;
		k->stage = STAGE_RECIPIENT;
		if (conf_expand_name(k->conf, slice_str(k->param), &b, &err) != RC_OK)
			complain(k, NULL, "%s", err.text);
		else if (param_split_list(buf_slice(&b), &r->arena, &words) == RC_OK)
			compile(k, &words, &r->classes[i].list);
		buf_done(&b);
	}
}

static bool protects(const struct clauses *l, int depth)
{
	static const char *const names[] = { "reject_unauth_destination",
					     "defer_unauth_destination", "reject", "defer",
					     "defer_if_permit" };

	for (size_t i = 0; i < l->n && depth < NESTING_MAX; i++) {
		if (l->v[i].class != NULL && protects(l->v[i].class, depth + 1))
			return true;
		for (size_t k = 0; l->v[i].what != NULL && k < sizeof(names) / sizeof(names[0]); k++)
			if (strcmp(l->v[i].what->name, names[k]) == 0)
				return true;
	}
	return false;
}

void restrict_load(struct smtpd *d, const struct conf *c, struct faults *faults)
{
	const struct smtpd_params *p = &d->p;
	const struct {
		enum stage stage;
		const char *param;
		const struct str_list *words;
	} lists[] = {
		{ STAGE_CLIENT, "smtpd_client_restrictions", &p->smtpd_client_restrictions },
		{ STAGE_HELO, "smtpd_helo_restrictions", &p->smtpd_helo_restrictions },
		{ STAGE_SENDER, "smtpd_sender_restrictions", &p->smtpd_sender_restrictions },
		{ STAGE_RELAY, "smtpd_relay_restrictions", &p->smtpd_relay_restrictions },
		{ STAGE_RECIPIENT, "smtpd_recipient_restrictions",
		  &p->smtpd_recipient_restrictions },
		{ STAGE_DATA, "smtpd_data_restrictions", &p->smtpd_data_restrictions },
		{ STAGE_END, "smtpd_end_of_data_restrictions",
		  &p->smtpd_end_of_data_restrictions },
	};
	struct restrictions *r = mem_new(1, sizeof(*r));
	struct compiler k = { .d = d, .r = r, .conf = c, .faults = faults };

	d->restrictions = r;
	arena_init(&r->arena, 64 << 20);
	compile_classes(&k, &p->smtpd_restriction_classes);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		k.param = lists[i].param;
		k.stage = lists[i].stage;
		compile(&k, lists[i].words, &r->list[lists[i].stage]);
	}
	k.param = "local_header_rewrite_clients";
	k.stage = STAGE_CLIENT;
	compile(&k, &p->local_header_rewrite_clients, &r->local_clients);
	k.param = "smtpd_relay_restrictions";
	if (!protects(&r->list[STAGE_RELAY], 0) && !protects(&r->list[STAGE_RECIPIENT], 0))
		complain(&k, "add reject_unauth_destination",
			 "nothing here or in %s keeps strangers from relaying mail",
			 "smtpd_recipient_restrictions");
}

static void each_table(struct restrictions *r, void (*fn)(struct table **, void *), void *ctx)
{
	struct clauses *all[N_STAGES + 1 + CLASSES_MAX];
	size_t n = 0;

	for (int i = 0; i < N_STAGES; i++)
		all[n++] = &r->list[i];
	all[n++] = &r->local_clients;
	for (size_t i = 0; i < r->n_classes; i++)
		all[n++] = &r->classes[i].list;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < all[i]->n; k++)
			if (all[i]->v[k].table != NULL)
				fn(&all[i]->v[k].table, ctx);
}

static void close_one(struct table **t, void *ctx)
{
	(void)ctx;
	table_close(t);
}

void restrict_free(struct restrictions **ret)
{
	struct restrictions *r = *ret;

	*ret = NULL;
	if (r == NULL)
		return;
	each_table(r, close_one, NULL);
	arena_done(&r->arena);
	free(r);
}

struct change {
	int64_t now_ms;
	bool found;
};

static void look_for_change(struct table **t, void *ctx)
{
	struct change *c = ctx;

	c->found = c->found || table_has_changed(*t, c->now_ms);
}

bool restrict_has_changed(const struct restrictions *r, int64_t now_ms)
{
	struct change c = { .now_ms = now_ms };

	each_table((struct restrictions *)(uintptr_t)r, look_for_change, &c);
	return c.found;
}

/* --- judging --- */

void check_init(struct check *c, struct session *s, const char *where)
{
	*c = (struct check){
		.s = s,
		.d = s->d,
		.q = { .conf = s->d->address, .memo = &s->memo, .arena = &s->command },
		.where = where,
		.sender = s->message.sender,
	};
	buf_init(&c->notes, 1 << 16);
}

void check_done(struct check *c)
{
	buf_done(&c->notes);
}

struct slice check_name(const struct check *c)
{
	switch (c->stage) {
	case STAGE_CLIENT:
		return slice_str(c->s->namaddr);
	case STAGE_HELO:
		return slice_str(c->s->smtp.helo);
	case STAGE_SENDER:
		return c->sender;
	case STAGE_RELAY:
	case STAGE_RECIPIENT:
		return c->given;
	case STAGE_DATA:
		return SLICE_LIT("DATA");
	default:
		return SLICE_LIT("END-OF-MESSAGE");
	}
}

const char *check_class(const struct check *c)
{
	static const char *const names[N_STAGES] = {
		[STAGE_CLIENT] = "Client host",	      [STAGE_HELO] = "Helo command",
		[STAGE_SENDER] = "Sender address",    [STAGE_RELAY] = "Recipient address",
		[STAGE_RECIPIENT] = "Recipient address", [STAGE_DATA] = "Data command",
		[STAGE_END] = "End-of-data",
	};

	return names[c->stage];
}

static void add_note(struct check *c, const char *verb, const struct smtp_reply *r)
{
	buf_addf(&c->notes, "%s %u %s %s\n", verb, r->code, r->dsn, r->text);
}

enum verdict check_reject(struct check *c, unsigned code, const char *dsn, const char *fmt, ...)
{
	struct smtp_reply r = { 0 };
	va_list ap;

	smtp_reply_set(&r, code, dsn, "%s", "");
	va_start(ap, fmt);
	vsnprintf(r.text, sizeof(r.text), fmt, ap);
	va_end(ap);
	if (c->warns) {
		add_note(c, "reject_warning", &r);
		return V_DUNNO;
	}
	c->reply = r;
	return V_REJECT;
}

void check_warn(struct check *c, const char *fmt, ...)
{
	va_list ap;

	buf_adds(&c->notes, "warning ");
	va_start(ap, fmt);
	buf_addv(&c->notes, fmt, ap);
	va_end(ap);
	buf_addc(&c->notes, '\n');
}

/* A table has no answer now: later, or it is broken. */
enum verdict check_table_fault(struct check *c, enum rc rc, const char *what)
{
	if (rc == RC_MORE)
		return V_MORE;
	if (c->err.code != RC_OK)
		check_warn(c, "%s: %s", what, c->err.text);
	c->err = (struct err){ 0 };
	return check_reject(c, 451, "4.3.0", "<%.*s>: Temporary lookup failure",
			    SLICE_ARG(check_name(c)));
}

static enum verdict judge_list(struct check *c, const struct clauses *l);

static enum verdict judge_clause(struct check *c, const struct clause *cl)
{
	enum verdict v;

	if (cl->class == NULL)
		return cl->what->judge(c, cl);
	if (c->depth >= NESTING_MAX)
		return check_reject(c, 451, "4.3.5", "Server configuration error");
	c->depth++;
	v = judge_list(c, cl->class);
	c->depth--;
	return v;
}

static enum verdict judge_list(struct check *c, const struct clauses *l)
{
	for (size_t i = 0; i < l->n; i++) {
		bool warned = c->warns;
		enum verdict v = judge_clause(c, &l->v[i]);

		if (warned)
			c->warns = false;
		if (v != V_DUNNO)
			return v;
	}
	return V_DUNNO;
}

enum verdict restrict_words(struct check *c, struct slice words)
{
	struct slice word;

	while (slice_token(&words, ", \t", &word)) {
		struct clause cl = { .class = find_class(c->d->restrictions, word),
				     .what = restriction_find(word) };
		enum verdict v;

		if (cl.class == NULL && (cl.what == NULL || cl.what->arg != ARG_NONE)) {
			check_warn(c, "access table: unknown action or restriction: %.*s",
				   SLICE_ARG(word));
			return check_reject(c, 451, "4.3.5", "Server configuration error");
		}
		v = judge_clause(c, &cl);
		if (v != V_DUNNO)
			return v;
	}
	return V_DUNNO;
}

/* "Defer if rejected" is for the list that says it. */
static enum verdict run_stage(struct check *c, enum stage stage)
{
	enum verdict v;

	c->stage = stage;
	c->warns = false;
	c->defer_if_reject.code = 0;
	v = judge_list(c, &c->d->restrictions->list[stage]);
	if (v == V_REJECT && c->reply.code >= 500 && c->defer_if_reject.code != 0)
		c->reply = c->defer_if_reject;
	return v;
}

/* "Defer if permitted" is for all lists of an event. */
static enum verdict settle(struct check *c, enum verdict v)
{
	if ((v == V_DUNNO || v == V_PERMIT) && c->defer_if_permit.code != 0) {
		c->reply = c->defer_if_permit;
		v = V_REJECT;
	}
	return v;
}

enum verdict check_client(struct check *c)
{
	return c->d->p.smtpd_delay_reject ? V_DUNNO : settle(c, run_stage(c, STAGE_CLIENT));
}

enum verdict check_helo(struct check *c)
{
	return c->d->p.smtpd_delay_reject ? V_DUNNO : settle(c, run_stage(c, STAGE_HELO));
}

/* The list, then what smtpd_reject_unlisted_sender asks for, even after a permit. */
static enum verdict run_sender(struct check *c)
{
	enum verdict v = run_stage(c, STAGE_SENDER), unlisted;

	if (v == V_REJECT || v == V_MORE || !c->d->p.smtpd_reject_unlisted_sender ||
	    c->knows_sender)
		return v;
	c->warns = false;
	unlisted = check_unlisted_sender(c);
	return unlisted == V_DUNNO ? v : unlisted;
}

enum verdict check_sender(struct check *c, struct slice sender)
{
	c->sender = sender;
	return c->d->p.smtpd_delay_reject ? V_DUNNO : settle(c, run_sender(c));
}

static enum verdict run_until_reject(struct check *c, const enum stage *stages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum verdict v = stages[i] == STAGE_SENDER ? run_sender(c)
							   : run_stage(c, stages[i]);

		if (v == V_REJECT || v == V_MORE)
			return v;
	}
	return V_DUNNO;
}

enum verdict check_rcpt(struct check *c, struct slice recipient, struct slice given)
{
	static const enum stage early[] = { STAGE_CLIENT, STAGE_HELO, STAGE_SENDER };
	static const enum stage relay_first[] = { STAGE_RELAY, STAGE_RECIPIENT };
	static const enum stage relay_last[] = { STAGE_RECIPIENT, STAGE_RELAY };
	enum verdict v = V_DUNNO;

	c->recipient = recipient;
	c->given = given;
	/* RFC 5321, 4.5.1: mail to the postmaster is taken, whoever sends it. What will be thrown
	 * away may have any recipient. */
	if (slice_iis(given, "postmaster") || c->s->message.discard)
		return V_DUNNO;
	if (c->d->p.smtpd_delay_reject)
		v = run_until_reject(c, early, 3);
	if (v == V_DUNNO)
		v = run_until_reject(c, c->d->p.smtpd_relay_before_recipient_restrictions
					       ? relay_first : relay_last, 2);
	v = settle(c, v);
	c->stage = STAGE_RECIPIENT;
	c->warns = false;
	if (v == V_DUNNO && c->d->p.smtpd_reject_unlisted_recipient && !c->knows_rcpt &&
	    !c->discard)
		v = check_unlisted_rcpt(c);
	return v;
}

/* Lists that run once for a message see a recipient when it is the only one. */
static enum verdict run_for_message(struct check *c, enum stage stage)
{
	const struct message *m = &c->s->message;
	struct buf b;

	if (m->n_rcpts == 1) {
		buf_init(&b, ADDRESS_MAX * 2);
		address_rewrite(c->d->address, m->first->address, &b);
		c->given = m->first->address;
		c->recipient = arena_slice(&c->s->command, buf_slice(&b));
		buf_done(&b);
	}
	return settle(c, run_stage(c, stage));
}

enum verdict check_data(struct check *c)
{
	return run_for_message(c, STAGE_DATA);
}

enum verdict check_end(struct check *c)
{
	return run_for_message(c, STAGE_END);
}

enum verdict check_is_local(struct check *c)
{
	c->stage = STAGE_CLIENT;
	return judge_list(c, &c->d->restrictions->local_clients);
}
