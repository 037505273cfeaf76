/* qmgr/message.h - a message in memory: its recipients, and what this round made of them.
 *
 * A round is one attempt at every recipient that is not done. The message is born with a file in
 * active/ (or still in incoming/, moved by park.c first), and leaves when each recipient is
 * settled: removed, deferred, held or requeued (round.c). It dies in a deferred task. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_MESSAGE_H
#define QMGR_MESSAGE_H

#include <stdalign.h>

#include "lib/event/event.h"
#include "lib/queue/envelope.h"
#include "lib/queue/id.h"
#include "lib/sys/log.h"
#include "lib/table/table.h"
#include "qmgr/outcome.h"

struct qmgr;

enum { QMGR_NO_RCPT = UINT32_MAX };

enum rcpt_state {
	RCPT_OLD,	/* was done before this round */
	RCPT_TODO,	/* not routed yet */
	RCPT_WAITING,	/* in a job */
	RCPT_SENDING,	/* an agent has it */
	RCPT_SENT, RCPT_DEFERRED, RCPT_FAILED
};

struct rcpt {
	uint32_t next;			/* in its job or request, or in the list of marks to write */
	uint32_t request;		/* the request that has it */
	unsigned char state;
	unsigned char breaks;		/* agents that went away with it in hand */
	char mark;			/* as it is to be; env.rcpts[].mark is what the file has */
	struct outcome *outcome;	/* may be NULL for sent ones */
};

/* A member of an expanded recipient that failed for good. The recipient itself is not marked as
 * done before this is reported. */
struct extra {
	struct extra *next;
	uint32_t rcpt;
	struct slice address;
	struct outcome *outcome;
	char room[];
};

/* What the administrator wants with a message that agents may still have in hand. */
enum wish { WISH_NONE, WISH_DELETE, WISH_HOLD, WISH_REQUEUE };

struct message {
	struct list link;		/* in qmgr.messages */
	struct qmgr *q;
	struct queue_id id;
	struct log_ctx log;
	int64_t active_us;
	struct queue_envelope env;	/* points into mem */
	struct rcpt *rcpts;		/* parallel to env.rcpts */
	size_t n_open;			/* recipients not settled in this round */
	size_t n_sending;		/* of them in the hands of agents */
	struct list jobs;
	uint32_t marks;			/* first recipient whose mark is to be written */
	struct list dirty;		/* in qmgr.dirty while there are such */
	struct extra *extras;
	unsigned n_reports;		/* on their way to the sender */
	bool report_failed;
	bool is_first_round;		/* came from cleanup, not from deferred */
	bool is_flushed;		/* an administrator wants it tried now */
	bool has_reasons;		/* there may be a file in defer/ */
	bool is_routed;			/* every recipient has a transport, or is settled */
	bool is_over;			/* the round is; only reports are waited for */
	bool warn_mark;			/* to be written */
	enum wish wish;
	int lock_fd;			/* held while draining; else -1 */
	struct arena arena;		/* of the memo */
	struct table_memo memo;
	bool has_memo;
	struct task bury;
	alignas(max_align_t) char mem[];	/* env.rcpts, rcpts, the tail */
};

/* From the tail of its file. The caller puts it into the active index. RC_SYNTAX or RC_LIMIT:
 * the tail is damaged. */
enum rc message_new(struct qmgr *q, const struct queue_id *id, struct slice tail,
		    struct message **ret, struct err *err);

/* Log it as active, route its recipients and let the round begin. */
void message_start(struct message *m);
/* "from=<a@b>, " and what FMT says. */
void message_log_sender(const struct message *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Recipient I is settled. OUTCOME (may be NULL when sent) passes over. The last one ends the
 * round. STATE is RCPT_SENT, RCPT_DEFERRED or RCPT_FAILED. */
void message_settle(struct message *m, uint32_t i, enum rcpt_state state,
		    struct outcome *outcome);

/* The same, with the log line that an agent would have written; relay=none. */
void message_settle_here(struct message *m, uint32_t i, enum rcpt_state state,
			 struct outcome *outcome);

void message_add_extra(struct message *m, uint32_t i, struct slice address,
		       const struct outcome *outcome);

/* Recipient I shall have MARK; written at the end of the loop's round. */
void message_mark(struct message *m, uint32_t i, enum queue_mark mark);
/* Done, or waiting for its success notice. */
void message_mark_sent(struct message *m, uint32_t i);
/* Write them now. False when they could not be written (logged). */
bool message_write_marks(struct message *m);

/* For the route hook: the memo of M's table lookups; M is routed on when it is ready. */
struct table_memo *message_memo(struct message *m);

/* Take M out of the index and free it soon; its file is somebody else's matter now. */
void message_forget(struct message *m);
/* Free it now: at the end of the program. */
void message_free(struct message *m);

static inline bool message_has_null_sender(const struct message *m)
{
	return m->env.sender.n == 0;
}

/* --- round.c --- */

/* Every recipient is settled: reports first, then the message leaves. */
void round_over(struct message *m);
/* A report was answered (OK: it is durable or was not wanted). */
void round_report_done(struct message *m, unsigned kind, bool ok);
/* The administrator wants W with M: done as soon as no agent has a recipient in hand. */
void round_wish(struct message *m, enum wish w);
/* Is M waiting for agents because of a wish or because we drain? Then see whether it still must. */
void round_check_wish(struct message *m);

#endif
