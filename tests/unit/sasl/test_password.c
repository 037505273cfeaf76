/* tests/unit/sasl/test_password.c - hashes that doveadm pw, crypt(3) and others made. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/sasl/password.h"
#include "lib/sasl/sasl.h"

enum { W = 1, C = 2 };	/* weak, costly */

static const struct {
	const char *stored;
	const char *plain;	/* NULL: "secret" */
	unsigned flags;
} good[] = {
	{ "{PLAIN}secret", NULL, 0 },
	{ "{plain}secret", NULL, 0 },
	{ "{CLEAR}secret", NULL, 0 },
	{ "{CLEARTEXT}{PLAIN}", "{PLAIN}", 0 },
	{ "{PLAIN.b64}c2VjcmV0", NULL, 0 },
	{ "{PLAIN.BASE64}c2VjcmV0", NULL, 0 },
	{ "{plain.hex}736563726574", NULL, 0 },
	{ "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", NULL, W },
	{ "{SHA1}5en6G6MezRroT3XKqkdPOmY/BfQ=", NULL, W },
	{ "{SHA.B64}5en6G6MezRroT3XKqkdPOmY/BfQ=", NULL, W },
	{ "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", NULL, W },
	{ "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=", NULL, W },
	{ "{SHA256}2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", NULL, W },
	{ "{SHA256.HEX}2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", NULL, W },
	{ "{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayr"
	  "W/isg==", NULL, W },
	{ "{SSHA}WgYr5Hzr6OAIrDfEuL/cfyjCE0wARD8i", NULL, W },
	{ "{SSHA.HEX}c1acdc12820be5b0dad5769929c213cd1df0f7e6ec531663", NULL, W },
	{ "{SSHA256}AnsXaL50xP6TvK8MfQHrmlD0r398dvR0VIodKYJ7P8a9MBgC", NULL, 0 },
	{ "{SSHA256.B64}IOIT64m/DkHj6mj0PbyHecC6vcJ4cUx0phV5M/VWni1cuBYg", "x", 0 },
	{ "{SSHA512}jJaFJLk/hp16v6Q9phe8wx/JcFF+nHOt6+3Nji8gzGkdvIxlrNiKTMZ5IzsK2kghkCEQl5H942RxTN0w"
	  "e4mnyPAXUIE=", NULL, 0 },
	{ "{SSHA512.HEX}392b8684ad0671791e5a7fc577b58f68b5ad64d23db48c68704875c572cdde5623d86ddc2a926"
	  "fd02f914d59685893d8ada4e0059a4531ff528f798c4e3335dc4cf0c7c6", "a b", 0 },
	{ "{SMD5}hShv9hGKHwikMziwRdeOYQYBcFQ=", NULL, W },
	{ "{PLAIN-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69", NULL, W },
	{ "{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==", NULL, W },
	{ "{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==", NULL, W },
	{ "{MD5}$1$JGmV2mbm$XKQxgZ2xZEfD61A5G7cWv1", NULL, W | C },
	{ "{MD5-CRYPT}$1$vx2DHyzz$.z16EsIrA4uTF.O18LCNK/", NULL, W | C },
	{ "{DES-CRYPT}fNv33oZ9CC8TM", NULL, W | C },
	{ "{SHA256-CRYPT}$5$rJv1tDM6sr0/BaL4$5ziqMurpCPNR7/8cKeycqjTYHCSR/Hu8KxMlpdyR0C5", NULL, C },
	{ "{CRYPT}$5$saltsalt$jCzctZPuSp6n9OZQjZ0kGu4bXPOziIJjnIQAtfHRIh4", "p\xc3\xa4ss", C },
	{ "{SHA512-CRYPT}$6$k9yx6TcQXiWPMl8Y$F16vOOiDpbHJ0zcXp2Wxh.n1pyu9oxl3ZASEHEJjSRX/bexz4m/4dkhO"
	  "ih8M0zW4zzppmPLL05t8XvsA.HkWb1", NULL, C },
	{ "$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY"
	  "/x8v0/crpIjl8NJSAqXV/", NULL, C },
	{ "{BLF-CRYPT}$2y$05$VjRvA21YdE.I/vmTz1zB/.DroKJkq/WWzYx.WZXuLof4wUJXc5BtW", NULL, C },
	{ "{CRYPT}$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", NULL, C },
	{ "{CRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0",
	  NULL, C },
	{ "{CRYPT}$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$uE5FcoxTz78xZpMZkpTmj/0MogyeNUSLIjdCxpQjz.8",
	  NULL, C },
	{ "{CRYPT}$7$CU..../....2Q9obwLhin8qvQl6sisAO/$zLxvLFYPM5KAGpCZJUSlO9j165rU./sf1Adr0M4C5A4",
	  NULL, C },
	{ "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$wyhL2vKm0M1o2KE6RpVfrQ$lfND53zd5TG5O7O3wovVVbORlZb+"
	  "7wDVGQmTZ6lxChM", NULL, C },
	{ "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$RQ3t9B2ypjJ/GLlyHrCSOA$m4uTa8pmrWM7qlc7JKCWkXxUgi"
	  "wtIJ6VkRuVbmNTWM0", NULL, C },
	{ "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$BzTVJYholWz6rc9LrD9jDQ$kHEVfM8PZM+SEtx0tzrzgAKSz"
	  "xc5SlZgap92ijiqjjI", "p\xc3\xa4ssw\xc3\xb6rd", C },
	{ "{PBKDF2}$1$N/RL6bE6i4RbeeFx$5000$0e0896bf00fbeae4903ced6637b8ede1473c99f9", NULL, C },
};

