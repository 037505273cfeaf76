/* auth/dbspec.h - one element of auth_passdbs or auth_userdbs, taken apart.
 *
 *	pam			TYPE
 *	passwd-file:/etc/users	TYPE:ARGUMENT
 *	{ passwd-file:/etc/users, scheme=PLAIN, username_format=%n, home=/var/vmail/%d/%n }
 *
 * In braces, behind the type, stand NAME=VALUE or NAME, separated by commas or blanks: the options
 * the type knows, and fields. Fields of a user database stand in where a user's line says nothing
 * (as Dovecot's default_fields); those of a password database are its extra fields. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_DBSPEC_H
#define AUTH_DBSPEC_H

#include "lib/base/arena.h"

enum db_type {
	DB_PAM,			/* passdb; ARG: file in /etc/pam.d */
	DB_PASSWD_FILE,		/* both; ARG: path */
	DB_STATIC,		/* both */
	DB_PASSWD,		/* userdb: the system's users */
	DB_PREFETCH		/* userdb: what the passdb's line already said */
};

struct db_field {
	struct db_field *next;
	const char *name;
	const char *value;	/* NULL: bare name */
};

struct db_spec {
	struct db_spec *next;
	enum db_type type;
	const char *arg;		/* "" when there is none */
	const char *scheme;		/* passdb: of passwords that name none; "CRYPT" */
	const char *username_format;	/* of the key looked up; NULL: as it is */
	bool is_deny;			/* passdb: who is found in it is refused */
	bool allow_all_users;		/* userdb static: whether the passdbs know him or not */
	struct db_field *fields;	/* in order */
};

enum db_kind { DB_FOR_PASSWORDS = 1, DB_FOR_USERS = 2 };

/* WORD is one element of the list. Everything is copied into ARENA. RC_SYNTAX with what and why. */
enum rc db_spec_parse(struct slice word, enum db_kind kind, struct arena *arena,
		      struct db_spec **out, struct err *err);

const char *db_type_name(enum db_type type);

#endif
