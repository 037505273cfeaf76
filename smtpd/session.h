/* smtpd/session.h - one client's session, and the message it is about to hand over. */
/* SPDX-License-Identifier: ISC */
#ifndef SMTPD_SESSION_H
#define SMTPD_SESSION_H

#include "lib/event/conn.h"
#include "lib/smtp/intake.h"
#include "lib/sys/log.h"
#include "lib/tls/info.h"
#include "smtpd/smtpd.h"

struct rcpt {
	struct rcpt *next;
	struct slice address, orcpt;
	uint8_t notify;
};

/* From MAIL to the end of the message. Everything here is forgotten by message_reset(). */
struct message {
	struct arena arena;
	bool is_active;			/* MAIL was accepted */
	struct slice sender;
	struct smtp_mail_params params;
	struct arena rcpts;		/* apart, so that a full one leaves room for the rest */
	struct rcpt *first, **last;
	unsigned n_rcpts;
	bool hold, discard;		/* actions of access tables */
	struct buf prepend;		/* header fields of PREPEND actions */
	/* The queue file, once cleanup has made it. */
	bool waits_for_channel;		/* cleanup is away, but will be back soon */
	bool waits_for_room;		/* cleanup has more to read than it should */
	uint32_t id;			/* of the transaction with cleanup; 0: none */
	struct ipc_chan *chan;		/* to that cleanup; NULL with id 0 */
	int fd;				/* -1: none */
	char queue_id[65];
	struct log_ctx log;
	bool has_intake;
	struct smtp_intake_conf intake_conf;
	struct smtp_intake intake;
	/* While the header of a local client comes: all of it, in case a table is slow. */
	bool holds, told_fault;
	struct buf held;
	struct table_memo memo;
	bool has_memo;
	struct buf pending;		/* to be written to fd */
	int64_t bytes;			/* written and pending */
	uint32_t crc;
	bool is_too_big;
	int write_errno;
	int64_t arrival_us;
};

/* Whose answer a session waits for. */
enum waits { WAITS_NAME = 1, WAITS_ANVIL = 2, WAITS_TABLE = 4, WAITS_CLEANUP = 8, WAITS_AUTH = 16,
	     WAITS_CLOCK = 32, WAITS_TLS = 64, WAITS_HEADER = 128,
	     WAITS_SERVICES = WAITS_ANVIL | WAITS_TABLE | WAITS_CLEANUP | WAITS_AUTH | WAITS_HEADER };

struct session {
	struct list link;
	struct smtpd *d;
	struct conn conn;
	struct smtp_server smtp;
	struct log_ctx log, noqueue;
	struct timer timer;		/* a silence: the client's, a service's; or a pause */
	struct task bury;
	unsigned waits;			/* enum waits */
	bool is_over, is_running, is_named;

	char name[257], addr[64], port[8], local_addr[64], local_port[8];
	char namaddr[340];		/* "name[addr]" */
	char key[128];			/* for anvil */
	bool is_counted;		/* anvil knows of the connection */
	bool is_mine;			/* in mynetworks */
	bool is_excepted;		/* no limits on counts */
	bool has_verified_name;
	bool is_local_client;		/* in local_header_rewrite_clients; known at OPEN */
	char mechanisms[520];
	char sasl_user[257], sasl_method[SMTP_MECHANISM_MAX + 1], tried_user[257];
	struct tls_info tls;

	/* The question that is being decided. */
	enum smtp_event asked;
	struct arena command;
	struct table_memo memo;
	bool has_memo;
	uint32_t request;		/* to anvil, resolver or auth; 0: none */
	bool has_rate;
	struct anvil_counts counts;	/* the answer of anvil */

	struct message message;
};

/* session.c */
void session_run(struct session *s);		/* go on until something is to be waited for */
void session_find_local(struct session *s);	/* set local_addr, local_port */
void session_end(struct session *s);		/* close now; the object dies in a task */
void session_done_waiting(struct session *s, enum waits what);	/* and run */

/* command.c: decide what the engine asked (s->asked); false: an answer is on its way, decide
 * again when it is there. */
bool command_decide(struct session *s);

/* message.c */
void message_init(struct session *s);
void message_begin(struct session *s, struct slice sender, const struct smtp_mail_params *p);
/* False: there is no memory for one more. */
bool message_add_rcpt(struct session *s, struct slice address, const struct smtp_rcpt_params *p);
void message_prepend(struct session *s, struct slice fields);	/* each line once */
void message_open(struct session *s);		/* ask cleanup for a file */
void message_channel_up(struct session *s);	/* cleanup is back */
void message_no_channel(struct session *s);	/* waited long enough */
void message_hand_over(struct session *s);	/* the envelope, when cleanup has room for it */
void message_opened(struct session *s, const struct cleanup_opened *m);
void message_content(struct session *s);	/* take what is in d->content */
void message_commit(struct session *s);
void message_answered(struct session *s, const struct cleanup_done *m);
void message_lost(struct session *s);		/* cleanup went away */
void message_reset(struct session *s);		/* drop it, wherever it is */

/* received.c: the Received: field of S's message, in its arena. */
struct slice received_field(struct session *s);

/* auth.c */
void auth_begin(struct session *s);		/* SMTP_EV_AUTH, _RESPONSE */
void auth_cancel(struct session *s);
void auth_answer_failure(struct session *s, const struct auth_failure *m);
void auth_answer_success(struct session *s, const struct auth_success *m);
const char *auth_offer(struct session *s);	/* mechanisms for this session now */

/* ask.c: a new id whose answer goes to S. */
uint32_t ask_begin(struct session *s);
void ask_end(struct session *s, uint32_t *id);
bool ask_rate(struct session *s, unsigned kind);	/* false: wait; true: s->counts is there */

/* report.c: lines of the log. */
void report_reject(struct session *s, const char *verb, const char *where,
		   const struct smtp_reply *reply, struct slice rcpt);
void report_reject_text(struct session *s, const char *where, struct slice text);
const char *report_where(enum smtp_event asked);


#endif