/* Each is right for its password, wrong for the empty one, a prefix, a longer one and a giant. */
static void accepts(void **state)
{
	char giant[SASL_PASSWORD_MAX];

	(void)state;
	memset(giant, 'x', sizeof(giant));
	for (size_t i = 0; i < N_OF(good); i++) {
		struct slice plain = slice_str(good[i].plain != NULL ? good[i].plain : "secret");
		char longer[64];
		struct password p;
		struct err err = { 0 };

		if (password_parse(slice_str(good[i].stored), SLICE_LIT("CRYPT"), &p, &err) != RC_OK)
			fail_msg("%s: %s", good[i].stored, err.text);
		if (password_verify(&p, plain, &err) != RC_OK)
			fail_msg("%s is not accepted: %s", good[i].stored, err.text);
		assert_int_equal(password_verify(&p, SLICE_LIT(""), &err), RC_DENIED);
		snprintf(longer, sizeof(longer), "%.*sx", SLICE_ARG(plain));
		assert_int_equal(password_verify(&p, slice_str(longer), &err), RC_DENIED);
		assert_int_equal(password_verify(&p, slice_sub(plain, 0, plain.n - 1), &err),
				 RC_DENIED);
		assert_int_equal(password_verify(&p, slice_make(giant, sizeof(giant)), &err),
				 RC_DENIED);
		assert_int_equal(password_is_weak(&p), (good[i].flags & W) != 0);
		assert_int_equal(password_is_costly(&p), (good[i].flags & C) != 0);
	}
}

