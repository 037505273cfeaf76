/* local/facts.h - what the expansion of one recipient asks: tables, users, .forward and :include:
 * files. Answers that are not there yet give RC_MORE; when all have come, ON_READY runs and the
 * expansion is run again from its start. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_FACTS_H
#define LOCAL_FACTS_H

#include "lib/table/table.h"
#include "local/alias.h"
#include "local/workers.h"

/* The largest .forward or :include: file, and the most of them for one recipient. */
enum { FACTS_FILE_MAX = 16 << 20, USER_CACHE_MAX = 4096, USER_CACHE_MS = 5000 };

/* Users found lately, shared by all recipients of the process. */
struct user_cache {
	struct hash users;
	struct loop *loop;
};
void user_cache_init(struct user_cache *c, struct loop *loop);

struct facts {
	struct arena *arena;
	struct workers *workers;
	struct user_cache *cache;
	struct table_memo memo;
	struct hash users, files;
	unsigned pending;
	size_t file_bytes;	/* of all files read */
	void (*on_ready)(struct facts *f);
	void *owner;
};

void facts_init(struct facts *f, struct arena *arena, struct workers *ws,
		struct user_cache *cache, void (*on_ready)(struct facts *), void *owner);
void facts_done(struct facts *f);	/* late answers are dropped */

/* RC_OK with *RET (valid while F lives), RC_END no such user, RC_MORE, RC_TEMP. */
enum rc facts_user(struct facts *f, struct slice name, const struct user_info **ret,
		   struct err *err);

/* Who owns what PATH leads to. RC_END: nobody that the system knows, root, or nothing is there. */
enum rc facts_owner(struct facts *f, struct slice path, const struct user_info **ret,
		    struct err *err);

/* What stands in PATH, as AS may read it. FORWARD: no symbolic link, AS's own or root's; else an
 * :include: file. RC_END: there is none; RC_DENIED: it may not be used; RC_LIMIT: it holds too
 * much; RC_MORE, RC_TEMP. */
enum rc facts_file(struct facts *f, const struct user_info *as, struct slice path,
		   bool is_forward, const struct target_list **ret, struct err *err);

/* Is USER's home directory there, for USER? RC_OK, RC_MORE, RC_TEMP. */
enum rc facts_home(struct facts *f, const struct user_info *user, struct err *err);

#endif
