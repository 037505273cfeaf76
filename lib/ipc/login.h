/* lib/ipc/login.h - the messages of lib/ipc/login.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_LOGIN_H
#define LIB_IPC_LOGIN_H

#define IPC_NAME login
#define IPC_DEF "lib/ipc/login.def"
#include "lib/ipc/gen.h"

#endif
