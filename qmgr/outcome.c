/* SPDX-License-Identifier: ISC */
#include "qmgr/outcome.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/mem.h"

/* What lib/ipc/bounce.def takes. */
enum { DSN_MAX = 12, TEXT_MAX = 1024, NAME_MAX_BYTES = 256, WORD_MAX = 16, ADDRESS_MAX_BYTES = 1024 };

static char *put(char *to, struct slice s, size_t max, struct slice *out)
{
	s = slice_sub(s, 0, max);
	*out = slice_make(to, s.n);
	for (size_t i = 0; i < s.n; i++)
		*to++ = char_is_cntrl(s.p[i]) ? '?' : s.p[i];
	return to;
}

struct outcome *outcome_new(const struct outcome *parts)
{
	size_t n = parts->dsn.n + parts->text.n + parts->remote_mta.n + parts->diag_type.n +
		   parts->action.n + parts->address.n;
	struct outcome *o = mem_new(1, sizeof(*o) + n);
	char *to = o->room;

	to = put(to, parts->dsn, DSN_MAX, &o->dsn);
	to = put(to, parts->text, TEXT_MAX, &o->text);
	to = put(to, parts->remote_mta, NAME_MAX_BYTES, &o->remote_mta);
	to = put(to, parts->diag_type, WORD_MAX, &o->diag_type);
	to = put(to, parts->action, WORD_MAX, &o->action);
	put(to, parts->address, ADDRESS_MAX_BYTES, &o->address);
	return o;
}

struct outcome *outcome_say(const char *dsn, const char *fmt, ...)
{
	char text[TEXT_MAX + 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return outcome_new(&(struct outcome){ .dsn = slice_str(dsn), .text = slice_str(text) });
}

struct outcome *outcome_dup(const struct outcome *o)
{
	return o != NULL ? outcome_new(o) : NULL;
}
