/* SPDX-License-Identifier: ISC */
#include "imapd/match.h"

#include "imapd/match_text.h"
#include "lib/mail/date.h"

/* MAYBE: the message has to be read first. */
enum answer { NO, YES, MAYBE };

static enum answer as_answer(bool yes)
{
	return yes ? YES : NO;
}

void match_prepare(struct match *m, struct imap_key *key)
{
	struct store_box_info info;
	uint32_t last;

	store_box_info(m->box, &info);
	last = info.count;
	if (key->type == IMAP_KEY_UID && info.count > 0)
		last = store_box_msg(m->box, info.count)->uid;
	if (key->type == IMAP_KEY_SEQ || key->type == IMAP_KEY_UID)
		imap_seqset_resolve(&key->set, last);
	for (struct imap_key *sub = key->sub; sub != NULL; sub = sub->next)
		match_prepare(m, sub);
}

static enum answer fail(struct match *m, enum rc rc)
{
	if (rc != RC_END && m->failed == RC_OK)
		m->failed = rc;
	return NO;
}

static bool has_keyword(const struct match *m, const struct store_msg *msg, struct slice name)
{
	for (unsigned bit = 0; bit < STORE_KEYWORDS_MAX; bit++) {
		const char *known = (msg->keywords >> bit & 1) ?
			store_box_keyword(m->box, bit) : NULL;

		if (known != NULL && slice_iis(name, known))
			return true;
	}
	return false;
}

static bool compare_days(enum imap_key_type type, int64_t day, int64_t limit)
{
	switch (type) {
	case IMAP_KEY_BEFORE:
	case IMAP_KEY_SENTBEFORE:
		return day < limit;
	case IMAP_KEY_ON:
	case IMAP_KEY_SENTON:
		return day == limit;
	default:
		return day >= limit;
	}
}

static enum answer match_date(struct match *m, const struct imap_key *k)
{
	int64_t date;
	enum rc rc = store_box_date(m->box, m->seq, &date, &m->err);

	if (rc != RC_OK)
		return fail(m, rc);
	return as_answer(compare_days(k->type, date_day(date_zone(date, NULL)), k->day));
}

static enum answer match_size(struct match *m, const struct imap_key *k)
{
	uint64_t size;
	enum rc rc = store_box_size(m->box, m->seq, STORE_SIZE_CRLF, &size, &m->err);

	if (rc != RC_OK)
		return fail(m, rc);
	return as_answer(k->type == IMAP_KEY_LARGER ? size > k->number : size < k->number);
}

/* A message without a date that can be understood was not sent on any day. */
static enum answer match_sent(struct match *m, const struct imap_key *k)
{
	struct header_field f;
	struct date d;

	if (header_kept_find(message_header(m->message), SLICE_LIT("Date"), &f) != RC_OK ||
	    date_parse(f.value, &d) != RC_OK)
		return NO;
	return as_answer(compare_days(k->type, date_day(d), k->day));
}

static enum answer match_content(struct match *m, const struct imap_key *k)
{
	if (!m->is_read)
		return MAYBE;
	switch (k->type) {
	case IMAP_KEY_HEADER:
		return as_answer(match_header_field(message_header(m->message), k->name, k->text));
	case IMAP_KEY_TEXT:
		return as_answer(match_text(m->message, k->text, true));
	case IMAP_KEY_BODY:
		return as_answer(match_text(m->message, k->text, false));
	default:
		return match_sent(m, k);
	}
}

static enum answer match_key(struct match *m, const struct imap_key *k);

/* The first subkey whose answer is DECISIVE decides; what needs reading is put off while others
 * may decide without. */
static enum answer match_group(struct match *m, const struct imap_key *k, enum answer decisive)
{
	enum answer result = decisive == NO ? YES : NO;

	for (const struct imap_key *sub = k->sub; sub != NULL; sub = sub->next) {
		enum answer a = match_key(m, sub);

		if (a == decisive)
			return a;
		if (a == MAYBE)
			result = MAYBE;
	}
	return result;
}

static enum answer match_plain(struct match *m, const struct imap_key *k)
{
	const struct store_msg *msg = store_box_msg(m->box, m->seq);

	switch (k->type) {
	case IMAP_KEY_AND:
		return match_group(m, k, NO);
	case IMAP_KEY_OR:
		return match_group(m, k, YES);
	case IMAP_KEY_SEQ:
		return as_answer(imap_seqset_has(&k->set, m->seq));
	case IMAP_KEY_UID:
		return as_answer(imap_seqset_has(&k->set, msg->uid));
	case IMAP_KEY_FLAG:
		return as_answer((msg->flags & k->number) != 0);
	case IMAP_KEY_RECENT:
		return as_answer(msg->recent);
	case IMAP_KEY_KEYWORD:
		return as_answer(has_keyword(m, msg, k->text));
	case IMAP_KEY_BEFORE:
	case IMAP_KEY_ON:
	case IMAP_KEY_SINCE:
		return match_date(m, k);
	case IMAP_KEY_LARGER:
	case IMAP_KEY_SMALLER:
		return match_size(m, k);
	default:
		return match_content(m, k);
	}
}

static enum answer match_key(struct match *m, const struct imap_key *k)
{
	enum answer a = match_plain(m, k);

	return !k->negate || a == MAYBE ? a : a == YES ? NO : YES;
}

bool match_message(struct match *m, const struct imap_key *program, uint32_t seq)
{
	enum answer a;
	enum rc rc;

	if (store_box_msg(m->box, seq)->gone)
		return false;
	m->seq = seq;
	m->is_read = false;
	a = match_key(m, program);
	if (a != MAYBE)
		return a == YES;
	rc = message_open(m->message, m->box, seq, &m->err);
	if (rc != RC_OK)
		return fail(m, rc);
	m->is_read = true;
	return match_key(m, program) == YES;
}
