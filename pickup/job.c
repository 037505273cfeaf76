/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/mail/addr.h"
#include "lib/mail/date.h"
#include "lib/smtp/intake.h"
#include "lib/sys/log.h"
#include "pickup/pickup.h"

enum { BLOCK_BYTES = 65536, UNFINISHED_MAX_S = 86400, RETRY_MS = 60000 };

struct job {
	struct post post;
	struct list link;
	struct task death;
	struct pickup *pickup;
	struct queue_id id;		/* in maildrop */
	int fd;
	uid_t uid;
	struct buf tail;
	struct arena arena;
	struct queue_envelope envelope;
	struct log_ctx log;		/* under the new id */
	struct table_memo memo;		/* of what the header's addresses become */
	bool has_memo, told_fault;
	struct refusal refusal;
};

static void on_death(struct task *t)
{
	struct job *j = LIST_ENTRY(t, struct job, death);

	if (j->fd >= 0)
		close(j->fd);
	buf_done(&j->tail);
	arena_done(&j->arena);
	free(j);
}

static void end(struct job *j)
{
	struct pickup *p = j->pickup;

	if (j->has_memo)
		table_memo_done(&j->memo);
	list_remove(&j->link);
	p->n_jobs--;
	daemon_session_end(p->daemon);
	loop_defer(daemon_loop(p->daemon), &j->death, on_death);
	if (p->look_again)
		pickup_look(p);
}

/* The file cannot be used and never will be: keep it for the administrator. */
static void set_aside(struct pickup *p, const struct queue_id *id, const char *why)
{
	struct err err = { 0 };

	log_warn(NULL, "%s: damaged maildrop file: %s; moved to corrupt", id->s, why);
	if (queue_move(&p->spool, QUEUE_MAILDROP, id, QUEUE_CORRUPT, id, &err) != RC_OK)
		log_err(NULL, &err, "%s", id->s);
}

/* --- content --- */

struct content {
	struct smtp_intake intake;
	struct smtp_intake_conf conf;
	char received[1024], message_id[256], date[64];
	struct buf from;
};

static enum rc rewrite(void *ctx, bool is_sender, struct slice value, struct buf *out)
{
	struct job *j = ctx;
	struct address_query q = { .conf = j->pickup->policy.address, .memo = &j->memo,
				   .arena = &j->arena };
	struct err err = { 0 };
	enum rc rc = address_field(&q, is_sender ? ADDRESS_HEADER_SENDER
						 : ADDRESS_HEADER_RECIPIENT, value, out, &err);

	if ((rc == RC_TEMP || rc == RC_PERM) && !j->told_fault) {
		log_err(&j->log, &err, "header addresses stay as they are");
		j->told_fault = true;
	}
	return rc;
}

/* sendmail -G, or a requeued message that a stranger had sent: its header is not ours to mend. */
static bool is_foreign(const struct queue_envelope *e)
{
	return slice_is(e->attr[QUEUE_ATTR_REWRITE_CONTEXT], "remote");
}

/* By cleanup's hand: postsuper -r brought it back. */
static bool is_requeued(const struct job *j)
{
	return j->uid == geteuid() && j->envelope.attr[QUEUE_ATTR_REWRITE_CONTEXT].n > 0;
}

