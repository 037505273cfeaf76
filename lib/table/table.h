/* lib/table/table.h - every lookup table type behind one interface.
 *
 * A table is opened once ("hash:/etc/aliases", "static:yes", "proxy:unix:passwd.byname"), before
 * the process confines itself, and then only asked. File tables answer at once. Tables that live
 * in another process (proxy:, unix:, userdb:) answer later: the caller passes a memo, gets
 * RC_MORE, gives up its whole computation, and runs it again from its start when the memo says
 * that the answer has come; answers are kept in the memo, so the second run gets further. So
 * policy code stays straight-line. Jobs and tools pass no memo and block instead.
 *
 * Keys and values are bytes without NUL. Nothing here logs. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TABLE_TABLE_H
#define LIB_TABLE_TABLE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/hash.h"
#include "lib/base/list.h"
#include "lib/conf/param.h"

struct table;

enum { TABLE_FOLD = 1,		/* keys are folded to lower case (fixed-string types) */
       TABLE_ALIAS_SOURCE = 2 };/* a text source has "key: value" form (aliases) */

/* How a daemon reaches other processes; set once per process by lib/daemon. ASK sends the
 * question and calls table_answer() with the same token later; ASK_NOW blocks. */
struct table_transport {
	enum rc (*ask)(void *ctx, struct slice table, struct slice key, void *token,
		       struct err *err);
	enum rc (*ask_now)(void *ctx, struct slice table, struct slice key, struct buf *out,
			   struct err *err);
	void *ctx;
};
void table_set_transport(const char *service, const struct table_transport *t);

/* Where notes go ("index older than its source: the source is read"): once per process, by
 * lib/daemon and by tools. Without it they are dropped. */
void table_on_note(void (*note)(const char *text));

/* SPEC is "type:name" or a bare file name (DEFAULT_TYPE then). RC_SYNTAX: unknown type or bad
 * source, with file and line in ERR; RC_SYS: cannot be opened. */
enum rc table_open(const char *spec, const char *default_type, int flags, struct table **out,
		   struct err *err);
void table_close(struct table **t);	/* NULL is fine */
const char *table_spec(const struct table *t);

/* True when only whole keys make sense (regexp, pcre, cidr, tcp, socketmap): no partial keys. */
bool table_is_pattern(const struct table *t);

/* "type:name" with a type that exists. */
bool table_is_spec(struct slice word);

/* Names of all types, in alphabetical order; NULL past the end. */
const char *table_type_name(size_t i);

/* Walk all entries (postmap -s). Start with *POS = 0. RC_END at the end; RC_PERM: the type cannot
 * be listed. Slices live until the next call. */
enum rc table_next(struct table *t, size_t *pos, struct slice *ret_key, struct slice *ret_value,
		   struct err *err);

/* True when the files behind T are no longer what was opened (at most one check a second). */
bool table_has_changed(struct table *t, int64_t now_ms);

/* Per command: answers of slow tables. One memo serves any number of tables. */
struct table_memo {
	struct arena *arena;	/* answers live here */
	struct hash answers;
	struct list tokens;	/* questions on their way */
	unsigned pending;	/* how many */
	void (*on_ready)(struct table_memo *m);	/* pending fell to 0; run the computation again */
	void *owner;
};
void table_memo_init(struct table_memo *m, struct arena *arena,
		     void (*on_ready)(struct table_memo *), void *owner);
void table_memo_done(struct table_memo *m);	/* late answers are dropped safely */

/* RC_OK with *RET (borrowed: valid until the next call on T, or while the memo lives), RC_END
 * not found, RC_MORE answer comes later (memo only), RC_TEMP table broken just now, RC_PERM. */
enum rc table_lookup(struct table *t, struct table_memo *m, struct slice key, struct slice *ret,
		     struct err *err);

/* Called by a transport when the answer to TOKEN is there (RC_OK, RC_END, RC_TEMP, RC_PERM);
 * from the event loop, never from inside ask(). */
void table_answer(void *token, enum rc rc, struct slice value);

/* Several tables asked in order ("virtual_alias_maps = hash:a, pcre:b"). */
struct table_list {
	struct table **v;
	size_t n;
};
enum rc table_list_open(const char *specs, const char *default_type, int flags,
			struct table_list *out, struct err *err);
void table_list_close(struct table_list *l);
/* First table that knows KEY. *RET_TABLE may be NULL. */
enum rc table_list_lookup(const struct table_list *l, struct table_memo *m, struct slice key,
			  struct slice *ret, struct table **ret_table, struct err *err);
bool table_list_has_changed(const struct table_list *l, int64_t now_ms);

#endif
