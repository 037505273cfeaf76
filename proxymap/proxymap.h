/* proxymap/proxymap.h - questions of clients, and the workers that answer them one by one.
 *
 * A worker is a process that does blocking lookups over a channel of the same protocol
 * (lib/ipc/proxymap.def). It is made when all others are busy, up to a limit, and ends when it
 * has been idle. A question whose worker dies is answered with "try later". */
/* SPDX-License-Identifier: ISC */
#ifndef PROXYMAP_PROXYMAP_H
#define PROXYMAP_PROXYMAP_H

#include "lib/daemon/daemon.h"
#include "lib/ipc/proxymap.h"

enum { QUESTIONS_MAX = 100000, TABLES_MAX = 1000 };
enum { PROXYMAP_FOUND, PROXYMAP_NOT_FOUND, PROXYMAP_LATER, PROXYMAP_DENIED };

struct client;

struct question {
	struct list link;		/* in proxymap.waiting, or alone in its worker */
	struct list by_client;
	struct client *client;		/* NULL: it has gone */
	uint32_t id;			/* the client's */
	struct slice table, key;	/* behind the struct */
};

struct proxymap {
	struct daemon *daemon;
	struct hash allowed;		/* table names without proxy: */
	struct list waiting, workers;
	unsigned n_questions, n_workers, workers_max;
	int64_t idle_ms;
};

/* Hand waiting questions to idle workers; make workers as needed. */
void workers_feed(struct proxymap *p);
void workers_stop_idle(struct proxymap *p);	/* at drain */

/* Answer Q and free it. */
void question_answer(struct proxymap *p, struct question *q, uint8_t status, struct slice value);

/* The worker's whole life, on FD. Returns its exit status. */
int worker_run(int fd);

#endif
