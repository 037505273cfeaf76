/* SPDX-License-Identifier: ISC */
#include "lib/queue/envelope.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "lib/sys/crc.h"

#define FIRST_LINE "\nBuzon envelope 1\n"
#define FOOTER_WORDS "Buzon end 1 "
#define MARKS_WORD "marks "

enum { FOOTER_CRC_AT = QUEUE_FOOTER_SIZE - 9, USEC_PER_SEC = 1000000 };

static const char *const attr_names[] = {
#define X(upper, lower) [QUEUE_ATTR_##upper] = #lower,
	QUEUE_ATTRS(X)
#undef X
};
static_assert(sizeof(attr_names) / sizeof(attr_names[0]) == QUEUE_ATTR_N);

static const struct word {
	const char *name;
	unsigned bit;
} flag_words[] = {
	{ "8bit", QUEUE_FLAG_8BIT }, { "smtputf8", QUEUE_FLAG_SMTPUTF8 },
	{ "report", QUEUE_FLAG_REPORT }, { "verify", QUEUE_FLAG_VERIFY },
}, notify_words[] = {
	{ "never", QUEUE_NOTIFY_NEVER }, { "success", QUEUE_NOTIFY_SUCCESS },
	{ "failure", QUEUE_NOTIFY_FAILURE }, { "delay", QUEUE_NOTIFY_DELAY },
}, ret_words[] = {
	{ "full", QUEUE_RET_FULL }, { "hdrs", QUEUE_RET_HDRS },
};
#define WORDS(t) (t), sizeof(t) / sizeof((t)[0])

