/* SPDX-License-Identifier: ISC */
#include "imapd/commands.h"

#include "lib/imap/structure.h"
#include "lib/mail/date.h"

enum { CHUNK = 65536 };

struct fetching {
	struct session *s;
	struct imap_fetch what;
	struct buf made;	/* a HEADER.FIELDS section */
	uint32_t *seen;		/* messages that get \Seen by this command */
	size_t n_seen;
	int64_t date;		/* of the message at hand, if asked for */
	uint64_t size;
	bool some_gone;
	enum rc failed;		/* the first failure of the system */
	struct err err;
};

/* Items that are made from the message itself. */
static bool needs_content(const struct imap_fetch *f)
{
	return (f->kinds & (1U << IMAP_FETCH_ENVELOPE | 1U << IMAP_FETCH_BODY |
			    1U << IMAP_FETCH_BODYSTRUCTURE | 1U << IMAP_FETCH_SECTION)) != 0;
}

static void count(struct session *s, const struct imap_section *sec, uint64_t bytes)
{
	if (sec->text == IMAP_PART_ALL || sec->text == IMAP_PART_TEXT) {
		s->stats.body_count++;
		s->stats.body_bytes += bytes;
	} else {
		s->stats.hdr_count++;
		s->stats.hdr_bytes += bytes;
	}
}

/* The bytes of a literal whose size has been told: exactly SIZE of them. */
static void send_piece(struct session *s, struct message_piece *p, uint64_t size)
{
	struct buf *out = client_out(&s->client);

	while (size > 0) {
		size_t room, n = size < CHUNK ? (size_t)size : CHUNK;
		char *dst = buf_reserve(out, n, &room);

		message_piece_read(p, dst, n);
		buf_commit(out, n);
		size -= n;
		client_relax(&s->client);
	}
}

/* A file's name can be wrong about its size; what clients were told is put right for next time. */
static void check_size(struct session *s, uint64_t total)
{
	uint32_t seq = store_box_seq(s->box, s->message.uid);
	uint64_t known;
	struct err err = { 0 };

	if (store_box_size(s->box, seq, STORE_SIZE_CRLF, &known, &err) == RC_OK && known != total)
		(void)store_box_wire_size(s->box, seq, &s->message.content);
}

static void fetch_section(struct fetching *f, const struct imap_section *sec)
{
	struct session *s = f->s;
	struct slice stored = { NULL, 0 };
	struct message_piece *p;
	uint64_t size;

	buf_reset(&f->made);
	imap_section_print(sec, client_out(&s->client));
	/* A part that is not there is empty, as in Dovecot; NIL upsets some clients. */
	if (message_section(&s->message, sec, &f->made, &stored) != RC_OK)
		stored.n = 0;
	p = message_piece(&s->message, stored, sec->partial ? sec->from : 0);
	if (sec->n_path == 0 && sec->text == IMAP_PART_ALL)
		check_size(s, p->total);
	size = p->total - p->at;
	if (sec->partial && size > sec->count)
		size = sec->count;
	buf_addf(client_out(&s->client), " {%llu}\r\n", (unsigned long long)size);
	count(s, sec, size);
	if (s->message.content.is_wire && p->at == 0 && size == p->section.n &&
	    !slice_has_nul(p->section))
		client_send(&s->client, p->section);
	else
		send_piece(s, p, size);
}

static void fetch_structure(struct fetching *f, enum imap_fetch_kind kind)
{
	struct session *s = f->s;
	struct buf *out = client_out(&s->client);
	const struct mime_part *root = message_tree(&s->message);

	if (root == NULL) {
		buf_adds(out, "NIL");
	} else if (kind == IMAP_FETCH_ENVELOPE) {
		imap_write_envelope(root, &s->scratch, out);
	} else {
		imap_write_structure(root, kind == IMAP_FETCH_BODYSTRUCTURE, &s->scratch, out);
	}
}

static void fetch_item(struct fetching *f, uint32_t seq, const struct imap_fetch_item *item,
		       unsigned also)
{
	static const char *const names[] = {
		[IMAP_FETCH_UID] = "UID ", [IMAP_FETCH_FLAGS] = "",
		[IMAP_FETCH_INTERNALDATE] = "INTERNALDATE ", [IMAP_FETCH_SIZE] = "RFC822.SIZE ",
		[IMAP_FETCH_ENVELOPE] = "ENVELOPE ", [IMAP_FETCH_BODY] = "BODY ",
		[IMAP_FETCH_BODYSTRUCTURE] = "BODYSTRUCTURE ", [IMAP_FETCH_SECTION] = "",
	};
	struct session *s = f->s;
	struct buf *out = client_out(&s->client);
	const struct store_msg *m = store_box_msg(s->box, seq);

	buf_adds(out, names[item->kind]);
	switch (item->kind) {
	case IMAP_FETCH_UID:
		buf_addf(out, "%u", m->uid);
		break;
	case IMAP_FETCH_FLAGS:
		session_print_flags(s, m, also, out);
		break;
	case IMAP_FETCH_INTERNALDATE:
		buf_addc(out, '"');
		date_print_imap(date_zone(f->date, NULL), out);
		buf_addc(out, '"');
		break;
	case IMAP_FETCH_SIZE:
		buf_addf(out, "%llu", (unsigned long long)f->size);
		break;
	case IMAP_FETCH_SECTION:
		fetch_section(f, &item->section);
		break;
	default:
		fetch_structure(f, item->kind);
		break;
	}
}

