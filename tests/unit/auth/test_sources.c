/* tests/unit/auth/test_sources.c - passwd-files, the lists of databases, tokens. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "auth/dbspec.h"
#include "auth/passwd_file.h"
#include "auth/tokens.h"

static const struct {
	const char *line;
	enum rc want;
	const char *user, *password, *uid, *home, *extra;
} lines[] = {
	{ "", RC_END, 0, 0, 0, 0, 0 },
	{ "# user:x", RC_END, 0, 0, 0, 0, 0 },
	{ ":x", RC_END, 0, 0, 0, 0, 0 },
	{ "tim", RC_OK, "tim", "", "", "", "" },
	{ "tim:", RC_OK, "tim", "", "", "", "" },
	{ "tim:{PLAIN}s", RC_OK, "tim", "{PLAIN}s", "", "", "" },
	{ "tim@d:{PLAIN}s:1000:1001::/home/tim::", RC_OK, "tim@d", "{PLAIN}s", "1000", "/home/tim",
	  "" },
	{ "tim:x:vmail:vmail:Tim, T:/h:/bin/sh:userdb_mail=maildir:~/M nologin", RC_OK, "tim", "x",
	  "vmail", "/h", "userdb_mail=maildir:~/M nologin" },
	{ "tim:x::::::a=b", RC_OK, "tim", "x", "", "", "a=b" },
	{ "tim:abc[13]:1:1", RC_OK, "tim", "abc", "1", "", "" },
	{ "tim:$1$x$y[34]", RC_OK, "tim", "$1$x$y", "", "", "" },
	{ "tim:{PLAIN}abc[13]", RC_OK, "tim", "{PLAIN}abc[13]", "", "", "" },
};

static void passwd_lines(void **state)
{
	struct passwd_entry e;
	char *big = calloc(1, PASSWD_LINE_MAX + 2);

	(void)state;
	for (size_t i = 0; i < N_OF(lines); i++) {
		enum rc rc = passwd_line_parse(slice_str(lines[i].line), &e, NULL);

		if (rc != lines[i].want)
			fail_msg("%s: %s", lines[i].line, rc_name(rc));
		if (rc != RC_OK)
			continue;
		unit_slice_is(e.user, lines[i].user, "user");
		unit_slice_is(e.password, lines[i].password, "password");
		unit_slice_is(e.uid, lines[i].uid, "uid");
		unit_slice_is(e.home, lines[i].home, "home");
		unit_slice_is(e.extra, lines[i].extra, "extra");
	}
	assert_int_equal(passwd_line_parse(slice_make("a\0b:x", 5), &e, NULL), RC_SYNTAX);
	memset(big, 'a', PASSWD_LINE_MAX + 1);
	assert_int_equal(passwd_line_parse(slice_make(big, PASSWD_LINE_MAX), &e, NULL), RC_OK);
	assert_int_equal(passwd_line_parse(slice_str(big), &e, NULL), RC_LIMIT);
	free(big);
}

static void extra_walk(void **state)
{
	struct slice rest = SLICE_LIT("  a=1  b\tc= d==x"), name, value;

	(void)state;
	assert_true(passwd_extra_next(&rest, &name, &value));
	unit_slice_is(name, "a", "name");
	unit_slice_is(value, "1", "value");
	assert_true(passwd_extra_next(&rest, &name, &value));
	unit_slice_is(name, "b", "name");
	assert_null(value.p);
	assert_true(passwd_extra_next(&rest, &name, &value));
	assert_non_null(value.p);
	assert_int_equal(value.n, 0);
	assert_true(passwd_extra_next(&rest, &name, &value));
	unit_slice_is(value, "=x", "value");
	assert_false(passwd_extra_next(&rest, &name, &value));
}

static char path[] = "/tmp/buzon-test-users-XXXXXX";
static unsigned notes;

static void count_note(const char *file, unsigned line, const char *text)
{
	assert_string_equal(file, path);
	assert_true(line > 0 && text[0] != '\0');
	notes++;
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static bool has(const struct passwd_file *f, const char *user)
{
	return passwd_file_find(f, slice_str(user)) != NULL;
}

static void file_is_read_again(void **state)
{
	const struct timespec old = { .tv_nsec = 80000000 };
	struct passwd_file *f;
	struct err err = { 0 };

	(void)state;
	close(mkstemp(path));
	write_file("# users\ntim:{PLAIN}a\r\n\nbob:{PLAIN}b");
	f = passwd_file_new(path, count_note);
	assert_int_equal(passwd_file_refresh(f, &err), RC_OK);
	assert_true(has(f, "tim") && has(f, "bob") && !has(f, "ti"));
	unit_slice_is(passwd_file_find(f, SLICE_LIT("tim"))->password, "{PLAIN}a", "password");
	/* the same size within the same tick of the kernel's clock */
	write_file("# users\ntom:{PLAIN}a\r\n\nbob:{PLAIN}b");
	assert_int_equal(passwd_file_refresh(f, &err), RC_OK);
	assert_true(has(f, "tom") && !has(f, "tim"));
	nanosleep(&old, NULL);
	assert_int_equal(passwd_file_refresh(f, &err), RC_OK);
	const struct passwd_entry *e = passwd_file_find(f, SLICE_LIT("bob"));
	assert_int_equal(passwd_file_refresh(f, &err), RC_OK);
	assert_ptr_equal(passwd_file_find(f, SLICE_LIT("bob")), e);	/* not read in vain */
	write_file("tim:1\ntim:2\nal:3\n\n");
	assert_int_equal(passwd_file_refresh(f, &err), RC_OK);
	assert_int_equal(notes, 1);
	unit_slice_is(passwd_file_find(f, SLICE_LIT("tim"))->password, "1", "the first counts");
	unlink(path);
	assert_int_equal(passwd_file_refresh(f, &err), RC_SYS);
	assert_non_null(strstr(err.text, path));
	passwd_file_free(&f);
	f = passwd_file_new("/", NULL);
	assert_int_equal(passwd_file_refresh(f, NULL), RC_SYS);
	passwd_file_free(&f);
}