bool queue_value_is_valid(struct slice s)
{
	if (s.n > QUEUE_VALUE_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (char_is_cntrl(s.p[i]))
			return false;
	return true;
}

/* --- writing --- */

struct writer {
	struct buf *out;
	bool bad;
};

static void put(struct writer *w, const char *name, struct slice value)
{
	w->bad |= !queue_value_is_valid(value);
	buf_adds(w->out, name);
	buf_addc(w->out, ' ');
	buf_add(w->out, value);
	buf_addc(w->out, '\n');
}

static void put_if(struct writer *w, const char *name, struct slice value)
{
	if (value.n > 0)
		put(w, name, value);
}

static void put_bits(struct writer *w, const char *name, unsigned bits, const struct word *t,
		     size_t n)
{
	unsigned known = 0;

	if (bits == 0)
		return;
	buf_adds(w->out, name);
	for (size_t i = 0; i < n; i++) {
		known |= t[i].bit;
		if (bits & t[i].bit)
			buf_addf(w->out, " %s", t[i].name);
	}
	w->bad |= (bits & ~known) != 0;
	buf_addc(w->out, '\n');
}

static bool is_mark(char c)
{
	return c == QUEUE_MARK_TODO || c == QUEUE_MARK_REPORT || c == QUEUE_MARK_DONE;
}

static void put_rcpt(struct writer *w, const struct queue_rcpt *r)
{
	w->bad |= r->address.n == 0 || !is_mark(r->mark);
	put(w, "to", r->address);
	put_if(w, " original", r->original);
	put_if(w, " orcpt", r->orcpt);
	put_bits(w, " notify", r->notify, WORDS(notify_words));
}

static void put_envelope(struct writer *w, const struct queue_envelope *e)
{
	buf_adds(w->out, FIRST_LINE);
	buf_addf(w->out, "arrived %" PRId64 ".%06d\n", e->arrived_us / USEC_PER_SEC,
		 (int)(e->arrived_us % USEC_PER_SEC));
	buf_addf(w->out, "content %" PRIu64 " %08" PRIx32 "\n", e->content_bytes, e->content_crc);
	put(w, "from", e->sender);
	put_bits(w, "flags", e->flags, WORDS(flag_words));
	if (e->ret != QUEUE_RET_NONE)
		buf_addf(w->out, "ret %s\n", e->ret == QUEUE_RET_FULL ? "full" : "hdrs");
	put_if(w, "envid", e->envid);
	for (enum queue_attr a = 0; a < QUEUE_ATTR_N; a++)
		put_if(w, attr_names[a], e->attr[a]);
	for (size_t i = 0; i < e->n_rcpts; i++)
		put_rcpt(w, &e->rcpts[i]);
}

static void put_marks(struct buf *out, const struct queue_envelope *e)
{
	buf_adds(out, MARKS_WORD);
	buf_addc(out, e->is_warned ? QUEUE_MARK_WARNED : QUEUE_MARK_TODO);
	for (size_t i = 0; i < e->n_rcpts; i++)
		buf_addc(out, e->rcpts[i].mark);
	buf_addc(out, '\n');
}

enum rc queue_tail_encode(struct queue_envelope *e, struct buf *out, struct err *err)
{
	struct writer w = { .out = out };
	size_t start = buf_len(out), envelope_bytes;
	char footer[QUEUE_FOOTER_SIZE + 1];
	struct slice text;
	uint32_t crc;

	if (e->n_rcpts == 0 || e->n_rcpts > QUEUE_RCPTS_MAX || e->arrived_us < 0)
		return err_set(err, RC_SYNTAX, "no recipients, too many, or no time");
	put_envelope(&w, e);
	envelope_bytes = buf_len(out) - start;
	put_marks(out, e);
	if (w.bad)
		return err_set(err, RC_SYNTAX, "a value that cannot stand in an envelope");
	if (buf_is_over(out) || envelope_bytes > QUEUE_TAIL_MAX)
		return err_set(err, RC_LIMIT, "envelope too large");
	text = slice_sub(buf_slice(out), start, envelope_bytes);
	snprintf(footer, sizeof(footer), FOOTER_WORDS "%016" PRIx64 " %08zx %08zx ",
		 e->content_bytes, envelope_bytes, e->n_rcpts);
	crc = crc32c(crc32c(0, text), slice_make(footer, FOOTER_CRC_AT));
	snprintf(footer + FOOTER_CRC_AT, sizeof(footer) - FOOTER_CRC_AT, "%08" PRIx32 "\n", crc);
	buf_add(out, slice_make(footer, QUEUE_FOOTER_SIZE));
	e->marks_at = e->content_bytes + envelope_bytes + strlen(MARKS_WORD);
	return buf_is_over(out) ? err_set(err, RC_LIMIT, "envelope too large") : RC_OK;
}

/* --- reading --- */

/* Lower-case hex of exactly WIDTH digits and then END. */
static bool take_hex(struct slice *s, size_t width, char end, uint64_t *ret)
{
	uint64_t v = 0;

	if (s->n <= width || s->p[width] != end)
		return false;
	for (size_t i = 0; i < width; i++) {
		if (char_is_upper(s->p[i]) || char_hex(s->p[i]) < 0)
			return false;
		v = v << 4 | (unsigned)char_hex(s->p[i]);
	}
	*ret = v;
	*s = slice_skip(*s, width + 1);
	return true;
}

enum rc queue_footer_parse(struct slice s, struct queue_footer *out, uint64_t *ret_tail_bytes)
{
	uint64_t content, envelope, marks, crc;

	if (s.n != QUEUE_FOOTER_SIZE || !slice_starts(s, SLICE_LIT(FOOTER_WORDS)))
		return RC_SYNTAX;
	s = slice_skip(s, strlen(FOOTER_WORDS));
	if (!take_hex(&s, 16, ' ', &content) || !take_hex(&s, 8, ' ', &envelope) ||
	    !take_hex(&s, 8, ' ', &marks) || !take_hex(&s, 8, '\n', &crc))
		return RC_SYNTAX;
	if (content > INT64_MAX - 2 * (uint64_t)QUEUE_TAIL_MAX || envelope > QUEUE_TAIL_MAX ||
	    marks == 0 || marks > QUEUE_RCPTS_MAX)
		return RC_SYNTAX;
	*out = (struct queue_footer){ .content_bytes = content, .marks = (uint32_t)marks,
				      .envelope_bytes = (uint32_t)envelope, .crc = (uint32_t)crc };
	*ret_tail_bytes = envelope + strlen(MARKS_WORD) + 1 + marks + 1 + QUEUE_FOOTER_SIZE;
	return RC_OK;
}

struct reader {
	struct slice rest;	/* whole lines */
	struct slice line;	/* the current one, without its LF; p NULL at the end */
};

static void next_line(struct reader *r)
{
	const char *lf = r->rest.n > 0 ? memchr(r->rest.p, '\n', r->rest.n) : NULL;

	r->line = (struct slice){ 0 };
	if (lf == NULL)
		return;
	r->line = slice_make(r->rest.p, (size_t)(lf - r->rest.p));
	r->rest = slice_skip(r->rest, r->line.n + 1);
}

/* If the current line is "NAME value": take the value and go on to the next line. */
static bool take(struct reader *r, const char *name, struct slice *ret)
{
	size_t n = strlen(name);

	if (r->line.p == NULL || r->line.n <= n || memcmp(r->line.p, name, n) != 0 ||
	    r->line.p[n] != ' ')
		return false;
	*ret = slice_skip(r->line, n + 1);
	if (!queue_value_is_valid(*ret))
		return false;
	next_line(r);
	return true;
}

/* The same for a line that is left out when the value is empty. */
static bool take_if(struct reader *r, const char *name, struct slice *ret)
{
	return take(r, name, ret) && ret->n > 0;
}

static bool take_decimal(struct slice *s, char end, uint64_t *ret)
{
	ptrdiff_t n = end != '\0' ? slice_chr(*s, end) : (ptrdiff_t)s->n;
	uint64_t v = 0;

	if (n < 1 || n > 18 || (n > 1 && s->p[0] == '0'))
		return false;
	for (ptrdiff_t i = 0; i < n; i++) {
		if (!char_is_digit(s->p[i]))
			return false;
		v = v * 10 + (unsigned)(s->p[i] - '0');
	}
	*ret = v;
	*s = slice_skip(*s, (size_t)n + (end != '\0'));
	return true;
}

static bool parse_arrived(struct slice s, int64_t *ret)
{
	uint64_t sec, usec = 0;

	if (!take_decimal(&s, '.', &sec) || s.n != 6 || sec > INT64_MAX / USEC_PER_SEC - 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_digit(s.p[i]))
			return false;
		usec = usec * 10 + (unsigned)(s.p[i] - '0');
	}
	*ret = (int64_t)(sec * USEC_PER_SEC + usec);
	return true;
}

