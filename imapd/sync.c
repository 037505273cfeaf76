/* SPDX-License-Identifier: ISC */
#include "imapd/sync.h"

#include "lib/imap/flags.h"

/* The keywords in use, each with a blank before it. */
static void print_keywords(const struct session *s, uint64_t bits, struct buf *out)
{
	for (unsigned bit = 0; bit < STORE_KEYWORDS_MAX; bit++) {
		const char *name = (bits >> bit & 1) ? store_box_keyword(s->box, bit) : NULL;

		if (name != NULL)
			buf_addf(out, " %s", name);
	}
}

void session_print_flags(struct session *s, const struct store_msg *m, unsigned also,
			 struct buf *out)
{
	size_t list;

	buf_adds(out, "FLAGS (");
	list = buf_len(out);
	imap_flags_print(m->flags | also, out);
	if (m->recent)
		buf_adds(out, buf_len(out) > list ? " \\Recent" : "\\Recent");
	if (buf_len(out) > list) {
		print_keywords(s, m->keywords, out);
	} else if (m->keywords != 0) {
		struct buf names;

		buf_init(&names, STORE_KEYWORDS_MAX * (STORE_KEYWORD_NAME_MAX + 1));
		print_keywords(s, m->keywords, &names);
		buf_add(out, slice_skip(buf_slice(&names), 1));
		buf_done(&names);
	}
	buf_addc(out, ')');
}

static void print_flags_lines(struct session *s, struct buf *out)
{
	struct store_box_info info;

	store_box_info(s->box, &info);
	buf_adds(out, "* FLAGS (");
	imap_flags_print(STORE_FLAGS_ALL, out);
	print_keywords(s, UINT64_MAX, out);
	buf_adds(out, ")\r\n* OK [PERMANENTFLAGS (");
	if (!info.readonly) {
		imap_flags_print(STORE_FLAGS_ALL, out);
		print_keywords(s, UINT64_MAX, out);
		buf_adds(out, info.keywords_room ? " \\*" : "");
	}
	buf_adds(out, info.readonly ? ")] Read-only mailbox.\r\n" : ")] Flags permitted.\r\n");
}

void session_tell_flags(struct session *s)
{
	struct buf lines;

	buf_init(&lines, 1 << 20);
	print_flags_lines(s, &lines);
	if (!slice_eq(buf_slice(&lines), buf_slice(&s->told_flags))) {
		buf_add(client_out(&s->client), buf_slice(&lines));
		buf_reset(&s->told_flags);
		buf_add(&s->told_flags, buf_slice(&lines));
	}
	buf_done(&lines);
}

static uint32_t count_recent(struct session *s, uint32_t count)
{
	uint32_t n = 0;

	for (uint32_t seq = 1; seq <= count; seq++)
		n += store_box_msg(s->box, seq)->recent;
	return n;
}

void session_tell_exists(struct session *s)
{
	struct store_box_info info;

	store_box_info(s->box, &info);
	session_untagged(s, "%u EXISTS", info.count);
	session_untagged(s, "%u RECENT", count_recent(s, info.count));
}

static void tell_changes(struct session *s, const struct store_changes *ch)
{
	struct buf *out = client_out(&s->client);

	for (size_t i = 0; i < ch->n_gone; i++)
		session_untagged(s, "%u EXPUNGE", ch->gone[i].seq);
	if (ch->n_new > 0)
		session_tell_exists(s);
	if (ch->keywords)
		session_tell_flags(s);
	for (size_t i = 0; i < ch->n_flags; i++) {
		const struct store_msg *m = store_box_msg(s->box, ch->flags[i]);

		buf_addf(out, "* %u FETCH (", ch->flags[i]);
		if (s->by_uid)
			buf_addf(out, "UID %u ", m->uid);
		session_print_flags(s, m, 0, out);
		buf_adds(out, ")\r\n");
		client_relax(&s->client);
	}
}

void session_sync(struct session *s, enum session_sync how)
{
	unsigned flags = how == SYNC_KEEP_NUMBERS ? STORE_KEEP_GONE : 0;
	struct store_changes ch;
	struct err err = { 0 };
	enum rc rc;

	if (s->state != SESSION_SELECTED || how == SYNC_NONE)
		return;
	rc = store_box_refresh(s->box, flags, &ch, &err);
	if (rc == RC_OK) {
		s->again_ms = ch.again_ms;
		tell_changes(s, &ch);
	} else if (rc == RC_END) {
		session_bye_deleted(s);
	} else {
		s->conf->log(s->conf->log_arg, true, err.text);
	}
}
