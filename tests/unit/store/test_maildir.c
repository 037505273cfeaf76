/* SPDX-License-Identifier: ISC */
#include "tests/unit/store/maildir.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/store/maildir/md_folder.h"

#define UIDLIST_2 "3 V1234567890 N3 G0123456789abcdef0123456789abcdef Xkept\n" \
	"1 W9 Yfoo :1.M1P1.h,S=7\n2 :2.M1P1.h\n"

/* Two messages as another server left them, one still in new/. */
static void two_messages(void)
{
	maildir_write("dovecot-uidlist", UIDLIST_2);
	maildir_write("dovecot-keywords", "0 $Forwarded\n3 work\n");
	maildir_write("cur/1.M1P1.h,S=7:2,FSad", "a\nb\nc\n\n");
	maildir_write("new/2.M1P1.h", "Subject: x\n\nbody\n");
}

static uint64_t size_of(struct store_box *b, uint32_t seq, enum store_size which)
{
	uint64_t n = 0;

	maildir_check(store_box_size(b, seq, which, &n, NULL), NULL);
	return n;
}

static void set(struct store_box *b, uint32_t seq, enum store_flag_how how, uint8_t flags,
		uint64_t keywords, enum store_outcome want)
{
	struct store_flag_op op = { .how = how, .flags = flags, .keywords = keywords };
	enum store_outcome got;
	struct err err = { 0 };

	maildir_check(store_box_set_flags(b, &seq, 1, &op, &got, &err), &err);
	assert_int_equal(got, want);
}

static void expunge(struct store_box *b, uint32_t seq)
{
	struct err err = { 0 };

	maildir_check(store_box_expunge(b, &seq, 1, &err), &err);
}

static void test_reads_what_another_server_wrote(void **state)
{
	struct store_box *b;
	struct store_box_info info;
	const struct store_msg *m;
	struct slice attr;

	(void)state;
	two_messages();
	b = maildir_open("INBOX", 0);
	store_box_info(b, &info);
	assert_int_equal(info.count, 2);
	assert_int_equal(info.uidvalidity, 1234567890);
	assert_int_equal(info.uidnext, 3);
	m = store_box_msg(b, 1);
	assert_int_equal(m->uid, 1);
	assert_int_equal(m->flags, STORE_FLAGGED | STORE_SEEN);
	assert_int_equal(m->keywords, 1 | 8);
	assert_false(m->recent);
	assert_string_equal(store_box_keyword(b, 0), "$Forwarded");
	assert_string_equal(store_box_keyword(b, 3), "work");
	assert_null(store_box_keyword(b, 1));
	assert_null(store_box_keyword(b, 99));
	m = store_box_msg(b, 2);
	assert_int_equal(m->uid, 2);
	assert_true(m->recent);
	/* S= from the name, W from the record, and both counted where nothing tells them. */
	assert_int_equal(size_of(b, 1, STORE_SIZE_PHYSICAL), 7);
	assert_int_equal(size_of(b, 1, STORE_SIZE_CRLF), 9);
	assert_int_equal(size_of(b, 2, STORE_SIZE_PHYSICAL), 17);
	assert_int_equal(size_of(b, 2, STORE_SIZE_CRLF), 20);
	assert_true(store_box_attr(b, 2, STORE_ATTR_GUID, &attr));
	unit_slice_is(attr, "2.M1P1.h", "guid");
	assert_false(store_box_attr(b, 2, STORE_ATTR_POP3_UIDL, &attr));
	assert_true(maildir_has("cur/2.M1P1.h:2,"));
	store_box_free(&b);
	/* What had to be counted was written down, and nothing else was touched. */
	assert_string_equal(maildir_read("dovecot-uidlist"),
			    "3 V1234567890 N3 G0123456789abcdef0123456789abcdef Xkept\n"
			    "1 W9 Yfoo :1.M1P1.h,S=7\n2 S17 W20 :2.M1P1.h\n");
}

