/* lib/imap/parser.h - cut a byte stream into IMAP commands of atoms, strings, literals and lists.
 *
 * Pure: no I/O. Resumable: bytes come in pieces of any size and the same events come out. Bounded:
 * bytes, arguments and depth of one command have limits, smaller ones before login; NUL, bare CR
 * and bare LF are refused. The parser owns the text of the command it is reading; arguments are
 * valid until imap_parser_next(). Input is consumed exactly to the end of the event, so what
 * follows a command stays with the caller. ManageSieve commands are read by it as well. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_PARSER_H
#define LIB_IMAP_PARSER_H

#include "lib/base/buf.h"
#include "lib/imap/args.h"

enum { IMAP_TAG_MAX = 128 };

struct imap_limits {
	uint32_t max_bytes;	/* of one command, with the literals that are kept in memory */
	uint32_t max_args;	/* of one command; lists and all that is in them count */
	uint32_t max_depth;	/* of lists in lists */
	uint64_t max_skip;	/* bytes of a refused command that are read over before giving up */
};

extern const struct imap_limits imap_limits_prelogin, imap_limits_session;

enum imap_event {
	IMAP_EV_MORE,		/* the input is used up, nothing is complete */
	IMAP_EV_LITERAL,	/* a literal is announced; call accept, stream or refuse */
	IMAP_EV_COMMAND,	/* args is complete */
	IMAP_EV_LINE,		/* the line asked for by imap_parser_expect_line() is in text */
	IMAP_EV_ERROR,		/* the command was wrong and has been read over; error says why */
	IMAP_EV_FATAL		/* too much to read over; close the connection after a BYE */
};

struct imap_parser {
	struct imap_limits limits;
	struct buf text;		/* all token bytes of this command, in a row */
	struct imap_arg *args;
	uint32_t n_args, size_args;
	uint32_t *open;			/* indexes of the lists not yet closed */
	uint32_t depth;
	int state;
	bool space;			/* a space came before the next token */
	bool line_wanted;		/* imap_parser_expect_line() */
	bool lit_sync;			/* the announced literal waits for "+" */
	bool lit_digits;
	uint64_t lit_size, lit_left;
	uint64_t used, skipped;		/* bytes of this command, and of them after its error */
	int brace;			/* how far "{123+}" was recognised while skipping */
	const char *error;		/* static text; NULL while nothing is wrong */
};

void imap_parser_init(struct imap_parser *p, const struct imap_limits *limits);
void imap_parser_done(struct imap_parser *p);	/* wipes: passwords pass through */

/* Forget the command just delivered and make ready for the next. Call after COMMAND, LINE and
 * ERROR, before the next feed. */
void imap_parser_next(struct imap_parser *p);

/* The next unit is one raw line up to CRLF (SASL response, DONE), not a command. Only between
 * commands. */
void imap_parser_expect_line(struct imap_parser *p);

/* Take bytes off *IN until something is to be told. After IMAP_EV_MORE *IN is empty. */
enum imap_event imap_parser_feed(struct imap_parser *p, struct slice *in);

/* What was read so far: the whole after COMMAND, the arguments before the literal after LITERAL
 * (lists not closed yet hold all that follows them). */
struct imap_args imap_parser_args(struct imap_parser *p);

/* The tag, when the first argument is there and is a valid one; else empty. */
struct slice imap_parser_tag(struct imap_parser *p);

/* The raw line after IMAP_EV_LINE. */
static inline struct slice imap_parser_line(const struct imap_parser *p)
{
	return buf_slice(&p->text);
}

/* Answers to IMAP_EV_LITERAL. A literal with lit_sync waits for the caller's "+ " line after
 * accept and stream.
 * accept: its bytes are kept in memory; RC_LIMIT when they pass max_bytes (then refuse it).
 * stream: the caller takes the next lit_size bytes of the input itself; the argument has type
 *         IMAP_ARG_STREAM, and its size. Parsing goes on behind them.
 * refuse: REASON becomes the error; a literal that is already on its way is read over, a
 *         synchronizing one never comes and the command ends here. */
enum rc imap_parser_accept(struct imap_parser *p);
void imap_parser_stream(struct imap_parser *p);
void imap_parser_refuse(struct imap_parser *p, const char *reason);

#endif
