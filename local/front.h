/* local/front.h - the front of local and virtual: requests of qmgr, their recipients, what is done.
 *
 * request.c takes requests and gives results; recipient.c carries one recipient from expansion to
 * result; forward.c sends new messages through cleanup. One object each, on the loop. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_FRONT_H
#define LOCAL_FRONT_H

#include "lib/ipc/deliver.h"
#include "lib/queue/post.h"
#include "lib/sys/log.h"
#include "local/expand.h"
#include "local/virtual.h"

struct forwarder;

struct front {
	struct daemon *daemon;
	struct config config;
	int broker_fd;
	struct workers *workers;
	struct user_cache users;
	struct virtual_cache mailboxes;
	struct forwarder *forwarder;	/* local only */
	struct list clients;
	struct list spare;		/* requests to be used again */
	bool is_stale;			/* a table has changed: a successor is on its way */
	int64_t check_after_ms;		/* no look at the tables before */
	struct timer stale_timer;
};

/* What the content's header says that delivery needs; read once, when first asked for. */
struct content_header {
	bool is_read;
	struct slice *delivered_to;	/* addresses in Delivered-To: fields */
	size_t n_delivered_to;
	unsigned hops;			/* Received: fields */
	struct slice message_id;
};

struct recipient;

struct request {
	struct list link;
	struct front *front;
	struct client *client;		/* NULL: the channel broke */
	struct arena arena;
	struct deliver m;		/* strings in the arena; owns m.file */
	struct recipient **recipients;
	size_t n, size;
	size_t open;			/* without a result */
	bool is_complete;		/* the last recipient has come */
	bool is_held;			/* not begun: a successor is to do it */
	int64_t handed_us;
	struct content_header header;
	struct log_ctx log;
	struct task end_task;
};

/* --- request.c --- */

void front_init(struct front *f);
void front_accept(struct front *f, int fd);
void front_drain(struct front *f);

/* The content's header; RC_TEMP when the queue file cannot be read. */
enum rc request_header(struct request *q, struct err *err);

/* One line of the log; ORIGINAL may be empty. */
void request_log(struct request *q, struct slice address, struct slice original,
		 const struct outcome *out);
/* ADDRESS, a member of what the recipient was expanded to, failed for good. */
void request_member_failed(struct request *q, const struct recipient *r, struct slice address,
			   const struct outcome *out, const char *diag_type);
/* The recipient, in the end ADDRESS, is settled. ACTION: "expanded" or "". */
void request_result(struct request *q, struct recipient *r, struct slice address,
		    const struct outcome *out, const char *action, const char *diag_type);

/* --- forward.c --- */

/* A new message with RECIPIENT's content to the addresses of ACTIONS (all with one sender). */
struct forward {
	struct post post;
	struct list link;		/* while it waits for cleanup to be there */
	struct forwarder *forwarder;
	struct recipient *recipient;
	const struct action **actions;
	size_t n;
	void (*on_done)(struct forward *w, const struct outcome *out);
};
struct forwarder *forwarder_new(struct front *f);
void forward_start(struct forwarder *fw, struct forward *w);
void forward_cancel(struct forward *w);

/* --- recipient.c --- */

/* What is done about one action. */
struct member {
	struct work work;
	struct recipient *recipient;
	struct action *action;
	struct forward forward;		/* of the first action with this sender */
	bool is_running, is_forwarding;
};

struct recipient {
	struct request *request;
	uint32_t index;
	struct slice address, original, orcpt;
	uint8_t notify;
	struct facts facts;
	struct task run_task;
	struct plan plan;
	struct member *members;		/* one for each action of the plan */
	size_t next;			/* the first member that was not begun */
	size_t pending;			/* forwards under way */
	bool has_forwards, is_settled;
	struct action own_action;	/* for a plan of one, made here */
	struct member own_member;
};

/* Its fields from REQUEST to NOTIFY are set. */
void recipient_start(struct recipient *r);

/* The channel to qmgr broke: nobody waits for R. What a worker does it does. */
void recipient_abandon(struct recipient *r);

#endif