static void test_nothing_is_written_without_need(void **state)
{
	struct store_box *b;

	(void)state;
	two_messages();
	b = maildir_open("INBOX", STORE_BOX_READONLY);
	assert_true(store_box_msg(b, 2)->recent);
	store_box_free(&b);
	assert_string_equal(maildir_read("dovecot-uidlist"), UIDLIST_2);
	assert_true(maildir_has("new/2.M1P1.h"));
	assert_int_equal(maildir_count("."), 5);
}

static void test_new_files_get_uids_by_arrival(void **state)
{
	static const char *const order[] = { "2.M1P1.h", "3.M5P1.h", "3.M10P1.h", "4.b", "20.a" };
	struct store_box *b;
	struct slice name;

	(void)state;
	two_messages();
	maildir_write("new/20.a", "x\n");
	maildir_write("new/4.b", "x\n");
	maildir_write("cur/3.M10P1.h:2,T", "x\n");
	maildir_write("new/3.M5P1.h", "x\n");
	maildir_write("new/.hidden", "x\n");
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 6);
	for (uint32_t seq = 2; seq <= 6; seq++) {
		assert_int_equal(store_box_msg(b, seq)->uid, seq);
		assert_true(store_box_attr(b, seq, STORE_ATTR_NAME, &name));
		unit_slice_is(name, order[seq - 2], "order");
	}
	assert_false(store_box_msg(b, 4)->recent);
	store_box_free(&b);
	assert_non_null(strstr(maildir_read("dovecot-uidlist"), "\n6 :20.a\n"));
}

static const struct {
	const char *text;
	bool keeps_validity;
	uint32_t first_uid;
} uidlists[] = {
	{ UIDLIST_2, true, 1 },
	{ "1 1234567890 9\n1 1.M1P1.h,S=7\n2 2.M1P1.h:2,S\n", true, 1 },
	{ "3 V1234567890 N9 G00\n", true, 9 },
	{ "3 V1234567890 N3 G00\n1 :1.M1P1.h,S=7\n2 :2.M1P", true, 1 },
	{ "3 V1234567890 N3\n5 :1.M1P1.h,S=7\n6 :2.M1P1.h\n", true, 5 },
	{ "3 V1234567890 N3\n6 :1.M1P1.h,S=7\n5 :2.M1P1.h\n", false, 1 },
	{ "3 V1234567890 N3\n1 :1.M1P1.h,S=7\ngarbage\n2 :2.M1P1.h\n", false, 1 },
	{ "3 V1234567890 N3\n4294967295 :1.M1P1.h,S=7\n", false, 1 },
	{ "", false, 1 },
	{ "\n\n\n", false, 1 },
	{ "3 V1234567890 N3\n1 :9.gone\n2 :1.M1P1.h,S=7\n3 :2.M1P1.h\n", true, 2 },
};

static void test_uidlists_good_and_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(uidlists); i++) {
		struct store_box_info info;
		struct store_box *b;
		uint32_t uid;

		two_messages();
		maildir_write("dovecot-uidlist", uidlists[i].text);
		unlink(maildir_path("cur/2.M1P1.h:2,"));
		maildir_tick();
		b = maildir_open("INBOX", 0);
		store_box_info(b, &info);
		assert_int_equal(info.count, 2);
		if (uidlists[i].keeps_validity != (info.uidvalidity == 1234567890))
			fail_msg("uidlist %zu: UIDVALIDITY %u", i, info.uidvalidity);
		uid = store_box_msg(b, 1)->uid;
		if (uid != uidlists[i].first_uid)
			fail_msg("uidlist %zu: first UID is %u", i, uid);
		assert_true(store_box_msg(b, 2)->uid > uid);
		assert_true(info.uidnext > store_box_msg(b, 2)->uid);
		store_box_free(&b);
		/* And it stays so. */
		b = maildir_open("INBOX", 0);
		assert_int_equal(store_box_msg(b, 1)->uid, uid);
		store_box_info(b, &info);
		assert_int_equal(uidlists[i].keeps_validity, info.uidvalidity == 1234567890);
		store_box_free(&b);
		assert_memory_equal(maildir_read("dovecot-uidlist"), "3 V", 3);
	}
}

