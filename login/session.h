/* login/session.h - one client from its connection to its hand-over or its end.
 *
 * A session that logs in without TLS ends here once a job serves the client; under TLS it stays as a
 * relay. One that is closed while auth is checking lives on without its connection until auth has
 * answered: the log tells every failed attempt. */
/* SPDX-License-Identifier: ISC */
#ifndef LOGIN_SESSION_H
#define LOGIN_SESSION_H

#include "lib/event/conn.h"
#include "login/login.h"
#include "login/say.h"

enum session_state {
	SESSION_NEW,		/* auth is not there yet, or TLS from the start not yet done */
	SESSION_TALK,		/* commands */
	SESSION_TLS,		/* handshake after STARTTLS */
	SESSION_AUTH,		/* auth is checking */
	SESSION_HANDOVER,	/* the broker is making a job */
	SESSION_RELAY,		/* a job serves the client; we carry bytes */
	SESSION_CLOSING,	/* last words are being sent */
	SESSION_OVER
};

enum { SESSION_IN_MAX = 8192, SESSION_INITIAL_MAX = 8192, SESSION_OUT_MAX = 262144,
       SESSION_USER_MAX = 256 };

struct session {
	struct list link;		/* login.waiting */
	struct list stranger;		/* login.strangers */
	struct list by_request;		/* login.asked or login.handed */
	struct login *login;
	enum session_state state;
	struct conn conn;		/* the client */
	struct conn job;		/* under TLS: our end of the socketpair */
	bool has_conn, has_job, has_engine, is_stranger;
	struct proto_state engine;
	uint32_t request_id;		/* of login.asked or login.handed; 0: none */
	bool is_tls, is_secured, is_exchanging;
	bool gave_up;			/* the last exchange: the client's own end of it */
	int queued_fd;			/* for the job, while the broker is not there; or -1 */
	int pair_fd;			/* under TLS: our end of the pair before the relay; or -1 */
	char remote_addr[48], local_addr[48];
	uint16_t remote_port, local_port;
	char id[24];
	char user[SESSION_USER_MAX + 1], method[32];
	struct buf initial;		/* as sent to auth, in case it must be asked again; wiped */
	bool has_initial, was_challenged;
	char token[32];
	size_t token_n;
	char tls_error[128];
	int64_t began_ms, auth_began_ms;
	unsigned attempts, successes;
	bool tried_plaintext, tried_unknown_mech, was_disabled, was_expired, never_greeted;
	const char *end_reason;		/* said once the session is over */
	struct timer timer;		/* the client's time, then the broker's */
	struct task death;
};

/* The only way to change the state. */
void session_set_state(struct session *s, enum session_state state);

/* FD is a client's socket, non-blocking; taken over. */
void session_new(struct login *l, int fd);

/* Auth has told its mechanisms: greet. */
void session_greet(struct session *s);

/* What auth and the broker say. */
void session_challenged(struct session *s, struct slice data);
void session_accepted(struct session *s, struct slice user, struct slice token);
void session_refused(struct session *s, enum proto_fail why, struct slice user,
		     struct slice reason);
void session_started(struct session *s, uint32_t job_pid);
void session_not_started(struct session *s, bool is_temporary, struct slice reason);

/* login/ask.c: a question to auth; it is asked again when auth is replaced before it has answered. */
void ask_start(struct session *s, const struct proto_ask *ask);
/* False: auth has forgotten us. */
bool ask_continue(struct session *s, struct slice data);
void ask_cancel(struct session *s);
void ask_done(struct session *s);	/* the session ends */

/* login/handover.c: FD is taken over. */
void handover(struct session *s, int fd);

/* login/relay.c: carry bytes between conn and job, from now on. */
void relay_start(struct session *s);

/* End of everything; safe at any time, frees in a deferred task. */
void session_end(struct session *s);

#endif
