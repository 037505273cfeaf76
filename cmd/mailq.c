/* cmd/mailq.c - formats of Postfix's postqueue. */
/* SPDX-License-Identifier: ISC */
#include "cmd/mailq.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/mail/date.h"
#include "lib/mail/enc.h"

enum { VALUE_MAX = 8192, REASON_COLUMN = 76 };

void mailq_init(struct mailq *m, bool json, bool long_ids, const char *null_sender,
		struct buf *out)
{
	*m = (struct mailq){ .json = json, .long_ids = long_ids, .null_sender = null_sender,
			     .out = out };
	buf_init(&m->reason, VALUE_MAX);
}

void mailq_done(struct mailq *m)
{
	buf_done(&m->reason);
}

/* What a terminal or a parser must not get becomes '?'. */
static void put_text(struct mailq *m, struct slice s)
{
	bool is_utf8 = enc_is_utf8(s);

	for (size_t i = 0; i < s.n; i++)
		buf_addc(m->out, char_is_cntrl(s.p[i]) || (!is_utf8 && char_is_8bit(s.p[i]))
					 ? '?' : s.p[i]);
}

/* --- text --- */

static void put_date(struct mailq *m, int64_t when)
{
	struct buf text;

	buf_init(&text, 64);
	date_print_asctime(date_zone(when, NULL), &text);
	if (m->long_ids)
		buf_addf(m->out, "%19.19s ", buf_cstr(&text));
	else
		buf_addf(m->out, "%20.20s ", buf_cstr(&text));
	buf_done(&text);
}

static void text_message(struct mailq *m, struct slice queue, struct slice id, int64_t arrival_s,
			 int64_t bytes, struct slice sender)
{
	const char *mark = slice_is(queue, "active") ? "*" : slice_is(queue, "hold") ? "!" : "";
	char name[80];

	if (m->n_messages == 0)
		buf_adds(m->out, m->long_ids
			? "----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------\n"
			: "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n");
	else
		buf_addc(m->out, '\n');
	snprintf(name, sizeof(name), "%.*s%s", SLICE_ARG(id), mark);
	if (m->long_ids)
		buf_addf(m->out, "%-17s %8" PRId64 " ", name, bytes);
	else
		buf_addf(m->out, "%-11s %7" PRId64 " ", name, bytes);
	put_date(m, arrival_s);
	put_text(m, sender);
	buf_addc(m->out, '\n');
}

static void text_rcpt(struct mailq *m, struct slice address, struct slice reason)
{
	if (reason.n > 0 && !slice_eq(reason, buf_slice(&m->reason))) {
		buf_reset(&m->reason);
		buf_add(&m->reason, reason);
		buf_addf(m->out, "%*s(", reason.n < REASON_COLUMN ? REASON_COLUMN - (int)reason.n : 0,
			 "");
		put_text(m, reason);
		buf_adds(m->out, ")\n");
	}
	buf_addf(m->out, m->long_ids ? "%-17s %8s %-19s " : "%-11s %7s %-20s ", "", "", "");
	put_text(m, address);
	buf_addc(m->out, '\n');
}

/* --- JSON --- */

static void put_json(struct mailq *m, struct slice s)
{
	static const char named[] = "\b\f\n\r\t", letters[] = "bfnrt";
	bool is_utf8 = enc_is_utf8(s);

	buf_addc(m->out, '"');
	for (size_t i = 0; i < s.n; i++) {
		const char *p = s.p[i] != '\0' ? strchr(named, s.p[i]) : NULL;

		if (p != NULL)
			buf_addf(m->out, "\\%c", letters[p - named]);
		else if (s.p[i] == '"' || s.p[i] == '\\')
			buf_addf(m->out, "\\%c", s.p[i]);
		else if (char_is_cntrl(s.p[i]))
			buf_addf(m->out, "\\u%04X", (unsigned)s.p[i]);
		else
			buf_addc(m->out, !is_utf8 && char_is_8bit(s.p[i]) ? '?' : s.p[i]);
	}
	buf_addc(m->out, '"');
}

static void close_json(struct mailq *m)
{
	if (m->n_messages > 0)
		buf_adds(m->out, "]}\n");
}

static void json_message(struct mailq *m, struct slice queue, struct slice id, int64_t arrival_s,
			 int64_t bytes, struct slice sender)
{
	close_json(m);
	buf_adds(m->out, "{\"queue_name\": ");
	put_json(m, queue);
	buf_adds(m->out, ", \"queue_id\": ");
	put_json(m, id);
	buf_addf(m->out, ", \"arrival_time\": %" PRId64 ", \"message_size\": %" PRId64
		 ", \"forced_expire\": false, \"sender\": ", arrival_s, bytes);
	put_json(m, sender);
	buf_adds(m->out, ", \"recipients\": [");
}

static void json_rcpt(struct mailq *m, struct slice address, struct slice original,
		      struct slice reason)
{
	buf_adds(m->out, m->n_rcpts > 0 ? ", {" : "{");
	if (original.n > 0) {
		buf_adds(m->out, "\"orig_address\": ");
		put_json(m, original);
		buf_adds(m->out, ", ");
	}
	buf_adds(m->out, "\"address\": ");
	put_json(m, address);
	if (reason.n > 0) {
		buf_adds(m->out, ", \"delay_reason\": ");
		put_json(m, reason);
	}
	buf_addc(m->out, '}');
}

/* --- both --- */

void mailq_message(struct mailq *m, struct slice queue, struct slice id, int64_t arrival_s,
		   int64_t bytes, struct slice sender)
{
	if (sender.n == 0)
		sender = slice_str(m->null_sender);
	buf_reset(&m->reason);
	if (m->json)
		json_message(m, queue, id, arrival_s, bytes, sender);
	else
		text_message(m, queue, id, arrival_s, bytes, sender);
	m->n_messages++;
	m->n_rcpts = 0;
	m->total_bytes += (uint64_t)bytes;
}

void mailq_rcpt(struct mailq *m, struct slice address, struct slice original,
		struct slice reason)
{
	if (m->json)
		json_rcpt(m, address, original, reason);
	else
		text_rcpt(m, address, reason);
	m->n_rcpts++;
}

void mailq_end(struct mailq *m)
{
	if (m->json)
		close_json(m);
	else if (m->n_messages == 0)
		buf_adds(m->out, "Mail queue is empty\n");
	else
		buf_addf(m->out, "\n-- %" PRIu64 " Kbytes in %u Request%s.\n",
			 m->total_bytes / 1024, m->n_messages, m->n_messages == 1 ? "" : "s");
}