/* A torn last line may have held UIDs that clients know: none of them comes back. */
static void test_torn_uidlist_gives_no_uid_twice(void **state)
{
	struct store_box *b;

	(void)state;
	maildir_write("dovecot-uidlist", "3 V5 N1\n7 :1.a\n10");
	maildir_write("cur/1.a:2,", "x\n");
	maildir_write("cur/2.b:2,", "x\n");
	b = maildir_open("INBOX", 0);
	assert_int_equal(store_box_msg(b, 1)->uid, 7);
	assert_true(store_box_msg(b, 2)->uid > 1000);
	store_box_free(&b);
}

static void test_flags_are_the_file_name(void **state)
{
	struct store_box *b;
	unsigned bit;
	struct err err = { 0 };

	(void)state;
	two_messages();
	b = maildir_open("INBOX", 0);
	set(b, 1, STORE_FLAGS_ADD, STORE_ANSWERED, 0, STORE_DONE);
	assert_true(maildir_has("cur/1.M1P1.h,S=7:2,FRSad"));
	set(b, 1, STORE_FLAGS_ADD, STORE_ANSWERED, 0, STORE_SAME);
	set(b, 1, STORE_FLAGS_REMOVE, STORE_SEEN | STORE_DRAFT, 1, STORE_DONE);
	assert_true(maildir_has("cur/1.M1P1.h,S=7:2,FRd"));
	set(b, 1, STORE_FLAGS_REPLACE, STORE_DELETED, 0, STORE_DONE);
	assert_true(maildir_has("cur/1.M1P1.h,S=7:2,T"));
	assert_int_equal(store_box_msg(b, 1)->flags, STORE_DELETED);
	maildir_check(store_box_keyword_bit(b, SLICE_LIT("Neu"), true, &bit, &err), &err);
	assert_int_equal(bit, 1);
	set(b, 2, STORE_FLAGS_ADD, 0, 1u << bit, STORE_DONE);
	assert_true(maildir_has("cur/2.M1P1.h:2,b"));
	assert_string_equal(maildir_read("dovecot-keywords"), "0 $Forwarded\n1 Neu\n3 work\n");
	assert_int_equal(store_box_keyword_bit(b, SLICE_LIT("nope"), false, &bit, &err), RC_END);
	assert_int_equal(store_box_keyword_bit(b, SLICE_LIT("a b"), true, &bit, &err), RC_SYNTAX);
	assert_false(maildir_has("dovecot-uidlist.lock"));
	store_box_free(&b);
	b = maildir_open("INBOX", STORE_BOX_READONLY);
	assert_int_equal(store_box_msg(b, 2)->keywords, 1u << bit);
	assert_int_equal(store_box_set_flags(b, (uint32_t[]){ 1 }, 1,
					     &(struct store_flag_op){ 0 }, NULL, NULL),
			 RC_DENIED);
	store_box_free(&b);
}

static void test_unchanged_since(void **state)
{
	struct store_flag_op op = { .how = STORE_FLAGS_ADD, .flags = STORE_SEEN };
	struct store_box *a, *b;
	struct store_box_info info;
	enum store_outcome got[2];
	uint32_t seqs[] = { 1, 2 };
	struct store_changes c;
	struct err err = { 0 };

	(void)state;
	two_messages();
	a = maildir_open("INBOX", 0);
	b = maildir_open("INBOX", 0);
	store_box_info(a, &info);
	op.unchanged_since = info.modseq;
	maildir_tick();
	set(b, 2, STORE_FLAGS_ADD, STORE_FLAGGED, 0, STORE_DONE);
	c = maildir_refresh(a, 0);
	assert_int_equal(c.n_flags, 1);
	assert_int_equal(c.flags[0], 2);
	maildir_check(store_box_set_flags(a, seqs, 2, &op, got, &err), &err);
	assert_int_equal(got[0], STORE_SAME);
	assert_int_equal(got[1], STORE_MODIFIED);
	store_box_free(&a);
	store_box_free(&b);
}

