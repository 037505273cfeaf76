/* tests/unit/table/test_userdb.c - userdb: tables over a transport that knows two users. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/ipc/auth.h"
#include "lib/table/userdb.h"

static unsigned asked;
static void *last_token;

static enum rc answer(struct slice key, struct buf *out, struct err *err)
{
	struct auth_user_found m = { .uid = 1000, .gid = 1001, .home = SLICE_LIT("/v/d/alice"),
				     .mail_location = SLICE_LIT("maildir:/v/d/alice/Maildir") };

	if (slice_is(key, "bob@d")) {
		m.home = SLICE_LIT("");
		m.mail_location = SLICE_LIT("mbox:/home/bob/mail:INBOX=/var/mail/bob");
	} else if (!slice_is(key, "alice@d")) {
		return RC_END;
	}
	return userdb_value(&m, out, err);
}

static enum rc ask_now(void *ctx, struct slice table, struct slice key, struct buf *out,
		       struct err *err)
{
	(void)ctx;
	unit_slice_is(table, USERDB_TABLE, "one table for all");
	asked++;
	return answer(key, out, err);
}

static enum rc ask(void *ctx, struct slice table, struct slice key, void *token, struct err *err)
{
	(void)ctx;
	(void)key;
	(void)err;
	unit_slice_is(table, USERDB_TABLE, "one table for all");
	asked++;
	last_token = token;
	return RC_OK;
}

static const struct {
	const char *spec, *key;
	enum rc want;
	const char *value;
} cases[] = {
	{ "userdb:", "alice@d", RC_OK, "/v/d/alice/Maildir/" },
	{ "userdb:", "Alice@D", RC_OK, "/v/d/alice/Maildir/" },
	{ "userdb:/v", "alice@d", RC_OK, "d/alice/Maildir/" },
	{ "userdb:/v/", "alice@d", RC_OK, "d/alice/Maildir/" },
	{ "userdb:/", "alice@d", RC_OK, "v/d/alice/Maildir/" },
	{ "userdb:/v/d/al", "alice@d", RC_PERM, NULL },
	{ "userdb:/w", "alice@d", RC_PERM, NULL },
	{ "userdb:uid", "alice@d", RC_OK, "1000" },
	{ "userdb:gid", "alice@d", RC_OK, "1001" },
	{ "userdb:home", "alice@d", RC_OK, "/v/d/alice" },
	{ "userdb:", "bob@d", RC_OK, "/var/mail/bob" },
	{ "userdb:home", "bob@d", RC_END, NULL },
	{ "userdb:", "alice+ext@d", RC_END, NULL },
	{ "userdb:", "@d", RC_END, NULL },
	{ "userdb:", "", RC_END, NULL },
};

static void lookups(void **state)
{
	static const struct table_transport transport = { .ask = ask, .ask_now = ask_now };

	(void)state;
	table_set_transport(USERDB_SERVICE, &transport);
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct table *t;
		struct slice got;
		struct err err = { 0 };
		enum rc rc;

		assert_int_equal(table_open(cases[i].spec, "hash", TABLE_FOLD, &t, &err), RC_OK);
		rc = table_lookup(t, NULL, slice_str(cases[i].key), &got, &err);
		if (rc != cases[i].want)
			fail_msg("%s %s: %s", cases[i].spec, cases[i].key, rc_name(rc));
		if (rc == RC_OK)
			unit_slice_is(got, cases[i].value, cases[i].spec);
		table_close(&t);
	}
}

static void on_ready(struct table_memo *m)
{
	assert_int_equal(m->pending, 0);
}

static void one_question_for_all_tables(void **state)
{
	struct table *mailbox, *uid;
	struct table_memo memo;
	struct arena arena;
	struct slice got;
	struct buf value;

	(void)state;
	arena_init(&arena, 65536);
	table_memo_init(&memo, &arena, on_ready, NULL);
	assert_int_equal(table_open("userdb:/v", "hash", TABLE_FOLD, &mailbox, NULL), RC_OK);
	assert_int_equal(table_open("userdb:uid", "hash", TABLE_FOLD, &uid, NULL), RC_OK);
	asked = 0;
	assert_int_equal(table_lookup(mailbox, &memo, SLICE_LIT("alice@d"), &got, NULL), RC_MORE);
	assert_int_equal(table_lookup(uid, &memo, SLICE_LIT("ALICE@d"), &got, NULL), RC_MORE);
	assert_int_equal(asked, 1);
	buf_init(&value, 4096);
	assert_int_equal(answer(SLICE_LIT("alice@d"), &value, NULL), RC_OK);
	table_answer(last_token, RC_OK, buf_slice(&value));
	buf_done(&value);
	assert_int_equal(table_lookup(mailbox, &memo, SLICE_LIT("alice@d"), &got, NULL), RC_OK);
	unit_slice_is(got, "d/alice/Maildir/", "mailbox");
	assert_int_equal(table_lookup(uid, &memo, SLICE_LIT("alice@d"), &got, NULL), RC_OK);
	unit_slice_is(got, "1000", "uid");
	assert_int_equal(asked, 1);
	table_memo_done(&memo);
	table_close(&mailbox);
	table_close(&uid);
	arena_done(&arena);
}

static const struct {
	const char *location;
	const char *mailbox;	/* NULL: refused */
} locations[] = {
	{ "maildir:/a/b", "/a/b/" },
	{ "maildir:/a/b/", "/a/b/" },
	{ "maildir:/a/b:LAYOUT=fs:INBOX=/in", "/in/" },
	{ "mbox:/a/b", "/a/b/inbox" },
	{ "mbox:/a/b:INDEX=/x:INBOX=/var/mail/u", "/var/mail/u" },
	{ "maildir:", NULL },
	{ "maildir", NULL },
	{ "maildir:rel", NULL },
	{ "dbox:/a", NULL },
	{ "maildir:/a\nb", NULL },
	{ "", NULL },
};

static void mailboxes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(locations); i++) {
		struct auth_user_found m = { .mail_location = slice_str(locations[i].location) };
		struct buf b;
		enum rc rc;

		buf_init(&b, 4096);
		rc = userdb_value(&m, &b, NULL);
		if ((rc == RC_OK) != (locations[i].mailbox != NULL))
			fail_msg("%s: %s", locations[i].location, rc_name(rc));
		if (rc == RC_OK)
			unit_slice_is(slice_skip(buf_slice(&b), strlen("0\n0\n\n")),
				      locations[i].mailbox, locations[i].location);
		buf_done(&b);
	}
}

static void names_of_tables(void **state)
{
	struct table *t;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(table_open("userdb:shell", "hash", 0, &t, &err), RC_SYNTAX);
	assert_non_null(strstr(err.text, "userdb:uid"));
	assert_int_equal(userdb_ask_now("/nonexistent/auth-master", SLICE_LIT("a"), NULL, &err),
			 RC_SYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups),
		cmocka_unit_test(one_question_for_all_tables),
		cmocka_unit_test(mailboxes),
		cmocka_unit_test(names_of_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
