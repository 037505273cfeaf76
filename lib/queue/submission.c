/* lib/queue/submission.c - framing of a submission, both sides. */
/* SPDX-License-Identifier: ISC */
#include "lib/queue/submission.h"

#include "lib/base/num.h"

static const struct slice head = { "Buzon submission 1\n", SUBMISSION_HEAD };

enum rc submission_begin(struct queue_envelope *e, struct buf *out, struct err *err)
{
	struct buf tail;
	enum rc rc;

	buf_init(&tail, QUEUE_TAIL_MAX);
	e->content_bytes = 0;
	e->content_crc = 0;
	rc = queue_tail_encode(e, &tail, err);
	if (rc == RC_OK) {
		buf_add(out, head);
		buf_addf(out, "%08zx", buf_len(&tail));
		buf_add(out, buf_slice(&tail));
	}
	buf_done(&tail);
	return rc;
}

void submission_chunk(struct slice content, struct buf *out)
{
	if (content.n == 0)
		return;
	buf_addf(out, "%08zx", content.n);
	buf_add(out, content);
}

void submission_end(struct buf *out)
{
	buf_adds(out, "00000000");
}

void submission_init(struct submission *s)
{
	*s = (struct submission){ .state = SUBMISSION_AT_HEAD };
	buf_init(&s->in, QUEUE_TAIL_MAX + 2 * SUBMISSION_CHUNK_MAX);
	buf_init(&s->tail, QUEUE_TAIL_MAX);
}

void submission_done(struct submission *s)
{
	buf_done(&s->in);
	buf_done(&s->tail);
}

/* A whole framed piece of at most MAX bytes; RC_MORE until it is there. */
static enum rc take_piece(struct submission *s, size_t max, struct slice *ret)
{
	struct slice in = buf_slice(&s->in);
	uint64_t n;
	enum rc rc;

	if (in.n < SUBMISSION_LENGTH)
		return RC_MORE;
	rc = num_hex(slice_sub(in, 0, SUBMISSION_LENGTH), max, &n);
	if (rc != RC_OK)
		return RC_SYNTAX;
	if (in.n < SUBMISSION_LENGTH + n)
		return RC_MORE;
	*ret = slice_sub(in, SUBMISSION_LENGTH, n);
	buf_consume(&s->in, SUBMISSION_LENGTH + n);
	return RC_OK;
}

static enum rc take_head(struct submission *s)
{
	if (buf_len(&s->in) < SUBMISSION_HEAD)
		return RC_MORE;
	if (!slice_starts(buf_slice(&s->in), head))
		return RC_SYNTAX;
	buf_consume(&s->in, SUBMISSION_HEAD);
	s->state = SUBMISSION_AT_TAIL;
	return RC_OK;
}

enum rc submission_next(struct submission *s, struct slice *ret)
{
	enum rc rc = RC_OK;

	if (s->state == SUBMISSION_AT_HEAD)
		rc = take_head(s);
	if (rc == RC_OK && s->state == SUBMISSION_AT_TAIL) {
		rc = take_piece(s, QUEUE_TAIL_MAX, ret);
		if (rc == RC_OK) {
			buf_add(&s->tail, *ret);
			s->state = SUBMISSION_AT_CONTENT;
		}
	}
	if (rc == RC_OK && s->state == SUBMISSION_AT_CONTENT) {
		rc = take_piece(s, SUBMISSION_CHUNK_MAX, ret);
		if (rc == RC_OK && ret->n == 0)
			s->state = SUBMISSION_AT_END;
	}
	if (rc == RC_OK && s->state == SUBMISSION_AT_END)
		return buf_len(&s->in) == 0 ? RC_END : RC_SYNTAX;
	return rc;
}
