/* lib/conf/values.c - words, host names, versions and transports. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/values.h"

#include <stdio.h>

#include "lib/conf/macro.h"
#include "lib/conf/param.h"

enum { VALUE_MAX = 65536 };

/* One value under check. */
struct subject {
	const struct conf_entry *entry;
	struct slice value;		/* expanded */
	const char *words;		/* of WORDS */
	const struct service *services;
	struct faults *faults;
};

static void fault(const struct subject *s, bool is_fatal, const char *remedy, const char *what,
		  struct slice word)
{
	faults_add(s->faults, is_fatal, s->entry->file, s->entry->line, remedy, "%.*s: %s \"%.*s\"",
		   SLICE_ARG(s->entry->name), what, SLICE_ARG(word));
}

static void check_words(const struct subject *s)
{
	struct slice rest = s->value, word, words, known;
	char remedy[300];

	snprintf(remedy, sizeof(remedy), "known are: %s", s->words);
	while (param_next_word(&rest, &word)) {
		bool found = false;

		for (words = slice_str(s->words); slice_token(&words, " ", &known) && !found;)
			found = slice_ieq(word, known);
		if (!found)
			fault(s, true, remedy, "unknown word", word);
	}
}

/* Letters of other scripts are fine: the name is only shown and compared. An empty one is a fault
 * already. */
static void check_host(const struct subject *s)
{
	bool is_good = s->value.n == 0 || (s->value.p[0] != '.' && s->value.p[0] != '-');

	for (size_t i = 0; i < s->value.n; i++) {
		char c = s->value.p[i];

		if (!char_is_alnum(c) && c != '-' && c != '_' && c != '.' && (unsigned char)c < 0x80)
			is_good = false;
		if (c == '.' && i > 0 && s->value.p[i - 1] == '.')
			is_good = false;
	}
	if (!is_good)
		fault(s, true, "for example: mail.example.com", "not a host name", s->value);
}

static void check_level(const struct subject *s)
{
	uint64_t level;

	if (macro_parse_level(s->value, &level) != RC_OK)
		fault(s, true, "for example: 3.6", "not a version", s->value);
}

/* qmgr does the job of the first three itself. */
static void check_transport(const struct subject *s)
{
	static const char *const inside[] = { "error", "retry", "discard" };
	ptrdiff_t colon = slice_chr(s->value, ':');
	struct slice name = slice_sub(s->value, 0, colon < 0 ? s->value.n : (size_t)colon);

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (slice_is(name, inside[i]))
			return;
	for (const struct service *v = s->services; v != NULL; v = v->next)
		if (v->type == SERVICE_UNIX && slice_is(name, v->name))
			return;
	if (name.n > 0 && s->services != NULL)
		fault(s, false, "mail for it is deferred until there is",
		      "there is no service in master.cf named", name);
}

#define WORDS(name, words) { #name, check_words, words },
#define HOST(name) { #name, check_host, NULL },
#define LEVEL(name) { #name, check_level, NULL },
#define TRANSPORT(name) { #name, check_transport, NULL },
static const struct {
	const char *name;
	void (*check)(const struct subject *s);
	const char *words;
} rules[] = {
#include "lib/conf/values.def"
};
#undef WORDS
#undef HOST
#undef LEVEL
#undef TRANSPORT

void values_check(struct slice name, const struct conf *c, const struct service *services,
		  struct faults *faults)
{
	struct subject s = { .entry = conf_entry(c, name), .services = services,
			     .faults = faults };
	struct err err = { 0 };
	struct buf value;
	size_t i = 0;

	while (i < sizeof(rules) / sizeof(rules[0]) && !slice_is(name, rules[i].name))
		i++;
	if (s.entry == NULL || i == sizeof(rules) / sizeof(rules[0]))
		return;
	buf_init(&value, VALUE_MAX);
	if (conf_expand_name(c, name, &value, &err) == RC_OK) {
		s.value = slice_trim_space(buf_slice(&value));
		s.words = rules[i].words;
		rules[i].check(&s);
	}
	buf_done(&value);
}
