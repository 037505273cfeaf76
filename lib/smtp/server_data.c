/* Message content: DATA, and BDAT with its chunks. (RFC 5321, 4.1.1.4; RFC 3030) */
/* SPDX-License-Identifier: ISC */
#include "lib/base/num.h"
#include "lib/smtp/cmdline.h"
#include "lib/smtp/server_int.h"

static bool has_recipients(const struct smtp_server *s, struct smtp_reply *why)
{
	if (s->rcpt_count > 0)
		return true;
	if (s->in_transaction)
		smtp_reply_set(why, 554, "5.5.1", "Error: no valid recipients");
	else
		smtp_reply_set(why, 503, "5.5.1", "Error: need RCPT command");
	return false;
}

bool smtp_check_data(const struct smtp_server *s, struct slice arg, struct smtp_reply *why)
{
	if (s->bdat != SMTP_BDAT_NONE)
		smtp_reply_set(why, 503, "5.5.1", "Error: DATA after BDAT");
	else if (!has_recipients(s, why))
		return false;
	else if (arg.n > 0)
		smtp_reply_set(why, 501, "5.5.4", "Syntax: DATA");
	else
		return true;
	return false;
}

void smtp_run_data(struct smtp_server *s, struct slice arg, struct buf *out)
{
	(void)arg;
	(void)out;
	smtp_ask(s, SMTP_EV_OPEN);
}

enum rc smtp_chunk_parse(struct slice arg, int64_t *ret_bytes, bool *ret_last)
{
	struct slice rest = arg, size, word;
	uint64_t n;

	if (smtp_cmdline_word(&rest, &size) || num_u64(size, INT64_MAX, &n))
		return RC_SYNTAX;
	*ret_bytes = (int64_t)n;
	*ret_last = smtp_cmdline_word(&rest, &word) == RC_OK;
	if (*ret_last && (!slice_iis(word, "LAST") || slice_trim(rest).n > 0))
		return RC_SYNTAX;
	return slice_trim(rest).n == 0 ? RC_OK : RC_SYNTAX;
}

/* A chunk that is refused spoils the message: what is missing must not be delivered. The last one
 * ends the transaction. */
static void spoil(struct smtp_server *s, struct buf *out, const struct smtp_reply *r)
{
	int64_t left = s->chunk_left;

	if (s->chunk_is_last)
		smtp_reset(s, true);
	else
		s->bdat = SMTP_BDAT_FAILED;
	s->chunk_left = left;
	smtp_refuse(s, out, r);
}

static bool chunk_is_too_big(const struct smtp_server *s)
{
	return s->conf->size_limit > 0 &&
	       s->chunk_bytes > s->conf->size_limit - s->content_bytes;
}

void smtp_run_bdat(struct smtp_server *s, struct slice arg, struct buf *out)
{
	struct smtp_reply why = { 0 };
	int64_t bytes;
	bool last;

	if ((s->features & SMTP_CHUNKING) == 0) {
		smtp_say(s, out, 521, "5.5.1", "Error: command not implemented");
	} else if (smtp_chunk_parse(arg, &bytes, &last)) {
		/* The chunk that follows cannot be told from commands. */
		smtp_note(s, true, "malformed BDAT command syntax from %s: BDAT%s%.*s", s->client,
			  arg.n > 0 ? " " : "", SLICE_ARG(slice_sub(arg, 0, 100)));
		smtp_say(s, out, 521, "5.5.4", "Syntax: BDAT count [LAST]");
	} else if (bytes == 0 && !last) {
		/* Could be repeated for ever, at no cost to the client. */
		smtp_note(s, true, "null BDAT request from %s", s->client);
		smtp_reply_set(&why, 551, "5.7.1", "Null BDAT request");
		spoil(s, out, &why);
	} else if (s->bdat == SMTP_BDAT_FAILED) {
		smtp_reply_set(&why, 551, "5.0.0", "Discarded %lld bytes after earlier error",
			       (long long)s->chunk_bytes);
		spoil(s, out, &why);
	} else if (!has_recipients(s, &why)) {
		spoil(s, out, &why);
	} else if (chunk_is_too_big(s)) {
		smtp_note(s, true, "BDAT request from %s exceeds message size limit", s->client);
		smtp_reply_set(&why, 552, "5.3.4", "Chunk exceeds message size limit");
		spoil(s, out, &why);
	} else if (s->bdat == SMTP_BDAT_NONE) {
		smtp_ask(s, SMTP_EV_OPEN);
	} else {
		smtp_set_state(s, SMTP_CHUNK);
	}
}

