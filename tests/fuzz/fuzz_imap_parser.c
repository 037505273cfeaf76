/* SPDX-License-Identifier: ISC */
/* Any bytes, cut in any way, give the same events; arguments nest properly and lie in the limits. */
#include <assert.h>
#include <stdint.h>

#include "lib/imap/parser.h"

/* Small, so that short inputs reach them. */
static const struct imap_limits limits = {
	.max_bytes = 120, .max_args = 24, .max_depth = 4, .max_skip = 150,
};

/* After an error the last literal may be cut short. */
static void show(struct imap_args args, bool is_whole, unsigned depth, struct buf *out)
{
	const struct imap_arg *arg;

	assert(depth <= limits.max_depth);
	while ((arg = imap_args_next(&args)) != NULL) {
		assert(args.p <= args.end);
		buf_addf(out, " %d:%d:", (int)arg->type, (int)arg->space);
		buf_add(out, arg->text);
		if (arg->type == IMAP_ARG_LIST)
			show(imap_arg_inside(arg), is_whole, depth + 1, out);
		else
			assert(arg->inside == 0);
		if (arg->type == IMAP_ARG_LITERAL && is_whole)
			assert(arg->text.n == arg->size);
		assert(!slice_has_nul(arg->text));
	}
}

static void on_literal(struct imap_parser *p, uint64_t *streaming)
{
	if (p->lit_size % 7 == 6) {
		imap_parser_stream(p);
		*streaming = p->lit_size;
	} else if (p->lit_size % 7 == 5 || imap_parser_accept(p) != RC_OK) {
		imap_parser_refuse(p, "refused");
	}
}

static void on_event(struct imap_parser *p, enum imap_event ev, uint64_t *streaming,
		     struct buf *out)
{
	buf_addf(out, "\n%d", (int)ev);
	if (ev == IMAP_EV_LITERAL) {
		on_literal(p, streaming);
		return;
	}
	show(imap_parser_args(p), ev == IMAP_EV_COMMAND, 0, out);
	buf_add(out, imap_parser_tag(p));
	if (ev == IMAP_EV_LINE)
		buf_add(out, imap_parser_line(p));
	if (p->error != NULL)
		buf_adds(out, p->error);
	if (p->n_args % 5 == 4)
		imap_parser_expect_line(p);
	else
		imap_parser_next(p);
}

static void run(struct slice rest, size_t step, struct buf *out)
{
	struct imap_parser p;
	uint64_t streaming = 0;
	enum imap_event ev = IMAP_EV_MORE;

	imap_parser_init(&p, &limits);
	while (ev != IMAP_EV_FATAL) {
		struct slice in = slice_sub(rest, 0, step);
		size_t had = in.n;

		if (streaming > 0) {
			in = slice_skip(in, streaming);
			streaming -= had - in.n;
		} else {
			ev = imap_parser_feed(&p, &in);
			if (ev == IMAP_EV_MORE)
				assert(in.n == 0);
			else
				on_event(&p, ev, &streaming, out);
		}
		rest = slice_skip(rest, had - in.n);
		if (rest.n == 0 && (had == 0 || ev == IMAP_EV_MORE))
			break;
	}
	imap_parser_done(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, bytes;

	buf_init(&whole, 1 << 26);
	buf_init(&bytes, 1 << 26);
	run(slice_make(data, size), size + 1, &whole);
	run(slice_make(data, size), 1, &bytes);
	assert(slice_eq(buf_slice(&whole), buf_slice(&bytes)));
	buf_done(&whole);
	buf_done(&bytes);
	return 0;
}
