/* tests/unit/sasl/test_sasl.c - whole exchanges as tables. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/sasl/sasl.h"

#define NONE { NULL, 0 }
#define MSG(s) { "" s, sizeof(s) - 1 }

static const struct {
	const char *mech;
	struct slice in[4];	/* initial response first */
	enum sasl_next next[4];
	const char *out[4];	/* challenge expected, NULL none */
	unsigned n;
	const char *authzid, *authcid, *password;
} cases[] = {
	/* PLAIN, RFC 4616 */
	{ "PLAIN", { MSG("\0tim\0tanstaaftanstaaf") }, { SASL_CHECK }, { 0 }, 1,
	  "", "tim", "tanstaaftanstaaf" },
	{ "plain", { MSG("Ursel\0Kurt\0xipj3plmq") }, { SASL_CHECK }, { 0 }, 1,
	  "Ursel", "Kurt", "xipj3plmq" },
	{ "PLAIN", { NONE, MSG("\0a\0b") }, { SASL_CHALLENGE, SASL_CHECK }, { "" }, 2, "", "a", "b" },
	{ "PLAIN", { MSG("\0a\0") }, { SASL_CHECK }, { 0 }, 1, "", "a", "" },
	{ "PLAIN", { MSG("\0a\0p\xc3\xa4 \xff") }, { SASL_CHECK }, { 0 }, 1,
	  "", "a", "p\xc3\xa4 \xff" },
	{ "PLAIN", { MSG("") }, { SASL_MALFORMED }, { 0 }, 1, 0, 0, 0 },
	{ "PLAIN", { NONE, NONE }, { SASL_CHALLENGE, SASL_MALFORMED }, { "" }, 2, 0, 0, 0 },
	{ "PLAIN", { MSG("\0") }, { SASL_MALFORMED }, { 0 }, 1, 0, 0, 0 },
	{ "PLAIN", { MSG("\0a") }, { SASL_MALFORMED }, { 0 }, 1, 0, 0, 0 },
	{ "PLAIN", { MSG("\0\0b") }, { SASL_MALFORMED }, { 0 }, 1, 0, 0, 0 },
	{ "PLAIN", { MSG("\0a\0b\0") }, { SASL_MALFORMED }, { 0 }, 1, 0, 0, 0 },
	{ "PLAIN", { MSG("\0a\0b\0c") }, { SASL_MALFORMED }, { 0 }, 1, 0, 0, 0 },
	{ "PLAIN", { MSG("\0a\0b"), MSG("\0a\0b") }, { SASL_CHECK, SASL_MALFORMED }, { 0 }, 2,
	  "", "a", "b" },
	/* LOGIN */
	{ "LOGIN", { NONE, MSG("tim"), MSG("secret") },
	  { SASL_CHALLENGE, SASL_CHALLENGE, SASL_CHECK }, { "Username:", "Password:" }, 3,
	  "", "tim", "secret" },
	{ "Login", { MSG("tim"), MSG("") }, { SASL_CHALLENGE, SASL_CHECK }, { "Password:" }, 2,
	  "", "tim", "" },
	{ "LOGIN", { MSG("") }, { SASL_MALFORMED }, { 0 }, 1, 0, 0, 0 },
	{ "LOGIN", { NONE, MSG("") }, { SASL_CHALLENGE, SASL_MALFORMED }, { "Username:" }, 2,
	  0, 0, 0 },
	{ "LOGIN", { NONE, MSG("a\0b") }, { SASL_CHALLENGE, SASL_MALFORMED }, { "Username:" }, 2,
	  0, 0, 0 },
	{ "LOGIN", { MSG("a"), MSG("b\0") }, { SASL_CHALLENGE, SASL_MALFORMED }, { "Password:" }, 2,
	  0, 0, 0 },
	{ "LOGIN", { MSG("a"), MSG("b"), MSG("c") }, { SASL_CHALLENGE, SASL_CHECK, SASL_MALFORMED },
	  { "Password:" }, 3, "", "a", "b" },
};

