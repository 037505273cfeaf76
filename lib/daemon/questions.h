/* lib/daemon/questions.h - lookups of tables that another service answers, over one peer.
 *
 * A question waits until the service is there and ends with table_answer() on its TOKEN. Looking up
 * changes nothing, so what is on its way when the service goes (at every reload its successor comes)
 * is asked again; after ten seconds without it all that wait are answered RC_TEMP. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_QUESTIONS_H
#define LIB_DAEMON_QUESTIONS_H

#include "lib/base/list.h"
#include "lib/daemon/peer.h"

enum { QUESTIONS_BUCKETS = 256 };

struct question {
	struct list link;
	uint32_t id;
	void *token;
	struct slice table, key;	/* behind the struct */
	bool is_sent;
};

/* A service that answers questions. */
struct question_service {
	const char *name;
	const struct ipc_proto *proto;
	const struct ipc_handler *handlers;	/* of its answers; see questions_of() */
	size_t n_handlers;
	unsigned max;				/* questions at a time */
	void (*send)(struct peer *p, const struct question *q);
};

struct questions {
	const struct question_service *service;
	struct peer peer;
	struct timer away;	/* runs while the service is not there and is asked for */
	unsigned n;
	uint32_t next_id;
	struct list buckets[QUESTIONS_BUCKETS];
};

/* S lives as long as QS. Connects when something is first asked. */
void questions_init(struct questions *qs, struct daemon *d, const struct question_service *s);

/* Whose answer came on C. */
static inline struct questions *questions_of(struct ipc_chan *c)
{
	struct peer *p = c->owner;

	return p->owner;
}

/* TABLE and KEY are copied. RC_TEMP: too many are waiting. */
enum rc questions_ask(struct questions *qs, struct slice table, struct slice key, void *token,
		      struct err *err);

/* The question that was sent as ID, or NULL: the peer answers what it was not asked. */
struct question *questions_find(struct questions *qs, uint32_t id);
void questions_finish(struct questions *qs, struct question *q, enum rc rc, struct slice value);

#endif
