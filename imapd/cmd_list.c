/* SPDX-License-Identifier: ISC */
/* LIST and LSUB. */
#include "imapd/commands.h"

#include "lib/imap/write.h"

struct listing {
	struct session *s;
	const char *command;	/* "LIST" or "LSUB" */
	struct slice pattern;
	struct buf wire;	/* the name at hand, as the client knows it */
	struct buf parent;	/* LSUB: the last parent told */
};

static void write_separator(struct session *s, struct buf *out)
{
	char separator[2] = { s->conf->ns.separator, '\0' };

	imap_write_string(slice_str(separator), out);
}

static void tell(struct listing *l, const char *attrs, struct slice wire)
{
	struct buf *out = client_out(&l->s->client);

	buf_addf(out, "* %s (%s) ", l->command, attrs);
	write_separator(l->s, out);
	buf_addc(out, ' ');
	imap_write_astring(wire, out);
	buf_adds(out, "\r\n");
	client_relax(&l->s->client);
}

static bool matches(const struct listing *l, struct slice wire)
{
	return imap_list_matches(l->pattern, wire, l->s->conf->ns.separator);
}

static void set_wire(struct listing *l, const char *name)
{
	buf_reset(&l->wire);
	imap_mailbox_to_wire(&l->s->conf->ns, name, &l->wire);
}

static void list_entry(struct listing *l, const struct store_entry *e)
{
	static const char *const attrs[2][2] = {
		{ "\\HasNoChildren", "\\HasChildren" },
		{ "\\Noselect \\HasNoChildren", "\\Noselect \\HasChildren" },
	};

	set_wire(l, e->name);
	if (matches(l, buf_slice(&l->wire)))
		tell(l, attrs[(e->attrs & STORE_ENTRY_NOSELECT) != 0]
			     [(e->attrs & STORE_ENTRY_CHILDREN) != 0], buf_slice(&l->wire));
}

/* A pattern with '%' at its end also finds the parents of what is subscribed, to tell that
 * something lies there (RFC 3501, 6.3.9). */
static void lsub_parents(struct listing *l, struct slice wire)
{
	struct slice percent = SLICE_LIT("%");
	struct slice parent = wire;

	if (!slice_ends(l->pattern, percent))
		return;
	for (;;) {
		ptrdiff_t end = slice_rchr(parent, l->s->conf->ns.separator);

		if (end <= 0)
			return;
		parent = slice_sub(parent, 0, (size_t)end);
		if (!matches(l, parent))
			continue;
		if (!slice_eq(parent, buf_slice(&l->parent)))
			tell(l, "\\Noselect", parent);
		buf_reset(&l->parent);
		buf_add(&l->parent, parent);
		return;
	}
}

static void lsub_entry(struct listing *l, const struct store_entry *e)
{
	set_wire(l, e->name);
	if (matches(l, buf_slice(&l->wire))) {
		tell(l, "", buf_slice(&l->wire));
		/* What lies below needs no parent any more. */
		buf_reset(&l->parent);
		buf_add(&l->parent, buf_slice(&l->wire));
	} else {
		lsub_parents(l, buf_slice(&l->wire));
	}
}

/* An empty pattern asks for the separator and the root of REFERENCE. */
static void list_root(struct listing *l, struct slice reference)
{
	ptrdiff_t end = slice_chr(reference, l->s->conf->ns.separator);

	tell(l, "\\Noselect", slice_sub(reference, 0, end < 0 ? 0 : (size_t)end + 1));
}

static void list_all(struct listing *l, bool subscribed)
{
	struct session *s = l->s;
	struct store_list list = { NULL, 0 };
	struct err err = { 0 };
	enum rc rc = subscribed ? store_list_subscribed(s->store, &list, &err) :
		store_list(s->store, &list, &err);

	if (rc != RC_OK) {
		session_fail(s, rc, &err, (struct slice){ NULL, 0 });
		return;
	}
	for (size_t i = 0; i < list.n; i++) {
		if (subscribed)
			lsub_entry(l, &list.entries[i]);
		else
			list_entry(l, &list.entries[i]);
	}
	store_list_done(&list);
	session_ok(s, subscribed ? "Lsub completed." : "List completed.");
}

static void list(struct session *s, struct imap_args args, bool subscribed)
{
	struct listing l = { .s = s, .command = subscribed ? "LSUB" : "LIST" };
	struct slice reference, pattern;
	char *joined;

	if (!imap_args_astring(&args, &reference) || !imap_args_astring(&args, &pattern)) {
		session_bad(s, "Invalid arguments");
		return;
	}
	if (!session_end_args(s, args))
		return;
	joined = arena_printf(&s->arena, "%.*s%.*s", SLICE_ARG(reference), SLICE_ARG(pattern));
	if (joined == NULL) {
		session_no(s, "[LIMIT] Command is too large.");
		return;
	}
	l.pattern = slice_str(joined);
	buf_init(&l.wire, 4096);
	buf_init(&l.parent, 4096);
	if (pattern.n > 0 || subscribed) {
		list_all(&l, subscribed);
	} else {
		list_root(&l, reference);
		session_ok(s, "List completed.");
	}
	buf_done(&l.parent);
	buf_done(&l.wire);
}

void cmd_list(struct session *s, struct imap_args args)
{
	list(s, args, false);
}

void cmd_lsub(struct session *s, struct imap_args args)
{
	list(s, args, true);
}
