/* login/say.h - the lines of imap-login and pop3-login, byte for byte Dovecot's.
 *
 * Pure: text for the log sink, which escapes what clients put into it. fail2ban and others read
 * these lines. */
/* SPDX-License-Identifier: ISC */
#ifndef LOGIN_SAY_H
#define LOGIN_SAY_H

#include "lib/base/buf.h"

enum { SAY_MAX = 1024 };

/* What the lines tell of a client. */
struct say_client {
	const char *user, *method;	/* empty: none yet */
	const char *remote_addr, *local_addr, *session;
	const char *tls_error;		/* a handshake that failed; NULL: none */
	bool is_tls, is_secured;
	unsigned attempts, successes;
	unsigned age_s;			/* since the connection began */
	unsigned auth_s;		/* since the first attempt */
	bool tried_plaintext, tried_unknown_mech;
	bool is_exchanging;		/* a SASL exchange that the client did not finish */
	bool is_disabled, is_expired;	/* how the last attempt ended */
	bool never_greeted;		/* auth was not there in time */
};

/* "Login: user=<a>, method=PLAIN, rip=..., lip=..., mpid=1, TLS, session=<x>" */
void say_login(const struct say_client *c, uint32_t job_pid, struct buf *out);

/* "Disconnected: WHY (no auth attempts in 3 secs): user=<>, rip=..." */
void say_end(const struct say_client *c, const char *why, struct buf *out);

#endif
