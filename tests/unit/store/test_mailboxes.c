/* SPDX-License-Identifier: ISC */
#include "tests/unit/store/maildir.h"

#include <sys/stat.h>
#include <unistd.h>

static struct err failed;

#define OK(call) maildir_check((failed = (struct err){ 0 }, (call)), &failed)

static void create(const char *name)
{
	OK(store_create(maildir_store, name, &failed));
}

static void check_list(bool subscribed, const char *want)
{
	struct store_list l;
	struct buf got;

	buf_init(&got, 10000);
	OK(subscribed ? store_list_subscribed(maildir_store, &l, &failed) :
			store_list(maildir_store, &l, &failed));
	for (size_t i = 0; i < l.n; i++)
		buf_addf(&got, "%s%s%s%s%s%s", i > 0 ? " " : "", l.entries[i].name,
			 (l.entries[i].attrs & STORE_ENTRY_NOSELECT) != 0 ? "!" : "",
			 (l.entries[i].attrs & STORE_ENTRY_CHILDREN) != 0 ? "+" : "",
			 (l.entries[i].attrs & STORE_ENTRY_SUBSCRIBED) != 0 ? "*" : "",
			 (l.entries[i].attrs & STORE_ENTRY_SUBSCRIBED_BELOW) != 0 ? "_" : "");
	assert_string_equal(buf_cstr(&got), want);
	store_list_done(&l);
	buf_done(&got);
}

static void test_tree(void **state)
{
	(void)state;
	check_list(false, "INBOX");
	create("a");
	create("a.b");
	create("x.y.z");
	create("a b&-c");
	create("inBox.sub.");
	create("a-b");
	check_list(false, "INBOX+ INBOX.sub a+ a.b a b&-c a-b x!+ x.y!+ x.y.z");
	assert_true(maildir_has(".x.y.z/maildirfolder"));
	assert_true(maildir_has(".x.y.z/dovecot-uidlist"));
	assert_false(maildir_has(".x"));
	mkdir(maildir_path(".config"), 0700);
	mkdir(maildir_path("..DOVECOT-TRASHED"), 0700);
	mkdir(maildir_path("..DOVECOT-TRASHED/cur"), 0700);
	maildir_write(".file", "x");
	/* what no client could name */
	mkdir(maildir_path(".inbox.other"), 0700);
	mkdir(maildir_path(".inbox.other/cur"), 0700);
	check_list(false, "INBOX+ INBOX.sub a+ a.b a b&-c a-b x!+ x.y!+ x.y.z");
}

static const struct {
	const char *name;
	char sep;
	enum rc rc;
} names[] = {
	{ "a/b", '.', RC_SYNTAX },  { "a.b", '/', RC_SYNTAX },  { "x..y", '.', RC_SYNTAX },
	{ ".x", '.', RC_SYNTAX },   { "x.", '.', RC_OK },       { "", '.', RC_SYNTAX },
	{ ".", '.', RC_SYNTAX },    { "x..", '.', RC_SYNTAX },  { "~x", '.', RC_SYNTAX },
	{ "..", '/', RC_SYNTAX },   { "a/..", '/', RC_SYNTAX }, { "a\nb", '.', RC_SYNTAX },
	{ "a\x7f", '.', RC_SYNTAX }, { "\xc3\xb6", '.', RC_SYNTAX }, { "&APY-", '.', RC_OK },
	{ "inbox", '.', RC_OK },    { "cur", '.', RC_OK },      { "a b*%", '.', RC_OK },
};

static void test_names(void **state)
{
	char longest[STORE_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		maildir_open_store(names[i].sep);
		if (store_name_check(maildir_store, names[i].name, NULL) != names[i].rc)
			fail_msg("name \"%s\"", names[i].name);
	}
	maildir_open_store('.');
	memset(longest, 'x', sizeof(longest));
	longest[STORE_NAME_MAX + 1] = '\0';
	assert_int_equal(store_create(maildir_store, longest, NULL), RC_SYNTAX);
	create(longest + 1);
	maildir_append(longest + 1, STORE_SEEN, "x\n");
}

