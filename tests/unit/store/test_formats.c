/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/store/maildir/md_keywords.h"
#include "lib/store/maildir/md_name.h"
#include "lib/store/maildir/md_subs.h"
#include "lib/store/maildir/md_uidlist.h"

static const struct {
	const char *name, *base;
	uint8_t flags;
	uint32_t keywords;
	uint64_t s, w;
} names[] = {
	{ "1.M2P3.h,S=20,W=23:2,Sabc", "1.M2P3.h,S=20,W=23", STORE_SEEN, 7, 20, 23 },
	{ "1.M2P3.h", "1.M2P3.h", 0, 0, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
	{ "1.M2P3.h:2,", "1.M2P3.h", 0, 0, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
	{ "a:2,DFPRSTz", "a", 31, 1u << 25, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
	{ "a:1,S", "a", 0, 0, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
	{ "a:2,S,x=T", "a", STORE_SEEN, 0, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
	{ "a:2,S:2,T", "a", STORE_SEEN, 0, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
	{ "a,S=,W=x:2,", "a,S=,W=x", 0, 0, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
	{ "a,S=99999999999999999999", "a,S=99999999999999999999", 0, 0, MD_SIZE_UNKNOWN,
	  MD_SIZE_UNKNOWN },
	{ "a,W=5,foo=1,S=4", "a,W=5,foo=1,S=4", 0, 0, 4, 5 },
	{ ":2,S", "", STORE_SEEN, 0, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
	{ "", "", 0, 0, MD_SIZE_UNKNOWN, MD_SIZE_UNKNOWN },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		struct md_name n;

		md_name_parse(slice_str(names[i].name), &n);
		unit_slice_is(n.base, names[i].base, names[i].name);
		assert_int_equal(n.flags, names[i].flags);
		assert_int_equal(n.keywords, names[i].keywords);
		assert_int_equal(md_name_size(n.base, 'S'), names[i].s);
		assert_int_equal(md_name_size(n.base, 'W'), names[i].w);
	}
}

static const struct {
	const char *old;
	uint8_t flags;
	uint32_t keywords;
	const char *want;
} infos[] = {
	{ "", 0, 0, ":2," },
	{ ":2,", STORE_SEEN | STORE_ANSWERED, 0, ":2,RS" },
	{ ":2,S", 0, 1, ":2,a" },
	{ ":2,PS", STORE_SEEN, 0, ":2,PS" },
	{ ":2,SXP", STORE_DELETED | STORE_DRAFT | STORE_FLAGGED, 1u << 25 | 2, ":2,DFPTXbz" },
	{ ":2,S,other,S", 0, 0, ":2,,other,S" },
	{ ":1,weird", STORE_SEEN, 0, ":2,S" },
	{ ":2,zzSS", 0, 4, ":2,c" },
};

static void test_infos_keep_what_is_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(infos); i++) {
		struct buf out;

		buf_init(&out, 255);
		md_name_put_info(slice_str(infos[i].old), infos[i].flags, infos[i].keywords, &out);
		unit_slice_is(buf_slice(&out), infos[i].want, infos[i].old);
		buf_done(&out);
	}
}

static void test_order_of_arrival(void **state)
{
	static const char *const sorted[] = {
		"", "x", "9.M1", "10.M2P1.h", "10.M10P1.h", "10.M10P2.h", "11.1.h", "11.2.h",
		"11.M0.x", "99999999999.a",
	};

	(void)state;
	for (size_t i = 0; i < N_OF(sorted); i++) {
		for (size_t j = 0; j < N_OF(sorted); j++) {
			int d = md_name_cmp(slice_str(sorted[i]), slice_str(sorted[j]));

			assert_int_equal((d > 0) - (d < 0), (i > j) - (i < j));
		}
	}
}

static void test_bases_that_no_uidlist_can_hold(void **state)
{
	(void)state;
	assert_true(md_name_is_usable(SLICE_LIT("1.M2P3.h,S=1")));
	assert_true(md_name_is_usable(SLICE_LIT("a b \xc3\xa9")));
	assert_false(md_name_is_usable(SLICE_LIT("")));
	assert_false(md_name_is_usable(SLICE_LIT(".a")));
	assert_false(md_name_is_usable(SLICE_LIT("a\n5 :b")));
	assert_false(md_name_is_usable(SLICE_LIT("a\0b")));
	assert_false(md_name_is_usable(SLICE_LIT("a\rb")));
}

static const struct {
	const char *line;
	enum rc rc;
	unsigned version;
	uint32_t v, n;
	const char *keys;
} heads[] = {
	{ "3 V1 N2 Gabc\n", RC_OK, 3, 1, 2, "Gabc" },
	{ "3 V1795306841 N5\n", RC_OK, 3, 1795306841, 5, "" },
	{ "3 N5 V7 P%f Gx Zfoo\n", RC_OK, 3, 7, 5, "P%f Gx Zfoo" },
	{ "1 1275660208 5\n", RC_OK, 1, 1275660208, 5, "" },
	{ "3 V1 N2", RC_SYNTAX, 0, 0, 0, "" },
	{ "3 V1\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "3 N1\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "3 V0 N1\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "3 V4294967296 N1\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "3 V1 Gx N2\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "3 V1 N2 lower\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "2 V1 N2\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "1 5\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "1 5 6 7\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "\n", RC_SYNTAX, 0, 0, 0, "" },
	{ "", RC_SYNTAX, 0, 0, 0, "" },
	{ "garbage", RC_SYNTAX, 0, 0, 0, "" },
};

static void test_uidlist_heads(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(heads); i++) {
		struct slice text = slice_str(heads[i].line);
		struct md_uidlist_head h;

		assert_int_equal(md_uidlist_head(&text, &h), heads[i].rc);
		if (heads[i].rc != RC_OK)
			continue;
		assert_int_equal(h.version, heads[i].version);
		assert_int_equal(h.uidvalidity, heads[i].v);
		assert_int_equal(h.uidnext, heads[i].n);
		unit_slice_is(h.keys, heads[i].keys, heads[i].line);
	}
}

static const struct {
	unsigned version;
	const char *line;
	enum rc rc;
	uint32_t uid;
	const char *keys, *base;
} records[] = {
	{ 3, "1 :a,S=1\n", RC_OK, 1, "", "a,S=1" },
	{ 3, "25006 W1234 Pfoo :base name\n", RC_OK, 25006, "W1234 Pfoo", "base name" },
	{ 3, "7 P :a\n", RC_OK, 7, "P", "a" },
	{ 3, "7 Px:y :a\n", RC_OK, 7, "Px:y", "a" },
	{ 3, "7 Qunknown Z :a:2,S\n", RC_OK, 7, "Qunknown Z", "a" },
	{ 3, "7 a\n", RC_SYNTAX, 0, "", "" },
	{ 3, "7 :\n", RC_SYNTAX, 0, "", "" },
	{ 3, "0 :a\n", RC_SYNTAX, 0, "", "" },
	{ 3, "x :a\n", RC_SYNTAX, 0, "", "" },
	{ 3, "7 w1 :a\n", RC_SYNTAX, 0, "", "" },
	{ 3, "\n", RC_SYNTAX, 0, "", "" },
	{ 3, "7 :torn", RC_MORE, 0, "", "" },
	{ 3, "", RC_END, 0, "", "" },
	{ 1, "7 a b\n", RC_OK, 7, "", "a b" },
	{ 1, "7 a:2,S\n", RC_OK, 7, "", "a" },
	{ 1, "7 \n", RC_SYNTAX, 0, "", "" },
	{ 1, "7\n", RC_SYNTAX, 0, "", "" },
};

static void test_uidlist_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(records); i++) {
		struct slice text = slice_str(records[i].line);
		struct md_record r;

		assert_int_equal(md_uidlist_record(&text, records[i].version, &r), records[i].rc);
		if (records[i].rc != RC_OK)
			continue;
		assert_int_equal(r.uid, records[i].uid);
		unit_slice_is(r.keys, records[i].keys, records[i].line);
		unit_slice_is(r.base, records[i].base, records[i].line);
	}
}

static void test_keywords(void **state)
{
	struct md_keywords k;
	struct buf out;

	(void)state;
	md_keywords_parse(SLICE_LIT("0 $Foo\n2 Junk\n26 no\nx y\n2 again\n3 b\xe9" "d(\n"), &k);
	assert_int_equal(md_keywords_find(&k, SLICE_LIT("$foo")), 0);
	assert_int_equal(md_keywords_find(&k, SLICE_LIT("JUNK")), 2);
	assert_int_equal(md_keywords_find(&k, SLICE_LIT("no")), -1);
	assert_int_equal(md_keywords_add(&k, SLICE_LIT("new")), 1);
	assert_int_equal(md_keywords_add(&k, SLICE_LIT("next")), 4);
	assert_int_equal(md_keywords_add(&k, SLICE_LIT("not an atom")), -1);
	assert_int_equal(md_keywords_add(&k, SLICE_LIT("")), -1);
	buf_init(&out, 1000);
	md_keywords_put(&k, &out);
	unit_slice_is(buf_slice(&out), "0 $Foo\n1 new\n2 Junk\n3 b\xe9" "d(\n4 next\n", "kept");
	buf_done(&out);
	for (int i = 5; i < MD_KEYWORDS; i++) {
		char name[] = { 'k', (char)('a' + i), '\0' };

		assert_int_equal(md_keywords_add(&k, slice_str(name)), i);
	}
	assert_int_equal(md_keywords_add(&k, SLICE_LIT("toomany")), -1);
}

static const struct {
	const char *text;
	char sep;
	const char *names;	/* joined by blanks */
} subs[] = {
	{ "V\t2\n\na\tb\nINBOX\n", '.', "a.b INBOX" },
	{ "V\t2\n\na\tb\n", '/', "a/b" },
	{ "Foo.bar\nINBOX\n\nx/y\n", '.', "Foo.bar INBOX x/y" },
	{ "Foo.bar\nx/y\n", '/', "Foo/bar" },
	{ "V\t2\n\na\001tb\tc\nok\n", '.', "ok" },
	{ "V\t2\n\na\001", '.', "" },
	{ "V\t2\n\na.b\tc\nd.e\n", '/', "a.b/c d.e" },
	{ "", '.', "" },
};

static void test_subscriptions(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(subs); i++) {
		struct buf all, name;
		struct md_subs s;

		buf_init(&all, 1000);
		buf_init(&name, 1000);
		assert_int_equal(md_subs_parse(slice_str(subs[i].text), &s), RC_OK);
		for (size_t j = 0; j < s.lines.n; j++) {
			buf_reset(&name);
			if (!md_subs_name(&s, s.lines.v[j], subs[i].sep, &name))
				continue;
			if (buf_len(&all) > 0)
				buf_addc(&all, ' ');
			buf_add(&all, buf_slice(&name));
		}
		unit_slice_is(buf_slice(&all), subs[i].names, subs[i].text);
		md_subs_done(&s);
		buf_done(&name);
		buf_done(&all);
	}
}

static void test_a_subscriptions_file_from_the_future(void **state)
{
	struct md_subs s;

	(void)state;
	assert_int_equal(md_subs_parse(SLICE_LIT("V\t3\n\na\n"), &s), RC_SYNTAX);
	md_subs_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_infos_keep_what_is_unknown),
		cmocka_unit_test(test_order_of_arrival),
		cmocka_unit_test(test_bases_that_no_uidlist_can_hold),
		cmocka_unit_test(test_uidlist_heads),
		cmocka_unit_test(test_uidlist_records),
		cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_subscriptions),
		cmocka_unit_test(test_a_subscriptions_file_from_the_future),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
