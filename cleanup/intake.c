/* SPDX-License-Identifier: ISC */
#include "cleanup/server.h"
#include "lib/daemon/peer.h"

void intake_up(struct cleanup *c, struct ipc_chan *chan)
{
	c->qmgr = chan;
	c->credit = 0;
	c->qmgr_epoch++;
	qmgr_intake_send(chan, &(struct qmgr_intake){ });
}

void intake_down(struct cleanup *c)
{
	c->qmgr = NULL;
	c->credit = 0;
}

static enum rc on_credit(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct cleanup *c = ((struct peer *)chan->owner)->owner;
	struct qmgr_credit m;

	if (qmgr_credit_get(r, &m) != RC_OK || m.more > UINT32_MAX - c->credit)
		return RC_SYNTAX;
	c->credit += m.more;
	return RC_OK;
}

const struct ipc_handler intake_handlers[] = {
	{ qmgr_credit_type, 0, on_credit },
};
const size_t intake_n_handlers = sizeof(intake_handlers) / sizeof(intake_handlers[0]);

/* When qmgr is down nothing is lost: the next intake makes it read the directories. */
void intake_announce(struct cleanup *c, const struct txn *t)
{
	if (c->qmgr != NULL)
		qmgr_new_send(c->qmgr, &(struct qmgr_new){ .queue_id = queue_id_slice(&t->qid),
							   .queue = (uint8_t)t->queue,
							   .tail = t->tail });
}
