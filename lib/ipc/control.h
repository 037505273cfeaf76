/* lib/ipc/control.h - the messages of lib/ipc/control.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_CONTROL_H
#define LIB_IPC_CONTROL_H

#define IPC_NAME control
#define IPC_DEF "lib/ipc/control.def"
#include "lib/ipc/gen.h"

#endif
