/* SPDX-License-Identifier: ISC */
#include "imapd/commands.h"

#include "lib/imap/command.h"

/* Keyword names to bits. New keywords are made where flags are added; removing what is in no
 * message's flags is nothing. */
static enum rc keyword_bits(struct session *s, const struct imap_store_args *a, uint64_t *ret,
			    bool *ret_new, struct err *err)
{
	for (size_t i = 0; i < a->flags.n_keywords; i++) {
		unsigned bit;
		enum rc rc = store_box_keyword_bit(s->box, a->flags.keywords[i], false, &bit, err);

		if (rc == RC_END && a->how == STORE_FLAGS_REMOVE)
			continue;
		if (rc == RC_END) {
			*err = (struct err){ 0 };
			rc = store_box_keyword_bit(s->box, a->flags.keywords[i], true, &bit, err);
			*ret_new = true;
		}
		if (rc != RC_OK)
			return rc;
		*ret |= UINT64_C(1) << bit;
	}
	return RC_OK;
}

static void tell_flags_of(struct session *s, const struct session_set *set,
			  const enum store_outcome *outcome)
{
	struct buf *out = client_out(&s->client);

	for (size_t i = 0; i < set->n; i++) {
		const struct store_msg *m = store_box_msg(s->box, set->seqs[i]);

		if (outcome[i] == STORE_GONE)
			continue;
		buf_addf(out, "* %u FETCH (", set->seqs[i]);
		if (s->by_uid)
			buf_addf(out, "UID %u ", m->uid);
		session_print_flags(s, m, 0, out);
		buf_adds(out, ")\r\n");
		client_relax(&s->client);
	}
}

static void apply(struct session *s, const struct session_set *set,
		  const struct imap_store_args *a)
{
	struct store_flag_op op = { .how = a->how, .flags = (uint8_t)a->flags.system };
	enum store_outcome *outcome;
	struct err err = { 0 };
	bool has_new = false;
	size_t gone = 0;
	enum rc rc;

	outcome = arena_alloc(&s->arena, (set->n + 1) * sizeof(*outcome));
	if (outcome == NULL) {
		session_no(s, "[LIMIT] Too many messages at once.");
		return;
	}
	rc = keyword_bits(s, a, &op.keywords, &has_new, &err);
	if (rc == RC_OK)
		rc = store_box_set_flags(s->box, set->seqs, set->n, &op, outcome, &err);
	if (has_new)
		session_tell_flags(s);
	if (rc != RC_OK) {
		session_fail(s, rc, &err, (struct slice){ NULL, 0 });
		return;
	}
	for (size_t i = 0; i < set->n; i++) {
		gone += outcome[i] == STORE_GONE;
		s->stats.deleted += outcome[i] == STORE_DONE && a->how != STORE_FLAGS_REMOVE &&
			(op.flags & STORE_DELETED) != 0;
	}
	if (!a->silent)
		tell_flags_of(s, set, outcome);
	if (gone > 0)
		session_no(s, "[EXPUNGEISSUED] Some of the messages no longer exist.");
	else
		session_ok(s, "Store completed.");
}

void cmd_store(struct session *s, struct imap_args args)
{
	struct store_box_info info;
	struct imap_store_args a;
	struct session_set set;
	const char *why;
	enum rc rc;

	if (!session_set_arg(s, &args, &set))
		return;
	rc = imap_store_parse(args, &s->arena, &a, &why);
	if (rc != RC_OK) {
		session_bad(s, rc == RC_SYNTAX ? why : "Too large command");
		return;
	}
	store_box_info(s->box, &info);
	if (info.readonly)
		session_no(s, "[CANNOT] The mailbox was opened read-only.");
	else
		apply(s, &set, &a);
}
