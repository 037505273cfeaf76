/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/mail/mime.h"
#include "lib/mail/mime_type.h"

/* A part is shown as kind letter, offset+header bytes+body bytes/lines; children in brackets. */
static const struct { const char *in, *want; } trees[] = {
	{ "", "T0+0+0/0" },
	{ "A: b\n\nhi\n", "T0+6+3/1" },
	{ "A: b\n", "T0+5+0/0" },
	{ "no header\n", "T0+10+0/0" },
	{ "no header, no line end", "T0+22+0/0" },
	{ "From me\nA: b\n\nx\n", "T0+14+2/1" },
	{ "A: b\nno field\n more\nC: d\n\nx\n", "T0+26+2/1" },
	{ " blank\n: x\n\nx\n", "T0+12+2/1" },
	{ "\nbody", "T0+1+4/0" },
	{ "Content-Type: image/png\n\nx", "L0+25+1/0" },
	{ "Content-Type: nonsense\n\nx", "T0+24+1/0" },
	{ "Content-Type: multipart/mixed; boundary=B\n\npre\n--B\n\none\n--B\nX: y\n\ntwo\n"
	  "--B--\nepi\n",
	  "M0+43+37/10[T51+1+3/0 T60+6+3/0]" },
	/* the same in CRLF */
	{ "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\none\r\n\r\n--B--\r\n",
	  "M0+45+21/5[T50+2+5/1]" },
	/* never closed; boundary glued to text is a prefix and counts */
	{ "Content-Type: multipart/mixed; boundary=B\n\n--B\n\none\n--Bxyz\n\ntwo\n",
	  "M0+43+21/6[T47+1+3/0 T59+1+4/1]" },
	/* delimiter without a line ending at the very end */
	{ "Content-Type: multipart/mixed; boundary=B\n\n--B\n\none\n--B--", "M0+43+14/3[T47+1+3/0]" },
	{ "Content-Type: multipart/mixed; boundary=B\n\n--B", "M0+43+3/0" },
	{ "Content-Type: multipart/mixed; boundary=B\n\n--B\n", "M0+43+4/1[T47+0+0/0]" },
	/* a boundary inside a header */
	{ "Content-Type: multipart/mixed; boundary=B\n\n--B\nX: y\n--B\n\nz\n--B--\n",
	  "M0+43+22/6[T47+5+0/0 T56+1+1/0]" },
	/* empty parts */
	{ "Content-Type: multipart/mixed; boundary=B\n\n--B\n\n--B\n\n\n--B--\n",
	  "M0+43+17/6[T47+1+0/0 T52+1+0/0]" },
	/* no boundary given, or empty */
	{ "Content-Type: multipart/mixed\n\n--\nx\n", "M0+31+5/2" },
	{ "Content-Type: multipart/mixed; boundary=\"\"\n\n--\nx\n", "M0+44+5/2" },
	/* nesting, the inner one unclosed */
	{ "Content-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: multipart/alternative;"
	  " boundary=B\n\n--B\n\nx\n--A\n\ny\n--A--\n",
	  "M0+43+73/10[M47+49+6/2[T100+1+1/0] T107+1+1/0]" },
	/* a boundary that starts with the outer one's text */
	{ "Content-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: multipart/mixed;"
	  " boundary=AB\n\n--AB\n\nx\n--AB--\n--A--\n",
	  "M0+43+69/8[M47+44+14/3[T96+1+1/0]]" },
	{ "Content-Type: message/rfc822\n\nSubject: in\n\nbody\n", "R0+30+18/3[T30+13+5/1]" },
	{ "Content-Type: message/rfc822\n\n", "R0+30+0/0[T30+0+0/0]" },
	{ "Content-Type: message/rfc822\n", "R0+29+0/0[T29+0+0/0]" },
	{ "Content-Type: message/rfc822\nno blank line\n", "R0+43+0/0[T43+0+0/0]" },
	{ "Content-Type: multipart/digest; boundary=B\n\n--B\n\nSubject: 1\n\nx\n--B\n"
	  "Content-Type: text/plain\n\ny\n--B--\n",
	  "M0+44+57/10[R48+1+13/2[T49+12+1/0] T67+26+1/0]" },
	{ "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: message/rfc822\n\n"
	  "Content-Type: multipart/mixed; boundary=C\n\n--C\n\nx\n--C--\n--B\n\nt\n--B--\n",
	  "M0+43+103/13[R47+30+55/5[M77+43+12/3[T124+1+1/0]] T137+1+1/0]" },
	/* a dash that is no boundary, long and short */
	{ "Content-Type: multipart/mixed; boundary=B\n\n--B\n\n-\n-x\n--\n--C\n-----B\n--B--\n",
	  "M0+43+30/8[T47+1+18/4]" },
};

