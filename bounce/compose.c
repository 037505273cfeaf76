/* SPDX-License-Identifier: ISC */
#include "bounce/compose.h"

#include <inttypes.h>
#include <time.h>

#include "bounce/template.h"
#include "lib/mail/addr.h"
#include "lib/mail/date.h"
#include "lib/queue/envelope.h"

enum { FOLD_AT = 79, INDENT = 4 };

static const struct { const char *name, *part; } kinds[] = {
	[REPORT_FAILED] = { "non-delivery notification", "Undelivered Message" },
	[REPORT_DELAYED] = { "delay notification", "Delayed Message" },
	[REPORT_SUCCESS] = { "delivery status notification", "Message" },
	[REPORT_ASKED] = { "delivery status notification", "Message" },
};

static const struct report_text *text_of(const struct report_mail *m)
{
	return &m->cfg->texts->of[m->kind];
}

const char *compose_name(enum report_kind kind)
{
	return kinds[kind].name;
}

/* The postmaster gets a report that came back as its sender would have got it. */
static bool is_copy(const struct report_mail *m)
{
	return m->to_postmaster && m->sender.n > 0;
}

bool compose_is_headers_only(const struct report_mail *m)
{
	return m->kind != REPORT_FAILED || is_copy(m) || m->dsn_ret == QUEUE_RET_HDRS ||
	       (m->dsn_ret == QUEUE_RET_NONE && m->content_bytes > m->cfg->size_limit);
}

static void put_date(struct buf *out, const char *name, int64_t when)
{
	char zone[DATE_ZONE_NAME_MAX];
	struct date d = date_zone(when, zone);

	buf_adds(out, name);
	date_print(d, zone, out);
	buf_addc(out, '\n');
}

static void put_address(struct buf *out, const char *name, struct slice address)
{
	buf_adds(out, name);
	addr_quote(address, out);
	buf_addc(out, '\n');
}

static void put_boundary(const struct report_mail *m, struct buf *out)
{
	buf_addf(out, "%.*s.%" PRId64 "/%s", SLICE_ARG(m->report_id), m->now_s,
		 m->cfg->myhostname);
}

static void put_dashes(const struct report_mail *m, struct buf *out)
{
	buf_adds(out, "\n--");
	put_boundary(m, out);
	buf_addc(out, '\n');
}

static const char *bits(const struct report_mail *m)
{
	return m->is_8bit || m->is_utf8 ? "8bit" : "7bit";
}

/* The words are not in a postmaster's copy. */
static bool has_8bit_words(const struct report_mail *m)
{
	return m->is_utf8 || (text_of(m)->is_8bit && !m->to_postmaster);
}

void compose_message_id(const struct report_mail *m, struct buf *out)
{
	time_t now = (time_t)m->now_s;
	struct tm tm;

	gmtime_r(&now, &tm);
	buf_addf(out, "<%04d%02d%02d%02d%02d%02d.%.*s@%s>", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 SLICE_ARG(m->report_id), m->cfg->myhostname);
}

static void put_headers(const struct report_mail *m, struct buf *out)
{
	const struct report_text *t = text_of(m);

	buf_addf(out, "Received: by %s (%s)\n\tid %.*s; ", m->cfg->myhostname, m->cfg->mail_name,
		 SLICE_ARG(m->report_id));
	put_date(out, "", m->now_s);
	put_date(out, "Date: ", m->now_s);
	buf_addf(out, "From: %s\n", t->from);
	buf_addf(out, "Subject: %s\n", m->to_postmaster ? t->copy_subject : t->subject);
	put_address(out, "To: ", m->recipient);
	buf_addf(out, "Auto-Submitted: auto-%s\n", m->to_postmaster ? "generated" : "replied");
	if (m->message_id.n > 0)
		buf_addf(out, "References: %.*s\nIn-Reply-To: %.*s\n", SLICE_ARG(m->message_id),
			 SLICE_ARG(m->message_id));
	buf_adds(out, "MIME-Version: 1.0\n"
		      "Content-Type: multipart/report; report-type=delivery-status;\n"
		      "\tboundary=\"");
	put_boundary(m, out);
	buf_addf(out, "\"\nContent-Transfer-Encoding: %s\n",
		 has_8bit_words(m) ? "8bit" : bits(m));
	buf_adds(out, "Message-Id: ");
	compose_message_id(m, out);
	buf_adds(out, "\n\nThis is a MIME-encapsulated message.\n");
}

/* TEXT behind what stands in the line that begins at START, folded between words where the line gets
 * too long. */
static void put_folded(struct slice text, size_t start, struct buf *out)
{
	size_t column = buf_len(out) - start;
	struct slice word;

	while (slice_token(&text, " ", &word)) {
		if (column + 1 + word.n > FOLD_AT) {
			buf_adds(out, "\n   ");
			column = INDENT - 1;
		}
		buf_addc(out, ' ');
		buf_add(out, word);
		column += word.n + 1;
	}
}

