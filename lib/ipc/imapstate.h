/* lib/ipc/imapstate.h - lib/ipc/imapstate.def as a struct and its encoding. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_IMAPSTATE_H
#define LIB_IPC_IMAPSTATE_H

#define IPC_NAME imapstate
#define IPC_DEF "lib/ipc/imapstate.def"
#include "lib/ipc/gen.h"

#endif