/* Flags are changed on what the disk says, even if another session renamed the file. */
static void test_racing_renames(void **state)
{
	struct store_box *a, *b;
	struct store_content content;
	struct err err = { 0 };

	(void)state;
	two_messages();
	a = maildir_open("INBOX", 0);
	b = maildir_open("INBOX", 0);
	set(b, 2, STORE_FLAGS_ADD, STORE_FLAGGED, 0, STORE_DONE);
	maildir_check(store_box_read(a, 2, &content, &err), &err);
	unit_slice_is(content.bytes, "Subject: x\n\nbody\n", "read after a rename");
	assert_false(content.is_wire);
	assert_int_equal(store_box_wire_size(a, 2, &content), 20);
	store_content_done(&content);
	set(b, 2, STORE_FLAGS_ADD, STORE_DRAFT, 0, STORE_DONE);
	set(a, 2, STORE_FLAGS_ADD, STORE_SEEN, 0, STORE_DONE);
	assert_true(maildir_has("cur/2.M1P1.h:2,DFS"));
	set(a, 2, STORE_FLAGS_ADD, STORE_DELETED, 0, STORE_DONE);
	expunge(b, 2);
	assert_int_equal(store_box_read(a, 2, &content, &err), RC_END);
	set(a, 2, STORE_FLAGS_ADD, STORE_ANSWERED, 0, STORE_GONE);
	store_box_free(&a);
	store_box_free(&b);
}

static void test_refresh_tells_each_change_once(void **state)
{
	struct store_changes c;
	struct store_box *b;
	struct err err = { 0 };

	(void)state;
	two_messages();
	maildir_write("cur/5.c:2,", "x\n");
	maildir_write("cur/6.d:2,", "x\n");
	b = maildir_open("INBOX", 0);
	maildir_tick();
	c = maildir_refresh(b, 0);
	assert_int_equal(c.n_gone + c.n_flags + c.n_new, 0);
	/* At once: a removal, a flag, a new message. */
	unlink(maildir_path("cur/2.M1P1.h:2,"));
	maildir_rename("cur/5.c:2,", "cur/5.c:2,S");
	maildir_write("new/7.e", "x\n");
	maildir_tick();
	c = maildir_refresh(b, STORE_KEEP_GONE);
	assert_int_equal(c.n_gone, 0);
	assert_int_equal(c.n_flags, 1);
	assert_int_equal(c.flags[0], 3);
	assert_int_equal(c.n_new, 1);
	assert_int_equal(maildir_box_count(b), 5);
	assert_true(store_box_msg(b, 2)->gone);
	assert_int_equal(store_box_msg(b, 5)->uid, 5);
	assert_true(store_box_msg(b, 5)->recent);
	/* The number is given up now; a change in the same round is told by its new number. */
	maildir_rename("cur/6.d:2,", "cur/6.d:2,T");
	unlink(maildir_path("cur/7.e:2,"));
	maildir_tick();
	c = maildir_refresh(b, 0);
	assert_int_equal(c.n_gone, 2);
	assert_int_equal(c.gone[0].seq, 5);
	assert_int_equal(c.gone[0].uid, 5);
	assert_int_equal(c.gone[1].seq, 2);
	assert_int_equal(c.gone[1].uid, 2);
	assert_int_equal(c.n_flags, 1);
	assert_int_equal(c.flags[0], 3);
	assert_int_equal(maildir_box_count(b), 3);
	assert_int_equal(store_box_seq(b, 3), 2);
	assert_int_equal(store_box_seq(b, 5), 4);
	c = maildir_refresh(b, STORE_LOOK_HARD);
	assert_int_equal(c.n_gone + c.n_flags + c.n_new, 0);
	(void)err;
	store_box_free(&b);
}

static void test_own_changes_are_not_told(void **state)
{
	struct store_changes c;
	struct store_box *b;

	(void)state;
	two_messages();
	b = maildir_open("INBOX", 0);
	set(b, 1, STORE_FLAGS_REPLACE, 0, 0, STORE_DONE);
	c = maildir_refresh(b, 0);
	assert_int_equal(c.n_flags, 0);
	expunge(b, 1);
	assert_true(store_box_msg(b, 1)->gone);
	c = maildir_refresh(b, 0);
	assert_int_equal(c.n_gone, 1);
	assert_int_equal(c.gone[0].seq, 1);
	assert_int_equal(maildir_box_count(b), 1);
	c = maildir_refresh(b, STORE_LOOK_HARD);
	assert_int_equal(c.n_gone + c.n_flags + c.n_new, 0);
	store_box_free(&b);
}

