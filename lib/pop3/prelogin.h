/* lib/pop3/prelogin.h - a POP3 session before login: greeting, CAPA, STLS, USER/PASS, AUTH, QUIT.
 *
 * Pure: bytes in, bytes and events out; no clock, no I/O, no allocation. Used by the program
 * login; what follows a login is lib/pop3/session.h in pop3d. The caller keeps the input
 * buffer: each call looks at its front, says exactly how many bytes it used, and never touches
 * what stands behind a finished command, so those bytes can be handed to pop3d (or, after
 * STLS, must be thrown away). Replies are appended to OUT, Dovecot's texts. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_POP3_PRELOGIN_H
#define LIB_POP3_PRELOGIN_H

#include "lib/base/buf.h"

enum {
	POP3_PRELOGIN_LINE_MAX = 8192,	/* bytes of a line, LF included: the input buffer's size */
	POP3_PRELOGIN_USER_MAX = 255,
	POP3_PRELOGIN_BAD_MAX = 3	/* bad commands before the engine closes, as Dovecot */
};

/* Borrowed for the life of the engine (or until pop3_prelogin_secured). */
struct pop3_prelogin_config {
	const char *greeting;	/* "Dovecot ready."; NULL is "Buzon ready." */
	const char *mechs;	/* SASL mechanisms that may be used now, by blanks: "PLAIN LOGIN" */
	bool cleartext;		/* USER/PASS may be used now */
	bool tls_offered;	/* STLS is possible */
	bool tls_active;
};

enum pop3_prelogin_state {
	POP3_PRELOGIN_COMMAND,	/* reading commands */
	POP3_PRELOGIN_WAIT,	/* the caller owes an answer about an authentication */
	POP3_PRELOGIN_SASL,	/* reading the client's answer to a SASL challenge */
	POP3_PRELOGIN_STLS,	/* TLS is being negotiated */
	POP3_PRELOGIN_OVER	/* logged in, or to be closed */
};

struct pop3_prelogin {
	const struct pop3_prelogin_config *config;
	enum pop3_prelogin_state state;
	unsigned bad;			/* bad commands so far */
	size_t user_n;
	bool has_user;
	char user[POP3_PRELOGIN_USER_MAX];
};

enum pop3_prelogin_what {
	POP3_PRELOGIN_NOTHING,	/* feed again if bytes are left over and some were used */
	POP3_PRELOGIN_PASS,	/* USER and PASS: .user and .pass are to be checked (as PLAIN) */
	POP3_PRELOGIN_AUTH,	/* AUTH: .mech, and .response when .has_response (base64) */
	POP3_PRELOGIN_RESPONSE,	/* .response answers the challenge (base64, maybe empty) */
	POP3_PRELOGIN_CANCEL,	/* "*": the exchange is off, its reply is in OUT */
	POP3_PRELOGIN_START_TLS,	/* send OUT, drop all unread input, start TLS */
	POP3_PRELOGIN_CLOSE	/* send OUT, close; .reason for the log */
};

/* Slices borrow from the input or from the engine, until the next call. */
struct pop3_prelogin_event {
	enum pop3_prelogin_what what;
	struct slice user, pass;
	struct slice mech;
	struct slice response;
	bool has_response;	/* an initial response was given; "=" gives an empty one */
	const char *reason;
};

void pop3_prelogin_init(struct pop3_prelogin *p, const struct pop3_prelogin_config *config);
void pop3_prelogin_done(struct pop3_prelogin *p);	/* forgets the user's name */

/* "+OK greeting": once, at the start (after the handshake on a port that begins with TLS). */
void pop3_prelogin_greet(const struct pop3_prelogin *p, struct buf *out);

/* Take at most one line off the front of IN. *RET_USED is 0 when the line is not complete, or
 * the state is WAIT, STLS or OVER. IN of POP3_PRELOGIN_LINE_MAX bytes without LF closes. */
void pop3_prelogin_feed(struct pop3_prelogin *p, struct slice in, size_t *ret_used,
			struct buf *out, struct pop3_prelogin_event *ev);

/* The caller's answers in state WAIT. CHALLENGE is base64 already. */
void pop3_prelogin_challenge(struct pop3_prelogin *p, struct slice challenge, struct buf *out);

enum pop3_prelogin_fail {
	POP3_FAIL_AUTH,		/* -ERR [AUTH]: wrong, unknown, disabled */
	POP3_FAIL_TEMP,		/* -ERR [SYS/TEMP]: the server's own trouble */
	POP3_FAIL_LIMIT,	/* -ERR [IN-USE]: too many connections; the password is right */
	POP3_FAIL_MECH,		/* mechanism not supported */
	POP3_FAIL_BASE64	/* bad base64 in a response; counts as a bad command */
};

/* TEXT NULL: the standard text of WHY. Commands are read again. */
void pop3_prelogin_failed(struct pop3_prelogin *p, enum pop3_prelogin_fail why,
			  const char *text, struct buf *out);

/* Logged in: no reply here, pop3d says +OK; unused input goes with the session. */
void pop3_prelogin_logged_in(struct pop3_prelogin *p);

/* TLS is up (state STLS): what CAPA says now; the user's name is forgotten (RFC 2595, 4). */
void pop3_prelogin_secured(struct pop3_prelogin *p, const struct pop3_prelogin_config *config);

#endif
