/* SPDX-License-Identifier: ISC */
#include "lib/mail/mime.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/mail/mime_type.h"
#include "lib/mail/wire.h"

enum { N_OF_ADDRESSES = MIME_BCC - MIME_FROM + 1 };

enum state {
	IN_HEADER,
	IN_BODY,	/* also preamble and epilogue of a multipart */
	IN_DELIMITER	/* the rest of a boundary line */
};

struct open_boundary {
	struct mime_part *part;
	struct slice text;
};

struct mime_parser {
	struct arena *arena;
	struct mime_part *root, *part;	/* part: the innermost open one */
	uint32_t depth, n_parts;
	enum state state;
	bool is_cut;
	bool next_is_part;		/* a part starts after this delimiter line */
	struct header_scan scan;
	struct buf addresses[N_OF_ADDRESSES];	/* of the header at hand, so far */
	struct open_boundary open[MIME_DEPTH_MAX];
	size_t n_open;
	bool at_line_start;
	char line[MIME_BOUNDARY_MAX + 4];	/* a line that may be a boundary, so far */
	size_t n_line;
	struct wire wire;
	struct mime_size now;		/* everything counted so far */
	struct mime_size before_eol;	/* NOW before the last line ending */
	/* Of each open part, outermost first: */
	struct mime_size start[MIME_DEPTH_MAX];	/* where its header, later its body began */
	struct mime_part *last_child[MIME_DEPTH_MAX];
	bool is_digest[MIME_DEPTH_MAX];
};

static const char *const field_names[MIME_FIELDS] = {
	[MIME_CONTENT_TYPE] = "Content-Type",
	[MIME_TRANSFER_ENCODING] = "Content-Transfer-Encoding",
	[MIME_CONTENT_ID] = "Content-ID",
	[MIME_DESCRIPTION] = "Content-Description",
	[MIME_DISPOSITION] = "Content-Disposition",
	[MIME_LANGUAGE] = "Content-Language",
	[MIME_LOCATION] = "Content-Location",
	[MIME_MD5] = "Content-MD5",
	[MIME_DATE] = "Date",
	[MIME_SUBJECT] = "Subject",
	[MIME_FROM] = "From",
	[MIME_SENDER] = "Sender",
	[MIME_REPLY_TO] = "Reply-To",
	[MIME_TO] = "To",
	[MIME_CC] = "Cc",
	[MIME_BCC] = "Bcc",
	[MIME_IN_REPLY_TO] = "In-Reply-To",
	[MIME_MESSAGE_ID] = "Message-ID",
};

static struct mime_size size_between(const struct mime_size *from, const struct mime_size *to)
{
	if (to->bytes <= from->bytes)
		return (struct mime_size){ 0 };
	return (struct mime_size){
		.bytes = to->bytes - from->bytes,
		.crlf_bytes = to->crlf_bytes - from->crlf_bytes,
		.lines = to->lines - from->lines,
	};
}

/* --- parts --- */

static bool is_message_root(const struct mime_part *p)
{
	return p->parent == NULL || p->parent->kind == MIME_MESSAGE;
}

/* Start a part at NOW inside the innermost one. */
static bool open_part(struct mime_parser *m)
{
	struct mime_part *p = NULL, *parent = m->part;

	if (m->depth < MIME_DEPTH_MAX && m->n_parts < MIME_PARTS_MAX)
		p = ARENA_NEW(m->arena, struct mime_part);
	if (p == NULL) {
		m->is_cut = true;
		return false;
	}
	p->parent = parent;
	p->offset = m->now.bytes;
	p->number = 1;
	if (parent != NULL) {
		p->number = ++parent->n_children;
		if (parent->child == NULL)
			parent->child = p;
		else
			m->last_child[m->depth - 1]->next = p;
		m->last_child[m->depth - 1] = p;
		p->default_is_message = m->is_digest[m->depth - 1];
	}
	if (is_message_root(p))
		p->envelope = arena_alloc(m->arena, (MIME_FIELDS - MIME_PART_FIELDS) *
							    sizeof(*p->envelope));
	m->start[m->depth] = m->now;
	m->is_digest[m->depth++] = false;
	m->n_parts++;
	m->part = p;
	m->state = IN_HEADER;
	header_scan_reset(&m->scan);
	return true;
}

static void close_part(struct mime_parser *m, const struct mime_size *end)
{
	m->depth--;
	m->part->body = size_between(&m->start[m->depth], end);
	m->part = m->part->parent;
}

/* --- headers --- */

static void keep_field(struct mime_parser *m, struct slice *slot, struct slice value)
{
	struct buf flat;

	buf_init(&flat, value.n + 1);
	header_unfold(value, &flat);
	*slot = arena_slice(m->arena, slice_trim(buf_slice(&flat)));
	if (slot->p == NULL)
		m->is_cut = true;
	buf_done(&flat);
}

