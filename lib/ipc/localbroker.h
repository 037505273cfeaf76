/* lib/ipc/localbroker.h - the messages of lib/ipc/localbroker.def as structs and functions. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IPC_LOCALBROKER_H
#define LIB_IPC_LOCALBROKER_H

/* broker_worker.kind: what the worker may reach besides being its user */
enum worker_kind {
	WORKER_HOME = 1,	/* the user's home directory */
	WORKER_SPOOL,		/* mail_spool_directory, with its group if that may write there */
	WORKER_FILE,		/* one directory named in an alias or .forward */
	WORKER_VIRTUAL,		/* one directory below virtual_mailbox_base */
	WORKER_COMMAND		/* anything the user may: it runs programs */
};

#define IPC_NAME localbroker
#define IPC_DEF "lib/ipc/localbroker.def"
#include "lib/ipc/gen.h"

#endif