static const struct {
	const char *word;
	enum db_kind kind;
	enum rc want;
	enum db_type type;
	const char *arg, *scheme, *format;
	const char *fields;
} specs[] = {
	{ "pam", 1, RC_OK, DB_PAM, "", "CRYPT", NULL, "" },
	{ "pam:%s", 1, RC_OK, DB_PAM, "%s", "CRYPT", NULL, "" },
	{ "passwd-file:/etc/users", 1, RC_OK, DB_PASSWD_FILE, "/etc/users", "CRYPT", NULL, "" },
	{ "{ passwd-file:/u, scheme=plain  username_format=%n,nodelay }", 1, RC_OK, DB_PASSWD_FILE,
	  "/u", "plain", "%n", "nodelay;" },
	{ "{passwd-file:/u,uid=vmail gid=vmail,home=/v/%d/%n}", 2, RC_OK, DB_PASSWD_FILE, "/u",
	  "CRYPT", NULL, "uid=vmail;gid=vmail;home=/v/%d/%n;" },
	{ "{ static, uid=1, allow_all_users }", 2, RC_OK, DB_STATIC, "", "CRYPT", NULL, "uid=1;" },
	{ "{ static, password={PLAIN}x }", 1, RC_OK, DB_STATIC, "", "CRYPT", NULL,
	  "password={PLAIN}x;" },
	{ "passwd", 2, RC_OK, DB_PASSWD, "", "CRYPT", NULL, "" },
	{ "prefetch", 2, RC_OK, DB_PREFETCH, "", "CRYPT", NULL, "" },
	{ "", 1, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "{}", 1, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "sql:/x", 1, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "passwd", 1, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "pam", 2, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "passwd:/etc/passwd", 2, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "passwd-file", 1, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "passwd-file:users", 1, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "{ passwd-file:/u, scheme=rot13 }", 1, RC_SYNTAX, 0, 0, 0, 0, 0 },
	{ "{ passwd-file:/u, deny=maybe }", 1, RC_SYNTAX, 0, 0, 0, 0, 0 },
};

static void database_lists(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 65536);
	for (size_t i = 0; i < N_OF(specs); i++) {
		struct db_spec *s;
		struct err err = { 0 };
		struct buf b;
		enum rc rc = db_spec_parse(slice_str(specs[i].word), specs[i].kind, &arena, &s, &err);

		if (rc != specs[i].want)
			fail_msg("%s: %s %s", specs[i].word, rc_name(rc), err.text);
		if (rc != RC_OK)
			continue;
		assert_int_equal(s->type, specs[i].type);
		assert_string_equal(s->arg, specs[i].arg);
		assert_string_equal(s->scheme, specs[i].scheme);
		if (specs[i].format != NULL)
			assert_string_equal(s->username_format, specs[i].format);
		buf_init(&b, 256);
		for (const struct db_field *f = s->fields; f != NULL; f = f->next)
			buf_addf(&b, "%s%s%s;", f->name, f->value != NULL ? "=" : "",
				 f->value != NULL ? f->value : "");
		unit_slice_is(buf_slice(&b), specs[i].fields, specs[i].word);
		buf_done(&b);
	}
	arena_done(&arena);
}

