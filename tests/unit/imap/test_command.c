/* SPDX-License-Identifier: ISC */
#include "tests/unit/imap/line.h"

#include "lib/imap/command.h"
#include "lib/imap/fetch.h"
#include "lib/imap/id.h"

/* FETCH items as they would be answered; '!' in front of one that sets \Seen. NULL: refused. */
static const struct { const char *in, *want; } fetches[] = {
	{ "FLAGS", "FLAGS" }, { "(FLAGS)", "FLAGS" }, { "(UID FLAGS UID)", "UID FLAGS" },
	{ "FAST", "FLAGS INTERNALDATE SIZE" }, { "all", "FLAGS INTERNALDATE SIZE ENVELOPE" },
	{ "FULL", "FLAGS INTERNALDATE SIZE ENVELOPE BODY" }, { "BODYSTRUCTURE", "BODYSTRUCTURE" },
	{ "BODY[]", "!BODY[]" }, { "BODY.PEEK[]", "BODY[]" }, { "body[1.2.MIME]", "!BODY[1.2.MIME]" },
	{ "BODY[TEXT]<5.10>", "!BODY[TEXT]<5>" }, { "BODY[1.text]", "!BODY[1.TEXT]" },
	{ "BODY.PEEK[HEADER.FIELDS (To \"Cc\")]", "BODY[HEADER.FIELDS (To Cc)]" },
	{ "(BODY[3.HEADER.FIELDS.NOT (\"a b\")]<0.1> UID)",
	  "!BODY[3.HEADER.FIELDS.NOT (\"a b\")]<0> UID" },
	{ "BODY[HEADER]", "!BODY[HEADER]" }, { "(RFC822)", "!RFC822" },
	{ "RFC822.PEEK", "RFC822" }, { "RFC822.HEADER", "RFC822.HEADER" },
	{ "RFC822.TEXT", "!RFC822.TEXT" }, { "RFC822.SIZE", "SIZE" },
	{ "(BODY BODY[] BODY[])", "BODY !BODY[] !BODY[]" },
	{ "", NULL }, { "()", NULL }, { "(ALL)", NULL }, { "FLAGS UID", NULL }, { "X", NULL },
	{ "\"FLAGS\"", NULL }, { "(FLAGS (UID))", NULL }, { "BODY[", NULL }, { "BODY[1", NULL },
	{ "BODY[]x", NULL }, { "BODY[0]", NULL }, { "BODY[1.]", NULL }, { "BODY[.1]", NULL },
	{ "BODY[1.0]", NULL }, { "BODY[1x]", NULL }, { "BODY[MIME]", NULL }, { "BODY[FOO]", NULL },
	{ "BODY[99999999999]", NULL }, { "BODY[]<1>", NULL }, { "BODY[]<1.0>", NULL },
	{ "BODY[]<.1>", NULL }, { "BODY[]<1.2", NULL }, { "BODY[]<1.2.3>", NULL },
	{ "BODY[]<1.99999999999>", NULL }, { "BODY[HEADER.FIELDS]", NULL },
	{ "BODY[HEADER.FIELDS ()]", NULL }, { "BODY[HEADER.FIELDS (a)", NULL },
	{ "BODY[HEADER.FIELDS (a) ]", NULL }, { "BODY[HEADER.FIELDS (a (b))]", NULL },
	{ "BODY[HEADER.FIELDS a]", NULL }, { "BODY[HEADER (a)]", NULL },
	{ "(BODY[HEADER.FIELDS (a) UID)", NULL }, { "BODY[HEADER.FIELDS (a)]x", NULL },
};

