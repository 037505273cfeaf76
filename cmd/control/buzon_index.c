/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/control/buzon.h"
#include "lib/base/hash.h"
#include "lib/table/index.h"

enum { VALUE_MAX = 1 << 20, TABLES_MAX = 10000 };

/* Tables with an index beside their source. */
static const char *const indexed[] = { "hash:", "btree:", "cdb:" };
/* Parameters whose tables are alias files: "key: value" lines. */
static const char *const alias_params[] = { "alias_maps", "alias_database" };

static bool is_alias_param(struct slice name)
{
	for (size_t i = 0; i < sizeof(alias_params) / sizeof(alias_params[0]); i++)
		if (slice_is(name, alias_params[i]))
			return true;
	return false;
}

/* The file behind a word like "hash:/etc/aliases", or NULL. */
static const char *source_of(struct slice word, char *out, size_t size)
{
	for (size_t i = 0; i < sizeof(indexed) / sizeof(indexed[0]); i++) {
		struct slice type = slice_str(indexed[i]);

		if (!slice_starts(word, type))
			continue;
		word = slice_skip(word, type.n);
		return word.n > 0 && word.p[0] == '/' && slice_to_cstr(word, out, size)
			? out : NULL;
	}
	return NULL;
}

/* The index exists not or is that of another source, and we may write it. Where nobody can, the
 * source is read. */
static bool wants_index(const char *source)
{
	char path[PATH_MAX + 4], dir[PATH_MAX];
	struct stat of_source, of_index;
	char *slash;

	if (stat(source, &of_source) != 0 || !S_ISREG(of_source.st_mode))
		return false;
	snprintf(path, sizeof(path), "%s.cdb", source);
	if (stat(path, &of_index) == 0 && index_is_fresh(&of_index, &of_source))
		return false;
	slice_to_cstr(slice_str(source), dir, sizeof(dir));
	slash = strrchr(dir, '/');
	if (slash == dir)
		slash++;
	*slash = '\0';
	return access(dir, W_OK) == 0;
}

static void build(const struct suite *s, struct slice word, bool is_alias)
{
	const char *tool = is_alias ? "postalias" : "postmap";
	char path[PATH_MAX], spec[PATH_MAX];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s", s->command_directory, tool);
	if (!slice_to_cstr(word, spec, sizeof(spec)))
		return;
	pid = fork();
	if (pid == 0) {
		execl(path, tool, "-c", s->config_dir, spec, NULL);
		say("warning", "%s: %s", path, strerror(errno));
		_exit(1);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);	/* it says itself what is wrong; the source is read then */
}

static void index_value(const struct suite *s, struct hash *seen, struct slice name,
			struct slice value)
{
	struct slice word;
	char source[PATH_MAX];

	while (slice_token(&value, " ,\t\r\n{}", &word)) {
		if (slice_starts(word, SLICE_LIT("proxy:")))
			word = slice_skip(word, strlen("proxy:"));
		if (source_of(word, source, sizeof(source)) == NULL ||
		    hash_get(seen, word) != NULL || hash_put(seen, word, seen, NULL) != RC_OK)
			continue;
		if (wants_index(source))
			build(s, word, is_alias_param(name));
	}
}

static void index_param(const struct suite *s, struct hash *seen, struct slice name)
{
	struct err err = { 0 };
	struct buf b;

	buf_init(&b, VALUE_MAX);
	if (conf_expand_name(s->conf, name, &b, &err) == RC_OK)
		index_value(s, seen, name, buf_slice(&b));
	buf_done(&b);
}

void suite_build_indexes(const struct suite *s)
{
	const struct conf_entry *e;
	struct hash seen;
	size_t pos = 0;

	hash_init(&seen, TABLES_MAX, false);
	for (size_t i = 0; i < sizeof(alias_params) / sizeof(alias_params[0]); i++)
		index_param(s, &seen, slice_str(alias_params[i]));
	while ((e = conf_next(s->conf, &pos)) != NULL)
		index_param(s, &seen, e->name);
	for (const struct service *v = s->services; v != NULL; v = v->next)
		for (const struct service_option *o = v->options; o != NULL; o = o->next)
			index_value(s, &seen, slice_str(o->name), slice_str(o->value));
	hash_done(&seen);
}
