/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/mail/addr.h"

/* Entries as "name|route|local|domain" with "-" for what is absent, "!" in front when bad;
 * groups as "[name" and "]"; all joined by " / ". */
static const struct { const char *in, *want; } lists[] = {
	{ "", "" },
	{ "a@b", "-|-|a|b" },
	{ "a@b, c@d", "-|-|a|b / -|-|c|d" },
	{ "a@b,,c@d,", "-|-|a|b / -|-|c|d" },
	{ "John Smith <a@b.c>", "John Smith|-|a|b.c" },
	{ "\"Smith, John\" <a@b>", "Smith, John|-|a|b" },
	{ "\"a \\\"b\\\" c\" <a@b>", "a \"b\" c|-|a|b" },
	{ "John Q. Public <a@b>", "John Q. Public|-|a|b" },
	{ "<a@b>", "-|-|a|b" },
	{ "a@b (John)", "John|-|a|b" },
	{ "(John) a@b", "-|-|a|b" },
	{ "a@b (x (y) z)", "x (y) z|-|a|b" },
	{ "a@b (one), c@d", "one|-|a|b / -|-|c|d" },
	{ "N <a@b> (c)", "N|-|a|b" },
	{ "\"a b\"@c", "-|-|a b|c" },
	{ "\"a@x\"@c", "-|-|a@x|c" },
	{ "a . b @ c . d", "-|-|a.b|c.d" },
	{ "a@[1.2.3.4]", "-|-|a|[1.2.3.4]" },
	{ "a@[IPv6:::1]", "-|-|a|[IPv6:::1]" },
	{ "<@x,@y:a@b>", "-|@x,@y|a|b" },
	{ "R <@x:a@b>", "R|@x|a|b" },
	{ "user", "-|-|user|-" },
	{ "Undisclosed recipients:;", "[Undisclosed recipients / ]" },
	{ "G: a@b, C <c@d>; e@f", "[G / -|-|a|b / C|-|c|d / ] / -|-|e|f" },
	{ "G: a@b", "[G / -|-|a|b / ]" },
	{ "\xc3\xa9t\xc3\xa9 <\xc3\xa9@\xc3\xa8.fr>",
	  "\xc3\xa9t\xc3\xa9|-|\xc3\xa9|\xc3\xa8.fr" },
	{ "=?utf-8?q?a_b?= <a@b>", "=?utf-8?q?a_b?=|-|a|b" },
	{ "a@b\r\n ,\r\n c@d", "-|-|a|b / -|-|c|d" },
	{ "John\r\n\tSmith <a@b>", "John Smith|-|a|b" },
	{ "<>", "!-|-||-" },
	{ "John Smith", "!John Smith|-|-|-" },
	{ "John a@b", "!-|-|a|b" },
	{ "a@b c@d", "!-|-|a|b / -|-|c|d" },
	{ "<a@b> <c@d>", "!-|-|a|b / -|-|c|d" },
	{ "a@b>", "!-|-|a|b" },
	{ "N <a@b", "!N|-|a|b" },
	{ "N <a@b, c@d", "!N|-|a|b / -|-|c|d" },
	{ "@b", "!-|-||b" },
	{ "a@", "!-|-|a|" },
	{ "\"unclosed <a@b>", "!-|-|unclosed <a@b>|-" },
	{ "(unclosed a@b", "" },
	{ ")(", "" },
	{ ";", "" },
	{ "\\", "" },
};

static void show_slice(struct buf *b, struct slice s)
{
	if (s.p == NULL)
		buf_addc(b, '-');
	buf_add(b, s);
}

static void show(struct buf *b, const struct addr *a)
{
	if (buf_len(b) > 0)
		buf_adds(b, " / ");
	if (a->kind == ADDR_GROUP_START) {
		buf_addf(b, "[%.*s", SLICE_ARG(a->local));
		return;
	}
	if (a->kind == ADDR_GROUP_END) {
		buf_addc(b, ']');
		return;
	}
	if (a->is_bad)
		buf_addc(b, '!');
	show_slice(b, a->name);
	buf_addc(b, '|');
	show_slice(b, a->route);
	buf_addc(b, '|');
	show_slice(b, a->local);
	buf_addc(b, '|');
	show_slice(b, a->domain);
}

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(lists); i++) {
		struct addr_list list;
		struct arena a;
		struct buf b;

		arena_init(&a, 65536);
		buf_init(&b, 4096);
		addr_parse(slice_str(lists[i].in), ADDR_LIST_MAX, &a, &list);
		for (const struct addr *x = list.first; x != NULL; x = x->next)
			show(&b, x);
		unit_slice_is(buf_slice(&b), lists[i].want, lists[i].in);
		assert_false(list.is_cut);
		buf_done(&b);
		arena_done(&a);
	}
}