void smtp_after_open(struct smtp_server *s, struct buf *out)
{
	bool is_dotted = s->verb == SMTP_V_DATA;

	if (s->reply.code != 0 && is_dotted) {
		smtp_set_state(s, SMTP_COMMAND);
		smtp_end(s, out, &s->reply);
		return;
	}
	if (s->reply.code != 0) {
		if (s->chunk_left == 0)
			smtp_set_state(s, SMTP_COMMAND);
		spoil(s, out, &s->reply);
		return;
	}
	s->content_bytes = 0;
	smtp_content_init(&s->content, s->eol, is_dotted, s->conf->keeps_cr);
	if (!is_dotted) {
		s->bdat = SMTP_BDAT_OPEN;
		smtp_set_state(s, SMTP_CHUNK);
		return;
	}
	smtp_set_state(s, SMTP_DATA);
	smtp_reply_set(&s->reply, 354, "", "End data with <CR><LF>.<CR><LF>");
	smtp_reply_print(&s->reply, smtp_out(s, out));
}

/* All of the message is there. */
static void content_ends(struct smtp_server *s, struct buf *out)
{
	s->saw_bare_lf = s->saw_bare_lf || s->content.saw_bare_lf;
	if (!s->content.saw_bare_lf || s->eol != SMTP_EOL_REJECT) {
		smtp_ask(s, SMTP_EV_COMMIT);
		return;
	}
	smtp_reject_note(s, "bare <LF> received");
	smtp_set_state(s, SMTP_COMMAND);
	smtp_say(s, out, s->conf->bare_lf_code, "5.5.2", "%s Error: bare <LF> received",
		 s->conf->hostname);
	smtp_reset(s, true);
}

enum smtp_event smtp_feed_data(struct smtp_server *s, struct slice *in, struct buf *out,
			       struct buf *content)
{
	size_t had = in->n, before = buf_len(content);
	enum rc rc = smtp_content_feed(&s->content, in, content);

	s->content_bytes += (int64_t)(had - in->n);
	if (rc == RC_END) {
		content_ends(s, out);
		return SMTP_EV_NONE;
	}
	if (in->n > 0 || buf_len(content) > before)
		return SMTP_EV_CONTENT;
	return SMTP_EV_MORE;
}

enum smtp_event smtp_feed_chunk(struct smtp_server *s, struct slice *in, struct buf *out,
				struct buf *content)
{
	struct slice window = slice_sub(*in, 0, (size_t)s->chunk_left);
	size_t had = window.n, before = buf_len(content);

	(void)!smtp_content_feed(&s->content, &window, content);
	*in = slice_skip(*in, had - window.n);
	s->content_bytes += (int64_t)(had - window.n);
	s->chunk_left -= (int64_t)(had - window.n);
	if (buf_room(content) < SMTP_CONTENT_ROOM)
		return SMTP_EV_CONTENT;
	if (s->chunk_left > 0)
		return buf_len(content) > before ? SMTP_EV_CONTENT : SMTP_EV_MORE;
	if (s->chunk_is_last) {
		smtp_content_finish(&s->content, content);
		content_ends(s, out);
		return SMTP_EV_NONE;
	}
	smtp_set_state(s, SMTP_COMMAND);
	smtp_say(s, out, 250, "2.0.0", "Ok: %lld bytes", (long long)s->chunk_bytes);
	return buf_len(content) > before ? SMTP_EV_CONTENT : SMTP_EV_NONE;
}

enum smtp_event smtp_feed_skip(struct smtp_server *s, struct slice *in, struct buf *out)
{
	size_t n = (uint64_t)s->chunk_left < in->n ? (size_t)s->chunk_left : in->n;

	*in = slice_skip(*in, n);
	s->chunk_left -= (int64_t)n;
	if (s->chunk_left > 0)
		return SMTP_EV_MORE;
	smtp_set_state(s, SMTP_COMMAND);
	smtp_end(s, out, &s->skipped);
	return SMTP_EV_NONE;
}

/* The transaction is over, kept or not; the owner knows. */
void smtp_after_commit(struct smtp_server *s, struct buf *out)
{
	smtp_set_state(s, SMTP_COMMAND);
	if (s->reply.code == 0)
		smtp_reply_set(&s->reply, 250, "2.0.0", "Ok");
	if (smtp_reply_is_ok(&s->reply))
		s->errors = s->junk = 0;
	smtp_end(s, out, &s->reply);
	smtp_reset(s, false);
}
