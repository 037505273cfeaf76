/* SPDX-License-Identifier: ISC */
#include "master/environment.h"

#include <stdlib.h>

enum { ENTRIES_MAX = 64 };

struct environment {
	struct arena *arena;
	char **v;
	size_t n;
};

static void add(struct environment *e, char *entry)
{
	if (entry != NULL && e->n < ENTRIES_MAX)
		e->v[e->n++] = entry;
}

/* NAME is passed on when it is set, NAME=VALUE is set. */
static void add_imported(struct environment *e, const char *words)
{
	struct slice rest = slice_str(words), word;

	while (slice_token(&rest, ", \t\r\n", &word)) {
		char *name = arena_str(e->arena, word);
		const char *value;

		if (name == NULL || slice_chr(word, '=') >= 0) {
			add(e, name);
			continue;
		}
		value = getenv(name);
		if (value != NULL)
			add(e, arena_printf(e->arena, "%s=%s", name, value));
	}
}

static char *listeners(struct arena *arena, const struct unit *u)
{
	struct buf b;
	char *s;

	buf_init(&b, 16384);
	buf_adds(&b, "BUZON_LISTEN=");
	for (size_t i = 0; i < u->n_sockets; i++)
		buf_addf(&b, "%s%s:%s", i > 0 ? " " : "", u->sockets[i].plan->kind,
			 u->sockets[i].plan->name);
	s = buf_finish(&b) == RC_OK ? arena_str(arena, buf_slice(&b)) : NULL;
	buf_done(&b);
	return s;
}

char **environment_for(struct unit *u, const char *log_kind)
{
	struct arena *arena = &u->generation->arena;
	struct environment e = { .arena = arena };
	char *listen = listeners(arena, u);

	e.v = arena_alloc(arena, (ENTRIES_MAX + 1) * sizeof(*e.v));
	if (e.v == NULL || listen == NULL)
		return NULL;
	add(&e, (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	add(&e, arena_printf(arena, "MAIL_CONFIG=%s", u->master->config_dir));
	add(&e, listen);
	add(&e, arena_printf(arena, "BUZON_LOG=%s", log_kind));
	add(&e, arena_printf(arena, "BUZON_SESSION_LIMIT=%u", u->session_limit));
	add_imported(&e, u->generation->config.import_environment);
	return e.v;
}
