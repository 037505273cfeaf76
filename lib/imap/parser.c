/* SPDX-License-Identifier: ISC */
#include "lib/imap/parser.h"

#include <stdlib.h>

#include "lib/base/mem.h"

/* Each state has one function in the table below. It uses up at least one byte or changes the
 * state, and returns IMAP_EV_MORE to go on. */
enum {
	ST_START,	/* before an argument: line start, after a space or '(' */
	ST_AFTER,	/* behind an argument: a space, ')' or line end must follow */
	ST_CLOSED,	/* behind the ')' of a list */
	ST_ATOM,
	ST_QUOTED,
	ST_ESCAPE,	/* behind a backslash in a quoted string */
	ST_SIZE,	/* behind '{' */
	ST_PLUS,	/* behind "{n+" */
	ST_BRACE,	/* behind '}' */
	ST_SIZE_LF,	/* behind "{n}" CR */
	ST_WAIT,	/* literal announced */
	ST_DATA,	/* in a literal that is kept */
	ST_LF,		/* behind the CR that ends the command */
	ST_LINE,	/* in a raw line */
	ST_LINE_LF,
	ST_SKIP,	/* reading over the line of a bad command */
	ST_SKIP_DATA,	/* reading over its literal */
	ST_FAILED,	/* ERROR is due now */
	ST_FATAL,
	ST_COUNT
};

const struct imap_limits imap_limits_prelogin = {
	.max_bytes = 16384, .max_args = 64, .max_depth = 4, .max_skip = 65536,
};
const struct imap_limits imap_limits_session = {
	.max_bytes = 65536, .max_args = 16384, .max_depth = 32, .max_skip = 64 << 20,
};

void imap_parser_init(struct imap_parser *p, const struct imap_limits *limits)
{
	*p = (struct imap_parser){ .limits = *limits, .state = ST_START };
	buf_init(&p->text, limits->max_bytes);
}

void imap_parser_done(struct imap_parser *p)
{
	buf_wipe(&p->text);
	buf_done(&p->text);
	free(p->args);
	free(p->open);
	p->args = NULL;
	p->open = NULL;
	p->n_args = p->size_args = p->depth = 0;
}

void imap_parser_next(struct imap_parser *p)
{
	if (p->state == ST_FATAL)
		return;
	mem_wipe(p->text.mem, p->text.end);
	buf_reset(&p->text);
	p->n_args = p->depth = 0;
	p->state = ST_START;
	p->space = p->line_wanted = false;
	p->used = p->skipped = p->lit_left = 0;
	p->error = NULL;
}

void imap_parser_expect_line(struct imap_parser *p)
{
	imap_parser_next(p);
	if (p->state != ST_FATAL)
		p->state = ST_LINE;
	p->line_wanted = true;
}

/* The command is bad from here on. A literal's header that is being read is remembered, for what
 * it announces must be read over as well. */
static enum imap_event fail(struct imap_parser *p, const char *error)
{
	static const int braces[ST_COUNT] = {
		[ST_PLUS] = 3, [ST_BRACE] = 4, [ST_SIZE_LF] = 5,
	};

	if (p->error == NULL)
		p->error = error;
	p->brace = p->state == ST_SIZE ? (p->lit_digits ? 2 : 1) : braces[p->state];
	p->state = ST_SKIP;
	return IMAP_EV_MORE;
}

/* Use up N bytes of *IN; false, and the command failed, when it has grown too long. */
static bool take(struct imap_parser *p, struct slice *in, size_t n)
{
	*in = slice_skip(*in, n);
	p->used += n;
	if (p->used <= p->limits.max_bytes)
		return true;
	(void)fail(p, "Too long command");
	return false;
}

static struct imap_arg *push_arg(struct imap_parser *p, enum imap_arg_type type)
{
	struct imap_arg *arg;

