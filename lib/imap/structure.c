/* SPDX-License-Identifier: ISC */
#include "lib/imap/structure.h"

#include "lib/imap/write.h"
#include "lib/mail/addr.h"
#include "lib/mail/mime_type.h"

enum { LANGUAGES_MAX = 32 };

static struct slice filled(struct slice s, const char *missing)
{
	return s.p == NULL || s.n == 0 ? slice_str(missing) : s;
}

/* A group is a pair of entries without a host; an address must therefore have one, and gets the
 * words that Dovecot's users know when its header has none. */
static void write_address(const struct addr *a, struct buf *out)
{
	const struct slice nil = { NULL, 0 };

	buf_addc(out, '(');
	imap_write_nstring(a->kind == ADDR_MAILBOX ? a->name : nil, out);
	buf_addc(out, ' ');
	imap_write_nstring(a->kind == ADDR_MAILBOX ? a->route : nil, out);
	buf_addc(out, ' ');
	if (a->kind == ADDR_MAILBOX)
		imap_write_string(filled(a->local, "MISSING_MAILBOX"), out);
	else
		imap_write_nstring(a->kind == ADDR_GROUP_START ? filled(a->local, "") : nil, out);
	buf_addc(out, ' ');
	if (a->kind == ADDR_MAILBOX)
		imap_write_string(filled(a->domain, "MISSING_DOMAIN"), out);
	else
		imap_write_nstring(nil, out);
	buf_addc(out, ')');
}

/* False, and nothing written, when VALUE, fields with LF between them, holds no address. */
static bool write_addresses(struct slice value, struct arena *scratch, struct buf *out)
{
	const char *before = "(";
	size_t room = ADDR_LIST_MAX;
	struct addr_list list;
	struct slice field;

	while (room > 0 && slice_split(&value, '\n', &field)) {
		arena_reset(scratch);
		addr_parse(field, room, scratch, &list);
		room -= list.n;
		for (const struct addr *a = list.first; a != NULL; a = a->next) {
			buf_adds(out, before);
			before = "";
			write_address(a, out);
		}
	}
	if (*before != '\0')
		return false;
	buf_addc(out, ')');
	return true;
}

static void write_address_field(const struct mime_part *m, enum mime_field field,
				enum mime_field instead, struct arena *scratch, struct buf *out)
{
	buf_addc(out, ' ');
	if (!write_addresses(mime_part_field(m, field), scratch, out) &&
	    (instead == field || !write_addresses(mime_part_field(m, instead), scratch, out)))
		buf_adds(out, "NIL");
}

void imap_write_envelope(const struct mime_part *m, struct arena *scratch, struct buf *out)
{
	static const struct { enum mime_field field, instead; } addresses[] = {
		{ MIME_FROM, MIME_FROM }, { MIME_SENDER, MIME_FROM }, { MIME_REPLY_TO, MIME_FROM },
		{ MIME_TO, MIME_TO }, { MIME_CC, MIME_CC }, { MIME_BCC, MIME_BCC },
	};

	buf_addc(out, '(');
	imap_write_nstring(mime_part_field(m, MIME_DATE), out);
	buf_addc(out, ' ');
	imap_write_nstring(mime_part_field(m, MIME_SUBJECT), out);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		write_address_field(m, addresses[i].field, addresses[i].instead, scratch, out);
	buf_addc(out, ' ');
	imap_write_nstring(mime_part_field(m, MIME_IN_REPLY_TO), out);
	buf_addc(out, ' ');
	imap_write_nstring(mime_part_field(m, MIME_MESSAGE_ID), out);
	buf_addc(out, ')');
}

static void write_params(const struct mime_type *t, bool wants_charset, struct buf *out)
{
	const char *between = "(";

	for (size_t i = 0; i < t->n_params; i++) {
		buf_adds(out, between);
		imap_write_string(t->params[i].name, out);
		buf_addc(out, ' ');
		imap_write_string(t->params[i].value, out);
		between = " ";
		if (slice_iis(t->params[i].name, "charset"))
			wants_charset = false;
	}
	if (wants_charset) {
		buf_addf(out, "%s\"charset\" \"us-ascii\"", between);
		between = " ";
	}
	buf_adds(out, *between == '(' ? "NIL" : ")");
}

static void write_disposition(struct slice value, struct arena *scratch, struct buf *out)
{
	struct mime_type d;

	arena_reset(scratch);
	if (value.p == NULL || mime_disposition_parse(value, scratch, &d) != RC_OK) {
		buf_adds(out, "NIL");
		return;
	}
	buf_addc(out, '(');
	imap_write_string(d.type, out);
	buf_addc(out, ' ');
	write_params(&d, false, out);
	buf_addc(out, ')');
}

