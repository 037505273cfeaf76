/* lib/imap/id.h - the argument of the ID command (RFC 2971), before and after login.
 *
 * Pure. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_ID_H
#define LIB_IMAP_ID_H

#include "lib/imap/args.h"

enum { IMAP_ID_PAIRS_MAX = 30, IMAP_ID_NAME_MAX = 30, IMAP_ID_VALUE_MAX = 1024 };

/* True when ARGS is exactly NIL or one list of field names and values within the limits. */
bool imap_id_is_valid(struct imap_args args);

#endif
