/* auth/fields.h - extra fields of a password database's line: what they mean for a login.
 *
 * Pure. Known: user (the name is another), nopassword, nologin, reason, nodelay, allow_nets, and
 * userdb_NAME, kept for prefetch. Fields of login proxying (proxy, host ...) are refused: a user
 * that has them belongs to another machine and must not be let in here. Others are nobody's and
 * skipped. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_FIELDS_H
#define AUTH_FIELDS_H

#include "auth/dbspec.h"
#include "auth/expand.h"
#include "auth/name.h"
#include "auth/passwd_file.h"

enum { FIELDS_TEXT_MAX = 255, FIELDS_PREFETCH_MAX = 2048 };

struct fields {
	char user[NAME_MAX_BYTES + 1];		/* empty: unchanged */
	char reason[FIELDS_TEXT_MAX + 1];	/* of nologin, for the user */
	char nets[1024];			/* allow_nets */
	bool has_nets;
	bool is_disabled;
	bool has_no_password;
	bool no_delay;
	struct buf prefetch;			/* name=value, NUL between */
};

void fields_init(struct fields *f);
void fields_done(struct fields *f);

/* VALUE.p is NULL for a bare name; it is expanded. */
enum rc fields_take(struct fields *f, struct slice name, struct slice value,
		    const struct expand_vars *vars, struct err *err);

/* ADDR is the client's as text, empty for a local one; NETS are addresses and networks separated by
 * commas, and the word local. An address that cannot be read is in no network. */
bool fields_net_allowed(struct slice nets, struct slice addr);

#endif
