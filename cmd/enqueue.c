/* cmd/enqueue.c - sendmail's main job: a message and its envelope to postdrop. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "cmd/message.h"
#include "cmd/sendmail.h"
#include "lib/queue/submission.h"
#include "cmd/tool.h"
#include "lib/base/mem.h"
#include "lib/mail/addr.h"
#include "lib/sys/log.h"

enum { READ_BYTES = 32768, HEADER_MAX = 64 << 20, ARENA_MAX = 256 << 20 };

struct enqueue {
	struct sendmail *s;
	struct arena arena;
	struct message message;
	struct queue_envelope envelope;
	size_t rcpts_size;
	struct buf content, frame;
	pid_t postdrop;
	int to_postdrop;	/* -1: not started */
};

static void add_rcpt(struct enqueue *q, struct slice address)
{
	struct queue_envelope *e = &q->envelope;

	if (e->n_rcpts == QUEUE_RCPTS_MAX)
		sendmail_fatal(EX_USAGE, "too many recipients");
	if (e->n_rcpts == q->rcpts_size) {
		q->rcpts_size = q->rcpts_size > 0 ? 2 * q->rcpts_size : 8;
		e->rcpts = mem_grow(e->rcpts, q->rcpts_size, sizeof(*e->rcpts));
	}
	e->rcpts[e->n_rcpts++] = (struct queue_rcpt){
		.address = address, .notify = (unsigned char)q->s->notify,
		.mark = QUEUE_MARK_TODO };
}

/* One argument may hold several addresses. */
static void add_argument(struct enqueue *q, const char *arg)
{
	struct addr_list list = { 0 };
	struct buf text;

	addr_parse(slice_str(arg), ADDR_LIST_MAX, &q->arena, &list);
	buf_init(&text, QUEUE_VALUE_MAX);
	for (const struct addr *a = list.first; a != NULL; a = a->next) {
		if (a->kind != ADDR_MAILBOX || a->local.n == 0)
			continue;
		buf_reset(&text);
		buf_add(&text, a->local);
		if (a->domain.n > 0) {
			buf_addc(&text, '@');
			buf_add(&text, a->domain);
		}
		add_rcpt(q, arena_slice(&q->arena, buf_slice(&text)));
	}
	buf_done(&text);
}

static void set_sender(struct enqueue *q)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *given = q->s->sender;
	struct buf text;

	buf_init(&text, QUEUE_VALUE_MAX);
	if (given != NULL && given[0] != '\0' && addr_parse_one(slice_str(given), &text) != RC_OK) {
		log_warn(NULL, "-f option specified malformed sender: %s", given);
		buf_reset(&text);
		given = NULL;
	}
	if (given == NULL && pw != NULL)
		buf_adds(&text, pw->pw_name);
	if (given == NULL && buf_len(&text) == 0)
		sendmail_fatal(EX_OSERR, "unable to find your login name");
	q->envelope.sender = arena_slice(&q->arena, buf_slice(&text));
	buf_done(&text);
}

/* -F, NAME, or the user's GECOS name, where "&" stands for the login name. */
static void set_full_name(struct enqueue *q)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *name = q->s->full_name != NULL ? q->s->full_name : getenv("NAME");
	struct buf text;

	buf_init(&text, QUEUE_VALUE_MAX);
	if (name != NULL)
		buf_adds(&text, name);
	else if (pw != NULL)
		for (const char *p = pw->pw_gecos; *p != '\0' && *p != ','; p++) {
			if (*p != '&')
				buf_addc(&text, *p);
			else if (pw->pw_name[0] != '\0')
				buf_addf(&text, "%c%s", char_upper(pw->pw_name[0]), pw->pw_name + 1);
		}
	if (queue_value_is_valid(buf_slice(&text)))
		q->envelope.attr[QUEUE_ATTR_FULL_NAME] =
			arena_slice(&q->arena, buf_slice(&text));
	buf_done(&text);
}

static void start_postdrop(struct enqueue *q)
{
	char *dir = tool_param(q->s->conf, "command_directory"), path[4096];
	int fds[2];

	snprintf(path, sizeof(path), "%s/postdrop", dir);
	free(dir);
	if (pipe(fds) != 0 || (q->postdrop = fork()) < 0)
		sendmail_fatal(EX_OSERR, "cannot start postdrop");
	if (q->postdrop == 0) {
		dup2(fds[0], STDIN_FILENO);
		close(fds[0]);
		close(fds[1]);
		execl(path, "postdrop", "-c", q->s->config_dir, (char *)NULL);
		log_at(LOG_LEVEL_FATAL, NULL, "execute %s: %s", path, strerror(errno));
		_exit(EX_UNAVAILABLE);
	}
	close(fds[0]);
	q->to_postdrop = fds[1];
}

