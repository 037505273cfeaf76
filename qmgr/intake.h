/* qmgr/intake.h - everybody who connects to qmgr: cleanup, postqueue, postsuper, the tools. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_INTAKE_H
#define QMGR_INTAKE_H

#include "lib/ipc/qmgr.h"
#include "qmgr/qmgr.h"

/* What the peer's credentials allow. */
enum { MAY_LIST = 1, MAY_FLUSH = 2, MAY_CHANGE = 4 };

struct visitor {
	struct list link;		/* in qmgr.intakes or qmgr.tools */
	struct qmgr *q;
	struct ipc_chan chan;
	unsigned may;
	bool is_cleanup;
	uint32_t granted;
	struct survey *survey;		/* a list or change that walks the directories */
	bool is_gone;
	struct task bury;
};

/* FD is connected and taken over. */
void intake_accept(struct qmgr *q, int fd, unsigned may);
/* Something left active/ that cleanup may tell of only now: look for the files of its news. */
void intake_doubt(struct qmgr *q);
/* There is room again: hand out credits. */
void intake_grant(struct qmgr *q);
void intake_done(struct qmgr *q);

/* --- control.c --- */
enum rc control_list(struct visitor *v, struct ipc_reader *r);
enum rc control_do(struct visitor *v, struct ipc_reader *r);
void control_stop(struct visitor *v);

#endif