	if (p->n_args >= p->limits.max_args) {
		(void)fail(p, "Too many arguments");
		return NULL;
	}
	if (p->n_args == p->size_args) {
		p->size_args = p->size_args == 0 ? 16 : p->size_args * 2;
		p->args = mem_grow(p->args, p->size_args, sizeof(*p->args));
	}
	arg = &p->args[p->n_args++];
	*arg = (struct imap_arg){ .type = type, .space = p->space, .off = buf_len(&p->text) };
	p->space = false;
	return arg;
}

static void add_text(struct imap_parser *p, struct slice s)
{
	buf_add(&p->text, s);
	p->args[p->n_args - 1].text.n += s.n;
}

/* Take the bytes that satisfy IS off *IN as token text, but none beyond the limit. True when
 * something else comes next; a byte too many makes the command fail. */
static bool take_run(struct imap_parser *p, struct slice *in, bool (*is)(char),
		     void (*add)(struct imap_parser *, struct slice))
{
	struct slice rest = *in, run = slice_take_while(&rest, is);
	uint64_t room = p->limits.max_bytes > p->used ? p->limits.max_bytes - p->used : 0;

	run = slice_sub(run, 0, (size_t)room);
	add(p, run);
	(void)take(p, in, run.n);
	if (in->n == 0)
		return false;
	return !is(in->p[0]) || take(p, in, 1);
}

static enum imap_event open_list(struct imap_parser *p)
{
	if (p->depth >= p->limits.max_depth)
		return fail(p, "Too many '('");
	if (push_arg(p, IMAP_ARG_LIST) == NULL)
		return IMAP_EV_MORE;
	if (p->open == NULL)
		p->open = mem_new(p->limits.max_depth, sizeof(*p->open));
	p->open[p->depth++] = p->n_args - 1;
	return IMAP_EV_MORE;
}

static enum imap_event close_list(struct imap_parser *p)
{
	uint32_t list;

	if (p->depth == 0)
		return fail(p, "Unexpected ')'");
	list = p->open[--p->depth];
	p->args[list].inside = p->n_args - list - 1;
	p->state = ST_CLOSED;
	return IMAP_EV_MORE;
}

static bool is_atom_char(char c)
{
	return char_is_print(c) && c != ' ' && c != '(' && c != ')' && c != '{' && c != '"';
}

/* The meaning of a byte between arguments; the byte has been used up. */
static enum imap_event between(struct imap_parser *p, char c)
{
	switch (c) {
	case ' ':
		p->space = true;
		p->state = ST_START;
		return IMAP_EV_MORE;
	case ')':
		return close_list(p);
	case '\r':
		p->state = ST_LF;
		return IMAP_EV_MORE;
	case '\n':
		(void)fail(p, "Line does not end with CR LF");
		p->state = ST_FAILED;
		return IMAP_EV_MORE;
	default:
		return fail(p, "Invalid character between arguments");
	}
}

static enum imap_event on_start(struct imap_parser *p, struct slice *in)
{
	char c = in->p[0];

	if (is_atom_char(c)) {
		if (push_arg(p, IMAP_ARG_ATOM) != NULL)
			p->state = ST_ATOM;
		return IMAP_EV_MORE;
	}
	if (c == '{') {
		p->lit_size = 0;
		p->lit_digits = false;
		p->state = ST_SIZE;
	}
	if (!take(p, in, 1))
		return IMAP_EV_MORE;
	switch (c) {
	case '{':
		return IMAP_EV_MORE;
	case '(':
		return open_list(p);
	case '"':
		if (push_arg(p, IMAP_ARG_QUOTED) != NULL)
			p->state = ST_QUOTED;
		return IMAP_EV_MORE;
	default:
		return between(p, c);
	}
}

static enum imap_event on_after(struct imap_parser *p, struct slice *in)
{
	char c = in->p[0];

	if (c != ' ' && c != ')' && c != '\r' && c != '\n')
		return fail(p, "Missing space between arguments");
	return take(p, in, 1) ? between(p, c) : IMAP_EV_MORE;
}

