/* SPDX-License-Identifier: ISC */
#include "lib/daemon/plan.h"

#include <string.h>

#include "lib/sys/roles.h"
#include "tests/unit/unit.h"

struct made {
	struct arena arena;
	struct conf *conf;
	struct faults faults;
	struct plan plan;
};

static void make(struct made *m, const char *main_cf, const char *master_cf)
{
	arena_init(&m->arena, 1 << 22);
	faults_init(&m->faults, &m->arena);
	m->conf = conf_new("/nonexistent");
	conf_parse(m->conf, "main.cf", slice_str(main_cf), &m->faults);
	plan_parse(m->conf, slice_str(master_cf), &m->arena, &m->plan, &m->faults);
}

static void done(struct made *m)
{
	conf_free(&m->conf);
	arena_done(&m->arena);
}

static const struct plan_unit *find(const struct made *m, const char *name)
{
	for (const struct plan_unit *u = m->plan.units; u != NULL; u = u->next)
		if (strcmp(u->service->name, name) == 0)
			return u;
	return NULL;
}

static const char debian[] =
	"smtp      inet  n       -       y       -       -       smtpd\n"
	"pickup    unix  n       -       y       60      1       pickup\n"
	"cleanup   unix  n       -       y       -       0       cleanup\n"
	"qmgr      unix  n       -       n       300     1       qmgr\n"
	"tlsmgr    unix  -       -       y       1000?   1       tlsmgr\n"
	"rewrite   unix  -       -       y       -       -       trivial-rewrite\n"
	"bounce    unix  -       -       y       -       0       bounce\n"
	"defer     unix  -       -       y       -       0       bounce\n"
	"trace     unix  -       -       y       -       0       bounce\n"
	"verify    unix  -       -       y       -       1       verify\n"
	"flush     unix  n       -       y       1000?   0       flush\n"
	"proxymap  unix  -       -       n       -       -       proxymap\n"
	"proxywrite unix -       -       n       -       1       proxymap\n"
	"smtp      unix  -       -       y       -       -       smtp\n"
	"relay     unix  -       -       y       -       -       smtp\n"
	"        -o syslog_name=postfix/$service_name\n"
	"showq     unix  n       -       y       -       -       showq\n"
	"error     unix  -       -       y       -       -       error\n"
	"retry     unix  -       -       y       -       -       error\n"
	"discard   unix  -       -       y       -       -       discard\n"
	"local     unix  -       n       n       -       -       local\n"
	"virtual   unix  -       n       n       -       -       virtual\n"
	"lmtp      unix  -       -       y       -       -       lmtp\n"
	"anvil     unix  -       -       y       -       1       anvil\n"
	"scache    unix  -       -       y       -       1       scache\n"
	"postlog   unix-dgram n  -       n       -       1       postlogd\n"
	"maildrop  unix  -       n       n       -       -       pipe\n"
	"  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}\n"
	"uucp      unix  -       n       n       -       -       pipe\n"
	"  flags=Fqhu user=uucp argv=uux -r -n -z -a$sender - $nexthop!rmail ($recipient)\n";

static void debians_master_cf_is_accepted(void **state)
{
	static const char *const units[] = { "smtp", "pickup", "cleanup", "qmgr", "bounce",
		"proxymap", "local", "virtual", "anvil", "postlog", "resolver", "auth",
		"auth-worker", "imapd", "pop3d" };
	static const char *const absent[] = { "tlsmgr", "rewrite", "defer", "trace", "verify",
		"flush", "proxywrite", "relay", "showq", "error", "retry", "discard", "lmtp",
		"scache", "maildrop", "uucp" };
	struct made m;
	unsigned notes = 0;

	(void)state;
	make(&m, "inet_interfaces = loopback-only\ninet_protocols = ipv4\n", debian);
	assert_int_equal(m.faults.fatal_count, 0);
	assert_int_equal(m.plan.n_units, N_OF(units));
	for (size_t i = 0; i < N_OF(units); i++)
		assert_non_null(find(&m, units[i]));
	for (size_t i = 0; i < N_OF(absent); i++)
		assert_null(find(&m, absent[i]));
	for (const struct fault *f = m.faults.first; f != NULL; f = f->next)
		notes++;
	assert_int_equal(notes, N_OF(absent) + 1);	/* and smtp unix: one line each */
	assert_true(find(&m, "auth")->is_builtin && !find(&m, "cleanup")->is_builtin);
	done(&m);
}