static const struct {
	const char *stored;
	enum rc parse, verify;
} bad[] = {
	{ "{FOO}x", RC_SYNTAX, 0 },
	{ "{}x", RC_SYNTAX, 0 },
	{ "{SHA.XYZ}x", RC_SYNTAX, 0 },
	{ "{.B64}x", RC_SYNTAX, 0 },
	{ "{SHA", RC_OK, RC_SYNTAX },		/* no scheme: the default, CRYPT */
	{ "", RC_OK, RC_DENIED },
	{ "{PLAIN}", RC_OK, RC_DENIED },
	{ "{PLAIN}Secret", RC_OK, RC_DENIED },
	{ "{PLAIN.B64}c2VjcmV", RC_OK, RC_SYNTAX },
	{ "{PLAIN.HEX}7365637265zz", RC_OK, RC_SYNTAX },
	{ "{SHA}", RC_OK, RC_SYNTAX },
	{ "{SHA}!!", RC_OK, RC_SYNTAX },
	{ "{SHA256}5en6G6MezRroT3XKqkdPOmY/BfQ=", RC_OK, RC_SYNTAX },	/* too short */
	{ "{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", RC_OK, RC_SYNTAX },	/* no salt */
	{ "{SSHA.HEX}1234", RC_OK, RC_SYNTAX },
	{ "{CRYPT}*", RC_OK, RC_DENIED },
	{ "{CRYPT}!$6$x$y", RC_OK, RC_DENIED },
	{ "{CRYPT}", RC_OK, RC_DENIED },
	{ "{CRYPT}$6$", RC_OK, RC_DENIED },
	{ "{CRYPT}$99$abc$def", RC_OK, RC_SYNTAX },
	{ "{CRYPT.B64}xx", RC_OK, RC_SYNTAX },
	{ "{SHA512-CRYPT}$6$abc:", RC_OK, RC_SYNTAX },
	{ "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$RQ3t9B2ypjJ", RC_OK, RC_SYNTAX },
	{ "{ARGON2ID}secret", RC_OK, RC_SYNTAX },
	{ "{ARGON2I}$argon2d$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA", RC_OK, RC_SYNTAX },
	{ "{PBKDF2}$1$salt$0$0e0896bf00fbeae4903ced6637b8ede1473c99f9", RC_OK, RC_SYNTAX },
	{ "{PBKDF2}$2$salt$1$0e0896bf00fbeae4903ced6637b8ede1473c99f9", RC_OK, RC_SYNTAX },
	{ "{PBKDF2}$1$salt$1$0e08", RC_OK, RC_SYNTAX },
	{ "{PBKDF2}", RC_OK, RC_SYNTAX },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad); i++) {
		struct password p;
		struct err err = { 0 };
		enum rc rc = password_parse(slice_str(bad[i].stored), SLICE_LIT("CRYPT"), &p, &err);

		if (rc != bad[i].parse)
			fail_msg("%s: parse gives %s", bad[i].stored, rc_name(rc));
		if (rc != RC_OK)
			continue;
		rc = password_verify(&p, SLICE_LIT("secret"), &err);
		if (rc != bad[i].verify)
			fail_msg("%s: verify gives %s", bad[i].stored, rc_name(rc));
		if (rc == RC_SYNTAX && strstr(err.text, p.hash.n > 0 ? bad[i].stored : "?") != NULL)
			fail_msg("the error shows the hash: %s", err.text);
	}
}

static void limits(void **state)
{
	static char big[PASSWORD_STORED_MAX + 2];
	struct password p;
	struct err err = { 0 };

	(void)state;
	memset(big, 'a', sizeof(big));
	assert_int_equal(password_parse(slice_make(big, PASSWORD_STORED_MAX), SLICE_LIT("PLAIN"), &p,
					&err), RC_OK);
	assert_int_equal(password_verify(&p, slice_make(big, PASSWORD_STORED_MAX), &err), RC_OK);
	assert_int_equal(password_verify(&p, slice_make(big, SASL_PASSWORD_MAX + 1), &err),
			 RC_DENIED);
	assert_int_equal(password_parse(slice_make(big, PASSWORD_STORED_MAX + 1), SLICE_LIT("PLAIN"),
					&p, &err), RC_LIMIT);
	assert_int_equal(password_parse(slice_make("a\0b", 3), SLICE_LIT("PLAIN"), &p, NULL),
			 RC_LIMIT);
	/* NUL must not cut a password short on its way into crypt(3) */
	assert_int_equal(password_parse(SLICE_LIT("{CRYPT}$1$vx2DHyzz$.z16EsIrA4uTF.O18LCNK/"),
					SLICE_LIT("PLAIN"), &p, NULL), RC_OK);
	assert_int_equal(password_verify(&p, slice_make("secret\0x", 8), NULL), RC_DENIED);
	assert_true(password_scheme_is_known(SLICE_LIT("md5")));
	assert_true(password_scheme_is_known(SLICE_LIT("argon2id")));
	assert_false(password_scheme_is_known(SLICE_LIT("rot13")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
