/* tests/unit/auth/test_chains.c - databases one after another: who is let in, and as whom. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/check.h"
#include "auth/lookup.h"
#include "lib/sys/log.h"

static char dir[] = "/tmp/buzon-test-chains-XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
}

static int setup(void **state)
{
	(void)state;
	log_open(LOG_SINK_POSTLOG, open("/dev/null", O_WRONLY), "auth", 0);
	assert_non_null(mkdtemp(dir));
	write_file("deny", "mallory@x:\nEvil@x:\n");
	write_file("one", "alice@x:{PLAIN}one:1000:1000::/one/alice::userdb_mail=maildir:~/M "
		   "userdb_quota=5\nopen@x:::::::nopassword\nalias@x:{PLAIN}a::::::user=alice@x\n"
		   "far@x:{PLAIN}a::::::proxy host=192.0.2.9\nbad@x:{PLAIN}a::::::user=%z\n"
		   "mallory@x:{PLAIN}m:1000:1000::/m::\n");
	write_file("two", "alice@x:{PLAIN}two:2000:2000::/two/alice::\n"
		   "bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=:2000:2000::/two/bob::\n"
		   "dave:{PLAIN}d:1:1::/two/dave::userdb_gid=3000 userdb_uid=3000 "
		   "userdb_home=/three/dave\n");
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "deny", "one", "two" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	return 0;
}

struct stage {
	struct arena arena;
	struct faults faults;
	struct auth_params params;
	struct auth auth;
};

/* CF with DIR for the directory. */
static void begin(struct stage *s, const char *cf)
{
	struct conf *conf = conf_new(dir);
	struct slice rest = slice_str(cf);
	struct buf text;
	ptrdiff_t at;

	memset(s, 0, sizeof(*s));
	arena_init(&s->arena, 1 << 20);
	faults_init(&s->faults, &s->arena);
	buf_init(&text, 8192);
	while ((at = slice_find(rest, SLICE_LIT("DIR"))) >= 0) {
		buf_add(&text, slice_sub(rest, 0, (size_t)at));
		buf_adds(&text, dir);
		rest = slice_skip(rest, (size_t)at + 3);
	}
	buf_add(&text, rest);
	conf_parse(conf, "main.cf", buf_slice(&text), &s->faults);
	params_load(auth_params_specs, auth_params_count, conf, &s->arena, &s->params, &s->faults);
	auth_setup(&s->auth, &s->params, false, &s->arena, &s->faults);
	buf_done(&text);
	conf_free(&conf);
}

static void end(struct stage *s)
{
	auth_done(&s->auth);
	arena_done(&s->arena);
}

static bool is_done;

static void on_check(struct check *c)
{
	(void)c;
	is_done = true;
}

#define CHAIN "auth_passdbs = { passwd-file:DIR/deny, deny }, passwd-file:DIR/one, " \
	"{ passwd-file:DIR/two, username_format=%n }\nauth_userdbs = passwd-file:DIR/one, " \
	"{ passwd-file:DIR/two, username_format=%n }\n"