/* Whatever turns up below the highest number told waits for the next session. */
static void test_no_message_appears_in_the_middle(void **state)
{
	struct store_box *b;
	struct store_changes c;

	(void)state;
	two_messages();
	maildir_rename("cur/1.M1P1.h,S=7:2,FSad", "tmp/aside");
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 1);
	maildir_rename("tmp/aside", "cur/1.M1P1.h,S=7:2,FSad");
	maildir_tick();
	c = maildir_refresh(b, 0);
	assert_int_equal(c.n_new, 0);
	assert_int_equal(store_box_msg(b, 1)->uid, 2);
	store_box_free(&b);
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 2);
	assert_int_equal(store_box_msg(b, 1)->uid, 1);
	store_box_free(&b);
}

static void test_two_files_with_one_base(void **state)
{
	struct store_box *b;

	(void)state;
	two_messages();
	maildir_write("cur/2.M1P1.h:2,S", "another\n");
	maildir_write("cur/9.x:2,", "one\n");
	maildir_write("cur/9.x:2,S", "two\n");
	assert_int_equal(link(maildir_path("cur/1.M1P1.h,S=7:2,FSad"), "/dev/null") == 0, 0);
	maildir_tick();
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 5);
	store_box_free(&b);
	assert_int_equal(maildir_count("cur"), 5);
}

static void test_a_second_name_of_the_same_file_goes(void **state)
{
	char first[2 * PATH_MAX];
	struct store_box *b;

	(void)state;
	two_messages();
	snprintf(first, sizeof(first), "%s", maildir_path("cur/1.M1P1.h,S=7:2,FSad"));
	assert_int_equal(link(first, maildir_path("cur/1.M1P1.h,S=7:2,S")), 0);
	maildir_tick();
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 2);
	store_box_free(&b);
	assert_int_equal(maildir_count("cur"), 2);
}

static void test_names_that_would_break_the_uidlist(void **state)
{
	struct store_box *b;

	(void)state;
	maildir_write("cur/5.evil\n99 :5.other:2,S", "x\n");
	maildir_tick();
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 1);
	assert_int_equal(store_box_msg(b, 1)->uid, 1);
	store_box_free(&b);
	assert_null(strstr(maildir_read("dovecot-uidlist"), "evil"));
}

static void test_symbolic_links_lead_nowhere(void **state)
{
	struct store_box *b;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(symlink("/etc/passwd", maildir_path("cur/5.link:2,")), 0);
	assert_int_equal(mkfifo(maildir_path("cur/6.pipe:2,"), 0600), 0);
	assert_int_equal(mkdir(maildir_path("new/7.dir"), 0700), 0);
	assert_int_equal(symlink("/etc", maildir_path(".etc")), 0);
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 0);
	store_box_free(&b);
	assert_int_equal(maildir_count("cur"), 2);
	assert_int_equal(store_exists(maildir_store, "etc", NULL), RC_END);
	assert_int_equal(symlink("/etc/passwd", maildir_path("subscriptions")), 0);
	err = (struct err){ 0 };
	assert_int_equal(store_subscribe(maildir_store, "x", true, &err), RC_DENIED);
}

static void test_a_deleted_mailbox_is_noticed(void **state)
{
	struct store_changes c;
	struct store_box *b;
	struct err err = { 0 };

	(void)state;
	maildir_check(store_create(maildir_store, "a.b", &err), &err);
	maildir_append("a.b", 0, "x\n");
	b = maildir_open("a.b", 0);
	maildir_check(store_delete(maildir_store, "a.b", &err), &err);
	assert_int_equal(store_box_refresh(b, 0, &c, &err), RC_END);
	store_box_free(&b);
	/* The next of its name has another UIDVALIDITY. */
	maildir_check(store_create(maildir_store, "a.b", &err), &err);
	b = maildir_open("a.b", 0);
	assert_int_equal(maildir_box_count(b), 0);
	store_box_free(&b);
}