static struct token_grant grant_of(const char *user, const char *service)
{
	struct token_grant g = { 0 };

	snprintf(g.user, sizeof(g.user), "%s", user);
	snprintf(g.service, sizeof(g.service), "%s", service);
	return g;
}

static void tokens_are_good_once(void **state)
{
	struct tokens *t = tokens_new();
	unsigned char a[TOKEN_BYTES], b[TOKEN_BYTES], bad[TOKEN_BYTES];
	struct token_grant g = grant_of("tim", "imap"), out;

	(void)state;
	g.prefetch = strdup("uid=1");
	g.prefetch_bytes = 5;
	assert_int_equal(tokens_issue(t, 0, &g, a), RC_OK);
	assert_null(g.prefetch);
	g = grant_of("bob", "pop3");
	assert_int_equal(tokens_issue(t, 0, &g, b), RC_OK);
	assert_memory_not_equal(a + 4, b + 4, TOKEN_SECRET_BYTES);
	for (int i = 0; i < TOKEN_BYTES; i++) {
		memcpy(bad, a, sizeof(bad));
		bad[i] ^= 0x10;
		assert_int_equal(tokens_redeem(t, 0, slice_make(bad, sizeof(bad)), SLICE_LIT("imap"),
					       &out), RC_DENIED);
	}
	assert_int_equal(tokens_redeem(t, 0, slice_make(a, TOKEN_BYTES - 1), SLICE_LIT("imap"),
				       &out), RC_DENIED);
	assert_int_equal(tokens_redeem(t, 0, (struct slice){ 0 }, SLICE_LIT("imap"), &out),
			 RC_DENIED);
	assert_int_equal(tokens_redeem(t, 0, slice_make(a, sizeof(a)), SLICE_LIT("imap"), &out),
			 RC_OK);
	assert_string_equal(out.user, "tim");
	assert_memory_equal(out.prefetch, "uid=1", 5);
	free(out.prefetch);
	assert_int_equal(tokens_redeem(t, 0, slice_make(a, sizeof(a)), SLICE_LIT("imap"), &out),
			 RC_DENIED);
	/* the wrong service ends it */
	assert_int_equal(tokens_redeem(t, 0, slice_make(b, sizeof(b)), SLICE_LIT("imap"), &out),
			 RC_DENIED);
	assert_int_equal(tokens_redeem(t, 0, slice_make(b, sizeof(b)), SLICE_LIT("pop3"), &out),
			 RC_DENIED);
	assert_int_equal(tokens_count(t), 0);
	tokens_free(&t);
}

static void tokens_age_and_are_limited(void **state)
{
	struct tokens *t = tokens_new();
	unsigned char a[TOKEN_BYTES];
	struct token_grant g = grant_of("tim", "imap"), out;

	(void)state;
	assert_int_equal(tokens_issue(t, 1000, &g, a), RC_OK);
	assert_int_equal(tokens_redeem(t, 1000 + TOKEN_LIFE_MS, slice_make(a, sizeof(a)),
				       SLICE_LIT("imap"), &out), RC_DENIED);
	assert_int_equal(tokens_issue(t, 1000, &g, a), RC_OK);
	assert_int_equal(tokens_redeem(t, 999 + TOKEN_LIFE_MS, slice_make(a, sizeof(a)),
				       SLICE_LIT("imap"), &out), RC_OK);
	for (int i = 0; i < TOKENS_MAX; i++)
		assert_int_equal(tokens_issue(t, 5000, &g, a), RC_OK);
	assert_int_equal(tokens_issue(t, 5000, &g, a), RC_LIMIT);
	assert_int_equal(tokens_issue(t, 5000 + TOKEN_LIFE_MS, &g, a), RC_OK);
	assert_int_equal(tokens_count(t), 1);
	tokens_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwd_lines),
		cmocka_unit_test(extra_walk),
		cmocka_unit_test(file_is_read_again),
		cmocka_unit_test(database_lists),
		cmocka_unit_test(tokens_are_good_once),
		cmocka_unit_test(tokens_age_and_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