static bool parse_content(struct slice s, struct queue_envelope *e)
{
	char room[9];
	struct slice crc = slice_make(room, sizeof(room));
	uint64_t v;

	if (!take_decimal(&s, ' ', &e->content_bytes) || s.n != 8)
		return false;
	memcpy(room, s.p, 8);
	room[8] = '\n';
	if (!take_hex(&crc, 8, '\n', &v))
		return false;
	e->content_crc = (uint32_t)v;
	return true;
}

/* Words in the order of the table, each once, at least one, single blanks. */
static bool parse_bits(struct slice s, const struct word *t, size_t n, unsigned *ret)
{
	struct slice word;
	size_t i = 0;

	*ret = 0;
	while (slice_split(&s, ' ', &word)) {
		while (i < n && !slice_is(word, t[i].name))
			i++;
		if (i == n)
			return false;
		*ret |= t[i++].bit;
	}
	return *ret != 0;
}

static bool parse_head(struct reader *r, struct queue_envelope *e)
{
	struct slice v;
	unsigned bits;

	if (!take(r, "arrived", &v) || !parse_arrived(v, &e->arrived_us) ||
	    !take(r, "content", &v) || !parse_content(v, e) || !take(r, "from", &e->sender))
		return false;
	if (take(r, "flags", &v) && !parse_bits(v, WORDS(flag_words), &e->flags))
		return false;
	if (take(r, "ret", &v)) {
		if (!parse_bits(v, WORDS(ret_words), &bits) || bits > QUEUE_RET_HDRS)
			return false;
		e->ret = bits;
	}
	if (take(r, "envid", &v) && (e->envid = v).n == 0)
		return false;
	for (enum queue_attr a = 0; a < QUEUE_ATTR_N; a++)
		if (take(r, attr_names[a], &v) && (e->attr[a] = v).n == 0)
			return false;
	return true;
}

