/* tests/unit/conf/test_macro.c - references, conditions, comparisons; limits. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/conf/macro.h"

static bool lookup(void *ctx, struct slice name, struct slice *ret)
{
	static const struct { const char *name, *value; } values[] = {
		{ "b", "bee" }, { "empty", "" }, { "v", "$empty" }, { "c", "$d cont" },
		{ "d", "dee" }, { "loop1", "$loop2" }, { "loop2", "x${loop1}" },
		{ "bang", "$e0$e0" }, { "e0", "$e1$e1$e1$e1$e1$e1$e1$e1" },
		{ "e1", "$e2$e2$e2$e2$e2$e2$e2$e2" }, { "e2", "$e3$e3$e3$e3$e3$e3$e3$e3" },
		{ "e3", "$e4$e4$e4$e4$e4$e4$e4$e4" }, { "e4", "$e5$e5$e5$e5$e5$e5$e5$e5" },
		{ "e5", "$empty$empty$empty$empty$empty$empty" },
		{ "path", "/a b;c" },
	};

	(void)ctx;
	for (size_t i = 0; i < N_OF(values); i++) {
		if (slice_is(name, values[i].name)) {
			*ret = slice_str(values[i].value);
			return true;
		}
	}
	return false;
}

static const struct { const char *text, *want; } good[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "$$y", "$y" },
	{ "$$$b", "$bee" },
	{ "$b", "bee" },
	{ "$b-x", "bee-x" },
	{ "$b$b", "beebee" },
	{ "${b}", "bee" },
	{ "$(b)", "bee" },
	{ "${ b }", "bee" },
	{ "${b}}", "bee}" },
	{ "{ $b }", "{ bee }" },
	{ "x${nope}y$nope", "xy" },
	{ "$c", "dee cont" },
	/* conditions on a name look at the value before expansion, as Postfix does */
	{ "${b?yes}", "yes" },
	{ "${b?{yes}}", "yes" },
	{ "$(b?x)", "x" },
	{ "$(b?{x})", "x" },
	{ "${b?{yes}:{no}}", "yes" },
	{ "${b?{yes} : {no}}", "yes" },
	{ "${b ? {yes}:{no}}", "yes" },
	{ "${b?{yes}:no}", "yes" },
	{ "${nope?{yes}:no way}", "no way" },
	{ "${b?yes:no}", "yes:no" },
	{ "${nope:no}", "no" },
	{ "${nope:{no}}", "no" },
	{ "${b:{no}}", "" },
	{ "${empty?yes}x", "x" },
	{ "${empty:no}", "no" },
	{ "${v?yes}", "yes" },
	{ "${b?{a{b}c}}", "a{b}c" },
	{ "${b?a{b}c}", "a{b}c" },
	{ "${b?$b}", "bee" },
	{ "${b?{${nope:{$d}}}}", "dee" },
	/* what is not chosen is not looked at */
	{ "${b?{ok}:{$}}", "ok" },
	{ "${b:{$loop1}}", "" },
	/* comparisons */
	{ "${{$b} == {bee} ? {s} : {d}}", "s" },
	{ "${{$b}=={bee}?{s}:{d}}", "s" },
	{ "${{$b} != {bee} ? {s} : {d}}", "d" },
	{ "${{ $b } == {bee} ? {s} : {d}}", "d" },
	{ "${{} == {} ? {s} : {d}}", "s" },
	{ "${{10} < {9} ? {n} : {m}}", "m" },
	{ "${{10} <= {10} ? {n} : {m}}", "n" },
	{ "${{10} >= {9} ? {n} : {m}}", "n" },
	{ "${{10} > {9} ? {n} : {m}}", "n" },
	{ "${{007} == {7} ? {a} : {b}}", "a" },
	{ "${{99999999999999999999} > {1} ? {a} : {b}}", "a" },
	{ "${{a} < {b} ? {lt} : {ge}}", "lt" },
	{ "${{x} == {x} : {b}}", "" },
	{ "${{x} == {y} : {b}}", "b" },
	{ "${{x} == {x} ? {b}}", "b" },
	{ "${{x} == {x} ? b}", "b" },
	{ "${{x} == {x}}", "true" },
	{ "${{x} == {y}}", "" },
	/* levels: numbers with dots */
	{ "${{3.10} <level {3.9} ? {L} : {G}}", "G" },
	{ "${{3.10} < {3.9} ? {L} : {G}}", "L" },
	{ "${{1}==level{2}?{a}:{b}}", "b" },
	{ "${{2} ==level {2.0} ? {a} : {b}}", "a" },
	{ "${{2} >=level {2.0.1} ? {a} : {b}}", "b" },
	{ "${{3} !=level {2} ? {a} : {b}}", "a" },
};