static void test_what_cannot_be(void **state)
{
	(void)state;
	create("a");
	create("b.c");
	assert_int_equal(store_create(maildir_store, "a", NULL), RC_PERM);
	assert_int_equal(store_create(maildir_store, "Inbox", NULL), RC_PERM);
	assert_int_equal(store_delete(maildir_store, "nope", NULL), RC_END);
	assert_int_equal(store_delete(maildir_store, "b", NULL), RC_END);
	assert_int_equal(store_delete(maildir_store, "inbox", NULL), RC_PERM);
	assert_int_equal(store_rename(maildir_store, "a", "a.c", NULL), RC_PERM);
	assert_int_equal(store_rename(maildir_store, "a", "b.c", NULL), RC_PERM);
	assert_int_equal(store_rename(maildir_store, "nope", "c", NULL), RC_END);
	assert_int_equal(store_rename(maildir_store, "a", "inbox", NULL), RC_PERM);
	assert_int_equal(store_exists(maildir_store, "b", NULL), RC_END);
	OK(store_exists(maildir_store, "INBOX", &failed));
	check_list(false, "INBOX a b!+ b.c");
}

static void test_rename_takes_the_children_along(void **state)
{
	struct store_status before, after;

	(void)state;
	create("a");
	create("a.b");
	create("ab");
	maildir_append("a.b", STORE_SEEN, "x\n");
	OK(store_status(maildir_store, "a.b", &before, &failed));
	OK(store_rename(maildir_store, "a", "q.r", &failed));
	check_list(false, "INBOX ab q!+ q.r+ q.r.b");
	OK(store_status(maildir_store, "q.r.b", &after, &failed));
	assert_int_equal(after.messages, 1);
	assert_int_equal(after.uidvalidity, before.uidvalidity);
	OK(store_rename(maildir_store, "q", "z", &failed));
	check_list(false, "INBOX ab z!+ z.r+ z.r.b");
}

static void test_delete_leaves_the_children(void **state)
{
	(void)state;
	create("a");
	create("a.b");
	maildir_append("a", 0, "x\n");
	mkdir(maildir_path(".a/deeper"), 0700);
	maildir_write(".a/deeper/file", "x");
	OK(store_delete(maildir_store, "a", &failed));
	check_list(false, "INBOX a!+ a.b");
	assert_false(maildir_has("..DOVECOT-TRASHED"));
}

static void test_renaming_inbox_moves_its_messages(void **state)
{
	struct store_status st;

	(void)state;
	maildir_append("INBOX", STORE_FLAGGED, "one\n");
	maildir_append("INBOX", 0, "two\n");
	OK(store_rename(maildir_store, "INBOX", "old", &failed));
	OK(store_status(maildir_store, "INBOX", &st, &failed));
	assert_int_equal(st.messages, 0);
	assert_int_equal(st.uidnext, 3);
	OK(store_status(maildir_store, "old", &st, &failed));
	assert_int_equal(st.messages, 2);
	assert_int_equal(st.unseen, 2);
	assert_int_equal(st.recent, 2);
}

static void test_subscriptions(void **state)
{
	(void)state;
	check_list(true, "");
	create("a.b");
	OK(store_subscribe(maildir_store, "a.b", true, &failed));
	OK(store_subscribe(maildir_store, "inbox", true, &failed));
	OK(store_subscribe(maildir_store, "gone", true, &failed));
	OK(store_subscribe(maildir_store, "gone", true, &failed));
	assert_string_equal(maildir_read("subscriptions"), "V\t2\n\na\tb\nINBOX\ngone\n");
	check_list(true, "INBOX* a.b* gone!*");
	check_list(false, "INBOX* a!+_ a.b*");
	OK(store_subscribe(maildir_store, "gone", false, &failed));
	assert_int_equal(store_subscribe(maildir_store, "gone", false, NULL), RC_END);
	check_list(true, "INBOX* a.b*");
	assert_false(maildir_has("subscriptions.lock"));
}