/* Gathered first: thousands of them must not cost the square of it. */
static void add_addresses(struct buf *all, struct slice value)
{
	if (buf_len(all) > 0)
		buf_addc(all, '\n');
	header_unfold(value, all);
}

static void keep_addresses(struct mime_parser *m)
{
	for (size_t i = 0; i < N_OF_ADDRESSES; i++) {
		struct buf *b = &m->addresses[i];
		struct slice *slot = &m->part->envelope[MIME_FROM + i - MIME_PART_FIELDS];

		if (buf_len(b) == 0)
			continue;
		*slot = arena_slice(m->arena, slice_trim(buf_slice(b)));
		if (slot->p == NULL || buf_is_over(b))
			m->is_cut = true;
		buf_reset(b);
	}
}

static void store_field(struct mime_parser *m, const struct header_field *f)
{
	struct mime_part *p = m->part;
	size_t n = p->envelope != NULL ? MIME_FIELDS : MIME_PART_FIELDS;

	for (size_t i = 0; i < n; i++) {
		if (!slice_iis(f->name, field_names[i]))
			continue;
		if (f->is_cut)
			m->is_cut = true;
		if (i >= MIME_FROM && i <= MIME_BCC)
			add_addresses(&m->addresses[i - MIME_FROM], f->value);
		else if (i >= MIME_PART_FIELDS)
			keep_field(m, &p->envelope[i - MIME_PART_FIELDS], f->value);
		else if (p->field[i].p == NULL)
			keep_field(m, &p->field[i], f->value);
		return;
	}
}

static void push_boundary(struct mime_parser *m, const struct mime_type *type)
{
	struct slice b = mime_param(type, SLICE_LIT("boundary"));

	b = slice_sub(b, 0, MIME_BOUNDARY_MAX);
	while (b.n > 0 && char_is_space(b.p[b.n - 1]))
		b.n--;
	if (b.n == 0)
		return;
	m->open[m->n_open++] = (struct open_boundary){ .part = m->part, .text = b };
}

/* What the part is, by its type; a message gets its child at once. */
static void classify(struct mime_parser *m)
{
	struct mime_part *p = m->part;
	struct mime_type type;
	bool is_bad = mime_type_parse(p->field[MIME_CONTENT_TYPE], m->arena, &type) != RC_OK;
	bool absent = p->field[MIME_CONTENT_TYPE].p == NULL;

	if (type.is_cut)
		m->is_cut = true;
	if ((absent && p->default_is_message) ||
	    (!is_bad && slice_iis(type.type, "message") && slice_iis(type.subtype, "rfc822"))) {
		p->kind = MIME_MESSAGE;
		if (!open_part(m))
			p->kind = MIME_LEAF;
	} else if (slice_iis(type.type, "multipart")) {
		p->kind = MIME_MULTIPART;
		m->is_digest[m->depth - 1] = slice_iis(type.subtype, "digest");
		push_boundary(m, &type);
	} else {
		p->kind = slice_iis(type.type, "text") ? MIME_TEXT : MIME_LEAF;
	}
}

/* The innermost part's header ends at END. */
static void end_header(struct mime_parser *m, struct mime_size end)
{
	struct mime_size *start = &m->start[m->depth - 1];

	if (m->part->envelope != NULL)
		keep_addresses(m);
	m->part->header = size_between(start, &end);
	*start = end;
	m->state = IN_BODY;
	classify(m);
	if (m->state == IN_HEADER) {	/* the embedded message starts right here */
		m->start[m->depth - 1] = end;
		m->part->offset = end.bytes;
	}
}

static void feed_header(struct mime_parser *m, struct slice piece)
{
	struct header_field f;
	enum rc rc;

	while ((rc = header_scan_next(&m->scan, &piece, &f)) == RC_OK)
		store_field(m, &f);
	if (rc == RC_END)
		end_header(m, m->now);
}

/* The header is cut off, by a boundary or by the end of the message. */
static void cut_header(struct mime_parser *m, struct mime_size end)
{
	struct header_field f;

	while (m->state == IN_HEADER) {
		while (header_scan_finish(&m->scan, &f) == RC_OK)
			store_field(m, &f);
		end_header(m, end);
	}
}

/* --- lines --- */

/* Account for PIECE, which holds at most one line ending, at its end. */
static void count_piece(struct mime_parser *m, struct slice piece)
{
	bool was_cr = m->wire.after_cr;
	bool ends = piece.p[piece.n - 1] == '\n';

	m->now.bytes += piece.n;
	m->now.crlf_bytes += piece.n + wire_growth(&m->wire, piece, &m->now.lines);
	m->at_line_start = ends;
	if (ends) {
		bool cr = piece.n > 1 ? piece.p[piece.n - 2] == '\r' : was_cr;

		m->before_eol = (struct mime_size){ m->now.bytes - (cr ? 2 : 1),
						    m->now.crlf_bytes - 2, m->now.lines - 1 };
	}
}

