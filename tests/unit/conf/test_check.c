/* tests/unit/conf/test_check.c - the registry's order, known names, and what check reports. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/conf/check.h"
#include "lib/conf/known.h"

/* The text of main.cf and master.cf; the faults as "file:line:kind:start of the text|". */
static const struct { const char *main, *master, *want; } cases[] = {
	{ "", "", "" },
	{ "relayhost =\nmynetworks_stile = host\n", "",
	  "main.cf:2:fatal:unknown parameter: mynetworks_stile|" },
	{ "foo = $bar\nbar = 1\n", "", "main.cf:1:fatal:unknown parameter: foo|" },
	{ "mail_name = $bar\nbar = 1\n", "", "" },
	{ "mail_name = ${bar?{$baz}:{$bar}}\nbar = 1\nbaz = 1\n", "", "" },
	{ "syslog_facility = mail$nosuch\n", "", "main.cf:0:note:undefined parameter: nosuch|" },
	{ "mydestination = a, ldap:mydir, proxy:mysql:sql\nmydir_server_host = x\nsql_hosts = y\n"
	  "other_hosts = z\n", "", "main.cf:4:fatal:unknown parameter: other_hosts|" },
	{ "virtual_maps =\n", "", "" },
	{ "smtpd_tls_cipherlist = x\n", "",
	  "main.cf:1:note:smtpd_tls_cipherlist is a parameter of old|" },
	{ "ipc_timeout = soon\nmessage_size_limit = -1\n", "",
	  "main.cf:1:fatal:bad value of ipc_timeout|"
	  "main.cf:2:fatal:bad value of message_size_limit|" },
	{ "myhostname =\n", "", "main.cf:1:fatal:bad value of myhostname|"
	  "-:0:fatal:bad value of myorigin (default)|" },
	{ "ipc_timeout = ${\n", "", "main.cf:1:fatal:bad value of ipc_timeout|" },
	{ "relay_destination_rate_delay = 1s\n", "",
	  "main.cf:1:fatal:unknown parameter: relay_dest|" },
	{ "relay_destination_rate_delay = 1s\n", "relay unix - - n - - smtp\n", "" },
	{ "relay_destination_rate_delay = x\n", "relay unix - - n - - smtp\n",
	  "main.cf:1:fatal:bad value of relay_destination_rate_delay|" },
	{ "relay_time_limit = 1s\n", "relay unix - - n - - smtp\n",
	  "main.cf:1:fatal:unknown parameter: relay_time_limit|" },
	{ "p_time_limit = 1s\n", "p unix - - n - - pipe\n",
	  "main.cf:1:note:p_time_limit is a parameter of Postfix that has no effect|" },
	{ "p_time_limit = $command_time_limit\n", "p unix - - n - - pipe\n", "" },
	{ "p_time_limit = x\n", "p unix - - n - - pipe\n",
	  "main.cf:1:fatal:bad value of p_time_limit|main.cf:1:note:p_time_limit is a|" },
	{ "relay_recipient_limit = 7\n", "relay unix - - n - - smtp -o relay_delivery_slot_cost=9\n",
	  "main.cf:1:note:relay_recipient_limit is a parameter of Postfix|"
	  "/x/master.cf:1:note:relay_delivery_slot_cost is a parameter of Postfix|" },
	/* values */
	{ "canonical_classes = envelope_sender, ENVELOP_RECIPIENT\n", "",
	  "main.cf:1:fatal:canonical_classes: unknown word \"ENVELOP_RECIPIENT\"|" },
	{ "canonical_classes = Header_Sender\nmynetworks_style = $style\nstyle = host\n", "", "" },
	{ "myhostname = a b\n", "", "main.cf:1:fatal:myhostname: not a host name \"a b\"|" },
	{ "myhostname = a..b\nmydomain = .x\n", "",
	  "main.cf:2:fatal:mydomain: not a host name|main.cf:1:fatal:myhostname: not a host name|" },
	{ "myhostname = mail.$mydomain\nmydomain = b\303\274cher.example\n", "", "" },
	{ "compatibility_level = new\n", "",
	  "-:0:fatal:bad value of append_dot_mydomain|main.cf:1:fatal:compatibility_level: not a|"
	  "-:0:fatal:|-:0:fatal:|-:0:fatal:|-:0:fatal:|-:0:fatal:|-:0:fatal:|" },
	{ "default_transport = relay:x\nvirtual_transport = lmtp:unix:y\n"
	  "local_transport = error:no\n",
	  "relay unix - - n - - smtp\n",
	  "main.cf:2:note:virtual_transport: there is no service in master.cf named \"lmtp\"|" },
	{ "", "smtp inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=dsn,nothing\n",
	  "/x/master.cf:1:fatal:smtpd_discard_ehlo_keywords: unknown word \"nothing\"|" },
	{ "smtpd_authorized_xclient_hosts = 10.0.0.1\nsmtpd_authorized_xforward_hosts = 10.0.0.1\n"
	  "smtpd_etrn_restrictions = reject\n", "",
	  "main.cf:1:fatal:smtpd_authorized_xclient_hosts is not supported|"
	  "main.cf:2:note:smtpd_authorized_xforward_hosts is a parameter of Postfix that has no|"
	  "main.cf:3:note:smtpd_etrn_restrictions is a parameter of Postfix that has no|" },
	{ "sendmail_path = /usr/lib/sendmail\n", "",
	  "main.cf:1:note:sendmail_path is a parameter of Postfix that has no effect|" },
	{ "smtp_destination_rate_delay = 1s\n", "smtp inet n - n - - smtp\n",
	  "main.cf:1:fatal:unknown parameter: smtp_dest|" },
	/* -o of services */
	{ "", "smtp inet n - n - - smtpd -o ipc_timeout=never\n",
	  "/x/master.cf:1:fatal:bad value of ipc_timeout|" },
	{ "", "\nsmtp inet n - n - - smtpd\n -o syslog_name=a -o nosuch_name=b\n",
	  "/x/master.cf:2:fatal:unknown parameter: nosuch_name|" },
	{ "", "smtp inet n - n - - smtpd -o my_macro=b -o mail_name=$my_macro\n", "" },
	{ "a = 1\n", "smtp inet n - n - - smtpd -o mail_name=$a\n", "" },
	{ "smtpd_banner = $tag\n", "smtp inet n - n - - smtpd -o tag=b\n", "" },
	{ "smtpd_restriction_classes = class\n", "smtp inet n - n - - smtpd -o class=reject\n", "" },
	{ "virtual_alias_maps = mysql:db\n", "s inet n - n - - smtpd -o db_hosts=a\n", "" },
	{ "", "s inet n - n - - smtpd -o virtual_maps=\n", "" },
	{ "", "s inet n - n - - smtpd -o a=1 -o mail_name=$a\nt inet n - n - - smtpd -o a=1\n",
	  "/x/master.cf:2:fatal:unknown parameter: a|" },
	{ "a = 1\n", "s inet n - n - - smtpd -o a=1 -o mail_name=$a\n",
	  "main.cf:1:fatal:unknown parameter: a|" },
	{ "ipc_timeout = 5s\n", "s inet n - n - - smtpd -o { ipc_timeout = 10 }\n", "" },
};

