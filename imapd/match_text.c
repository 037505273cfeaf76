/* SPDX-License-Identifier: ISC */
#include "imapd/match_text.h"

#include "lib/mail/charset.h"
#include "lib/mail/enc.h"
#include "lib/mail/mime_type.h"

enum {
	CHUNK = 65536,		/* bytes of a body decoded at a time */
	FOLD_GROWTH = 4,	/* bytes of a character for each byte of its folded form */
	DECODED_MAX = 1 << 30,
	SCRATCH_MAX = 1 << 20
};

/* A needle and the text it is sought in, of which so much is kept that it is found across the
 * seams. */
struct finder {
	struct slice needle;
	struct buf text;	/* UTF-8 not yet searched, and the tail of what was */
	struct buf folded;
};

static void finder_init(struct finder *f, struct slice needle)
{
	f->needle = needle;
	buf_init(&f->text, DECODED_MAX);
	buf_init(&f->folded, DECODED_MAX);
}

static void finder_done(struct finder *f)
{
	buf_done(&f->folded);
	buf_done(&f->text);
}

/* Search what is in text. */
static bool finder_look(struct finder *f)
{
	size_t keep = f->needle.n * FOLD_GROWTH, have;
	bool found;

	buf_reset(&f->folded);
	charset_fold(buf_slice(&f->text), &f->folded);
	found = slice_find(buf_slice(&f->folded), f->needle) >= 0;
	have = buf_len(&f->text);
	if (have > keep)
		buf_consume(&f->text, have - keep);
	/* The kept tail begins with a whole character. */
	while (buf_len(&f->text) > 0 && ((unsigned char)buf_slice(&f->text).p[0] & 0xc0) == 0x80)
		buf_consume(&f->text, 1);
	return found;
}

/* Long fields are folded at tabs as well as at blanks; who seeks the words means neither. */
static void add_value(struct finder *f, struct slice value)
{
	buf_reset(&f->folded);
	for (size_t i = 0; i < value.n; i++)
		buf_addc(&f->folded, value.p[i] == '\t' ? ' ' : value.p[i]);
	charset_decode_words(buf_slice(&f->folded), &f->text);
}

static bool find_in_value(struct finder *f, struct slice value)
{
	buf_reset(&f->text);
	add_value(f, value);
	return finder_look(f);
}

bool match_header_field(struct slice header, struct slice name, struct slice text)
{
	struct header_field field;
	struct finder f;
	bool found = false;

	finder_init(&f, text);
	while (!found && header_kept_next(&header, &field) == RC_OK)
		found = slice_ieq(field.name, name) && find_in_value(&f, field.value);
	finder_done(&f);
	return found;
}

/* Names count as well: TEXT "Subject: x" finds what it seems to. */
static bool find_in_header(struct finder *f, struct slice header)
{
	struct header_field field;

	while (header_kept_next(&header, &field) == RC_OK) {
		buf_reset(&f->text);
		buf_add(&f->text, field.name);
		buf_adds(&f->text, field.name.n > 0 ? ": " : "");
		add_value(f, field.value);
		if (finder_look(f))
			return true;
	}
	return false;
}

struct decoding {
	struct enc_decoder enc;
	struct charset *charset;
	struct buf bytes;
};

static void decoding_init(struct decoding *d, const struct mime_part *p)
{
	struct slice token = mime_token(mime_part_field(p, MIME_TRANSFER_ENCODING));
	struct slice type = mime_part_field(p, MIME_CONTENT_TYPE), name = SLICE_LIT("UTF-8");
	struct mime_type t;
	struct arena a;

	arena_init(&a, SCRATCH_MAX);
	if (type.p != NULL && mime_type_parse(type, &a, &t) == RC_OK &&
	    mime_param(&t, SLICE_LIT("charset")).n > 0)
		name = mime_param(&t, SLICE_LIT("charset"));
	/* Mail without a charset is mostly UTF-8 today; an unknown one is read as it stands. */
	if (charset_open(name, &d->charset) != RC_OK &&
	    charset_open(SLICE_LIT("UTF-8"), &d->charset) != RC_OK)
		d->charset = NULL;
	arena_done(&a);
	enc_decoder_init(&d->enc, enc_kind_of(token, NULL));
	buf_init(&d->bytes, DECODED_MAX);
}

static void decoding_done(struct decoding *d)
{
	buf_done(&d->bytes);
	if (d->charset != NULL)
		charset_close(&d->charset);
}

/* The next stored bytes of the part, or its end, as UTF-8 into OUT. */
static void decode(struct decoding *d, struct slice stored, bool is_end, struct buf *out)
{
	buf_reset(&d->bytes);
	enc_decode(&d->enc, stored, &d->bytes);
	if (is_end)
		enc_decode_finish(&d->enc, &d->bytes);
	if (d->charset == NULL) {
		buf_add(out, buf_slice(&d->bytes));
		return;
	}
	charset_feed(d->charset, buf_slice(&d->bytes), out);
	if (is_end)
		charset_finish(d->charset, out);
}

static bool find_in_body(struct finder *f, const struct mime_part *p, struct slice body)
{
	struct decoding d;
	bool found = false;

	buf_reset(&f->text);
	decoding_init(&d, p);
	do {
		struct slice part = slice_sub(body, 0, CHUNK);

		body = slice_skip(body, part.n);
		decode(&d, part, body.n == 0, &f->text);
		found = finder_look(f);
	} while (!found && body.n > 0);
	decoding_done(&d);
	return found;
}

static const struct mime_part *next_part(const struct mime_part *p)
{
	if (p->child != NULL)
		return p->child;
	while (p != NULL && p->next == NULL)
		p = p->parent;
	return p != NULL ? p->next : NULL;
}

static bool find_in_part(struct finder *f, const struct message_cache *m,
			 const struct mime_part *p)
{
	struct slice all = m->content.bytes;

	if (p->parent != NULL && p->parent->kind == MIME_MESSAGE &&
	    find_in_header(f, slice_sub(all, (size_t)p->offset, (size_t)p->header.bytes)))
		return true;
	return p->kind == MIME_TEXT &&
		find_in_body(f, p, slice_sub(all, (size_t)mime_body_offset(p),
					     (size_t)p->body.bytes));
}

bool match_text(struct message_cache *m, struct slice text, bool with_header)
{
	struct finder f;
	bool found;

	if (text.n == 0)
		return true;
	finder_init(&f, text);
	found = with_header && find_in_header(&f, message_header(m));
	for (const struct mime_part *p = found ? NULL : message_tree(m); p != NULL && !found;
	     p = next_part(p))
		found = find_in_part(&f, m, p);
	finder_done(&f);
	return found;
}
