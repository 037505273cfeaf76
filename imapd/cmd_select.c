/* SPDX-License-Identifier: ISC */
/* SELECT, EXAMINE and the ways out of a mailbox. */
#include "imapd/commands.h"

#include <stdlib.h>

static uint32_t first_unseen(const struct session *s, uint32_t count)
{
	for (uint32_t seq = 1; seq <= count; seq++)
		if ((store_box_msg(s->box, seq)->flags & STORE_SEEN) == 0)
			return seq;
	return 0;
}

static void tell_box(struct session *s)
{
	struct store_box_info info;
	uint32_t unseen;

	store_box_info(s->box, &info);
	session_tell_flags(s);
	session_tell_exists(s);
	unseen = first_unseen(s, info.count);
	if (unseen > 0)
		session_untagged(s, "OK [UNSEEN %u] First unseen.", unseen);
	session_untagged(s, "OK [UIDVALIDITY %u] UIDs valid", info.uidvalidity);
	session_untagged(s, "OK [UIDNEXT %u] Predicted next UID", info.uidnext);
}

static void open_box(struct session *s, struct imap_args args, unsigned mode)
{
	struct store_box_info info;
	struct err err = { 0 };
	struct slice wire;
	const char *name;
	enum rc rc;

	if (!session_mailbox_arg(s, &args, &name, &wire) || !session_end_args(s, args))
		return;
	if (s->state == SESSION_SELECTED) {
		session_close_box(s);
		session_untagged(s, "OK [CLOSED] Previous mailbox closed.");
	}
	rc = store_box_open(s->store, name, mode, &s->box, &err);
	if (rc != RC_OK) {
		session_fail(s, rc, &err, wire);
		return;
	}
	s->box_mode = mode;
	session_set_state(s, SESSION_SELECTED);
	(void)slice_to_cstr(slice_str(name), s->box_name, sizeof(s->box_name));
	tell_box(s);
	store_box_info(s->box, &info);
	session_ok(s, "[READ-%s] %s completed.", info.readonly ? "ONLY" : "WRITE",
		   mode == 0 ? "Select" : "Examine");
}

void cmd_select(struct session *s, struct imap_args args)
{
	open_box(s, args, 0);
}

void cmd_examine(struct session *s, struct imap_args args)
{
	open_box(s, args, STORE_BOX_READONLY);
}

void cmd_check(struct session *s, struct imap_args args)
{
	if (session_end_args(s, args))
		session_ok(s, "Check completed.");
}

void cmd_unselect(struct session *s, struct imap_args args)
{
	if (!session_end_args(s, args))
		return;
	session_close_box(s);
	session_ok(s, "Unselect completed.");
}

/* Expunge the deleted messages among SET, or all deleted ones without a set. */
static enum rc expunge(struct session *s, const struct session_set *set, struct err *err)
{
	struct store_box_info info;
	uint32_t *seqs;
	size_t n = 0, count;
	enum rc rc;

	store_box_info(s->box, &info);
	if (info.readonly)
		return RC_OK;
	count = set != NULL ? set->n : info.count;
	seqs = arena_alloc(&s->arena, (count + 1) * sizeof(*seqs));
	if (seqs == NULL)
		return err_set(err, RC_LIMIT, "Too many messages at once.");
	for (size_t i = 0; i < count; i++) {
		uint32_t seq = set != NULL ? set->seqs[i] : (uint32_t)i + 1;
		const struct store_msg *m = store_box_msg(s->box, seq);

		if (!m->gone && (m->flags & STORE_DELETED) != 0)
			seqs[n++] = seq;
	}
	rc = n > 0 ? store_box_expunge(s->box, seqs, n, err) : RC_OK;
	if (rc == RC_OK)
		s->stats.expunged += n;
	return rc;
}

void cmd_expunge(struct session *s, struct imap_args args)
{
	struct err err = { 0 };
	enum rc rc;

	if (!session_end_args(s, args))
		return;
	/* Outlook marks on one connection and expunges on another: see its marks first. */
	session_sync(s, SYNC_ALL);
	if (s->state == SESSION_OVER)
		return;
	rc = expunge(s, NULL, &err);
	if (rc == RC_OK)
		session_ok(s, "Expunge completed.");
	else
		session_fail(s, rc, &err, (struct slice){ NULL, 0 });
}

void cmd_uid_expunge(struct session *s, struct imap_args args)
{
	struct session_set set;
	struct err err = { 0 };
	enum rc rc;

	session_sync(s, SYNC_ALL);
	if (s->state == SESSION_OVER)
		return;
	if (!session_set_arg(s, &args, &set) || !session_end_args(s, args))
		return;
	rc = expunge(s, &set, &err);
	if (rc == RC_OK)
		session_ok(s, "Expunge completed.");
	else
		session_fail(s, rc, &err, (struct slice){ NULL, 0 });
}

void cmd_close(struct session *s, struct imap_args args)
{
	struct store_changes changes;
	struct err err = { 0 };
	enum rc rc;

	if (!session_end_args(s, args))
		return;
	rc = store_box_refresh(s->box, 0, &changes, &err);
	if (rc == RC_OK)
		rc = expunge(s, NULL, &err);
	/* The mailbox is closed in any case: the client has done with it. */
	session_close_box(s);
	if (rc == RC_OK)
		session_ok(s, "Close completed.");
	else
		session_fail(s, rc, &err, (struct slice){ NULL, 0 });
}
