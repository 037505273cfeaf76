/* cmd/postqueue.c - show and flush the queue: set-group-ID, for every user.
 *
 * mailq and sendmail -bp, -q, -qI, -qR run it. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "cmd/queuetool.h"
#include "cmd/tool.h"
#include "lib/sys/log.h"

enum { OUT_MAX = 1 << 20 };

static _Noreturn void fatal(int status, const char *text)
{
	log_at(LOG_LEVEL_FATAL, NULL, "%s", text);
	exit(status);
}

static _Noreturn void usage(void)
{
	fatal(EX_USAGE, "usage: postqueue -f | postqueue -i queueid | postqueue -j | postqueue -p | "
			"postqueue -s site");
}

static void show(struct conf *conf, bool json)
{
	char *null_sender = tool_param(conf, "empty_address_recipient");
	static struct queuetool t;
	struct err why = { 0 }, err = { 0 };
	struct mailq m;
	struct buf out;

	queuetool_check_user(conf, "authorized_mailq_users", "view the mail queue");
	if (queuetool_connect(&t, conf, &why) != RC_OK) {
		if (!queuetool_go_direct(&t, true, &err))
			fatal(EX_UNAVAILABLE, "Queue report unavailable - mail system is down");
		log_warn(NULL, "Mail system is down -- accessing queue directly (%s)", why.text);
	}
	buf_init(&out, OUT_MAX);
	mailq_init(&m, json, tool_param_bool(conf, "enable_long_queue_ids"), null_sender, &out);
	if (queuetool_list(&t, &m, &err) != RC_OK)
		fatal(err.code == RC_PERM ? EX_NOPERM : EX_UNAVAILABLE, err.text);
	mailq_done(&m);
	buf_done(&out);
	free(null_sender);
	queuetool_done(&t);
}

static void flush(struct conf *conf, const char *verb, const char *target)
{
	static struct queuetool t;
	struct err why = { 0 }, err = { 0 };
	uint32_t count;

	queuetool_check_user(conf, "authorized_flush_users", "flush the mail queue");
	if (queuetool_connect(&t, conf, &why) != RC_OK)
		fatal(EX_UNAVAILABLE, "Cannot flush mail queue - mail system is down");
	if (queuetool_ask(&t, verb, target, "", &count, &err) != RC_OK)
		fatal(err.code == RC_PERM ? EX_NOPERM : EX_UNAVAILABLE, err.text);
	queuetool_done(&t);
}

/* "@site" and "[address]" of ETRN and sendmail -qR are sites like any other here. */
static const char *site_of(const char *arg)
{
	if (*arg == '@' || *arg == '#')
		arg++;
	if (*arg == '\0')
		fatal(EX_USAGE, "Cannot flush mail queue - invalid destination: \"\"");
	return arg;
}

static const char *id_of(const char *arg)
{
	char text[200];

	if (!queue_id_is_valid(slice_str(arg))) {
		snprintf(text, sizeof(text), "Cannot flush queue ID - invalid name: \"%s\"", arg);
		fatal(EX_USAGE, text);
	}
	return arg;
}

int main(int argc, char **argv)
{
	const char *dir = NULL, *target = "";
	int what = 0, verbose = 0, ch;
	struct conf *conf;

	tool_init("postqueue", EX_UNAVAILABLE);
	while ((ch = getopt(argc, argv, "c:fi:jps:v")) > 0) {
		switch (ch) {
		case 'c': dir = optarg; break;
		case 'v': verbose += getuid() == 0; break;
		case '?': usage();
		default:
			if (what != 0)
				usage();
			what = ch;
			target = optarg;
		}
	}
	if (what == 0 || optind < argc)
		usage();
	log_set_verbose(verbose);
	conf = tool_conf(tool_config_dir(dir));
	switch (what) {
	case 'f': flush(conf, "flush", ""); break;
	case 'i': flush(conf, "flush_id", id_of(target)); break;
	case 's': flush(conf, "flush_site", site_of(target)); break;
	default: show(conf, what == 'j');
	}
	conf_free(&conf);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
