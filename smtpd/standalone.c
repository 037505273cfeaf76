/* SPDX-License-Identifier: ISC */
#include "smtpd/standalone.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/queue/submission.h"
#include "lib/smtp/server.h"
#include "lib/sys/log.h"
#include "smtpd/footer.h"

#define PARAMS_STRUCT standalone_params
#define PARAMS_FILE "smtpd/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT standalone_base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT standalone_queue_params
#define PARAMS_FILE "lib/queue/params.def"
#include "lib/conf/param_struct.h"

enum { READ_BYTES = 65536, CONTENT_BYTES = SUBMISSION_CHUNK_MAX, ARENA_MAX = 256 << 20 };

struct standalone {
	const char *config_dir;
	struct arena policy_arena, arena;	/* of the process; of the message */
	struct standalone_params p;
	struct standalone_base_params base;
	struct standalone_queue_params queue;
	struct footer footer;
	struct smtp_server_conf conf;
	struct smtp_server smtp;
	struct buf in, out, content, frame;
	struct queue_envelope envelope;
	size_t rcpts_size;
	pid_t postdrop;		/* 0: none runs */
	int to_postdrop, from_postdrop;
	char queue_id[64];
	bool is_broken;		/* postdrop no longer listens */
	int64_t content_bytes;
};

bool standalone_is_wanted(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "-S") == 0)
			return true;
	return false;
}

/* --- postdrop --- */

/* One line, when the message is safe; else nothing. */
static void read_queue_id(struct standalone *s)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = read(s->from_postdrop, s->queue_id + n, sizeof(s->queue_id) - 1 - n);
		n += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && n < sizeof(s->queue_id) - 1) || (got < 0 && errno == EINTR));
	s->queue_id[n] = '\0';
	s->queue_id[strcspn(s->queue_id, "\n")] = '\0';
	close(s->from_postdrop);
}