/* BODY[HEADER.FIELDS (To)]<0.9>: the section ends right behind its list. */
static enum imap_event on_closed(struct imap_parser *p, struct slice *in)
{
	if (in->p[0] != ']')
		p->state = ST_AFTER;
	else if (push_arg(p, IMAP_ARG_ATOM) != NULL)
		p->state = ST_ATOM;
	return IMAP_EV_MORE;
}

static enum imap_event on_atom(struct imap_parser *p, struct slice *in)
{
	char c;

	if (!take_run(p, in, is_atom_char, add_text))
		return IMAP_EV_MORE;
	c = in->p[0];
	if (c != ' ' && c != ')' && c != '\r' && c != '\n')
		return fail(p, char_is_8bit(c) ? "8bit data in atom" :
			    "Invalid characters in atom");
	p->state = ST_AFTER;
	return IMAP_EV_MORE;
}

static bool is_plain_quoted(char c)
{
	return c != '"' && c != '\\' && c != '\0' && c != '\r' && c != '\n';
}

static enum imap_event on_quoted(struct imap_parser *p, struct slice *in)
{
	if (!take_run(p, in, is_plain_quoted, add_text))
		return IMAP_EV_MORE;
	if (in->p[0] != '"' && in->p[0] != '\\')
		return fail(p, in->p[0] == '\0' ? "NUL in quoted string" : "Missing '\"'");
	p->state = in->p[0] == '"' ? ST_AFTER : ST_ESCAPE;
	(void)take(p, in, 1);
	return IMAP_EV_MORE;
}

static enum imap_event on_escape(struct imap_parser *p, struct slice *in)
{
	struct slice c = slice_sub(*in, 0, 1);

	if (c.p[0] == '\0' || c.p[0] == '\r' || c.p[0] == '\n')
		return fail(p, "Missing '\"'");
	p->state = ST_QUOTED;
	if (take(p, in, 1))
		add_text(p, c);
	return IMAP_EV_MORE;
}

/* One more digit of a literal's size; absurd ones stay absurd instead of wrapping around. */
static void add_digit(uint64_t *n, char c)
{
	if (*n < (UINT64_C(1) << 56))
		*n = *n * 10 + (uint64_t)(c - '0');
}

static enum imap_event on_size(struct imap_parser *p, struct slice *in)
{
	char c = in->p[0];

	if (char_is_digit(c)) {
		p->lit_digits = true;
		add_digit(&p->lit_size, c);
	} else if (p->lit_digits && (c == '+' || c == '}')) {
		p->lit_sync = c == '}';
		if (p->lit_size > UINT32_MAX)	/* no number of IMAP (RFC 3501, 9) */
			return fail(p, "Invalid literal size");
		p->state = c == '}' ? ST_BRACE : ST_PLUS;
	} else {
		return fail(p, "Invalid literal size");
	}
	(void)take(p, in, 1);
	return IMAP_EV_MORE;
}

/* "}" behind "{n+", CR behind "}", LF behind CR: one certain byte and a state after it. */
static enum imap_event on_literal_end(struct imap_parser *p, struct slice *in)
{
	static const struct { char c; int next; } want[ST_COUNT] = {
		[ST_PLUS] = { '}', ST_BRACE }, [ST_BRACE] = { '\r', ST_SIZE_LF },
		[ST_SIZE_LF] = { '\n', ST_WAIT },
	};

	if (in->p[0] != want[p->state].c)
		return fail(p, "Invalid literal size");
	p->state = want[p->state].next;
	if (p->state != ST_WAIT) {
		(void)take(p, in, 1);
		return IMAP_EV_MORE;
	}
	*in = slice_skip(*in, 1);
	p->used++;
	return IMAP_EV_LITERAL;
}

static enum imap_event on_wait(struct imap_parser *p, struct slice *in)
{
	(void)p;
	(void)in;
	return IMAP_EV_LITERAL;
}

enum rc imap_parser_accept(struct imap_parser *p)
{
	struct imap_arg *arg;

