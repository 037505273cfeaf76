/* SPDX-License-Identifier: ISC */
#include "imapd/args.h"

#include "lib/imap/seqset.h"

bool session_end_args(struct session *s, struct imap_args args)
{
	if (imap_args_is_empty(args))
		return true;
	session_bad(s, "Too many arguments");
	return false;
}

bool session_mailbox_arg(struct session *s, struct imap_args *args, const char **ret_name,
			 struct slice *ret_wire)
{
	const char *why;
	enum rc rc;

	if (!imap_args_astring(args, ret_wire)) {
		session_bad(s, "Invalid arguments");
		return false;
	}
	rc = imap_mailbox_from_wire(&s->conf->ns, *ret_wire, &s->arena, ret_name, &why);
	if (rc == RC_SYNTAX)
		session_no(s, "[CANNOT] %s", why);
	else if (rc != RC_OK)
		session_no(s, "[LIMIT] Command is too large.");
	return rc == RC_OK;
}

/* The messages of SET; BY_UID tells what its numbers are. RC_SYNTAX: 0, or beyond the mailbox;
 * RC_LIMIT: arena full. */
static enum rc resolve(struct session *s, struct imap_seqset *set, bool by_uid,
		       struct session_set *out)
{
	struct store_box_info info;
	struct session_set r = { NULL, 0 };
	uint64_t room = 0;

	if (!by_uid && imap_seqset_has_zero(set))
		return RC_SYNTAX;
	store_box_info(s->box, &info);
	imap_seqset_resolve(set, !by_uid ? info.count : info.count == 0 ? 0 :
			    store_box_msg(s->box, info.count)->uid);
	if (!by_uid && imap_seqset_largest(set) > info.count)
		return RC_SYNTAX;
	for (size_t i = 0; i < set->n; i++) {
		struct imap_range *g = &set->ranges[i];

		if (by_uid) {
			g->lo = store_box_seq(s->box, g->lo);
			g->hi = g->hi == UINT32_MAX ? info.count :
				store_box_seq(s->box, g->hi + 1) - 1;
		}
		room += g->hi >= g->lo ? g->hi - g->lo + 1 : 0;
	}
	r.seqs = arena_alloc(&s->arena, (room + 1) * sizeof(*r.seqs));
	if (r.seqs == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < set->n; i++)
		for (uint32_t seq = set->ranges[i].lo; seq <= set->ranges[i].hi; seq++)
			r.seqs[r.n++] = seq;
	*out = r;
	return RC_OK;
}

bool session_set_arg(struct session *s, struct imap_args *args, struct session_set *out)
{
	struct imap_seqset set;
	struct slice text;
	enum rc rc;

	if (!imap_args_atom(args, &text)) {
		session_bad(s, "Invalid arguments");
		return false;
	}
	rc = imap_seqset_parse(text, &s->arena, &set);
	if (rc == RC_SYNTAX) {
		session_bad(s, s->by_uid ? "Invalid uidset" : "Invalid messageset");
		return false;
	}
	if (rc == RC_OK)
		rc = resolve(s, &set, s->by_uid, out);
	if (rc == RC_SYNTAX)
		session_bad(s, "Invalid messageset");
	else if (rc != RC_OK)
		session_no(s, "[LIMIT] Too many messages at once.");
	return rc == RC_OK;
}
