/* SPDX-License-Identifier: ISC */
#include "auth/expand.h"

#include "lib/base/num.h"

/* How much of a value is wanted, and in which case. */
struct view {
	int64_t offset;
	uint64_t width;		/* 0: all */
	char fold;		/* 'L', 'U' or 0 */
};

static struct slice local_part(struct slice user)
{
	ptrdiff_t at = slice_chr(user, '@');

	return at < 0 ? user : slice_sub(user, 0, (size_t)at);
}

static struct slice domain_part(struct slice user)
{
	ptrdiff_t at = slice_chr(user, '@');

	return at < 0 ? SLICE_LIT("") : slice_skip(user, (size_t)at + 1);
}

static const struct {
	const char *name;
	char letter;
} names[] = {
	{ "user", 'u' }, { "username", 'n' }, { "domain", 'd' }, { "home", 'h' },
	{ "service", 's' }, { "rip", 'r' }, { "lip", 'l' }, { "uid", 'i' }, { "gid", 'g' },
};

/* False: no such variable. */
static bool value_of(char letter, const struct expand_vars *vars, struct slice *out)
{
	switch (letter) {
	case 'u': *out = vars->user; return true;
	case 'n': *out = local_part(vars->user); return true;
	case 'd': *out = domain_part(vars->user); return true;
	case 'h': *out = vars->home; return true;
	case 's': *out = vars->service; return true;
	case 'r': *out = vars->remote_addr; return true;
	case 'l': *out = vars->local_addr; return true;
	case 'i': *out = vars->uid; return true;
	case 'g': *out = vars->gid; return true;
	default: return false;
	}
}

/* Cut one [-]DIGITS off *REST. */
static struct slice take_number(struct slice *rest)
{
	struct slice all = *rest;

	if (rest->n > 0 && rest->p[0] == '-')
		*rest = slice_skip(*rest, 1);
	(void)slice_take_while(rest, char_is_digit);
	return slice_sub(all, 0, all.n - rest->n);
}

static bool take_view(struct slice *rest, struct view *out)
{
	struct slice number = take_number(rest);

	*out = (struct view){ 0 };
	if (rest->n > 0 && rest->p[0] == '.') {
		if (num_i64(number, -1000, 1000, &out->offset) != RC_OK)
			return false;
		*rest = slice_skip(*rest, 1);
		number = take_number(rest);
	}
	if (number.n > 0 && (num_u64(number, 1000, &out->width) != RC_OK || out->width == 0))
		return false;
	if (rest->n > 0 && (rest->p[0] == 'L' || rest->p[0] == 'U')) {
		out->fold = rest->p[0];
		*rest = slice_skip(*rest, 1);
	}
	return true;
}

static bool take_letter(struct slice *rest, char *out)
{
	ptrdiff_t end;
	struct slice name;

	if (rest->n == 0)
		return false;
	*out = rest->p[0];
	if (*out != '{') {
		*rest = slice_skip(*rest, 1);
		return true;
	}
	end = slice_chr(*rest, '}');
	if (end < 0)
		return false;
	name = slice_sub(*rest, 1, (size_t)end - 1);
	*rest = slice_skip(*rest, (size_t)end + 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (slice_is(name, names[i].name)) {
			*out = names[i].letter;
			return true;
		}
	}
	return false;
}

static void put(struct slice value, struct view view, struct buf *out)
{
	size_t from = 0;

	if (view.offset >= 0)
		from = (size_t)view.offset;
	else if ((size_t)-view.offset < value.n)
		from = value.n - (size_t)-view.offset;
	value = slice_skip(value, from);
	if (view.width > 0)
		value = slice_sub(value, 0, view.width);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		buf_addc(out, view.fold == 'L' ? char_lower(c)
			      : view.fold == 'U' ? char_upper(c) : c);
	}
}

enum rc expand(struct slice text, const struct expand_vars *vars, struct buf *out, struct err *err)
{
	struct slice rest = text;

	while (rest.n > 0) {
		struct slice value, at = rest;
		struct view view;
		char letter;

		if (rest.p[0] != '%') {
			buf_addc(out, rest.p[0]);
			rest = slice_skip(rest, 1);
			continue;
		}
		rest = slice_skip(rest, 1);
		if (rest.n > 0 && rest.p[0] == '%') {
			buf_addc(out, '%');
			rest = slice_skip(rest, 1);
			continue;
		}
		if (!take_view(&rest, &view) || !take_letter(&rest, &letter) ||
		    !value_of(letter, vars, &value))
			return err_set(err, RC_SYNTAX, "unknown variable at \"%.*s\"",
				       SLICE_ARG(slice_sub(at, 0, 20)));
		if (value.p == NULL)
			return err_set(err, RC_END, "%%%c has no value here", letter);
		put(value, view, out);
	}
	return buf_finish(out) == RC_OK ? RC_OK : err_set(err, RC_LIMIT, "expansion is too long");
}
