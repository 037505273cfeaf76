/* auth/lookup.h - who is this user? The chain of user databases.
 *
 * Embedded in whoever asks; asynchronous, for the system's users are asked by a worker. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_LOOKUP_H
#define AUTH_LOOKUP_H

#include "auth/auth.h"
#include "auth/user.h"

struct lookup {
	struct auth *auth;
	char name[NAME_MAX_BYTES + 1];
	char service[TOKEN_SERVICE_MAX + 1];
	char remote_addr[64], local_addr[64];
	struct slice prefetch;		/* owner's; userdb_ fields without prefix, NUL separated */
	size_t at;			/* database being asked */
	bool has_failed;		/* one could not be asked */
	struct user_record user;	/* the answer */
	struct job job;
	bool is_over;
	void (*done)(struct lookup *l, enum rc rc, const struct err *err);
};

/* NAME is canonical. DONE may be called before this returns: RC_OK with l->user; RC_END unknown;
 * RC_TEMP; RC_PERM what the databases say of him cannot be used (in ERR for the log). */
void lookup_start(struct lookup *l, struct auth *a, const char *name, struct slice service,
		  void (*done)(struct lookup *, enum rc, const struct err *));

/* Also ends one that is on its way; then DONE is not called. */
void lookup_done(struct lookup *l);

#endif
