/* auth/user.h - a user as the mail-access and delivery programs need him: ids, home, mail.
 *
 * Pure but for names of ids (auth/ids.h). Fields are set one by one, the first that says something
 * wins; user_finish() checks and fills in the mail location. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_USER_H
#define AUTH_USER_H

#include "auth/expand.h"
#include "auth/ids.h"
#include "auth/name.h"

enum { USER_PATH_MAX = 1024, USER_EXTRA_MAX = 2048 };

struct user_record {
	char name[NAME_MAX_BYTES + 1];
	uid_t uid;
	gid_t gid;
	bool has_uid, has_gid;
	char home[USER_PATH_MAX + 1];	/* empty: not known */
	char mail[USER_PATH_MAX + 1];	/* empty: not yet known */
	struct buf extra;		/* other fields, name=value, NUL behind each but the last */
};

void user_init(struct user_record *u, const char *name);
void user_done(struct user_record *u);

/* VALUE is expanded. An empty one says nothing. RC_SYNTAX, RC_LIMIT, RC_END with what is wrong with
 * the field. */
enum rc user_set(struct user_record *u, struct slice name, struct slice value, struct ids *ids,
		 const struct expand_vars *vars, struct err *err);

/* The addresses of VARS may be empty. RC_PERM: uid, gid or home is missing or not allowed. */
enum rc user_finish(struct user_record *u, const char *mail_location, uid_t first_valid_uid,
		    const struct expand_vars *vars, struct err *err);

#endif
