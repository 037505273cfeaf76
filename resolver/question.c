/* SPDX-License-Identifier: ISC */
#include "resolver/question.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/ipc/resolver.h"
#include "lib/sys/log.h"
#include "resolver/answer.h"

struct question {
	struct list link;
	struct timer deadline;
	struct task death;
	struct asker *asker;
	struct ipc_chan *chan;
	uint32_t id;
	enum question_kind kind;
	unsigned waiting;		/* queries not answered yet */
	unsigned found;			/* records passed on */
	enum answer_status worst;	/* of the queries that found nothing */
	bool insecure, leads_back, answered;
	struct list queries;
	char address[INET6_ADDRSTRLEN];	/* ASK_NAME_OF_ADDRESS */
	char name[DNS_NAME_MAX + 1];	/* the same: the name PTR gave */
};

/* What libunbound holds; QUESTION is NULL once it was answered. */
struct query {
	struct list link;
	struct question *question;
	uint16_t type;
};

static void on_death(struct task *t)
{
	free(LIST_ENTRY(t, struct question, death));
}

/* The question is over: no query, timer or channel leads to it any more. */
static void end(struct question *q)
{
	struct list *node;

	q->answered = true;
	while ((node = list_pop(&q->queries)) != NULL)
		LIST_ENTRY(node, struct query, link)->question = NULL;
	timer_stop(&q->deadline);
	list_remove(&q->link);
	q->asker->pending--;
	loop_defer(q->asker->loop, &q->death, on_death);
}

static void answer(struct question *q, enum answer_status status, struct slice name)
{
	if (q->answered)
		return;
	resolver_answer_send(q->chan, &(struct resolver_answer){
		.id = q->id, .status = (uint8_t)status, .name = name,
		.secure = status == ANSWER_FOUND && !q->insecure });
	end(q);
}

static void send_record(struct question *q, uint16_t preference, uint32_t ttl_s,
			struct slice data)
{
	q->found++;
	resolver_record_send(q->chan, &(struct resolver_record){
		.id = q->id, .preference = preference, .ttl_s = ttl_s, .data = data });
}

static void on_answer(void *ctx, int rcode, void *packet, int n, int security, char *why_bogus,
		      int limited);

static void ask(struct question *q, const char *name, uint16_t type)
{
	struct query *query = mem_new(1, sizeof(*query));
	int rc;

	query->question = q;
	query->type = type;
	list_init(&query->link);
	list_append(&q->queries, &query->link);
	q->waiting++;
	rc = ub_resolve_event(q->asker->unbound, name, type, 1, query, on_answer, NULL);
	if (rc != 0) {
		log_debug(NULL, "%s: %s", name, ub_strerror(rc));
		list_remove(&query->link);
		free(query);
		q->waiting--;
		q->worst = ANSWER_LATER;
	}
}

/* The address's family of its canonical text. */
static uint16_t type_of(const char *address)
{
	return strchr(address, ':') != NULL ? DNS_AAAA : DNS_A;
}

struct taking {
	struct question *q;
	uint16_t type;
};

static void take_record(void *ctx, const struct answer_record *r)
{
	struct taking *t = ctx;
	struct question *q = t->q;
	struct slice data = slice_make(r->data, r->n);

	if (q->kind != ASK_NAME_OF_ADDRESS)
		send_record(q, r->preference, r->ttl_s, data);
	else if (t->type != DNS_PTR)
		q->leads_back |= slice_is(data, q->address);
	else if (q->name[0] == '\0' && !slice_to_cstr(data, q->name, sizeof(q->name)))
		q->name[0] = '\0';
}

static enum answer_status status_of(int rcode, unsigned packet_rcode, enum rc parsed,
				    int security)
{
	if (security == 1)
		return ANSWER_BOGUS;
	if (rcode != 0 && rcode != 3)
		return ANSWER_LATER;
	if (parsed != RC_OK)
		return ANSWER_LATER;
	if (packet_rcode == 3 || rcode == 3)
		return ANSWER_NO_NAME;
	return packet_rcode == 0 ? ANSWER_NO_DATA : ANSWER_LATER;
}

/* All queries of this step are answered. */
static void next_step(struct question *q)
{
	if (q->kind != ASK_NAME_OF_ADDRESS) {
		answer(q, q->found > 0 ? ANSWER_FOUND : q->worst, (struct slice){ NULL, 0 });
	} else if (q->leads_back) {
		answer(q, ANSWER_FOUND, slice_str(q->name));
	} else if (q->name[0] == '\0' || q->found > 0) {
		/* no name, or a name that leads elsewhere: tell it, unverified */
		answer(q, q->worst == ANSWER_FOUND ? ANSWER_NO_DATA : q->worst,
		       slice_str(q->name));
	} else {
		q->found = 1;
		ask(q, q->name, type_of(q->address));
		if (q->waiting == 0)
			answer(q, ANSWER_LATER, slice_str(q->name));
	}
}

