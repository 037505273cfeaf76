/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "lib/imap/parser.h"

static const struct imap_limits tiny = {
	.max_bytes = 40, .max_args = 6, .max_depth = 2, .max_skip = 60,
};

/* Events as text: commands as [tag|args], +n for a sync literal, ~n for a streamed one, !error
 * with the tag, FATAL. Literals of 30 bytes or more are streamed, of 13 refused. */
static const struct { const char *in, *want; bool tiny; } cases[] = {
	{ "a NOOP\r\n", "[a|a NOOP]", 0 },
	{ "a NOOP\r\nb X\r\n", "[a|a NOOP][b|b X]", 0 },
	{ "\r\n", "[|]", 0 },
	{ "a  LOGIN  x \"y z\" \r\n", "[a|a LOGIN x \"y z\"]", 0 },
	{ "a L \"q\\\"\\\\\" \"\"\r\n", "[a|a L \"q\"\\\" \"\"]", 0 },
	{ "a L {3}\r\nx\r\n {2+}\r\nab\r\n", "+3[a|a L {x\r\n} {ab}]", 0 },
	{ "a L {0}\r\n\r\n", "+0[a|a L {}]", 0 },
	{ "a L ((b) (c d)) ()\r\n", "[a|a L ((b) (c d)) ()]", 0 },
	{ "a FETCH 1 (BODY[HEADER.FIELDS (To \"Cc\")]<0.9> UID)\r\n",
	  "[a|a FETCH 1 (BODY[HEADER.FIELDS (To \"Cc\")_]<0.9> UID)]", 0 },
	{ "a SEARCH (TEXT {2}\r\nhi SEEN)\r\n", "+2[a|a SEARCH (TEXT {hi} SEEN)]", 0 },
	{ "a APPEND x {30+}\r\n012345678901234567890123456789\r\n", "~30[a|a APPEND x ~30]", 0 },
	{ "a APPEND x {30}\r\n012345678901234567890123456789 (b)\r\n",
	  "+30~30[a|a APPEND x ~30 (b)]", 0 },
	{ "a L \"\xc3\xa9\"\r\n", "[a|a L \"\xc3\xa9\"]", 0 },
	/* wrong */
	{ "a L x\xc3\xa9 x\r\nb N\r\n", "!a 8bit data in atom;[b|b N]", 0 },
	{ "a N\nb N\r\n", "!a Line does not end with CR LF;[b|b N]", 0 },
	{ "a N\rb\r\nc N\r\n", "!a CR without LF;[c|c N]", 0 },
	{ "a (x\r\nb N\r\n", "!a Missing ')';[b|b N]", 0 },
	{ "a x)\r\nb N\r\n", "!a Unexpected ')';[b|b N]", 0 },
	{ "a \"x\r\nb N\r\n", "!a Missing '\"';[b|b N]", 0 },
	{ "a \"x\"y\r\n", "!a Missing space between arguments;", 0 },
	{ "a (x)(y)\r\n", "!a Missing space between arguments;", 0 },
	{ "a F(x)\r\n", "!a Invalid characters in atom;", 0 },
	{ "a\x01 N\r\n", "!* Invalid characters in atom;", 0 },
	{ "a \x01N\r\n", "!a Invalid character between arguments;", 0 },
	{ "+a N\r\n", "[|+a N]", 0 },
	{ " a N\r\n", "[|a N]", 0 },
	{ "(a) N\r\n", "[|(a) N]", 0 },
	{ "a L {x}\r\nb N\r\n", "!a Invalid literal size;[b|b N]", 0 },
	{ "a L {}\r\nb N\r\n", "!a Invalid literal size;[b|b N]", 0 },
	{ "a L {5-}\r\nb N\r\n", "!a Invalid literal size;[b|b N]", 0 },
	{ "a L {5} \r\nb N\r\n", "!a Invalid literal size;[b|b N]", 0 },
	/* a bad command whose literal is on its way, or waits */
	{ "a F{4+}\r\nb N\r\r\nc N\r\n", "!a Invalid characters in atom;[c|c N]", 0 },
	{ "a F{4}\r\nb N\r\n", "!a Invalid characters in atom;[b|b N]", 0 },
	{ "a ) {2+}\r\n\r\n {3+}\r\nabc x\r\nb N\r\n", "!a Unexpected ')';[b|b N]", 0 },
	{ "a L {13}\r\nb N\r\n", "!a No literal;[b|b N]", 0 },
	{ "a L {13+}\r\n0123456789012 x\r\nb N\r\n", "!a No literal;[b|b N]", 0 },
	{ "a L {13+}\r\n0123456789012 {2+}\r\nxy\r\nb N\r\n", "!a No literal;[b|b N]", 0 },
	/* limits */
	{ "a 0123456789012345678901234567890123456789 x\r\nb N\r\n",
	  "!a Too long command;[b|b N]", 1 },
	{ "a 2 3 4 5 6\r\na 2 3 4 5 6 7\r\nb N\r\n",
	  "[a|a 2 3 4 5 6]!a Too many arguments;[b|b N]", 1 },
	{ "a ((x))\r\na (((x)))\r\nb N\r\n", "[a|a ((x))]!a Too many '(';[b|b N]", 1 },
	{ "a                                              x\r\nb N\r\n",
	  "!a Too long command;[b|b N]", 1 },
	{ "a L 0123 {22+}\r\n0123456789012345678901\r\n",
	  "[a|a L 0123 {0123456789012345678901}]", 1 },
	{ "a L 0123 {24+}\r\n012345678901234567890123\r\n", "!a Too long command;", 1 },
	{ "a L 0123 {25+}\r\n0123456789012345678901234\r\nb N\r\n", "!a Too large;[b|b N]", 1 },
	{ "a 0123456789012345678901234567890 {5}\r\nb N\r\n", "!a Too large;[b|b N]", 1 },
	{ "a 01234567890123456789012345678901 {5+}\r\nb N\r\n\r\nc N\r\n",
	  "!a Too large;[c|c N]", 1 },
	{ "a 0123456789012345678901234567890123 {5+}\r\nb N\r\n\r\nc N\r\n",
	  "!a Too long command;[c|c N]", 1 },
	{ "a 01234567890123456789012345678901234 {5+}\r\nb N\r\n\r\nc N\r\n",
	  "!a Too long command;[c|c N]", 1 },
	{ "a ) 0123456789012345678901234567890123456789012345678901234567890123\r\n", "FATAL", 1 },
	{ "a ) {99+}\r\n", "FATAL", 1 },
	/* more than a number of IMAP can say */
	{ "a L {4294967296}\r\nb N\r\n", "!a Invalid literal size;[b|b N]", 0 },
	{ "a L {5+}\r\nhello {4294967296}\r\nb N\r\n", "!a Invalid literal size;[b|b N]", 0 },
	{ "a L {99999999999999999999999999+}\r\n", "FATAL", 0 },
};

