/* lib/smtp/server.h - the server's side of an SMTP session, without sockets, tables or clock.
 *
 * The owner calls smtp_server_step() with what the client sent; the engine takes bytes off the
 * input, appends replies to OUT, and returns when something is to be done: an event. Events that
 * ask for a decision (marked "asks") must be answered, now or later, before the next step; input
 * waits meanwhile, so that pipelined commands are handled strictly in order. Replies to what the
 * engine itself can judge (syntax, order, limits) never reach the owner.
 *
 * One transaction's state is forgotten in one function; SMTP_EV_ABORT tells the owner to do the
 * same. (RFC 5321, 1870, 2034, 2920, 3030, 3207, 3461, 4954, 6152, 6531) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_SERVER_H
#define LIB_SMTP_SERVER_H

#include "lib/smtp/eol.h"
#include "lib/smtp/param.h"
#include "lib/smtp/path.h"
#include "lib/smtp/reply.h"

enum { SMTP_LINE_MAX = 2048,		/* default of line_length_limit */
       SMTP_AUTH_LINE_MAX = 12288,	/* RFC 4954, 4.5 */
       SMTP_HELO_MAX = 255, SMTP_MECHANISM_MAX = 32, SMTP_NOTE_MAX = 400 };
struct smtp_server;

/* Names what happens; the fields of struct smtp_server_data that go with it in parentheses. */
enum smtp_event {
	SMTP_EV_NONE,		/* never returned by smtp_server_step() */
	SMTP_EV_MORE,		/* more input is needed */
	SMTP_EV_PAUSE,		/* step again after (pause_ms); what OUT holds may be sent */
	SMTP_EV_NOTE,		/* a line for the log (note, note_is_warning) */
	SMTP_EV_REJECT,		/* the engine refused something worth a reject line (note) */
	SMTP_EV_CONNECT,	/* asks: is the client welcome? */
	SMTP_EV_HELO,		/* asks: HELO or EHLO (name) */
	SMTP_EV_MAIL,		/* asks: sender (address, mail) */
	SMTP_EV_RCPT,		/* asks: recipient (address, rcpt) */
	SMTP_EV_VRFY,		/* asks: (address) */
	SMTP_EV_OPEN,		/* asks: content is about to come, is there room for it? */
	SMTP_EV_CONTENT,	/* the content buffer has grown */
	SMTP_EV_COMMIT,		/* asks: content is complete; smtp_server_queued() if it is kept */
	SMTP_EV_ABORT,		/* the transaction is off, drop what belongs to it */
	SMTP_EV_AUTH,		/* asks: mechanism and initial response (name, data, has_data) */
	SMTP_EV_AUTH_RESPONSE,	/* asks: answer to a challenge (data) */
	SMTP_EV_AUTH_CANCEL,	/* the client gave up the exchange */
	SMTP_EV_STARTTLS,	/* asks: is TLS possible? */
	SMTP_EV_SECURE,		/* send OUT, drop all input, start TLS, smtp_server_secured() */
	SMTP_EV_CLOSE		/* send OUT and close; no step after this */
};

enum smtp_state { SMTP_CONNECTING, SMTP_COMMAND, SMTP_ASKED, SMTP_DATA, SMTP_CHUNK, SMTP_SKIP,
		  SMTP_AUTH_LINE, SMTP_SECURING, SMTP_CLOSED };

enum smtp_verb { SMTP_V_HELO, SMTP_V_EHLO, SMTP_V_STARTTLS, SMTP_V_AUTH, SMTP_V_MAIL, SMTP_V_RCPT,
		 SMTP_V_DATA, SMTP_V_BDAT, SMTP_V_RSET, SMTP_V_NOOP, SMTP_V_VRFY, SMTP_V_HELP,
		 SMTP_V_QUIT, SMTP_V_UNKNOWN, SMTP_VERBS };

/* Policy as data; borrowed, may be shared by sessions. Times in ms. */
struct smtp_server_conf {
	const char *hostname, *banner;
	int64_t size_limit;		/* announced by SIZE; 0: no limit */
	size_t line_max;
	unsigned recipient_limit, recipient_overshoot_limit;
	unsigned soft_errors, hard_errors, junk_limit;
	int64_t error_sleep_ms;
	unsigned bare_lf_code;		/* smtpd_forbid_bare_newline_reject_code */
	bool helo_required, strict_envelopes, vrfy_disabled, smtputf8, broken_auth_clients;
	bool tls_required;		/* before all but PRE_TLS commands */
	bool forbid_pipelining;		/* smtpd_forbid_unauth_pipelining */
	bool stand_alone;		/* sendmail -bs: no network, so no network's manners */
	bool keeps_cr;			/* cleanup_replace_stray_cr_lf = no */
	bool soft_bounce;		/* refusals for good are said as for now */
	bool (*is_forbidden)(void *ctx, struct slice verb);	/* NULL: none */
	bool (*is_noop)(void *ctx, struct slice verb);		/* smtpd_noop_commands; NULL */
	void *ctx;
	/* May add to TEXT, the text of R, a refusal before soft_bounce; LF in it ends lines. */
	void (*footer)(struct smtp_server *s, const struct smtp_reply *r, struct buf *text);
};

