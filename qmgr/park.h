/* qmgr/park.h - messages that are not in memory: where they are and when they are due.
 *
 * Deferred ones wait in a heap by due time, about 64 bytes each; those of incoming/ (and of
 * active/ after a start) in a list. While there is room the two are taken up in turn. What stands
 * here may be out of date (postsuper, an administrator's mv): the file is the truth. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_PARK_H
#define QMGR_PARK_H

#include "lib/queue/spool.h"
#include "qmgr/qmgr.h"

/* DUE_S in Unix seconds; 0 and QUEUE not deferred: in the order of arrival. VERIFY: found in a
 * directory, so check its content. FORCED: due whatever the file's time says. */
void park_add(struct qmgr *q, const struct queue_id *id, enum queue_name queue, int64_t due_s,
	      bool verify, bool forced);
/* Make everything due now. Number of messages. */
size_t park_flush(struct qmgr *q);
/* Take messages up while there is room, in small steps between other work. */
void park_pump(struct qmgr *q);
bool park_has_room(const struct qmgr *q);

/* Read a directory in small steps and park what is not known yet. */
void park_scan(struct qmgr *q, enum queue_name queue);
void park_init(struct qmgr *q);
void park_done(struct qmgr *q);

#endif
