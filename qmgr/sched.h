/* qmgr/sched.h - who is sent next: transports, destinations, jobs, and the requests that are out.
 *
 * Fair in three steps: a transport alternates between destinations that a message with few recipients
 * waits for and all others, takes those of one kind in turn, and a destination takes the jobs of its
 * messages in turn, one request each. So a list with 10,000 recipients delays nobody, whether
 * they are one destination or as many as there are recipients. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_SCHED_H
#define QMGR_SCHED_H

#include "lib/base/hash.h"
#include "lib/ipc/deliver.h"
#include "qmgr/message.h"
#include "qmgr/policy.h"

enum { SCHED_TRANSPORTS_MAX = 10000, SCHED_REQUESTS_MAX = 100000, SCHED_FEW_RCPTS = 100 };

/* Whose turn it is. */
enum sched_turn { TURN_FEW, TURN_MANY, N_TURNS };

/* The recipients of one message that go to one destination and are not sent yet. */
struct job {
	struct list in_message, in_dest;
	struct message *m;
	struct dest *dest;
	uint32_t first, last;		/* linked by rcpt.next */
};

/* A next hop; or one recipient, where the transport takes one recipient a request. */
struct dest {
	struct transport *tp;
	struct list ready;		/* in transport.ready when it has work and room */
	enum sched_turn turn;		/* in which of them */
	struct list jobs;
	unsigned n_few;			/* of them, of messages with few recipients */
	struct slice nexthop;		/* within KEY */
	unsigned busy;			/* requests out */
	double window, success, failure, failed_cohorts;
	int64_t dead_until_ms;		/* 0: alive */
	int64_t next_ms;		/* rate delay: not before */
	struct outcome *why_dead;
	size_t key_n;
	char key[];			/* "nexthop" or "recipient NUL nexthop" */
};

struct transport {
	struct list runnable;		/* in qmgr.runnable when something may be sendable */
	struct qmgr *q;
	struct hash dests;
	struct list ready[N_TURNS];
	enum sched_turn turn;		/* whose is the next */
	struct transport_limits limits;
	struct ipc_chan *chan;		/* NULL: no agent */
	uint32_t credit;
	struct hash requests;		/* in the agent's hands, by id */
	bool is_asked;			/* for an agent */
	int64_t dead_until_ms;
	struct outcome *why_dead;
	struct timer patience;		/* work waits so long for an agent to come (back) */
	int64_t next_ms;		/* rate delay */
	void *peer;			/* of who provides agents */
	char name[];
};

struct request {
	uint32_t id;			/* also in rcpt.request of its recipients */
	struct message *m;
	struct dest *dest;
	unsigned n_left;
	struct outcome *trouble;	/* why the destination is to blame; NULL: it is not */
};

struct route;
/* Route recipient I there; it may be settled at once (dead destination, built-in transport). */
void sched_add(struct message *m, uint32_t i, const struct route *to);
/* Take back what was not sent yet: those recipients are RCPT_TODO again. */
void sched_take_back(struct message *m);
/* Take the next recipient out of J (QMGR_NO_RCPT: none left), and say when taking is over: an
 * empty job is freed. */
uint32_t sched_take(struct job *j);
void sched_job_used(struct job *j);
/* Something changed: send what can be sent, soon. */
void sched_kick(struct transport *tp);
void sched_run_later(struct timer *t);
/* Forget that destinations and transports are dead (flush). */
void sched_forget_dead(struct qmgr *q);
void sched_done(struct qmgr *q);

/* Put recipient I back: its agent went away. */
void sched_again(struct message *m, uint32_t i, struct dest *d);
/* A request came back; TROUBLE (may be NULL) is what went wrong with its destination. */
void sched_finished(struct dest *d, const struct outcome *trouble);
/* No agent, and none expected: defer everything of TP, and what comes during
 * transport_retry_time. WHY passes over. */
void sched_transport_dead(struct transport *tp, struct outcome *why);

/* --- agent.c --- */
extern const struct ipc_handler agent_handlers[];	/* the peer's owner is the transport */
extern const size_t agent_n_handlers;
void agent_up(struct transport *tp, struct ipc_chan *chan);
void agent_down(struct transport *tp, const char *why);
/* Send the next request of JOB (at most as many recipients as one takes). False: its file could
 * not be opened, and its recipients are settled. */
bool agent_send(struct job *j);

#endif