static int reap(struct standalone *s)
{
	int status = 0;

	if (s->postdrop == 0)
		return EX_SOFTWARE;
	close(s->to_postdrop);
	read_queue_id(s);
	while (waitpid(s->postdrop, &status, 0) < 0 && errno == EINTR)
		;
	s->postdrop = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

static void send_frame(struct standalone *s)
{
	struct slice rest = buf_slice(&s->frame);

	while (rest.n > 0 && !s->is_broken) {
		ssize_t n = write(s->to_postdrop, rest.p, rest.n);

		if (n > 0)
			rest = slice_skip(rest, (size_t)n);
		else if (n == 0 || errno != EINTR)
			s->is_broken = true;
	}
	buf_reset(&s->frame);
}

static bool start_postdrop(struct standalone *s)
{
	char path[4096];
	int fds[2], back[2];

	snprintf(path, sizeof(path), "%s/postdrop", s->base.command_directory);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	if (pipe2(back, O_CLOEXEC) < 0) {
		close(fds[0]);
		close(fds[1]);
		return false;
	}
	s->postdrop = fork();
	if (s->postdrop == 0) {
		dup2(fds[0], STDIN_FILENO);
		dup2(back[1], STDOUT_FILENO);
		execl(path, "postdrop", "-r", "-c", s->config_dir, (char *)NULL);
		_exit(EX_UNAVAILABLE);
	}
	close(fds[0]);
	close(back[1]);
	s->to_postdrop = fds[1];
	s->from_postdrop = back[0];
	s->is_broken = false;
	if (s->postdrop < 0) {
		s->postdrop = 0;
		close(fds[1]);
		close(back[0]);
		return false;
	}
	return true;
}

/* --- the message --- */

static void forget(struct standalone *s)
{
	/* A submission without its end leaves nothing; the signal spares us a complaint. */
	if (s->postdrop != 0)
		kill(s->postdrop, SIGTERM);
	if (s->postdrop != 0 && reap(s) == EX_OK)
		log_warn(NULL, "postdrop took a message that was not complete");
	free(s->envelope.rcpts);
	s->envelope = (struct queue_envelope){ 0 };
	s->rcpts_size = 0;
	s->content_bytes = 0;
	arena_reset(&s->arena);
	buf_reset(&s->content);
}

static void answer(struct standalone *s, unsigned code, const char *dsn, const char *text)
{
	struct smtp_reply r;

	smtp_reply_set(&r, code, dsn, "%s", text);
	smtp_server_answer(&s->smtp, &r);
}

static struct slice keep(struct standalone *s, struct slice text)
{
	return arena_slice(&s->arena, text);
}

static void on_mail(struct standalone *s)
{
	const struct smtp_server_data *ev = &s->smtp.ev;
	struct queue_envelope *e = &s->envelope;

	if (s->conf.size_limit > 0 && ev->mail->size_bytes > s->conf.size_limit) {
		answer(s, 552, "5.3.4", "Message size exceeds fixed limit");
		return;
	}
	forget(s);
	e->sender = keep(s, ev->address);
	e->ret = (enum queue_ret)ev->mail->ret;
	e->envid = keep(s, slice_str(ev->mail->envid));
	e->flags = (ev->mail->encoding == 8 ? QUEUE_FLAG_8BIT : 0) |
		   (ev->mail->smtputf8 ? QUEUE_FLAG_SMTPUTF8 : 0);
	smtp_server_answer(&s->smtp, NULL);
}

static void on_rcpt(struct standalone *s)
{
	const struct smtp_server_data *ev = &s->smtp.ev;
	struct queue_envelope *e = &s->envelope;

	if (e->n_rcpts == s->rcpts_size) {
		s->rcpts_size = s->rcpts_size > 0 ? 2 * s->rcpts_size : 8;
		e->rcpts = mem_grow(e->rcpts, s->rcpts_size, sizeof(*e->rcpts));
	}
	e->rcpts[e->n_rcpts++] = (struct queue_rcpt){
		.address = keep(s, ev->address), .orcpt = keep(s, slice_str(ev->rcpt->orcpt)),
		.notify = ev->rcpt->notify, .mark = QUEUE_MARK_TODO };
	smtp_server_answer(&s->smtp, NULL);
}

static void on_open(struct standalone *s)
{
	struct timespec now;
	struct err err = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	s->envelope.arrived_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	if (submission_begin(&s->envelope, &s->frame, &err) != RC_OK) {
		answer(s, 554, "5.3.0", "Error: bad envelope");
		return;
	}
	if (!start_postdrop(s)) {
		answer(s, 451, "4.3.0", "Error: queue file write error");
		return;
	}
	send_frame(s);
	smtp_server_answer(&s->smtp, NULL);
}

static bool is_too_big(const struct standalone *s)
{
	return s->conf.size_limit > 0 && s->content_bytes > s->conf.size_limit;
}

static void on_content(struct standalone *s)
{
	s->content_bytes += (int64_t)buf_len(&s->content);
	if (s->postdrop != 0 && !is_too_big(s)) {
		submission_chunk(buf_slice(&s->content), &s->frame);
		send_frame(s);
	}
	buf_reset(&s->content);
}

static void on_commit(struct standalone *s)
{
	int status;

	on_content(s);
	if (is_too_big(s)) {
		answer(s, 552, "5.3.4", "Error: message file too big");
		forget(s);
		return;
	}
	submission_end(&s->frame);
	send_frame(s);
	status = reap(s);
	if (status == EX_OK && !s->is_broken)
		smtp_server_queued(&s->smtp, slice_str(s->queue_id));
	else if (status == EX_DATAERR || status == EX_USAGE || status == EX_NOPERM)
		answer(s, 554, "5.3.0", "Error: message was refused");
	else
		answer(s, 451, "4.3.0", "Error: queue file write error");
	forget(s);
}

/* --- the dialogue --- */

static void flush_out(struct standalone *s)
{
	struct slice rest = buf_slice(&s->out);

	while (rest.n > 0) {
		ssize_t n = write(STDOUT_FILENO, rest.p, rest.n);

		if (n < 0 && errno != EINTR)
			exit(EX_IOERR);
		rest = slice_skip(rest, n > 0 ? (size_t)n : 0);
	}
	buf_reset(&s->out);
}

/* False: the client is gone. */
static bool read_more(struct standalone *s)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	size_t room;
	char *to;
	ssize_t n;
	int ready;

	flush_out(s);
	ready = poll(&p, 1, (int)s->p.smtpd_timeout);
	if (ready == 0) {
		smtp_server_timed_out(&s->smtp, &s->out);
		flush_out(s);
		return false;
	}
	to = buf_reserve(&s->in, READ_BYTES, &room);
	n = ready > 0 ? read(STDIN_FILENO, to, room) : -1;
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	buf_commit(&s->in, (size_t)n);
	return true;
}

/* False at the end of the session. */
static bool handle(struct standalone *s, enum smtp_event ev)
{
	const struct smtp_server_data *data = &s->smtp.ev;

	switch (ev) {
	case SMTP_EV_MORE:
		return read_more(s);
	case SMTP_EV_CLOSE:
		flush_out(s);
		return false;
	case SMTP_EV_NOTE:
	case SMTP_EV_REJECT:
		log_debug(NULL, "%.*s", SLICE_ARG(data->note));
		break;
	case SMTP_EV_PAUSE:
		flush_out(s);
		nanosleep(&(struct timespec){ .tv_sec = data->pause_ms / 1000,
					      .tv_nsec = data->pause_ms % 1000 * 1000000 },
			  NULL);
		break;
	case SMTP_EV_MAIL:
		on_mail(s);
		break;
	case SMTP_EV_RCPT:
		on_rcpt(s);
		break;
	case SMTP_EV_OPEN:
		on_open(s);
		break;
	case SMTP_EV_CONTENT:
		on_content(s);
		break;
	case SMTP_EV_COMMIT:
		on_commit(s);
		break;
	case SMTP_EV_ABORT:
		forget(s);
		break;
	case SMTP_EV_CONNECT:
	case SMTP_EV_HELO:
	case SMTP_EV_VRFY:
		smtp_server_answer(&s->smtp, NULL);
		break;
	default:
		/* STARTTLS and AUTH are not offered. */
		break;
	}
	return true;
}

