/* smtpd/restrict.h - lists of restrictions: compiled from parameters, judged for one command.
 *
 * Judging is straight-line and free of effects: it is abandoned when a table answers later
 * (V_MORE) and done again from the start. What it wants logged is collected and logged when the
 * verdict stands. */
/* SPDX-License-Identifier: ISC */
#ifndef SMTPD_RESTRICT_H
#define SMTPD_RESTRICT_H

#include "smtpd/session.h"

enum stage { STAGE_CLIENT, STAGE_HELO, STAGE_SENDER, STAGE_RELAY, STAGE_RECIPIENT, STAGE_DATA,
	     STAGE_END, N_STAGES };

enum verdict { V_DUNNO, V_PERMIT, V_REJECT, V_MORE };

struct check;
struct clause;

/* One line of the table in checks.c; later work adds lines. */
struct restriction {
	const char *name;
	unsigned stages;	/* bits: where it may stand with smtpd_delay_reject = no */
	enum { ARG_NONE, ARG_TABLE } arg;
	enum verdict (*judge)(struct check *c, const struct clause *cl);
	int kind;		/* for judges that serve several names */
};

struct clauses {
	struct clause *v;
	size_t n;
};

struct clause {
	const struct restriction *what;
	struct table *table;		/* ARG_TABLE; owned */
	const struct clauses *class;	/* of smtpd_restriction_classes; what is NULL then */
};

/* The judgement of one command. */
struct check {
	struct session *s;
	struct smtpd *d;
	struct address_query q;
	const char *where;		/* "RCPT", for the log */
	enum stage stage;		/* of the list at hand */
	struct slice sender, recipient;	/* standard form; recipient.p NULL: none */
	struct slice given;		/* the recipient as the client wrote it */
	bool has_route;			/* route is set */
	bool knows_rcpt, knows_sender;	/* reject_unlisted_recipient, _sender was judged */
	struct address_route route;
	struct smtp_reply reply;	/* with V_REJECT */
	bool warns;			/* warn_if_reject stands before */
	struct smtp_reply defer_if_permit, defer_if_reject;	/* code 0: none */
	struct buf notes;		/* lines for the log: verb, reply, LF */
	bool hold, discard;
	struct slice prepend;
	int depth;
	struct err err;
};

/* Compile all lists; faults for unknown names, and when nothing protects from relaying. */
void restrict_load(struct smtpd *d, const struct conf *c, struct faults *faults);
void restrict_free(struct restrictions **r);
bool restrict_has_changed(const struct restrictions *r, int64_t now_ms);

/* A check of S's command; release with check_done(). SENDER and RECIPIENT as in the envelope. */
void check_init(struct check *c, struct session *s, const char *where);
void check_done(struct check *c);

/* Judge by the lists that belong to an event, in their order. V_PERMIT and V_DUNNO: go on. */
enum verdict check_client(struct check *c);
enum verdict check_helo(struct check *c);
enum verdict check_sender(struct check *c, struct slice sender);
enum verdict check_rcpt(struct check *c, struct slice recipient, struct slice given);
enum verdict check_data(struct check *c);
enum verdict check_end(struct check *c);
/* Is the client one of local_header_rewrite_clients? */
enum verdict check_is_local(struct check *c);

/* Log what the judging collected, take over hold, discard, prepend. */
void check_settle(struct check *c);

/* For judges. */
enum verdict check_reject(struct check *c, unsigned code, const char *dsn, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
enum verdict check_table_fault(struct check *c, enum rc rc, const char *what);	/* MORE, TEMP */
void check_warn(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *check_class(const struct check *c);		/* "Recipient address" */
struct slice check_name(const struct check *c);		/* "a@b", "name[addr]" */
enum verdict check_unlisted_rcpt(struct check *c);
enum verdict check_unlisted_sender(struct check *c);
enum verdict access_judge(struct check *c, const struct clause *cl);
const struct restriction *restriction_find(struct slice name);
/* Words of an access table's value that are restrictions themselves. */
enum verdict restrict_words(struct check *c, struct slice words);

#endif
