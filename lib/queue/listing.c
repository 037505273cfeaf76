/* SPDX-License-Identifier: ISC */
#include "lib/queue/listing.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/queue/file.h"

enum { ARENA_MAX = 64 << 20, BLOCK = 4096 };

const enum queue_name queue_listing_order[5] = {
	QUEUE_MAILDROP, QUEUE_ACTIVE, QUEUE_INCOMING, QUEUE_DEFERRED, QUEUE_HOLD,
};

void queue_listing_init(struct queue_listing *l)
{
	*l = (struct queue_listing){ 0 };
	buf_init(&l->tail, QUEUE_TAIL_MAX);
	buf_init(&l->reasons, QUEUE_REASON_MAX);
	arena_init(&l->arena, ARENA_MAX);
}

void queue_listing_done(struct queue_listing *l)
{
	buf_done(&l->tail);
	buf_done(&l->reasons);
	arena_done(&l->arena);
}

static void read_reasons(struct queue_listing *l, const struct queue_spool *s,
			 const struct queue_id *id)
{
	ssize_t n = 1;
	int fd;

	buf_reset(&l->reasons);
	if (s->fd[QUEUE_DEFER] < 0 ||
	    queue_open(s, QUEUE_DEFER, id, O_RDONLY, &fd, NULL) != RC_OK)
		return;
	while (n > 0) {
		size_t room;
		char *p = buf_reserve(&l->reasons, BLOCK, &room);

		n = room > 0 ? read(fd, p, room < BLOCK ? room : BLOCK) : 0;
		if (n > 0)
			buf_commit(&l->reasons, (size_t)n);
	}
	close(fd);
}

bool queue_listing_load(struct queue_listing *l, const struct queue_spool *s, enum queue_name q,
			const struct queue_id *id)
{
	enum rc rc;
	int fd;

	if (queue_open(s, q, id, O_RDONLY, &fd, NULL) != RC_OK)
		return false;
	arena_reset(&l->arena);
	rc = queue_file_load(fd, &l->tail, &l->arena, &l->env, NULL);
	close(fd);
	if (rc != RC_OK)
		return false;
	if (q == QUEUE_MAILDROP)
		buf_reset(&l->reasons);
	else
		read_reasons(l, s, id);
	l->rest = buf_slice(&l->reasons);
	l->has_reason = queue_reason_next(&l->rest, &l->reason);
	l->next = 0;
	return true;
}

bool queue_listing_next(struct queue_listing *l, const struct queue_rcpt **ret,
			struct slice *ret_reason)
{
	for (; l->next < l->env.n_rcpts; l->next++) {
		if (l->env.rcpts[l->next].mark != QUEUE_MARK_TODO)
			continue;
		while (l->has_reason && l->reason.index < l->next)
			l->has_reason = queue_reason_next(&l->rest, &l->reason);
		*ret = &l->env.rcpts[l->next];
		*ret_reason = l->has_reason && l->reason.index == l->next ? l->reason.text
									  : (struct slice){ 0 };
		l->next++;
		return true;
	}
	return false;
}
