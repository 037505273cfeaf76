/* local/virtual.h - from a virtual recipient to its mailbox: three table lookups.
 *
 * Keys as virtual(8) tries them: user+ext@domain, user@domain, @domain, all in lower case. What
 * was found is kept for a few seconds, so that a busy mailbox does not ask for every message. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_VIRTUAL_H
#define LOCAL_VIRTUAL_H

#include "local/config.h"

struct virtual_mailbox {
	struct slice path;	/* absolute; a final '/' means Maildir */
	struct slice dir;	/* what the worker may use: virtual_mailbox_base or the path itself */
	uid_t uid;
	gid_t gid;
};

struct virtual_cache {
	struct hash found;
	struct loop *loop;
};
void virtual_cache_init(struct virtual_cache *c, struct loop *loop);

/* RC_OK; RC_END: there is no such mailbox; RC_MORE; RC_TEMP, and RC_PERM for what is wrong with
 * the configuration, text in ERR. Results are from ARENA. */
enum rc virtual_find(const struct config *c, struct virtual_cache *cache, struct slice address,
		     struct table_memo *memo, struct arena *arena, struct virtual_mailbox *out,
		     struct err *err);

#endif
