/* lib/sasl/password.h - stored passwords: "{SCHEME}hash" as Dovecot and others write them.
 *
 * Pure but for the time it takes: password_verify() of a costly one runs for milliseconds and, with
 * Argon2, in megabytes; an event loop gives it to a worker. Comparisons take the same time
 * wherever the bytes differ; what was computed is wiped.
 *
 * Schemes: PLAIN CLEAR CLEARTEXT; SHA SHA1 SHA256 SHA512 and SSHA SSHA256 SSHA512; PLAIN-MD5 LDAP-MD5
 * SMD5; CRYPT and DES-CRYPT MD5-CRYPT SHA256-CRYPT SHA512-CRYPT BLF-CRYPT, all of which take whatever
 * crypt(5) can (so yescrypt, scrypt, bcrypt); ARGON2I ARGON2ID; PBKDF2. A suffix .B64, .BASE64 or
 * .HEX tells how the hash is written. Weak ones are taken, so that an old passwd-file keeps
 * working; password_is_weak() is for a warning. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SASL_PASSWORD_H
#define LIB_SASL_PASSWORD_H

#include "lib/base/slice.h"

enum {
	PASSWORD_STORED_MAX = 1024,	/* bytes of a stored password with its scheme */
	PASSWORD_SCHEME_MAX = 32
};

enum password_code { PASSWORD_AS_IS, PASSWORD_BASE64, PASSWORD_HEX };

struct password_scheme;

struct password {
	const struct password_scheme *scheme;
	enum password_code code;	/* how HASH is written */
	struct slice hash;		/* borrowed from what was parsed */
};

/* STORED without "{...}" has the scheme named DEFAULT_SCHEME. RC_SYNTAX: no such scheme, or it
 * cannot be of this scheme; RC_LIMIT: too long. ERR never shows the hash. */
enum rc password_parse(struct slice stored, struct slice default_scheme, struct password *out,
		       struct err *err);

bool password_scheme_is_known(struct slice name);

/* Longer than about a tenth of a millisecond. */
bool password_is_costly(const struct password *p);

/* Made for other days: a leaked hash is soon a password. */
bool password_is_weak(const struct password *p);

/* In capitals, without suffix. */
const char *password_scheme_name(const struct password *p);

/* RC_OK: PLAIN is the password. RC_DENIED: it is not, or the account is locked ("!", "*").
 * RC_SYNTAX: the stored hash is damaged. RC_TEMP: no memory for Argon2. PLAIN with NUL or longer
 * than SASL_PASSWORD_MAX is RC_DENIED. */
enum rc password_verify(const struct password *p, struct slice plain, struct err *err);

#endif
