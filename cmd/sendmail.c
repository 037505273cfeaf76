/* cmd/sendmail.c - the sendmail command; also mailq and newaliases. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "cmd/sendmail.h"
#include "cmd/tool.h"
#include "lib/base/mem.h"
#include "lib/sys/log.h"

enum { EXEC_ARGS_MAX = 64 };

_Noreturn void sendmail_fatal(int status, const char *text)
{
	log_at(LOG_LEVEL_FATAL, NULL, "%s", text);
	exit(status);
}

/* Become another command of the suite. */
static _Noreturn void become(const char *dir, const char *name, const char *const *args)
{
	const char *argv[EXEC_ARGS_MAX] = { name };
	char path[4096], text[4200];
	size_t n = 1;

	for (; *args != NULL && n < EXEC_ARGS_MAX - 1; args++)
		argv[n++] = *args;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	execv(path, (char **)(uintptr_t)argv);
	snprintf(text, sizeof(text), "execute %s: %s", path, strerror(errno));
	sendmail_fatal(EX_OSERR, text);
}

static _Noreturn void run_postqueue(const struct sendmail *s, const char *flag, const char *arg)
{
	const char *args[] = { "-c", s->config_dir, flag, arg, NULL };

	become(tool_param(s->conf, "command_directory"), "postqueue", args);
}

/* newaliases: postalias on every file of alias_database. */
static _Noreturn void run_postalias(const struct sendmail *s)
{
	const char *args[EXEC_ARGS_MAX] = { "-c", s->config_dir, "--" };
	char *list = tool_param(s->conf, "alias_database");
	struct slice rest = slice_str(list), word;
	size_t n = 3;

	if (s->alias_database != NULL)
		args[n++] = s->alias_database;
	else
		while (n < EXEC_ARGS_MAX - 1 && param_next_word(&rest, &word))
			args[n++] = mem_dup(word.p, word.n);
	if (n == 3)
		exit(EX_OK);
	become(tool_param(s->conf, "command_directory"), "postalias", args);
}

static _Noreturn void run_smtpd(const struct sendmail *s)
{
	const char *args[] = { "-S", "-c", s->config_dir, NULL };

	become(tool_param(s->conf, "daemon_directory"), "smtpd", args);
}

static _Noreturn void run_start(const struct sendmail *s)
{
	const char *args[] = { "-c", s->config_dir, "start", NULL };

	become(tool_param(s->conf, "command_directory"), "buzon", args);
}

/* -N never | success,failure,delay (RFC 3461, 4.1) */
static unsigned parse_notify(const char *text)
{
	struct slice rest = slice_str(text), word;
	unsigned bits = 0;
	bool is_bad = false;

	while (slice_token(&rest, ", ", &word)) {
		if (slice_iis(word, "never"))
			bits |= QUEUE_NOTIFY_NEVER;
		else if (slice_iis(word, "success"))
			bits |= QUEUE_NOTIFY_SUCCESS;
		else if (slice_iis(word, "failure"))
			bits |= QUEUE_NOTIFY_FAILURE;
		else if (slice_iis(word, "delay"))
			bits |= QUEUE_NOTIFY_DELAY;
		else
			is_bad = true;
	}
	if (is_bad || bits == 0 ||
	    ((bits & QUEUE_NOTIFY_NEVER) != 0 && bits != QUEUE_NOTIFY_NEVER)) {
		log_warn(NULL, "bad -N option value -- ignored");
		return 0;
	}
	return bits;
}

static void set_body_mode(struct sendmail *s, const char *arg)
{
	switch (arg[0]) {
	case 'd': s->mode = MODE_DAEMON; break;
	case 'l': s->mode = MODE_DAEMON; break;
	case 'i': s->mode = MODE_NEWALIASES; break;
	case 'm': s->mode = MODE_ENQUEUE; break;
	case 'p': s->mode = MODE_MAILQ; break;
	case 's': s->mode = MODE_SMTP; break;
	case 'v': s->verify = true; break;
	case 'h': case 'H': exit(EX_OK);	/* host status: there is none */
	default: sendmail_fatal(EX_USAGE, "unsupported: -b option value");
	}
}

static void set_encoding(struct sendmail *s, const char *arg)
{
	if (strcasecmp(arg, "8BITMIME") == 0)
		s->flags |= QUEUE_FLAG_8BIT;
	else if (strcasecmp(arg, "7BIT") != 0)
		sendmail_fatal(EX_USAGE, "-B option needs 8BITMIME or 7BIT");
}

static void set_return(struct sendmail *s, const char *arg)
{
	if (strcasecmp(arg, "full") == 0)
		s->ret = QUEUE_RET_FULL;
	else if (strcasecmp(arg, "hdrs") == 0)
		s->ret = QUEUE_RET_HDRS;
	else
		log_warn(NULL, "bad -R option value -- ignored");
}

/* RFC 3461, 4.4: at most 100 printable bytes. */
static void set_envid(struct sendmail *s, const char *arg)
{
	struct slice id = slice_str(arg);
	bool is_bad = false;

	for (size_t i = 0; i < id.n; i++)
		is_bad |= char_is_cntrl(id.p[i]) || char_is_8bit(id.p[i]);
	if (id.n > QUEUE_ENVID_MAX)
		log_warn(NULL, "too long -V option value -- ignored");
	else if (is_bad)
		log_warn(NULL, "bad syntax in -V option value -- ignored");
	else
		s->envid = arg;
}

