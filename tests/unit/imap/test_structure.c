/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/imap/structure.h"

#define NO_ENVELOPE "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
#define TEXT(n, lines) "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" " #n " " \
	#lines " NIL NIL NIL NIL)"

/* What Dovecot answers for the same messages, but where noted. NULL: not looked at. */
static const struct { const char *message, *envelope, *structure; } cases[] = {
	{ "A: b\r\n\r\nhi", NO_ENVELOPE, TEXT(2, 0) },
	{ "A: b\n\nhi\nho\n", NO_ENVELOPE, TEXT(8, 2) },
	{ "", NO_ENVELOPE, TEXT(0, 0) },
	{ "From: root\r\nTo: <>\r\nCc: a@b, undisclosed-recipients:;\r\nSubject: "
	  "=?utf-8?q?x?=\r\n\r\n",
	  "(NIL \"=?utf-8?q?x?=\" ((NIL NIL \"root\" \"MISSING_DOMAIN\")) "
	  "((NIL NIL \"root\" \"MISSING_DOMAIN\")) ((NIL NIL \"root\" \"MISSING_DOMAIN\")) "
	  "((NIL NIL \"MISSING_MAILBOX\" \"MISSING_DOMAIN\")) ((NIL NIL \"a\" \"b\")"
	  "(NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL)", NULL },
	{ "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: \"A \\\"q\\\" B\" <a.b@c.d>\r\n"
	  "Sender: s@t (comment)\r\nReply-To: \r\n"
	  "To: grp: x@y, \"z w\"@v;, <@r1,@r2:u@h>\r\nBcc: b@[1.2.3.4]\r\nIn-Reply-To: <i@j>\r\n"
	  "Message-ID: <m@n>\r\nSubject: a\r\n folded\r\n\r\nbody\r\nline2\r\n",
	  "(\"Mon, 1 Jan 2024 00:00:00 +0000\" \"a folded\" (({7}\r\nA \"q\" B NIL \"a.b\" "
	  "\"c.d\")) "
	  "((\"comment\" NIL \"s\" \"t\")) (({7}\r\nA \"q\" B NIL \"a.b\" \"c.d\")) "
	  "((NIL NIL \"grp\" NIL)(NIL NIL \"x\" \"y\")(NIL NIL \"z w\" \"v\")(NIL NIL NIL NIL)"
	  "(NIL \"@r1,@r2\" \"u\" \"h\")) NIL ((NIL NIL \"b\" \"[1.2.3.4]\")) \"<i@j>\" \"<m@n>\")",
	  TEXT(13, 2) },
	/* addresses of repeated fields, each read by itself; of other fields the last */
	{ "To: a@b, (open\nCc:\nTo: c@d\nSubject: 1\nFrom me\nSubject: 2\nTo: e: f@g;\n\n",
	  "(NIL \"2\" NIL NIL NIL ((NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")(NIL NIL \"e\" NIL)"
	  "(NIL NIL \"f\" \"g\")(NIL NIL NIL NIL)) NIL NIL NIL NIL)", NULL },
	{ "From: \xc3\xa9 <a@b>\r\nSubject: caf\xc3\xa9 \"q\"\r\n\r\n",
	  "(NIL {9}\r\ncaf\xc3\xa9 \"q\" (({2}\r\n\xc3\xa9 NIL \"a\" \"b\")) "
	  "(({2}\r\n\xc3\xa9 NIL \"a\" \"b\")) (({2}\r\n\xc3\xa9 NIL \"a\" \"b\")) "
	  "NIL NIL NIL NIL NIL)", NULL },
	{ "Content-Type: multipart/mixed; boundary=\"B\"\r\n\r\npre\r\n--B\r\n"
	  "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
	  "Quoted-Printable\r\n"
	  "Content-ID: <c1>\r\nContent-Description: d\r\nContent-MD5: xyz\r\n"
	  "Content-Language: en, fr\r\nContent-Location: http://x/\r\n"
	  "Content-Disposition: attachment; filename=\"a b.txt\"; size=3\r\n\r\n<p>\r\n--B\r\n"
	  "Content-Type: application/octet-stream; name=x\r\nContent-Transfer-Encoding: "
	  "base64\r\n\r\n"
	  "AAAA\r\n--B--\r\npost\r\n", NULL,
	  "((\"text\" \"html\" (\"charset\" \"utf-8\") \"<c1>\" \"d\" \"Quoted-Printable\" 3 0 "
	  "\"xyz\" "
	  "(\"attachment\" (\"filename\" \"a b.txt\" \"size\" \"3\")) (\"en\" \"fr\") "
	  "\"http://x/\")"
	  "(\"application\" \"octet-stream\" (\"name\" \"x\") NIL NIL \"base64\" 4 NIL NIL NIL "
	  "NIL) "
	  "\"mixed\" (\"boundary\" \"B\") NIL NIL NIL)" },
	{ "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nFrom: i@j\r\n\r\ninner "
	  "body\r\n", NULL,
	  "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 41 (NIL \"inner\" ((NIL NIL \"i\" \"j\")) "
	  "((NIL NIL \"i\" \"j\")) ((NIL NIL \"i\" \"j\")) NIL NIL NIL NIL NIL) " TEXT(12, 1)
	  " 4 NIL NIL NIL NIL)" },
	{ "Content-Type: multipart/digest; boundary=B\r\n\r\n--B\r\n\r\nSubject: "
	  "d1\r\n\r\nx\r\n--B\r\n"
	  "Content-Type: text/plain\r\n\r\ny\r\n--B--\r\n", NULL,
	  "((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 16 (NIL \"d1\" NIL NIL NIL NIL NIL "
	  "NIL NIL "
	  "NIL) " TEXT(1, 0) " 2 NIL NIL NIL NIL)" TEXT(1, 0) " \"digest\" (\"boundary\" "
	  "\"B\") NIL NIL "
	  "NIL)" },
	{ "Content-Type: image/png; name*=utf-8''%C3%A9.png\r\nContent-Disposition: "
	  "inline\r\n\r\nx",
	  NULL, "(\"image\" \"png\" (\"name*\" \"utf-8''%C3%A9.png\") NIL NIL \"7bit\" 1 NIL "
	  "(\"inline\" NIL) NIL NIL)" },
	{ "Content-Type: text/plain; format=flowed; "
	  "charset=\"x\"\r\nContent-Transfer-Encoding:\r\n\r\n",
	  NULL, "(\"text\" \"plain\" (\"format\" \"flowed\" \"charset\" \"x\") NIL NIL "
	  "\"7bit\" 0 0 NIL "
	  "NIL NIL NIL)" },
	{ "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: x\r\n", NULL,
	  "(\"message\" \"delivery-status\" NIL NIL NIL \"7bit\" 18 NIL NIL NIL NIL)" },
	/* An empty multipart gets the one part that the grammar wants. */
	{ "Content-Type: multipart/alternative; boundary=B\r\n\r\n--B--\r\n", NULL,
	  "(" TEXT(0, 0) " \"alternative\" (\"boundary\" \"B\") NIL NIL NIL)" },
	/* What is no text part may not look like one; Dovecot says text with an empty subtype. */
	{ "Content-Type: text\r\n\r\nx\r\n", NULL, TEXT(3, 1) },
};

