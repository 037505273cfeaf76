/* SPDX-License-Identifier: ISC */
#include "cleanup/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/mem.h"

struct sync_pool {
	struct io io;			/* of the eventfd */
	const struct queue_spool *spool;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct list todo, done;		/* under LOCK */
	bool stopping;			/* under LOCK */
	unsigned n_threads;
	pthread_t threads[];
};

/* Wakes happen outside the lock: who is woken would run into it at once. */
static void hand_back(struct sync_pool *pool, struct sync_job *job)
{
	bool was_empty;

	pthread_mutex_lock(&pool->lock);
	was_empty = list_is_empty(&pool->done);
	list_append(&pool->done, &job->link);
	pthread_mutex_unlock(&pool->lock);
	if (was_empty)
		(void)!eventfd_write(pool->io.fd, 1);	/* fails only when it is readable anyway */
}

static void *work(void *arg)
{
	struct sync_pool *pool = arg;

	pthread_mutex_lock(&pool->lock);
	while (!pool->stopping) {
		struct list *node = list_pop(&pool->todo);
		struct sync_job *job;

		if (node == NULL) {
			pthread_cond_wait(&pool->more, &pool->lock);
			continue;
		}
		job = LIST_ENTRY(node, struct sync_job, link);
		pthread_mutex_unlock(&pool->lock);
		job->result = queue_sync(pool->spool, job->queue, job->id, job->fd);
		hand_back(pool, job);
		pthread_mutex_lock(&pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static void on_ready(struct io *io, int ready)
{
	struct sync_pool *pool = LIST_ENTRY(io, struct sync_pool, io);
	struct list batch;
	eventfd_t count;

	(void)ready;
	(void)!eventfd_read(io->fd, &count);
	list_init(&batch);
	pthread_mutex_lock(&pool->lock);
	for (struct list *n = list_pop(&pool->done); n != NULL; n = list_pop(&pool->done))
		list_append(&batch, n);
	pthread_mutex_unlock(&pool->lock);
	for (struct list *n = list_pop(&batch); n != NULL; n = list_pop(&batch)) {
		struct sync_job *job = LIST_ENTRY(n, struct sync_job, link);

		job->done(job);
	}
}

static bool start_threads(struct sync_pool *pool, unsigned n_threads)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);	/* signals are the loop's */
	while (pool->n_threads < n_threads &&
	       pthread_create(&pool->threads[pool->n_threads], NULL, work, pool) == 0)
		pool->n_threads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return pool->n_threads > 0;
}

enum rc sync_pool_new(struct loop *loop, const struct queue_spool *spool, unsigned n_threads,
		      struct sync_pool **ret, struct err *err)
{
	struct sync_pool *pool;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return err_sys(err, "eventfd");
	pool = mem_new(1, sizeof(*pool) + n_threads * sizeof(pool->threads[0]));
	pool->spool = spool;
	list_init(&pool->todo);
	list_init(&pool->done);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	io_init(&pool->io, loop, fd, on_ready);
	io_want(&pool->io, IO_READ);
	if (!start_threads(pool, n_threads)) {
		sync_pool_free(&pool);
		return err_sys(err, "start sync threads");
	}
	*ret = pool;
	return RC_OK;
}

void sync_pool_free(struct sync_pool **poolp)
{
	struct sync_pool *pool = *poolp;

	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	io_stop(&pool->io);
	close(pool->io.fd);
	pthread_cond_destroy(&pool->more);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
	*poolp = NULL;
}

void sync_pool_submit(struct sync_pool *pool, struct sync_job *job)
{
	pthread_mutex_lock(&pool->lock);
	list_append(&pool->todo, &job->link);
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_signal(&pool->more);
}
