/* cmd/maptool.c - options, and the questions (-q, -s). */
/* SPDX-License-Identifier: ISC */
#include "cmd/maptool.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/tool.h"
#include "cmd/userask.h"
#include "lib/base/base64.h"
#include "lib/base/mem.h"
#include "lib/sys/log.h"

/* True when C is an option without argument that was understood. */
static bool set_flag(struct maptool *tool, int c)
{
	switch (c) {
	case 's': tool->lists = true; return true;
	case 'i': tool->is_incremental = true; return true;
	case 'r': tool->replaces = true; return true;
	case 'w': tool->ignores = true; return true;
	case 'f': tool->keeps_case = true; return true;
	case 'F': tool->is_file_list = true; return true;
	case 'N': tool->with_nul = true; return true;
	case 'n': tool->with_nul = false; return true;
	case 'o': tool->keeps_root = true; return true;
	case 'p': tool->default_mode = true; return true;
	case 'u': tool->any_bytes = true; return true;
	case 'U': tool->any_bytes = false; return true;
	case 'h': tool->header_keys = true; return true;
	case 'b': tool->body_keys = true; return true;
	case 'm': tool->by_mime = true; return true;
	default: return false;
	}
}

static void set_key(struct maptool *tool, const char **key)
{
	if (tool->query_key != NULL || tool->delete_key != NULL)
		log_fatal("specify only one of -s -q or -d");
	*key = optarg;
}

static void read_options(struct maptool *tool, int argc, char **argv)
{
	int c, verbose = 0;

	while ((c = getopt(argc, argv, tool->options)) > 0) {
		if (c == 'c')
			tool->config_dir = optarg;
		else if (c == 'q')
			set_key(tool, &tool->query_key);
		else if (c == 'd')
			set_key(tool, &tool->delete_key);
		else if (c == 'v')
			log_set_verbose(++verbose);
		else if (c == '?' || !set_flag(tool, c))
			log_fatal("usage: %s", tool->usage);
	}
	if (tool->lists && (tool->query_key != NULL || tool->delete_key != NULL))
		log_fatal("specify only one of -s or -q or -d");
	if ((tool->header_keys || tool->body_keys || tool->by_mime) &&
	    (tool->query_key == NULL || strcmp(tool->query_key, "-") != 0))
		log_fatal("specify -b -h or -m only with \"-q -\"");
	if (tool->by_mime && !tool->header_keys && !tool->body_keys)
		log_warn(NULL, "ignoring -m option without -b or -h");
	if (optind >= argc)
		log_fatal("usage: %s", tool->usage);
}

static struct table *open_table(const struct maptool *tool, const char *spec)
{
	int flags = (tool->keeps_case ? 0 : TABLE_FOLD) | (tool->is_alias ? TABLE_ALIAS_SOURCE : 0);
	struct table *t = NULL;
	struct err err = { 0 };

	if (table_open(spec, tool->default_type, flags, &t, &err) != RC_OK)
		log_fatal("%s", err.text);
	return t;
}

static void print_value(const struct maptool *tool, struct slice key, struct slice value)
{
	char *decoded;
	size_t n;

	if (!tool->is_file_list) {
		printf("%.*s\n", SLICE_ARG(value));
		return;
	}
	decoded = mem_new(value.n + 1, 1);
	if (base64_decode(value, decoded, value.n, &n) != RC_OK)
		log_fatal("table entry for \"%.*s\": its value is not base64; build the table"
			  " with -F", SLICE_ARG(key));
	printf("%.*s\n", (int)n, decoded);
	free(decoded);
}

static void print_entry(const struct maptool *tool, struct slice key, struct slice value)
{
	printf("%.*s%s\t", SLICE_ARG(key), tool->is_alias ? ":" : "");
	print_value(tool, key, value);
}

static bool ask(struct table *t, struct slice key, struct slice *ret)
{
	struct err err = { 0 };
	enum rc rc = table_lookup(t, NULL, key, ret, &err);

	if (rc == RC_OK || rc == RC_END)
		return rc == RC_OK;
	log_fatal("query error: %s", err.text);
}

static bool ask_one(const struct maptool *tool, char **specs, const char *key)
{
	bool found = false;

	for (; *specs != NULL && !found; specs++) {
		struct table *t = open_table(tool, *specs);
		struct slice value;

		found = ask(t, slice_str(key), &value);
		if (found && value.n == 0)
			log_warn(NULL, "table %s: key %s: empty string result is not allowed",
				 table_spec(t), key);
		if (found)
			print_value(tool, slice_str(key), value);
		table_close(&t);
	}
	return found;
}

/* All tables open, one key after the other. */
struct stream {
	const struct maptool *tool;
	struct table *tables[256];
	size_t n;
	bool found;
};

static void ask_streamed(void *ctx, struct slice key)
{
	struct stream *s = ctx;
	struct slice value;

	for (size_t i = 0; i < s->n; i++) {
		if (!ask(s->tables[i], key, &value))
			continue;
		s->found = true;
		print_entry(s->tool, key, value);
		return;
	}
}

static void each_line(void (*each)(void *ctx, struct slice key), void *ctx)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) >= 0)
		if (n > 0)
			each(ctx, slice_make(line, (size_t)n - (line[n - 1] == '\n')));
	free(line);
}

static bool ask_stdin(const struct maptool *tool, char **specs)
{
	struct stream s = { .tool = tool };

	for (; *specs != NULL; specs++) {
		if (s.n == sizeof(s.tables) / sizeof(s.tables[0]))
			log_fatal("too many tables");
		s.tables[s.n++] = open_table(tool, *specs);
	}
	if (tool->header_keys || tool->body_keys)
		maptool_message_keys(tool, ask_streamed, &s);
	else
		each_line(ask_streamed, &s);
	for (size_t i = 0; i < s.n; i++)
		table_close(&s.tables[i]);
	return s.found;
}

static void list(const struct maptool *tool, const char *spec)
{
	struct table *t = open_table(tool, spec);
	struct slice key, value;
	struct err err = { 0 };
	size_t pos = 0;
	enum rc rc;

	while ((rc = table_next(t, &pos, &key, &value, &err)) == RC_OK)
		print_entry(tool, key, value);
	if (rc != RC_END)
		log_fatal("%s", err.text);
	table_close(&t);
}

static int run(struct maptool *tool, char **specs)
{
	bool found = false;

	if (tool->lists) {
		list(tool, specs[0]);
		return 0;
	}
	if (tool->query_key != NULL) {
		found = strcmp(tool->query_key, "-") == 0 ? ask_stdin(tool, specs)
							  : ask_one(tool, specs, tool->query_key);
		return found ? 0 : 1;
	}
	if (tool->delete_key != NULL) {
		for (; *specs != NULL; specs++)
			found |= maptool_delete(tool, *specs, tool->delete_key);
		return found ? 0 : 1;
	}
	for (; *specs != NULL; specs++)
		maptool_build(tool, *specs);
	return 0;
}

int maptool_main(struct maptool *tool, int argc, char **argv)
{
	struct conf *c;
	char *type;
	int status;

	tool_init(tool->name, 1);
	argv[0] = (char *)tool->name; /* for getopt's messages */
	read_options(tool, argc, argv);
	c = tool_conf(tool_config_dir(tool->config_dir));
	type = tool_param(c, "default_database_type");
	tool->default_type = type;
	tool->any_bytes |= !tool_param_bool(c, "smtputf8_enable");
	userask_use(c);
	status = run(tool, argv + optind);
	free(type);
	conf_free(&c);
	if (fflush(stdout) != 0 || ferror(stdout))
		log_fatal("cannot write the output: %m");
	return status;
}