static const struct {
	const char *cf, *user, *password;
	enum check_verdict want;
	const char *as;
} checks[] = {
	{ CHAIN, "alice@x", "one", CHECK_YES, "alice@x" },
	{ CHAIN, "alice@x", "two", CHECK_WRONG, NULL },	/* "alice" is not in two */
	{ CHAIN, "bob@anything", "secret", CHECK_YES, "bob@anything" },
	{ CHAIN, "bob@anything", "Secret", CHECK_WRONG, NULL },
	{ CHAIN, "mallory@x", "m", CHECK_WRONG, NULL },
	{ CHAIN, "open@x", "whatever", CHECK_YES, "open@x" },
	{ CHAIN, "alias@x", "a", CHECK_YES, "alice@x" },
	{ CHAIN, "far@x", "a", CHECK_TEMP, NULL },
	{ CHAIN, "bad@x", "a", CHECK_TEMP, NULL },
	{ CHAIN, "nobody@x", "a", CHECK_WRONG, NULL },
	{ "auth_passdbs = passwd-file:DIR/gone, passwd-file:DIR/one\n", "alice@x", "one", CHECK_YES,
	  "alice@x" },
	{ "auth_passdbs = passwd-file:DIR/gone, passwd-file:DIR/one\n", "alice@x", "x", CHECK_TEMP,
	  NULL },
	{ "auth_passdbs = passwd-file:DIR/one, passwd-file:DIR/two\n", "alice@x", "two", CHECK_YES,
	  "alice@x" },
	{ "auth_passdbs = { static, password={PLAIN}shared }\n", "anybody", "shared", CHECK_YES,
	  "anybody" },
	{ "auth_passdbs = { static, password={PLAIN}shared }\n", "anybody", "other", CHECK_WRONG,
	  NULL },
	{ "auth_passdbs = { static, password=plainly, scheme=PLAIN }\n", "a", "plainly", CHECK_YES,
	  "a" },
	{ "auth_passdbs = static\n", "a", "", CHECK_WRONG, NULL },
	{ "auth_passdbs = { static, nopassword, allow_nets=192.0.2.0/24 }\n", "a", "", CHECK_YES,
	  "a" },
	{ "auth_passdbs = { static, nopassword, allow_nets=198.51.100.0/24 }\n", "a", "",
	  CHECK_WRONG, NULL },
	{ "auth_passdbs = { static, nopassword, nologin, reason=closed }\n", "a", "",
	  CHECK_DISABLED, NULL },
};

static void password_chains(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(checks); i++) {
		struct check *c = calloc(1, sizeof(*c));
		struct stage s;

		begin(&s, checks[i].cf);
		assert_int_equal(s.faults.fatal_count, 0);
		snprintf(c->name, sizeof(c->name), "%s", checks[i].user);
		snprintf(c->remote_addr, sizeof(c->remote_addr), "192.0.2.1");
		c->password = slice_str(checks[i].password);
		is_done = false;
		check_start(c, &s.auth, on_check);
		assert_true(is_done);
		if (c->verdict != checks[i].want)
			fail_msg("%s %s: %d", checks[i].user, checks[i].password, (int)c->verdict);
		if (checks[i].as != NULL)
			assert_string_equal(c->name, checks[i].as);
		check_done(c);
		free(c);
		end(&s);
	}
}

static enum rc looked;

static void on_lookup(struct lookup *l, enum rc rc, const struct err *err)
{
	(void)l;
	(void)err;
	looked = rc;
	is_done = true;
}

#define STATIC "auth_passdbs = passwd-file:DIR/one\nauth_userdbs = "

static const struct {
	const char *cf, *user, *prefetch;
	size_t prefetch_n;
	enum rc want;
	unsigned uid;
	const char *mail;
} lookups[] = {
	{ CHAIN, "alice@x", "", 0, RC_OK, 1000, "maildir:/one/alice/M" },
	{ CHAIN, "bob@y", "", 0, RC_OK, 2000, "maildir:/two/bob/Maildir" },
	{ CHAIN, "dave@y", "", 0, RC_OK, 3000, "maildir:/three/dave/Maildir" },
	{ CHAIN, "nobody@x", "", 0, RC_END, 0, NULL },
	{ STATIC "passwd-file:DIR/gone\n", "alice@x", "", 0, RC_TEMP, 0, NULL },
	{ STATIC "passwd-file:DIR/gone, passwd-file:DIR/one\n", "alice@x", "", 0, RC_OK, 1000,
	  "maildir:/one/alice/M" },
	/* a line without ids: defaults from the spec */
	{ STATIC "{ passwd-file:DIR/one, uid=7000, gid=7000, home=/v/%d/%n }\n", "open@x", "", 0,
	  RC_OK, 7000, "maildir:/v/x/open/Maildir" },
	{ STATIC "{ passwd-file:DIR/one, uid=7000, gid=7000 }\n", "alice@x", "", 0, RC_OK, 1000,
	  "maildir:/one/alice/M" },
	{ STATIC "passwd-file:DIR/one\n", "open@x", "", 0, RC_PERM, 0, NULL },
	/* static knows whom the passdbs know */
	{ STATIC "{ static, uid=7000, gid=7000, home=/v/%n }\n", "alice@x", "", 0, RC_OK, 7000,
	  "maildir:/v/alice/Maildir" },
	{ STATIC "{ static, uid=7000, gid=7000, home=/v/%n }\n", "nobody@x", "", 0, RC_END, 0, NULL },
	{ STATIC "{ static, uid=7000, gid=7000, home=/v/%n, allow_all_users }\n", "nobody@x", "", 0,
	  RC_OK, 7000, "maildir:/v/nobody/Maildir" },
	{ "auth_passdbs = pam\nauth_userdbs = { static, uid=7000, gid=7000, home=/v }\n", "a", "", 0,
	  RC_PERM, 0, NULL },
	/* ... or who has just logged in */
	{ "auth_passdbs = pam\nauth_userdbs = { static, uid=7000, gid=7000, home=/v }\n", "a",
	  "quota=5", 7, RC_OK, 7000, "maildir:/v/Maildir" },
	{ STATIC "prefetch, passwd-file:DIR/two\n", "alice@x", "uid=9000\0gid=9000\0home=/p", 26,
	  RC_OK, 9000, "maildir:/p/Maildir" },
	{ STATIC "prefetch, passwd-file:DIR/two\n", "alice@x", "", 0, RC_OK, 2000,
	  "maildir:/two/alice/Maildir" },
	{ STATIC "prefetch\n", "alice@x", "uid=0\0gid=0\0home=/root", 22, RC_PERM, 0, NULL },
	{ STATIC "{ passwd-file:DIR/one }\nmail_location = mbox:~/mail:INBOX=/var/mail/%n\n",
	  "mallory@x", "", 0, RC_OK, 1000, "mbox:/m/mail:INBOX=/var/mail/mallory" },
};

