/* auth/check.h - does this password belong to this user? The chain of password databases.
 *
 * Embedded in a request; asynchronous, for costly hashes and PAM are workers' work. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_CHECK_H
#define AUTH_CHECK_H

#include "auth/auth.h"
#include "auth/fields.h"
#include "lib/sasl/password.h"

enum check_verdict {
	CHECK_YES,
	CHECK_WRONG,	/* unknown user or wrong password: nobody is told which */
	CHECK_TEMP,
	CHECK_DISABLED,
	CHECK_EXPIRED
};

struct check {
	struct auth *auth;
	char name[NAME_MAX_BYTES + 1];	/* canonical; a database's field user may change it */
	struct slice password;		/* the owner's, until DONE */
	char service[TOKEN_SERVICE_MAX + 1];
	char remote_addr[64], local_addr[64];
	char session[TOKEN_SESSION_MAX + 1];
	size_t at;			/* database being asked */
	bool has_failed;		/* one could not be asked */
	struct job job;
	char pam_service[64];
	char stored[PASSWORD_STORED_MAX + 1];	/* a file may be read anew while a worker works */
	struct fields fields;		/* of the database that decided */
	enum check_verdict verdict;
	void (*done)(struct check *c);
};

/* C was zeroed and given name, password, service, addresses, session. DONE may be called before
 * this returns. */
void check_start(struct check *c, struct auth *a, void (*done)(struct check *));
void check_done(struct check *c);	/* also ends one that is on its way; wipes */

#endif