static const struct { const char *text; enum rc want; } bad[] = {
	{ "$", RC_SYNTAX }, { "$ z", RC_SYNTAX }, { "a$", RC_SYNTAX }, { "${", RC_SYNTAX },
	{ "${b", RC_SYNTAX }, { "${}", RC_SYNTAX }, { "$(b}", RC_SYNTAX },
	{ "${b+x}", RC_SYNTAX }, { "${b-c}", RC_SYNTAX }, { "${nope:{no}?{x}}", RC_SYNTAX },
	{ "${b?{$b}junk}", RC_SYNTAX }, { "${b?{x}:{y}junk}", RC_SYNTAX },
	{ "${{x} =~ {y} ? {a} : {b}}", RC_SYNTAX }, { "${{x} == y ? {a} : {b}}", RC_SYNTAX },
	{ "${{x} == {y} {a}}", RC_SYNTAX }, { "${{x} ==level {2} ? {a} : {b}}", RC_SYNTAX },
	{ "${{2} >=level {2.0.0.1} ? {a} : {b}}", RC_SYNTAX },
	{ "${{2} >=level {2..1} ? {a} : {b}}", RC_SYNTAX },
	{ "${b?{x}:{y}", RC_SYNTAX },
	{ "$loop1", RC_LIMIT }, { "$bang", RC_LIMIT },
};

static enum rc expand(const char *text, struct buf *out, const char *filter, struct err *err)
{
	struct macro_source src = { .lookup = lookup, .is_recursive = filter == NULL,
				    .filter = filter };

	return macro_expand(&src, slice_str(text), out, err);
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(good); i++) {
		struct err err = { 0 };
		struct buf out;

		buf_init(&out, 1000);
		if (expand(good[i].text, &out, NULL, &err) != RC_OK)
			fail_msg("%s: %s", good[i].text, err.text);
		unit_slice_is(buf_slice(&out), good[i].want, good[i].text);
		buf_done(&out);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad); i++) {
		struct err err = { 0 };
		struct buf out;
		enum rc rc;

		buf_init(&out, 1000);
		rc = expand(bad[i].text, &out, NULL, &err);
		if (rc != bad[i].want || err.text[0] == '\0')
			fail_msg("%s: %s (%s)", bad[i].text, rc_name(rc), err.text);
		buf_done(&out);
	}
}

static void test_full_buffer(void **state)
{
	struct err err = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, 5);
	assert_int_equal(expand("$b$b", &out, NULL, &err), RC_LIMIT);
	buf_done(&out);
}

static void test_filter(void **state)
{
	struct err err = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	assert_int_equal(expand("run; $path $v", &out, "/abc$", &err), RC_OK);
	unit_slice_is(buf_slice(&out), "run; /a_b_c $_____", "values are filtered, text is not");
	buf_done(&out);
}

static void add_name(void *ctx, struct slice name)
{
	buf_add(ctx, name);
	buf_addc(ctx, ' ');
}

static void test_names(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 200);
	macro_names(SLICE_LIT("$a ${b?{$c}:{$(d)}} $$no ${{$e} == {x} ? {$f} : {${g}}}"), add_name,
		    &out);
	unit_slice_is(buf_slice(&out), "a b c d e f g ", "names in every branch");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_full_buffer), cmocka_unit_test(test_filter),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