static void run(struct standalone *s)
{
	enum smtp_event ev;

	do {
		struct slice in = buf_slice(&s->in);
		size_t had = in.n;

		ev = smtp_server_step(&s->smtp, &in, &s->out, &s->content);
		buf_consume(&s->in, had - in.n);
	} while (handle(s, ev));
}

/* --- setup --- */

static void load(struct standalone *s)
{
	struct conf *c = conf_new(s->config_dir);
	struct faults faults;
	struct err err = { 0 };

	faults_init(&faults, &s->policy_arena);
	if (conf_read(c, &faults, &err) != RC_OK)
		log_fatal("%s", err.text);
	params_load(standalone_params_specs, standalone_params_count, c, &s->policy_arena, &s->p,
		    &faults);
	params_load(standalone_base_params_specs, standalone_base_params_count, c,
		    &s->policy_arena, &s->base, &faults);
	params_load(standalone_queue_params_specs, standalone_queue_params_count, c,
		    &s->policy_arena, &s->queue, &faults);
	footer_load(c, s->p.smtpd_reject_footer, &s->p.smtpd_reject_footer_maps, &s->footer,
		    &faults);
	for (const struct fault *f = faults.first; f != NULL; f = f->next)
		if (f->is_fatal)
			log_fatal("%s, line %u: %s", f->file != NULL ? f->file : "main.cf", f->line,
				  f->text);
	conf_free(&c);
}

static void add_footer(struct smtp_server *e, const struct smtp_reply *r, struct buf *text)
{
	const struct standalone *s = LIST_ENTRY(e, struct standalone, smtp);
	const struct footer_facts facts = { .client_address = "127.0.0.1", .client_port = "0",
					    .server_name = s->base.myhostname,
					    .now_s = time(NULL) };

	footer_add(&s->footer, &facts, r, text);
}

static void make_engine(struct standalone *s)
{
	s->conf = (struct smtp_server_conf){
		.hostname = s->base.myhostname, .banner = s->p.smtpd_banner,
		.size_limit = s->base.message_size_limit,
		.line_max = (size_t)s->p.line_length_limit,
		.recipient_limit = QUEUE_RCPTS_MAX, .recipient_overshoot_limit = 1000,
		.soft_errors = (unsigned)s->p.smtpd_soft_error_limit,
		.hard_errors = (unsigned)s->p.smtpd_hard_error_limit,
		.junk_limit = (unsigned)s->p.smtpd_junk_command_limit,
		.error_sleep_ms = s->p.smtpd_error_sleep_time, .bare_lf_code = 550,
		.smtputf8 = s->p.smtputf8_enable, .stand_alone = true,
		.keeps_cr = !s->p.cleanup_replace_stray_cr_lf,
		.soft_bounce = s->queue.soft_bounce, .footer = add_footer,
	};
	smtp_server_init(&s->smtp, &s->conf, "localhost[127.0.0.1]");
	s->smtp.features = ~(unsigned)(SMTP_STARTTLS | SMTP_AUTH);
	/* Programs of this host write text files: a bare LF ends their lines and messages, too. */
	s->smtp.eol = SMTP_EOL_ANY;
}

int standalone_main(int argc, char **argv)
{
	struct standalone s = { .config_dir = BUZON_CONFIG_DIR };

	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "-c") == 0)
			s.config_dir = argv[i + 1];
	log_open(LOG_SINK_STDERR, -1, "postfix/smtpd", 0);
	signal(SIGPIPE, SIG_IGN);
	arena_init(&s.policy_arena, ARENA_MAX);
	arena_init(&s.arena, ARENA_MAX);
	buf_init(&s.in, READ_BYTES);
	buf_init(&s.out, 1 << 20);
	buf_init(&s.content, CONTENT_BYTES);
	buf_init(&s.frame, QUEUE_TAIL_MAX + 2 * SUBMISSION_CHUNK_MAX);
	load(&s);
	make_engine(&s);
	run(&s);
	forget(&s);
	smtp_server_done(&s.smtp);
	footer_done(&s.footer);
	buf_done(&s.in);
	buf_done(&s.out);
	buf_done(&s.content);
	buf_done(&s.frame);
	arena_done(&s.arena);
	arena_done(&s.policy_arena);
	return EX_OK;
}
