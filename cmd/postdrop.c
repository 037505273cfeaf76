/* cmd/postdrop.c - put a submission into maildrop: set-gid, trusts nothing it reads.
 *
 * Exit status 0 means that the message is durable (doc/QUEUE.md, section 5). Whatever else
 * happens, no file is left. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/queue/submission.h"
#include "cmd/tool.h"
#include "lib/address/address.h"
#include "lib/queue/file.h"
#include "lib/queue/spool.h"
#include "lib/sys/crc.h"
#include "lib/sys/log.h"
#include "lib/sys/unixsock.h"
#include "lib/table/match.h"

enum { ID_TRIES = 100, READ_BYTES = 65536 };

struct drop {
	struct queue_spool spool;
	bool reports;		/* -r: the queue id, on standard output */
	struct queue_id id;
	struct submission in;
	struct arena arena;
	int fd;			/* -1: no file yet */
	int64_t limit_bytes, written_bytes;
	uint32_t crc;
	bool long_ids;
};

static struct drop *current;	/* for the signal handler: whose file must go */

/* After this call nothing is left in maildrop. */
static _Noreturn void give_up(struct drop *d, int status, const char *text)
{
	if (d->fd >= 0 && queue_remove(&d->spool, QUEUE_MAILDROP, &d->id, NULL) != RC_OK)
		log_warn(NULL, "cannot remove maildrop file %s", d->id.s);
	log_at(LOG_LEVEL_FATAL, NULL, "uid=%ld: %s", (long)getuid(), text);
	exit(status);
}

static void on_signal(int signo)
{
	/* maildrop is never hashed: the id is the name */
	if (current != NULL && current->fd >= 0 &&
	    unlinkat(current->spool.fd[QUEUE_MAILDROP], current->id.s, 0) != 0)
		_exit(EX_OSERR);
	signal(signo, SIG_DFL);
	raise(signo);
}

static int64_t now_us(void)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	return (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
}

static int status_of_errno(int e)
{
	return e == EACCES || e == EPERM ? EX_NOPERM : EX_TEMPFAIL;
}

static void open_file(struct drop *d)
{
	struct queue_idgen gen;
	struct err err = { 0 };
	uint32_t instance = (uint32_t)getpid();
	enum rc rc = RC_END;

	if (getrandom(&instance, sizeof(instance), 0) < 0)
		log_warn(NULL, "no random numbers; using the process id");
	queue_idgen_init(&gen, d->long_ids, instance);
	for (int i = 0; rc == RC_END && i < ID_TRIES; i++) {
		queue_idgen_next(&gen, now_us(), &d->id);
		rc = queue_create(&d->spool, QUEUE_MAILDROP, &d->id, &d->fd, &err);
	}
	if (rc != RC_OK) {
		d->fd = -1;
		give_up(d, status_of_errno(err.sys_errno), err.text);
	}
}

static void write_content(struct drop *d, struct slice s)
{
	d->written_bytes += (int64_t)s.n;
	if (d->limit_bytes > 0 && d->written_bytes > d->limit_bytes)
		give_up(d, EX_UNAVAILABLE, "message file too big");
	d->crc = crc32c(d->crc, s);
	while (s.n > 0) {
		ssize_t n = write(d->fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			give_up(d, EX_TEMPFAIL, strerror(errno));
		s = slice_skip(s, (size_t)n);
	}
}

/* Read standard input to the end of the submission. */
static void receive(struct drop *d)
{
	struct slice piece;
	enum rc rc;

	while ((rc = submission_next(&d->in, &piece)) != RC_END) {
		size_t room;
		char *p;
		ssize_t n;

		if (rc == RC_OK) {
			write_content(d, piece);
			continue;
		}
		if (rc != RC_MORE)
			give_up(d, EX_DATAERR, "the submission is malformed");
		p = buf_reserve(&d->in.in, READ_BYTES, &room);
		n = room > 0 ? read(STDIN_FILENO, p, room) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			give_up(d, EX_DATAERR, "the submission is not complete");
		buf_commit(&d->in.in, (size_t)n);
	}
}

/* A longer one could neither be delivered nor be reported. */
static void check_length(struct drop *d, struct slice s, size_t max, const char *what)
{
	if (s.n > max)
		give_up(d, EX_DATAERR, what);
}

/* What the submitter said, with what only we may say. */
static void finish_envelope(struct drop *d, struct queue_envelope *e)
{
	struct err err = { 0 };
	bool is_foreign;

	if (queue_tail_parse(buf_slice(&d->in.tail), &d->arena, e, &err) != RC_OK)
		give_up(d, EX_DATAERR, err.text);
	e->arrived_us = now_us();
	e->content_bytes = (uint64_t)d->written_bytes;
	e->content_crc = d->crc;
	is_foreign = slice_is(e->attr[QUEUE_ATTR_REWRITE_CONTEXT], "remote");
	for (int a = 0; a < QUEUE_ATTR_N; a++)
		if (a != QUEUE_ATTR_FULL_NAME &&
		    (a != QUEUE_ATTR_REWRITE_CONTEXT || !is_foreign))
			e->attr[a] = (struct slice){ NULL, 0 };
	check_length(d, e->envid, QUEUE_ENVID_MAX, "the envelope id is too long");
	check_length(d, e->sender, ADDRESS_MAX, "an address is too long");
	for (size_t i = 0; i < e->n_rcpts; i++) {
		check_length(d, e->rcpts[i].address, ADDRESS_MAX, "an address is too long");
		if (e->rcpts[i].mark != QUEUE_MARK_TODO)
			give_up(d, EX_DATAERR, "a recipient is marked");
	}
}

/* The file belongs to the submitter; pickup, another user, must be able to read it. The
 * directory keeps everyone else out. */
static void commit(struct drop *d)
{
	struct queue_envelope e;
	struct err err = { 0 };
	struct buf tail;
	int bad;

	finish_envelope(d, &e);
	buf_init(&tail, QUEUE_TAIL_MAX);
	if (queue_file_write_tail(d->fd, &e, &tail, &err) != RC_OK)
		give_up(d, err.code == RC_SYS ? EX_TEMPFAIL : EX_DATAERR, err.text);
	if (fchmod(d->fd, 0744) != 0)
		give_up(d, EX_TEMPFAIL, strerror(errno));
	bad = queue_sync(&d->spool, QUEUE_MAILDROP, &d->id, d->fd);
	if (bad != 0)
		give_up(d, EX_TEMPFAIL, strerror(bad));
	buf_done(&tail);
}

/* A connection is a wake-up; when nobody listens, pickup looks by itself once it runs. */
static void wake_pickup(const char *queue_directory)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/public/pickup", queue_directory);
	fd = unixsock_connect(path, SOCK_STREAM | SOCK_NONBLOCK);
	if (fd < 0)
		log_debug(NULL, "connect to %s: %s", path, strerror(errno));
	else
		close(fd);
}

