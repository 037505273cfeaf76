/* lib/imap/args.h - the arguments of one command, and a cursor to walk them.
 *
 * Pure, inline. Arguments lie in one array in the order they were read; a list is followed by
 * what is in it. Nothing is owned: an argument lives as long as its command in the parser. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_ARGS_H
#define LIB_IMAP_ARGS_H

#include "lib/base/slice.h"

enum imap_arg_type {
	IMAP_ARG_ATOM,		/* also flags, patterns, NIL, pieces like BODY[HEADER.FIELDS */
	IMAP_ARG_QUOTED,	/* text is without quotes and backslashes */
	IMAP_ARG_LITERAL,
	IMAP_ARG_STREAM,	/* a literal whose bytes the session took itself */
	IMAP_ARG_LIST
};

struct imap_arg {
	enum imap_arg_type type;
	bool space;		/* a space stood before it */
	uint32_t inside;	/* LIST: arguments in it, counting those in nested lists */
	size_t off;		/* the parser's own */
	struct slice text;	/* all but LIST and STREAM */
	uint64_t size;		/* LITERAL, STREAM */
};

struct imap_args {
	const struct imap_arg *p, *end;
};

static inline bool imap_args_is_empty(struct imap_args a) { return a.p == a.end; }

/* The next argument, or NULL at the end. peek leaves it there. */
static inline const struct imap_arg *imap_args_peek(struct imap_args a)
{
	return a.p < a.end ? a.p : NULL;
}

static inline const struct imap_arg *imap_args_next(struct imap_args *a)
{
	const struct imap_arg *arg = imap_args_peek(*a);

	if (arg != NULL)
		a->p += 1 + arg->inside;
	return arg;
}

static inline struct imap_args imap_arg_inside(const struct imap_arg *list)
{
	return (struct imap_args){ list + 1, list + 1 + list->inside };
}

/* The next argument if it is an atom / astring / string / list; false leaves *A untouched. */
static inline bool imap_args_atom(struct imap_args *a, struct slice *out)
{
	const struct imap_arg *arg = imap_args_peek(*a);

	if (arg == NULL || arg->type != IMAP_ARG_ATOM)
		return false;
	*out = imap_args_next(a)->text;
	return true;
}

static inline bool imap_args_string(struct imap_args *a, struct slice *out)
{
	const struct imap_arg *arg = imap_args_peek(*a);

	if (arg == NULL || (arg->type != IMAP_ARG_QUOTED && arg->type != IMAP_ARG_LITERAL))
		return false;
	*out = imap_args_next(a)->text;
	return true;
}

static inline bool imap_args_astring(struct imap_args *a, struct slice *out)
{
	return imap_args_atom(a, out) || imap_args_string(a, out);
}

static inline bool imap_args_list(struct imap_args *a, struct imap_args *out)
{
	const struct imap_arg *arg = imap_args_peek(*a);

	if (arg == NULL || arg->type != IMAP_ARG_LIST)
		return false;
	*out = imap_arg_inside(imap_args_next(a));
	return true;
}

static inline bool imap_arg_is_nil(const struct imap_arg *arg)
{
	return arg->type == IMAP_ARG_ATOM && slice_iis(arg->text, "NIL");
}

#endif
