/* resolver/question.h - one question of a peer: its DNS queries, its deadline, its answer.
 *
 * A question has one or two queries at a time (A and AAAA go together; an address is answered by
 * PTR, then A or AAAA that must lead back). It dies when it has been answered. libunbound may
 * call back after that: a query is an object of its own that outlives its question. */
/* SPDX-License-Identifier: ISC */
#ifndef RESOLVER_QUESTION_H
#define RESOLVER_QUESTION_H

#include <unbound.h>
#include <unbound-event.h>

#include "lib/event/event.h"
#include "lib/ipc/chan.h"
#include "resolver/hosts.h"

enum question_kind { ASK_NAME_OF_ADDRESS = 1, ASK_ADDRESSES, ASK_MX, ASK_TXT, ASK_TLSA, ASK_NS,
		     ASK_KINDS };
enum answer_status { ANSWER_FOUND, ANSWER_NO_NAME, ANSWER_NO_DATA, ANSWER_LATER, ANSWER_BOGUS };

/* What all questions share. */
struct asker {
	struct loop *loop;
	struct ub_ctx *unbound;
	const struct host *hosts;
	struct arena hosts_arena;
	int64_t timeout_ms;
	size_t pending, pending_max;
};

/* Answer QUESTION on CHAN, now or later. PENDING is the channel's list of questions; they are
 * dropped with question_drop_all() when the channel ends. */
void question_ask(struct asker *a, struct ipc_chan *chan, struct list *pending, uint32_t id,
		  enum question_kind kind, struct slice name);
void question_drop_all(struct list *pending);

#endif
