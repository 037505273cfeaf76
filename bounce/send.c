/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bounce/bounce.h"
#include "lib/base/mem.h"
#include "lib/mail/header.h"
#include "lib/queue/envelope.h"

enum { BLOCK = 65536, PIECE_MAX = 4 << 20, HEADER_MAX = 1 << 20, ID_MAX = 512 };

/* --- content --- */

static ssize_t read_at(int fd, char *p, size_t n, int64_t at)
{
	ssize_t got;

	do
		got = pread(fd, p, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got;
}

/* The first LIMIT bytes of the original. */
static enum rc copy_content(const struct request *req, struct post *to, int64_t limit,
			    struct err *err)
{
	char *block = mem_new(1, BLOCK);
	enum rc rc = RC_OK;
	int64_t at = 0;

	while (at < limit && rc == RC_OK) {
		int64_t want = limit - at < BLOCK ? limit - at : BLOCK;
		ssize_t n = read_at(req->file, block, (size_t)want, req->content_at + at);

		if (n <= 0) {
			rc = n < 0 ? err_sys(err, "read original message") : RC_OK;
			break;
		}
		rc = post_write(to, slice_make(block, (size_t)n), err);
		at += n;
	}
	free(block);
	return rc;
}

/* Has it bytes that need 8bit? What the sender declared may be wrong, or nothing. */
static bool has_8bit(const struct request *req, int64_t limit)
{
	char *block = mem_new(1, BLOCK);
	bool found = false;
	int64_t at = 0;

	while (at < limit && !found) {
		int64_t want = limit - at < BLOCK ? limit - at : BLOCK;
		ssize_t n = read_at(req->file, block, (size_t)want, req->content_at + at);

		if (n <= 0)
			break;	/* copying it will tell */
		for (ssize_t i = 0; i < n && !found; i++)
			found = char_is_8bit(block[i]);
		at += n;
	}
	free(block);
	return found;
}

/* The beginning of the original, which holds the header unless that is monstrous. */
static void read_header(const struct request *req, struct buf *out)
{
	int64_t want = req->facts.content_bytes < HEADER_MAX ? req->facts.content_bytes
							      : HEADER_MAX;

	while ((int64_t)buf_len(out) < want) {
		size_t room;
		char *p = buf_reserve(out, (size_t)want - buf_len(out), &room);
		ssize_t n = read_at(req->file, p, room, req->content_at + (int64_t)buf_len(out));

		if (n <= 0)
			return;
		buf_commit(out, (size_t)n);
	}
}

static int64_t part_bytes(const struct request *req, const struct report_mail *m)
{
	struct buf head;
	int64_t n;

	if (!compose_is_headers_only(m))
		return req->facts.content_bytes;
	buf_init(&head, HEADER_MAX);
	read_header(req, &head);
	n = (int64_t)header_length(buf_slice(&head));
	buf_done(&head);
	return n;
}

static void find_message_id(struct request *req)
{
	struct header_field f;
	struct buf head;

	buf_init(&head, HEADER_MAX);
	read_header(req, &head);
	if (header_find(slice_sub(buf_slice(&head), 0, header_length(buf_slice(&head))),
			SLICE_LIT("Message-Id"), &f) == RC_OK &&
	    f.value.n < 900 && slice_chr(f.value, '\n') < 0)
		req->facts.message_id = arena_slice(&req->arena, f.value);
	buf_done(&head);
}

/* --- one mail --- */

static void mail_over(struct report_post *rp, bool ok, const char *text)
{
	struct request *req = rp->req;

	req->failed |= !ok && rp == req->mails;	/* a lost copy is no reason to say all again */
	if (++req->n_done == req->n_mails)
		request_finish(req, !req->failed, req->failed ? text : "");
}

/* What stands before the enclosed message, in pieces: there may be very many recipients. */
static enum rc write_head(struct report_post *rp, struct buf *text, struct err *err)
{
	size_t n = compose_steps(&rp->mail);
	enum rc rc = RC_OK;

	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		compose_step(&rp->mail, i, text);
		if (buf_len(text) < BLOCK && i + 1 < n)
			continue;
		rc = buf_is_over(text) ? err_set(err, RC_LIMIT, "report is too long")
				       : post_write(&rp->post, buf_slice(text), err);
		buf_reset(text);
	}
	return rc;
}

static enum rc write_mail(struct report_post *rp, struct err *err)
{
	int64_t bytes = part_bytes(rp->req, &rp->mail);
	struct buf text;
	enum rc rc;

	rp->mail.is_8bit = has_8bit(rp->req, bytes);
	buf_init(&text, PIECE_MAX);
	rc = write_head(rp, &text, err);
	if (rc == RC_OK)
		rc = copy_content(rp->req, &rp->post, bytes, err);
	if (rc == RC_OK) {
		compose_end(&rp->mail, &text);
		rc = post_write(&rp->post, buf_slice(&text), err);
	}
	buf_done(&text);
	return rc;
}

