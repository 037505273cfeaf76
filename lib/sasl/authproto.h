/* lib/sasl/authproto.h - the Dovecot authentication protocol, version 1, server's side.
 *
 * Pure. The public protocol by which Exim, Postfix and others ask auth: lines of TAB separated
 * fields, ended by LF. It is multiplexed: one connection carries the logins of many strangers. So
 * a line is refused as a whole only when the program at the other end is at fault; what a
 * stranger can influence (mechanism, base64) fails his request alone. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SASL_AUTHPROTO_H
#define LIB_SASL_AUTHPROTO_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

enum {
	AUTHPROTO_LINE_MAX = 16384,	/* bytes, LF included */
	AUTHPROTO_MAJOR = 1,
	AUTHPROTO_MINOR = 2
};

enum authproto_verb {
	AUTHPROTO_OTHER,	/* a verb of a newer minor version: to be ignored */
	AUTHPROTO_VERSION,
	AUTHPROTO_CPID,
	AUTHPROTO_AUTH,
	AUTHPROTO_CONT,
	AUTHPROTO_CANCEL
};

/* One line taken apart. Slices borrow from the line or from the arena given. */
struct authproto_line {
	enum authproto_verb verb;
	uint32_t major, minor;	/* VERSION */
	uint32_t pid;		/* CPID */
	uint32_t id;		/* AUTH, CONT, CANCEL */
	struct slice mech;	/* AUTH */
	struct slice service, session, local_addr, remote_addr;
	uint16_t local_port, remote_port;
	bool is_secured;
	bool has_response;	/* AUTH: resp= was given */
	struct slice response;	/* AUTH, CONT: base64, not yet checked */
};

/* LINE is without its LF. RC_SYNTAX: the peer does not speak the protocol; RC_LIMIT: ARENA is
 * full (AUTHPROTO_LINE_MAX bytes are always enough). */
enum rc authproto_parse(struct slice line, struct arena *arena, struct authproto_line *out,
			struct err *err);

/* The whole handshake, to be sent at once: peers differ in who they expect to speak first. */
void authproto_put_hello(struct buf *out);
void authproto_put_mech(struct buf *out, const char *name, bool is_plaintext);
/* COOKIE is 16 random bytes. */
void authproto_put_done(struct buf *out, uint32_t server_pid, uint32_t connection,
			const unsigned char cookie[16]);

void authproto_put_cont(struct buf *out, uint32_t id, struct slice data);
/* DATA is the mechanism's last word, mostly empty. */
void authproto_put_ok(struct buf *out, uint32_t id, struct slice user, struct slice data);

enum authproto_code {
	AUTHPROTO_WRONG,	/* no code: wrong name or password */
	AUTHPROTO_TEMP_FAIL,
	AUTHPROTO_AUTHZ_FAIL,
	AUTHPROTO_USER_DISABLED,
	AUTHPROTO_PASS_EXPIRED,
	AUTHPROTO_INVALID_BASE64
};
/* USER and REASON may be empty. */
void authproto_put_fail(struct buf *out, uint32_t id, enum authproto_code code,
			struct slice user, struct slice reason);

#endif
