/* SPDX-License-Identifier: ISC */
#include "imapd/commands.h"

#include "imapd/match.h"

static bool parse(struct session *s, struct imap_args args, struct imap_key *out)
{
	const char *why = NULL;
	enum rc rc = imap_search_parse(args, &s->arena, out, &why);

	if (rc == RC_SYNTAX)
		session_bad(s, why);
	else if (rc == RC_END)
		session_no(s, "[BADCHARSET] Unknown charset");
	else if (rc != RC_OK)
		session_no(s, "[LIMIT] Search is too large.");
	return rc == RC_OK;
}

void cmd_search(struct session *s, struct imap_args args)
{
	struct buf *out = client_out(&s->client);
	struct match m = { .box = s->box, .message = &s->message, .failed = RC_OK };
	struct store_box_info info;
	struct imap_key program;

	if (!parse(s, args, &program))
		return;
	match_prepare(&m, &program);
	store_box_info(s->box, &info);
	buf_adds(out, "* SEARCH");
	for (uint32_t seq = 1; seq <= info.count && !s->client.gone; seq++) {
		if (!match_message(&m, &program, seq))
			continue;
		buf_addf(out, " %u", s->by_uid ? store_box_msg(s->box, seq)->uid : seq);
		client_relax(&s->client);
	}
	buf_adds(out, "\r\n");
	if (m.failed == RC_OK)
		session_ok(s, "Search completed.");
	else
		session_fail(s, m.failed, &m.err, (struct slice){ NULL, 0 });
}
