/* SPDX-License-Identifier: ISC */
/* Commands that need no mailbox. */
#include "imapd/commands.h"

#include "lib/imap/id.h"
#include "lib/imap/write.h"

void cmd_capability(struct session *s, struct imap_args args)
{
	if (!session_end_args(s, args))
		return;
	session_untagged(s, "CAPABILITY %.*s", SLICE_ARG(s->conf->capability));
	session_ok(s, "Capability completed.");
}

void cmd_noop(struct session *s, struct imap_args args)
{
	if (session_end_args(s, args))
		session_ok(s, "NOOP completed.");
}

void cmd_id(struct session *s, struct imap_args args)
{
	if (!imap_id_is_valid(args)) {
		session_bad(s, "Invalid ID parameter list");
		return;
	}
	session_untagged(s, "ID %.*s", SLICE_ARG(s->conf->id));
	session_ok(s, "ID completed.");
}

void cmd_logout(struct session *s, struct imap_args args)
{
	if (!session_end_args(s, args))
		return;
	session_close_box(s);
	session_untagged(s, "BYE Logging out");
	session_ok(s, "Logout completed.");
	s->reason = "Logged out";
	session_set_state(s, SESSION_OVER);
}

void cmd_namespace(struct session *s, struct imap_args args)
{
	struct buf *out = client_out(&s->client);
	char separator[2] = { s->conf->ns.separator, '\0' };

	if (!session_end_args(s, args))
		return;
	buf_adds(out, "* NAMESPACE ((");
	imap_write_string(s->conf->ns.prefix, out);
	buf_addc(out, ' ');
	imap_write_string(slice_str(separator), out);
	buf_adds(out, ")) NIL NIL\r\n");
	session_ok(s, "Namespace completed.");
}

/* Look at the mailbox when it may have changed, and tell at once; until DONE. */
void cmd_idle(struct session *s, struct imap_args args)
{
	int64_t notify_ms = s->conf->idle_notify_ms, left_ms = notify_ms, wait_ms;
	int watch = -1;
	unsigned wake;
	enum rc rc;

	if (!session_end_args(s, args))
		return;
	if (s->state == SESSION_SELECTED) {
		struct err err = { 0 };

		rc = store_box_watch(s->box, &watch, &err);
		if (rc != RC_OK) {
			session_fail(s, rc, &err, (struct slice){ NULL, 0 });
			return;
		}
	}
	buf_adds(client_out(&s->client), "+ idling\r\n");
	imap_parser_expect_line(&s->parser);
	session_sync(s, SYNC_ALL);
	for (;;) {
		wait_ms = s->again_ms > 0 && (left_ms <= 0 || s->again_ms < left_ms) ?
			(int64_t)s->again_ms : left_ms > 0 ? left_ms : -1;
		rc = session_read_line(s, watch, wait_ms, &wake);
		if (rc != RC_MORE)
			break;
		if ((wake & CLIENT_TIMEOUT) != 0)
			left_ms -= wait_ms;
		session_sync(s, SYNC_ALL);
		if (s->state == SESSION_OVER)
			return;
		if (left_ms > 0 || notify_ms == 0)
			continue;
		session_untagged(s, "OK Still here");
		left_ms = notify_ms;
	}
	if (rc == RC_OK && slice_iis(imap_parser_line(&s->parser), "DONE"))
		session_ok(s, "Idle completed.");
	else
		session_bad(s, "Expected DONE");
}
