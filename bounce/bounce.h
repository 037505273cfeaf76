/* bounce/bounce.h - what the files of bounce share: the server, those who ask, their requests.
 *
 * Nothing is kept on disk here: a request lives in memory until its report is durable in the
 * queue (or was not wanted), and who asked keeps its recipients until then. */
/* SPDX-License-Identifier: ISC */
#ifndef BOUNCE_BOUNCE_H
#define BOUNCE_BOUNCE_H

#include "bounce/compose.h"
#include "lib/base/arena.h"
#include "lib/ipc/bounce.h"
#include "lib/queue/post.h"
#include "lib/sys/log.h"

enum { BOUNCE_ITEMS_MAX = 100000, BOUNCE_ARENA_MAX = 256 << 20, BOUNCE_MAILS_MAX = 2 };

/* Policy as data. Recipients of notices have a domain. */
struct bounce_policy {
	struct report_config report;
	bool copy_bounces, copy_2bounces, copy_delays;	/* notify_classes */
	const char *bounce_notice, *second_bounce_notice, *delay_notice;
	const char *double_bounce_sender;		/* with a domain */
	bool threaded;
	int64_t patience_ms;		/* a request waits so long for cleanup to come (back) */
};

struct bounce {
	struct loop *loop;
	struct bounce_policy policy;
	struct poster poster;
	struct list visitors;
	struct list waiting;		/* requests, for cleanup */
	struct timer patience;
	unsigned n_requests;
	void (*on_requests)(struct bounce *b);	/* n_requests changed; may be NULL */
	void *owner;
};

struct visitor {
	struct list link;
	struct bounce *b;
	struct ipc_chan chan;
	struct list requests;		/* complete or not */
	struct task bury;
};

struct request;

/* One mail of a request: the report itself, or the postmaster's copy. */
struct report_post {
	struct post post;
	struct request *req;
	struct report_mail mail;
	const char *envelope_sender;
};

struct request {
	struct list link;		/* in visitor.requests */
	struct list waiting;		/* in bounce.waiting */
	struct visitor *v;
	uint32_t id;
	enum report_kind kind;
	int file;
	int64_t content_at;
	struct arena arena;
	struct log_ctx log;
	struct report_mail facts;	/* items: those who want this report */
	struct report_item *items;
	size_t n_items;			/* of them */
	uint32_t left;			/* recipients still to come */
	struct report_post mails[BOUNCE_MAILS_MAX];
	unsigned n_mails, n_done;
	bool failed, is_over;
	struct task bury;
};

void bounce_init(struct bounce *b, struct loop *loop, const struct bounce_policy *p);
void bounce_done_all(struct bounce *b);
/* FD is a connected SEQPACKET descriptor and taken over. */
void bounce_accept(struct bounce *b, int fd);
/* cleanup came or went. */
void bounce_cleanup_up(struct bounce *b, struct ipc_chan *chan);
void bounce_cleanup_down(struct bounce *b);

/* send.c: the request is complete; decide who gets what and send it. */
void request_send(struct request *req);
/* The request is over: answer and free. */
void request_finish(struct request *req, bool ok, const char *text);

#endif
