/* smtpd/names.h - names of clients, remembered for a minute.
 *
 * Clients come back, and the resolver is another process. Only verified names are kept: who has
 * none is asked about each time. */
/* SPDX-License-Identifier: ISC */
#ifndef SMTPD_NAMES_H
#define SMTPD_NAMES_H

#include "lib/base/hash.h"

enum { NAMES_MAX = 4096, NAMES_KEEP_MS = 60000 };

struct names;

struct names *names_new(void);
void names_free(struct names **n);

void names_keep(struct names *n, const char *addr, const char *name, int64_t now_ms);
/* False: not known, or known too long. */
bool names_find(struct names *n, const char *addr, int64_t now_ms, char *name, size_t size);

#endif
