/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/mail/enc.h"

static const struct { enum enc_kind kind; const char *in, *want; } bodies[] = {
	{ ENC_IDENTITY, "a=20\r\n", "a=20\r\n" },
	{ ENC_BASE64, "aGVsbG8=", "hello" },
	{ ENC_BASE64, "aGVs\r\nbG8=\r\n", "hello" },
	{ ENC_BASE64, "aGVsbG8", "hello" },
	{ ENC_BASE64, "aGV*sb G8", "hello" },
	{ ENC_BASE64, "aA==aQ==", "hi" },	/* two encodings in one body */
	{ ENC_BASE64, "a", "" },
	{ ENC_BASE64, "====", "" },
	{ ENC_QP, "a=20b=3D", "a b=" },
	{ ENC_QP, "a=c3=a9", "a\xc3\xa9" },
	{ ENC_QP, "soft=\r\nbreak", "softbreak" },
	{ ENC_QP, "soft=\nbreak", "softbreak" },
	{ ENC_QP, "soft= \t\r\nbreak", "softbreak" },
	{ ENC_QP, "blank  \r\nnext", "blank\r\nnext" },
	{ ENC_QP, "blank \t\nnext", "blank\nnext" },
	{ ENC_QP, "in  side", "in  side" },
	{ ENC_QP, "end  ", "end" },
	{ ENC_QP, "end=", "end" },
	{ ENC_QP, "end=4", "end=4" },
	{ ENC_QP, "=zz=4g==41", "=zz=4g=A" },
	{ ENC_QP, "a \rb", "a \rb" },
	{ ENC_QP, "=\rb", "=\rb" },
};

static void test_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bodies); i++) {
		struct slice in = slice_str(bodies[i].in);

		for (size_t step = 1; step <= in.n + 1; step++) {
			struct enc_decoder d;
			struct buf b;

			buf_init(&b, 1000);
			enc_decoder_init(&d, bodies[i].kind);
			for (size_t at = 0; at < in.n; at += step)
				enc_decode(&d, slice_sub(in, at, step), &b);
			enc_decode_finish(&d, &b);
			unit_slice_is(buf_slice(&b), bodies[i].want, bodies[i].in);
			buf_done(&b);
		}
	}
}

/* A run of blanks longer than what is held back is text, not padding, all but its end. */
static void test_long_blanks(void **state)
{
	struct enc_decoder d;
	struct buf b;
	char in[1000];

	(void)state;
	memset(in, ' ', sizeof(in));
	in[sizeof(in) - 1] = 'x';
	buf_init(&b, 2000);
	enc_decoder_init(&d, ENC_QP);
	enc_decode(&d, slice_make(in, sizeof(in)), &b);
	enc_decode_finish(&d, &b);
	assert_int_equal(buf_len(&b), sizeof(in));
	buf_done(&b);
}

static void test_kind(void **state)
{
	bool known;

	(void)state;
	assert_int_equal(enc_kind_of(SLICE_LIT("BASE64"), &known), ENC_BASE64);
	assert_true(known);
	assert_int_equal(enc_kind_of(SLICE_LIT("quoted-Printable"), NULL), ENC_QP);
	assert_int_equal(enc_kind_of(SLICE_LIT("x-uuencode"), &known), ENC_IDENTITY);
	assert_false(known);
}

static const struct { const char *in, *want; } qps[] = {
	{ "plain\n", "plain\n" }, { "a=b", "a=3Db" }, { "end \nx\t", "end=20\nx=09" },
	{ "\xc3\xa9", "=C3=A9" }, { "", "" }, { "\r\n", "=0D\n" },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\na" },
};

static void test_qp(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(qps); i++) {
		struct buf b;

		buf_init(&b, 1000);
		enc_qp(slice_str(qps[i].in), &b);
		unit_slice_is(buf_slice(&b), qps[i].want, qps[i].in);
		buf_done(&b);
	}
}

static const struct { const char *utf8, *mutf7; } names[] = {
	{ "", "" }, { "INBOX", "INBOX" }, { "a&b", "a&-b" }, { "&", "&-" },
	{ "Entw\xc3\xbcrfe", "Entw&APw-rfe" },
	{ "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	  "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },
	{ "\xf0\x9f\x93\xac", "&2D3c7A-" },
	{ "\xc3\xbc&\xc3\xbc", "&APw-&-&APw-" },
	{ "\x01", "&AAE-" },
};

static void test_mutf7(void **state)
{
	static const char *const bad[] = {
		"&", "&APw", "&AGE-" /* 'a' */, "&APw-&APw-", "&2D0-", "&3Kw-", "&2D0A4A-",
		"caf\xc3\xa9", "&AP-", "&APx-", "&APw=-", "a\x01", "&APwA-", "&!-",
	};

	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		struct buf b;

		buf_init(&b, 100);
		assert_int_equal(enc_mutf7_encode(slice_str(names[i].utf8), &b), RC_OK);
		unit_slice_is(buf_slice(&b), names[i].mutf7, "encoded");
		buf_reset(&b);
		assert_int_equal(enc_mutf7_decode(slice_str(names[i].mutf7), &b), RC_OK);
		unit_slice_is(buf_slice(&b), names[i].utf8, "decoded");
		buf_done(&b);
	}
	for (size_t i = 0; i < N_OF(bad); i++) {
		struct buf b;

		buf_init(&b, 100);
		if (enc_mutf7_decode(slice_str(bad[i]), &b) != RC_SYNTAX)
			fail_msg("accepted: %s", bad[i]);
		buf_done(&b);
	}
}

static void test_utf8(void **state)
{
	static const char *const good[] = { "", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = {
		"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xc3", "\xe2\x82", "\xff", "a\xfe",
	};

	(void)state;
	for (size_t i = 0; i < N_OF(good); i++)
		assert_true(enc_is_utf8(slice_str(good[i])));
	for (size_t i = 0; i < N_OF(bad); i++)
		assert_false(enc_is_utf8(slice_str(bad[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode), cmocka_unit_test(test_long_blanks),
		cmocka_unit_test(test_kind), cmocka_unit_test(test_qp),
		cmocka_unit_test(test_mutf7), cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
