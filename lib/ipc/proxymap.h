/* lib/ipc/proxymap.h - the messages of lib/ipc/proxymap.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_PROXYMAP_H
#define LIB_IPC_PROXYMAP_H

#define IPC_NAME proxymap
#define IPC_DEF "lib/ipc/proxymap.def"
#include "lib/ipc/gen.h"

#endif
