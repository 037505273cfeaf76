/* lib/ipc/auth.h - the messages of lib/ipc/auth.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_AUTH_H
#define LIB_IPC_AUTH_H

/* auth_failure.code */
enum { AUTH_FAIL_CREDENTIALS = 1, AUTH_FAIL_TEMPORARY, AUTH_FAIL_DISABLED, AUTH_FAIL_MECHANISM,
       AUTH_FAIL_AUTHORIZATION, AUTH_FAIL_PLAINTEXT, AUTH_FAIL_EXPIRED };

#define IPC_NAME auth
#define IPC_DEF "lib/ipc/auth.def"
#include "lib/ipc/gen.h"

#endif
