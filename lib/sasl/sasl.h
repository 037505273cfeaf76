/* lib/sasl/sasl.h - the server's side of one SASL exchange (RFC 4422).
 *
 * Pure: no I/O, no password source, no base64 (each protocol frames in its own way). Bytes in, and
 * out comes what has to happen next. An exchange is bounded: one message, one name and one
 * password have their limits, and a mechanism ends after as many messages as it has.
 *
 * A mechanism is one struct sasl_mech in a table. PLAIN and LOGIN are ours: GNU SASL prepares
 * (SASLprep) what they carry and refuses what is not UTF-8, so that a password set under Dovecot
 * in Latin-1, or with a no-break space in it, would be lost; and it frees passwords without wiping
 * them. Mechanisms that do not carry the password are to stand on GNU SASL. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SASL_SASL_H
#define LIB_SASL_SASL_H

#include "lib/base/slice.h"

enum {
	SASL_MESSAGE_MAX = 4096,	/* bytes of one message from the client, decoded */
	SASL_NAME_MAX = 255,		/* bytes of an identity */
	SASL_PASSWORD_MAX = 1024
};

enum sasl_flag {
	SASL_PLAINTEXT = 1	/* carries the password: only where nobody listens */
};

enum sasl_next {
	SASL_CHALLENGE,	/* send OUT, then sasl_continue() with the answer */
	SASL_CHECK,	/* over but for the question whether PASSWORD belongs to AUTHCID */
	SASL_MALFORMED	/* over: not what the mechanism allows */
};

struct sasl_server;

struct sasl_mech {
	const char *name;	/* in capitals */
	unsigned flags;
	enum sasl_next (*step)(struct sasl_server *s, struct slice in);
};

/* Embedded in its owner; all slices point into MEM or to constants. */
struct sasl_server {
	const struct sasl_mech *mech;
	struct slice out;	/* challenge */
	struct slice authcid;	/* who proves */
	struct slice authzid;	/* for whom; empty: the same */
	struct slice password;
	unsigned steps;		/* messages taken so far */
	bool is_over;
	size_t used;
	char mem[SASL_NAME_MAX * 2 + SASL_PASSWORD_MAX];
};

/* NULL: none of that name. ASCII case is ignored. */
const struct sasl_mech *sasl_mech_find(struct slice name);

/* The I-th mechanism, NULL behind the last. */
const struct sasl_mech *sasl_mech_at(size_t i);

void sasl_server_init(struct sasl_server *s, const struct sasl_mech *mech);

/* Wipes everything the client sent; twice is harmless. */
void sasl_server_done(struct sasl_server *s);

/* Begin. INITIAL is the initial response; its p is NULL when there is none (an empty one is
 * another thing, RFC 4422, 3.3, and has p set). */
enum sasl_next sasl_server_start(struct sasl_server *s, struct slice initial);

/* The answer to the last challenge. After SASL_CHECK or SASL_MALFORMED: SASL_MALFORMED. */
enum sasl_next sasl_server_continue(struct sasl_server *s, struct slice in);

#endif