static void check(const char *message, bool envelope, bool extended, const char *want)
{
	struct arena tree, scratch;
	struct mime_parser *m;
	struct mime_part *root;
	struct buf out;

	arena_init(&tree, 1 << 20);
	arena_init(&scratch, 1 << 20);
	buf_init(&out, 1 << 20);
	m = mime_new(&tree);
	mime_feed(m, slice_str(message));
	root = mime_finish(m);
	mime_free(&m);
	assert_non_null(root);
	if (envelope)
		imap_write_envelope(root, &scratch, &out);
	else
		imap_write_structure(root, extended, &scratch, &out);
	unit_slice_is(buf_slice(&out), want, message);
	buf_done(&out);
	arena_done(&scratch);
	arena_done(&tree);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		if (cases[i].envelope != NULL)
			check(cases[i].message, true, false, cases[i].envelope);
		if (cases[i].structure != NULL)
			check(cases[i].message, false, true, cases[i].structure);
	}
}

static void test_body(void **state)
{
	(void)state;
	check("A: b\r\n\r\nhi", false, false, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") "
	  "NIL NIL "
	      "\"7bit\" 2 0)");
	check("Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n"
	      "Content-Disposition: inline\r\n\r\nx\r\n--B--\r\n", false, false,
	      "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0) \"mixed\")");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_body),
	};

	return cmocka_run_group_tests_name("imap structure", tests, NULL, NULL);
}