static bool parse_rcpt(struct reader *r, struct queue_rcpt *to)
{
	struct slice v;
	unsigned bits;

	if (!take_if(r, "to", &to->address))
		return false;
	if (take(r, " original", &v) && (to->original = v).n == 0)
		return false;
	if (take(r, " orcpt", &v) && (to->orcpt = v).n == 0)
		return false;
	if (take(r, " notify", &v)) {
		if (!parse_bits(v, WORDS(notify_words), &bits))
			return false;
		to->notify = (unsigned char)bits;
	}
	return true;
}

static bool parse_marks(struct slice line, struct queue_envelope *e)
{
	struct slice s = slice_skip(line, strlen(MARKS_WORD));

	if (!slice_starts(line, SLICE_LIT(MARKS_WORD)) || s.n != e->n_rcpts + 2 ||
	    s.p[s.n - 1] != '\n' || (s.p[0] != QUEUE_MARK_TODO && s.p[0] != QUEUE_MARK_WARNED))
		return false;
	e->is_warned = s.p[0] == QUEUE_MARK_WARNED;
	for (size_t i = 0; i < e->n_rcpts; i++) {
		if (!is_mark(s.p[i + 1]))
			return false;
		e->rcpts[i].mark = s.p[i + 1];
	}
	return true;
}

static bool crc_is_right(struct slice text, struct slice footer, uint32_t crc)
{
	return crc32c(crc32c(0, text), slice_sub(footer, 0, FOOTER_CRC_AT)) == crc;
}

enum rc queue_tail_parse(struct slice tail, struct arena *arena, struct queue_envelope *out,
			 struct err *err)
{
	struct queue_envelope e = { 0 };
	struct queue_footer f;
	struct slice footer, text, marks;
	struct reader r = { 0 };
	uint64_t n = 0;

	if (tail.n < QUEUE_FOOTER_SIZE)
		return err_set(err, RC_SYNTAX, "too short for a queue file");
	footer = slice_skip(tail, tail.n - QUEUE_FOOTER_SIZE);
	if (queue_footer_parse(footer, &f, &n) != RC_OK || n != tail.n)
		return err_set(err, RC_SYNTAX, "no end mark");
	text = slice_sub(tail, 0, f.envelope_bytes);
	marks = slice_sub(tail, text.n, tail.n - text.n - QUEUE_FOOTER_SIZE);
	if (!crc_is_right(text, footer, f.crc))
		return err_set(err, RC_SYNTAX, "checksum of the envelope is wrong");
	e.rcpts = arena_alloc(arena, f.marks * sizeof(*e.rcpts));
	if (e.rcpts == NULL)
		return err_set(err, RC_LIMIT, "too many recipients");
	e.n_rcpts = f.marks;
	e.marks_at = f.content_bytes + text.n + strlen(MARKS_WORD);
	if (!slice_starts(text, SLICE_LIT(FIRST_LINE)))
		return err_set(err, RC_SYNTAX, "envelope of an unknown version");
	r.rest = slice_skip(text, strlen(FIRST_LINE));
	next_line(&r);
	if (!parse_head(&r, &e) || e.content_bytes != f.content_bytes)
		return err_set(err, RC_SYNTAX, "malformed envelope");
	for (size_t i = 0; i < e.n_rcpts; i++)
		if (!parse_rcpt(&r, &e.rcpts[i]))
			return err_set(err, RC_SYNTAX, "malformed recipient");
	if (r.line.p != NULL || r.rest.n > 0 || !parse_marks(marks, &e))
		return err_set(err, RC_SYNTAX, "malformed marks");
	*out = e;
	return RC_OK;
}
