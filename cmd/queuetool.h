/* cmd/queuetool.h - how postqueue and postsuper reach the queue: by qmgr, or by themselves.
 *
 * qmgr answers while it runs. When nobody listens, the owner of the spool (and root, who becomes
 * that owner first) works on the directories, holding the lock that qmgr would hold. Functions
 * here may end the program. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_QUEUETOOL_H
#define CMD_QUEUETOOL_H

#include "cmd/mailq.h"
#include "lib/conf/maincf.h"
#include "lib/ipc/qmgr.h"
#include "lib/queue/spool.h"

struct queuetool {
	struct conf *conf;
	char *root;			/* queue_directory */
	int fd;				/* to qmgr; -1: use the directories */
	int lock_fd;
	struct queue_spool spool;	/* opened when fd is -1 */
	struct ipc_inbox inbox;
};

/* Connect to qmgr. RC_OK: fd is set. RC_END: the mail system is down, WHY tells. */
enum rc queuetool_connect(struct queuetool *t, struct conf *conf, struct err *why);
/* May this user work on the directories? True after having become their owner and opened them;
 * the lock is taken unless READ_ONLY. */
bool queuetool_go_direct(struct queuetool *t, bool read_only, struct err *err);
void queuetool_done(struct queuetool *t);

/* Everything in the queue to M; what was said so far is written to standard output. */
enum rc queuetool_list(struct queuetool *t, struct mailq *m, struct err *err);

/* One request to qmgr (verbs of lib/ipc/qmgr.def). RC_PERM: it refused, with its words in ERR. */
enum rc queuetool_ask(struct queuetool *t, const char *verb, const char *target,
		      const char *queue, uint32_t *ret_count, struct err *err);

/* The user is named in the list parameter NAME (authorized_mailq_users); root and the owner of
 * the spool always are. Ends the program with EX_NOPERM otherwise: "... is not allowed to WHAT". */
void queuetool_check_user(const struct conf *c, const char *name, const char *what);

#endif
