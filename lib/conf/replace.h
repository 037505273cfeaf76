/* lib/conf/replace.h - put new content in a file's place, whole or not at all.
 *
 * Blocks. The new file is written beside the old one with its owner and permissions, synced,
 * and renamed. A symbolic link is followed: what it names is replaced. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_REPLACE_H
#define LIB_CONF_REPLACE_H

#include "lib/base/buf.h"

enum rc replace_file(const char *path, struct slice content, struct err *err);

#endif