static char kind_letter(enum mime_kind kind)
{
	switch (kind) {
	case MIME_LEAF: return 'L';
	case MIME_TEXT: return 'T';
	case MIME_MULTIPART: return 'M';
	case MIME_MESSAGE: return 'R';
	}
	return '?';
}

static void show(const struct mime_part *p, struct buf *b)
{
	buf_addf(b, "%c%llu+%llu+%llu/%llu", kind_letter(p->kind), (unsigned long long)p->offset,
		 (unsigned long long)p->header.bytes, (unsigned long long)p->body.bytes,
		 (unsigned long long)p->body.lines);
	for (const struct mime_part *c = p->child; c != NULL; c = c->next) {
		buf_addc(b, c == p->child ? '[' : ' ');
		show(c, b);
		if (c->next == NULL)
			buf_addc(b, ']');
	}
}

static const struct mime_part *parse(struct slice in, size_t step, struct arena *a)
{
	struct mime_parser *m = mime_new(a);
	const struct mime_part *root;

	for (size_t at = 0; at < in.n; at += step)
		mime_feed(m, slice_sub(in, at, step));
	root = mime_finish(m);
	mime_free(&m);
	assert_null(m);
	return root;
}

static void test_trees(void **state)
{
	static const size_t steps[] = { 1, 2, 5, 100000 };

	(void)state;
	for (size_t i = 0; i < N_OF(trees); i++) {
		for (size_t k = 0; k < N_OF(steps); k++) {
			struct arena a;
			struct buf b;

			arena_init(&a, 1 << 20);
			buf_init(&b, 1000);
			show(parse(slice_str(trees[i].in), steps[k], &a), &b);
			unit_slice_is(buf_slice(&b), trees[i].want, trees[i].in);
			buf_done(&b);
			arena_done(&a);
		}
	}
}

/* Sizes with CRLF are the stored sizes of the same message stored with CRLF. */
static void test_crlf_sizes(void **state)
{
	struct slice lf = SLICE_LIT("Content-Type: multipart/mixed; boundary=B\nX: y\n\n"
				    "pre\n--B\n\none\ntwo\n\n--B\nA: b\n\nthree\n--B--\nend\n");
	struct slice crlf = SLICE_LIT("Content-Type: multipart/mixed; boundary=B\r\nX: y\r\n\r\n"
				      "pre\r\n--B\r\n\r\none\r\ntwo\r\n\r\n--B\r\nA: b\r\n\r\n"
				      "three\r\n--B--\r\nend\r\n");
	const struct mime_part *a, *b;
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	a = parse(lf, 3, &arena);
	b = parse(crlf, 3, &arena);
	while (a != NULL) {
		assert_int_equal(a->header.crlf_bytes, b->header.bytes);
		assert_int_equal(a->body.crlf_bytes, b->body.bytes);
		assert_int_equal(b->body.crlf_bytes, b->body.bytes);
		assert_int_equal(a->header.lines, b->header.lines);
		assert_int_equal(a->body.lines, b->body.lines);
		a = a->child != NULL ? a->child : a->next;
		b = b->child != NULL ? b->child : b->next;
	}
	arena_done(&arena);
}

