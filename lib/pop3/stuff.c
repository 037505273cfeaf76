/* SPDX-License-Identifier: ISC */
#include "lib/pop3/stuff.h"

void pop3_stuff_init(struct pop3_stuff *e, uint64_t body_lines)
{
	*e = (struct pop3_stuff){ .lines_left = body_lines };
}

static void put(struct pop3_stuff *e, struct buf *out, struct slice s)
{
	buf_add(out, s);
	e->bytes += s.n;
}

static void put_part(struct pop3_stuff *e, struct buf *out, struct slice part)
{
	if (part.n == 0)
		return;
	if (e->line_bytes == 0 && part.p[0] == '.')
		put(e, out, SLICE_LIT("."));
	put(e, out, part);
	e->line_bytes += part.n;
	e->after_cr = part.p[part.n - 1] == '\r';
}

/* Does the header end here, or TOP's last line? */
static void end_line(struct pop3_stuff *e, struct buf *out)
{
	bool empty = e->line_bytes == (e->after_cr ? 1 : 0);

	put(e, out, e->after_cr ? SLICE_LIT("\n") : SLICE_LIT("\r\n"));
	e->line_bytes = 0;
	e->after_cr = false;
	if (e->in_body)
		e->lines_left -= e->lines_left != POP3_ALL_LINES;
	else
		e->in_body = empty;
	e->cut = e->in_body && e->lines_left == 0;
}

enum rc pop3_stuff_feed(struct pop3_stuff *e, struct slice *in, struct buf *out)
{
	enum { EXTRA = 3 };	/* a dot before, CRLF after */

	while (in->n > 0 && !e->cut) {
		size_t room = buf_room(out);
		struct slice part = slice_sub(*in, 0, room > EXTRA ? room - EXTRA : 0);
		ptrdiff_t lf = slice_chr(part, '\n');

		if (part.n == 0)
			return RC_MORE;
		if (lf >= 0)
			part.n = (size_t)lf;
		put_part(e, out, part);
		*in = slice_skip(*in, part.n + (lf >= 0));
		if (lf >= 0)
			end_line(e, out);
	}
	*in = slice_skip(*in, in->n);
	return RC_OK;
}

void pop3_stuff_end(struct pop3_stuff *e, struct buf *out)
{
	if (e->line_bytes > 0)
		end_line(e, out);
	buf_adds(out, ".\r\n");
}
