/* SPDX-License-Identifier: ISC */
#include "qmgr/limits.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 200 };

struct loader {
	const struct conf *c;
	struct arena *arena;
	const char *transport;
	struct faults *faults;
};

/* "<transport><suffix>", else "default<suffix>" (or FALLBACK); its text, in the arena. */
static const char *value(const struct loader *l, const char *suffix, const char *fallback,
			 char name[NAME_SIZE])
{
	struct buf b;
	const char *text;

	snprintf(name, NAME_SIZE, "%s%s", l->transport, suffix);
	buf_init(&b, 4096);
	(void)!conf_expand_name(l->c, slice_str(name), &b, NULL);
	if (buf_len(&b) == 0) {
		snprintf(name, NAME_SIZE, "%s", fallback);
		(void)!conf_expand_name(l->c, slice_str(name), &b, NULL);
	}
	text = arena_str(l->arena, slice_trim(buf_slice(&b)));
	buf_done(&b);
	return text != NULL ? text : "";
}

static void bad(const struct loader *l, const char *name, const char *text)
{
	if (l->faults != NULL)
		faults_add(l->faults, true, "main.cf", 0, NULL, "%s: bad value \"%s\"", name, text);
}

static int64_t number(const struct loader *l, const char *suffix, const char *fallback,
		      int64_t lo, int64_t def)
{
	char name[NAME_SIZE];
	const char *text = value(l, suffix, fallback, name);
	int64_t n;

	if (param_parse_size(slice_str(text), &n) == RC_OK && n >= lo && n <= 1000000)
		return n;
	bad(l, name, text);
	return def;
}

static int64_t delay(const struct loader *l, const char *suffix, const char *fallback)
{
	char name[NAME_SIZE];
	const char *text = value(l, suffix, fallback, name);
	int64_t ms;

	if (param_parse_time(slice_str(text), 's', &ms) == RC_OK && ms >= 0)
		return ms;
	bad(l, name, text);
	return 0;
}

static struct feedback feedback(const struct loader *l, const char *suffix, const char *fallback)
{
	struct feedback f = { FEEDBACK_FIXED, 1 };
	char name[NAME_SIZE];
	const char *text = value(l, suffix, fallback, name);

	if (feedback_parse(slice_str(text), &f) != RC_OK)
		bad(l, name, text);
	return f;
}

static enum builtin builtin_of(const char *name)
{
	if (strcmp(name, "error") == 0)
		return BUILTIN_ERROR;
	if (strcmp(name, "retry") == 0)
		return BUILTIN_RETRY;
	return strcmp(name, "discard") == 0 ? BUILTIN_DISCARD : BUILTIN_NONE;
}

#define DEFAULT(suffix) (suffix), "default" suffix

void limits_load(const struct conf *c, struct arena *arena, const char *transport,
		 struct transport_limits *out, struct faults *faults)
{
	const struct loader l = { c, arena, transport, faults };

	*out = (struct transport_limits){
		.builtin = builtin_of(transport),
		.concurrency = (unsigned)number(
			&l, DEFAULT("_destination_concurrency_limit"), 0, 20),
		.initial_concurrency = (unsigned)number(
			&l, "_initial_destination_concurrency", "initial_destination_concurrency",
			1, 5),
		.recipients = (unsigned)number(
			&l, DEFAULT("_destination_recipient_limit"), 0, 50),
		.positive = feedback(&l, DEFAULT("_destination_concurrency_positive_feedback")),
		.negative = feedback(&l, DEFAULT("_destination_concurrency_negative_feedback")),
		.failed_cohorts = (double)number(
			&l, DEFAULT("_destination_concurrency_failed_cohort_limit"), 0, 1),
		.destination_delay_ms = delay(&l, DEFAULT("_destination_rate_delay")),
		.transport_delay_ms = delay(&l, DEFAULT("_transport_rate_delay")),
	};
	if (out->concurrency > 0 && out->initial_concurrency > out->concurrency)
		out->initial_concurrency = out->concurrency;
}

/* Programs that deliver; other services have no such parameters. */
static bool delivers(const struct service *s)
{
	static const char *const names[] = { "local", "virtual", "smtp", "lmtp", "pipe", "error",
					     "discard" };

	for (size_t i = 0; s->type == SERVICE_UNIX && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(s->program, names[i]) == 0)
			return true;
	return false;
}

void limits_check(const struct conf *c, struct arena *arena, const struct service *services,
		  struct faults *faults)
{
	struct transport_limits limits;

	for (const struct service *s = services; s != NULL; s = s->next)
		if (delivers(s))
			limits_load(c, arena, s->name, &limits, faults);
}

bool limits_is_listed(const struct str_list *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], word) == 0)
			return true;
	return false;
}