	if (p->used > p->limits.max_bytes || p->lit_size > p->limits.max_bytes - p->used)
		return RC_LIMIT;
	arg = push_arg(p, IMAP_ARG_LITERAL);
	if (arg == NULL)
		return RC_LIMIT;
	arg->size = p->lit_left = p->lit_size;
	p->state = p->lit_size > 0 ? ST_DATA : ST_AFTER;
	return RC_OK;
}

void imap_parser_stream(struct imap_parser *p)
{
	struct imap_arg *arg = push_arg(p, IMAP_ARG_STREAM);

	if (arg == NULL)	/* too many arguments: the caller takes the bytes all the same */
		return;
	arg->size = p->lit_size;
	p->state = ST_AFTER;
}

static void skip_literal(struct imap_parser *p)
{
	p->lit_left = p->lit_size;
	p->state = p->lit_left > p->limits.max_skip - p->skipped ? ST_FATAL : ST_SKIP_DATA;
}

void imap_parser_refuse(struct imap_parser *p, const char *reason)
{
	(void)fail(p, reason);
	if (p->lit_sync)
		p->state = ST_FAILED;
	else
		skip_literal(p);
}

static enum imap_event on_data(struct imap_parser *p, struct slice *in)
{
	struct slice part = slice_sub(*in, 0, p->lit_left);
	ptrdiff_t nul = slice_chr(part, '\0');

	if (nul >= 0)
		part.n = (size_t)nul;
	add_text(p, part);
	p->lit_left -= part.n;
	if (p->lit_left == 0)
		p->state = ST_AFTER;
	(void)take(p, in, part.n);
	if (nul >= 0) {
		(void)fail(p, "NUL in literal");
		p->state = ST_SKIP_DATA;
	}
	return IMAP_EV_MORE;
}

static enum imap_event on_lf(struct imap_parser *p, struct slice *in)
{
	if (in->p[0] != '\n')
		return fail(p, "CR without LF");
	if (p->depth > 0) {
		(void)fail(p, "Missing ')'");
		p->state = ST_FAILED;
	}
	*in = slice_skip(*in, 1);
	p->used++;
	return p->error == NULL ? IMAP_EV_COMMAND : IMAP_EV_MORE;
}

static bool is_line_char(char c)
{
	return c != '\0' && c != '\r' && c != '\n';
}

static void add_line(struct imap_parser *p, struct slice s)
{
	buf_add(&p->text, s);
}

static enum imap_event on_line(struct imap_parser *p, struct slice *in)
{
	if (!take_run(p, in, is_line_char, add_line))
		return IMAP_EV_MORE;
	if (in->p[0] != '\r')
		return fail(p, "Invalid characters in line");
	p->state = ST_LINE_LF;
	(void)take(p, in, 1);
	return IMAP_EV_MORE;
}

static enum imap_event on_line_lf(struct imap_parser *p, struct slice *in)
{
	if (in->p[0] != '\n')
		return fail(p, "CR without LF");
	*in = slice_skip(*in, 1);
	p->used++;
	return IMAP_EV_LINE;
}

/* Recognise "{123+}" at the end of a line that is read over. brace: 1 behind '{', 2 behind a
 * digit, 3 behind '+', 4 behind '}', 5 behind '}' CR. */
static void skip_brace(struct imap_parser *p, char c)
{
	if (c == '{') {
		p->brace = 1;
		p->lit_size = 0;
		p->lit_sync = true;
	} else if (char_is_digit(c) && (p->brace == 1 || p->brace == 2)) {
		add_digit(&p->lit_size, c);
		p->brace = 2;
	} else if (c == '+' && p->brace == 2) {
		p->brace = 3;
		p->lit_sync = false;
	} else if (c == '}' && (p->brace == 2 || p->brace == 3)) {
		p->brace = 4;
	} else if (c == '\r' && p->brace == 4) {
		p->brace = 5;
	} else {
		p->brace = 0;
	}
}

