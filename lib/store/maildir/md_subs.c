/* SPDX-License-Identifier: ISC */
#include "lib/store/maildir/md_subs.h"

/* Bytes that no version has in a line are no more kept than an empty line is. */
static bool is_line(struct slice line, unsigned version)
{
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (char_is_cntrl(c) && !(version == 2 && (c == '\t' || c == '\001')))
			return false;
	}
	return line.n > 0;
}

enum rc md_subs_parse(struct slice text, struct md_subs *out)
{
	struct slice line;
	enum rc rc = RC_OK;

	*out = (struct md_subs){ 0 };
	if (slice_starts(text, SLICE_LIT("V\t"))) {
		(void)slice_line(&text, &line);
		if (!slice_is(line, "V\t2"))
			return RC_SYNTAX;
		out->version = 2;
	} else if (text.n == 0) {
		out->version = 2;
	}
	while (rc == RC_OK && slice_line(&text, &line))
		if (is_line(line, out->version))
			rc = store_names_add(&out->lines, line);
	return rc;
}

void md_subs_done(struct md_subs *s)
{
	store_names_done(&s->lines);
}

void md_subs_put(const struct md_subs *s, struct buf *out)
{
	if (s->version == 2)
		buf_adds(out, "V\t2\n\n");
	for (size_t i = 0; i < s->lines.n; i++) {
		buf_adds(out, s->lines.v[i]);
		buf_addc(out, '\n');
	}
}

/* Dovecot's escape: \001 and a character for the bytes that structure the line. */
static const struct {
	char byte, code;
} escapes[] = { { '\001', '1' }, { '\t', 't' }, { '\r', 'r' }, { '\n', 'n' } };

static bool unescape(char code, char *out)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (escapes[i].code == code) {
			*out = escapes[i].byte;
			return true;
		}
	}
	return false;
}

static void put_escaped(char c, struct buf *out)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (escapes[i].byte == c) {
			buf_addc(out, '\001');
			buf_addc(out, escapes[i].code);
			return;
		}
	}
	buf_addc(out, c);
}

bool md_subs_name(const struct md_subs *s, const char *line, char sep, struct buf *out)
{
	char disk_sep = s->version == 2 ? '\t' : '.';

	for (; *line != '\0'; line++) {
		char c = *line;

		if (c == disk_sep) {
			buf_addc(out, sep);
			continue;
		}
		if (s->version == 2 && c == '\001' && !unescape(*++line, &c))
			return false;
		/* A separator or control byte inside a part is no name we could tell. */
		if (c == sep || char_is_cntrl(c))
			return false;
		buf_addc(out, c);
	}
	return buf_finish(out) == RC_OK;
}

void md_subs_line(const struct md_subs *s, struct slice name, char sep, struct buf *out)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == sep)
			buf_addc(out, s->version == 2 ? '\t' : '.');
		else if (s->version == 2)
			put_escaped(name.p[i], out);
		else
			buf_addc(out, name.p[i]);
	}
}