static void take_piece(struct mime_parser *m, struct slice piece)
{
	count_piece(m, piece);
	if (m->state == IN_HEADER) {
		feed_header(m, piece);
	} else if (m->state == IN_DELIMITER && m->at_line_start) {
		m->state = IN_BODY;
		if (m->next_is_part)
			(void)open_part(m);
	}
}

/* The open boundary that LINE delimits: the longest that matches, the innermost of equals; or
 * -1. Only the start of the line counts (RFC 2046, 5.1.1). */
static ptrdiff_t match_boundary(const struct mime_parser *m, struct slice line)
{
	ptrdiff_t best = -1;
	struct slice rest = slice_skip(line, 2);

	if (!slice_starts(line, SLICE_LIT("--")))
		return -1;
	for (size_t i = m->n_open; i-- > 0;) {
		if (slice_starts(rest, m->open[i].text) &&
		    (best < 0 || m->open[i].text.n > m->open[best].text.n))
			best = (ptrdiff_t)i;
	}
	return best;
}

static void take_line(struct mime_parser *m, struct slice line)
{
	ptrdiff_t k = match_boundary(m, line);
	struct slice rest;
	bool is_close;

	if (k < 0) {
		take_piece(m, line);
		return;
	}
	rest = slice_skip(line, 2 + m->open[k].text.n);
	is_close = slice_starts(rest, SLICE_LIT("--"));
	cut_header(m, m->now);
	while (m->part != m->open[k].part)
		close_part(m, &m->before_eol);
	m->n_open = (size_t)k + !is_close;
	m->next_is_part = !is_close;
	m->state = IN_DELIMITER;
	take_piece(m, line);
}

/* Hold a line that starts with "-" until it is known whether it is a boundary. */
static void hold_line(struct mime_parser *m, struct slice *in)
{
	size_t n = 0, room = sizeof(m->line) - m->n_line;
	struct slice line;

	while (n < in->n && n < room && (n == 0 || in->p[n - 1] != '\n'))
		n++;
	memcpy(m->line + m->n_line, in->p, n);
	*in = slice_skip(*in, n);
	m->n_line += n;
	line = slice_make(m->line, m->n_line);
	if (line.p[line.n - 1] != '\n' && m->n_line < sizeof(m->line) &&
	    (line.n < 2 || line.p[1] == '-'))
		return;
	m->n_line = 0;
	take_line(m, line);
}

/* --- interface --- */

struct mime_parser *mime_new(struct arena *a)
{
	struct mime_parser *m = mem_new(1, sizeof(*m));

	m->arena = a;
	m->at_line_start = true;
	header_scan_init(&m->scan, MIME_FIELD_MAX);
	m->scan.is_kept = true;
	for (size_t i = 0; i < N_OF_ADDRESSES; i++)
		buf_init(&m->addresses[i], MIME_FIELD_MAX);
	if (open_part(m))
		m->root = m->part;
	return m;
}

void mime_free(struct mime_parser **m)
{
	if (*m == NULL)
		return;
	header_scan_done(&(*m)->scan);
	for (size_t i = 0; i < N_OF_ADDRESSES; i++)
		buf_done(&(*m)->addresses[i]);
	free(*m);
	*m = NULL;
}

void mime_feed(struct mime_parser *m, struct slice in)
{
	while (in.n > 0 && m->root != NULL) {
		const char *lf;
		size_t n;

		if (m->n_line > 0 || (m->at_line_start && m->n_open > 0 && in.p[0] == '-')) {
			hold_line(m, &in);
			continue;
		}
		if (m->state == IN_BODY && m->n_open == 0) {
			m->now.bytes += in.n;
			m->now.crlf_bytes += in.n + wire_growth(&m->wire, in, &m->now.lines);
			return;
		}
		lf = memchr(in.p, '\n', in.n);
		n = lf != NULL ? (size_t)(lf - in.p) + 1 : in.n;
		take_piece(m, slice_sub(in, 0, n));
		in = slice_skip(in, n);
	}
}

struct mime_part *mime_finish(struct mime_parser *m)
{
	if (m->root == NULL)
		return NULL;
	if (m->n_line > 0)
		take_line(m, slice_make(m->line, m->n_line));
	m->n_line = 0;
	cut_header(m, m->now);
	while (m->part != NULL)
		close_part(m, &m->now);
	return m->root;
}

bool mime_is_cut(const struct mime_parser *m)
{
	return m->is_cut;
}

const struct mime_part *mime_find(const struct mime_part *p, const uint32_t *path, size_t n)
{
	bool is_message = true;	/* P is a message: its part 1 is itself unless it is multipart */

	for (size_t i = 0; i < n && p != NULL; i++) {
		if (p->kind == MIME_MULTIPART) {
			p = p->child;
			while (p != NULL && p->number != path[i])
				p = p->next;
		} else if (!is_message || path[i] != 1) {
			p = NULL;
		}
		is_message = p != NULL && p->kind == MIME_MESSAGE && i + 1 < n;
		if (is_message)
			p = p->child;
	}
	return p;
}
