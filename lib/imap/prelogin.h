/* lib/imap/prelogin.h - the server's side of IMAP before login, as an engine without I/O.
 *
 * Bytes and events: the owner feeds what came from the client, sends what is in out, and acts on
 * the event. Commands: CAPABILITY NOOP LOGOUT ID STARTTLS LOGIN AUTHENTICATE (with SASL-IR).
 * Input is consumed exactly up to the end of the command that made the event; while a login is
 * being checked nothing is consumed, so what was pipelined behind it can be handed over.
 * The tagged OK of a login is the session's to say (it knows whether the mailbox opens): hand
 * it imap_prelogin_tag() and asked_capability. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_PRELOGIN_H
#define LIB_IMAP_PRELOGIN_H

#include "lib/imap/parser.h"

enum imap_pre_tls {
	IMAP_PRE_TLS_NONE,	/* no certificate: STARTTLS is refused */
	IMAP_PRE_TLS_OFFERED,
	IMAP_PRE_TLS_ACTIVE
};

/* Borrowed strings must outlive the engine. */
struct imap_prelogin_conf {
	struct slice capability;	/* "IMAP4rev1 SASL-IR LITERAL+ ID STARTTLS AUTH=PLAIN" */
	struct slice greeting;		/* text behind the capability: "Buzon ready." */
	struct slice id;		/* answer to ID: ("name" "Buzon"), or NIL */
	enum imap_pre_tls tls;
	bool login_disabled;		/* LOGIN is refused: no secret over a line in clear */
};

enum imap_pre_event {
	IMAP_PRE_MORE,		/* nothing to do but to send out and feed more */
	IMAP_PRE_STARTTLS,	/* send out, drop all input, handshake, imap_prelogin_tls_started() */
	IMAP_PRE_AUTH,		/* check mech and response, then call challenge or fail, or leave */
	IMAP_PRE_RESPONSE,	/* response answers the last challenge; again challenge or fail */
	IMAP_PRE_CANCEL,	/* the client gave up, already answered: forget the exchange */
	IMAP_PRE_CLOSE		/* send out, then close */
};

/* Why a login failed; each has its response code (RFC 5530) and text. */
enum imap_pre_fail {
	IMAP_PRE_FAIL_CREDENTIALS,
	IMAP_PRE_FAIL_TEMPORARY,
	IMAP_PRE_FAIL_AUTHORIZATION,
	IMAP_PRE_FAIL_EXPIRED,
	IMAP_PRE_FAIL_DISABLED,
	IMAP_PRE_FAIL_PLAINTEXT,	/* mechanism not allowed before TLS */
	IMAP_PRE_FAIL_MECHANISM,	/* unknown mechanism */
	IMAP_PRE_FAIL_LIMIT,		/* too many connections of this user */
	IMAP_PRE_FAIL_COUNT
};

enum imap_pre_state {
	IMAP_PRE_COMMAND,	/* commands are taken */
	IMAP_PRE_BUSY,		/* the owner checks a login */
	IMAP_PRE_ANSWER,	/* the client owes an answer to a challenge */
	IMAP_PRE_SECURING,	/* the owner shakes hands */
	IMAP_PRE_CLOSED
};

struct imap_prelogin {
	struct imap_prelogin_conf conf;
	struct imap_parser parser;
	struct buf out;			/* to the client; consume what was sent */
	char tag[IMAP_TAG_MAX + 1];	/* of the command that waits for the owner */
	struct slice mech;		/* AUTH: upper or lower case as sent; LOGIN gives "PLAIN" */
	struct slice response;		/* AUTH, RESPONSE: decoded; p NULL: no initial response */
	struct buf secret;		/* what response points into; wiped */
	unsigned n_bad;
	bool asked_capability;		/* the client does not read codes: tell it untagged as well */
	bool is_login;			/* the pending exchange is a LOGIN command */
	bool said_logout;		/* IMAP_PRE_CLOSE is the client's wish */
	enum imap_pre_state state;
};

enum {
	IMAP_PRE_BAD_MAX = 3,		/* bad commands before the connection is closed */
	IMAP_PRE_RESPONSE_MAX = 8192	/* bytes of a decoded response */
};

/* CONF is copied. The greeting is in out afterwards. */
void imap_prelogin_init(struct imap_prelogin *p, const struct imap_prelogin_conf *conf);
void imap_prelogin_done(struct imap_prelogin *p);	/* wipes */

/* Take bytes off *IN up to the next event. IMAP_PRE_MORE leaves bytes in *IN while a login is
 * being checked and while much of out is unsent: feed them again when that has
 * changed. mech and response are valid until the next call. */
enum imap_pre_event imap_prelogin_feed(struct imap_prelogin *p, struct slice *in);

/* Tag of the pending login. */
static inline struct slice imap_prelogin_tag(const struct imap_prelogin *p)
{
	return slice_str(p->tag);
}

/* Ask the client on: CHALLENGE is not yet encoded. Only after AUTH (of a mechanism, not LOGIN)
 * and RESPONSE. */
void imap_prelogin_challenge(struct imap_prelogin *p, struct slice challenge);

/* End the exchange with a tagged NO and take commands again. TEXT replaces the usual text when
 * it is not empty (bytes that no reply may hold are left out). */
void imap_prelogin_fail(struct imap_prelogin *p, enum imap_pre_fail why, struct slice text);

/* The handshake is done: nothing said before counts, CAPABILITY is the new one. */
void imap_prelogin_tls_started(struct imap_prelogin *p, struct slice capability);

/* Say BYE with TEXT: idle time is over, the server shuts down. */
void imap_prelogin_bye(struct imap_prelogin *p, struct slice text);

#endif
