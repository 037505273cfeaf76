/* SPDX-License-Identifier: ISC */
/* A command line as sequence set, FETCH, SEARCH, STORE, STATUS, APPEND, LIST pattern. Results keep
 * their promises: sets are ordered and say the same in each form, a section that is printed and
 * parsed again is the same, patterns match as a simple matcher says. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/imap/command.h"
#include "lib/imap/fetch.h"
#include "lib/imap/id.h"
#include "lib/imap/mailbox.h"
#include "lib/imap/parser.h"
#include "lib/imap/search.h"

enum { LARGEST = 60, ARENA_MAX = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_resolved(const struct imap_seqset *set)
{
	for (size_t i = 0; i < set->n; i++) {
		assert(set->ranges[i].lo > 0 && set->ranges[i].lo <= set->ranges[i].hi);
		if (i > 0)
			assert(set->ranges[i].lo > set->ranges[i - 1].hi + 1);
	}
}

static void check_set(struct slice text)
{
	uint32_t in[LARGEST + 10];
	struct imap_seqset set, again;
	struct arena a;
	struct buf out;
	size_t n = 0;

	arena_init(&a, ARENA_MAX);
	buf_init(&out, 4096);
	if (imap_seqset_parse(text, &a, &set) == RC_OK) {
		imap_seqset_resolve(&set, LARGEST);
		check_resolved(&set);
		for (uint32_t i = 0; i < LARGEST + 10; i++)
			if (imap_seqset_has(&set, i))
				in[n++] = i;
		imap_seqset_print(in, n, &out);
		if (n > 0) {
			assert(imap_seqset_parse(buf_slice(&out), &a, &again) == RC_OK);
			imap_seqset_resolve(&again, LARGEST);
			for (uint32_t i = 0; i < LARGEST + 10; i++)
				assert(imap_seqset_has(&set, i) == imap_seqset_has(&again, i));
		}
	}
	buf_done(&out);
	arena_done(&a);
}

/* The section printed, as a command line parsed again and printed, is the same text. */
static void check_section(const struct imap_section *given, struct arena *a)
{
	struct imap_section s = *given;
	struct imap_parser p;
	struct imap_fetch f;
	struct buf text, again;
	struct slice in;
	const char *why;
	enum imap_event ev;

	s.partial = false;
	buf_init(&text, 1 << 20);
	buf_init(&again, 1 << 20);
	imap_section_print(&s, &text);
	buf_adds(&text, "\r\n");
	imap_parser_init(&p, &imap_limits_session);
	in = buf_slice(&text);
	while ((ev = imap_parser_feed(&p, &in)) == IMAP_EV_LITERAL)
		assert(imap_parser_accept(&p) == RC_OK);
	assert(ev == IMAP_EV_COMMAND);
	assert(imap_fetch_parse(imap_parser_args(&p), false, a, &f, &why) == RC_OK);
	assert(f.n == 1 && f.items[0].kind == IMAP_FETCH_SECTION);
	imap_section_print(&f.items[0].section, &again);
	buf_adds(&again, "\r\n");
	assert(slice_eq(buf_slice(&text), buf_slice(&again)));
	imap_parser_done(&p);
	buf_done(&again);
	buf_done(&text);
}

static void check_fetch(struct imap_args args)
{
	struct imap_fetch f;
	struct arena a;
	const char *why = NULL;

	arena_init(&a, ARENA_MAX);
	if (imap_fetch_parse(args, true, &a, &f, &why) == RC_OK) {
		assert(f.n > 0 && f.items[0].kind == IMAP_FETCH_UID);
		for (size_t i = 0; i < f.n && i < 100; i++)
			if (f.items[i].kind == IMAP_FETCH_SECTION)
				check_section(&f.items[i].section, &a);
	}
	arena_done(&a);
}

static void check_key(const struct imap_key *k, unsigned depth)
{
	unsigned n = 0;

	assert(depth <= IMAP_SEARCH_DEPTH_MAX + 3);
	for (const struct imap_key *sub = k->sub; sub != NULL; sub = sub->next, n++)
		check_key(sub, depth + 1);
	assert(k->type != IMAP_KEY_OR || n == 2);
	assert(n == 0 || k->type == IMAP_KEY_OR || k->type == IMAP_KEY_AND);
}

static void check_others(struct imap_args args)
{
	struct imap_store_args store;
	struct imap_append_args append;
	struct imap_key key;
	struct arena a;
	const char *why = NULL;
	unsigned items;

	arena_init(&a, ARENA_MAX);
	if (imap_search_parse(args, &a, &key, &why) == RC_OK)
		check_key(&key, 0);
	if (imap_store_parse(args, &a, &store, &why) == RC_OK)
		assert(store.flags.n_keywords <= STORE_KEYWORDS_MAX);
	if (imap_append_parse(args, &a, &append, &why) == RC_OK)
		assert(append.mailbox.p != NULL);
	if (imap_status_parse(args, &items, &why) == RC_OK)
		assert(items != 0);
	(void)imap_id_is_valid(args);
	arena_done(&a);
}

static bool simple_match(struct slice p, struct slice s)
{
	if (p.n == 0)
		return s.n == 0;
	if (p.p[0] == '*' || p.p[0] == '%') {
		for (size_t i = 0; i <= s.n; i++) {
			if (simple_match(slice_skip(p, 1), slice_skip(s, i)))
				return true;
			if (i < s.n && p.p[0] == '%' && s.p[i] == '.')
				return false;
		}
		return false;
	}
	return s.n > 0 && p.p[0] == s.p[0] && simple_match(slice_skip(p, 1), slice_skip(s, 1));
}

static void check_match(struct slice text)
{
	struct slice pattern, name = text;

	if (text.n > 16 || !slice_split(&name, '/', &pattern) || slice_iis(name, "INBOX"))
		return;
	assert(imap_list_matches(pattern, name, '.') == simple_match(pattern, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size), end = SLICE_LIT("\r\n");
	struct imap_parser p;
	enum imap_event ev;

	check_set(in);
	check_match(in);
	imap_parser_init(&p, &imap_limits_prelogin);
	while ((ev = imap_parser_feed(&p, &in)) == IMAP_EV_LITERAL)
		if (imap_parser_accept(&p) != RC_OK)
			break;
	if (ev == IMAP_EV_MORE)
		ev = imap_parser_feed(&p, &end);
	if (ev == IMAP_EV_COMMAND) {
		check_fetch(imap_parser_args(&p));
		check_others(imap_parser_args(&p));
	}
	imap_parser_done(&p);
	return 0;
}