static const struct socket_case {
	const char *main_cf, *master_cf, *service;
	const char *sockets;	/* "kind:name ..." */
} socket_cases[] = {
	{ "inet_interfaces = loopback-only\ninet_protocols = all\n",
	  "2025 inet n - n - - smtpd\n", "2025", "inet:127.0.0.1:2025 inet:[::1]:2025" },
	{ "inet_interfaces = all\ninet_protocols = ipv4\n", "smtp inet n - n - - smtpd\n", "smtp",
	  "inet:0.0.0.0:25" },
	{ "inet_protocols = all\n", "127.0.0.1:587 inet n - n - - smtpd\n", "127.0.0.1:587",
	  "inet:127.0.0.1:587" },
	{ "inet_protocols = all\n", "[::1]:smtp inet n - n - - smtpd\n", "[::1]:smtp",
	  "inet:[::1]:25" },
	{ "inet_interfaces = 127.0.0.1, [::1]\ninet_protocols = ipv6\n",
	  "2026 inet n - n - - smtpd\n", "2026", "inet:[::1]:2026" },
	{ "", "cleanup unix n - n - 0 cleanup\n", "cleanup", "packet:public/cleanup" },
	{ "", "pickup unix n - n 60 1 pickup\n", "pickup", "trigger:public/pickup" },
	{ "", "pickup fifo n - n 60 1 pickup\n", "pickup", "fifo:public/pickup" },
	{ "", "qmgr fifo n - n 300 1 qmgr\n", "qmgr", "packet:public/qmgr" },
	{ "", "", "auth", "stream:private/auth packet:private/auth-client "
	  "packet:private/auth-master" },
	{ "", "postlog unix-dgram n - n - 1 postlogd\n", "postlog",
	  "dgram:public/postlog packet:private/postlog-lines" },
	{ "", "sub unix - - n - - smtpd\n", "sub", "stream:private/sub" },
};

static void sockets_follow_type_and_program(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(socket_cases); i++) {
		const struct socket_case *c = &socket_cases[i];
		struct made m;
		struct buf b;

		make(&m, c->main_cf, c->master_cf);
		assert_int_equal(m.faults.fatal_count, 0);
		buf_init(&b, 1000);
		for (const struct plan_socket *s = find(&m, c->service)->sockets; s != NULL;
		     s = s->next)
			buf_addf(&b, "%s%s:%s", buf_len(&b) > 0 ? " " : "", s->kind, s->name);
		unit_slice_is(buf_slice(&b), c->sockets, c->master_cf);
		buf_done(&b);
		done(&m);
	}
}

static const struct fault_case {
	const char *master_cf, *text;
} fault_cases[] = {
	{ "wonder unix - - n - - nosuchprogram\n", "there is no program nosuchprogram" },
	{ "smtp inet n - n - 1 postscreen\n", "postscreen is not in this version" },
	{ "smtpd pass - - n - - smtpd\n", "cannot be of type pass" },
	{ "2025 inet n - n - - cleanup\n", "cannot be of type inet" },
	{ "anvil unix-dgram - - n - 1 anvil\n", "cannot be of type unix-dgram" },
	{ "postlog unix n - n - 1 postlogd\n", "cannot be of type unix" },
	{ "192.0.2.1:nosuchport inet n - n - - smtpd\n", "unknown port \"nosuchport\"" },
	{ "192.0.2.1:65561 inet n - n - - smtpd\n", "unknown port \"65561\"" },
	{ "0 inet n - n - - smtpd\n", "unknown port \"0\"" },
	{ "[::zz]:25 inet n - n - - smtpd\n", "host \"::zz\"" },
	{ "bad line\n", "master.cf" },
};

static void faults_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(fault_cases); i++) {
		struct made m;
		struct buf b;

		make(&m, "inet_protocols = all\n", fault_cases[i].master_cf);
		assert_int_equal(m.faults.fatal_count, 1);
		buf_init(&b, 1000);
		fault_print(m.faults.first, &b);
		if (slice_find(buf_slice(&b), slice_str(fault_cases[i].text)) < 0)
			fail_msg("%s: %s", fault_cases[i].master_cf, buf_cstr(&b));
		buf_done(&b);
		done(&m);
	}
}

static void the_command_line_carries_everything(void **state)
{
	static const char *const want[] = { "smtpd", "-c", "/etc/x", "-n", "587", "-t", "inet",
		"-v", "-v", "-o", "a=b", "-o", "c=d e", "word", NULL };
	struct made m;
	char **argv;

	(void)state;
	make(&m, "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n",
	     "587 inet n - n - - smtpd -v -v -o a=b\n -o { c = d e } word\n");
	assert_int_equal(m.faults.fatal_count, 0);
	argv = plan_argv(find(&m, "587"), "/etc/x", &m.arena);
	for (size_t i = 0; i < N_OF(want); i++) {
		if (want[i] == NULL)
			assert_null(argv[i]);
		else
			assert_string_equal(argv[i], want[i]);
	}
	done(&m);
}

static void every_program_has_a_role(void **state)
{
	static const char *const names[] = { "smtpd", "cleanup", "pickup", "qmgr", "bounce",
		"local", "virtual", "proxymap", "anvil", "resolver", "auth", "auth-worker",
		"imap-login", "pop3-login", "imapd", "pop3d", "postlogd" };

	(void)state;
	for (size_t i = 0; i < N_OF(names); i++)
		assert_non_null(role_find(program_find(names[i])->role));
	assert_null(program_find("smtp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debians_master_cf_is_accepted),
		cmocka_unit_test(sockets_follow_type_and_program),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(the_command_line_carries_everything),
		cmocka_unit_test(every_program_has_a_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
