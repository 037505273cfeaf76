/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/daemon/daemon_impl.h"

static const struct {
	const char *word;
	struct listener kind;
} kinds[] = {
	{ "inet", { .is_inet = true } },
	{ "stream", { 0 } },
	{ "packet", { .is_seqpacket = true } },
	{ "dgram", { .is_raw = true } },
	{ "trigger", { .is_trigger = true } },
	{ "fifo", { .is_trigger = true, .is_raw = true } },
};

static bool parse_listener(struct daemon *d, struct slice word)
{
	struct inlet *in = &d->inlets[d->n_inlets];
	ptrdiff_t colon = slice_chr(word, ':');

	if (colon < 0 || d->n_inlets == LISTENERS_MAX)
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!slice_is(slice_sub(word, 0, (size_t)colon), kinds[i].word))
			continue;
		in->listener = kinds[i].kind;
		in->listener.name = arena_str(&d->arena, slice_skip(word, (size_t)colon + 1));
		in->listener.index = d->n_inlets;
		in->daemon = d;
		in->fd = FD_LISTEN + (int)d->n_inlets++;
		return true;
	}
	return false;
}

static bool parse_listeners(struct daemon *d, const char *text)
{
	struct slice rest = slice_str(text), word;

	while (slice_token(&rest, " ", &word))
		if (!parse_listener(d, word))
			return false;
	return true;
}

static bool parse_override(struct daemon *d, const char *arg)
{
	struct slice name = slice_str(arg);
	ptrdiff_t eq = slice_chr(name, '=');

	if (eq <= 0)
		return false;
	conf_override(d->conf, slice_sub(name, 0, (size_t)eq), slice_skip(name, (size_t)eq + 1));
	return true;
}

/* -c comes first, since the overrides need its configuration. */
static const char *config_dir_of(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "-c") == 0)
			return argv[i + 1];
	return BUZON_CONFIG_DIR;
}

static bool parse_argv(struct daemon *d, int argc, char **argv)
{
	int opt;

	optind = 1;
	while ((opt = getopt(argc, argv, "+c:n:t:o:v")) != -1) {
		switch (opt) {
		case 'c': break;
		case 'n': d->service = optarg; break;
		case 't': d->type = optarg; break;
		case 'v': d->verbose++; break;
		case 'o':
			if (parse_override(d, optarg))
				break;
			fprintf(stderr, "%s: -o needs name=value\n", d->program);
			return false;
		default: return false;
		}
	}
	return true;
}

bool daemon_parse_options(struct daemon *d, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *listen = getenv("BUZON_LISTEN"), *limit = getenv("BUZON_SESSION_LIMIT");
	uint32_t n = 0;

	d->program = slash != NULL ? slash + 1 : argv[0];
	d->service = d->program;
	d->type = "unix";
	if (listen == NULL && d->is_checking)
		listen = "";
	if (listen == NULL) {
		fprintf(stderr, "%s: this program is started by master, through the command "
			"\"buzon start\"\n", d->program);
		return false;
	}
	if (limit != NULL && num_u32(slice_str(limit), UINT32_MAX, &n) != RC_OK) {
		fprintf(stderr, "%s: bad BUZON_SESSION_LIMIT\n", d->program);
		return false;
	}
	d->session_limit = n;
	d->config_dir = config_dir_of(argc, argv);
	d->conf = conf_new(d->config_dir);
	if (!parse_listeners(d, listen)) {
		fprintf(stderr, "%s: bad BUZON_LISTEN\n", d->program);
		return false;
	}
	return parse_argv(d, argc, argv);
}
