/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/imap/mailbox.h"
#include "lib/imap/write.h"

static const struct { const char *pattern, *name; bool want; } matches[] = {
	{ "*", "a.b.c", 1 }, { "%", "a", 1 }, { "%", "a.b", 0 }, { "%.%", "a.b", 1 },
	{ "%.%", "a.b.c", 0 }, { "a.*", "a.b.c", 1 }, { "a.*", "a", 0 }, { "a*", "a", 1 },
	{ "a.%", "a.b", 1 }, { "a.%", "a.b.c", 0 }, { "*b%", "a.b.bc", 1 }, { "*b%", "a.b.c", 0 },
	{ "%b*", "ab.c", 1 }, { "%b*", "a.b", 0 }, { "*.b", "a.c.b", 1 }, { "", "", 1 },
	{ "", "a", 0 }, { "a", "", 0 }, { "**%%*", "x", 1 }, { "inbox", "INBOX", 1 },
	{ "inb%", "INBOX", 1 }, { "inbox.a", "INBOX.a", 1 }, { "inbox.A", "INBOX.a", 0 },
	{ "inboxa", "INBOXa", 0 }, { "abc", "ABC", 0 },
	{ "*a*b*c*", "xxaxxbxxcxx", 1 }, { "*a*b*c*", "xxaxxcxxbxx", 0 }, { "%a%", "ba.", 0 },
	{ "*a%", "a.a", 1 }, { "%%a", "ba", 1 }, { "*%.%*", "a.b", 1 }, { "a\\b", "a\\b", 1 },
};

static void test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(matches); i++)
		if (imap_list_matches(slice_str(matches[i].pattern), slice_str(matches[i].name), '.')
		    != matches[i].want)
			fail_msg("%s against %s", matches[i].pattern, matches[i].name);
}

/* STORE NULL: refused. */
static const struct { const char *prefix, *wire, *store; } names[] = {
	{ "", "INBOX", "INBOX" }, { "", "iNbOx", "INBOX" }, { "", "a.b", "a.b" },
	{ "", "INBOX.a", "INBOX.a" }, { "", "", NULL }, { "", "&Jjo-", "&Jjo-" },
	{ "", "&Jjo", NULL }, { "", "a&b", NULL }, { "", "a&-b", "a&-b" }, { "", "\xc3\xa9", NULL },
	{ "", "a\x01", NULL }, { "", "a&AAA-", NULL }, { "INBOX.", "inbox", "INBOX" },
	{ "INBOX.", "INBOX.Sent", "Sent" },
	{ "INBOX.", "inbox.Sent", "Sent" }, { "INBOX.", "Sent", NULL }, { "INBOX.", "INBOX.", NULL },
	{ "Mail/", "Mail/x", "x" }, { "Mail/", "mail/x", NULL }, { "Mail/", "Mail", NULL },
};

static void test_names(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 65536);
	for (size_t i = 0; i < N_OF(names); i++) {
		struct imap_namespace ns = { slice_str(names[i].prefix), '.' };
		const char *why, *out = NULL;
		enum rc rc = imap_mailbox_from_wire(&ns, slice_str(names[i].wire), &a, &out, &why);

		if ((rc == RC_OK) != (names[i].store != NULL))
			fail_msg("%s: %s", names[i].wire, rc_name(rc));
		if (rc == RC_OK)
			assert_string_equal(out, names[i].store);
		else
			assert_non_null(why);
	}
	arena_done(&a);
}

static const struct { struct slice in; const char *string, *nstring, *astring; } strings[] = {
	{ { NULL, 0 }, "\"\"", "NIL", "\"\"" }, { { "", 0 }, "\"\"", "\"\"", "\"\"" },
	{ { "a", 1 }, "\"a\"", "\"a\"", "a" }, { { "NiL", 3 }, "\"NiL\"", "\"NiL\"", "\"NiL\"" },
	{ { "a b", 3 }, "\"a b\"", "\"a b\"", "\"a b\"" },
	{ { "\"\\x", 3 }, "{3}\r\n\"\\x", "{3}\r\n\"\\x", "\"\\\"\\\\x\"" },
	{ { "a\r\nb", 4 }, "{4}\r\na\r\nb", "{4}\r\na\r\nb", "{4}\r\na\r\nb" },
	{ { "\xc3\xa9", 2 }, "{2}\r\n\xc3\xa9", "{2}\r\n\xc3\xa9", "{2}\r\n\xc3\xa9" },
	{ { "a\0b\0", 4 }, "{4}\r\na\x80" "b\x80", "{4}\r\na\x80" "b\x80", "{4}\r\na\x80" "b\x80" },
	{ { "a]", 2 }, "\"a]\"", "\"a]\"", "a]" }, { { "\t", 1 }, "\"\t\"", "\"\t\"", "\"\t\"" },
};

static void test_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(strings); i++) {
		struct buf out;

		buf_init(&out, 1000);
		imap_write_string(strings[i].in, &out);
		unit_slice_is(buf_slice(&out), strings[i].string, "string");
		buf_reset(&out);
		imap_write_nstring(strings[i].in, &out);
		unit_slice_is(buf_slice(&out), strings[i].nstring, "nstring");
		buf_reset(&out);
		imap_write_astring(strings[i].in, &out);
		unit_slice_is(buf_slice(&out), strings[i].astring, "astring");
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches), cmocka_unit_test(test_names),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests_name("imap names", tests, NULL, NULL);
}
