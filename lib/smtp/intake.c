/* SPDX-License-Identifier: ISC */
#include "lib/smtp/intake.h"

#include <stdio.h>

enum { FIRST_LINE_MAX = 2048 };

enum field {
	F_MESSAGE_ID, F_DATE, F_FROM, F_TO, F_CC, F_BCC,
	F_RESENT_MESSAGE_ID, F_RESENT_DATE, F_RESENT_FROM, F_RESENT_TO, F_RESENT_CC, F_RESENT_BCC,
	F_RECEIVED, F_SENDER, F_REPLY_TO, F_RESENT_SENDER, F_RESENT_REPLY_TO, F_ERRORS_TO,
	N_FIELDS
};

enum { RESENT = 1, SENDERS = 2, RECIPIENTS = 4 };

static const struct {
	const char *name;
	unsigned flags;
} fields[N_FIELDS] = {
	[F_MESSAGE_ID] = { "Message-Id", 0 },
	[F_DATE] = { "Date", 0 },
	[F_FROM] = { "From", SENDERS },
	[F_TO] = { "To", RECIPIENTS },
	[F_CC] = { "Cc", RECIPIENTS },
	[F_BCC] = { "Bcc", RECIPIENTS },
	[F_RESENT_MESSAGE_ID] = { "Resent-Message-Id", RESENT },
	[F_RESENT_DATE] = { "Resent-Date", RESENT },
	[F_RESENT_FROM] = { "Resent-From", RESENT | SENDERS },
	[F_RESENT_TO] = { "Resent-To", RESENT | RECIPIENTS },
	[F_RESENT_CC] = { "Resent-Cc", RESENT | RECIPIENTS },
	[F_RESENT_BCC] = { "Resent-Bcc", RESENT | RECIPIENTS },
	[F_RECEIVED] = { "Received", 0 },
	[F_SENDER] = { "Sender", SENDERS },
	[F_REPLY_TO] = { "Reply-To", SENDERS },
	[F_RESENT_SENDER] = { "Resent-Sender", RESENT | SENDERS },
	[F_RESENT_REPLY_TO] = { "Resent-Reply-To", RESENT | SENDERS },
	[F_ERRORS_TO] = { "Errors-To", SENDERS },
};

void smtp_intake_init(struct smtp_intake *i, const struct smtp_intake_conf *conf)
{
	*i = (struct smtp_intake){ .conf = conf };
	header_scan_init(&i->scan, conf->field_max);
	buf_init(&i->first, FIRST_LINE_MAX);
}

void smtp_intake_done(struct smtp_intake *i)
{
	if (i->conf == NULL)
		return;
	header_scan_done(&i->scan);
	buf_done(&i->first);
	i->conf = NULL;
}

static int find_field(struct slice name)
{
	for (int f = 0; f < N_FIELDS; f++)
		if (slice_iis(name, fields[f].name))
			return f;
	return -1;
}

static bool is_dropped(const struct smtp_intake_conf *c, struct slice name)
{
	for (size_t k = 0; k < c->n_drop; k++)
		if (slice_ieq(name, c->drop[k]))
			return true;
	return false;
}

/* For the log: what no line can hold is shown as what it is not. */
static void keep_id(char *dst, struct slice value)
{
	struct buf b;

	if (dst[0] != '\0')
		return;
	buf_init(&b, SMTP_INTAKE_ID_MAX);
	header_unfold(value, &b);
	snprintf(dst, SMTP_INTAKE_ID_MAX + 1, "%.*s", SLICE_ARG(slice_trim(buf_slice(&b))));
	buf_done(&b);
	for (char *p = dst; *p != '\0'; p++)
		if (char_is_cntrl(*p))
			*p = *p == '\t' ? ' ' : '?';
}

static void give_raw(const struct header_field *f, struct buf *out)
{
	buf_add(out, f->raw);
	if (f->raw.n == 0 || f->raw.p[f->raw.n - 1] != '\n')
		buf_addc(out, '\n');
}

/* Addresses of local clients are completed; what that leaves as it is stays byte for byte. */
static void give_addresses(struct smtp_intake *i, const struct header_field *f, bool is_sender,
			   struct buf *out)
{
	const struct smtp_intake_conf *c = i->conf;
	enum rc rc = RC_END;
	struct buf value;

	buf_init(&value, c->field_max);
	if (c->rewrite != NULL && !f->is_cut)
		rc = c->rewrite(c->ctx, is_sender, f->value, &value);
	i->is_later = i->is_later || rc == RC_MORE;
	if (rc == RC_OK && buf_len(&value) > f->value.n)
		i->grown += buf_len(&value) - f->value.n;
	if (rc != RC_OK || buf_is_over(&value) || i->grown > SMTP_INTAKE_GROWTH_MAX) {
		give_raw(f, out);
	} else {
		buf_addf(out, "%.*s: ", SLICE_ARG(f->name));
		buf_add(out, buf_slice(&value));
		buf_addc(out, '\n');
	}
	buf_done(&value);
}

