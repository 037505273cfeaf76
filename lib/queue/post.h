/* lib/queue/post.h - the client's side of lib/ipc/cleanup.def: bring new messages to cleanup.
 *
 * A poster stands for the channel to cleanup, a post for one message on its way. Posts are
 * embedded in their owners' objects, which may not die before on_done has run or post_abort()
 * was called. Content goes to the file with blocking writes through post_write(); everything else
 * is messages on the loop. A break of the channel fails every post with 451. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_POST_H
#define LIB_QUEUE_POST_H

#include "lib/base/hash.h"
#include "lib/ipc/cleanup.h"
#include "lib/queue/id.h"

enum { POSTS_MAX = 10000 };

struct poster {
	struct ipc_chan *chan;	/* NULL while cleanup is down */
	struct hash posts;
	uint32_t last_id;
};

struct post {
	struct poster *poster;
	uint32_t id;
	struct queue_id queue_id;	/* from on_open on */
	int fd;				/* -1 before on_open */
	uint64_t bytes;			/* written so far */
	uint32_t crc;			/* of them */
	/* The file is there: write the content, then mail, recipients, commit. */
	void (*on_open)(struct post *p);
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

/* False when cleanup is down (no callback follows). SIZE_LIMIT 0: message_size_limit. */
bool post_open(struct poster *s, struct post *p, uint32_t flags, int64_t size_limit);

/* RC_SYS: errno tells; abort then. */
enum rc post_write(struct post *p, struct slice s, struct err *err);

/* MAIL's and RCPT's id are set here; then any number of recipients, then commit. */
void post_mail(struct post *p, struct cleanup_mail *mail);
void post_rcpt(struct post *p, struct cleanup_rcpt *rcpt);
void post_commit(struct post *p, unsigned hops);

/* Give it up: no callback follows. Harmless when it is over. */
void post_abort(struct post *p);

#endif
