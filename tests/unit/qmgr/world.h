/* tests/unit/qmgr/world.h - a queue manager in a temporary spool, with a clock the test owns, and
 * the test in the place of cleanup, agents, bounce and the tools. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_QMGR_WORLD_H
#define TESTS_UNIT_QMGR_WORLD_H

#include "tests/unit/unit.h"

#include "qmgr/intake.h"
#include "qmgr/park.h"
#include "qmgr/qmgr.h"
#include "qmgr/report.h"
#include "qmgr/sched.h"

#define WORLD_CONTENT "Subject: x\n\nhello\n"	/* of every message */

enum { WORLD_START_S = 1758000000, WORLD_SEEN_MAX = 4000 };

/* A recipient that an agent was given. */
struct seen {
	uint32_t request, index;
	char id[QUEUE_ID_SIZE], to[64], transport[16], nexthop[64];
	bool last, answered;
	int file;		/* of the request; -1 after it was looked at */
};

struct world {
	char root[64];
	struct loop *loop;
	struct queue_spool spool;
	struct qmgr q;
	unsigned n_asked;		/* for agents */
	unsigned n_asked_bounce, n_wakes, n_drained;
	struct transport_limits limits;
	struct peer agent;		/* qmgr's end */
	struct ipc_chan agent_far;	/* ours */
	struct seen current;
	struct seen seen[WORLD_SEEN_MAX];
	size_t n_seen;
	struct peer bounce;
	struct ipc_chan bounce_far;
	struct {
		uint32_t id, left;
		unsigned kind;
		char text[400];		/* "address dsn action text;" ... */
	} reports[16];
	size_t n_reports;
	struct ipc_chan tool;		/* a cleanup or a tool */
	uint32_t credit;
	char heard[4000];		/* from list and do */
	unsigned next_id;
};

void world_init(struct world *w);
void world_done(struct world *w);
/* Run until nothing more happens. */
void world_settle(struct world *w);
void world_advance(struct world *w, int64_t s);
/* A new qmgr over the same spool, as after a kill. */
void world_restart(struct world *w);

void world_agent(struct world *w, uint32_t credit);	/* connects */
void world_agent_dies(struct world *w);
void world_bounce(struct world *w);
void world_tool(struct world *w, unsigned may);
/* Answer recipient I of what was seen. STATUS 1 sent, 2 deferred, 3 bounced. */
void world_answer(struct world *w, size_t i, unsigned status, const char *dsn, const char *text);
void world_reported(struct world *w, size_t i, bool ok);

/* A complete message file; TO is blank-separated, "!" before an address asks for a success
 * notice. Returns the id. */
struct queue_id world_file(struct world *w, enum queue_name q, const char *from, const char *to);
/* The same, announced like cleanup does. */
struct queue_id world_mail(struct world *w, enum queue_name q, const char *from, const char *to);
bool world_exists(struct world *w, enum queue_name q, const struct queue_id *id);
/* "-dD" of the file; "?" when it cannot be loaded. */
const char *world_marks(struct world *w, enum queue_name q, const struct queue_id *id);
size_t world_count(struct world *w, enum queue_name q);
void world_do(struct world *w, const char *verb, const char *target, const char *queue);
void world_list(struct world *w);

#endif