static void exchanges(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct sasl_server s;

		sasl_server_init(&s, sasl_mech_find(slice_str(cases[i].mech)));
		for (unsigned k = 0; k < cases[i].n; k++) {
			enum sasl_next next = k == 0 ? sasl_server_start(&s, cases[i].in[0])
						     : sasl_server_continue(&s, cases[i].in[k]);

			if (next != cases[i].next[k])
				fail_msg("case %zu, message %u: %d", i, k, (int)next);
			if (next == SASL_CHALLENGE)
				unit_slice_is(s.out, cases[i].out[k], "challenge");
		}
		if (cases[i].authcid != NULL) {
			unit_slice_is(s.authzid, cases[i].authzid, "authzid");
			unit_slice_is(s.authcid, cases[i].authcid, "authcid");
			unit_slice_is(s.password, cases[i].password, "password");
		}
		sasl_server_done(&s);
	}
}

static void one_over_each_limit(void **state)
{
	static char big[SASL_MESSAGE_MAX + 1];
	struct sasl_server s;

	(void)state;
	memset(big, 'a', sizeof(big));
	sasl_server_init(&s, sasl_mech_find(SLICE_LIT("LOGIN")));
	assert_int_equal(sasl_server_start(&s, slice_make(big, SASL_NAME_MAX)), SASL_CHALLENGE);
	assert_int_equal(sasl_server_continue(&s, slice_make(big, SASL_PASSWORD_MAX)), SASL_CHECK);
	assert_int_equal(s.authcid.n, SASL_NAME_MAX);
	sasl_server_init(&s, sasl_mech_find(SLICE_LIT("LOGIN")));
	assert_int_equal(sasl_server_start(&s, slice_make(big, SASL_NAME_MAX + 1)), SASL_MALFORMED);
	sasl_server_init(&s, sasl_mech_find(SLICE_LIT("LOGIN")));
	assert_int_equal(sasl_server_start(&s, slice_make(big, 1)), SASL_CHALLENGE);
	assert_int_equal(sasl_server_continue(&s, slice_make(big, SASL_PASSWORD_MAX + 1)),
			 SASL_MALFORMED);
	sasl_server_init(&s, sasl_mech_find(SLICE_LIT("PLAIN")));
	assert_int_equal(sasl_server_start(&s, slice_make(big, sizeof(big))), SASL_MALFORMED);
}

static void done_wipes(void **state)
{
	struct sasl_server s;

	(void)state;
	sasl_server_init(&s, sasl_mech_find(SLICE_LIT("PLAIN")));
	assert_int_equal(sasl_server_start(&s, slice_make("\0tim\0hushhush", 13)), SASL_CHECK);
	assert_non_null(memmem(s.mem, sizeof(s.mem), "hushhush", 8));
	sasl_server_done(&s);
	sasl_server_done(&s);
	assert_null(memmem(s.mem, sizeof(s.mem), "h", 1));
	assert_int_equal(s.password.n, 0);
	assert_int_equal(sasl_server_continue(&s, slice_make("\0tim\0hushhush", 13)),
			 SASL_MALFORMED);
}

static void table_of_mechanisms(void **state)
{
	(void)state;
	assert_null(sasl_mech_find(SLICE_LIT("")));
	assert_null(sasl_mech_find(SLICE_LIT("PLAI")));
	assert_null(sasl_mech_find(SLICE_LIT("PLAIN ")));
	for (size_t i = 0; sasl_mech_at(i) != NULL; i++) {
		const struct sasl_mech *m = sasl_mech_at(i);

		assert_ptr_equal(sasl_mech_find(slice_str(m->name)), m);
		assert_true((m->flags & SASL_PLAINTEXT) != 0);
	}
	assert_non_null(sasl_mech_at(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchanges),
		cmocka_unit_test(one_over_each_limit),
		cmocka_unit_test(done_wipes),
		cmocka_unit_test(table_of_mechanisms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
