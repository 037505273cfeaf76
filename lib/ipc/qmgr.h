/* lib/ipc/qmgr.h - the messages of lib/ipc/qmgr.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_QMGR_H
#define LIB_IPC_QMGR_H

#define IPC_NAME qmgr
#define IPC_DEF "lib/ipc/qmgr.def"
#include "lib/ipc/gen.h"

#endif
