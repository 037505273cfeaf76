/* lib/ipc/resolver.h - the messages of lib/ipc/resolver.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_RESOLVER_H
#define LIB_IPC_RESOLVER_H

#define IPC_NAME resolver
#define IPC_DEF "lib/ipc/resolver.def"
#include "lib/ipc/gen.h"

#endif