static void show_fetch(const struct imap_fetch *f, struct buf *out)
{
	static const char *const kinds[] = { "UID", "FLAGS", "INTERNALDATE", "SIZE", "ENVELOPE",
					     "BODY", "BODYSTRUCTURE" };

	for (size_t i = 0; i < f->n; i++) {
		const struct imap_fetch_item *item = &f->items[i];

		buf_adds(out, i > 0 ? " " : "");
		assert_true((f->kinds & 1U << item->kind) != 0);
		if (item->kind == IMAP_FETCH_SECTION) {
			buf_adds(out, item->section.peek ? "" : "!");
			assert_true(f->sets_seen || item->section.peek);
			imap_section_print(&item->section, out);
		} else {
			buf_adds(out, kinds[item->kind]);
		}
	}
}

static void test_fetch(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(fetches); i++) {
		struct arena a;
		struct buf out;
		struct line l;
		struct imap_fetch f;
		const char *why = NULL;
		enum rc rc;

		arena_init(&a, 65536);
		buf_init(&out, 1000);
		line_open(&l, fetches[i].in);
		rc = imap_fetch_parse(l.args, false, &a, &f, &why);
		if ((rc == RC_OK) != (fetches[i].want != NULL))
			fail_msg("%s: %s", fetches[i].in, rc_name(rc));
		if (rc == RC_OK) {
			show_fetch(&f, &out);
			unit_slice_is(buf_slice(&out), fetches[i].want, fetches[i].in);
		} else {
			assert_non_null(why);
		}
		line_close(&l);
		buf_done(&out);
		arena_done(&a);
	}
}

static const struct { const char *in; enum store_flag_how how; bool silent; const char *want; }
stores[] = {
	{ "FLAGS (\\Seen)", STORE_FLAGS_REPLACE, 0, "\\Seen" },
	{ "+FLAGS \\Seen \\DELETED", STORE_FLAGS_ADD, 0, "\\Deleted \\Seen" },
	{ "-flags.silent (a \\Draft b A)", STORE_FLAGS_REMOVE, 1, "\\Draft|a|b" },
	{ "FLAGS ()", STORE_FLAGS_REPLACE, 0, "" },
	{ "FLAGS ($Forwarded)", STORE_FLAGS_REPLACE, 0, "|$Forwarded" },
	{ "FLAGS", 0, 0, NULL }, { "+FLAG (a)", 0, 0, NULL }, { "++FLAGS a", 0, 0, NULL },
	{ "FLAGS (\\Recent)", 0, 0, NULL }, { "FLAGS (\\*)", 0, 0, NULL },
	{ "FLAGS (\\)", 0, 0, NULL },
	{ "FLAGS (a) b", 0, 0, NULL }, { "FLAGS (\"a\")", 0, 0, NULL }, { "FLAGS ((a))", 0, 0, NULL },
	{ "FLAGS a]", 0, 0, NULL }, { "FLAGS a*", 0, 0, NULL },
};

static void test_store(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(stores); i++) {
		struct arena a;
		struct buf out;
		struct line l;
		struct imap_store_args s;
		const char *why = NULL;
		enum rc rc;

		arena_init(&a, 65536);
		buf_init(&out, 1000);
		line_open(&l, stores[i].in);
		rc = imap_store_parse(l.args, &a, &s, &why);
		if ((rc == RC_OK) != (stores[i].want != NULL))
			fail_msg("%s: %s", stores[i].in, rc_name(rc));
		if (rc == RC_OK) {
			assert_int_equal(s.how, stores[i].how);
			assert_int_equal(s.silent, stores[i].silent);
			imap_flags_print(s.flags.system, &out);
			for (size_t k = 0; k < s.flags.n_keywords; k++)
				buf_addf(&out, "|%.*s", SLICE_ARG(s.flags.keywords[k]));
			unit_slice_is(buf_slice(&out), stores[i].want, stores[i].in);
		}
		line_close(&l);
		buf_done(&out);
		arena_done(&a);
	}
}

