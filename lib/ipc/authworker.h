/* lib/ipc/authworker.h - the messages of lib/ipc/authworker.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_AUTHWORKER_H
#define LIB_IPC_AUTHWORKER_H

/* worker_result.code */
enum { WORKER_YES, WORKER_NO, WORKER_TEMP, WORKER_DISABLED, WORKER_EXPIRED, WORKER_UNKNOWN };

#define IPC_NAME authworker
#define IPC_DEF "lib/ipc/authworker.def"
#include "lib/ipc/gen.h"

#endif