static enum imap_event on_skip(struct imap_parser *p, struct slice *in)
{
	while (in->n > 0) {
		char c = in->p[0];

		if (p->skipped >= p->limits.max_skip) {
			p->state = ST_FATAL;
			return IMAP_EV_MORE;
		}
		*in = slice_skip(*in, 1);
		p->skipped++;
		if (c != '\n') {
			skip_brace(p, c);
			continue;
		}
		/* The peer of a bad command waits for "+" before it sends a synchronizing
		 * literal, so the command is over; another kind is on its way already. */
		if (p->brace == 5 && !p->lit_sync && !p->line_wanted)
			skip_literal(p);
		else
			p->state = ST_FAILED;
		return IMAP_EV_MORE;
	}
	return IMAP_EV_MORE;
}

static enum imap_event on_skip_data(struct imap_parser *p, struct slice *in)
{
	size_t n = slice_sub(*in, 0, p->lit_left).n;

	*in = slice_skip(*in, n);
	p->skipped += n;
	p->lit_left -= n;
	if (p->lit_left == 0) {
		p->brace = 0;
		p->state = ST_SKIP;
	}
	return IMAP_EV_MORE;
}

static enum imap_event on_failed(struct imap_parser *p, struct slice *in)
{
	(void)p;
	(void)in;
	return IMAP_EV_ERROR;
}

static enum imap_event on_fatal(struct imap_parser *p, struct slice *in)
{
	(void)p;
	(void)in;
	return IMAP_EV_FATAL;
}

enum imap_event imap_parser_feed(struct imap_parser *p, struct slice *in)
{
	static enum imap_event (*const steps[ST_COUNT])(struct imap_parser *, struct slice *) = {
		[ST_START] = on_start, [ST_AFTER] = on_after, [ST_CLOSED] = on_closed,
		[ST_ATOM] = on_atom, [ST_QUOTED] = on_quoted, [ST_ESCAPE] = on_escape,
		[ST_SIZE] = on_size,
		[ST_PLUS] = on_literal_end, [ST_BRACE] = on_literal_end,
		[ST_SIZE_LF] = on_literal_end, [ST_WAIT] = on_wait, [ST_DATA] = on_data,
		[ST_LF] = on_lf, [ST_LINE] = on_line, [ST_LINE_LF] = on_line_lf,
		[ST_SKIP] = on_skip, [ST_SKIP_DATA] = on_skip_data, [ST_FAILED] = on_failed,
		[ST_FATAL] = on_fatal,
	};
	enum imap_event ev = IMAP_EV_MORE;

	while (ev == IMAP_EV_MORE) {
		if (in->n == 0 && p->state != ST_WAIT && p->state < ST_FAILED)
			return IMAP_EV_MORE;
		ev = steps[p->state](p, in);
	}
	return ev;
}

struct imap_args imap_parser_args(struct imap_parser *p)
{
	struct slice text = buf_slice(&p->text);

	if (p->n_args == 0)
		return (struct imap_args){ NULL, NULL };
	for (uint32_t i = 0; i < p->n_args; i++)
		p->args[i].text.p = text.p != NULL ? text.p + p->args[i].off : "";
	for (uint32_t i = 0; i < p->depth; i++)
		p->args[p->open[i]].inside = p->n_args - p->open[i] - 1;
	return (struct imap_args){ p->args, p->args + p->n_args };
}

static bool is_tag_char(char c)
{
	return is_atom_char(c) && c != '+' && c != '%' && c != '*' && c != '\\';
}

struct slice imap_parser_tag(struct imap_parser *p)
{
	struct imap_args args = imap_parser_args(p);
	const struct imap_arg *first = imap_args_peek(args);
	struct slice rest;

	/* An error in the middle of the first argument has cut it short. */
	if (first == NULL || (p->n_args == 1 && !p->space && p->error != NULL))
		return (struct slice){ NULL, 0 };
	if (first->type != IMAP_ARG_ATOM || first->space || first->text.n > IMAP_TAG_MAX)
		return (struct slice){ NULL, 0 };
	rest = first->text;
	(void)slice_take_while(&rest, is_tag_char);
	return rest.n == 0 ? first->text : (struct slice){ NULL, 0 };
}
