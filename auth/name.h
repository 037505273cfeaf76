/* auth/name.h - login names: what may be one, and what is made of it.
 *
 * Pure. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_NAME_H
#define AUTH_NAME_H

#include "lib/base/slice.h"

enum { NAME_MAX_BYTES = 255 };

struct name_rules {
	const char *format;		/* auth_username_format */
	const char *chars;		/* auth_username_chars */
	const char *default_realm;
};

/* A canonical name, NUL-terminated. RC_DENIED with the reason for the log: not a name here. */
enum rc name_canonical(const struct name_rules *rules, struct slice in, char out[NAME_MAX_BYTES + 1],
		       struct err *err);

/* The key under which a database knows USER; FORMAT NULL: USER itself. */
enum rc name_key(const char *format, const char *user, char out[NAME_MAX_BYTES + 1],
		 struct err *err);

#endif