static void test_many_keywords(void **state)
{
	struct arena a;
	struct buf text;
	struct line l;
	struct imap_store_args s;
	const char *why;

	(void)state;
	arena_init(&a, 65536);
	buf_init(&text, 65536);
	buf_adds(&text, "FLAGS");
	for (int i = 0; i < STORE_KEYWORDS_MAX; i++)
		buf_addf(&text, " k%d k%d", i, i);
	line_open(&l, buf_cstr(&text));
	assert_int_equal(imap_store_parse(l.args, &a, &s, &why), RC_OK);
	assert_int_equal(s.flags.n_keywords, STORE_KEYWORDS_MAX);
	line_close(&l);
	buf_adds(&text, " more");
	line_open(&l, buf_cstr(&text));
	assert_int_equal(imap_store_parse(l.args, &a, &s, &why), RC_SYNTAX);
	line_close(&l);
	buf_done(&text);
	arena_done(&a);
}

static const struct { const char *in; int want; } statuses[] = {
	{ "(MESSAGES)", 1 }, { "(unseen UIDNEXT)", 20 },
	{ "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN MESSAGES)", 31 },
	{ "()", -1 }, { "MESSAGES", -1 }, { "(X)", -1 }, { "(MESSAGES) x", -1 }, { "", -1 },
	{ "((MESSAGES))", -1 },
};

static void test_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(statuses); i++) {
		struct line l;
		unsigned set = 0;
		const char *why;
		enum rc rc;

		line_open(&l, statuses[i].in);
		rc = imap_status_parse(l.args, &set, &why);
		assert_int_equal(rc == RC_OK ? (int)set : -1, statuses[i].want);
		line_close(&l);
	}
}

static const struct { const char *in; bool ok; unsigned flags; int64_t time; } appends[] = {
	{ "box", 1, 0, -1 }, { "\"b x\" (\\Seen)", 1, STORE_SEEN, -1 },
	{ "box \"01-Jan-1970 00:01:00 +0000\"", 1, 0, 60 },
	{ "box (\\Draft a) \" 1-Jan-1970 01:00:00 +0100\"", 1, STORE_DRAFT, 0 },
	{ "", 0, 0, 0 }, { "()", 0, 0, 0 }, { "box \"yesterday\"", 0, 0, 0 },
	{ "box \"01-Jan-1970 00:01:00 +0000\" (\\Seen)", 0, 0, 0 }, { "box () ()", 0, 0, 0 },
};

static void test_append(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(appends); i++) {
		struct arena a;
		struct line l;
		struct imap_append_args p;
		const char *why = NULL;
		enum rc rc;

		arena_init(&a, 65536);
		line_open(&l, appends[i].in);
		rc = imap_append_parse(l.args, &a, &p, &why);
		if ((rc == RC_OK) != appends[i].ok)
			fail_msg("%s: %s", appends[i].in, rc_name(rc));
		if (rc == RC_OK) {
			assert_int_equal(p.flags.system, appends[i].flags);
			assert_int_equal(p.has_date ? p.date.time : -1, appends[i].time);
		}
		line_close(&l);
		arena_done(&a);
	}
}

static const struct { const char *in; bool want; } ids[] = {
	{ "NIL", 1 }, { "()", 1 }, { "(\"name\" \"x\" \"version\" NIL)", 1 }, { "(\"a\")", 0 },
	{ "", 0 }, { "NIL NIL", 0 }, { "(NIL \"x\")", 0 }, { "(\"a\" (\"b\"))", 0 }, { "x", 0 },
	{ "(\"0123456789012345678901234567890\" \"x\")", 0 },
};

static void test_id(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(ids); i++) {
		struct line l;

		line_open(&l, ids[i].in);
		if (imap_id_is_valid(l.args) != ids[i].want)
			fail_msg("ID %s", ids[i].in);
		line_close(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch), cmocka_unit_test(test_store),
		cmocka_unit_test(test_many_keywords), cmocka_unit_test(test_status),
		cmocka_unit_test(test_append), cmocka_unit_test(test_id),
	};

	return cmocka_run_group_tests_name("imap commands", tests, NULL, NULL);
}