/* What an event is about; borrowed until the next step. */
struct smtp_server_data {
	struct slice name, address, data, note;
	struct slice given;		/* the address as the client wrote it, for logs */
	const struct smtp_mail_params *mail;
	const struct smtp_rcpt_params *rcpt;
	int64_t pause_ms;
	bool has_data, note_is_warning, is_extended /* EHLO */;
};

struct smtp_server {
	const struct smtp_server_conf *conf;
	/* The owner's to set, at any time: what this client is offered now. */
	unsigned features;		/* EHLO keywords; AUTH and STARTTLS also need the below */
	const char *mechanisms;		/* blank separated; NULL or "": no AUTH now */
	const char *client;		/* "name[address]", for notes */
	enum smtp_eol_policy eol;
	/* Read-only for the owner. */
	struct smtp_server_data ev;
	enum smtp_state state;
	enum smtp_event asked;
	enum smtp_verb verb;		/* of the command at hand, or the last one */
	bool extended, secure, authenticated, in_transaction, denied, saw_bare_lf;
	unsigned rcpt_count;		/* accepted in this transaction */
	int64_t content_bytes;		/* received for this message, as counted on the wire */
	char helo[SMTP_HELO_MAX + 1];
	/* Private. */
	bool told, answered, abort_due, cancel_due, must_close, paused, ill_pipelining;
	bool chunk_is_last;
	enum { SMTP_NOTE_NONE, SMTP_NOTE_INFO, SMTP_NOTE_WARNING, SMTP_NOTE_REJECT } note_kind;
	enum { SMTP_BDAT_NONE, SMTP_BDAT_OPEN, SMTP_BDAT_FAILED } bdat;
	int64_t chunk_bytes, chunk_left;
	unsigned overshoot, errors, junk;
	struct smtp_reply reply, skipped;	/* the answer; what to say after a skipped chunk */
	struct smtp_content content;
	struct smtp_mail_params mail;
	struct smtp_rcpt_params rcpt;
	struct buf address, given, held, decoded;
	char note[SMTP_NOTE_MAX], mechanism[SMTP_MECHANISM_MAX + 1];
	struct smtp_count { unsigned total, good; } count[SMTP_VERBS];
};

/* CONF is borrowed. The first step asks SMTP_EV_CONNECT. */
void smtp_server_init(struct smtp_server *s, const struct smtp_server_conf *conf,
		      const char *client);
void smtp_server_done(struct smtp_server *s);

/* CONTENT receives message content in stored form (LF); the owner empties it as it likes, but
 * must make room when told SMTP_EV_CONTENT with less than SMTP_CONTENT_ROOM left. */
enum smtp_event smtp_server_step(struct smtp_server *s, struct slice *in, struct buf *out,
				 struct buf *content);

/* Answers to what was asked. REPLY NULL: yes, with the usual text. A reply of 421 or 521 is sent
 * and ends the session. */
void smtp_server_answer(struct smtp_server *s, const struct smtp_reply *reply);
void smtp_server_queued(struct smtp_server *s, struct slice queue_id);
void smtp_server_challenge(struct smtp_server *s, struct slice data);	/* not encoded */
void smtp_server_authenticated(struct smtp_server *s);
void smtp_server_secured(struct smtp_server *s);	/* the handshake after EV_SECURE is done */

/* The client was silent for too long: says goodbye; close after sending OUT. */
void smtp_server_timed_out(struct smtp_server *s, struct buf *out);
void smtp_server_close(struct smtp_server *s);	/* no step after this */

/* "DATA (1234 bytes)", "UNKNOWN", "CONNECT": for "lost connection after ..." lines. */
void smtp_server_where(const struct smtp_server *s, struct buf *out);
/* "ehlo=1 mail=1 rcpt=0/1 commands=2/3 [notes=bare_lf]": the end of a disconnect line. */
void smtp_server_counts(const struct smtp_server *s, struct buf *out);

/* Words of smtpd_discard_ehlo_keywords; 0 for one that Buzon does not announce (accepted). */
unsigned smtp_feature_by_name(struct slice name);

#endif
