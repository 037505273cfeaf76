/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/base/buf.h"
#include "local/alias.h"

/* Targets as a letter and their text, joined by " / ". */
static const struct { const char *in, *want; } lines[] = {
	{ "", "" }, { " , ,", "" },
	{ "alice", "A:alice" }, { "alice, bob@x.org", "A:alice / A:bob@x.org" },
	{ "Alice Smith <alice@x>", "A:alice@x" }, { "\"Smith, A\" <a@x>, b", "A:a@x / A:b" },
	{ "\\alice", "U:alice" }, { "\\alice, \"|/bin/vacation alice\"",
				   "U:alice / C:/bin/vacation alice" },
	{ "/dev/null", "F:/dev/null" }, { "\"/var/mail/a b\"", "F:/var/mail/a b" },
	{ "/home/x/Maildir/", "F:/home/x/Maildir/" }, { "~/box", "F:~/box" }, { "~x", "A:~x" },
	{ "|/bin/cat", "C:/bin/cat" }, { "\"|/bin/cat -n\"", "C:/bin/cat -n" },
	{ "|\"/bin/cat -n\"", "C:/bin/cat -n" }, { "|/bin/cat -n", "C:/bin/cat -n" },
	{ "\"| IFS=' ' && exec /usr/bin/procmail -f- || exit 75 #bob\"",
	  "C:IFS=' ' && exec /usr/bin/procmail -f- || exit 75 #bob" },
	{ "\"|/bin/x a, b\", c", "C:/bin/x a, b / A:c" },
	{ "\"|/bin/x \\\"q\\\"\"", "C:/bin/x \"q\"" },
	{ ":include:/etc/list", "I:/etc/list" }, { "\":include:/etc/a b\"", "I:/etc/a b" },
	{ ":include: /etc/list , a", "I:/etc/list / A:a" },
	{ "a b", "A:a / A:b" }, { "alice # a comment", "A:alice / !#" },
	{ "a \"b c\" d", "A:a / A:b c / A:d" }, { "a@x b@y", "A:a@x / A:b@y" },
	{ "(comment) alice", "A:alice" }, { "alice (a, b), bob", "A:alice / A:bob" },
	{ "friends: a@x, b@y;", "A:a@x / A:b@y" }, { "\"a b\"@x", "A:a b@x" },
	{ "@nobody", "!@nobody" }, { "a,<>", "A:a / !<>" }, { ")", "" },
};

static const char letters[] = "AUFCI";

static void show(const struct target_list *list, struct buf *b)
{
	for (const struct target *t = list->first; t != NULL; t = t->next)
		buf_addf(b, "%s%c:%.*s", buf_len(b) > 0 ? " / " : "", letters[t->kind],
			 SLICE_ARG(t->text));
	if (list->bad.n > 0)
		buf_addf(b, "%s!%.*s", buf_len(b) > 0 ? " / " : "", SLICE_ARG(list->bad));
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(lines); i++) {
		struct target_list list = { 0 };
		struct arena a;
		struct buf b;

		arena_init(&a, 1 << 20);
		buf_init(&b, 4096);
		assert_int_equal(alias_parse(slice_str(lines[i].in), &a, &list), RC_OK);
		show(&list, &b);
		unit_slice_is(buf_slice(&b), lines[i].want, lines[i].in);
		buf_done(&b);
		arena_done(&a);
	}
}

static void test_file(void **state)
{
	struct target_list list = { 0 };
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a, 1 << 20);
	buf_init(&b, 4096);
	assert_int_equal(alias_parse_file(SLICE_LIT("# who\n\nalice, bob\r\n\"|x\n#no\n \\carol"),
					  &a, &list), RC_OK);
	show(&list, &b);
	unit_slice_is(buf_slice(&b), "A:alice / A:bob / C:x / U:carol", "file");
	buf_done(&b);
	arena_done(&a);
}

static void test_limits(void **state)
{
	struct target_list list = { 0 };
	struct arena a;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i <= TARGETS_MAX; i++)
		buf_adds(&b, "a,");
	arena_init(&a, 1 << 28);
	assert_int_equal(alias_parse(buf_slice(&b), &a, &list), RC_LIMIT);
	assert_int_equal(list.n, TARGETS_MAX);
	arena_done(&a);
	arena_init(&a, 10000);
	list = (struct target_list){ 0 };
	assert_int_equal(alias_parse(buf_slice(&b), &a, &list), RC_LIMIT);
	arena_done(&a);
	buf_done(&b);
}

static const struct { const char *local, *delims; bool special; const char *user, *ext; } splits[] = {
	{ "bob+x", "+", true, "bob", "x" }, { "bob", "+", true, "bob", NULL },
	{ "bob+", "+", true, "bob", "" }, { "+x", "+", true, "+x", NULL },
	{ "bob-x+y", "+-", true, "bob", "x+y" }, { "bob+x", "", true, "bob+x", NULL },
	{ "owner-list", "-", true, "owner-list", NULL },
	{ "owner-list", "-", false, "owner", "list" },
	{ "list-request", "-", true, "list-request", NULL },
	{ "owner-list+x", "+-", true, "owner-list", "x" },
	{ "mailer-daemon", "-", true, "mailer-daemon", NULL },
};

static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(splits); i++) {
		struct slice ext, user = alias_split_extension(slice_str(splits[i].local),
							       splits[i].delims,
							       splits[i].special, &ext);

		unit_slice_is(user, splits[i].user, splits[i].local);
		assert_int_equal(ext.p == NULL, splits[i].ext == NULL);
		if (ext.p != NULL)
			unit_slice_is(ext, splits[i].ext, splits[i].local);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_file),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
