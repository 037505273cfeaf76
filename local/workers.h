/* local/workers.h - the front's side of broker and workers: who does what, at most how many.
 *
 * On the loop. Workers are found by what they are (user, directory), made by the broker when they
 * are missing, kept for a while, and ended when they are idle or room is needed. Work waits while
 * its worker is being made or all places are taken. A worker that ends with work unanswered fails
 * that work as deferred. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_WORKERS_H
#define LOCAL_WORKERS_H

#include "lib/ipc/localbroker.h"
#include "local/config.h"
#include "lib/deliver/message.h"

struct user_info {
	struct slice name, home, shell;
	uid_t uid;
	gid_t gid;
};

struct worker_key {
	enum worker_kind kind;
	struct slice user;	/* all but virtual */
	uid_t uid;
	gid_t gid;
	struct slice dir;	/* file, virtual; the home directory as it is now, for home */
	struct slice lane;	/* a file whose lock is waited for: only its own mail waits, too */
	bool makes_dir;		/* DIR is made when it is not there */
};

/* One request to a worker. Embedded; lives until its callback has run or work_cancel(). */
struct work {
	struct list link;
	struct worker *worker;		/* NULL: none, or not yet */
	uint32_t id;
	struct ipc_packet *packet;	/* not sent yet */
	char *key;			/* while it waits for a place */
	size_t key_n;
	enum worker_kind kind;
	bool makes_dir;
	void (*on_done)(struct work *w, const struct outcome *out);
	/* .forward and :include: FD >= 0 is the caller's; else CODE is a WORK_OPEN_*. */
	void (*on_opened)(struct work *w, int fd, unsigned code, struct slice text);
};

struct workers;

/* BROKER_FD is the channel to the broker. */
struct workers *workers_new(struct daemon *d, const struct config *c, int broker_fd);

/* An id for a request; put it into the message. */
uint32_t workers_next_id(struct workers *ws);

/* Give PACKET (ownership passes) with id W->id to a worker for KEY. Callbacks run later, never
 * from inside this call. */
void workers_submit(struct workers *ws, const struct worker_key *key, struct work *w,
		    struct ipc_packet *packet);

/* The callback will not run; what the worker does it does. */
void work_cancel(struct work *w);

/* Ask the system for a user by NAME, or for the owner of a path. ON_USER: rc RC_OK (INFO is valid
 * during the call), RC_END, RC_TEMP. */
struct user_query {
	struct list link;
	uint32_t id;
	void (*on_user)(struct user_query *q, enum rc rc, const struct user_info *info,
			struct slice reason);
};
void workers_ask_user(struct workers *ws, struct slice name, struct user_query *q);
void user_query_cancel(struct user_query *q);

#endif
