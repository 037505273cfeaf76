/* SPDX-License-Identifier: ISC */
#include "lib/imap/write.h"

enum { QUOTED_MAX = 1000 };	/* longer ones are literals: some clients limit their lines */

static bool is_quotable(char c)
{
	return !char_is_8bit(c) && c != '\0' && c != '\r' && c != '\n';
}

static bool is_plain(char c)
{
	return is_quotable(c) && c != '"' && c != '\\';
}

static bool is_astring_char(char c)
{
	return char_is_print(c) && strchr(" (){%*\"\\", c) == NULL;
}

static void write_quoted(struct slice s, struct buf *out)
{
	buf_addc(out, '"');
	for (size_t from = 0, i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] != '"' && s.p[i] != '\\')
			continue;
		buf_add(out, slice_sub(s, from, i - from));
		if (i < s.n)
			buf_addc(out, '\\');
		from = i;
	}
	buf_addc(out, '"');
}

static void write_literal(struct slice s, struct buf *out)
{
	struct slice part;

	buf_addf(out, "{%zu}\r\n", s.n);
	while (slice_split(&s, '\0', &part)) {
		buf_add(out, part);
		if (s.p != NULL)
			buf_addc(out, (char)0x80);
	}
}

void imap_write_string(struct slice s, struct buf *out)
{
	struct slice rest = s;

	(void)slice_take_while(&rest, is_plain);
	if (rest.n == 0 && s.n <= QUOTED_MAX)
		write_quoted(s, out);
	else
		write_literal(s, out);
}

void imap_write_nstring(struct slice s, struct buf *out)
{
	if (s.p == NULL)
		buf_adds(out, "NIL");
	else
		imap_write_string(s, out);
}

void imap_write_astring(struct slice s, struct buf *out)
{
	struct slice rest = s;

	(void)slice_take_while(&rest, is_astring_char);
	if (s.n > 0 && rest.n == 0 && !slice_iis(s, "NIL")) {
		buf_add(out, s);
		return;
	}
	rest = s;
	(void)slice_take_while(&rest, is_quotable);
	if (rest.n == 0 && s.n <= QUOTED_MAX)
		write_quoted(s, out);
	else
		write_literal(s, out);
}

void imap_write_text(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, s.p[i] == '\0' || s.p[i] == '\r' || s.p[i] == '\n' ? ' ' : s.p[i]);
}