/* postdrop's own message and status tell why it went away. */
static int reap(struct enqueue *q)
{
	int status = 0;

	close(q->to_postdrop);
	while (waitpid(q->postdrop, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

static void send_frame(struct enqueue *q)
{
	struct slice s = buf_slice(&q->frame);

	while (s.n > 0) {
		ssize_t n = write(q->to_postdrop, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int status = reap(q);

			exit(status != EX_OK ? status : EX_TEMPFAIL);
		}
		s = slice_skip(s, (size_t)n);
	}
	buf_reset(&q->frame);
}

static _Noreturn void no_recipients(const struct enqueue *q)
{
	const struct passwd *pw = getpwuid(getuid());
	char text[300];

	snprintf(text, sizeof(text), "%s(%ld): %s", pw != NULL ? pw->pw_name : "unknown",
		 (long)getuid(), q->s->extract
			? "No recipient addresses found in message header"
			: "Recipient addresses must be specified on the command line or via the -t"
			  " option");
	sendmail_fatal(EX_USAGE, text);
}

static void begin(struct enqueue *q)
{
	struct queue_envelope *e = &q->envelope;
	struct err err = { 0 };

	for (const struct message_rcpt *r = message_first_rcpt(&q->message); r != NULL;
	     r = message_next_rcpt(&q->message, r))
		add_rcpt(q, r->address);
	if (e->n_rcpts == 0)
		no_recipients(q);
	if (submission_begin(e, &q->frame, &err) != RC_OK)
		sendmail_fatal(EX_DATAERR, err.text);
	start_postdrop(q);
	send_frame(q);
}

static void send_content(struct enqueue *q)
{
	while (buf_len(&q->content) > 0) {
		struct slice s = slice_sub(buf_slice(&q->content), 0, SUBMISSION_CHUNK_MAX);

		submission_chunk(s, &q->frame);
		buf_consume(&q->content, s.n);
		send_frame(q);
	}
}

/* With -t the header must be read before the envelope is known; it is held in memory. */
static void read_message(struct enqueue *q)
{
	static char block[READ_BYTES];
	enum rc rc = RC_OK;

	if (!q->s->extract)
		begin(q);
	while (rc == RC_OK) {
		ssize_t n = read(STDIN_FILENO, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			sendmail_fatal(EX_DATAERR, "cannot read the message");
		if (n == 0)
			break;
		rc = message_feed(&q->message, slice_make(block, (size_t)n), &q->content);
		if (q->to_postdrop < 0 && q->message.in_body)
			begin(q);
		if (q->to_postdrop >= 0)
			send_content(q);
		else if (buf_is_over(&q->content))
			sendmail_fatal(EX_DATAERR, "the message header is too large");
	}
	message_finish(&q->message, &q->content);
	if (q->to_postdrop < 0)
		begin(q);
	if (q->message.is_cut)
		sendmail_fatal(EX_DATAERR, "too many recipients in the message header");
	send_content(q);
}

int sendmail_enqueue(struct sendmail *s)
{
	struct enqueue q = { .s = s, .to_postdrop = -1 };
	char *fix = tool_param(s->conf, "sendmail_fix_line_endings");
	int status;

	arena_init(&q.arena, ARENA_MAX);
	message_init(&q.message, &q.arena);
	buf_init(&q.content, HEADER_MAX);
	buf_init(&q.frame, QUEUE_TAIL_MAX + SUBMISSION_CHUNK_MAX);
	q.message.dot_ends = !s->ignore_dots;
	q.message.extract = s->extract;
	q.message.fix_line_ends = strcmp(fix, "never") != 0;
	free(fix);
	q.envelope.flags = s->flags | (s->verify ? QUEUE_FLAG_VERIFY : 0) |
			   (s->report ? QUEUE_FLAG_REPORT : 0);
	if (s->is_gateway)
		q.envelope.attr[QUEUE_ATTR_REWRITE_CONTEXT] = SLICE_LIT("remote");
	q.envelope.ret = s->ret;
	q.envelope.envid = slice_str(s->envid);
	set_sender(&q);
	set_full_name(&q);
	for (char **r = s->recipients; *r != NULL; r++)
		add_argument(&q, *r);
	if (s->verify) {
		begin(&q);
	} else {
		read_message(&q);
	}
	submission_end(&q.frame);
	send_frame(&q);
	status = reap(&q);
	if (status == EX_OK && (s->verify || s->report))
		printf("Mail Delivery Status Report will be mailed to <%.*s>.\n",
		       SLICE_ARG(q.envelope.sender));
	message_done(&q.message);
	buf_done(&q.content);
	buf_done(&q.frame);
	free(q.envelope.rcpts);
	arena_done(&q.arena);
	return status;
}
