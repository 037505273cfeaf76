/* lib/ipc/cleanup.h - the messages of lib/ipc/cleanup.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_CLEANUP_H
#define LIB_IPC_CLEANUP_H

/* cleanup_open.flags */
enum { CLEANUP_FLAG_BOUNCE = 1,		/* made by the mail system: no bounce of it */
       CLEANUP_FLAG_NO_BCC = 2,		/* no automatic BCC */
       CLEANUP_FLAG_NO_MAPS = 4,	/* addresses are final: no canonical, no virtual alias */
       CLEANUP_FLAG_LOCAL = 8,		/* local submission: complete missing headers */
       CLEANUP_FLAG_HOLD = 16,		/* commit into hold/ */
       CLEANUP_FLAG_REPORT = 32,	/* report the first attempt (sendmail -v) */
       CLEANUP_FLAG_VERIFY = 64 };	/* report only, deliver nothing (sendmail -bv) */

#define IPC_NAME cleanup
#define IPC_DEF "lib/ipc/cleanup.def"
#include "lib/ipc/gen.h"

#endif
