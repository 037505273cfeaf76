/* SPDX-License-Identifier: ISC */
#include "tests/unit/imap/line.h"

#include "lib/imap/search.h"

/* The tree as text; WANT NULL: syntax error, "?": unknown charset. */
static const struct { const char *in, *want; } cases[] = {
	{ "ALL", "(all)" }, { "SEEN", "(flag1)" }, { "unseen", "(!flag1)" },
	{ "NEW", "((recent !flag1))" }, { "NOT NEW", "(!(recent !flag1))" },
	{ "OLD", "(!recent)" }, { "NOT OLD", "(recent)" }, { "NOT NOT NOT DELETED", "(!flag8)" },
	{ "ANSWERED FLAGGED DRAFT", "(flag2 flag4 flag16)" },
	{ "UNANSWERED UNFLAGGED UNDRAFT UNDELETED", "(!flag2 !flag4 !flag16 !flag8)" },
	{ "1:3,*", "(seq)" }, { "UID 1:*", "(uid)" }, { "UID 0", "(uid)" },
	{ "NOT 2 RECENT", "(!seq recent)" },
	{ "OR SEEN DELETED", "(or[flag1 flag8])" },
	{ "OR OR SEEN DELETED NOT DRAFT", "(or[or[flag1 flag8] !flag16])" },
	{ "(SEEN (DELETED))", "((flag1 (flag8)))" }, { "NOT (SEEN DELETED)", "(!(flag1 flag8))" },
	{ "FROM \"B\xc3\xb6" "B\"", "(From=bo\xcc\x88" "b)" },
	{ "TO {1+}\r\nx CC y BCC z", "(To=x Cc=y Bcc=z)" },
	{ "SUBJECT \"\" TEXT a BODY b", "(Subject= text=a body=b)" },
	{ "HEADER X-Y \"a b\"", "(X-Y=a b)" }, { "HEADER \"X\" \"\"", "(X=)" },
	{ "KEYWORD $Junk UNKEYWORD x", "($Junk !x)" },
	{ "LARGER 10 SMALLER 4294967296", "(>10 <4294967296)" },
	{ "BEFORE 2-Jan-1970 ON \"01-Jan-1970\" SINCE 3-Jan-1970", "(<d1 =d0 >d2)" },
	{ "SENTBEFORE 2-Jan-1970 SENTON 1-Jan-1970 SENTSINCE 3-Jan-1970", "(<s1 =s0 >s2)" },
	{ "CHARSET UTF-8 TEXT x", "(text=x)" }, { "CHARSET us-ascii ALL", "(all)" },
	{ "CHARSET iso-8859-1 TEXT \"\xf6\"", "(text=o\xcc\x88)" },
	{ "CHARSET x-none-such TEXT x", "?" },
	{ "", NULL }, { "CHARSET", NULL }, { "CHARSET UTF-8", NULL }, { "NOT", NULL },
	{ "OR", NULL }, { "OR SEEN", NULL }, { "()", NULL }, { "X", NULL }, { "\"SEEN\"", NULL },
	{ "UID", NULL }, { "UID x", NULL }, { "1:", NULL }, { "0", NULL }, { "3,0:2", NULL },
	{ "FROM", NULL }, { "HEADER x", NULL },
	{ "HEADER \"\" x", NULL }, { "BEFORE", NULL }, { "BEFORE 32-Jan-2020", NULL },
	{ "ON tomorrow", NULL }, { "LARGER x", NULL }, { "LARGER -1", NULL }, { "KEYWORD", NULL },
	{ "KEYWORD \\Seen", NULL }, { "KEYWORD \"a\"", NULL }, { "FROM (x)", NULL },
};

static void show(const struct imap_key *k, struct buf *out)
{
	static const char *const plain[] = {
		[IMAP_KEY_SEQ] = "seq", [IMAP_KEY_UID] = "uid", [IMAP_KEY_RECENT] = "recent",
		[IMAP_KEY_BODY] = "body=", [IMAP_KEY_TEXT] = "text=", [IMAP_KEY_BEFORE] = "<d",
		[IMAP_KEY_ON] = "=d", [IMAP_KEY_SINCE] = ">d", [IMAP_KEY_SENTBEFORE] = "<s",
		[IMAP_KEY_SENTON] = "=s", [IMAP_KEY_SENTSINCE] = ">s", [IMAP_KEY_LARGER] = ">",
		[IMAP_KEY_SMALLER] = "<", [IMAP_KEY_FLAG] = "flag", [IMAP_KEY_OR] = "or[",
		[IMAP_KEY_HEADER] = "=", [IMAP_KEY_AND] = "(", [IMAP_KEY_KEYWORD] = "",
	};

	buf_adds(out, k->negate ? "!" : "");
	if (k->type == IMAP_KEY_AND && k->sub == NULL) {
		buf_adds(out, "all");
		return;
	}
	buf_add(out, k->name);
	buf_adds(out, plain[k->type]);
	for (const struct imap_key *s = k->sub; s != NULL; s = s->next) {
		show(s, out);
		buf_adds(out, s->next != NULL ? " " : k->type == IMAP_KEY_OR ? "]" : ")");
	}
	buf_add(out, k->text);
	if (k->type >= IMAP_KEY_BEFORE && k->type <= IMAP_KEY_SENTSINCE)
		buf_addf(out, "%d", (int)k->day);
	if (k->number != 0)
		buf_addf(out, "%llu", (unsigned long long)k->number);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena a;
		struct buf out;
		struct line l;
		struct imap_key k;
		const char *why = NULL;
		enum rc rc;

		arena_init(&a, 1 << 20);
		buf_init(&out, 1000);
		line_open(&l, cases[i].in);
		rc = imap_search_parse(l.args, &a, &k, &why);
		if (rc == RC_OK)
			show(&k, &out);
		else if (rc == RC_END)
			buf_adds(&out, "?");
		else
			assert_non_null(why);
		if (cases[i].want == NULL && rc != RC_SYNTAX)
			fail_msg("%s: %s", cases[i].in, rc_name(rc));
		if (cases[i].want != NULL)
			unit_slice_is(buf_slice(&out), cases[i].want, cases[i].in);
		line_close(&l);
		buf_done(&out);
		arena_done(&a);
	}
}

static void test_nesting(void **state)
{
	struct arena a;
	struct buf text;
	struct line l;
	struct imap_key k;
	const char *why;

	(void)state;
	for (int n = IMAP_SEARCH_DEPTH_MAX; n <= IMAP_SEARCH_DEPTH_MAX + 1; n++) {
		arena_init(&a, 1 << 20);
		buf_init(&text, 65536);
		for (int i = 0; i < n; i++)
			buf_adds(&text, "OR ");
		for (int i = 0; i < n + 1; i++)
			buf_adds(&text, "SEEN ");
		line_open(&l, buf_cstr(&text));
		assert_int_equal(imap_search_parse(l.args, &a, &k, &why),
				 n == IMAP_SEARCH_DEPTH_MAX ? RC_OK : RC_SYNTAX);
		line_close(&l);
		buf_done(&text);
		arena_done(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_nesting),
	};

	return cmocka_run_group_tests_name("imap search", tests, NULL, NULL);
}
