/* tests/unit/auth/test_names.c - %variables, login names, fields, users: what is made of text. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "auth/fields.h"
#include "auth/name.h"
#include "auth/user.h"

static const struct expand_vars vars = {
	.user = { "Tim@Demo.Test", 13 }, .home = { "/home/tim", 9 }, .service = { "imap", 4 },
	.remote_addr = { "192.0.2.1", 9 }, .local_addr = { "", 0 }, .uid = { "1000", 4 },
};

static const struct {
	const char *text;
	enum rc want;
	const char *out;
} expansions[] = {
	{ "", RC_OK, "" },
	{ "plain", RC_OK, "plain" },
	{ "100%%", RC_OK, "100%" },
	{ "%u", RC_OK, "Tim@Demo.Test" },
	{ "%Lu %Uu", RC_OK, "tim@demo.test TIM@DEMO.TEST" },
	{ "%d/%n", RC_OK, "Demo.Test/Tim" },
	{ "maildir:/var/vmail/%Ld/%1Ln/%Ln", RC_OK, "maildir:/var/vmail/demo.test/t/tim" },
	{ "%2.3n", RC_OK, "m" },
	{ "%1.1n", RC_OK, "i" },
	{ "%-2.1n", RC_OK, "i" },
	{ "%-9.2n", RC_OK, "Ti" },
	{ "%9.1n", RC_OK, "" },
	{ "%h/%s/%r/%l|%i", RC_OK, "/home/tim/imap/192.0.2.1/|1000" },
	{ "%{user}-%{username}-%{domain}-%{home}", RC_OK, "Tim@Demo.Test-Tim-Demo.Test-/home/tim" },
	{ "%L{user}", RC_OK, "tim@demo.test" },
	{ "%g", RC_END, NULL },
	{ "%", RC_SYNTAX, NULL },
	{ "%z", RC_SYNTAX, NULL },
	{ "%{nobody}", RC_SYNTAX, NULL },
	{ "%{user", RC_SYNTAX, NULL },
	{ "%0u", RC_SYNTAX, NULL },
	{ "%9999u", RC_SYNTAX, NULL },
	{ "%-u", RC_SYNTAX, NULL },
	{ "%.u", RC_SYNTAX, NULL },
	{ "%1.u", RC_OK, "im@Demo.Test" },
};

static void expands(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(expansions); i++) {
		struct err err = { 0 };
		struct buf b;
		enum rc rc;

		buf_init(&b, 64);
		rc = expand(slice_str(expansions[i].text), &vars, &b, &err);
		if (rc != expansions[i].want)
			fail_msg("%s: %s", expansions[i].text, rc_name(rc));
		if (rc == RC_OK)
			unit_slice_is(buf_slice(&b), expansions[i].out, expansions[i].text);
		buf_done(&b);
	}
}

static void expansion_is_bounded(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 12);
	assert_int_equal(expand(SLICE_LIT("%u"), &vars, &b, NULL), RC_LIMIT);
	buf_done(&b);
}

static const struct {
	const char *format, *chars, *realm, *in;
	const char *out;	/* NULL: refused */
} names[] = {
	{ "%Lu", "abcT@.", "", "abc@a.b", "abc@a.b" },
	{ "%Lu", "", "", "Alice@Demo.Test", "alice@demo.test" },
	{ "%Ln", "", "", "Alice@Demo.Test", "alice" },
	{ "%Lu", "", "demo.test", "Alice", "alice@demo.test" },
	{ "%Lu", "", "demo.test", "alice@x", "alice@x" },
	{ "%u", "", "", "Alice", "Alice" },
	{ "%Lu", "", "", "p\xc3\xa4", "p\xc3\xa4" },
	{ "%Lu", "abc", "", "abd", NULL },
	{ "%Lu", "", "", "", NULL },
	{ "%Lu", "", "", "a/b", NULL },
	{ "%Lu", "a/b", "", "a/b", NULL },
	{ "%Lu", "", "", "..@demo.test", NULL },
	{ "%Lu", "", "", "alice@..", NULL },
	{ "%Lu", "", "", ".", NULL },
	{ "%Lu", "", "", "a\nb", NULL },
	{ "%n", "", "", "@demo.test", NULL },
	{ "%d", "", "", "alice", NULL },
	{ "%h", "", "", "alice", NULL },
};

static void canonical_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		const struct name_rules rules = { names[i].format, names[i].chars, names[i].realm };
		char out[NAME_MAX_BYTES + 1];
		struct err err = { 0 };
		enum rc rc = name_canonical(&rules, slice_str(names[i].in), out, &err);

		if ((rc == RC_OK) != (names[i].out != NULL))
			fail_msg("%s: %s %s", names[i].in, rc_name(rc), err.text);
		if (rc == RC_OK)
			assert_string_equal(out, names[i].out);
	}
}

