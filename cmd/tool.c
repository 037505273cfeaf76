/* cmd/tool.c - name, configuration directory, configuration. */
/* SPDX-License-Identifier: ISC */
#include "cmd/tool.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/sys/log.h"
#include "lib/sys/stdfds.h"
#include "lib/sys/unixsock.h"
#include "lib/table/table.h"

enum { TOOL_VALUE_MAX = 1 << 20 };

static void note(const char *text)
{
	log_warn(NULL, "%s", text);
}

void tool_init(const char *name, int fatal_status)
{
	stdfds_open();
	log_set_fatal_status(fatal_status);
	log_open(LOG_SINK_STDERR, -1, name, LOG_MAIL);
	table_on_note(note);
}

/* -o overrides are in C when main.cf is read, so this serves both. */
static void print_faults(const struct faults *faults)
{
	struct buf text;

	buf_init(&text, 4096);
	for (const struct fault *f = faults->first; f != NULL; f = f->next) {
		buf_reset(&text);
		fault_print(f, &text);
		log_at(f->is_fatal ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, NULL, "%s",
		       buf_cstr(&text));
	}
	buf_done(&text);
	if (faults->fatal_count > 0)
		log_fatal("%u faults in the configuration", faults->fatal_count);
}

/* Bad values are told where they are checked. */
static const char *log_param(const struct conf *c, const char *name, char *mem, size_t size)
{
	struct err err = { 0 };
	struct buf b;

	buf_init(&b, size - 1);
	if (conf_expand_name(c, slice_str(name), &b, &err) != RC_OK)
		buf_reset(&b);
	snprintf(mem, size, "%s", buf_cstr(&b));
	buf_done(&b);
	return mem;
}

void tool_log(const struct conf *c)
{
	char queue[PATH_MAX], path[PATH_MAX + 20], word[256];
	bool has_file = log_param(c, "maillog_file", path, sizeof(path))[0] != '\0';
	int fd, facility = log_facility(log_param(c, "syslog_facility", word, sizeof(word)));

	snprintf(path, sizeof(path), "%s/public/postlog",
		 log_param(c, "queue_directory", queue, sizeof(queue)));
	fd = unixsock_connect(has_file ? path : "/dev/log", SOCK_DGRAM | SOCK_NONBLOCK);
	if (fd >= 0)
		log_copy_to(has_file ? LOG_SINK_POSTLOG : LOG_SINK_SYSLOG, fd,
			    log_param(c, "syslog_name", word, sizeof(word)), facility);
}

struct conf *tool_conf(const char *dir)
{
	struct conf *c = conf_new(dir);
	struct faults faults;
	struct err err = { 0 };
	struct arena arena;

	arena_init(&arena, 1 << 20);
	faults_init(&faults, &arena);
	if (conf_read(c, &faults, &err) != RC_OK)
		log_fatal("%s", err.text);
	tool_log(c);
	print_faults(&faults);
	arena_done(&arena);
	return c;
}

char *tool_param(const struct conf *c, const char *name)
{
	struct err err = { 0 };
	struct buf b;

	buf_init(&b, TOOL_VALUE_MAX);
	if (conf_expand_name(c, slice_str(name), &b, &err) != RC_OK)
		log_fatal("%s", err.text);
	return buf_take(&b);
}

bool tool_param_bool(const struct conf *c, const char *name)
{
	char *text = tool_param(c, name);
	bool value = false;

	if (param_parse_bool(slice_str(text), &value) != RC_OK)
		log_fatal("bad value of %s: \"%s\": must be yes or no", name, text);
	free(text);
	return value;
}

static bool is_listed(const struct conf *c, const char *name, const char *dir)
{
	char *text = tool_param(c, name);
	struct slice rest = slice_str(text), word;
	bool found = false;

	while (!found && param_next_word(&rest, &word))
		found = slice_is(word, dir);
	free(text);
	return found;
}

static bool is_trusted(const char *dir)
{
	struct conf *c;
	bool ok;

	if (getegid() == getgid() && geteuid() == getuid())
		return true;
	if (getuid() == 0 || strcmp(dir, BUZON_CONFIG_DIR) == 0)
		return true;
	c = tool_conf(BUZON_CONFIG_DIR);
	ok = is_listed(c, "alternate_config_directories", dir) ||
	     is_listed(c, "multi_instance_directories", dir);
	conf_free(&c);
	return ok;
}

const char *tool_config_dir(const char *arg)
{
	const char *dir = arg != NULL ? arg : getenv("MAIL_CONFIG");

	if (dir == NULL || dir[0] == '\0')
		dir = BUZON_CONFIG_DIR;
	if (!is_trusted(dir))
		log_fatal("unauthorized configuration directory name: %s (add it to"
			  " alternate_config_directories in %s/main.cf)", dir, BUZON_CONFIG_DIR);
	return dir;
}
