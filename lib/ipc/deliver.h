/* lib/ipc/deliver.h - the messages of lib/ipc/deliver.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_DELIVER_H
#define LIB_IPC_DELIVER_H

#define IPC_NAME deliver
#define IPC_DEF "lib/ipc/deliver.def"
#include "lib/ipc/gen.h"

#endif
