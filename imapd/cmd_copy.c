/* SPDX-License-Identifier: ISC */
#include "imapd/commands.h"

#include "lib/imap/seqset.h"

/* All of SET into the transaction, or none: RC_END when one of them has gone meanwhile. */
static enum rc copy_set(struct session *s, struct store_append *tx,
			const struct session_set *set, struct err *err)
{
	for (size_t i = 0; i < set->n; i++) {
		enum rc rc = store_append_copy(tx, s->box, set->seqs[i], err);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static void tell_copied(struct session *s, const struct session_set *set,
			const struct store_appended *done)
{
	struct buf from, to;

	for (size_t i = 0; i < set->n; i++)
		set->seqs[i] = store_box_msg(s->box, set->seqs[i])->uid;
	buf_init(&from, set->n * 22 + 64);
	buf_init(&to, set->n * 22 + 64);
	imap_seqset_print(set->seqs, set->n, &from);
	imap_seqset_print(done->uids, done->n, &to);
	session_ok(s, "[COPYUID %u %s %s] Copy completed.", done->uidvalidity, buf_cstr(&from),
		   buf_cstr(&to));
	buf_done(&to);
	buf_done(&from);
}

void cmd_copy(struct session *s, struct imap_args args)
{
	struct store_appended done = { 0 };
	struct store_append *tx = NULL;
	struct session_set set;
	struct err err = { 0 };
	struct slice wire;
	const char *name;
	enum rc rc;

	if (!session_set_arg(s, &args, &set) || !session_mailbox_arg(s, &args, &name, &wire) ||
	    !session_end_args(s, args))
		return;
	if (set.n == 0) {
		session_ok(s, "No messages found.");
		return;
	}
	rc = store_append_begin(s->store, name, &tx, &err);
	if (rc == RC_END) {
		session_no(s, "[TRYCREATE] Mailbox doesn't exist: %.*s", SLICE_ARG(wire));
		return;
	}
	if (rc == RC_OK)
		rc = copy_set(s, tx, &set, &err);
	if (rc == RC_END) {
		session_no(s, "[EXPUNGEISSUED] Some of the requested messages no longer exist.");
		store_append_abort(&tx);
		return;
	}
	if (rc == RC_OK)
		rc = store_append_commit(&tx, &done, &err);
	if (rc == RC_OK)
		tell_copied(s, &set, &done);
	else
		session_fail(s, rc, &err, wire);
	store_append_abort(&tx);
	store_appended_done(&done);
}