static void write_languages(struct slice value, struct buf *out)
{
	struct slice tags[LANGUAGES_MAX];
	size_t n = mime_language_parse(value, tags, LANGUAGES_MAX);

	for (size_t i = 0; i < n; i++) {
		buf_addc(out, i == 0 ? '(' : ' ');
		imap_write_string(tags[i], out);
	}
	buf_adds(out, n > 0 ? ")" : "NIL");
}

/* What BODYSTRUCTURE has and BODY has not, alike for all kinds. */
static void write_extension(const struct mime_part *p, struct arena *scratch, struct buf *out)
{
	buf_addc(out, ' ');
	write_disposition(mime_part_field(p, MIME_DISPOSITION), scratch, out);
	buf_addc(out, ' ');
	write_languages(mime_part_field(p, MIME_LANGUAGE), out);
	buf_addc(out, ' ');
	imap_write_nstring(mime_part_field(p, MIME_LOCATION), out);
}

static void parse_type(const struct mime_part *p, struct arena *scratch, struct mime_type *out)
{
	struct slice value = mime_part_field(p, MIME_CONTENT_TYPE);

	arena_reset(scratch);
	if (mime_type_parse(value, scratch, out) != RC_OK)
		*out = (struct mime_type){ .type = SLICE_LIT("text"),
					   .subtype = SLICE_LIT("plain") };
}

/* A message/rfc822 beyond the limits of depth is content like any other. */
static bool is_message(const struct mime_part *p)
{
	return p->kind == MIME_MESSAGE && p->child != NULL;
}

static void write_multipart(const struct mime_part *p, bool extended, struct arena *scratch,
			    struct buf *out)
{
	struct mime_type t;

	/* The grammar wants at least one part. */
	if (p->child == NULL)
		buf_addf(out, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" "
			 "0 0%s)", extended ? " NIL NIL NIL NIL" : "");
	for (const struct mime_part *c = p->child; c != NULL; c = c->next)
		imap_write_structure(c, extended, scratch, out);
	buf_addc(out, ' ');
	parse_type(p, scratch, &t);
	imap_write_string(t.subtype, out);
	if (extended) {
		buf_addc(out, ' ');
		write_params(&t, false, out);
		write_extension(p, scratch, out);
	}
}

/* Type and subtype by kind, not by what the header says: the grammar has other fields behind text
 * and message/rfc822, so what is not such a part may not look like one. */
static void write_type(const struct mime_part *p, struct arena *scratch, struct buf *out)
{
	struct mime_type t;

	parse_type(p, scratch, &t);
	if (is_message(p)) {
		t.type = SLICE_LIT("message");
		t.subtype = SLICE_LIT("rfc822");
	} else if (p->kind == MIME_TEXT) {
		t.type = slice_iis(t.type, "text") ? t.type : SLICE_LIT("text");
	} else if (slice_iis(t.type, "text") || slice_iis(t.type, "multipart") ||
		   (slice_iis(t.type, "message") && slice_iis(t.subtype, "rfc822"))) {
		t.type = SLICE_LIT("application");
		t.subtype = SLICE_LIT("octet-stream");
	}
	imap_write_string(t.type, out);
	buf_addc(out, ' ');
	imap_write_string(t.subtype, out);
	buf_addc(out, ' ');
	write_params(&t, p->kind == MIME_TEXT, out);
}

static void write_single(const struct mime_part *p, bool extended, struct arena *scratch,
			 struct buf *out)
{
	struct slice encoding = mime_part_field(p, MIME_TRANSFER_ENCODING);

	write_type(p, scratch, out);
	buf_addc(out, ' ');
	imap_write_nstring(mime_part_field(p, MIME_CONTENT_ID), out);
	buf_addc(out, ' ');
	imap_write_nstring(mime_part_field(p, MIME_DESCRIPTION), out);
	buf_addc(out, ' ');
	imap_write_string(filled(mime_token(encoding), "7bit"), out);
	buf_addf(out, " %llu", (unsigned long long)p->body.crlf_bytes);
	if (is_message(p)) {
		buf_addc(out, ' ');
		imap_write_envelope(p->child, scratch, out);
		buf_addc(out, ' ');
		imap_write_structure(p->child, extended, scratch, out);
	}
	if (is_message(p) || p->kind == MIME_TEXT)
		buf_addf(out, " %llu", (unsigned long long)p->body.lines);
	if (extended) {
		buf_addc(out, ' ');
		imap_write_nstring(mime_part_field(p, MIME_MD5), out);
		write_extension(p, scratch, out);
	}
}

void imap_write_structure(const struct mime_part *p, bool extended, struct arena *scratch,
			  struct buf *out)
{
	buf_addc(out, '(');
	if (p->kind == MIME_MULTIPART)
		write_multipart(p, extended, scratch, out);
	else
		write_single(p, extended, scratch, out);
	buf_addc(out, ')');
}