static void test_a_new_uidvalidity_ends_the_session(void **state)
{
	struct store_changes c;
	struct store_box *b;
	struct err err = { 0 };

	(void)state;
	two_messages();
	b = maildir_open("INBOX", 0);
	maildir_write("dovecot-uidlist", "3 V7 N1 G00\n");
	assert_int_equal(store_box_refresh(b, 0, &c, &err), RC_END);
	store_box_free(&b);
}

static void test_watch(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct store_box *b;
	struct err err = { 0 };
	struct store_changes c;

	(void)state;
	two_messages();
	b = maildir_open("INBOX", 0);
	maildir_check(store_box_watch(b, &p.fd, &err), &err);
	(void)maildir_refresh(b, 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	maildir_write("tmp/9.z", "x\n");
	assert_int_equal(poll(&p, 1, 0), 0);
	maildir_rename("tmp/9.z", "new/9.z");
	assert_int_equal(poll(&p, 1, 60000), 1);
	c = maildir_refresh(b, 0);
	assert_int_equal(c.n_new, 1);
	store_box_free(&b);
}

/* The lock of a live process is waited for, that of a dead one and an old one are not. */
static void test_locks(void **state)
{
	struct timespec old[2] = { { time(NULL) - 200, 0 }, { time(NULL) - 200, 0 } };
	char text[100];
	struct err err = { 0 };
	struct store_box *b;

	(void)state;
	two_messages();
	snprintf(text, sizeof(text), "%ld:host", (long)getppid());
	maildir_write("dovecot-uidlist.lock", text);
	assert_int_equal(store_box_open(maildir_store, "INBOX", 0, &b, &err), RC_TEMP);
	assert_null(b);
	assert_true(maildir_has("dovecot-uidlist.lock"));
	assert_int_equal(utimensat(AT_FDCWD, maildir_path("dovecot-uidlist.lock"), old, 0), 0);
	b = maildir_open("INBOX", 0);
	store_box_free(&b);
	assert_false(maildir_has("dovecot-uidlist.lock"));
	maildir_write("new/8.x", "x\n");
	maildir_write("dovecot-uidlist.lock", "2147483646:host");
	b = maildir_open("INBOX", 0);
	assert_int_equal(maildir_box_count(b), 3);
	store_box_free(&b);
}

static void test_old_files_in_tmp(void **state)
{
	enum { HOUR = 3600 };
	struct timespec old[2] = { { time(NULL) - 200 * HOUR, 0 }, { time(NULL), 0 } };
	struct md_folder f;
	time_t now = time(NULL);

	(void)state;
	two_messages();
	maildir_write("tmp/left-over", "x\n");
	maildir_check(md_folder_open((struct md_store *)maildir_store, "INBOX", &f, NULL), NULL);
	utimensat(AT_FDCWD, maildir_path("tmp"), old, 0);
	md_folder_clean_tmp(&f, now + 35 * HOUR);
	assert_int_equal(maildir_count("tmp"), 1);
	utimensat(AT_FDCWD, maildir_path("tmp"), old, 0);
	md_folder_clean_tmp(&f, now + 37 * HOUR);
	assert_int_equal(maildir_count("tmp"), 0);
	md_folder_close(&f);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, maildir_setup, maildir_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_reads_what_another_server_wrote),
		CASE(test_nothing_is_written_without_need),
		CASE(test_new_files_get_uids_by_arrival),
		CASE(test_uidlists_good_and_bad),
		CASE(test_torn_uidlist_gives_no_uid_twice),
		CASE(test_flags_are_the_file_name),
		CASE(test_unchanged_since),
		CASE(test_racing_renames),
		CASE(test_refresh_tells_each_change_once),
		CASE(test_own_changes_are_not_told),
		CASE(test_no_message_appears_in_the_middle),
		CASE(test_two_files_with_one_base),
		CASE(test_a_second_name_of_the_same_file_goes),
		CASE(test_names_that_would_break_the_uidlist),
		CASE(test_symbolic_links_lead_nowhere),
		CASE(test_a_deleted_mailbox_is_noticed),
		CASE(test_a_new_uidvalidity_ends_the_session),
		CASE(test_watch),
		CASE(test_locks),
		CASE(test_old_files_in_tmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