static bool tell_rcpt(struct post *p, size_t i, struct cleanup_rcpt *out)
{
	const struct report_mail *m = &LIST_ENTRY(p, struct report_post, post)->mail;

	(void)i;
	*out = (struct cleanup_rcpt){ .address = m->recipient,
				      .notify = m->to_postmaster ? QUEUE_NOTIFY_NEVER : 0 };
	return true;
}

static void on_open(struct post *p)
{
	struct report_post *rp = LIST_ENTRY(p, struct report_post, post);
	struct request *req = rp->req;
	int64_t now_us = loop_unix_us(req->v->b->loop);
	struct err err = { 0 };
	struct buf id;

	rp->mail.report_id = queue_id_slice(&p->queue_id);
	rp->mail.now_s = now_us / 1000000;
	if (write_mail(rp, &err) != RC_OK) {
		log_err(&req->log, &err, "report not written");
		post_abort(p);
		mail_over(rp, false, "report not written");
		return;
	}
	buf_init(&id, ID_MAX);
	compose_message_id(&rp->mail, &id);
	post_envelope(p, &(struct cleanup_mail){
		.sender = slice_str(rp->envelope_sender), .arrival_us = now_us,
		.message_id = buf_slice(&id),
		.encoding = rp->mail.is_8bit || rp->mail.is_utf8 ? 8 : 7,
		.smtputf8 = rp->mail.is_utf8 }, 1, 0);
	buf_done(&id);
}

static void on_done(struct post *p, unsigned code, struct slice dsn, struct slice text)
{
	struct report_post *rp = LIST_ENTRY(p, struct report_post, post);
	char why[256];

	(void)dsn;
	if (code == 250) {
		log_info(&rp->req->log, "%s %s: %s", rp->mail.to_postmaster ? "postmaster" : "sender",
			 compose_name(rp->mail.kind), p->queue_id.s);
		mail_over(rp, true, "");
		return;
	}
	snprintf(why, sizeof(why), "%u %.*s", code, SLICE_ARG(text));
	log_warn(&rp->req->log, "%s not queued: %s", compose_name(rp->mail.kind), why);
	mail_over(rp, code >= 500, why);	/* refused for good: it would be so again */
}

/* --- who gets what --- */

static void add_mail(struct request *req, const char *sender, struct slice recipient,
		     bool to_postmaster)
{
	struct report_post *rp = &req->mails[req->n_mails++];

	*rp = (struct report_post){ .req = req, .mail = req->facts, .envelope_sender = sender };
	rp->post.on_open = on_open;
	rp->post.rcpt = tell_rcpt;
	rp->post.on_done = on_done;
	rp->mail.recipient = recipient;
	rp->mail.to_postmaster = to_postmaster;
	rp->mail.items = req->items;
	rp->mail.n_items = req->n_items;
}

static bool is_double_bounce(const struct request *req)
{
	return slice_iis(req->facts.sender, req->v->b->policy.double_bounce_sender);
}

/* Reports go to the sender with the null sender; what cannot be reported to anybody goes to the
 * postmaster, if wanted; notices to the postmaster are never reported on. */
static void plan(struct request *req)
{
	const struct bounce_policy *p = &req->v->b->policy;

	req->n_mails = 0;
	if (req->n_items == 0)
		return;
	if (is_double_bounce(req)) {
		log_warn(&req->log, "undeliverable postmaster notification discarded");
		return;
	}
	if (req->facts.sender.n == 0) {
		if (req->kind == REPORT_FAILED && p->copy_2bounces)
			add_mail(req, p->double_bounce_sender, slice_str(p->second_bounce_notice),
				 true);
		return;
	}
	add_mail(req, "", req->facts.sender, false);
	if (req->kind == REPORT_FAILED && p->copy_bounces)
		add_mail(req, p->double_bounce_sender, slice_str(p->bounce_notice), true);
	if (req->kind == REPORT_DELAYED && p->copy_delays)
		add_mail(req, p->double_bounce_sender, slice_str(p->delay_notice), true);
}

void request_send(struct request *req)
{
	struct bounce *b = req->v->b;

	plan(req);
	if (req->n_mails == 0) {
		request_finish(req, true, "");
		return;
	}
	if (b->poster.chan == NULL) {
		req->n_mails = 0;
		list_append(&b->waiting, &req->waiting);
		if (!timer_is_running(&b->patience))
			timer_start(&b->patience, b->policy.patience_ms);
		return;
	}
	if (b->policy.threaded)
		find_message_id(req);
	for (unsigned i = 0; i < req->n_mails; i++) {
		req->mails[i].mail.message_id = req->facts.message_id;
		if (!post_open(&b->poster, &req->mails[i].post,
			       CLEANUP_FLAG_BOUNCE | CLEANUP_FLAG_NO_BCC))
			mail_over(&req->mails[i], false, "cleanup is not there");
	}
}