/* A file keeps its version and what we cannot name. */
static void test_subscriptions_of_others(void **state)
{
	(void)state;
	maildir_write("subscriptions", "Foo.bar\nx/y\n..\n");
	OK(store_subscribe(maildir_store, "n.m", true, &failed));
	assert_string_equal(maildir_read("subscriptions"), "Foo.bar\nx/y\n..\nn.m\n");
	check_list(true, "Foo.bar!* n.m!*");
	maildir_open_store('/');
	check_list(true, "Foo/bar!* n/m!*");
	OK(store_subscribe(maildir_store, "n/m", false, &failed));
	maildir_write("subscriptions", "V\t9\nfuture\n");
	assert_int_equal(store_subscribe(maildir_store, "a", true, NULL), RC_SYNTAX);
	assert_string_equal(maildir_read("subscriptions"), "V\t9\nfuture\n");
}

static void test_uidvalidity_grows(void **state)
{
	struct store_status first, second;

	(void)state;
	create("a");
	OK(store_status(maildir_store, "a", &first, &failed));
	OK(store_delete(maildir_store, "a", &failed));
	create("a");
	OK(store_status(maildir_store, "a", &second, &failed));
	assert_true(second.uidvalidity > first.uidvalidity);
	/* The marker alone is enough. */
	unlink(maildir_path("dovecot-uidvalidity"));
	create("b");
	OK(store_status(maildir_store, "b", &first, &failed));
	assert_int_equal(first.uidvalidity, second.uidvalidity + 1);
	maildir_write("dovecot-uidvalidity", "zzzzzzzz");
	create("c");
	OK(store_status(maildir_store, "c", &first, &failed));
	assert_int_equal(first.uidvalidity, second.uidvalidity + 2);
}

static const struct {
	const char *in;
	bool crlf;
	const char *stored;
	uint64_t wire;
} texts[] = {
	{ "a\r\nb\r\n", false, "a\nb\n", 6 },
	{ "a\nb\n", false, "a\nb\n", 6 },
	{ "a\r\nb\n", true, "a\r\nb\r\n", 6 },
	{ "a\rb\r", false, "a\rb\r", 4 },
	{ "a\r\r\n", false, "a\r\n", 3 },
	{ "\r\n\r\n", false, "\n\n", 4 },
	{ "", false, "", 0 },
	{ "no end", true, "no end", 6 },
};

static void append_in_steps(size_t i, size_t step)
{
	struct store_append_meta meta = { .internaldate = 86400 };
	struct slice in = slice_str(texts[i].in);
	struct store_append *a;
	struct store_content c;
	struct store_box *b;
	uint64_t size;
	int64_t date;
	uint32_t n;

	OK(store_append_begin(maildir_store, "INBOX", &a, &failed));
	OK(store_append_message(a, &meta, &failed));
	for (; in.n > 0; in = slice_skip(in, step))
		OK(store_append_write(a, slice_sub(in, 0, step), &failed));
	OK(store_append_commit(&a, NULL, &failed));
	assert_null(a);
	b = maildir_open("INBOX", 0);
	n = maildir_box_count(b);
	OK(store_box_read(b, n, &c, &failed));
	unit_slice_is(c.bytes, texts[i].stored, texts[i].in);
	assert_int_equal(store_box_wire_size(b, n, &c), texts[i].wire);
	assert_int_equal(c.is_wire, texts[i].wire == c.bytes.n);
	store_content_done(&c);
	OK(store_box_size(b, n, STORE_SIZE_CRLF, &size, &failed));
	assert_int_equal(size, texts[i].wire);
	OK(store_box_date(b, n, &date, &failed));
	assert_int_equal(date, 86400);
	store_box_free(&b);
}

