/* login/proto.h - IMAP and POP3 before a login behind one interface, for the session.
 *
 * Each is an engine without I/O (lib/imap/prelogin.h, lib/pop3/prelogin.h) in the clothes of this
 * table. Bytes for the client are appended to OUT. */
/* SPDX-License-Identifier: ISC */
#ifndef LOGIN_PROTO_H
#define LOGIN_PROTO_H

#include "lib/base/buf.h"
#include "lib/imap/prelogin.h"
#include "lib/pop3/prelogin.h"

/* What the engine needs to know; changes once, when TLS begins. Strings outlive the session. */
struct proto_env {
	const char *greeting;
	const char *mechs;		/* SASL mechanisms that may be used now, by blanks */
	const char *imap_capability, *imap_id;
	bool takes_plaintext;		/* a password may be sent now */
	bool has_tls, is_tls;		/* offered; active */
};

enum proto_event {
	PROTO_MORE,		/* nothing but to feed more */
	PROTO_STARTTLS,		/* send, drop all input, shake hands, then secured() */
	PROTO_AUTH,		/* check mech and data; then challenge(), fail(), or the end */
	PROTO_RESPONSE,		/* data answers the last challenge; likewise */
	PROTO_CANCEL,		/* the client gave its exchange up; it has been answered */
	PROTO_CLOSE		/* send, then close: reason says why */
};

enum proto_fail {
	PROTO_FAIL_CREDENTIALS, PROTO_FAIL_TEMPORARY, PROTO_FAIL_AUTHORIZATION, PROTO_FAIL_EXPIRED,
	PROTO_FAIL_DISABLED, PROTO_FAIL_PLAINTEXT, PROTO_FAIL_MECHANISM, PROTO_FAIL_LIMIT
};

/* What an event brings; valid until the next call. */
struct proto_ask {
	struct slice mech;
	struct slice data;	/* decoded; p NULL: no initial response */
	const char *reason;
};

/* The engine of one session. MEM is for answers that must be decoded; wiped. */
struct proto_state {
	union {
		struct imap_prelogin imap;
		struct {
			struct pop3_prelogin engine;
			struct pop3_prelogin_config config;
			struct buf mem;
		} pop3;
	};
	char capability[800];
};

struct proto {
	const char *service;	/* what auth knows it by: "imap" */
	const char *broker;	/* who takes over after the login: "imapd" */
	void (*init)(struct proto_state *p, const struct proto_env *env, struct buf *out);
	void (*done)(struct proto_state *p);
	enum proto_event (*feed)(struct proto_state *p, struct slice in, size_t *ret_used,
				 struct buf *out, struct proto_ask *ask);
	void (*challenge)(struct proto_state *p, struct slice data, struct buf *out);
	void (*fail)(struct proto_state *p, enum proto_fail why, struct slice text,
		     struct buf *out);
	void (*secured)(struct proto_state *p, const struct proto_env *env);
	void (*bye)(struct proto_state *p, const char *text, struct buf *out);
	/* For the program that takes over: tag of the login command, and whether CAPABILITY was
	 * asked for. */
	struct slice (*tag)(const struct proto_state *p, bool *ret_tell_capability);
};

extern const struct proto proto_imap, proto_pop3;

#endif
