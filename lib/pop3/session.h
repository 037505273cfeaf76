/* lib/pop3/session.h - a POP3 session after login: the TRANSACTION state (RFC 1939, 5).
 *
 * Pure: bytes in, bytes and events out. The caller (pop3d) owns the input buffer, the table of
 * messages made at login, and the mailbox; the engine keeps the marks. Reply texts are
 * Dovecot's. Nothing is deleted or flagged here: at QUIT the caller reads the marks and says
 * how that went. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_POP3_SESSION_H
#define LIB_POP3_SESSION_H

#include "lib/base/buf.h"
#include "lib/pop3/stuff.h"
#include "lib/pop3/uidl.h"

enum {
	POP3_LINE_MAX = 2048,	/* bytes of a line, LF included: the input buffer's size */
	POP3_BAD_MAX = 20,	/* bad commands in a row before the engine closes */
	POP3_OUT_MIN = 4096	/* least room in OUT at each call */
};

struct pop3_msg {
	uint64_t size_bytes;	/* as LIST tells */
	bool deleted;		/* DELE since the last RSET */
	bool retrieved;		/* RETR since the last RSET: to be marked \Seen */
};

/* Writes the unique id of message INDEX (from 0), at most POP3_UIDL_MAX bytes. */
typedef void pop3_uidl_fn(void *ctx, uint32_t index, struct buf *out);

enum pop3_listing { POP3_LISTING_NONE, POP3_LISTING_SIZES, POP3_LISTING_UIDS };

struct pop3_session {
	struct pop3_msg *msgs;
	uint32_t n;
	pop3_uidl_fn *uidl;
	void *uidl_ctx;
	uint64_t total_bytes;	/* of all messages at login */
	uint64_t deleted_bytes;
	uint32_t n_deleted;
	unsigned bad;
	enum pop3_listing listing;	/* an answer not yet written whole */
	uint32_t listing_at;
	uint32_t sending;		/* message number, 0: none */
	uint64_t sending_lines;
	bool over;
	uint64_t top_count, top_bytes, retr_count, retr_bytes;	/* for the log */
};

enum pop3_what {
	POP3_NOTHING,	/* feed again if bytes were used, else read more */
	POP3_FLUSH,	/* send OUT, then feed again: an answer goes on */
	POP3_SEND,	/* send message .number by pop3_session_send_ok() or _send_failed() */
	POP3_QUIT,	/* apply the marks, then pop3_session_quit() */
	POP3_CLOSE	/* send OUT, close; .reason for the log */
};

struct pop3_event {
	enum pop3_what what;
	uint32_t number;	/* from 1 */
	const char *reason;
};

/* MSGS (N of them) and UIDL stay valid for the life of the engine; no allocation, no done. */
void pop3_session_init(struct pop3_session *s, struct pop3_msg *msgs, uint32_t n,
		       pop3_uidl_fn *uidl, void *ctx);

/* Take at most one line off the front of IN; *RET_USED is 0 when it is not complete. OUT has
 * POP3_OUT_MIN bytes of room. */
void pop3_session_feed(struct pop3_session *s, struct slice in, size_t *ret_used,
		       struct buf *out, struct pop3_event *ev);

/* Answer to POP3_SEND: the "+OK" line is written and E is ready for the content, which the
 * caller runs through pop3_stuff_feed() and _end(); then _sent() counts it. */
void pop3_session_send_ok(struct pop3_session *s, struct pop3_stuff *e, struct buf *out);
void pop3_session_sent(struct pop3_session *s, const struct pop3_stuff *e);

/* The message could not be read (RC_END: it has vanished); nothing of it was sent. */
void pop3_session_send_failed(struct pop3_session *s, bool vanished, struct buf *out);

/* Answer to POP3_QUIT: OK says whether all marks were applied. */
void pop3_session_quit(struct pop3_session *s, bool ok, struct buf *out);

/* "top=T/B, retr=R/B, del=D/N, size=S": Dovecot's default pop3_logout_format. DELETED is what
 * really went. */
void pop3_session_summary(const struct pop3_session *s, uint32_t deleted, struct buf *out);

#endif
