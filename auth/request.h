/* auth/request.h - one login attempt, whoever asked for it: SASL, password, token, delay.
 *
 * A front (auth/client.c for our own programs, auth/outside.c for the public protocol) makes requests
 * and is told the outcome by its ops; after success or failure the request is freed by itself. A
 * front that goes away drops its requests with request_drop(). */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_REQUEST_H
#define AUTH_REQUEST_H

#include "auth/check.h"
#include "lib/ipc/auth.h"

enum {
	REQUEST_PATIENCE_MS = 150000,	/* for the client's next message */
	REQUESTS_PER_FRONT = 16384,
	REQUEST_BUCKETS = 256
};

struct request;
struct request_set;

struct request_ops {
	void (*challenge)(struct request *r, struct slice data);
	/* TOKEN is empty unless wanted. */
	void (*success)(struct request *r, struct slice user, struct slice token);
	/* CODE: AUTH_FAIL_... of lib/ipc/auth.h. USER as tried; it and REASON may be empty. */
	void (*failure)(struct request_set *s, uint32_t id, unsigned code, struct slice user,
			struct slice reason);
};

/* The requests of one connection, by their numbers. Ops do not end the set; they may ask for its
 * end in a deferred task. */
struct request_set {
	struct auth *auth;
	const struct request_ops *ops;
	struct list buckets[REQUEST_BUCKETS];
	unsigned n;
	void *owner;
};

enum request_state {
	REQUEST_ASKED,		/* the client owes a message */
	REQUEST_HELD,		/* waits for the failures before it: see penalty.h */
	REQUEST_CHECKING,	/* the databases are asked */
	REQUEST_DELAYED		/* has failed; the answer is held back */
};

struct request {
	struct list link;		/* in a bucket of its set */
	struct list queue;		/* in auth.asked, auth.held or auth.delayed */
	struct request_set *set;
	uint32_t id;
	enum request_state state;
	int64_t due_ms;			/* end of patience, of the penalty, or of the delay */
	int64_t asked_ms;		/* when the databases were asked; 0: not yet */
	bool wants_token;
	struct sasl_server sasl;
	char tried[NAME_MAX_BYTES + 1];	/* for the log */
	struct check check;
	unsigned fail_code;
	char fail_reason[FIELDS_TEXT_MAX + 1];
};

/* What a client says of itself and its own client; slices are copied. */
struct request_origin {
	uint32_t id;
	struct slice service, mechanism, local_addr, remote_addr, session;
	bool wants_token;
};

void request_set_init(struct request_set *s, struct auth *a, const struct request_ops *ops,
		      void *owner);
void request_set_done(struct request_set *s);	/* drops all */

/* INITIAL.p NULL: no initial response. RC_SYNTAX: the number is in use, or a text is too long: the
 * peer is at fault and to be dropped. Otherwise the ops tell, perhaps before this returns; too many
 * at once is a temporary failure without delay. */
enum rc request_start(struct request_set *s, const struct request_origin *o, struct slice initial,
		      struct err *err);

/* RC_END: there is no such request any more (its end crossed the message), to be ignored.
 * RC_SYNTAX: it does not wait for a message, the peer is to be dropped. */
enum rc request_continue(struct request_set *s, uint32_t id, struct slice data, struct err *err);

/* What the client sent cannot be decoded: this request fails. */
enum rc request_garbled(struct request_set *s, uint32_t id, struct err *err);

/* Forget it; no op is called. Unknown ids are harmless: answers cross cancels. */
void request_cancel(struct request_set *s, uint32_t id);

/* Fail at once a request that could not even start (mechanism, encoding): same delay, same answer. */
enum rc request_refuse(struct request_set *s, const struct request_origin *o, unsigned code,
		       struct err *err);

/* Nobody waits any longer: see auth_drain(). */
void request_end_waiting(struct auth *a);

/* Timers of auth/auth.h. */
void request_on_delay(struct timer *t);
void request_on_patience(struct timer *t);
void request_on_held(struct timer *t);

#endif
