/* lib/ipc/anvil.h - the messages of lib/ipc/anvil.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_ANVIL_H
#define LIB_IPC_ANVIL_H

#define IPC_NAME anvil
#define IPC_DEF "lib/ipc/anvil.def"
#include "lib/ipc/gen.h"

#endif
