/* qmgr/report.h - telling senders: requests to bounce, repeated until one is answered. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_REPORT_H
#define QMGR_REPORT_H

#include "lib/ipc/bounce.h"
#include "qmgr/qmgr.h"

enum report_kind { REPORT_FAILED = 1, REPORT_DELAYED = 2, REPORT_SUCCESS = 3, REPORT_ASKED = 4 };

/* Ask bounce for a report about the recipients of M that KIND speaks of; round_report_done()
 * follows. Nothing is sent and false returned when there is none. */
bool report_start(struct message *m, enum report_kind kind);
void report_forget(struct message *m);

extern const struct ipc_handler report_handlers[];	/* the peer's owner is the qmgr */
extern const size_t report_n_handlers;
void report_up(struct qmgr *q, struct ipc_chan *chan);
void report_down(struct qmgr *q);
void report_init(struct qmgr *q);
void report_done(struct qmgr *q);

#endif
