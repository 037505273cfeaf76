/* pickup/pickup.h - submissions out of maildrop, through cleanup, into the queue.
 *
 * A job is one maildrop file on its way. It is removed when cleanup has said that its copy is
 * durable, or bounce that its report is; until then it stays, whatever happens (doc/QUEUE.md). */
/* SPDX-License-Identifier: ISC */
#ifndef PICKUP_PICKUP_H
#define PICKUP_PICKUP_H

#include "lib/address/address.h"
#include "lib/daemon/daemon.h"
#include "lib/queue/file.h"
#include "lib/queue/post.h"
#include "lib/queue/spool.h"
#include "pickup/refusal.h"

enum { JOBS_MAX = 20 };

struct pickup_policy {
	const char *myhostname, *mail_name, *myorigin, *to_header;
	size_t field_max;		/* header_size_limit */
	const struct address *address;
};

struct pickup {
	struct daemon *daemon;
	struct queue_spool spool;
	struct pickup_policy policy;
	struct poster poster;
	struct peer cleanup;
	struct refuser refuser;
	struct list jobs;
	unsigned n_jobs;
	bool look_again;	/* more may be there than was taken up */
	struct timer retry;	/* after a temporary refusal */
};

/* Take up what is in maildrop, as far as there is room. */
void pickup_look(struct pickup *p);

/* Start one file; nothing to do for files that are unfinished or on their way. */
void job_start(struct pickup *p, const struct queue_id *id);

/* "Full Name <user@origin>" for a From field. */
void make_from(const struct pickup_policy *policy, struct slice sender, struct slice full_name,
	       struct buf *out);

#endif