static void test_fields(void **state)
{
	struct slice in = SLICE_LIT(
		"From: a@b\nSubject: first\nTo:\nSUBJECT: one\n\ttwo\nFrom: (a\nCc: x\n"
		"From: c@d,\n e@f\nContent-ID: <1>\nContent-ID: <2>\nContent-Type: multipart/mixed;\n"
		" boundary=\"B C\"\n\n--B C\nFrom: not kept\nContent-ID: <x>\n"
		"Content-Type: message/rfc822\n\nFrom: inner\n\nx\n--B C--\n");
	const struct mime_part *root, *part;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	root = parse(in, 1000, &a);
	unit_slice_is(mime_part_field(root, MIME_FROM), "a@b\n(a\nc@d, e@f", "From");
	unit_slice_is(mime_part_field(root, MIME_CC), "x", "Cc");
	unit_slice_is(mime_part_field(root, MIME_CONTENT_ID), "<1>", "the message's Content-ID");
	unit_slice_is(mime_part_field(root, MIME_SUBJECT), "one\ttwo", "Subject");
	assert_null(mime_part_field(root, MIME_TO).p);
	part = root->child;
	assert_null(part->envelope);
	assert_null(mime_part_field(part, MIME_FROM).p);
	unit_slice_is(mime_part_field(part, MIME_CONTENT_ID), "<x>", "Content-ID");
	unit_slice_is(mime_part_field(part->child, MIME_FROM), "inner", "inner From");
	arena_done(&a);
}

static void test_find(void **state)
{
	struct slice in = SLICE_LIT(
		"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nfirst\n--B\n"
		"Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=C\n\n"
		"--C\n\nx\n--C\nContent-Type: message/rfc822\n\nA: b\n\ndeep\n--C--\n--B--\n");
	static const struct { uint32_t path[5]; size_t n; const char *want; } paths[] = {
		{ { 0 }, 0, "M" }, { { 1 }, 1, "T" }, { { 2 }, 1, "R" }, { { 3 }, 1, NULL },
		{ { 2, 1 }, 2, "T" }, { { 2, 2 }, 2, "R" }, { { 2, 2, 1 }, 3, "T" },
		{ { 2, 2, 2 }, 3, NULL }, { { 1, 1 }, 2, NULL }, { { 0 }, 1, NULL },
		{ { 2, 2, 1, 1 }, 4, NULL },
	};
	const struct mime_part *root;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	root = parse(in, 1000, &a);
	for (size_t i = 0; i < N_OF(paths); i++) {
		const struct mime_part *p = mime_find(root, paths[i].path, paths[i].n);

		if ((p == NULL) != (paths[i].want == NULL))
			fail_msg("path %zu", i);
		if (p != NULL)
			assert_int_equal(kind_letter(p->kind), paths[i].want[0]);
	}
	root = parse(SLICE_LIT("Content-Type: message/rfc822\n\nA: b\n\nx"), 100, &a);
	assert_ptr_equal(mime_find(root, (uint32_t[]){ 1 }, 1), root);
	assert_ptr_equal(mime_find(root, (uint32_t[]){ 1, 1 }, 2), root->child);
	arena_done(&a);
}

/* Depth, number of parts and memory end the tree, not the parse. */
static void test_limits(void **state)
{
	const struct mime_part *p, *root;
	struct mime_parser *m;
	struct arena a;
	struct buf b;
	size_t n = 0;

	(void)state;
	buf_init(&b, 1 << 22);
	for (int i = 0; i < 300; i++)
		buf_addf(&b, "Content-Type: multipart/mixed; boundary=b%dx\n\n--b%dx\n", i, i);
	arena_init(&a, 1 << 24);
	root = parse(buf_slice(&b), 4096, &a);
	for (p = root; p != NULL; p = p->child)
		n++;
	assert_int_equal(n, MIME_DEPTH_MAX);
	arena_reset(&a);
	buf_reset(&b);
	buf_adds(&b, "Content-Type: multipart/mixed; boundary=B\n\n");
	for (int i = 0; i < 20000; i++)
		buf_adds(&b, "--B\n\nx\n");
	m = mime_new(&a);
	mime_feed(m, buf_slice(&b));
	root = mime_finish(m);
	assert_int_equal(root->n_children, MIME_PARTS_MAX - 1);
	assert_true(mime_is_cut(m));
	mime_free(&m);
	arena_done(&a);
	arena_init(&a, 100000);
	m = mime_new(&a);
	mime_feed(m, buf_slice(&b));
	root = mime_finish(m);
	assert_true(mime_is_cut(m));
	assert_in_range(root->n_children, 1, 1000);
	mime_free(&m);
	arena_done(&a);
	buf_done(&b);
}

