/* tests/unit/table/test_source.c - the two source forms; what Postfix's tools make of them. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/table/source.h"

/* Entries as "line:key=value|", bad lines as "line!|". */
static const struct { const char *text, *want; } map_cases[] = {
	{ "", "" },
	{ "Key  value here  \n", "1:Key=value here|" },
	{ "# c\n\na b\n c\n#d\n e\nf g", "3:a=b c e|7:f=g|" },
	{ "\"a b\" x\n", "1:\"a b\"=x|" },
	{ "\"a\\\"b\\\\c\"  y\n", "1:\"a\\\"b\\\\c\"=y|" },
	{ "noval\nk v\n", "1!|2:k=v|" },
	{ "k \"q v\"\n", "1:k=\"q v\"|" },
	{ "\"unterminated x\nk v\n", "1!|2:k=v|" },
	{ "a\"b c\"d e\n", "1:a\"b c\"d=e|" },
	{ "a\tb\r\n", "1:a=b|" },
	{ " a b\nc d\n", "1!|2:c=d|" },
	{ "a: b\n", "1:a:=b|" },
};
static const struct { const char *text, *want; } alias_cases[] = {
	{ "root: foo  ,  bar (comment)\n", "1:root=foo, bar (comment)|" },
	{ "\"quoted name\": \"|cmd a b\", /dev/null\n",
	  "1:quoted name=\"|cmd a b\", /dev/null|" },
	{ "Bad line\nok: x\n", "1!|2:ok=x|" },
	{ "User: :include:/x/y\n", "1:User=:include:/x/y|" },
	{ "p:\tx@y.example,\n\tb\\c,\"a b\"@x\n", "1:p=x@y.example, bc, \"a b\"@x|" },
	{ "foo@bar: x\n", "1!|" },
	{ "noval:\n", "1!|" },
	{ "a b: c\n", "1:a b=c|" },
	{ "\"a@b\": d\n", "1:a@b=d|" },
	{ "empty.: x\n", "1:empty.=x|" },
	{ "a: \\root, b\\,c, d\n", "1:a=root, \"b,c\", d|" },
	{ "b: \"x y\"@z, foo bar, <q@r>, A <b@c>, group: a,b;\n",
	  "1:b=\"x y\"@z, foo bar, <q@r>, A <b@c>, group:a, b;|" },
	{ "c: :include:/x y/z , \"|/bin/foo \\\"a b\\\" c\"\n",
	  "1:c=:include:/x y/z, \"|/bin/foo \\\"a b\\\" c\"|" },
	{ "d: /dev/null , |/bin/x, (c)\n", "1:d=/dev/null, |/bin/x, (c)|" },
	{ "e (comment) : x\n", "1:e (comment)=x|" },
	{ "f.g: h\n", "1:f.g=h|" },
	{ "h : \"i\\j\"\n", "1:h=\"ij\"|" },
	{ "<k>: l\n", "1:<k>=l|" },
	{ "m,n: o\n", "1!|" },
	{ "p: q;r\n", "1:p=q;r|" },
	{ "s:t:u\n v\n", "1:s=t:u v|" },
	{ "w: x@[1.2.3.4]\n", "1:w=x@[1.2.3.4]|" },
	{ "'y: z\n", "1:'y=z|" },
	{ "A.B: x..y\n", "1:A.B=x..y|" },
	{ "a@: b\n", "1!|" },
	{ ":x\n", "1!|" },
	{ "a: \"unterminated\n", "1:a=\"unterminated\"|" },
	{ "a: b\\\n", "1:a=b\\|" },
};

static void print_entries(const char *text, bool is_alias, struct buf *out)
{
	struct slice key, value;
	struct source s;
	unsigned line;
	enum rc rc;

	source_init(&s, slice_str(text), is_alias);
	do {
		struct err err = { 0 };

		rc = source_next(&s, &key, &value, &line, &err);
		if (rc == RC_OK)
			buf_addf(out, "%u:%.*s=%.*s|", line, SLICE_ARG(key), SLICE_ARG(value));
		else if (rc == RC_SYNTAX)
			buf_addf(out, "%u!|", line);
		if (rc == RC_SYNTAX && err.text[0] == '\0')
			fail_msg("%s: no reason", text);
	} while (rc != RC_END);
	source_done(&s);
}

static void check(const char *text, const char *want, bool is_alias)
{
	struct buf got;

	buf_init(&got, 10000);
	print_entries(text, is_alias, &got);
	unit_slice_is(buf_slice(&got), want, text);
	buf_done(&got);
}

static void test_maps(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(map_cases); i++)
		check(map_cases[i].text, map_cases[i].want, false);
}

static void test_aliases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(alias_cases); i++)
		check(alias_cases[i].text, alias_cases[i].want, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps), cmocka_unit_test(test_aliases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
