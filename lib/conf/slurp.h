/* lib/conf/slurp.h - a whole configuration file in memory.
 *
 * Blocks. For files an administrator wrote: regular, small. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_SLURP_H
#define LIB_CONF_SLURP_H

#include <sys/stat.h>

#include "lib/base/buf.h"

enum { SLURP_MAX = 256 << 20 };

/* OUT must be initialised; its maximum bounds the file (RC_LIMIT). *RET_ST (may be NULL) tells
 * what was read. RC_SYS: cannot be opened or read; RC_DENIED: not a regular file. */
enum rc slurp_file(const char *path, struct buf *out, struct stat *ret_st, struct err *err);

#endif
