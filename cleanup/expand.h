/* cleanup/expand.h - from the recipients a client named to those the queue file gets.
 *
 * Pure but for table lookups: standard form, canonical maps, automatic BCC, virtual aliases, all
 * by lib/address, and the removal of duplicates. Nothing of the transaction but its envelope is
 * changed, and running it again gives the same. */
/* SPDX-License-Identifier: ISC */
#ifndef CLEANUP_EXPAND_H
#define CLEANUP_EXPAND_H

#include "cleanup/server.h"
#include "lib/conf/maincf.h"

/* Before confinement. Faults get the parameter's line. */
struct expander *expander_open(const struct conf *c, struct arena *arena, struct faults *faults);
void expander_close(struct expander *x);
bool expander_has_changed(struct expander *x, int64_t now_ms);

/* Set the sender and recipients of T->env, in T->work. RC_MORE: T->memo waits for a table; call
 * again when it is ready. RC_TEMP: a table is broken. RC_LIMIT: more recipients than can be, or
 * aliases without end (status 4.6.0 in ERR). */
enum rc expand_txn(struct expander *x, struct txn *t, struct err *err);

#endif
