/* cmd/mapmessage.c - a message as lookup keys: postmap -h, -b and -m. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/maptool.h"
#include "lib/mail/mime.h"
#include "lib/sys/log.h"

enum { MESSAGE_MAX = 256 << 20 };

/* What is done with each key. */
struct sink {
	const struct maptool *tool;
	void (*each)(void *ctx, struct slice key);
	void *ctx;
};

static void read_message(struct buf *text)
{
	size_t room, n;
	char *p;

	do {
		p = buf_reserve(text, 1 << 16, &room);
		if (room == 0)
			log_fatal("the message is larger than %d bytes", MESSAGE_MAX);
		n = fread(p, 1, room, stdin);
		buf_commit(text, n);
	} while (n > 0);
}

static struct slice without_line_end(struct slice s)
{
	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static void give_header(const struct sink *sink, struct slice block)
{
	struct header_field field;

	while (sink->tool->header_keys && header_next(&block, &field) == RC_OK)
		sink->each(sink->ctx, without_line_end(field.raw));
}

static void give_body(const struct sink *sink, struct slice block)
{
	struct slice line;

	while (sink->tool->body_keys && slice_line(&block, &line))
		sink->each(sink->ctx, line);
}

/* BLOCK without the blank line at its end: like Postfix that one counts as body. */
static size_t fields_length(struct slice block)
{
	size_t n = block.n;

	if (n == 0 || block.p[n - 1] != '\n')
		return n;
	n -= n > 1 && block.p[n - 2] == '\r' ? 2 : 1;
	return n == 0 || block.p[n - 1] == '\n' ? n : block.n;
}

/* Headers of all parts in the order of the message; what lies between is body. */
static void give_part(const struct sink *sink, const struct mime_part *part, struct slice text,
		      size_t *done)
{
	for (; part != NULL; part = part->next) {
		struct slice header = slice_sub(text, part->offset, part->header.bytes);

		give_body(sink, slice_sub(text, *done, part->offset - *done));
		give_header(sink, header);
		*done = part->offset + fields_length(header);
		give_part(sink, part->child, text, done);
	}
}

static void give_by_mime(const struct sink *sink, struct slice text)
{
	struct mime_parser *parser;
	struct mime_part *root;
	struct arena arena;
	size_t done = 0;

	arena_init(&arena, 256UL << 20);
	parser = mime_new(&arena);
	mime_feed(parser, text);
	root = mime_finish(parser);
	give_part(sink, root, text, &done);
	give_body(sink, slice_skip(text, done));
	mime_free(&parser);
	arena_done(&arena);
}

void maptool_message_keys(const struct maptool *tool,
			  void (*each)(void *ctx, struct slice key), void *ctx)
{
	struct sink sink = { .tool = tool, .each = each, .ctx = ctx };
	struct slice text;
	struct buf b;
	size_t header;

	buf_init(&b, MESSAGE_MAX);
	read_message(&b);
	text = buf_slice(&b);
	if (tool->by_mime) {
		give_by_mime(&sink, text);
	} else {
		header = fields_length(slice_sub(text, 0, header_length(text)));
		give_header(&sink, slice_sub(text, 0, header));
		give_body(&sink, slice_skip(text, header));
	}
	buf_done(&b);
}