static void show_args(struct imap_args args, struct buf *out)
{
	const struct imap_arg *arg, *first = args.p;

	while ((arg = imap_args_next(&args)) != NULL) {
		if (arg != first)
			buf_addc(out, arg->space ? ' ' : '_');
		switch (arg->type) {
		case IMAP_ARG_ATOM:
			buf_add(out, arg->text);
			break;
		case IMAP_ARG_QUOTED:
			buf_addf(out, "\"%.*s\"", SLICE_ARG(arg->text));
			break;
		case IMAP_ARG_LITERAL:
			buf_addf(out, "{%.*s}", SLICE_ARG(arg->text));
			assert_int_equal(arg->size, arg->text.n);
			break;
		case IMAP_ARG_STREAM:
			buf_addf(out, "~%d", (int)arg->size);
			break;
		case IMAP_ARG_LIST:
			buf_addc(out, '(');
			show_args(imap_arg_inside(arg), out);
			buf_addc(out, ')');
			break;
		}
	}
}

/* Returns the bytes of a streamed literal that follow. */
static uint64_t on_literal(struct imap_parser *p, struct buf *out)
{
	if (p->lit_size == 13) {
		imap_parser_refuse(p, "No literal");
		return 0;
	}
	if (p->lit_sync && p->lit_size < 40 && p->used <= 36)
		buf_addf(out, "+%d", (int)p->lit_size);
	if (p->lit_size >= 30) {
		buf_addf(out, "~%.*s", p->lit_size < 40 ? 2 : 0, "30");
		imap_parser_stream(p);
		return p->lit_size;
	}
	if (imap_parser_accept(p) != RC_OK)
		imap_parser_refuse(p, "Too large");
	return 0;
}

static void show_error(struct imap_parser *p, struct buf *out)
{
	struct slice tag = imap_parser_tag(p);

	buf_addf(out, "!%.*s %s;", SLICE_ARG(tag.n > 0 ? tag : SLICE_LIT("*")), p->error);
	imap_parser_next(p);
}

static void show_command(struct imap_parser *p, struct buf *out)
{
	buf_addf(out, "[%.*s|", SLICE_ARG(imap_parser_tag(p)));
	show_args(imap_parser_args(p), out);
	buf_addc(out, ']');
	imap_parser_next(p);
}

