/* qmgr/outcome.h - what an agent, or this program, said about one recipient. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_OUTCOME_H
#define QMGR_OUTCOME_H

#include "lib/base/slice.h"

/* One heap block, borrowing nothing. */
struct outcome {
	struct slice dsn;		/* "4.3.0" */
	struct slice text;
	struct slice remote_mta;	/* may be empty, as the next two */
	struct slice diag_type;
	struct slice action;		/* relayed, expanded */
	struct slice address;		/* what the agent made of the recipient */
	char room[];
};

/* A copy of PARTS, each cut to what IPC and the queue file take, control characters replaced. */
struct outcome *outcome_new(const struct outcome *parts);
struct outcome *outcome_say(const char *dsn, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
struct outcome *outcome_dup(const struct outcome *o);	/* NULL gives NULL */

#endif
