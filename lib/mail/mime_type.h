/* lib/mail/mime_type.h - Content-Type, Content-Disposition and their parameters.
 *
 * Pure; results live in the caller's arena or borrow from VALUE. Comments are skipped, quoted
 * strings unquoted. Pieces of one parameter (name*0, name*1*, RFC 2231) are joined; a joined or
 * single extended value keeps its name with a final '*' and its percent encoding, as IMAP
 * clients expect it in BODYSTRUCTURE. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_MIME_TYPE_H
#define LIB_MAIL_MIME_TYPE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

enum { MIME_PARAMS_MAX = 128 };

struct mime_param {
	struct slice name;	/* "charset", "filename", "filename*" */
	struct slice value;
};

struct mime_type {
	struct slice type;	/* "text"; for a disposition the whole token */
	struct slice subtype;	/* "plain"; empty for a disposition */
	struct mime_param *params;
	size_t n_params;
	bool is_cut;		/* more than MIME_PARAMS_MAX, or the arena was full */
};

/* RC_SYNTAX when VALUE does not start with type "/" subtype; OUT is then text/plain without
 * parameters, the default of RFC 2045, 5.2. */
enum rc mime_type_parse(struct slice value, struct arena *a, struct mime_type *out);

/* Token and parameters (RFC 2183). RC_SYNTAX and an empty type without a token. */
enum rc mime_disposition_parse(struct slice value, struct arena *a, struct mime_type *out);

/* Comma-separated Content-Language tags, borrowed from VALUE, into TAGS (at most MAX); returns how
 * many. */
size_t mime_language_parse(struct slice value, struct slice *tags, size_t max);

/* A value that is one token after comments (Content-Transfer-Encoding), else empty. */
struct slice mime_token(struct slice value);

/* Raw value of parameter NAME, {NULL, 0} when absent. */
struct slice mime_param(const struct mime_type *t, struct slice name);

#endif