static const struct { const char *in, *want; } types[] = {
	{ "text/plain", "text/plain" },
	{ " Text / HTML (comment) ; charset = utf-8", "Text/HTML;charset=utf-8" },
	{ "text/plain; charset=\"a \\\"b\\\"\"", "text/plain;charset=a \"b\"" },
	{ "multipart/mixed; boundary=----=_Part_1", "multipart/mixed;boundary=----=_Part_1" },
	{ "text/plain;; a=1;", "text/plain;a=1" },
	{ "text/plain; a; b=2; =3; c=4", "text/plain;b=2;c=4" },
	{ "text/plain; name=a b; c=d", "text/plain;name=a;c=d" },
	{ "a/b; x*0=one; x*1=two", "a/b;x=onetwo" },
	{ "a/b; x*1=two; x*0=one", "a/b;x=onetwo" },
	{ "a/b; x*0*=utf-8''%C3%A9; x*1=' '; x*2*=%20z", "a/b;x*=utf-8''%C3%A9%27%20z" },
	{ "a/b; x*0*=utf-8''%C3%A9; x*1=\"' '\"; x*2*=%20z",
	  "a/b;x*=utf-8''%C3%A9%27%20%27%20z" },
	{ "a/b; x*=utf-8''%41; x=A", "a/b;x*=utf-8''%41;x=A" },
	{ "a/b; x*0=one; x*2=three", "a/b;x=one;x*2=three" },
	{ "a/b; x*y=1; *=2", "a/b;x*y=1;*=2" },
	{ "text", NULL }, { "", NULL }, { "/plain", NULL }, { "text/", NULL }, { "text plain", NULL },
};

static void test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(types); i++) {
		struct mime_type t;
		struct arena a;
		struct buf b;
		enum rc rc;

		arena_init(&a, 1 << 16);
		buf_init(&b, 1000);
		rc = mime_type_parse(slice_str(types[i].in), &a, &t);
		assert_int_equal(rc, types[i].want != NULL ? RC_OK : RC_SYNTAX);
		buf_addf(&b, "%.*s/%.*s", SLICE_ARG(t.type), SLICE_ARG(t.subtype));
		for (size_t k = 0; k < t.n_params; k++)
			buf_addf(&b, ";%.*s=%.*s", SLICE_ARG(t.params[k].name),
				 SLICE_ARG(t.params[k].value));
		unit_slice_is(buf_slice(&b), rc == RC_OK ? types[i].want : "text/plain",
			      types[i].in);
		buf_done(&b);
		arena_done(&a);
	}
}

static void test_params(void **state)
{
	struct slice tags[4];
	struct mime_type t;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a, 1 << 20);
	buf_init(&b, 1 << 16);
	assert_int_equal(mime_disposition_parse(SLICE_LIT("attachment; filename=x;"
				" filename*0*=iso-8859-1'fr'%E9; filename*1=\".txt\""), &a, &t),
			 RC_OK);
	unit_slice_is(t.type, "attachment", "disposition");
	assert_non_null(mime_param(&t, SLICE_LIT("Filename")).p);
	assert_null(mime_param(&t, SLICE_LIT("none")).p);
	assert_int_equal(mime_disposition_parse(SLICE_LIT(";x=y"), &a, &t), RC_SYNTAX);
	assert_int_equal(mime_language_parse(SLICE_LIT("en, (x) fr,de"), tags, 4), 3);
	unit_slice_is(tags[1], "fr", "language");
	unit_slice_is(mime_token(SLICE_LIT(" (c) base64 x")), "base64", "token");
	buf_reset(&b);
	buf_adds(&b, "a/b");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "; x*%d=y", i);
	assert_int_equal(mime_type_parse(buf_slice(&b), &a, &t), RC_OK);
	assert_true(t.is_cut);
	assert_int_equal(t.n_params, 1);
	assert_int_equal(t.params[0].value.n, MIME_PARAMS_MAX);
	buf_done(&b);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees), cmocka_unit_test(test_crlf_sizes),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_find),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_types),
		cmocka_unit_test(test_params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
