/* The tree of any message: the same however the input is cut; parts lie inside each other and in
 * order; sizes with CRLF are what conversion gives. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/mail/mime.h"
#include "lib/mail/mime_type.h"
#include "lib/mail/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static const struct mime_part *parse(struct slice in, size_t step, struct arena *a)
{
	struct mime_parser *m = mime_new(a);
	const struct mime_part *root;

	for (size_t at = 0; at < in.n; at += step)
		mime_feed(m, slice_sub(in, at, step));
	root = mime_finish(m);
	mime_free(&m);
	return root;
}

static void check_size(struct slice stored, const struct mime_size *s)
{
	struct wire w = { 0 };
	uint64_t lines = 0;

	check(s->bytes == stored.n);
	check(s->crlf_bytes == stored.n + wire_growth(&w, stored, &lines));
	check(s->lines == lines);
}

static void check_part(struct slice in, const struct mime_part *p)
{
	uint64_t at = mime_body_offset(p), end = at + p->body.bytes;
	uint32_t n = 0;

	check(end <= in.n);
	check_size(slice_sub(in, p->offset, p->header.bytes), &p->header);
	check_size(slice_sub(in, at, p->body.bytes), &p->body);
	for (const struct mime_part *c = p->child; c != NULL; c = c->next) {
		check(c->parent == p && c->number == ++n);
		check(c->offset >= at || c->body.bytes == 0);
		at = mime_body_offset(c) + c->body.bytes;
		check(at <= end || c->body.bytes == 0);
		check_part(in, c);
	}
	check(n == p->n_children);
	check(p->kind != MIME_MESSAGE || n == 1);
	check(p->kind == MIME_MESSAGE || p->kind == MIME_MULTIPART || n == 0);
}

static void check_same(const struct mime_part *a, const struct mime_part *b)
{
	check(a->offset == b->offset && a->kind == b->kind && a->n_children == b->n_children);
	check(memcmp(&a->header, &b->header, sizeof(a->header)) == 0);
	check(memcmp(&a->body, &b->body, sizeof(a->body)) == 0);
	for (enum mime_field f = 0; f < MIME_FIELDS; f++)
		check(slice_eq(mime_part_field(a, f), mime_part_field(b, f)));
	a = a->child;
	for (b = b->child; b != NULL; a = a->next, b = b->next)
		check_same(a, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);
	const struct mime_part *whole;
	struct mime_type type;
	struct arena a;

	arena_init(&a, 1 << 26);
	whole = parse(in, size + 1, &a);
	check_part(in, whole);
	check_same(whole, parse(in, 1, &a));
	check_same(whole, parse(in, size / 3 + 1, &a));
	if (mime_type_parse(in, &a, &type) == RC_OK)
		check(type.n_params <= MIME_PARAMS_MAX && type.subtype.n > 0);
	arena_done(&a);
	return 0;
}
