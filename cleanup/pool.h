/* cleanup/pool.h - the threads that sync files, and do nothing else.
 *
 * A job goes to one of a fixed number of threads, which calls queue_sync() and hands it back to
 * the loop through an eventfd. There is no waiting for company: what is committed while a sync
 * runs is synced together by the file system's journal when its turn comes. Threads touch the
 * job, its descriptor and the (constant) spool, nothing more. */
/* SPDX-License-Identifier: ISC */
#ifndef CLEANUP_POOL_H
#define CLEANUP_POOL_H

#include "lib/event/event.h"
#include "lib/queue/spool.h"

struct sync_job {
	struct list link;	/* initialise with list_init() */
	enum queue_name queue;
	const struct queue_id *id;
	int fd;
	int result;		/* 0 or an errno, for DONE */
	void (*done)(struct sync_job *job);
};

struct sync_pool;

/* SPOOL must outlive the pool. RC_SYS when no thread can be made. */
enum rc sync_pool_new(struct loop *loop, const struct queue_spool *spool, unsigned n_threads,
		      struct sync_pool **ret, struct err *err);
/* Waits for jobs that are being synced; jobs not yet begun are dropped without DONE. */
void sync_pool_free(struct sync_pool **pool);

/* JOB and its ID stay where they are until DONE was called, on the loop. */
void sync_pool_submit(struct sync_pool *pool, struct sync_job *job);

#endif
