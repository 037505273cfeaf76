/* cleanup/server.h - what the files of cleanup share: the server, its clients, transactions.
 *
 * One loop, one thread (the pool's threads see sync jobs only). The server knows no daemon
 * skeleton: main.c gives it accepted channels and the channel to qmgr, and so do the tests. */
/* SPDX-License-Identifier: ISC */
#ifndef CLEANUP_SERVER_H
#define CLEANUP_SERVER_H

#include "cleanup/pool.h"
#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/ipc/cleanup.h"
#include "lib/ipc/qmgr.h"
#include "lib/queue/file.h"
#include "lib/sys/log.h"
#include "lib/table/table.h"

enum {
	CLEANUP_TXNS_MAX = 1000000,	/* of one client at once; its descriptors end sooner */
	CLEANUP_ARENA_MAX = 128 << 20,	/* memory of one transaction: recipients */
	/* Recipients one client may name for one message: no fewer than a client takes (the most
	 * that smtpd_recipient_limit may be, and a file in maildrop), since one more breaks the
	 * channel. */
	CLEANUP_WANTED_MAX = QUEUE_RCPTS_MAX
};

struct expander;

/* Policy as data; main.c fills it from the parameters. */
struct cleanup_policy {
	int64_t message_size_limit;	/* 0: none */
	int64_t queue_minfree;
	unsigned hopcount_limit;
};

struct cleanup {
	struct loop *loop;
	const struct queue_spool *spool;
	struct sync_pool *pool;
	struct cleanup_policy policy;
	struct expander *expander;
	struct queue_idgen ids;
	struct list clients;
	struct ipc_chan *qmgr;		/* NULL while it is down */
	uint32_t credit;		/* files that may still be made in active/ */
	unsigned qmgr_epoch;		/* counts connections to qmgr; credits end with theirs */
	unsigned n_txns;
	struct buf tail;		/* being written; reused */
	int64_t space_checked_ms;
	bool has_space;
	bool is_draining;
	void (*on_txns)(struct cleanup *c);	/* n_txns changed; may be NULL */
	void *owner;
};

struct client {
	struct list link;		/* in cleanup.clients */
	struct cleanup *server;
	struct ipc_chan chan;
	struct hash txns;		/* by id */
	bool is_gone;			/* waits for its last transactions */
	struct task bury;
};

enum txn_state { TXN_OPEN, TXN_MAIL, TXN_RCPT, TXN_EXPAND, TXN_SYNC, TXN_OVER };

struct wanted {			/* a recipient as the client named it */
	struct wanted *next;
	struct slice address, original, orcpt;
	unsigned char notify;
};

struct txn {
	struct client *client;
	uint32_t id;			/* the client's */
	uint32_t flags;			/* CLEANUP_FLAG_* */
	int64_t size_limit;
	enum txn_state state;
	struct queue_id qid;
	enum queue_name queue;
	unsigned credit_epoch;		/* whose credit the file uses; 0: none */
	int fd;
	struct log_ctx log;
	struct arena arena;
	struct arena work;		/* results of expand_txn() */
	struct queue_envelope env;
	struct slice sender;		/* as the client named it */
	struct slice message_id, resent_message_id;
	struct wanted *first, **last;
	size_t n_wanted;
	struct slice tail;		/* as written, for qmgr; empty when too long for a packet */
	struct table_memo memo;
	bool has_memo;
	struct sync_job job;
	struct task bury;
};

/* server.c */
void cleanup_init(struct cleanup *c, struct loop *loop, const struct queue_spool *spool,
		  struct sync_pool *pool, struct expander *x, const struct cleanup_policy *p,
		  bool long_ids, uint32_t instance);
void cleanup_done(struct cleanup *c);
/* FD is a connected SEQPACKET descriptor and taken over. */
void cleanup_accept(struct cleanup *c, int fd);
/* Finish what there is, take no more, close channels as they fall idle. */
void cleanup_drain(struct cleanup *c);
void client_check_idle(struct client *cl);

/* txn.c: the handlers of lib/ipc/cleanup.def */
extern const struct ipc_handler cleanup_handlers[];
extern const size_t cleanup_n_handlers;
void txn_drop(struct txn *t);		/* abort unless it is past COMMIT */
bool txn_is_committing(const struct txn *t);

/* intake.c: the channel to qmgr */
extern const struct ipc_handler intake_handlers[];
extern const size_t intake_n_handlers;
void intake_up(struct cleanup *c, struct ipc_chan *chan);
void intake_down(struct cleanup *c);
enum { INTAKE_TAIL_MAX = 24576 };	/* qmgr_new.tail */
void intake_announce(struct cleanup *c, const struct txn *t);

#endif
