/* lib/store/fs.h - the few file system calls of the store, each below a directory it holds.
 *
 * Every path a user could have planted is opened here: below DIR, no symbolic link on the way
 * (openat2; DESIGN 9). Failures become the codes of lib/store/store.h. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_FS_H
#define LIB_STORE_FS_H

#include <sys/stat.h>
#include <sys/types.h>

#include "lib/base/slice.h"

/* What tells one version of a file or directory from another. */
struct fs_stamp {
	uint64_t dev, ino, size_bytes;
	int64_t mtime_ns;	/* 0 when it does not exist */
};

static inline bool fs_stamp_eq(const struct fs_stamp *a, const struct fs_stamp *b)
{
	return a->ino == b->ino && a->mtime_ns == b->mtime_ns && a->size_bytes == b->size_bytes &&
	       a->dev == b->dev;
}

/* As openat(), close-on-exec, never following a symbolic link or leaving DIR. -1 and errno. */
int fs_open(int dir, const char *name, int flags, mode_t mode);
int fs_open_dir(int dir, const char *name);

/* The code for errno: ENOENT RC_END, EACCES/EPERM/EROFS/ELOOP RC_DENIED, ENOSPC/EDQUOT RC_LIMIT,
 * EEXIST RC_PERM, else RC_SYS; the text as err_sys(). */
enum rc fs_err(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A name that is not there gives a zeroed stamp and RC_OK. */
enum rc fs_stamp_at(int dir, const char *name, struct fs_stamp *out, struct err *err);
enum rc fs_stamp_fd(int fd, struct fs_stamp *out, struct err *err);

int64_t fs_now_ns(void);	/* never behind the clock that file times are made from */

/* The whole of a regular file in one heap block with a NUL behind it. RC_END: not there;
 * RC_LIMIT: larger than MAX_BYTES; anything but a regular file is RC_DENIED. STAMP may be
 * NULL. */
enum rc fs_read(int dir, const char *name, size_t max_bytes, char **ret_text, size_t *ret_n,
		struct fs_stamp *stamp, struct err *err);

enum rc fs_write_all(int fd, struct slice s, const char *name, struct err *err);

/* Write S to TMP (which must not exist, or is replaced when it is a left-over), and rename it to
 * NAME. The new file's time is later than OLD's, since readers tell versions by it. MODE as
 * for open. *RET_STAMP may be NULL. */
struct fs_replace {
	int dir;
	const char *tmp, *name;
	mode_t mode;
	bool sync;
	bool exclusive;		/* TMP is a lock: it must not exist */
};
enum rc fs_replace(const struct fs_replace *r, struct slice s, const struct fs_stamp *old,
		   struct fs_stamp *ret_stamp, struct err *err);

/* Remove directory NAME with all that is in it, down to a bounded depth. Not there: RC_OK. */
enum rc fs_remove_tree(int dir, const char *name, struct err *err);

/* RENAME_NOREPLACE. -1 and errno. */
int fs_rename_new(int from_dir, const char *from, int to_dir, const char *to);

enum fs_type { FS_FILE, FS_DIR, FS_OTHER };	/* FS_FILE also when the system does not tell */

/* Read DIR's names; EACH returning false stops. "." and ".." are left out. */
typedef bool fs_each_fn(void *ctx, const char *name, enum fs_type type);
enum rc fs_each(int dir, fs_each_fn *each, void *ctx, struct err *err);

#endif
