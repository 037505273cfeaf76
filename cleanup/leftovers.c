/* SPDX-License-Identifier: ISC */
#include "cleanup/leftovers.h"

#include <fcntl.h>

#include "lib/sys/log.h"

enum { RETRY_MS = 60000 };

/* Of the open file description, so that a change of TYPE is one step: who wants to be alone does
 * not stop to be one of many while it tries. */
static bool lock(int fd, int how, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET };

	return fcntl(fd, how, &l) == 0;
}

static bool is_ours(const struct cleanup *c, const struct queue_id *id)
{
	LIST_EACH(node, &c->clients) {
		const struct client *cl = LIST_ENTRY(node, struct client, link);
		size_t pos = 0;
		void *t;

		while (hash_next(&cl->txns, &pos, NULL, &t))
			if (slice_eq(queue_id_slice(&((struct txn *)t)->qid), queue_id_slice(id)))
				return true;
	}
	return false;
}

static void look(struct cleanup *c, enum queue_name queue)
{
	struct queue_scan scan;
	struct queue_id id;
	struct stat st;

	if (queue_scan_init(&scan, c->spool, queue, NULL) != RC_OK)
		return;
	while (queue_scan_next(&scan, &id)) {
		if (queue_stat(c->spool, queue, &id, &st, NULL) != RC_OK ||
		    !S_ISREG(st.st_mode) || queue_mode_is_complete(st.st_mode) || is_ours(c, &id))
			continue;
		if (queue_remove(c->spool, queue, &id, NULL) == RC_OK)
			log_info(&(struct log_ctx){ .queue_id = queue_id_slice(&id) },
				 "unfinished file removed from %s", queue_name_str(queue));
	}
	queue_scan_done(&scan);
}

static void run(struct timer *t)
{
	struct leftovers *l = LIST_ENTRY(t, struct leftovers, timer);

	if (!lock(l->lock_fd, F_OFD_SETLK, F_WRLCK)) {
		timer_start(t, RETRY_MS);
		return;
	}
	look(l->c, QUEUE_INCOMING);
	look(l->c, QUEUE_ACTIVE);
	look(l->c, QUEUE_HOLD);
	if (!lock(l->lock_fd, F_OFD_SETLK, F_RDLCK))
		log_warn(NULL, "lock file: a successor will have to wait");
}

void leftovers_start(struct leftovers *l, struct cleanup *c, int lock_fd)
{
	l->c = c;
	l->lock_fd = lock_fd;
	timer_init(&l->timer, c->loop, run);
	/* Waits for no longer than another one looks around. */
	if (!lock(lock_fd, F_OFD_SETLKW, F_RDLCK))
		log_warn(NULL, "lock file: cannot be locked; unfinished files may be taken for old");
	timer_start(&l->timer, 0);
}

void leftovers_stop(struct leftovers *l)
{
	timer_stop(&l->timer);
}