static void test_append_stores_lines(void **state)
{
	struct store_options o = { .hostname = "h", .no_fsync = true };
	char location[PATH_MAX + 20];

	(void)state;
	snprintf(location, sizeof(location), "maildir:%s", maildir_root);
	o.location = location;
	for (size_t i = 0; i < N_OF(texts); i++) {
		for (size_t step = 1; step < 9; step += 3) {
			store_free(&maildir_store);
			o.save_crlf = texts[i].crlf;
			OK(store_open(&o, &maildir_store, &failed));
			append_in_steps(i, step);
		}
	}
}

static void test_append_is_all_or_nothing(void **state)
{
	struct slice keywords[] = { SLICE_LIT("work"), SLICE_LIT("not an atom") };
	struct store_append_meta meta = { .flags = STORE_SEEN, .keywords = keywords,
					  .n_keywords = 2, .internaldate = -1 };
	struct store_append_meta plain = { .internaldate = -1 };
	struct store_appended r;
	struct store_append *a;

	(void)state;
	create("a");
	assert_int_equal(store_append_begin(maildir_store, "nope", &a, NULL), RC_END);
	assert_null(a);
	for (int commit = 0; commit < 2; commit++) {
		OK(store_append_begin(maildir_store, "a", &a, &failed));
		OK(store_append_message(a, &meta, &failed));
		OK(store_append_write(a, SLICE_LIT("one"), &failed));
		OK(store_append_message(a, &plain, &failed));
		OK(store_append_write(a, SLICE_LIT("two"), &failed));
		assert_int_equal(maildir_count(".a/new") + maildir_count(".a/cur"), 0);
		if (commit == 0) {
			store_append_abort(&a);
			assert_int_equal(maildir_count(".a/tmp"), 0);
		}
	}
	OK(store_append_commit(&a, &r, &failed));
	assert_int_equal(r.n, 2);
	assert_int_equal(r.uids[0], 1);
	assert_int_equal(r.uids[1], 2);
	store_appended_done(&r);
	assert_int_equal(maildir_count(".a/tmp"), 0);
	assert_int_equal(maildir_count(".a/cur"), 0);
	assert_int_equal(maildir_count(".a/new"), 2);
	assert_string_equal(maildir_read(".a/dovecot-keywords"), "0 work\n");
	assert_false(maildir_has(".a/dovecot-uidlist.lock"));
}

static void test_copy(void **state)
{
	struct slice keyword = SLICE_LIT("work"), guid, copied;
	struct store_append_meta meta = { .flags = STORE_SEEN | STORE_FLAGGED,
					  .keywords = &keyword, .n_keywords = 1,
					  .internaldate = 86400 };
	struct store_box *from, *to;
	struct store_append *a;
	struct stat st;
	int64_t date;

	(void)state;
	create("a");
	create("b");
	maildir_write(".b/dovecot-keywords", "0 other\n");
	OK(store_append_begin(maildir_store, "a", &a, &failed));
	OK(store_append_message(a, &meta, &failed));
	OK(store_append_write(a, SLICE_LIT("text\n"), &failed));
	OK(store_append_commit(&a, NULL, &failed));
	from = maildir_open("a", STORE_BOX_READONLY);
	OK(store_append_begin(maildir_store, "b", &a, &failed));
	OK(store_append_copy(a, from, 1, &failed));
	OK(store_append_copy(a, from, 1, &failed));
	OK(store_append_commit(&a, NULL, &failed));
	to = maildir_open("b", 0);
	assert_int_equal(maildir_box_count(to), 2);
	assert_int_equal(store_box_msg(to, 1)->flags, meta.flags);
	assert_true(store_box_msg(to, 1)->recent);
	assert_int_equal(store_box_msg(to, 1)->keywords, 2);
	assert_string_equal(store_box_keyword(to, 1), "work");
	OK(store_box_date(to, 2, &date, &failed));
	assert_int_equal(date, 86400);
	assert_true(store_box_attr(from, 1, STORE_ATTR_GUID, &guid));
	assert_true(store_box_attr(to, 2, STORE_ATTR_GUID, &copied));
	assert_true(slice_eq(guid, copied));
	store_box_free(&to);
	assert_int_equal(stat(maildir_path(".a/cur"), &st), 0);
	/* A message that another session removed meanwhile. */
	to = maildir_open("a", 0);
	OK(store_box_expunge(to, (uint32_t[]){ 1 }, 1, &failed));
	store_box_free(&to);
	OK(store_append_begin(maildir_store, "b", &a, &failed));
	assert_int_equal(store_append_copy(a, from, 1, NULL), RC_END);
	OK(store_append_commit(&a, NULL, &failed));
	store_box_free(&from);
	assert_int_equal(maildir_count(".b/cur"), 2);
	assert_int_equal(maildir_count(".b/tmp"), 0);
}

