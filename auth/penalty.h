/* auth/penalty.h - how long logins from an address wait for the failures before them.
 *
 * Pure: the caller has the clock. Each failed login of an address doubles the time until its next one
 * is looked at, from PENALTY_FIRST_MS to a limit, counted from the failure: who mistypes once and is
 * answered late has waited it out; who guesses in many connections at once has not. What counts as
 * one address is one of IPv4, the first 48 bits of IPv6. The machine itself is never punished: behind
 * its address may be all users of a web mailer. At PENALTIES_MAX addresses the one that failed
 * longest ago is forgotten. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_PENALTY_H
#define AUTH_PENALTY_H

#include "lib/base/slice.h"

enum {
	PENALTY_FIRST_MS = 2000,
	PENALTY_FORGET_MS = 30000,	/* after the end of the last penalty */
	PENALTIES_MAX = 16384
};

struct penalties;

struct penalties *penalties_new(int64_t max_ms);	/* 0: there are none */
void penalties_free(struct penalties **p);

/* When the next login of ADDR may be looked at; not after NOW_MS: at once. */
int64_t penalties_due(const struct penalties *p, struct slice addr, int64_t now_ms);

/* A login of ADDR failed. ATTEMPT stands for what was tried: the same again is a mail program with an
 * old password, not a guess, and prolongs nothing. */
void penalties_failed(struct penalties *p, struct slice addr, uint64_t attempt, int64_t now_ms);

/* A login of ADDR succeeded: its failures were mistakes. */
void penalties_forgive(struct penalties *p, struct slice addr);

size_t penalties_count(const struct penalties *p);

#endif
