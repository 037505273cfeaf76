/* auth/ids.h - user and group ids given as numbers or names.
 *
 * Before confinement the system is asked (NSS) and the answer kept; afterwards, for a name that
 * appears later in a passwd-file, only /etc/passwd and /etc/group are read: NSS may want anything. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_IDS_H
#define AUTH_IDS_H

#include <sys/types.h>

#include "lib/base/slice.h"

struct ids;

struct ids *ids_new(void);
void ids_free(struct ids **ids);
void ids_are_confined(struct ids *ids);

/* RC_SYNTAX: no number and nobody of that name. */
enum rc ids_uid(struct ids *ids, struct slice text, uid_t *out);
enum rc ids_gid(struct ids *ids, struct slice text, gid_t *out);

#endif
