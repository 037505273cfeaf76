/* lib/ipc/status.h - the messages of lib/ipc/status.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_STATUS_H
#define LIB_IPC_STATUS_H

#define IPC_NAME status
#define IPC_DEF "lib/ipc/status.def"
#include "lib/ipc/gen.h"

#endif
