/* tests/unit/imap/line.h - one command line cut by the real parser, for tests of what is above. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_IMAP_LINE_H
#define TESTS_UNIT_IMAP_LINE_H

#include "lib/imap/parser.h"
#include "tests/unit/unit.h"

struct line {
	struct imap_parser parser;
	struct imap_args args;
};

/* TEXT has no CRLF at its end; literals are in it with theirs. */
static inline void line_open(struct line *l, const char *text)
{
	struct slice in = slice_str(text), end = SLICE_LIT("\r\n");
	enum imap_event ev;

	imap_parser_init(&l->parser, &imap_limits_session);
	while ((ev = imap_parser_feed(&l->parser, &in)) == IMAP_EV_LITERAL)
		assert_int_equal(imap_parser_accept(&l->parser), RC_OK);
	assert_int_equal(ev, IMAP_EV_MORE);
	if (imap_parser_feed(&l->parser, &end) != IMAP_EV_COMMAND)
		fail_msg("not a command line: %s", text);
	l->args = imap_parser_args(&l->parser);
}

static inline void line_close(struct line *l)
{
	imap_parser_done(&l->parser);
}

#endif
