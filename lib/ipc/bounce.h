/* lib/ipc/bounce.h - the messages of lib/ipc/bounce.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_BOUNCE_H
#define LIB_IPC_BOUNCE_H

#define IPC_NAME bounce
#define IPC_DEF "lib/ipc/bounce.def"
#include "lib/ipc/gen.h"

#endif
