/* lib/table/index.h - the index of a source file: FILE.cdb beside it.
 *
 * Written beside its final name, synced and renamed, so a reader sees the old or the new one.
 * Keys and values have no NUL at their ends. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TABLE_INDEX_H
#define LIB_TABLE_INDEX_H

#include <sys/stat.h>

#include "lib/base/buf.h"

/* Being written. */
struct index_writer;

/* SOURCE_PATH names the table; owner, group and permissions of the new file are SOURCE's (the
 * permissions 0644 when KEEP_MODE is false), and its time is SOURCE's as well. The caller has the
 * right to write in that directory. */
enum rc index_writer_new(const char *source_path, const struct stat *source, bool keep_mode,
			 struct index_writer **out, struct err *err);
enum rc index_writer_add(struct index_writer *w, struct slice key, struct slice value,
			 struct err *err);
/* Sync and put in place; the writer is gone, also on failure. */
enum rc index_writer_commit(struct index_writer **w, struct err *err);
void index_writer_abandon(struct index_writer **w);

/* True when INDEX answers for SOURCE as it is: it has the source's time, as ours have; or it was
 * made by another program after the source came to be what and where it is. A source that an older
 * one has replaced is not what its index was made from. */
bool index_is_fresh(const struct stat *index, const struct stat *source);

/* "FILE.cdb" for FILE; free() it. */
char *index_path(const char *source_path);

#endif
