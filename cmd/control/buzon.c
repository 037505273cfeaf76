/* SPDX-License-Identifier: ISC */
#include "cmd/control/buzon.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/sys/log.h"
#include "lib/sys/stdfds.h"

enum { ARENA_MAX_BYTES = 32 << 20, EXIT_USAGE = 1 };

void say(const char *level, const char *fmt, ...)
{
	static const struct {
		const char *word;
		enum log_level level;
	} levels[] = {
		{ "", LOG_LEVEL_INFO }, { "warning", LOG_LEVEL_WARNING },
		{ "fatal", LOG_LEVEL_FATAL },
	};
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i].word, level) == 0) {
			log_at(levels[i].level, NULL, "%s", text);
			return;
		}
	fprintf(stderr, "postfix/postfix-script: %s: %s\n", level, text);	/* not for the log */
}

/* The verbs, in the order of the usage line. */
static int do_check(struct suite *s) { return command_check(s); }
static int do_start(struct suite *s) { return command_start(s, false); }
static int do_start_fg(struct suite *s) { return command_start(s, true); }
static int do_stop(struct suite *s) { return command_stop(s, false); }
static int do_abort(struct suite *s) { return command_stop(s, true); }

static const struct {
	const char *verb;
	int (*run)(struct suite *s);
} verbs[] = {
	{ "start", do_start }, { "start-fg", do_start_fg }, { "stop", do_stop },
	{ "abort", do_abort }, { "reload", command_reload }, { "flush", command_flush },
	{ "status", command_status }, { "check", do_check },
	{ "set-permissions", command_set_permissions },
};

static int usage(void)
{
	fprintf(stderr, "usage: buzon [-c config_directory] [-v] ");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(stderr, "%s%s", i > 0 ? "|" : "", verbs[i].verb);
	fprintf(stderr, "\n");
	return EXIT_USAGE;
}

/* Words behind the verb: -v for status, name=value for set-permissions (as Postfix has it). */
static bool take_words(struct suite *s, char **argv)
{
	for (; *argv != NULL; argv++) {
		struct slice word = slice_str(*argv);
		ptrdiff_t eq = slice_chr(word, '=');

		if (strcmp(*argv, "-v") == 0)
			s->is_verbose = true;
		else if (eq > 0)
			conf_override(s->conf, slice_sub(word, 0, (size_t)eq),
				      slice_skip(word, (size_t)eq + 1));
		else
			return false;
	}
	return true;
}

static const char *config_dir(struct suite *s, const char *arg)
{
	char path[PATH_MAX];

	if (arg == NULL)
		arg = getenv("MAIL_CONFIG");
	if (arg == NULL || arg[0] == '\0')
		arg = BUZON_CONFIG_DIR;
	return realpath(arg, path) != NULL ? arena_str(&s->arena, slice_str(path)) : arg;
}

static int run(struct suite *s, const char *verb)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].verb, verb) == 0)
			return verbs[i].run(s);
	say("fatal", "there is no command \"%s\"", verb);
	return usage();
}

int main(int argc, char **argv)
{
	struct suite *s = mem_new(1, sizeof(*s));
	const char *dir = NULL;
	int opt, rc;

	stdfds_open();
	while ((opt = getopt(argc, argv, "+c:Dv")) != -1) {
		if (opt == 'c')
			dir = optarg;
		else if (opt == 'v')
			s->is_verbose = true;
		else if (opt != 'D')
			return usage();
	}
	if (optind == argc)
		return usage();
	umask(022);
	log_open(LOG_SINK_STDERR, -1, "postfix/postfix-script", LOG_MAIL);
	arena_init(&s->arena, ARENA_MAX_BYTES);
	faults_init(&s->faults, &s->arena);
	s->is_rootless = geteuid() != 0;
	s->config_dir = config_dir(s, dir);
	s->main_cf = arena_printf(&s->arena, "%s/main.cf", s->config_dir);
	s->master_cf = arena_printf(&s->arena, "%s/master.cf", s->config_dir);
	s->conf = conf_new(s->config_dir);
	setenv("MAIL_CONFIG", s->config_dir, 1);
	if (!take_words(s, argv + optind + 1))
		return usage();
	rc = run(s, argv[optind]);
	conf_free(&s->conf);
	arena_done(&s->arena);
	free(s);
	return rc;
}
