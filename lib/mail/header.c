/* SPDX-License-Identifier: ISC */
#include "lib/mail/header.h"

/* Length of the field name when LINE starts a field ("Name:" or "Name :"), else 0. */
static size_t name_length(struct slice line)
{
	size_t name, i = 0;

	while (i < line.n && line.p[i] != ':' && (unsigned char)line.p[i] > ' ' &&
	       line.p[i] != 0x7f)
		i++;
	name = i;
	while (i < line.n && char_is_blank(line.p[i]))
		i++;
	return name > 0 && i < line.n && line.p[i] == ':' ? name : 0;
}

static void field_split(struct slice raw, bool is_cut, struct header_field *out)
{
	size_t n = name_length(raw);
	struct slice rest = slice_skip(raw, n);

	if (n > 0)
		rest = slice_skip(rest, (size_t)(slice_chr(rest, ':') + 1));

	*out = (struct header_field){
		.raw = raw,
		.name = slice_sub(raw, 0, n),
		.value = slice_trim_space(rest),
		.is_cut = is_cut,
	};
}

/* Bytes of the first line of S with its ending; all of S without one. */
static size_t line_length(struct slice s)
{
	const char *lf = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;

	return lf != NULL ? (size_t)(lf - s.p) + 1 : s.n;
}

static bool is_blank_line(struct slice line)
{
	return slice_is(line, "\n") || slice_is(line, "\r\n");
}

static enum rc next_field(struct slice *block, bool is_kept, struct header_field *out)
{
	size_t n = line_length(*block);
	struct slice line = slice_sub(*block, 0, n);

	if (is_blank_line(line))
		*block = slice_skip(*block, n);
	if (line.n == 0 || is_blank_line(line) || (!is_kept && name_length(line) == 0))
		return RC_END;
	while (n < block->n && char_is_blank(block->p[n]))
		n += line_length(slice_skip(*block, n));
	field_split(slice_sub(*block, 0, n), false, out);
	*block = slice_skip(*block, n);
	return RC_OK;
}

enum rc header_next(struct slice *block, struct header_field *out)
{
	return next_field(block, false, out);
}

enum rc header_kept_next(struct slice *block, struct header_field *out)
{
	return next_field(block, true, out);
}

static size_t length(struct slice message, bool is_kept)
{
	struct slice rest = message;
	struct header_field f;

	while (next_field(&rest, is_kept, &f) == RC_OK)
		;
	return message.n - rest.n;
}

size_t header_length(struct slice message)
{
	return length(message, false);
}

size_t header_kept_length(struct slice message)
{
	return length(message, true);
}

static enum rc find(struct slice block, struct slice name, bool is_kept, struct header_field *out)
{
	struct header_field f;

	while (next_field(&block, is_kept, &f) == RC_OK) {
		if (slice_ieq(f.name, name)) {
			*out = f;
			return RC_OK;
		}
	}
	return RC_END;
}

enum rc header_find(struct slice block, struct slice name, struct header_field *out)
{
	return find(block, name, false, out);
}

enum rc header_kept_find(struct slice block, struct slice name, struct header_field *out)
{
	return find(block, name, true, out);
}

void header_unfold(struct slice value, struct buf *out)
{
	struct slice part;

	while (value.n > 0) {
		size_t i = 0;

		while (i < value.n && value.p[i] != '\r' && value.p[i] != '\n')
			i++;
		part = slice_sub(value, 0, i);
		buf_add(out, part);
		value = slice_skip(value, i + 1);
	}
}

void header_scan_init(struct header_scan *s, size_t limit_bytes)
{
	*s = (struct header_scan){ .limit = limit_bytes < 64 ? 64 : limit_bytes };
	buf_init(&s->pending, s->limit);
}

void header_scan_done(struct header_scan *s)
{
	buf_done(&s->pending);
}

void header_scan_reset(struct header_scan *s)
{
	struct header_scan fresh = { .limit = s->limit, .pending = s->pending,
				     .is_kept = s->is_kept };

	buf_reset(&fresh.pending);
	*s = fresh;
}

static void take(struct header_scan *s, struct slice *in, size_t n)
{
	struct slice part = slice_sub(*in, 0, n);

	buf_add(&s->pending, part);
	s->total_bytes += part.n;
	s->at_line_start = part.p[part.n - 1] == '\n';
	*in = slice_skip(*in, n);
}

static enum rc give(struct header_scan *s, struct header_field *out)
{
	field_split(buf_slice(&s->pending), buf_is_over(&s->pending), out);
	s->state = HEADER_SCAN_GIVEN;
	s->n_fields++;
	return RC_OK;
}

/* The header is over and what is pending belongs to the body. */
static enum rc end_before(struct header_scan *s)
{
	s->state = HEADER_SCAN_DONE;
	s->total_bytes -= buf_len(&s->pending);
	return RC_END;
}

/* Take the first line as far as its colon, which tells whether it starts a field. */
static enum rc judge(struct header_scan *s, struct slice *in)
{
	size_t room = buf_room(&s->pending), n = 0;

	while (n < in->n && n < room && in->p[n] != ':' && in->p[n] != '\n')
		n++;
	if (in->n == 0)
		return RC_MORE;
	if (n < in->n && n < room)
		n++;
	if (n > 0)
		take(s, in, n);
	if (name_length(buf_slice(&s->pending)) > 0) {
		s->state = HEADER_SCAN_FIELD;
		return RC_OK;
	}
	if (is_blank_line(buf_slice(&s->pending))) {
		buf_reset(&s->pending);
		return end_before(s);
	}
	n = buf_len(&s->pending);
	if (!s->at_line_start && n < s->limit && buf_slice(&s->pending).p[n - 1] != ':')
		return RC_MORE;
	if (!s->is_kept)
		return end_before(s);
	s->state = HEADER_SCAN_FIELD;
	return RC_OK;
}

enum rc header_scan_next(struct header_scan *s, struct slice *in, struct header_field *out)
{
	enum rc rc;

	if (s->state == HEADER_SCAN_DONE)
		return RC_END;
	if (s->state == HEADER_SCAN_GIVEN) {
		buf_reset(&s->pending);
		s->state = HEADER_SCAN_FIRST;
	}
	if (s->state == HEADER_SCAN_FIRST) {
		rc = judge(s, in);
		if (rc != RC_OK)
			return rc;
	}
	while (in->n > 0) {
		if (s->at_line_start && !char_is_blank(in->p[0]))
			return give(s, out);
		take(s, in, line_length(*in));
	}
	return RC_MORE;
}

enum rc header_scan_finish(struct header_scan *s, struct header_field *out)
{
	if (s->state == HEADER_SCAN_FIELD)
		return give(s, out);
	if (s->state == HEADER_SCAN_FIRST && s->is_kept && buf_len(&s->pending) > 0)
		return give(s, out);
	if (s->state == HEADER_SCAN_GIVEN)
		buf_reset(&s->pending);
	return s->state == HEADER_SCAN_DONE ? RC_END : end_before(s);
}

struct slice header_scan_rest(const struct header_scan *s)
{
	return buf_slice(&s->pending);
}
