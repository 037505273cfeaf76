/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "imapd/match_text.h"
#include "lib/mail/charset.h"

/* A message in memory instead of a mailbox. */
static void open_text(struct message_cache *m, struct slice text)
{
	message_init(m);
	m->uid = 1;
	m->content = (struct store_content){ .bytes = text, .fd = -1 };
}

/* LF as CR LF unless it has its CR, NUL as 0x80: simply. */
static void on_wire(struct slice stored, struct buf *out)
{
	for (size_t i = 0; i < stored.n; i++) {
		char c = stored.p[i];

		if (c == '\n' && (i == 0 || stored.p[i - 1] != '\r'))
			buf_addc(out, '\r');
		buf_addc(out, c == '\0' ? (char)0x80 : c);
	}
}

static void read_piece(struct message_cache *m, struct slice section, uint64_t from, size_t count,
		       struct slice wire)
{
	struct message_piece *p = message_piece(m, section, from);
	struct slice want = slice_sub(wire, (size_t)from, count);
	char got[64];

	assert_int_equal(p->total, wire.n);
	assert_int_equal(p->at, from < wire.n ? from : wire.n);
	assert_true(want.n <= sizeof(got));
	message_piece_read(p, got, want.n);
	assert_memory_equal(got, want.p, want.n);
}

static const struct { const char *text; size_t n; } texts[] = {
	{ "a\nb\n\nc", 6 }, { "a\r\nb\r\n\r\nc\r\n", 11 }, { "a\nb\r\n\r\n\nc\r\r\n\n", 13 },
	{ "\n", 1 }, { "\r", 1 }, { "x\0\ny\0", 5 }, { "no end", 6 }, { "", 0 },
};

/* Every piece of every text, as a first piece, behind the one before it, and out of order. */
static void test_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(texts); i++) {
		struct slice section = slice_make(texts[i].text, texts[i].n);
		struct message_cache m;
		struct buf wire;

		buf_init(&wire, 1000);
		on_wire(section, &wire);
		for (size_t count = 1; count <= buf_len(&wire) + 1; count++) {
			open_text(&m, section);
			for (size_t from = 0; from <= buf_len(&wire) + 1; from += count)
				read_piece(&m, section, from, count, buf_slice(&wire));
			for (size_t from = buf_len(&wire) + 2; from-- > 0;)
				read_piece(&m, section, from, count, buf_slice(&wire));
			m.content.bytes = (struct slice){ NULL, 0 };
			message_done(&m);
		}
		buf_done(&wire);
	}
}

/* A section made elsewhere is read anew each time, though it may lie where another one lay. */
static void test_made_section(void **state)
{
	struct message_cache m;
	char made[] = "A: b\n\n";

	(void)state;
	open_text(&m, SLICE_LIT("X: y\n\n"));
	read_piece(&m, slice_str(made), 0, 8, SLICE_LIT("A: b\r\n\r\n"));
	memcpy(made, "A:\nb\n\n", 6);
	read_piece(&m, slice_str(made), 0, 9, SLICE_LIT("A:\r\nb\r\n\r\n"));
	message_done(&m);
}

static bool finds(struct slice message, const char *text, bool with_header)
{
	struct message_cache m;
	struct buf folded;
	bool found;

	buf_init(&folded, 1000);
	charset_fold(slice_str(text), &folded);
	open_text(&m, message);
	found = match_text(&m, buf_slice(&folded), with_header);
	message_done(&m);
	buf_done(&folded);
	return found;
}

/* The text sought lies across every place where a body is cut for decoding. */
static void test_search_across_seams(void **state)
{
	static const char head[] = "Content-Type: text/plain; charset=utf-8\n\n";
	static const char needle[] = "N\xc3\xa9" "edle \xe2\x84\xaa";	/* the last is KELVIN SIGN */

	(void)state;
	for (size_t at = 65536 - 2 * sizeof(needle); at < 65536 + sizeof(needle); at++) {
		struct buf text;

		buf_init(&text, 1 << 20);
		buf_adds(&text, head);
		for (size_t i = 0; i < at; i++)
			buf_addc(&text, 'x');
		buf_adds(&text, needle);
		for (size_t i = 0; i < 70000; i++)
			buf_addc(&text, 'y');
		if (!finds(buf_slice(&text), "n\xc3\x89" "EDLE k", false))
			fail_msg("not found at %zu", at);
		assert_false(finds(buf_slice(&text), "needle k", false));
		buf_done(&text);
	}
}

static const struct { const char *message, *text; bool header, body; } searches[] = {
	{ "Subject: abc\n\ndef", "abc", 1, 0 }, { "Subject: abc\n\ndef", "def", 1, 1 },
	{ "Subject: abc\n\ndef", "subject: a", 1, 0 }, { "Subject: abc\n\ndef", "abcdef", 0, 0 },
	{ "Subject: a\n b\n\n", "a b", 1, 0 }, { "X: =?utf-8?b?w6k=?=\n\n", "\xc3\x89", 1, 0 },
	{ "Content-Type: image/png\n\nabc", "abc", 0, 0 },
	{ "Content-Type: text/html; charset=none-such\n\na\xe9" "bc", "bc", 1, 1 },
	{ "Content-Type: message/rfc822\n\nSubject: in\n\nner", "in", 1, 1 },
	{ "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\n\ntwo\n--b--\npost",
	  "two", 1, 1 },
	{ "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b--\n", "pre", 0, 0 },
	{ "", "x", 0, 0 },
};

static void test_search(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(searches); i++) {
		struct slice message = slice_str(searches[i].message);

		if (finds(message, searches[i].text, true) != searches[i].header ||
		    finds(message, searches[i].text, false) != searches[i].body)
			fail_msg("%s in %s", searches[i].text, searches[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces), cmocka_unit_test(test_made_section),
		cmocka_unit_test(test_search_across_seams), cmocka_unit_test(test_search),
	};

	charset_warm();
	return cmocka_run_group_tests_name("imapd message", tests, NULL, NULL);
}
