/* lib/ipc/queuectl.h - the messages of lib/ipc/queuectl.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_QUEUECTL_H
#define LIB_IPC_QUEUECTL_H

#define IPC_NAME queuectl
#define IPC_DEF "lib/ipc/queuectl.def"
#include "lib/ipc/gen.h"

#endif
