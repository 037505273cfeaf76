/* lib/ipc/localworker.h - the messages of lib/ipc/localworker.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_LOCALWORKER_H
#define LIB_IPC_LOCALWORKER_H

enum { WORK_MAILDIR = 1, WORK_MBOX = 2, WORK_FILE = 3 };	/* work_deliver.format */
enum { WORK_INCLUDE = 1, WORK_FORWARD = 2, WORK_HOME = 3 };	/* work_open.what */
enum { WORK_OPEN_NONE = 1, WORK_OPEN_REFUSED = 2, WORK_OPEN_LATER = 3 };

#define IPC_NAME localworker
#define IPC_DEF "lib/ipc/localworker.def"
#include "lib/ipc/gen.h"

#endif
