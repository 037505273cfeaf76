/* lib/ipc/auth.h - the messages of lib/ipc/auth.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_AUTH_H
#define LIB_IPC_AUTH_H

#define IPC_NAME auth
#define IPC_DEF "lib/ipc/auth.def"
#include "lib/ipc/gen.h"

#endif