static void check_user(struct conf *c)
{
	struct str_list words;
	struct arena arena;
	struct match *m = NULL;
	struct err err = { 0 };
	struct passwd *pw = getpwuid(getuid());
	char number[24], *list;
	enum rc rc;

	arena_init(&arena, 1 << 20);
	list = tool_param(c, "authorized_submit_users");
	if (param_split_match(slice_str(list), &arena, &words, &err) != RC_OK ||
	    match_open(&words, MATCH_STRINGS, 0, &m, &err) != RC_OK)
		log_fatal("authorized_submit_users: %s", err.text);
	snprintf(number, sizeof(number), "%ld", (long)getuid());
	rc = match_name(m, NULL, slice_str(pw != NULL ? pw->pw_name : number), &err);
	if (rc != RC_OK && rc != RC_END)
		log_fatal("authorized_submit_users: %s", err.text);
	if (rc == RC_END) {
		log_at(LOG_LEVEL_FATAL, NULL, "User %s(%s) is not allowed to submit mail",
		       pw != NULL ? pw->pw_name : "", number);
		exit(EX_NOPERM);
	}
	match_close(&m);
	arena_done(&arena);
	free(list);
}

static void catch_signals(struct drop *d)
{
	static const int fatal[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM };

	current = d;
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		if (signal(fatal[i], SIG_IGN) != SIG_IGN)
			signal(fatal[i], on_signal);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static const char *read_options(struct drop *d, int argc, char **argv)
{
	const char *dir = NULL;
	int verbose = 0, ch;

	while ((ch = getopt(argc, argv, "c:rv")) > 0) {
		switch (ch) {
		case 'c': dir = optarg; break;
		case 'r': d->reports = true; break;
		case 'v': log_set_verbose(++verbose); break;
		default: exit(EX_USAGE);
		}
	}
	if (optind < argc)
		exit(EX_USAGE);
	return tool_config_dir(dir);
}

int main(int argc, char **argv)
{
	static struct drop d = { .fd = -1 };
	struct err err = { 0 };
	struct conf *c;
	char *queue_directory, *limit;

	tool_init("postdrop", EX_TEMPFAIL);
	umask(022);
	c = tool_conf(read_options(&d, argc, argv));
	check_user(c);
	queue_directory = tool_param(c, "queue_directory");
	limit = tool_param(c, "message_size_limit");
	if (param_parse_size(slice_str(limit), &d.limit_bytes) != RC_OK)
		log_fatal("bad value of message_size_limit: %s", limit);
	d.long_ids = tool_param_bool(c, "enable_long_queue_ids");
	arena_init(&d.arena, QUEUE_TAIL_MAX);
	submission_init(&d.in);
	if (queue_spool_open(&d.spool, queue_directory, 1u << QUEUE_MAILDROP, "", 0, &err) != RC_OK)
		give_up(&d, status_of_errno(err.sys_errno), err.text);
	catch_signals(&d);
	open_file(&d);
	receive(&d);
	commit(&d);
	d.fd = -1;		/* from here on the message stays */
	wake_pickup(queue_directory);
	if (d.reports)
		printf("%s\n", d.id.s);
	submission_done(&d.in);
	free(queue_directory);
	free(limit);
	conf_free(&c);
	return EX_OK;
}