static void long_names(void **state)
{
	const struct name_rules rules = { "%Lu", "", "" }, grows = { "%u%u", "", "" };
	const struct name_rules realm = { "%u", "", "realm" };
	char in[NAME_MAX_BYTES + 1], out[NAME_MAX_BYTES + 1];

	(void)state;
	memset(in, 'a', sizeof(in));
	assert_int_equal(name_canonical(&rules, slice_make(in, NAME_MAX_BYTES), out, NULL), RC_OK);
	assert_int_equal(name_canonical(&rules, slice_make(in, NAME_MAX_BYTES + 1), out, NULL),
			 RC_DENIED);
	assert_int_equal(name_canonical(&grows, slice_make(in, 128), out, NULL), RC_DENIED);
	assert_int_equal(name_canonical(&realm, slice_make(in, 250), out, NULL), RC_DENIED);
	assert_int_equal(name_canonical(&rules, slice_make("a\0b", 3), out, NULL), RC_DENIED);
}

static const struct {
	const char *nets, *addr;
	bool want;
} nets[] = {
	{ "127.0.0.1", "127.0.0.1", true },
	{ "127.0.0.0/8", "127.1.2.3", true },
	{ "127.0.0.0/8", "128.0.0.1", false },
	{ "10.0.0.0/8,192.0.2.128/25", "192.0.2.129", true },
	{ "10.0.0.0/8,192.0.2.128/25", "192.0.2.127", false },
	{ "2001:db8::/32", "2001:db8:1::1", true },
	{ "2001:db8::/32", "2001:db9::1", false },
	{ "192.0.2.0/24", "::ffff:192.0.2.7", true },
	{ "0.0.0.0/0", "::1", false },
	{ "local", "", true },
	{ "local", "127.0.0.1", false },
	{ "", "127.0.0.1", false },
	{ "127.0.0.0/33", "127.0.0.1", false },
	{ "127.0.0.0/x", "127.0.0.1", false },
	{ "rubbish", "127.0.0.1", false },
	{ "127.0.0.1", "rubbish", false },
};

static void networks(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(nets); i++)
		if (fields_net_allowed(slice_str(nets[i].nets), slice_str(nets[i].addr)) !=
		    nets[i].want)
			fail_msg("%s in %s", nets[i].addr, nets[i].nets);
}

static enum rc take(struct fields *f, const char *name, const char *value)
{
	return fields_take(f, slice_str(name), slice_str(value), &vars, NULL);
}

static void extra_fields(void **state)
{
	struct fields f;

	(void)state;
	fields_init(&f);
	assert_int_equal(take(&f, "user", "%Ln"), RC_OK);
	assert_string_equal(f.user, "tim");
	assert_int_equal(take(&f, "nologin", NULL), RC_OK);
	assert_true(f.is_disabled);
	assert_int_equal(take(&f, "nodelay", "yes"), RC_OK);
	assert_true(f.no_delay);
	assert_int_equal(take(&f, "nopassword", "no"), RC_OK);
	assert_false(f.has_no_password);
	assert_int_equal(take(&f, "whatever", "x"), RC_OK);
	assert_int_equal(take(&f, "userdb_mail", "maildir:~/%n"), RC_OK);
	assert_int_equal(take(&f, "userdb_home", "/h"), RC_OK);
	assert_int_equal(buf_len(&f.prefetch), strlen("mail=maildir:~/%n") + 1 + strlen("home=/h"));
	assert_int_equal(take(&f, "proxy", NULL), RC_PERM);
	assert_int_equal(take(&f, "user", "%z"), RC_SYNTAX);
	fields_done(&f);
}