static const struct { const char *in, *want; } ones[] = {
	{ "user", "user" }, { "u@d", "u@d" }, { "N <u@d>", "u@d" }, { "(c) u@d", "u@d" },
	{ "<>", "" }, { " <> ", "" }, { "\"a b\"@d", "a b@d" }, { "u@d, v@d", NULL },
	{ "G: u@d;", NULL }, { "", NULL }, { "a b", NULL }, { "u@", NULL }, { "@d", NULL },
	{ "<@x:u@d>", "u@d" }, { "u@d,", "u@d" },
};

static void test_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(ones); i++) {
		struct buf b;
		enum rc rc;

		buf_init(&b, 100);
		rc = addr_parse_one(slice_str(ones[i].in), &b);
		assert_int_equal(rc, ones[i].want != NULL ? RC_OK : RC_SYNTAX);
		unit_slice_is(buf_slice(&b), ones[i].want != NULL ? ones[i].want : "", ones[i].in);
		buf_done(&b);
	}
}

static const struct { const char *internal, *external; } quotes[] = {
	{ "", "" }, { "a@b", "a@b" }, { "a b@c", "\"a b\"@c" }, { "a", "a" }, { "a b", "\"a b\"" },
	{ "a\"b@c", "\"a\\\"b\"@c" }, { "a\\b@c", "\"a\\\\b\"@c" }, { "a@b@c", "\"a@b\"@c" },
	{ ".a@b", "\".a\"@b" }, { "a..b@c", "\"a..b\"@c" }, { "a.@b", "\"a.\"@b" },
	{ "@b", "\"\"@b" }, { "a.b+c=d@e", "a.b+c=d@e" }, { "\xc3\xa9@b", "\xc3\xa9@b" },
	{ "a@[1.2.3.4]", "a@[1.2.3.4]" },
};

static void test_quoting(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(quotes); i++) {
		struct buf b, c;

		buf_init(&b, 100);
		buf_init(&c, 100);
		addr_quote(slice_str(quotes[i].internal), &b);
		unit_slice_is(buf_slice(&b), quotes[i].external, "external");
		addr_unquote(buf_slice(&b), &c);
		unit_slice_is(buf_slice(&c), quotes[i].internal, "internal");
		buf_done(&b);
		buf_done(&c);
	}
}

static void test_print(void **state)
{
	static const struct { const char *in, *want; } cases[] = {
		{ "John Smith <a@b>", "John Smith <a@b>" }, { "\"a, b\" <c@d>", "\"a, b\" <c@d>" },
		{ "a@b (x.y)", "\"x.y\" <a@b>" }, { "G:;", "G:" }, { "\"a b\"@c", "\"a b\"@c" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct addr_list list;
		struct arena a;
		struct buf b;

		arena_init(&a, 65536);
		buf_init(&b, 100);
		addr_parse(slice_str(cases[i].in), 10, &a, &list);
		addr_print(list.first, &b);
		unit_slice_is(buf_slice(&b), cases[i].want, cases[i].in);
		buf_done(&b);
		arena_done(&a);
	}
}

static void test_limits(void **state)
{
	struct addr_list list;
	struct arena a;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 20000; i++)
		buf_adds(&b, "a@b,");
	arena_init(&a, 1 << 26);
	addr_parse(buf_slice(&b), ADDR_LIST_MAX, &a, &list);
	assert_int_equal(list.n, ADDR_LIST_MAX);
	assert_true(list.is_cut);
	arena_done(&a);
	arena_init(&a, 1000);
	addr_parse(buf_slice(&b), ADDR_LIST_MAX, &a, &list);
	assert_true(list.is_cut);
	arena_done(&a);
	buf_reset(&b);
	for (int i = 0; i < 500000; i++)	/* nesting costs no stack */
		buf_addc(&b, '(');
	arena_init(&a, 1 << 20);
	addr_parse(buf_slice(&b), ADDR_LIST_MAX, &a, &list);
	assert_int_equal(list.n, 0);
	arena_done(&a);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists), cmocka_unit_test(test_one),
		cmocka_unit_test(test_quoting), cmocka_unit_test(test_print),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
