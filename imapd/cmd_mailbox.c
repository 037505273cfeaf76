/* SPDX-License-Identifier: ISC */
/* Commands about whole mailboxes by name. */
#include "imapd/commands.h"

#include "lib/imap/command.h"
#include "lib/imap/write.h"

static void finish(struct session *s, enum rc rc, const struct err *err, struct slice wire,
		   const char *done)
{
	if (rc == RC_OK)
		session_ok(s, "%s", done);
	else
		session_fail(s, rc, err, wire);
}

void cmd_create(struct session *s, struct imap_args args)
{
	struct err err = { 0 };
	struct slice wire;
	const char *name;
	enum rc rc;

	if (!session_mailbox_arg(s, &args, &name, &wire) || !session_end_args(s, args))
		return;
	rc = store_create(s->store, name, &err);
	if (rc == RC_PERM)
		session_no(s, "[ALREADYEXISTS] Mailbox already exists");
	else
		finish(s, rc, &err, wire, "Create completed.");
}

void cmd_delete(struct session *s, struct imap_args args)
{
	struct err err = { 0 };
	struct slice wire;
	const char *name;
	enum rc rc;

	if (!session_mailbox_arg(s, &args, &name, &wire) || !session_end_args(s, args))
		return;
	rc = store_delete(s->store, name, &err);
	/* Who deletes what he has selected knows it: no reason to part. */
	if (rc == RC_OK && s->state == SESSION_SELECTED && strcmp(name, s->box_name) == 0)
		session_close_box(s);
	finish(s, rc, &err, wire, "Delete completed.");
}

void cmd_rename(struct session *s, struct imap_args args)
{
	struct slice from_wire, to_wire;
	struct err err = { 0 };
	const char *from, *to;
	enum rc rc;

	if (!session_mailbox_arg(s, &args, &from, &from_wire) ||
	    !session_mailbox_arg(s, &args, &to, &to_wire) || !session_end_args(s, args))
		return;
	rc = store_rename(s->store, from, to, &err);
	if (rc == RC_PERM && store_exists(s->store, to, NULL) == RC_OK)
		session_no(s, "[ALREADYEXISTS] Target mailbox already exists");
	else
		finish(s, rc, &err, from_wire, "Rename completed.");
}

void cmd_subscribe(struct session *s, struct imap_args args)
{
	struct err err = { 0 };
	struct slice wire;
	const char *name;
	enum rc rc;

	if (!session_mailbox_arg(s, &args, &name, &wire) || !session_end_args(s, args))
		return;
	rc = store_exists(s->store, name, &err);
	if (rc == RC_OK)
		rc = store_subscribe(s->store, name, true, &err);
	finish(s, rc, &err, wire, "Subscribe completed.");
}

void cmd_unsubscribe(struct session *s, struct imap_args args)
{
	struct err err = { 0 };
	struct slice wire;
	const char *name;
	enum rc rc;

	if (!session_mailbox_arg(s, &args, &name, &wire) || !session_end_args(s, args))
		return;
	rc = store_subscribe(s->store, name, false, &err);
	/* What was not subscribed is not subscribed now: clients want no error. */
	finish(s, rc == RC_END ? RC_OK : rc, &err, wire, "Unsubscribe completed.");
}

/* Under the name the client asked with: some look for their own spelling of INBOX. */
static void tell_status(struct session *s, struct slice wire, unsigned items,
			const struct store_status *st)
{
	const struct { unsigned item; const char *name; uint32_t value; } all[] = {
		{ IMAP_STATUS_MESSAGES, "MESSAGES", st->messages },
		{ IMAP_STATUS_RECENT, "RECENT", st->recent },
		{ IMAP_STATUS_UIDNEXT, "UIDNEXT", st->uidnext },
		{ IMAP_STATUS_UIDVALIDITY, "UIDVALIDITY", st->uidvalidity },
		{ IMAP_STATUS_UNSEEN, "UNSEEN", st->unseen },
	};
	struct buf *out = client_out(&s->client);
	const char *between = " (";

	buf_adds(out, "* STATUS ");
	imap_write_astring(wire, out);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if ((items & all[i].item) == 0)
			continue;
		buf_addf(out, "%s%s %u", between, all[i].name, all[i].value);
		between = " ";
	}
	buf_adds(out, ")\r\n");
}

void cmd_status(struct session *s, struct imap_args args)
{
	struct store_status st;
	struct err err = { 0 };
	const char *name, *why;
	struct slice wire;
	unsigned items;
	enum rc rc;

	if (!session_mailbox_arg(s, &args, &name, &wire))
		return;
	if (imap_status_parse(args, &items, &why) != RC_OK) {
		session_bad(s, why);
		return;
	}
	rc = store_status(s->store, name, &st, &err);
	if (rc != RC_OK) {
		session_fail(s, rc, &err, wire);
		return;
	}
	tell_status(s, wire, items, &st);
	session_ok(s, "Status completed.");
}
