/* SPDX-License-Identifier: ISC */
#include "postlogd/line.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

static const struct line_case {
	const char *name;
	struct slice packet;
	const char *want;	/* behind the head; NULL: no line */
} cases[] = {
	{ "a line", SLICE_LIT("postfix/smtpd[1]: connect from h[1]"),
	  "postfix/smtpd[1]: connect from h[1]\n" },
	{ "its own line end", SLICE_LIT("x\n"), "x\n" },
	{ "NUL at the end, as syslog(3) sends", SLICE_LIT("x\n\0"), "x\n" },
	{ "a second line smuggled in", SLICE_LIT("x\nSep  1 10:00:00 h postfix/smtpd[1]: forged"),
	  "x?Sep  1 10:00:00 h postfix/smtpd[1]: forged\n" },
	{ "NUL inside", SLICE_LIT("a\0b"), "a?b\n" },
	{ "terminal codes", SLICE_LIT("\033]0;t\007z\177"), "?]0;t?z?\n" },
	{ "UTF-8", SLICE_LIT("m\xc3\xbcller"), "m\xc3\xbcller\n" },
	{ "only control characters", SLICE_LIT("\001\002"), "??\n" },
	{ "empty", SLICE_LIT(""), NULL },
	{ "only a line end", SLICE_LIT("\n"), NULL },
};

static void one_packet_is_one_line(void **state)
{
	struct line_head head;
	struct buf b;

	(void)state;
	line_head_init(&head, "mx.demo.test");
	buf_init(&b, 4096);
	for (size_t i = 0; i < N_OF(cases); i++) {
		char want[256];

		buf_reset(&b);
		line_add(&b, &head, 1756720800, cases[i].packet);
		snprintf(want, sizeof(want), "%s%s%s", head.stamp, head.host,
			 cases[i].want != NULL ? cases[i].want : "");
		unit_slice_is(buf_slice(&b), cases[i].want != NULL ? want : "", cases[i].name);
	}
	buf_done(&b);
}

static void the_head_has_syslogs_form(void **state)
{
	struct line_head head;
	struct buf b;

	(void)state;
	setenv("TZ", "UTC", 1);
	line_head_init(&head, "mx.demo.test");
	buf_init(&b, 4096);
	line_add(&b, &head, 1756720800, SLICE_LIT("x"));
	assert_true(slice_starts(buf_slice(&b), SLICE_LIT("Sep  1 10:00:00 ")));
	assert_true(slice_ends(buf_slice(&b), SLICE_LIT(" mx x\n")));
	buf_reset(&b);
	line_add(&b, &head, 1756720801, SLICE_LIT("x"));
	assert_true(slice_starts(buf_slice(&b), SLICE_LIT("Sep  1 10:00:01 ")));
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_packet_is_one_line),
		cmocka_unit_test(the_head_has_syslogs_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
