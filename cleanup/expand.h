/* cleanup/expand.h - from the recipients a client named to those the queue file gets.
 *
 * Pure but for table lookups: rewriting, canonical, virtual aliases, automatic BCC, and the
 * removal of duplicates, by lib/address. Nothing of the transaction but its envelope and memo is
 * changed, and running it again gives the same. */
/* SPDX-License-Identifier: ISC */
#ifndef CLEANUP_EXPAND_H
#define CLEANUP_EXPAND_H

#include "cleanup/server.h"

/* Set the sender and recipients of T->env, in T->arena. RC_MORE: T->memo waits for a table; call
 * again when it is ready. RC_TEMP: a table is broken; RC_LIMIT: more recipients than can be. */
enum rc expand_txn(struct expander *x, struct txn *t, struct err *err);

#endif