static void print_faults(const struct faults *faults, struct buf *out)
{
	for (const struct fault *f = faults->first; f != NULL; f = f->next) {
		assert_non_null(f->remedy);
		buf_addf(out, "%s:%u:%s:%s|", f->file != NULL ? f->file : "-", f->line,
			 f->is_fatal ? "fatal" : "note", f->text);
	}
}

/* WANT lists the starts of the texts. */
static void compare(const char *input, struct slice got, struct slice want)
{
	struct slice g, w;

	while (slice_split(&want, '|', &w) && w.n > 0)
		if (!slice_split(&got, '|', &g) || !slice_starts(g, w))
			fail_msg("%s: got \"%.*s\", want \"%.*s\"", input, SLICE_ARG(g),
				 SLICE_ARG(w));
	if (got.n > 0)
		fail_msg("%s: also \"%.*s\"", input, SLICE_ARG(got));
}

static void test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct conf *c = conf_new("/x");
		struct service *services;
		struct faults faults;
		struct arena arena;
		struct buf got;

		arena_init(&arena, 1 << 18);
		faults_init(&faults, &arena);
		buf_init(&got, 10000);
		conf_parse(c, "main.cf", slice_str(cases[i].main), &faults);
		mastercf_parse("/x/master.cf", slice_str(cases[i].master), &arena, &services,
			       &faults);
		assert_null(faults.first);
		conf_check(c, services, &faults);
		print_faults(&faults, &got);
		compare(cases[i].main, buf_slice(&got), slice_str(cases[i].want));
		buf_done(&got);
		arena_done(&arena);
		conf_free(&c);
	}
}