static void take_field(struct smtp_intake *i, const struct header_field *f, struct buf *out)
{
	int which = find_field(f->name);

	if (which >= 0)
		i->seen |= 1u << which;
	if (which == F_RECEIVED)
		i->hops++;
	if (which == F_MESSAGE_ID)
		keep_id(i->message_id, f->value);
	if (which == F_RESENT_MESSAGE_ID)
		keep_id(i->resent_message_id, f->value);
	if (is_dropped(i->conf, f->name))
		return;
	if (which >= 0 && (fields[which].flags & (SENDERS | RECIPIENTS)) != 0)
		give_addresses(i, f, (fields[which].flags & SENDERS) != 0, out);
	else
		give_raw(f, out);
}

static void add_missing(struct smtp_intake *i, enum field which, struct slice value,
			struct buf *out)
{
	if ((i->seen & 1u << which) == 0 && value.n > 0)
		buf_addf(out, "%s: %.*s\n", fields[which].name, SLICE_ARG(value));
}

static void complete(struct smtp_intake *i, struct buf *out)
{
	const struct smtp_intake_conf *c = i->conf;
	bool resent = false;
	unsigned to;

	for (int f = 0; f < N_FIELDS; f++)
		resent = resent || ((i->seen & 1u << f) != 0 && (fields[f].flags & RESENT) != 0);
	if ((i->seen & 1u << (resent ? F_RESENT_MESSAGE_ID : F_MESSAGE_ID)) == 0)
		keep_id(resent ? i->resent_message_id : i->message_id, c->message_id);
	add_missing(i, resent ? F_RESENT_MESSAGE_ID : F_MESSAGE_ID, c->message_id, out);
	add_missing(i, resent ? F_RESENT_DATE : F_DATE, c->date, out);
	add_missing(i, resent ? F_RESENT_FROM : F_FROM, c->from, out);
	to = resent ? 1u << F_RESENT_TO | 1u << F_RESENT_CC | 1u << F_RESENT_BCC
		    : 1u << F_TO | 1u << F_CC | 1u << F_BCC;
	if ((i->seen & to) == 0 && c->to.n > 0)
		buf_addf(out, "%.*s\n", SLICE_ARG(c->to));
}

/* REST is what the scanner read of the body. */
static void end_header(struct smtp_intake *i, struct slice rest, struct buf *out)
{
	if (i->conf->completes)
		complete(i, out);
	i->at = SMTP_INTAKE_BODY;
	buf_addc(out, '\n');
	buf_add(out, rest);
}

static void feed_header(struct smtp_intake *i, struct slice in, struct buf *out)
{
	struct header_field f;
	enum rc rc;

	while ((rc = header_scan_next(&i->scan, &in, &f)) == RC_OK)
		take_field(i, &f, out);
	if (rc != RC_END)
		return;
	end_header(i, header_scan_rest(&i->scan), out);
	buf_add(out, in);
}

/* ">>From x": a line that mbox tools put before a header. */
static bool is_mbox_line(struct slice line)
{
	while (line.n > 0 && line.p[0] == '>')
		line = slice_skip(line, 1);
	return slice_starts(line, SLICE_LIT("From "));
}

/* Lines before the first field. Takes lines off *IN until one is no mbox line. */
static void feed_start(struct smtp_intake *i, struct slice *in, struct buf *out)
{
	while (in->n > 0 && i->at == SMTP_INTAKE_START) {
		ptrdiff_t lf = slice_chr(*in, '\n');
		size_t n = lf < 0 ? in->n : (size_t)lf + 1;

		if (n > buf_room(&i->first))
			n = buf_room(&i->first);
		buf_add(&i->first, slice_sub(*in, 0, n));
		*in = slice_skip(*in, n);
		if (lf < 0 && buf_room(&i->first) > 0)
			return;
		if (lf >= 0 && is_mbox_line(buf_slice(&i->first))) {
			buf_adds(out, "X-Mailbox-Line: ");
			buf_add(out, buf_slice(&i->first));
			buf_reset(&i->first);
			continue;
		}
		i->at = SMTP_INTAKE_HEADER;
	}
}

void smtp_intake_feed(struct smtp_intake *i, struct slice in, struct buf *out)
{
	if (i->at == SMTP_INTAKE_START) {
		if (!i->has_started)
			buf_add(out, i->conf->received);
		i->has_started = true;
		feed_start(i, &in, out);
		if (i->at == SMTP_INTAKE_HEADER)
			feed_header(i, buf_slice(&i->first), out);
	}
	if (i->at == SMTP_INTAKE_HEADER)
		feed_header(i, in, out);
	else if (i->at == SMTP_INTAKE_BODY)
		buf_add(out, in);
}

void smtp_intake_finish(struct smtp_intake *i, struct buf *out)
{
	struct header_field f;

	smtp_intake_feed(i, (struct slice){ 0 }, out);
	if (i->at == SMTP_INTAKE_BODY)
		return;
	if (i->at == SMTP_INTAKE_START && buf_len(&i->first) > 0) {
		i->at = SMTP_INTAKE_HEADER;
		feed_header(i, buf_slice(&i->first), out);
	}
	while (i->at != SMTP_INTAKE_BODY && header_scan_finish(&i->scan, &f) == RC_OK)
		take_field(i, &f, out);
	if (i->at != SMTP_INTAKE_BODY && header_scan_rest(&i->scan).n > 0)
		end_header(i, header_scan_rest(&i->scan), out);
	else if (i->at != SMTP_INTAKE_BODY && i->conf->completes)
		complete(i, out);
	i->at = SMTP_INTAKE_BODY;
}