static void on_answer(void *ctx, int rcode, void *packet, int n, int security, char *why_bogus,
		      int limited)
{
	struct query *query = ctx;
	struct question *q = query->question;
	struct taking t = { q, query->type };
	unsigned packet_rcode = 0, count = 0;
	enum rc parsed = RC_SYNTAX;

	(void)why_bogus;
	(void)limited;
	list_remove(&query->link);
	free(query);
	if (q == NULL)
		return;
	if (packet != NULL && n > 0 && security != 1)
		parsed = answer_parse(slice_make(packet, (size_t)n), t.type, take_record, &t,
				      &packet_rcode, &count);
	q->insecure |= security != 2;
	if (count == 0)
		q->worst = status_of(rcode, packet_rcode, parsed, security);
	if (--q->waiting == 0)
		next_step(q);
}

static void on_deadline(struct timer *timer)
{
	struct question *q = LIST_ENTRY(timer, struct question, deadline);

	answer(q, ANSWER_LATER, (struct slice){ NULL, 0 });
}

/* /etc/hosts knows it: answer and be done. */
static bool ask_hosts(struct question *q, struct slice name)
{
	const struct host *h;
	struct slice found;

	q->insecure = true;
	if (q->kind == ASK_NAME_OF_ADDRESS) {
		found = hosts_name(q->asker->hosts, slice_str(q->address));
		if (found.n > 0)
			answer(q, ANSWER_FOUND, found);
		return found.n > 0;
	}
	if (q->kind != ASK_ADDRESSES || (h = hosts_find(q->asker->hosts, name)) == NULL)
		return false;
	for (; h != NULL && q->found < ANSWER_RECORDS_MAX; h = hosts_find(h->next, name))
		send_record(q, 0, 0, h->address);
	answer(q, ANSWER_FOUND, (struct slice){ NULL, 0 });
	return true;
}

static void ask_dns(struct question *q, const char *name)
{
	static const uint16_t types[ASK_KINDS] = {
		[ASK_MX] = DNS_MX, [ASK_TXT] = DNS_TXT, [ASK_TLSA] = DNS_TLSA, [ASK_NS] = DNS_NS,
	};
	char reverse[DNS_NAME_MAX + 1];

	q->insecure = false;
	if (q->kind == ASK_ADDRESSES) {
		ask(q, name, DNS_A);
		if (!q->answered)
			ask(q, name, DNS_AAAA);
	} else if (q->kind == ASK_NAME_OF_ADDRESS) {
		if (answer_reverse_name(slice_str(q->address), reverse, sizeof(reverse)) == RC_OK)
			ask(q, reverse, DNS_PTR);
	} else {
		ask(q, name, types[q->kind]);
	}
	if (q->waiting == 0)
		answer(q, ANSWER_LATER, (struct slice){ NULL, 0 });
}

void question_ask(struct asker *a, struct ipc_chan *chan, struct list *pending, uint32_t id,
		  enum question_kind kind, struct slice name)
{
	struct question *q = mem_new(1, sizeof(*q));
	char text[DNS_NAME_MAX + 1] = "";
	bool good;

	*q = (struct question){ .asker = a, .chan = chan, .id = id, .kind = kind,
				.worst = ANSWER_NO_DATA };
	list_init(&q->queries);
	list_init(&q->link);
	list_append(pending, &q->link);
	task_init(&q->death);
	timer_init(&q->deadline, a->loop, on_deadline);
	a->pending++;
	good = kind == ASK_NAME_OF_ADDRESS
		? hosts_canonical(name, q->address, sizeof(q->address)) == RC_OK
		: answer_is_host_name(name) && slice_to_cstr(name, text, sizeof(text));
	if (!good) {
		answer(q, ANSWER_NO_NAME, (struct slice){ NULL, 0 });
	} else if (a->pending > a->pending_max) {
		answer(q, ANSWER_LATER, (struct slice){ NULL, 0 });
	} else if (!ask_hosts(q, name)) {
		timer_start(&q->deadline, a->timeout_ms);
		ask_dns(q, text);
	}
}

void question_drop_all(struct list *pending)
{
	while (!list_is_empty(pending))
		end(LIST_ENTRY(pending->next, struct question, link));
}
