/* auth/tokens.h - tokens: proof towards a mail-access broker that a login has succeeded.
 *
 * A token is the number of a place and 128 random bits; it is good once, for one service and for
 * seconds. Found by its place and compared in constant time, so that nothing can be learnt about
 * the bits of others. No I/O but getrandom(2). Not for several processes. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_TOKENS_H
#define AUTH_TOKENS_H

#include "auth/name.h"
#include "lib/base/buf.h"

enum {
	TOKEN_SECRET_BYTES = 16,
	TOKEN_BYTES = 4 + TOKEN_SECRET_BYTES,
	TOKEN_LIFE_MS = 60000,
	TOKENS_MAX = 65536,
	TOKEN_SERVICE_MAX = 16,
	TOKEN_SESSION_MAX = 32
};

/* What a token stands for. */
struct token_grant {
	char user[NAME_MAX_BYTES + 1];
	char service[TOKEN_SERVICE_MAX + 1];
	char session[TOKEN_SESSION_MAX + 1];
	char remote_addr[64], local_addr[64];
	char *prefetch;			/* userdb_ fields of the passdb, NUL separated; owned */
	size_t prefetch_bytes;
};

struct tokens;

struct tokens *tokens_new(void);
void tokens_free(struct tokens **t);

/* GRANT's prefetch passes to the table on success. RC_LIMIT: TOKENS_MAX are out. */
enum rc tokens_issue(struct tokens *t, int64_t now_ms, struct token_grant *grant,
		     unsigned char out[TOKEN_BYTES]);

/* RC_OK: *OUT is the grant (prefetch owned by the caller), and the token is gone. RC_DENIED:
 * unknown, used, too old, or of another service; in the last case it is gone, too. */
enum rc tokens_redeem(struct tokens *t, int64_t now_ms, struct slice token, struct slice service,
		      struct token_grant *out);

size_t tokens_count(const struct tokens *t);

#endif