/* Postfix's parameter F, with its default or CHANGED: a note, an error, or nothing. */
static void check_foreign(const struct foreign_spec *f, bool changed)
{
	struct conf *c = conf_new("/x");
	struct faults faults;
	struct arena arena;
	struct buf text;

	arena_init(&arena, 1 << 18);
	faults_init(&faults, &arena);
	buf_init(&text, 10000);
	buf_addf(&text, "%s = %s%s\n", f->name, f->def, changed ? " x" : "");
	conf_parse(c, "main.cf", buf_slice(&text), &faults);
	faults_init(&faults, &arena);
	if (registry_foreign(conf_registry(c), slice_str(f->name)) != NULL) {
		conf_check(c, NULL, &faults);
		if (faults.fatal_count != (changed && f->class == FOREIGN_MAIL) ||
		    (changed && faults.first == NULL))
			fail_msg("%s: %u faults", f->name, faults.fatal_count);
	}
	buf_done(&text);
	arena_done(&arena);
	conf_free(&c);
}

static void test_foreign(void **state)
{
	const struct foreign_spec *f;

	(void)state;
	for (size_t i = 0; (f = registry_foreign_at(i)) != NULL; i++) {
		check_foreign(f, false);
		check_foreign(f, true);
	}
}

static void test_registry(void **state)
{
	const struct foreign_spec *f;
	const struct param_spec *p;
	const char *last = NULL;
	struct hash seen;

	(void)state;
	hash_init(&seen, 10000, false);
	for (size_t i = 0; (p = registry_at(i)) != NULL; i++) {
		const struct param_spec *other = hash_get(&seen, slice_str(p->name));

		/* a file that several programs include is one declaration */
		if (other != NULL && strcmp(other->file, p->file) != 0)
			fail_msg("%s is declared in %s and in %s", p->name, other->file, p->file);
		assert_int_equal(hash_put(&seen, slice_str(p->name), (void *)p, NULL), RC_OK);
		if (strlen(p->doc) < 10 || p->doc[strlen(p->doc) - 1] != '.')
			fail_msg("%s: no sentence of documentation", p->name);
	}
	for (size_t i = 0; (f = registry_foreign_at(i)) != NULL; i++) {
		if (hash_get(&seen, slice_str(f->name)) != NULL)
			fail_msg("%s is declared by a program; take it out of foreign.def", f->name);
		assert_true(last == NULL || strcmp(last, f->name) < 0);
		last = f->name;
	}
	hash_done(&seen);
}

/* Every declared default must load as it is: "" reports none. */
static void test_defaults_load(void **state)
{
	struct conf *c = conf_new("/x");
	const struct param_spec *p;
	struct faults faults;
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	faults_init(&faults, &arena);
	for (size_t i = 0; (p = registry_at(i)) != NULL; i++)
		param_check(p, c, &faults);
	if (faults.first != NULL)
		fail_msg("%s", faults.first->text);
	arena_done(&arena);
	conf_free(&c);
}

static void expect_other(void *ctx, const char *file, struct slice name)
{
	assert_string_equal(file, "main.cf");
	unit_slice_is(name, "other", "undefined");
	++*(size_t *)ctx;
}

static void test_known(void **state)
{
	struct conf *c = conf_new("/x");
	struct faults faults;
	struct arena arena;
	struct known *k;
	struct slice name, last = { NULL, 0 };
	enum known_class class;
	size_t n = 0;

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	conf_parse(c, "main.cf",
		   SLICE_LIT("mine = 1\nmail_name = $mine\nclass = permit\n"
			     "smtpd_restriction_classes = class, other\n"), &faults);
	k = known_new(c, NULL);
	assert_int_equal(known_class(k, SLICE_LIT("mine")), KNOWN_USER);
	assert_int_equal(known_class(k, SLICE_LIT("mail_name")), KNOWN_BUILTIN);
	assert_int_equal(known_class(k, SLICE_LIT("class")), KNOWN_USER);
	assert_int_equal(known_class(k, SLICE_LIT("other")), KNOWN_NOT);
	known_undefined(k, expect_other, &n);
	assert_int_equal(n, 1);
	n = 0;
	for (; known_at(k, n, &name, &class); n++) {
		assert_true(last.p == NULL || slice_cmp(last, name) < 0);
		last = name;
	}
	assert_true(n > 100);
	assert_string_equal(known_nearest(k, SLICE_LIT("mynetworks_stile")), "mynetworks_style");
	assert_string_equal(known_nearest(k, SLICE_LIT("my_hostname")), "myhostname");
	assert_null(known_nearest(k, SLICE_LIT("zzzzzzzzzzzzzzz")));
	known_free(&k);
	assert_null(k);
	arena_done(&arena);
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check), cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_registry), cmocka_unit_test(test_defaults_load),
		cmocka_unit_test(test_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
