/* SPDX-License-Identifier: ISC */
#include "imapd/message.h"

enum { TREE_MAX = 64 << 20, NUL_SUBSTITUTE = 0x80 };

void message_init(struct message_cache *m)
{
	*m = (struct message_cache){ .uid = 0 };
	arena_init(&m->arena, TREE_MAX);
}

void message_forget(struct message_cache *m)
{
	if (m->uid == 0)
		return;
	store_content_done(&m->content);
	m->content = (struct store_content){ .fd = -1 };
	arena_reset(&m->arena);
	m->root = NULL;
	m->piece = (struct message_piece){ .total = 0 };
	m->uid = 0;
}

void message_done(struct message_cache *m)
{
	message_forget(m);
	arena_done(&m->arena);
}

enum rc message_open(struct message_cache *m, struct store_box *box, uint32_t seq,
		     struct err *err)
{
	uint32_t uid = store_box_msg(box, seq)->uid;
	struct store_content content;
	enum rc rc;

	if (m->uid == uid)
		return RC_OK;
	message_forget(m);
	rc = store_box_read(box, seq, &content, err);
	if (rc != RC_OK)
		return rc;
	m->content = content;
	m->uid = uid;
	return RC_OK;
}

const struct mime_part *message_tree(struct message_cache *m)
{
	struct mime_parser *p;

	if (m->root == NULL) {
		p = mime_new(&m->arena);
		mime_feed(p, m->content.bytes);
		m->root = mime_finish(p);
		mime_free(&p);
	}
	return m->root;
}

struct slice message_header(const struct message_cache *m)
{
	return slice_sub(m->content.bytes, 0, header_kept_length(m->content.bytes));
}

static bool is_wanted(const struct imap_section *s, struct slice name)
{
	bool is_listed = false;

	for (size_t i = 0; i < s->n_fields && !is_listed; i++)
		is_listed = slice_ieq(s->fields[i], name);
	return is_listed == (s->text == IMAP_PART_FIELDS);
}

static struct slice pick_fields(const struct imap_section *s, struct slice header,
				struct buf *made)
{
	struct header_field f;

	while (header_kept_next(&header, &f) == RC_OK)
		if (is_wanted(s, f.name))
			buf_add(made, f.raw);
	buf_adds(made, "\r\n");
	return buf_slice(made);
}

static struct slice stored(const struct message_cache *m, uint64_t offset, uint64_t n)
{
	return slice_sub(m->content.bytes, (size_t)offset, (size_t)n);
}

/* Header and body of the message itself: no need to know its structure. */
static enum rc root_section(struct message_cache *m, const struct imap_section *s,
			    struct buf *made, struct slice *ret)
{
	struct slice header;

	if (s->text == IMAP_PART_ALL) {
		*ret = m->content.bytes;
		return RC_OK;
	}
	header = message_header(m);
	if (s->text == IMAP_PART_HEADER)
		*ret = header;
	else if (s->text == IMAP_PART_TEXT)
		*ret = slice_skip(m->content.bytes, header.n);
	else
		*ret = pick_fields(s, header, made);
	return RC_OK;
}

enum rc message_section(struct message_cache *m, const struct imap_section *s, struct buf *made,
			struct slice *ret)
{
	const struct mime_part *root, *p;

	if (s->n_path == 0)
		return root_section(m, s, made, ret);
	root = message_tree(m);
	p = root != NULL ? mime_find(root, s->path, s->n_path) : NULL;
	if (p == NULL)
		return RC_END;
	if (s->text == IMAP_PART_ALL) {
		*ret = stored(m, mime_body_offset(p), p->body.bytes);
		return RC_OK;
	}
	if (s->text == IMAP_PART_MIME) {
		*ret = stored(m, p->offset, p->header.bytes);
		return RC_OK;
	}
	if (p->kind != MIME_MESSAGE || p->child == NULL)
		return RC_END;
	p = p->child;
	if (s->text == IMAP_PART_TEXT)
		*ret = stored(m, mime_body_offset(p), p->body.bytes);
	else
		*ret = stored(m, p->offset, p->header.bytes);
	if (s->text == IMAP_PART_FIELDS || s->text == IMAP_PART_FIELDS_NOT)
		*ret = pick_fields(s, *ret, made);
	return RC_OK;
}

struct message_piece *message_piece(struct message_cache *m, struct slice section, uint64_t from)
{
	struct message_piece *p = &m->piece;
	bool is_stored = section.p >= m->content.bytes.p &&
		section.p < m->content.bytes.p + m->content.bytes.n;
	uint64_t ahead;

	if (!is_stored || p->section.p != section.p || p->section.n != section.n) {
		struct wire w = { 0 };

		*p = (struct message_piece){ .section = section, .rest = section };
		p->total = section.n + wire_growth(&w, section, NULL);
	}
	if (from > p->total)
		from = p->total;
	if (from < p->at) {
		p->rest = p->section;
		p->wire = (struct wire){ 0 };
		p->at = 0;
	}
	ahead = from - p->at;
	p->rest = slice_skip(p->rest, wire_seek(&p->wire, p->rest, &ahead));
	p->at = from;
	return p;
}

static void replace_nuls(char *p, size_t n)
{
	char *end = p + n;

	while ((p = memchr(p, '\0', (size_t)(end - p))) != NULL)
		*p++ = (char)NUL_SUBSTITUTE;
}

void message_piece_read(struct message_piece *p, char *dst, size_t size)
{
	size_t n = wire_to_crlf(&p->wire, &p->rest, dst, size);

	/* The piece ends between the CR and the LF of a line ending that is stored as LF. */
	if (n < size) {
		dst[n++] = '\r';
		p->wire.after_cr = true;
	}
	p->at += size;
	replace_nuls(dst, n);
}
