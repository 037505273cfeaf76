/* lib/smtp/server_int.h - what the parts of the server engine share; private to lib/smtp. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_SERVER_INT_H
#define LIB_SMTP_SERVER_INT_H

#include "lib/smtp/server.h"

enum { CMD_PRE_TLS = 1,		/* allowed before a required STARTTLS */
       CMD_LIMIT = 2,		/* counts against smtpd_junk_command_limit */
       CMD_LAST = 4 };		/* ends a group of pipelined commands (RFC 2920, 3.1) */

struct smtp_command {
	const char *name;
	unsigned flags;
	/* May this command come now, with such an argument? False: *WHY says what is wrong. Pure. */
	bool (*check)(const struct smtp_server *s, struct slice arg, struct smtp_reply *why);
	void (*run)(struct smtp_server *s, struct slice arg, struct buf *out);
};

extern const struct smtp_command smtp_commands[SMTP_VERBS];

/* The only way to change the state. */
void smtp_set_state(struct smtp_server *s, enum smtp_state state);

/* The step after this one returns EV and waits for an answer. */
void smtp_ask(struct smtp_server *s, enum smtp_event ev);

/* What is printed goes to the client now, or after the delay that errors have earned. */
struct buf *smtp_out(struct smtp_server *s, struct buf *out);

/* The reply that ends the command at hand: counted, printed; 421 and 521 close. */
void smtp_end(struct smtp_server *s, struct buf *out, const struct smtp_reply *r);
void smtp_say(struct smtp_server *s, struct buf *out, unsigned code, const char *dsn,
	      const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* As smtp_end(), but a refused BDAT first has its chunk read and dropped. */
void smtp_refuse(struct smtp_server *s, struct buf *out, const struct smtp_reply *r);

/* One line for the log at the next step. */
void smtp_note(struct smtp_server *s, bool is_warning, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void smtp_reject_note(struct smtp_server *s, const char *text);

/* Forget the transaction; with TELL the owner hears SMTP_EV_ABORT if there was one. */
void smtp_reset(struct smtp_server *s, bool tell);

/* Chunks and content: server_data.c. */
bool smtp_check_data(const struct smtp_server *s, struct slice arg, struct smtp_reply *why);
void smtp_run_data(struct smtp_server *s, struct slice arg, struct buf *out);
void smtp_run_bdat(struct smtp_server *s, struct slice arg, struct buf *out);
enum rc smtp_chunk_parse(struct slice arg, int64_t *ret_bytes, bool *ret_last);
void smtp_after_open(struct smtp_server *s, struct buf *out);
void smtp_after_commit(struct smtp_server *s, struct buf *out);
enum smtp_event smtp_feed_data(struct smtp_server *s, struct slice *in, struct buf *out,
			       struct buf *content);
enum smtp_event smtp_feed_chunk(struct smtp_server *s, struct slice *in, struct buf *out,
				struct buf *content);
enum smtp_event smtp_feed_skip(struct smtp_server *s, struct slice *in, struct buf *out);

/* AUTH: server_auth.c. */
bool smtp_check_auth(const struct smtp_server *s, struct slice arg, struct smtp_reply *why);
void smtp_run_auth(struct smtp_server *s, struct slice arg, struct buf *out);
void smtp_auth_line(struct smtp_server *s, struct slice line, struct buf *out);
void smtp_after_auth(struct smtp_server *s, struct buf *out);

/* The rest: server_cmd.c. After an event was answered (s->reply.code 0: yes). */
void smtp_after_connect(struct smtp_server *s, struct buf *out);
void smtp_after_helo(struct smtp_server *s, struct buf *out);
void smtp_after_mail(struct smtp_server *s, struct buf *out);
void smtp_after_rcpt(struct smtp_server *s, struct buf *out);
void smtp_after_vrfy(struct smtp_server *s, struct buf *out);
void smtp_after_starttls(struct smtp_server *s, struct buf *out);

#endif
