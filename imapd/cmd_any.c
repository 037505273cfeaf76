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