/* The selected mailbox shows its own appends at the next refresh, with the UIDs told. */
static void test_append_to_an_open_box(void **state)
{
	struct store_box *b = maildir_open("INBOX", 0);
	struct store_changes c;
	uint32_t uid;

	(void)state;
	for (uint32_t i = 1; i <= 5; i++) {
		uid = maildir_append("INBOX", i % 2 != 0 ? STORE_SEEN : 0, "x\n");
		assert_int_equal(uid, i);
		c = maildir_refresh(b, 0);
		assert_int_equal(c.n_new, 1);
		assert_int_equal(store_box_msg(b, i)->uid, uid);
		assert_int_equal(store_box_msg(b, i)->flags, i % 2 != 0 ? STORE_SEEN : 0);
		assert_true(store_box_msg(b, i)->recent);
	}
	store_box_free(&b);
}

static void test_locations(void **state)
{
	static const struct {
		const char *location, *home;
		enum rc rc;
	} cases[] = {
		{ "maildir:~/Maildir", NULL, RC_SYNTAX }, { "mbox:/x", "/h", RC_SYNTAX },
		{ "maildir:", "/h", RC_SYNTAX }, { "maildir:rel/ative", "/h", RC_SYNTAX },
		{ "maildir:/x:LAYOUT=fs", "/h", RC_SYNTAX }, { "", "/h", RC_SYNTAX },
		{ "maildir:/dev/null/x", "/h", RC_END },
	};
	char home[PATH_MAX + 8];
	struct store_options o = { .location = "maildir:~/deep/er:LAYOUT=Maildir++:INDEX=/x" };
	struct store *s;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct store_options bad = { .location = cases[i].location,
					     .home = cases[i].home };

		assert_int_equal(store_open(&bad, &s, NULL), cases[i].rc);
		assert_null(s);
	}
	OK(store_location_check("maildir:~/Maildir", &failed));
	OK(store_location_check("maildir:%h/Maildir:LAYOUT=maildir++", &failed));
	assert_int_equal(store_location_check("mbox:~/mail:INBOX=/var/mail/%u", NULL), RC_SYNTAX);
	assert_int_equal(store_location_check("maildir:Maildir", NULL), RC_SYNTAX);
	snprintf(home, sizeof(home), "%s/home", maildir_root);
	o.home = home;
	OK(store_open(&o, &s, &failed));
	store_free(&s);
	assert_true(maildir_has("home/deep/er"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, maildir_setup, maildir_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_tree),
		CASE(test_names),
		CASE(test_what_cannot_be),
		CASE(test_rename_takes_the_children_along),
		CASE(test_delete_leaves_the_children),
		CASE(test_renaming_inbox_moves_its_messages),
		CASE(test_subscriptions),
		CASE(test_subscriptions_of_others),
		CASE(test_uidvalidity_grows),
		CASE(test_append_stores_lines),
		CASE(test_append_is_all_or_nothing),
		CASE(test_copy),
		CASE(test_append_to_an_open_box),
		CASE(test_locations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