static void make_fields(struct job *j, struct content *c)
{
	static const struct slice drop[] = {
		{ "bcc", 3 }, { "content-length", 14 }, { "resent-bcc", 10 }, { "return-path", 11 },
	};
	const struct pickup_policy *policy = &j->pickup->policy;
	int64_t now_s = loop_unix_us(daemon_loop(j->pickup->daemon)) / 1000000;
	time_t now = (time_t)now_s;
	char zone[DATE_ZONE_NAME_MAX], stamp[20];
	struct date d = date_zone(now_s, zone);
	struct buf date;
	struct tm tm;

	buf_init(&date, sizeof(c->date));
	date_print(d, zone, &date);
	snprintf(c->date, sizeof(c->date), "%s", buf_cstr(&date));
	buf_done(&date);
	strftime(stamp, sizeof(stamp), "%Y%m%d%H%M%S", gmtime_r(&now, &tm));
	snprintf(c->received, sizeof(c->received),
		 "Received: by %s (%s, from userid %ld)\n\tid %s; %s\n", policy->myhostname,
		 policy->mail_name, (long)j->uid, j->post.queue_id.s, c->date);
	snprintf(c->message_id, sizeof(c->message_id), "<%s.%s@%s>", stamp,
		 j->post.queue_id.s, policy->myhostname);
	buf_init(&c->from, 4096);
	make_from(policy, j->envelope.sender, j->envelope.attr[QUEUE_ATTR_FULL_NAME], &c->from);
	c->conf = (struct smtp_intake_conf){
		.received = slice_str(c->received), .drop = drop,
		.n_drop = sizeof(drop) / sizeof(drop[0]), .field_max = policy->field_max,
		.completes = !is_foreign(&j->envelope), .message_id = slice_str(c->message_id),
		.date = slice_str(c->date), .from = buf_slice(&c->from),
		.to = slice_str(policy->to_header),
		.rewrite = is_foreign(&j->envelope) ? NULL : rewrite, .ctx = j,
	};
	smtp_intake_init(&c->intake, &c->conf);
}