static void run(const char *text, bool is_tiny, size_t step, struct buf *out)
{
	struct imap_parser p;
	struct slice rest = slice_str(text);
	uint64_t streaming = 0;

	imap_parser_init(&p, is_tiny ? &tiny : &imap_limits_prelogin);
	while (rest.n > 0) {
		struct slice in = slice_sub(rest, 0, step), was = in;
		enum imap_event ev;

		if (streaming > 0) {
			in = slice_skip(in, streaming);
			streaming -= was.n - in.n;
			rest = slice_skip(rest, was.n - in.n);
			continue;
		}
		ev = imap_parser_feed(&p, &in);
		rest = slice_skip(rest, was.n - in.n);
		if (ev == IMAP_EV_MORE) {
			assert_int_equal(in.n, 0);
		} else if (ev == IMAP_EV_LITERAL) {
			streaming = on_literal(&p, out);
			/* The error of a literal that never comes is due without further input. */
			if (p.error != NULL && imap_parser_feed(&p, &(struct slice){ "", 0 }) ==
			    IMAP_EV_ERROR)
				show_error(&p, out);
		} else if (ev == IMAP_EV_COMMAND) {
			show_command(&p, out);
		} else if (ev == IMAP_EV_ERROR) {
			show_error(&p, out);
		} else {
			buf_adds(out, "FATAL");
			break;
		}
	}
	imap_parser_done(&p);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		for (size_t step = 1; step < 70; step += step < 8 ? 1 : 61) {
			struct buf out;

			buf_init(&out, 65536);
			run(cases[i].in, cases[i].tiny, step, &out);
			unit_slice_is(buf_slice(&out), cases[i].want, cases[i].in);
			buf_done(&out);
		}
	}
}

static void test_nul(void **state)
{
	static const struct { const char *in; size_t n; const char *error; } nuls[] = {
		{ "a L \0\r\n", 7, "Invalid character between arguments" },
		{ "a L\0 x\r\n", 8, "Invalid characters in atom" },
		{ "a \"\0\"\r\n", 7, "NUL in quoted string" },
		{ "a \"\\\0\"\r\n", 8, "Missing '\"'" },
		{ "a {2+}\r\nx\0 y\r\n", 14, "NUL in literal" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(nuls); i++) {
		struct imap_parser p;
		struct slice in = slice_make(nuls[i].in, nuls[i].n);
		enum imap_event ev;

		imap_parser_init(&p, &imap_limits_prelogin);
		while ((ev = imap_parser_feed(&p, &in)) == IMAP_EV_LITERAL)
			assert_int_equal(imap_parser_accept(&p), RC_OK);
		assert_int_equal(ev, IMAP_EV_ERROR);
		assert_string_equal(p.error, nuls[i].error);
		assert_int_equal(in.n, 0);
		unit_slice_is(imap_parser_tag(&p), "a", nuls[i].error);
		imap_parser_done(&p);
	}
}

static void test_lines(void **state)
{
	struct imap_parser p;
	struct slice in = SLICE_LIT("DONE\r\nb (N)\r\nbad\nc N\r\n");

	(void)state;
	imap_parser_init(&p, &imap_limits_prelogin);
	imap_parser_expect_line(&p);
	assert_int_equal(imap_parser_feed(&p, &in), IMAP_EV_LINE);
	unit_slice_is(imap_parser_line(&p), "DONE", "line");
	imap_parser_next(&p);
	assert_int_equal(imap_parser_feed(&p, &in), IMAP_EV_COMMAND);
	imap_parser_expect_line(&p);
	assert_int_equal(imap_parser_feed(&p, &in), IMAP_EV_ERROR);
	imap_parser_next(&p);
	unit_slice_is(in, "c N\r\n", "rest");
	imap_parser_done(&p);
}

/* A list that is still open when its literal comes holds what was read so far. */
static void test_args_at_literal(void **state)
{
	struct imap_parser p;
	struct slice in = SLICE_LIT("a APPEND box (\\Seen {3}\r\n");
	struct buf out;

	(void)state;
	imap_parser_init(&p, &imap_limits_prelogin);
	buf_init(&out, 1000);
	assert_int_equal(imap_parser_feed(&p, &in), IMAP_EV_LITERAL);
	show_args(imap_parser_args(&p), &out);
	unit_slice_is(buf_slice(&out), "a APPEND box (\\Seen)", "args");
	assert_true(p.lit_sync && p.lit_size == 3);
	buf_done(&out);
	imap_parser_done(&p);
}

static void test_tag_limit(void **state)
{
	struct imap_parser p;
	char text[200];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t n = IMAP_TAG_MAX; n <= IMAP_TAG_MAX + 1; n++) {
		struct slice in = slice_make(text, n), rest = SLICE_LIT(" N\r\n");

		imap_parser_init(&p, &imap_limits_prelogin);
		assert_int_equal(imap_parser_feed(&p, &in), IMAP_EV_MORE);
		assert_int_equal(imap_parser_feed(&p, &rest), IMAP_EV_COMMAND);
		assert_int_equal(imap_parser_tag(&p).n, n == IMAP_TAG_MAX ? n : 0);
		imap_parser_done(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_nul),
		cmocka_unit_test(test_lines), cmocka_unit_test(test_args_at_literal),
		cmocka_unit_test(test_tag_limit),
	};

	return cmocka_run_group_tests_name("imap parser", tests, NULL, NULL);
}