static void user_chains(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(lookups); i++) {
		struct lookup *l = calloc(1, sizeof(*l));
		struct stage s;

		begin(&s, lookups[i].cf);
		assert_int_equal(s.faults.fatal_count, 0);
		is_done = false;
		if (lookups[i].prefetch_n > 0)
			l->prefetch = slice_make(lookups[i].prefetch, lookups[i].prefetch_n);
		lookup_start(l, &s.auth, lookups[i].user, SLICE_LIT("imap"), on_lookup);
		assert_true(is_done);
		if (looked != lookups[i].want)
			fail_msg("case %zu, %s: %s", i, lookups[i].user, rc_name(looked));
		if (looked == RC_OK) {
			assert_int_equal(l->user.uid, lookups[i].uid);
			assert_string_equal(l->user.mail, lookups[i].mail);
		}
		lookup_done(l);
		free(l);
		end(&s);
	}
}

static const struct {
	const char *cf;
	const char *fault;	/* part of its text */
} faulty[] = {
	{ "auth_passdbs = sql:/x\n", "unknown password database \"sql\"" },
	{ "auth_userdbs = pam\n", "pam is no user database" },
	{ "auth_passdbs = passwd-file\n", "needs an absolute path" },
	{ "auth_mechanisms = plain cram-md5\n", "unknown mechanism cram-md5" },
	{ "auth_mechanisms =\n", "is empty" },
	{ "auth_username_format = %z\n", "auth_username_format" },
	{ "mail_location = /var/mail\n", "neither maildir" },
	{ "mail_location = maildir:%z\n", "unknown variable" },
	{ "auth_userdbs = { static, uid=no-such-user-here }\n", "no such user" },
	{ "auth_userdbs = { static, home=/v/%z }\n", "unknown variable" },
	{ "auth_passdbs = { passwd-file:/x, scheme=rot13 }\n", "unknown password scheme" },
	{ "auth_failure_delay = soon\n", "auth_failure_delay" },
};

static void faults_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(faulty); i++) {
		struct stage s;
		bool found = false;

		begin(&s, faulty[i].cf);
		for (const struct fault *f = s.faults.first; f != NULL; f = f->next)
			found |= f->is_fatal && strstr(f->text, faulty[i].fault) != NULL;
		if (!found)
			fail_msg("%s%s", faulty[i].cf,
				 s.faults.first != NULL ? s.faults.first->text : "no fault");
		end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(password_chains),
		cmocka_unit_test(user_chains),
		cmocka_unit_test(faults_are_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