/* "<address>: text" */
static void put_reason(const struct report_item *item, struct buf *out)
{
	size_t start = buf_len(out);

	buf_addc(out, '<');
	addr_quote(item->address, out);
	buf_addc(out, '>');
	if (item->original.n > 0 && !slice_eq(item->original, item->address)) {
		buf_adds(out, " (expanded from <");
		addr_quote(item->original, out);
		buf_adds(out, ">)");
	}
	buf_addc(out, ':');
	put_folded(item->text, start, out);
	buf_adds(out, "\n\n");
}

static void put_words(const struct report_mail *m, struct buf *out)
{
	const struct report_text *t = text_of(m);
	bool is_plain = m->to_postmaster || slice_iis(slice_str(t->charset), "us-ascii");

	put_dashes(m, out);
	buf_addf(out, "Content-Description: Notification\nContent-Type: text/plain; charset=%s\n",
		 !is_plain ? t->charset : m->is_utf8 ? "utf-8" : "us-ascii");
	if (has_8bit_words(m))
		buf_adds(out, "Content-Transfer-Encoding: 8bit\n");
	buf_addc(out, '\n');
	if (!m->to_postmaster)
		buf_adds(out, t->words);
}

static void put_diagnostic(const struct report_item *item, struct buf *out)
{
	struct slice type = item->diag_type.n > 0 ? item->diag_type : SLICE_LIT("X-Postfix");
	size_t start = buf_len(out);

	buf_addf(out, "Diagnostic-Code: %.*s;", SLICE_ARG(type));
	put_folded(item->text, start, out);
	buf_addc(out, '\n');
}

static const char *address_type(const struct report_mail *m)
{
	return m->is_utf8 ? "utf-8;" : "rfc822;";
}

static void put_item(const struct report_mail *m, const struct report_item *item, struct buf *out)
{
	const char *type = address_type(m);

	buf_addc(out, '\n');
	buf_addf(out, "Final-Recipient: %s", type);
	put_address(out, " ", item->address);
	if (item->orcpt.n > 0) {
		buf_addf(out, "Original-Recipient: %.*s\n", SLICE_ARG(item->orcpt));
	} else if (item->original.n > 0) {
		buf_addf(out, "Original-Recipient: %s", type);	/* as an ORCPT would be */
		put_address(out, "", item->original);
	}
	buf_addf(out, "Action: %.*s\nStatus: %.*s\n", SLICE_ARG(item->action), SLICE_ARG(item->dsn));
	if (item->remote_mta.n > 0)
		buf_addf(out, "Remote-MTA: dns; %.*s\n", SLICE_ARG(item->remote_mta));
	put_diagnostic(item, out);
	if (m->kind == REPORT_DELAYED)
		put_date(out, "Will-Retry-Until: ", m->arrived_s + m->cfg->lifetime_ms / 1000);
}

static void put_fields(const struct report_mail *m, struct buf *out)
{
	put_dashes(m, out);
	buf_addf(out,
		 "Content-Description: Delivery report\n"
		 "Content-Type: message/%sdelivery-status\n",
		 m->is_utf8 ? "global-" : "");
	if (m->is_utf8)
		buf_adds(out, "Content-Transfer-Encoding: 8bit\n");
	buf_addf(out, "\nReporting-MTA: dns; %s\n", m->cfg->myhostname);
	if (m->envid.n > 0)
		buf_addf(out, "Original-Envelope-Id: %.*s\n", SLICE_ARG(m->envid));
	buf_addf(out, "X-%s-Queue-ID: %.*s\n", m->cfg->mail_name, SLICE_ARG(m->queue_id));
	if (m->sender.n > 0) {
		buf_addf(out, "X-%s-Sender: %s", m->cfg->mail_name, address_type(m));
		put_address(out, " ", m->sender);
	}
	put_date(out, "Arrival-Date: ", m->arrived_s);
}

static void put_enclosure(const struct report_mail *m, struct buf *out)
{
	bool headers = compose_is_headers_only(m);

	put_dashes(m, out);
	buf_addf(out, "Content-Description: %s%s\n", kinds[m->kind].part, headers ? " Headers" : "");
	if (m->is_utf8)
		buf_addf(out, "Content-Type: message/global%s\n", headers ? "-headers" : "");
	else
		buf_addf(out, "Content-Type: %s\n",
			 headers ? "text/rfc822-headers" : "message/rfc822");
	buf_addf(out, "Content-Transfer-Encoding: %s\n\nReturn-Path: <", bits(m));
	addr_quote(m->sender, out);
	buf_adds(out, ">\n");
}

size_t compose_steps(const struct report_mail *m)
{
	return 2 * m->n_items + 3;
}

void compose_step(const struct report_mail *m, size_t step, struct buf *out)
{
	if (step == 0) {
		put_headers(m, out);
		put_words(m, out);
	} else if (step <= m->n_items) {
		put_reason(&m->items[step - 1], out);
	} else if (step == m->n_items + 1) {
		put_fields(m, out);
	} else if (step <= 2 * m->n_items + 1) {
		put_item(m, &m->items[step - m->n_items - 2], out);
	} else {
		put_enclosure(m, out);
	}
}

void compose_end(const struct report_mail *m, struct buf *out)
{
	buf_adds(out, "\n--");
	put_boundary(m, out);
	buf_adds(out, "--\n");
}