static const struct {
	const char *fields;		/* blank separated */
	const char *location;
	enum rc want;
	const char *mail;
} users[] = {
	{ "uid=1000 gid=1000 home=/home/%Ln", "maildir:~/Maildir", RC_OK,
	  "maildir:/home/tim/Maildir" },
	{ "uid=1000 gid=1000 home=/h", "mbox:~/mail:INBOX=~/in:INDEX=/x~/y", RC_OK,
	  "mbox:/h/mail:INBOX=/h/in:INDEX=/x~/y" },
	{ "uid=1000 gid=1000 home=/h", "maildir:~", RC_OK, "maildir:/h" },
	{ "uid=1000 gid=1000 home=/h", "maildir:%h/%d:INDEX=/i/%i-%g", RC_OK,
	  "maildir:/h/Demo.Test:INDEX=/i/1000-1000" },
	{ "uid=1000 gid=1000 mail=maildir:/v/%n home=/h", "maildir:~/x", RC_OK, "maildir:/v/Tim" },
	{ "uid=1000 gid=1000 mail=maildir:%h/m home=/h", "maildir:~/x", RC_OK, "maildir:/h/m" },
	{ "uid=1000 gid=1000 home=/a home=/b uid=7", "maildir:~/x", RC_OK, "maildir:/a/x" },
	{ "uid=1000 gid=1000", "maildir:/v/%u", RC_OK, "maildir:/v/Tim@Demo.Test" },
	{ "uid=1000 gid=1000", "maildir:~/x", RC_PERM, NULL },
	{ "uid=1000 gid=1000", "maildir:%h/x", RC_PERM, NULL },
	{ "uid=1000 home=/h", "maildir:~/x", RC_PERM, NULL },
	{ "gid=1000 home=/h", "maildir:~/x", RC_PERM, NULL },
	{ "uid=0 gid=0 home=/h", "maildir:~/x", RC_PERM, NULL },
	{ "uid=499 gid=1000 home=/h", "maildir:~/x", RC_PERM, NULL },
	{ "uid=1000 gid=1000 home=h", "maildir:~/x", RC_PERM, NULL },
	{ "uid=1000 gid=1000 home=/h", "/var/mail/x", RC_PERM, NULL },
	{ "uid=1000 gid=1000 home=/h", "maildir:rel", RC_PERM, NULL },
	{ "uid=1000 gid=1000 home=/h", "maildir:%z", RC_PERM, NULL },
	{ "uid=no-such-user-here gid=1000 home=/h", "maildir:~/x", RC_SYNTAX, NULL },
	{ "uid=4294967295 gid=1000 home=/h", "maildir:~/x", RC_SYNTAX, NULL },
};

static enum rc set_all(struct user_record *u, const char *fields, struct ids *ids)
{
	struct slice rest = slice_str(fields), name, value;
	enum rc rc = RC_OK;

	while (rc == RC_OK && passwd_extra_next(&rest, &name, &value))
		rc = user_set(u, name, value, ids, &vars, NULL);
	return rc;
}

static void user_records(void **state)
{
	struct ids *ids = ids_new();

	(void)state;
	for (size_t i = 0; i < N_OF(users); i++) {
		struct user_record u;
		struct err err = { 0 };
		enum rc rc;

		user_init(&u, "Tim@Demo.Test");
		rc = set_all(&u, users[i].fields, ids);
		if (rc == RC_OK)
			rc = user_finish(&u, users[i].location, 500, &vars, &err);
		if (rc != users[i].want)
			fail_msg("%s: %s %s", users[i].fields, rc_name(rc), err.text);
		if (rc == RC_OK)
			assert_string_equal(u.mail, users[i].mail);
		user_done(&u);
	}
	ids_free(&ids);
}

static void names_of_ids(void **state)
{
	struct ids *ids = ids_new();
	uid_t uid = 99;
	gid_t gid = 99;

	(void)state;
	assert_int_equal(ids_uid(ids, SLICE_LIT("root"), &uid), RC_OK);
	assert_int_equal(uid, 0);
	ids_are_confined(ids);
	assert_int_equal(ids_uid(ids, SLICE_LIT("root"), &uid), RC_OK);
	assert_int_equal(ids_gid(ids, SLICE_LIT("root"), &gid), RC_OK);
	assert_int_equal(gid, 0);
	assert_int_equal(ids_uid(ids, SLICE_LIT("no-such-user-here"), &uid), RC_SYNTAX);
	assert_int_equal(ids_gid(ids, SLICE_LIT(""), &gid), RC_SYNTAX);
	ids_free(&ids);
}

static void extra_of_a_user(void **state)
{
	struct ids *ids = ids_new();
	struct user_record u;
	char big[USER_PATH_MAX];
	enum rc rc = RC_OK;

	(void)state;
	user_init(&u, "tim");
	assert_int_equal(set_all(&u, "quota_rule=*:storage=1G acl= quota_rule=later", ids), RC_OK);
	assert_true(slice_eq(buf_slice(&u.extra), SLICE_LIT("quota_rule=*:storage=1G\0acl=")));
	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 4 && rc == RC_OK; i++) {
		char name[8];

		snprintf(name, sizeof(name), "f%d", i);
		rc = user_set(&u, slice_str(name), slice_make(big, sizeof(big)), ids, &vars, NULL);
	}
	assert_int_equal(rc, RC_LIMIT);
	user_done(&u);
	ids_free(&ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands),
		cmocka_unit_test(expansion_is_bounded),
		cmocka_unit_test(canonical_names),
		cmocka_unit_test(long_names),
		cmocka_unit_test(networks),
		cmocka_unit_test(extra_fields),
		cmocka_unit_test(user_records),
		cmocka_unit_test(names_of_ids),
		cmocka_unit_test(extra_of_a_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
