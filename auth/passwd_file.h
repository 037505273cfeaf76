/* auth/passwd_file.h - Dovecot's passwd-file: users and passwords in a text file.
 *
 *	user:password:uid:gid:(gecos):home:(shell):extra fields
 *
 * Everything behind the password may be missing. Extra fields are separated by blanks: name=value or
 * name; "userdb_" in front makes one a field of the user database. Lines that are empty or begin
 * with # or : are skipped. The file is read again when it has changed: at every look-up one
 * stat(2). Entries are borrowed and stay until the next refresh. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_PASSWD_FILE_H
#define AUTH_PASSWD_FILE_H

#include "lib/base/slice.h"

enum {
	PASSWD_LINE_MAX = 8192,
	PASSWD_FILE_MAX_BYTES = 256 << 20,
	PASSWD_USERS_MAX = 4 << 20
};

struct passwd_entry {
	struct slice user;
	struct slice password;		/* p NULL: the line has none */
	struct slice uid, gid;		/* number or name; empty: not given */
	struct slice home;		/* empty: not given */
	struct slice extra;		/* walk with passwd_extra_next() */
};

/* Pure. RC_END: a comment, nothing in it; RC_SYNTAX; RC_LIMIT. */
enum rc passwd_line_parse(struct slice line, struct passwd_entry *out, struct err *err);

/* Cut the next field off *REST; false at the end. VALUE.p is NULL for a bare name. */
bool passwd_extra_next(struct slice *rest, struct slice *ret_name, struct slice *ret_value);

struct passwd_file;

/* Faults in the file's lines are told to NOTE, which may be NULL; reading goes on behind them. */
typedef void passwd_note_fn(const char *path, unsigned line, const char *text);

struct passwd_file *passwd_file_new(const char *path, passwd_note_fn *note);
void passwd_file_free(struct passwd_file **f);
const char *passwd_file_path(const struct passwd_file *f);

/* Read the file if it is not what was read before. RC_SYS: cannot be read; the old entries are
 * kept but the caller says "try later", for it cannot know who was removed. */
enum rc passwd_file_refresh(struct passwd_file *f, struct err *err);

/* NULL: no such user. After passwd_file_refresh(). */
const struct passwd_entry *passwd_file_find(const struct passwd_file *f, struct slice user);
/* Walk the entries: start with *POS = 0; NULL at the end. */
const struct passwd_entry *passwd_file_next(const struct passwd_file *f, size_t *pos);

#endif