/* All that can fail is asked for before the response begins: half a response cannot be taken
 * back. */
static enum rc prepare(struct fetching *f, uint32_t seq)
{
	struct session *s = f->s;
	enum rc rc = RC_OK;

	if (needs_content(&f->what))
		rc = message_open(&s->message, s->box, seq, &f->err);
	if (rc == RC_OK && (f->what.kinds & 1U << IMAP_FETCH_INTERNALDATE) != 0)
		rc = store_box_date(s->box, seq, &f->date, &f->err);
	if (rc == RC_OK && (f->what.kinds & 1U << IMAP_FETCH_SIZE) != 0)
		rc = store_box_size(s->box, seq, STORE_SIZE_CRLF, &f->size, &f->err);
	return rc;
}

static void fetch_message(struct fetching *f, uint32_t seq)
{
	struct session *s = f->s;
	struct buf *out = client_out(&s->client);
	const struct store_msg *m = store_box_msg(s->box, seq);
	bool sets_seen = f->seen != NULL && (m->flags & STORE_SEEN) == 0;
	bool tells_flags = sets_seen && (f->what.kinds & 1U << IMAP_FETCH_FLAGS) == 0;
	unsigned also = sets_seen ? STORE_SEEN : 0;
	const char *between = "";

	buf_addf(out, "* %u FETCH (", seq);
	if (sets_seen)
		f->seen[f->n_seen++] = seq;
	for (size_t i = 0; i < f->what.n; i++) {
		buf_adds(out, between);
		between = " ";
		if (tells_flags && f->what.items[i].kind == IMAP_FETCH_SECTION) {
			session_print_flags(s, m, also, out);
			buf_adds(out, between);
			tells_flags = false;
		}
		fetch_item(f, seq, &f->what.items[i], also);
	}
	buf_adds(out, ")\r\n");
	client_relax(&s->client);
}

/* Marks are made when the message has gone out: one that says "done" is never early. */
static void mark_seen(struct fetching *f)
{
	struct store_flag_op op = { .how = STORE_FLAGS_ADD, .flags = STORE_SEEN };
	enum rc rc;

	if (f->n_seen == 0)
		return;
	client_flush(&f->s->client);
	rc = store_box_set_flags(f->s->box, f->seen, f->n_seen, &op, NULL, &f->err);
	if (rc != RC_OK && f->failed == RC_OK)
		f->failed = rc;
}

static void fetch_all(struct fetching *f, const struct session_set *set)
{
	for (size_t i = 0; i < set->n && !f->s->client.gone; i++) {
		enum rc rc = prepare(f, set->seqs[i]);

		if (rc == RC_OK)
			fetch_message(f, set->seqs[i]);
		else if (rc == RC_END)
			f->some_gone = true;
		else if (f->failed == RC_OK)
			f->failed = rc;
	}
	mark_seen(f);
}

void cmd_fetch(struct session *s, struct imap_args args)
{
	struct fetching f = { .s = s, .failed = RC_OK };
	struct store_box_info info;
	struct session_set set;
	const char *why = NULL;
	enum rc rc;

	if (!session_set_arg(s, &args, &set))
		return;
	rc = imap_fetch_parse(args, s->by_uid, &s->arena, &f.what, &why);
	if (rc != RC_OK) {
		session_bad(s, rc == RC_SYNTAX ? why : "Too large command");
		return;
	}
	store_box_info(s->box, &info);
	if (f.what.sets_seen && !info.readonly)
		f.seen = arena_alloc(&s->arena, (set.n + 1) * sizeof(*f.seen));
	buf_init(&f.made, SIZE_MAX / 2);
	fetch_all(&f, &set);
	buf_done(&f.made);
	if (f.failed != RC_OK)
		session_fail(s, f.failed, &f.err, (struct slice){ NULL, 0 });
	else if (f.some_gone)
		session_no(s, "[EXPUNGEISSUED] Some of the requested messages no longer exist.");
	else
		session_ok(s, "Fetch completed.");
}
