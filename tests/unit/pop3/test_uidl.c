/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/pop3/uidl.h"

/* What Debian's Dovecot 2.3.19 answered for this message under each format. */
static const struct pop3_uidl message = {
	.uid = 1, .uidvalidity = 1795306841,
	.name = SLICE_LIT("1795306841.M435754P25321.vm,S=35,W=41"),
	.guid = SLICE_LIT("1795306841.M435754P25321.vm,S=35,W=41"),
};

static const struct {
	const char *format, *want;	/* NULL: refused */
} cases[] = {
	{ POP3_UIDL_DEFAULT, "000000016b023559" },
	{ "%u", "1" },
	{ "%v.%u", "1795306841.1" },
	{ "%04u", "0001" },
	{ "%4u", "1" },
	{ "%02v.%u", "1795306841.1" },
	{ "%f", "1795306841.M435754P25321.vm,S=35,W=41" },
	{ "%g", "1795306841.M435754P25321.vm,S=35,W=41" },
	{ "%20f", "1795306841.M435754P2" },
	{ "%Uf", "1795306841.M435754P25321.VM,S=35,W=41" },
	{ "%Lf.%u", "1795306841.m435754p25321.vm,s=35,w=41.1" },
	{ "%2v%u", "171" },
	{ "%5.3v%u", "0681" },
	{ "%02.3v%u", "9531" },
	{ "%XUv%u", "6B0235591" },
	{ "%8Xv%u", "6b0235591" },
	{ "%030f%u", "1795306841.M435754P25321.vm,S=35,W=411" },
	{ "a %%%u", "a_%1" },
	{ "%v", NULL },
	{ "fixed", NULL },
	{ "", NULL },
	{ "%X08u", NULL },
	{ "%m", NULL },
	{ "%u%", NULL },
	{ "%9999999999u", NULL },
};

static void test_formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct slice format = slice_str(cases[i].format);
		struct buf out;

		assert_int_equal(pop3_uidl_check(format, NULL),
				 cases[i].want != NULL ? RC_OK : RC_SYNTAX);
		if (cases[i].want == NULL)
			continue;
		buf_init(&out, 1000);
		pop3_uidl_put(format, &message, &out);
		unit_slice_is(buf_slice(&out), cases[i].want, cases[i].format);
		buf_done(&out);
	}
}

/* What a mailbox brought along may be anything, but stays one word of bounded length. */
static void test_ids_are_one_word(void **state)
{
	char longest[400];
	struct buf out;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	buf_init(&out, 1000);
	pop3_uidl_put_fixed(SLICE_LIT("a b\r\n\xff" "c"), &out);
	unit_slice_is(buf_slice(&out), "a_b___c", "cleaned");
	buf_reset(&out);
	pop3_uidl_put_fixed(SLICE_LIT(""), &out);
	unit_slice_is(buf_slice(&out), "_", "never empty");
	buf_reset(&out);
	pop3_uidl_put_fixed(slice_make(longest, sizeof(longest)), &out);
	assert_int_equal(buf_len(&out), POP3_UIDL_MAX);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_ids_are_one_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
