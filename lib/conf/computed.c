/* lib/conf/computed.c - a table of names and of the functions that find their values. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/computed.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/conf/networks.h"
#include "lib/conf/slurp.h"

enum { COMPUTED_MAX = 1 << 16 };

static void find_config_directory(const struct conf *c, struct buf *out)
{
	buf_adds(out, conf_dir(c));
}

static void find_host(struct buf *out)
{
	char host[HOST_NAME_MAX + 1] = "";

	if (gethostname(host, sizeof(host) - 1) < 0 || host[0] == '\0')
		buf_adds(out, "localhost");
	else
		buf_adds(out, host);
}

/* Postfix wants a fully qualified name and makes one up. */
static void find_myhostname(const struct conf *c, struct buf *out)
{
	struct err err = { 0 };

	find_host(out);
	if (slice_chr(buf_slice(out), '.') >= 0)
		return;
	buf_addc(out, '.');
	if (conf_expand_name(c, SLICE_LIT("mydomain"), out, &err) != RC_OK)
		buf_adds(out, "localdomain");
}

static void find_mydomain(const struct conf *c, struct buf *out)
{
	struct err err = { 0 };
	struct slice raw, host;
	struct buf b;
	ptrdiff_t dot;

	buf_init(&b, COMPUTED_MAX);
	if (!conf_raw(c, SLICE_LIT("myhostname"), &raw, NULL))
		find_host(&b);
	else if (conf_expand(c, raw, &b, &err) != RC_OK)
		buf_reset(&b);
	host = buf_slice(&b);
	dot = slice_chr(host, '.');
	if (dot >= 0 && (size_t)dot + 1 < host.n)
		buf_add(out, slice_skip(host, (size_t)dot + 1));
	else
		buf_adds(out, "localdomain");
	buf_done(&b);
}

static void find_mynetworks(const struct conf *c, struct buf *out)
{
	static const char *const names[] = { "mynetworks_style", "inet_interfaces",
					     "inet_protocols" };
	const char *values[3];
	struct buf b[3];

	for (size_t i = 0; i < 3; i++) {
		struct err err = { 0 };

		buf_init(&b[i], COMPUTED_MAX);
		if (conf_expand_name(c, slice_str(names[i]), &b[i], &err) != RC_OK)
			buf_reset(&b[i]);
		values[i] = buf_cstr(&b[i]);
	}
	networks_of_interfaces(values[0], values[1], values[2], out);
	for (size_t i = 0; i < 3; i++)
		buf_done(&b[i]);
}

static void find_process_name(const struct conf *c, struct buf *out)
{
	(void)c;
	buf_adds(out, program_invocation_short_name);
}

static void find_process_id(const struct conf *c, struct buf *out)
{
	(void)c;
	buf_addf(out, "%ld", (long)getpid());
}

/* Only when it is set and names a file; a file that cannot be read leaves the name as it is. */
static void find_myorigin(const struct conf *c, struct buf *out)
{
	struct err err = { 0 };
	struct slice raw, line, text;
	struct buf path, file;

	if (!conf_raw(c, SLICE_LIT("myorigin"), &raw, NULL) || raw.n == 0 || raw.p[0] != '/')
		return;
	buf_init(&path, PATH_MAX);
	buf_init(&file, COMPUTED_MAX);
	buf_add(&path, raw);
	if (slurp_file(buf_cstr(&path), &file, NULL, &err) == RC_OK) {
		text = buf_slice(&file);
		if (slice_line(&text, &line))
			buf_add(out, slice_trim_space(line));
	}
	buf_done(&path);
	buf_done(&file);
}

enum { KIND_DEFAULT, KIND_INSTEAD };

static const struct entry {
	const char *name;
	int kind;
	void (*find)(const struct conf *c, struct buf *out);
} entries[] = {
	{ "config_directory", KIND_DEFAULT, find_config_directory },
	{ "mydomain", KIND_DEFAULT, find_mydomain },
	{ "myhostname", KIND_DEFAULT, find_myhostname },
	{ "mynetworks", KIND_DEFAULT, find_mynetworks },
	{ "process_id", KIND_DEFAULT, find_process_id },
	{ "process_name", KIND_DEFAULT, find_process_name },
	{ "myorigin", KIND_INSTEAD, find_myorigin },
};
enum { N_ENTRIES = sizeof(entries) / sizeof(entries[0]) };

/* OLD: the configuration changed since. The bytes stay: a slice of them may be in use. */
enum state { STATE_UNKNOWN, STATE_BUSY, STATE_KNOWN };

struct computed {
	const struct conf *c;
	struct arena arena;
	enum state state[N_ENTRIES];
	struct slice value[N_ENTRIES];
};

struct computed *computed_new(const struct conf *c)
{
	struct computed *k = mem_new(1, sizeof(*k));

	k->c = c;
	arena_init(&k->arena, 64UL * COMPUTED_MAX);
	return k;
}

void computed_free(struct computed **k)
{
	if (*k == NULL)
		return;
	arena_done(&(*k)->arena);
	free(*k);
	*k = NULL;
}

void computed_forget(struct computed *k)
{
	for (size_t i = 0; i < N_ENTRIES; i++)
		if (k->state[i] == STATE_KNOWN)
			k->state[i] = STATE_UNKNOWN;
}

static bool value_of(struct computed *k, struct slice name, int kind, struct slice *ret)
{
	struct buf b;
	size_t i;

	for (i = 0; i < N_ENTRIES; i++)
		if (entries[i].kind == kind && slice_is(name, entries[i].name))
			break;
	if (i == N_ENTRIES)
		return false;
	if (k->state[i] == STATE_UNKNOWN) {
		/* A value that refers to itself (myhostname = x.$mydomain) sees "" inside. */
		k->state[i] = STATE_BUSY;
		k->value[i] = (struct slice){ NULL, 0 };
		buf_init(&b, COMPUTED_MAX);
		entries[i].find(k->c, &b);
		k->value[i] = arena_slice(&k->arena, buf_slice(&b));
		buf_done(&b);
		k->state[i] = STATE_KNOWN;
	}
	*ret = k->value[i];
	return true;
}

bool computed_value(struct computed *k, struct slice name, struct slice *ret)
{
	return value_of(k, name, KIND_DEFAULT, ret);
}

bool computed_file_value(struct computed *k, struct slice name, struct slice *ret)
{
	return value_of(k, name, KIND_INSTEAD, ret) && ret->n > 0;
}
