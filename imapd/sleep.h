/* imapd/sleep.h - an idling session gives up its process, and another one goes on with it.
 *
 * What the client knows is written down (lib/ipc/imapstate.def): its mailbox, message by message, and
 * the IDLE command that is not answered yet. */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_SLEEP_H
#define IMAPD_SLEEP_H

#include "imapd/session.h"

/* During IDLE. WATCH is store_box_watch()'s, -1 if there is none. True: the session is over in this
 * process, and s->is_asleep. False: it cannot sleep now (somebody has just said or changed
 * something, too much to write down, nobody takes it). */
bool session_fall_asleep(struct session *s, int watch);

/* Make S, just initialised, what STATE says, its client having been sent SENT_BYTES since. What has
 * changed is not told yet. RC_SYNTAX: no state of ours; else RC_OK, also when the mailbox cannot be
 * gone on with: then BYE is said. */
enum rc session_wake_up(struct session *s, struct slice state, uint64_t sent_bytes,
			struct err *err);

#endif
