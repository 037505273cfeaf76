/* lib/queue/post.h - the client's side of lib/ipc/cleanup.def: bring new messages to cleanup.
 *
 * A poster stands for the channel to cleanup, a post for one message on its way. Posts are
 * embedded in their owners' objects, which may not die before on_done has run or post_abort()
 * was called. Content goes to the file with blocking writes through post_write(); everything else
 * is messages on the loop: recipients as fast as cleanup takes them, the posts in turn, so that
 * long lists neither flood the channel nor hold up other posts. A break of the channel fails every
 * post with 451. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_POST_H
#define LIB_QUEUE_POST_H

#include "lib/base/hash.h"
#include "lib/ipc/cleanup.h"
#include "lib/queue/id.h"

enum { POSTS_MAX = 10000, POST_BACKLOG = 1000 /* unsent messages from which on recipients wait */ };

struct poster {
	struct ipc_chan *chan;	/* NULL while cleanup is down */
	struct hash posts;
	struct list sending;	/* posts whose recipients are on their way */
	struct timer step;
	uint32_t last_id;
};

struct post {
	struct poster *poster;
	uint32_t id;
	struct queue_id queue_id;	/* from on_open on */
	int fd;				/* -1 before on_open */
	uint64_t bytes;			/* written so far */
	uint32_t crc;			/* of them */
	struct list sending;		/* in poster.sending */
	size_t next_rcpt, n_rcpts;
	unsigned hops;
	/* The file is there: post_write() the content, then post_envelope(). */
	void (*on_open)(struct post *p);
	/* Say who recipient I is, but for the id. False: pass over it. */
	bool (*rcpt)(struct post *p, size_t i, struct cleanup_rcpt *out);
	/* The end. CODE 250: durable, and no longer ours. P may be used again. */
	void (*on_done)(struct post *p, unsigned code, struct slice dsn, struct slice text);
};

void poster_init(struct poster *s);
void poster_done(struct poster *s);	/* no callbacks */
void poster_up(struct poster *s, struct ipc_chan *chan);
void poster_down(struct poster *s);

/* For the program's handler table: opened and done of cleanup.def. */
enum rc poster_on_opened(struct poster *s, struct ipc_reader *r);
enum rc poster_on_done(struct poster *s, struct ipc_reader *r);

/* And move: the channel ends when all that is under way is done, and is made anew then. */
enum rc poster_on_move(struct ipc_chan *chan, struct ipc_reader *r);

/* False when cleanup is down (no callback follows). What is posted was accepted already, or speaks
 * of such a message: no size is too large. */
bool post_open(struct poster *s, struct post *p, uint32_t flags);

/* RC_SYS: errno tells; abort then. */
enum rc post_write(struct post *p, struct slice s, struct err *err);

/* MAIL (its id is set here), then N recipients, whom p->rcpt tells now or later, then the commit.
 * HOPS: Received: fields of the content before it came here. */
void post_envelope(struct post *p, struct cleanup_mail *mail, size_t n, unsigned hops);

/* Give it up: no callback follows. Harmless when it is over. */
void post_abort(struct post *p);

#endif
