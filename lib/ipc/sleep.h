/* lib/ipc/sleep.h - the messages of lib/ipc/sleep.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_SLEEP_H
#define LIB_IPC_SLEEP_H

#define IPC_NAME sleep
#define IPC_DEF "lib/ipc/sleep.def"
#include "lib/ipc/gen.h"

#endif
