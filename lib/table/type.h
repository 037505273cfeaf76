/* lib/table/type.h - what a table type gives to table.c; only lib/table/ includes this.
 *
 * A new type is a type_NAME.c with a struct table_type, and one line in types.def. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TABLE_TYPE_H
#define LIB_TABLE_TYPE_H

#include <sys/stat.h>

#include "lib/table/table.h"

struct table_type {
	const char *name;
	bool is_pattern;	/* whole keys only */
	bool may_be_nameless;	/* "userdb:" says it all */
	bool folds;		/* keys are fixed strings: TABLE_FOLD applies */
	/* NAME is what stands behind "type:". On failure close() is called all the same. */
	enum rc (*open)(struct table *t, const char *name, struct err *err);
	/* As table_lookup(); KEY is folded where it should be. A value that must be built goes to
	 * t->result. M may be NULL. */
	enum rc (*lookup)(struct table *t, struct table_memo *m, struct slice key,
			  struct slice *ret, struct err *err);
	void (*close)(struct table *t);	/* may be NULL; frees t->state */
	/* Walk all entries; NULL when the type cannot. Start with *POS = 0; RC_END at the end. */
	enum rc (*next)(struct table *t, size_t *pos, struct slice *ret_key,
			struct slice *ret_value, struct err *err);
};

enum { TABLE_FILES_MAX = 2 };

/* A file as it was when the table was opened; size -1: it did not exist. */
struct table_file {
	char *path;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct table {
	const struct table_type *type;
	char *spec;
	int flags;
	bool is_pattern;	/* the type's, unless open() knows better */
	void *state;
	struct buf result;	/* room for built values */
	struct buf folded;	/* room for the folded key */
	struct table_file files[TABLE_FILES_MAX];
	size_t n_files;
	int64_t checked_ms;	/* last look at the files */
	bool has_changed;
};

enum { TABLE_KEY_MAX = 65536, TABLE_VALUE_MAX = 1 << 20 };

/* Remember a file to watch. ST NULL: it does not exist (now). */
void table_watch(struct table *t, const char *path, const struct stat *st);

/* For types whose answers come from another process (SERVICE as in table_set_transport): with a
 * memo RC_MORE until the answer is there, without one it blocks. */
enum rc table_ask(struct table *t, const char *service, const char *table, struct table_memo *m,
		  struct slice key, struct slice *ret, struct err *err);
bool table_has_transport(const char *service);

/* By the type's name alone. */
bool table_type_is_pattern(const char *spec);

/* Tell whoever set table_on_note() something an administrator should know. */
void table_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* NAME as "{...}": *RET is what stands inside, trimmed. False: NAME is no such group. */
bool table_inside_braces(const char *name, struct slice *ret);

#endif
