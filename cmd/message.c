/* cmd/message.c - line ends, the final dot, recipients from the header. */
/* SPDX-License-Identifier: ISC */
#include "cmd/message.h"

#include "lib/mail/addr.h"

enum { FIELD_MAX = 1 << 20, HOLD_MAX = 8 };

void message_init(struct message *m, struct arena *arena)
{
	*m = (struct message){ .arena = arena, .at_line_start = true };
	m->tail = &m->first;
	header_scan_init(&m->scan, FIELD_MAX);
	buf_init(&m->line, HOLD_MAX);
}

void message_done(struct message *m)
{
	header_scan_done(&m->scan);
	buf_done(&m->line);
}

static void add_address(struct message *m, const struct addr *a, bool is_resent)
{
	struct message_rcpt *r = ARENA_NEW(m->arena, struct message_rcpt);
	struct buf text;

	if (r == NULL || m->n_rcpts >= MESSAGE_RCPTS_MAX) {
		m->is_cut = true;
		return;
	}
	buf_init(&text, 2048);
	buf_add(&text, a->local);
	if (a->domain.n > 0) {
		buf_addc(&text, '@');
		buf_add(&text, a->domain);
	}
	r->address = arena_slice(m->arena, buf_slice(&text));
	r->is_resent = is_resent;
	*m->tail = r;
	m->tail = &r->next;
	m->n_rcpts++;
	buf_done(&text);
}

static void collect(struct message *m, const struct header_field *f, bool is_resent)
{
	struct addr_list list = { 0 };

	addr_parse(f->value, ADDR_LIST_MAX, m->arena, &list);
	m->is_cut |= list.is_cut || f->is_cut;
	m->seen_resent |= is_resent;
	for (const struct addr *a = list.first; a != NULL; a = a->next)
		if (a->kind == ADDR_MAILBOX && a->local.n > 0)
			add_address(m, a, is_resent);
}

static const struct {
	const char *name;
	bool is_rcpt, is_resent, is_dropped;
} fields[] = {
	{ "to", true, false, false }, { "cc", true, false, false }, { "bcc", true, false, true },
	{ "resent-to", true, true, false }, { "resent-cc", true, true, false },
	{ "resent-bcc", true, true, true }, { "return-path", false, false, true },
	{ "content-length", false, false, true },
};

static void take_field(struct message *m, const struct header_field *f, struct buf *out)
{
	bool dropped = false;

	m->field_bytes += f->raw.n;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!slice_iis(f->name, fields[i].name))
			continue;
		dropped = fields[i].is_dropped;
		if (fields[i].is_rcpt && m->extract)
			collect(m, f, fields[i].is_resent);
	}
	if (!dropped)
		buf_add(out, f->raw);
}

/* Bytes with their final line ends go through the header scanner until the body. */
static void pass_on(struct message *m, struct slice s, struct buf *out)
{
	struct header_field f;
	enum rc rc = RC_OK;

	while (!m->in_body && (rc = header_scan_next(&m->scan, &s, &f)) == RC_OK)
		take_field(m, &f, out);
	if (!m->in_body && rc == RC_END) {
		uint64_t blank_line = m->scan.total_bytes - m->field_bytes;

		m->in_body = true;
		if (blank_line > 0)
			buf_adds(out, blank_line == 2 ? "\r\n" : "\n");
		buf_add(out, header_scan_rest(&m->scan));
	}
	if (m->in_body)
		buf_add(out, s);
}

/* One whole line without its LF. RC_END: it was the final dot. */
static enum rc end_line(struct message *m, struct slice line, bool is_start, struct buf *out)
{
	if (m->fix_line_ends && line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (m->dot_ends && is_start && slice_is(line, "."))
		return RC_END;
	pass_on(m, line, out);
	pass_on(m, SLICE_LIT("\n"), out);
	return RC_OK;
}

/* The last bytes of a line may be its CR or a lone dot: they wait for what follows. */
static size_t held_back(const struct message *m, struct slice part)
{
	if (part.n == 0)
		return 0;
	if (m->at_line_start && m->dot_ends && part.n <= 2 && part.p[0] == '.')
		return part.n;
	return part.p[part.n - 1] == '\r' ? 1 : 0;
}

static enum rc feed_whole(struct message *m, struct slice in, struct buf *out)
{
	while (in.n > 0) {
		ptrdiff_t lf = slice_chr(in, '\n');
		size_t hold;

		if (lf >= 0) {
			if (end_line(m, slice_sub(in, 0, (size_t)lf), m->at_line_start, out) ==
			    RC_END)
				return RC_END;
			m->at_line_start = true;
			in = slice_skip(in, (size_t)lf + 1);
			continue;
		}
		hold = held_back(m, in);
		if (in.n > hold) {
			pass_on(m, slice_sub(in, 0, in.n - hold), out);
			m->at_line_start = false;
		}
		buf_add(&m->line, slice_skip(in, in.n - hold));
		break;
	}
	return RC_OK;
}

enum rc message_feed(struct message *m, struct slice in, struct buf *out)
{
	char join[HOLD_MAX + 1];
	size_t n = buf_len(&m->line);

	if (m->ended)
		return RC_END;
	/* finish what was held back with the first byte that tells */
	while (n > 0 && in.n > 0) {
		memcpy(join, buf_slice(&m->line).p, n);
		join[n] = in.p[0];
		buf_reset(&m->line);
		in = slice_skip(in, 1);
		m->ended = feed_whole(m, slice_make(join, n + 1), out) == RC_END;
		if (m->ended)
			return RC_END;
		n = buf_len(&m->line);
	}
	m->ended = feed_whole(m, in, out) == RC_END;
	return m->ended ? RC_END : RC_OK;
}

void message_finish(struct message *m, struct buf *out)
{
	struct header_field f;

	if (!m->ended && (buf_len(&m->line) > 0 || !m->at_line_start)) {
		struct slice rest = buf_slice(&m->line);

		if (end_line(m, rest, m->at_line_start, out) != RC_OK)
			m->ended = true;
		buf_reset(&m->line);
	}
	while (!m->in_body && header_scan_finish(&m->scan, &f) == RC_OK)
		take_field(m, &f, out);
	if (!m->in_body)
		buf_add(out, header_scan_rest(&m->scan));
}

static const struct message_rcpt *counts_from(const struct message *m,
					      const struct message_rcpt *r)
{
	while (r != NULL && r->is_resent != m->seen_resent)
		r = r->next;
	return r;
}

const struct message_rcpt *message_first_rcpt(const struct message *m)
{
	return counts_from(m, m->first);
}

const struct message_rcpt *message_next_rcpt(const struct message *m,
					     const struct message_rcpt *r)
{
	return counts_from(m, r->next);
}
