/* imapd/view.h - what a client knows of its mailbox, written down in few bytes.
 *
 * Messages with UIDs in a row and the same flags are one run of four numbers, so that a mailbox
 * whose mail is read takes a few bytes whatever its size. Pure. */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_VIEW_H
#define IMAPD_VIEW_H

#include "lib/base/buf.h"
#include "lib/store/box.h"

enum { VIEW_MESSAGES_MAX = 1 << 24 };

/* N messages by ascending UID; false when one of them is gone. */
bool view_put(const struct store_msg *msgs, uint32_t n, struct buf *out);

/* *RET is a heap array of *RET_N messages by ascending UID (modseq 0). RC_SYNTAX: S is none that
 * view_put() makes; RC_LIMIT: more than VIEW_MESSAGES_MAX messages. */
enum rc view_get(struct slice s, struct store_msg **ret, uint32_t *ret_n);

#endif
