/* tests/unit/conf/test_mastercf.c - services, their options, and every kind of fault. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/conf/mastercf.h"

/* Each service as "name/type private unpriv chroot wakeup limit program [o=v] (arg) v;" */
static const struct { const char *text, *want, *faults; } cases[] = {
	{ "smtp inet n - y - - smtpd\n", "smtp/inet nyy 0 -1 smtpd;", "" },
	{ "pickup unix n - - 60 1 pickup\n", "pickup/unix nyn 60 1 pickup;", "" },
	{ "tlsmgr unix - - - 1000? 1 tlsmgr\n", "tlsmgr/unix yyn 1000? 1 tlsmgr;", "" },
	{ "local unix - n n - 0 local", "local/unix ynn 0 0 local;", "" },
	{ "postlog unix-dgram n - n - 1 postlogd", "postlog/unix-dgram nyn 0 1 postlogd;", "" },
	{ "a fifo n - n - 1 x\nb pass - - n - - y\n", "a/fifo nyn 0 1 x;b/pass yyn 0 -1 y;", "" },
	{ "[::1]:25 inet n - n - - smtpd\n", "[::1]:25/inet nyn 0 -1 smtpd;", "" },
	{ "smtp inet n - n - - smtpd -v\n  -o a=b\n# c\n\n\t-o {c = d  e } -vv -oe=f\n",
	  "smtp/inet nyn 0 -1 smtpd [a=b] [c=d  e] [e=f] v3;", "" },
	{ "p unix - n n - - pipe\n flags=R user=u argv=/bin/x -o a=b -v {two words} $sender\n",
	  "p/unix ynn 0 -1 pipe (flags=R) (user=u) (argv=/bin/x) (-o) (a=b) (-v) (two words) "
	  "($sender);", "" },
	{ "p unix - n n - - pipe argv=uux -a{ $x}\n",
	  "p/unix ynn 0 -1 pipe (argv=uux) (-a{ $x});", "" },
	{ "p unix - n n - - pipe argv=uux -a} { $x } -b{ $y {\n",
	  "p/unix ynn 0 -1 pipe (argv=uux) (-a}) ($x) (-b{ $y {);", "" },
	{ "s unix - n n - - smtpd -o a=${b ? {c d} : {e}} -v\n",
	  "s/unix ynn 0 -1 smtpd [a=${b ? {c d} : {e}}] v1;", "" },
	{ "s inet n - n - - smtpd -o a=b=c -o d= -o e={f}\n",
	  "s/inet nyn 0 -1 smtpd [a=b=c] [d=] [e={f}];", "" },
	{ "a unix n - n - - x\nb unix n - n - - x\na unix n - n - - y\n",
	  "b/unix nyn 0 -1 x;a/unix nyn 0 -1 y;", "3:note " },
	{ "a unix n - n - - x\na inet n - n - - x\n", "a/unix nyn 0 -1 x;a/inet nyn 0 -1 x;", "" },
	/* faults: the other lines are still read */
	{ "a unix n - n - -\nb unix n - n - - y\n", "b/unix nyn 0 -1 y;", "1:fatal " },
	{ "a unox n - n - - x\n", "", "1:fatal " },
	{ "a unix no - n - - x\n", "", "1:fatal " },
	{ "a unix n Y n - - x\n", "", "1:fatal " },
	{ "a unix n - yes - - x\n", "", "1:fatal " },
	{ "a unix n - n 5s - x\n", "", "1:fatal " },
	{ "a unix n - n ? - x\n", "", "1:fatal " },
	{ "a unix n - n - -1 x\n", "", "1:fatal " },
	{ "a unix n - n - 9999999999 x\n", "", "1:fatal " },
	{ "a unix N Y q z k x\n", "", "1:fatal 1:fatal 1:fatal 1:fatal 1:fatal " },
	{ "a/b unix n - n - - x\n", "", "1:fatal " },
	{ "../a unix n - n - - x\n", "", "1:fatal " },
	{ "a: inet n - n - - x\n", "", "1:fatal " },
	{ "a unix n - n - - /bin/sh\n", "", "1:fatal " },
	{ "a unix n - n - - x -o\n", "", "1:fatal " },
	{ "a unix n - n - - x -o ab\n", "", "1:fatal " },
	{ "a unix n - n - - x -o =b\n", "", "1:fatal " },
	{ "a unix n - n - - x -o { a b = c }\n", "", "1:fatal " },
	{ "a unix n - n - - x -o { a\n", "", "1:fatal " },
	{ "a unix n - n - - x -o { a }\n", "", "1:fatal " },
	{ "a unix n - n - - x {a}b\n", "", "1:fatal " },
	{ " a unix n - n - - x\nb unix n - n - - y\n", "b/unix nyn 0 -1 y;", "1:fatal " },
	{ "a unix n - n - - x -D\n", "a/unix nyn 0 -1 x;", "1:note " },
	{ "", "", "" },
};

static void print_service(const struct service *s, struct buf *out)
{
	buf_addf(out, "%s/%s %c%c%c %d%s %d %s", s->name, service_type_name(s->type),
		 s->is_private ? 'y' : 'n', s->is_unprivileged ? 'y' : 'n',
		 s->wants_chroot ? 'y' : 'n', s->wakeup_s, s->wakeup_if_used ? "?" : "",
		 s->max_processes, s->program);
	for (const struct service_option *o = s->options; o != NULL; o = o->next)
		buf_addf(out, " [%s=%s]", o->name, o->value);
	for (char **a = s->args; *a != NULL; a++)
		buf_addf(out, " (%s)", *a);
	if (s->verbose > 0)
		buf_addf(out, " v%d", s->verbose);
	buf_addc(out, ';');
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct service *list;
		struct faults faults;
		struct arena arena;
		struct buf got;

		arena_init(&arena, 1 << 16);
		buf_init(&got, 1000);
		faults_init(&faults, &arena);
		mastercf_parse("master.cf", slice_str(cases[i].text), &arena, &list, &faults);
		for (; list != NULL; list = list->next)
			print_service(list, &got);
		unit_slice_is(buf_slice(&got), cases[i].want, cases[i].text);
		buf_reset(&got);
		for (struct fault *f = faults.first; f != NULL; f = f->next) {
			assert_non_null(f->remedy);
			buf_addf(&got, "%u:%s ", f->line, f->is_fatal ? "fatal" : "note");
		}
		unit_slice_is(buf_slice(&got), cases[i].faults, cases[i].text);
		buf_done(&got);
		arena_done(&arena);
	}
}

static void test_nul(void **state)
{
	struct service *list;
	struct faults faults;
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	mastercf_parse("m", slice_make("a unix n - n - - x\0y\n", 21), &arena, &list, &faults);
	assert_null(list);
	assert_int_equal(faults.fatal_count, 1);
	arena_done(&arena);
}

static void test_read(void **state)
{
	struct service *list = NULL;
	struct err err = { 0 };
	struct faults faults;
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 16);
	faults_init(&faults, &arena);
	assert_int_equal(mastercf_read("/nonexistent", &arena, &list, &faults, &err), RC_SYS);
	assert_non_null(strstr(err.text, "/nonexistent/master.cf"));
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_nul), cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
