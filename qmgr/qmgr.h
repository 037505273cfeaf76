/* qmgr/qmgr.h - the queue manager: one loop, one thread, all of the queue's state in one struct.
 *
 * Nothing here knows the daemon skeleton: main.c (or a test) gives it channels and is asked for
 * agents, limits and routes through function pointers. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_QMGR_H
#define QMGR_QMGR_H

#include "lib/base/hash.h"
#include "lib/base/heap.h"
#include "lib/daemon/peer.h"
#include "lib/queue/spool.h"
#include "qmgr/message.h"
#include "qmgr/policy.h"

struct transport;

/* Channels to agents and to bounce are peers; what they belong to is the peer's owner. */
static inline void *peer_owner(const struct ipc_chan *chan)
{
	return ((const struct peer *)chan->owner)->owner;
}

struct route {
	struct slice transport, nexthop;
	struct slice user;	/* the recipient without an extension: whose mailbox it is */
};

struct qmgr_hooks {
	/* Ask for an agent; agent_up() or agent_down() follows. */
	void (*ask_agent)(struct qmgr *q, struct transport *tp);
	void (*limits_for)(struct qmgr *q, const char *transport, struct transport_limits *out);
	/* Where does recipient I go? RC_MORE: m->memo waits. RC_TEMP: defer, others: bounce it
	 * with the DSN status and text of ERR. OUT lives until the next call. */
	enum rc (*route)(struct qmgr *q, struct message *m, size_t i, struct route *out,
			 struct err *err);
	void (*wake_pickup)(struct qmgr *q);
	void (*ask_bounce)(struct qmgr *q);	/* a report waits for bounce; report_up() follows */
	void (*on_message)(struct qmgr *q);	/* one more is in memory; may be NULL */
	void (*on_drained)(struct qmgr *q);
};

struct qmgr {
	struct loop *loop;
	const struct queue_spool *spool;
	struct qmgr_policy policy;
	struct qmgr_hooks hooks;
	void *owner;
	struct queue_idgen ids;

	struct hash active;		/* messages by id */
	struct list messages;
	size_t n_rcpts;			/* of all messages in memory */
	struct list dirty;		/* messages with marks to write */
	struct task write_marks;

	struct hash transports;
	struct list runnable;
	struct task dispatch;
	struct timer later;		/* rate delays; dead destinations are swept */
	uint32_t last_request;

	struct list backlog;		/* parked, in order */
	size_t n_backlog;
	struct heap waiting;		/* parked, by due time */
	bool backlog_had_turn;
	struct timer pump;
	struct list scans;
	struct timer scanning;
	struct timer look_round;

	struct list intakes, tools;	/* channels */
	uint32_t granted;		/* credits that cleanups hold */
	int64_t doubt_until_ms;		/* see intake_doubt() */
	struct ipc_chan *bounce;	/* NULL: down */
	struct list reports;		/* to be sent */
	struct list reports_out;	/* in bounce's hands */
	unsigned n_reports_out;
	struct timer report_patience;
	uint32_t last_report;

	bool is_running;		/* owns the spool */
	bool is_draining;
	struct buf tail, line;		/* scratch */
	struct arena arena;		/* scratch */
};

void qmgr_init(struct qmgr *q, struct loop *loop, const struct queue_spool *spool,
	       const struct qmgr_policy *policy, const struct qmgr_hooks *hooks, void *owner);
/* The spool is ours: read it and begin. */
void qmgr_start(struct qmgr *q);
/* Send no more; lock the messages that agents still have, give up the rest. on_drained() when
 * the last is back. */
void qmgr_drain(struct qmgr *q);
void qmgr_done(struct qmgr *q);

/* Move a file; when its id is taken over there it gets a new one (in *ID), which is logged. */
enum rc qmgr_move(struct qmgr *q, enum queue_name from, struct queue_id *id, enum queue_name to,
		  struct err *err);
/* A file that cannot be used goes to corrupt/, logged with WHY. */
void qmgr_set_aside(struct qmgr *q, enum queue_name from, const struct queue_id *id,
		    const struct err *why);
int64_t qmgr_now_s(const struct qmgr *q);
/* The task that writes marks of all dirty messages. */
void qmgr_run_marks(struct task *t);

#endif
