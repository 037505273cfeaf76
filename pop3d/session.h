/* pop3d/session.h - one POP3 session after login, from "+OK Logged in." to its line in the log.
 *
 * Straight-line blocking code in a process of its own. The mailbox is read once, at the start:
 * what comes later belongs to the next session. Marks (deleted, seen) are applied at QUIT. */
/* SPDX-License-Identifier: ISC */
#ifndef POP3D_SESSION_H
#define POP3D_SESSION_H

#include "lib/store/box.h"
#include "lib/sys/client.h"

/* Borrowed for the session's life. */
struct session_conf {
	struct store_options store;
	struct slice uidl_format;	/* checked */
	bool no_flag_updates;		/* pop3_no_flag_updates */
	bool fast_sizes;		/* pop3_fast_size_lookups */
	bool lock;			/* pop3_lock_session */
	int64_t idle_ms;
	void (*log)(void *arg, bool is_error, const char *text);
	void *log_arg;
};

/* Serve the client behind OPS until it leaves. Returns the exit status of the job. */
int session_run(const struct session_conf *conf, const struct client_ops *ops, void *self);

#endif