/* Read the next piece of the submission; 0 at its end. */
static ssize_t read_piece(const struct job *j, char *block, uint64_t at, struct err *err)
{
	uint64_t left = j->envelope.content_bytes - at;
	ssize_t n;

	do
		n = pread(j->fd, block, left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		(void)!err_sys(err, "read maildrop file");
	return n;
}

/* Go through the header for its questions to tables only. False: an answer is to come. */
static bool header_is_known(struct job *j)
{
	char *block = mem_new(1, BLOCK_BYTES);
	struct err err = { 0 };
	struct content c;
	struct buf out;
	uint64_t at = 0;
	bool known;

	make_fields(j, &c);
	buf_init(&out, BLOCK_BYTES + c.conf.field_max + SMTP_INTAKE_EXTRA);
	while (at < j->envelope.content_bytes && !smtp_intake_is_in_body(&c.intake)) {
		ssize_t n = read_piece(j, block, at, &err);

		if (n <= 0)
			break;
		at += (uint64_t)n;
		buf_reset(&out);
		smtp_intake_feed(&c.intake, slice_make(block, (size_t)n), &out);
	}
	smtp_intake_finish(&c.intake, &out);
	known = !c.intake.is_later;
	smtp_intake_done(&c.intake);
	buf_done(&c.from);
	buf_done(&out);
	free(block);
	return known;
}

static enum rc write_content(struct job *j, struct content *c, struct err *err)
{
	char *block = mem_new(1, BLOCK_BYTES);
	struct buf out;
	enum rc rc = RC_OK;
	uint64_t at = 0;

	buf_init(&out, BLOCK_BYTES + c->conf.field_max + SMTP_INTAKE_EXTRA);
	while (rc == RC_OK && at < j->envelope.content_bytes) {
		ssize_t n = read_piece(j, block, at, err);

		if (n <= 0) {
			rc = n < 0 ? RC_SYS : err_set(err, RC_TEMP, "maildrop file is shorter now");
			break;
		}
		at += (uint64_t)n;
		buf_reset(&out);
		smtp_intake_feed(&c->intake, slice_make(block, (size_t)n), &out);
		rc = post_write(&j->post, buf_slice(&out), err);
	}
	if (rc == RC_OK) {
		buf_reset(&out);
		smtp_intake_finish(&c->intake, &out);
		rc = post_write(&j->post, buf_slice(&out), err);
	}
	buf_done(&out);
	free(block);
	return rc;
}

/* --- envelope --- */

static bool tell_rcpt(struct post *post, size_t i, struct cleanup_rcpt *out)
{
	const struct queue_rcpt *r = &LIST_ENTRY(post, struct job, post)->envelope.rcpts[i];

	*out = (struct cleanup_rcpt){ .address = r->address, .original = r->original,
				      .orcpt = r->orcpt, .notify = r->notify };
	return r->mark == QUEUE_MARK_TODO;
}

static void send_envelope(struct job *j, const struct content *c)
{
	const struct queue_envelope *e = &j->envelope;

	post_envelope(&j->post, &(struct cleanup_mail){
		.sender = e->sender, .dsn_ret = (uint8_t)e->ret, .envid = e->envid,
		.encoding = (e->flags & QUEUE_FLAG_8BIT) != 0 ? 8 : 0,
		.smtputf8 = (e->flags & QUEUE_FLAG_SMTPUTF8) != 0, .arrival_us = e->arrived_us,
		.message_id = slice_str(c->intake.message_id),
		.resent_message_id = slice_str(c->intake.resent_message_id) },
		e->n_rcpts, c->intake.hops);
}

static void write_message(struct job *j)
{
	struct content c;
	struct err err = { 0 };
	enum rc rc;

	if (address_maps_headers(j->pickup->policy.address) && !header_is_known(j))
		return;		/* again when the tables have answered */
	make_fields(j, &c);
	rc = write_content(j, &c, &err);
	if (rc == RC_OK) {
		send_envelope(j, &c);
	} else {
		log_err(&j->log, &err, "maildrop/%s stays", j->id.s);
		post_abort(&j->post);
		timer_start(&j->pickup->retry, RETRY_MS);
	}
	smtp_intake_done(&c.intake);
	buf_done(&c.from);
	if (rc != RC_OK)
		end(j);
}

static void on_tables(struct table_memo *memo)
{
	write_message(memo->owner);
}

static void on_open(struct post *post)
{
	struct job *j = LIST_ENTRY(post, struct job, post);

	struct buf from;

	j->log = (struct log_ctx){ .queue_id = queue_id_slice(&j->post.queue_id) };
	buf_init(&from, 4 * QUEUE_VALUE_MAX);
	addr_quote(j->envelope.sender, &from);
	log_info(&j->log, "uid=%ld from=<%s>%s%s", (long)j->uid, buf_cstr(&from),
		 is_requeued(j) ? " orig_id=" : "", is_requeued(j) ? j->id.s : "");
	buf_done(&from);
	table_memo_init(&j->memo, &j->arena, on_tables, j);
	j->has_memo = true;
	write_message(j);
}

/* --- the end --- */

/* Only now, when the copy (or the report) is durable, the original goes. */
static void remove_original(struct job *j)
{
	struct err err = { 0 };

	if (queue_remove(&j->pickup->spool, QUEUE_MAILDROP, &j->id, &err) != RC_OK)
		log_err(&j->log, &err, "remove maildrop/%s", j->id.s);
}

static void on_refusal_done(struct refusal *r, bool ok)
{
	struct job *j = LIST_ENTRY(r, struct job, refusal);

	if (ok)
		remove_original(j);
	else
		timer_start(&j->pickup->retry, RETRY_MS);
	end(j);
}

/* What cleanup does not take for good. */
static void give_back(struct job *j, struct slice dsn, struct slice text)
{
	struct refusal *r = &j->refusal;

	*r = (struct refusal){ .envelope = &j->envelope, .fd = j->fd,
			       .queue_id = queue_id_slice(&j->post.queue_id),
			       .on_done = on_refusal_done };
	(void)slice_to_cstr(dsn, r->dsn, sizeof(r->dsn));
	(void)slice_to_cstr(slice_sub(text, 0, sizeof(r->text) - 1), r->text, sizeof(r->text));
	refuser_add(&j->pickup->refuser, r);
}

static void on_done(struct post *post, unsigned code, struct slice dsn, struct slice text)
{
	struct job *j = LIST_ENTRY(post, struct job, post);

	if (code >= 500) {
		give_back(j, dsn, text);
		return;
	}
	if (code == 250) {
		remove_original(j);
	} else {
		log_warn(&j->log, "maildrop/%s stays: %.*s", j->id.s, SLICE_ARG(text));
		timer_start(&j->pickup->retry, RETRY_MS);
	}
	end(j);
}

/* --- start --- */

static bool is_under_way(const struct pickup *p, const struct queue_id *id)
{
	LIST_EACH(node, &p->jobs)
		if (slice_eq(queue_id_slice(&LIST_ENTRY(node, struct job, link)->id),
			     queue_id_slice(id)))
			return true;
	return false;
}

/* postdrop died before it could remove it. */
static void remove_if_old(struct pickup *p, const struct queue_id *id, const struct stat *st)
{
	int64_t now_s = loop_unix_us(daemon_loop(p->daemon)) / 1000000;

	if (now_s - st->st_mtime > UNFINISHED_MAX_S &&
	    queue_remove(&p->spool, QUEUE_MAILDROP, id, NULL) == RC_OK)
		log_info(NULL, "removed unfinished maildrop/%s", id->s);
}

/* The rest of a message that was requeued when it was done, and not yet removed. */
static bool is_finished(const struct queue_envelope *e)
{
	for (size_t i = 0; i < e->n_rcpts; i++)
		if (e->rcpts[i].mark == QUEUE_MARK_TODO)
			return false;
	return true;
}

/* postdrop is at it, as another user: the file may be read when it is complete. */
static bool is_unfinished(struct job *j, const struct err *why)
{
	struct stat st;

	if (why->sys_errno != EACCES ||
	    queue_stat(&j->pickup->spool, QUEUE_MAILDROP, &j->id, &st, NULL) != RC_OK ||
	    queue_mode_is_complete(st.st_mode))
		return false;
	remove_if_old(j->pickup, &j->id, &st);
	return true;
}

static bool load(struct job *j)
{
	struct pickup *p = j->pickup;
	struct err err = { 0 };
	struct stat st;
	enum rc rc = queue_open(&p->spool, QUEUE_MAILDROP, &j->id, O_RDONLY, &j->fd, &err);

	if (rc == RC_END || is_unfinished(j, &err))
		return false;
	if (rc == RC_PERM) {
		set_aside(p, &j->id, err.text);
		return false;
	}
	if (rc != RC_OK || fstat(j->fd, &st) != 0) {
		log_err(NULL, &err, "maildrop/%s", j->id.s);
		return false;
	}
	j->uid = st.st_uid;
	rc = queue_file_load(j->fd, &j->tail, &j->arena, &j->envelope, &err);
	if (rc == RC_OK && queue_file_verify(j->fd, &j->envelope, &err) != RC_OK)
		rc = RC_SYNTAX;
	if (rc == RC_MORE)
		remove_if_old(p, &j->id, &st);
	else if (rc == RC_SYNTAX || rc == RC_LIMIT || rc == RC_PERM)
		set_aside(p, &j->id, err.text);
	else if (rc == RC_END)
		log_warn(NULL, "maildrop/%s was written by Postfix; let Postfix deliver it", j->id.s);
	else if (rc != RC_OK)
		log_err(NULL, &err, "maildrop/%s", j->id.s);
	if (rc == RC_OK && is_finished(&j->envelope)) {
		remove_original(j);
		return false;
	}
	return rc == RC_OK;
}

static uint32_t flags_of(const struct queue_envelope *e)
{
	return (is_foreign(e) ? 0 : CLEANUP_FLAG_LOCAL) |
	       ((e->flags & QUEUE_FLAG_REPORT) != 0 ? CLEANUP_FLAG_REPORT : 0) |
	       ((e->flags & QUEUE_FLAG_VERIFY) != 0 ? CLEANUP_FLAG_VERIFY : 0);
}

void job_start(struct pickup *p, const struct queue_id *id)
{
	struct job *j;

	if (is_under_way(p, id))
		return;
	j = mem_new(1, sizeof(*j));
	j->pickup = p;
	j->id = *id;
	j->fd = -1;
	task_init(&j->death);
	list_init(&j->link);
	buf_init(&j->tail, QUEUE_TAIL_MAX);
	arena_init(&j->arena, QUEUE_TAIL_MAX);
	if (!load(j)) {
		on_death(&j->death);
		return;
	}
	j->post.on_open = on_open;
	j->post.rcpt = tell_rcpt;
	j->post.on_done = on_done;
	if (!post_open(&p->poster, &j->post, flags_of(&j->envelope))) {
		on_death(&j->death);
		return;
	}
	list_append(&p->jobs, &j->link);
	p->n_jobs++;
	daemon_session_begin(p->daemon);
}