/* -o and -O: the few that mean something here; Sendmail's others are accepted. */
static void set_other(struct sendmail *s, const char *arg)
{
	if (strcmp(arg, "i") == 0)
		s->ignore_dots = true;
	else if (arg[0] == 'A' && arg[1] != '\0')
		s->alias_database = arg + 1;
	else if (strcasecmp(arg, "smtputf8=yes") == 0)
		s->flags |= QUEUE_FLAG_SMTPUTF8;
}

static void set_queue_run(struct sendmail *s, const char *arg)
{
	if (arg == NULL || arg[0] == '\0') {
		s->mode = MODE_FLUSH;
	} else if (arg[0] == 'I') {
		s->mode = MODE_FLUSH_ID;
		s->flush_what = arg + 1;
	} else if (arg[0] == 'R') {
		s->mode = MODE_FLUSH_SITE;
		s->flush_what = arg + (arg[1] == '@' || arg[1] == '#' ? 2 : 1);
	} else if (char_is_digit(arg[0])) {
		s->mode = MODE_NOTHING;		/* how often: the queue manager knows */
	} else {
		sendmail_fatal(EX_USAGE, "-q must be followed by a time, I or R");
	}
}

static void set_option(struct sendmail *s, int ch, const char *arg)
{
	switch (ch) {
	case 'B': set_encoding(s, arg); break;
	case 'C': s->config_dir = arg; break;
	case 'F': s->full_name = arg; break;
	case 'f': case 'r': s->sender = arg; break;
	case 'I': s->mode = MODE_NEWALIASES; break;
	case 'i': s->ignore_dots = true; break;
	case 'N': s->notify = parse_notify(arg); break;
	case 'O': case 'o': set_other(s, arg); break;
	case 'q': set_queue_run(s, arg); break;
	case 'R': set_return(s, arg); break;
	case 't': s->extract = true; break;
	case 'V': set_envid(s, arg); break;
	case 'v': s->report = true; log_set_verbose(++s->verbose); break;
	case 'b': set_body_mode(s, arg); break;
	case 'G': s->is_gateway = true; break;
	case 'X':
		if (arg[0] == 'V')
			sendmail_fatal(EX_USAGE, "-XV is not supported: senders cannot be rewritten");
		break;
	case 'A': case 'c': case 'e': case 'h': case 'L': case 'm': case 'n': case 'p': case 'U':
	case 'x': break;
	default: sendmail_fatal(EX_USAGE, "usage: sendmail [options]");
	}
}

static bool is_name_of(const char *argv0, const char *name)
{
	const char *slash = strrchr(argv0, '/');

	return strcmp(slash != NULL ? slash + 1 : argv0, name) == 0;
}

static void read_options(struct sendmail *s, int argc, char **argv)
{
	int ch;

	opterr = 0;
	while ((ch = getopt(argc, argv, "A:B:C:F:GIL:N:O:R:UV:X:b:ce:f:h:imno:p:q::r:tvx")) > 0)
		set_option(s, ch, optarg);
	if (is_name_of(argv[0], "mailq") && s->mode == MODE_ENQUEUE)
		s->mode = MODE_MAILQ;
	if (is_name_of(argv[0], "newaliases"))
		s->mode = MODE_NEWALIASES;
	s->recipients = argv + optind;
}

/* Only a message has recipients. */
static void check_arguments(const struct sendmail *s)
{
	static const char *const names[] = {
		[MODE_MAILQ] = "display queue", [MODE_FLUSH] = "flush queue",
		[MODE_NEWALIASES] = "alias initialization", [MODE_DAEMON] = "daemon",
		[MODE_SMTP] = "stand-alone", [MODE_NOTHING] = NULL,
	};
	const char *name = names[s->mode];
	char text[80];

	if (name == NULL || s->recipients[0] == NULL)
		return;
	snprintf(text, sizeof(text), "%s mode requires no recipient", name);
	sendmail_fatal(EX_USAGE, text);
}

/* -C names a directory, or main.cf in it. */
static const char *config_dir_of(const char *arg)
{
	struct slice path = slice_str(arg);

	if (!slice_ends(path, SLICE_LIT("/main.cf")) && !slice_ends(path, SLICE_LIT(".cf")))
		return arg;
	path.n = (size_t)slice_rchr(path, '/') + 1 > 1 ? (size_t)slice_rchr(path, '/') : path.n;
	return mem_dup(path.p, path.n);
}

int main(int argc, char **argv)
{
	static struct sendmail s = { .mode = MODE_ENQUEUE };

	tool_init(is_name_of(argv[0], "mailq") ? "mailq"
		  : is_name_of(argv[0], "newaliases") ? "newaliases" : "sendmail", EX_TEMPFAIL);
	signal(SIGPIPE, SIG_IGN);
	read_options(&s, argc, argv);
	check_arguments(&s);
	s.config_dir = tool_config_dir(s.config_dir != NULL ? config_dir_of(s.config_dir) : NULL);
	s.conf = tool_conf(s.config_dir);
	switch (s.mode) {
	case MODE_MAILQ: run_postqueue(&s, "-p", NULL);
	case MODE_FLUSH: run_postqueue(&s, "-f", NULL);
	case MODE_FLUSH_ID: run_postqueue(&s, "-i", s.flush_what);
	case MODE_FLUSH_SITE: run_postqueue(&s, "-s", s.flush_what);
	case MODE_NEWALIASES: run_postalias(&s);
	case MODE_SMTP: run_smtpd(&s);
	case MODE_DAEMON: run_start(&s);
	case MODE_NOTHING: return EX_OK;
	case MODE_ENQUEUE: break;
	}
	return sendmail_enqueue(&s);
}
