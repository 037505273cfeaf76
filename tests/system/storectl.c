/* tests/system/storectl.c - work on a mail store from the command line, for tests with other servers.
 *
 * Usage: storectl LOCATION COMMAND [ARGUMENT ...]
 *	dump				everything there is, a line each
 *	flag BOX UID +|-|= FLAG...	\Seen ..., or keywords
 *	expunge BOX UID...
 *	append BOX FLAG...		the message is read from standard input
 *	copy BOX UID BOX		one message
 *	create | delete | subscribe | unsubscribe BOX
 *	rename BOX BOX
 * Prints what dump, append and copy answer; exit status 1 and a line on failure. */
/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/store/append.h"

enum { FLAGS_MAX = 64 };

static struct err failed;

static void check(enum rc rc)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "storectl: %s %s\n", rc_name(rc), failed.text);
	exit(1);
}

static const struct {
	const char *name;
	uint8_t flag;
} flags[] = {
	{ "\\Answered", STORE_ANSWERED }, { "\\Deleted", STORE_DELETED },
	{ "\\Draft", STORE_DRAFT }, { "\\Flagged", STORE_FLAGGED }, { "\\Seen", STORE_SEEN },
};

static uint8_t flag_of(const char *name)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (slice_iis(slice_str(name), flags[i].name))
			return flags[i].flag;
	return 0;
}

static void dump_message(struct store_box *b, uint32_t seq)
{
	const struct store_msg *m = store_box_msg(b, seq);
	uint64_t size;
	int64_t date;

	check(store_box_size(b, seq, STORE_SIZE_CRLF, &size, &failed));
	check(store_box_date(b, seq, &date, &failed));
	m = store_box_msg(b, seq);
	printf("  %" PRIu32 " size=%" PRIu64 " date=%" PRId64, m->uid, size, date);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if ((m->flags & flags[i].flag) != 0)
			printf(" %s", flags[i].name);
	for (unsigned bit = 0; bit < STORE_KEYWORDS_MAX; bit++)
		if ((m->keywords >> bit & 1) != 0 && store_box_keyword(b, bit) != NULL)
			printf(" %s", store_box_keyword(b, bit));
	printf("\n");
}

static void dump_box(struct store *s, const char *name)
{
	struct store_box_info info;
	struct store_box *b;

	check(store_box_open(s, name, STORE_BOX_READONLY, &b, &failed));
	store_box_info(b, &info);
	printf("box %s uidvalidity=%" PRIu32 " uidnext=%" PRIu32 "\n", name, info.uidvalidity,
	       info.uidnext);
	for (uint32_t seq = 1; seq <= info.count; seq++)
		dump_message(b, seq);
	store_box_free(&b);
}

static void dump(struct store *s, char **arg)
{
	struct store_list l;

	(void)arg;
	check(store_list(s, &l, &failed));
	for (size_t i = 0; i < l.n; i++)
		if ((l.entries[i].attrs & STORE_ENTRY_NOSELECT) == 0)
			dump_box(s, l.entries[i].name);
	store_list_done(&l);
	check(store_list_subscribed(s, &l, &failed));
	for (size_t i = 0; i < l.n; i++)
		printf("subscribed %s\n", l.entries[i].name);
	store_list_done(&l);
}

static struct store_box *open_box(struct store *s, const char *name)
{
	struct store_box *b;

	check(store_box_open(s, name, 0, &b, &failed));
	return b;
}

static uint32_t seq_of(struct store_box *b, const char *uid)
{
	struct store_box_info info;
	uint32_t n = 0, seq;

	check(num_u32(slice_str(uid), UINT32_MAX, &n));
	store_box_info(b, &info);
	seq = store_box_seq(b, n);
	if (seq > info.count || store_box_msg(b, seq)->uid != n)
		check(err_set(&failed, RC_END, "no message with UID %s", uid));
	return seq;
}

static void flag(struct store *s, char **arg)
{
	struct store_box *b = open_box(s, arg[0]);
	struct store_flag_op op = { .how = arg[2][0] == '+' ? STORE_FLAGS_ADD :
					   arg[2][0] == '-' ? STORE_FLAGS_REMOVE :
							      STORE_FLAGS_REPLACE };
	uint32_t seq = seq_of(b, arg[1]);

	for (char **f = arg + 3; *f != NULL; f++) {
		unsigned bit;

		op.flags |= flag_of(*f);
		if (flag_of(*f) != 0)
			continue;
		check(store_box_keyword_bit(b, slice_str(*f), true, &bit, &failed));
		op.keywords |= (uint64_t)1 << bit;
	}
	check(store_box_set_flags(b, &seq, 1, &op, NULL, &failed));
	store_box_free(&b);
}

static void expunge(struct store *s, char **arg)
{
	struct store_box *b = open_box(s, *arg);

	while (*++arg != NULL) {
		uint32_t seq = seq_of(b, *arg);

		check(store_box_expunge(b, &seq, 1, &failed));
	}
	store_box_free(&b);
}

static void commit(struct store_append *a)
{
	struct store_appended r;

	check(store_append_commit(&a, &r, &failed));
	printf("%" PRIu32 " %" PRIu32 "\n", r.uidvalidity, r.uids[0]);
	store_appended_done(&r);
}

static void append(struct store *s, char **arg)
{
	struct slice keywords[FLAGS_MAX];
	struct store_append_meta meta = { .keywords = keywords, .internaldate = -1 };
	struct store_append *a;
	char piece[4096];
	size_t n;

	check(store_append_begin(s, *arg, &a, &failed));
	while (*++arg != NULL && meta.n_keywords < FLAGS_MAX) {
		meta.flags |= flag_of(*arg);
		if (flag_of(*arg) == 0)
			keywords[meta.n_keywords++] = slice_str(*arg);
	}
	check(store_append_message(a, &meta, &failed));
	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		check(store_append_write(a, slice_make(piece, n), &failed));
	commit(a);
}

static void copy(struct store *s, char **arg)
{
	struct store_box *b = open_box(s, arg[0]);
	struct store_append *a;

	check(store_append_begin(s, arg[2], &a, &failed));
	check(store_append_copy(a, b, seq_of(b, arg[1]), &failed));
	commit(a);
	store_box_free(&b);
}

static void create(struct store *s, char **arg) { check(store_create(s, *arg, &failed)); }
static void delete(struct store *s, char **arg) { check(store_delete(s, *arg, &failed)); }

static void subscribe(struct store *s, char **arg)
{
	check(store_subscribe(s, *arg, true, &failed));
}

static void unsubscribe(struct store *s, char **arg)
{
	check(store_subscribe(s, *arg, false, &failed));
}

static void rename_box(struct store *s, char **arg)
{
	check(store_rename(s, arg[0], arg[1], &failed));
}

static const struct {
	const char *name;
	int args;
	void (*run)(struct store *s, char **arg);
} commands[] = {
	{ "dump", 0, dump }, { "flag", 3, flag }, { "expunge", 2, expunge },
	{ "append", 1, append }, { "copy", 3, copy }, { "create", 1, create },
	{ "delete", 1, delete }, { "subscribe", 1, subscribe },
	{ "unsubscribe", 1, unsubscribe }, { "rename", 2, rename_box },
};

int main(int argc, char **argv)
{
	struct store_options o = { .location = argc > 1 ? argv[1] : "" };
	struct store *s;

	for (size_t i = 0; argc > 2 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[2], commands[i].name) != 0 || argc - 3 < commands[i].args)
			continue;
		check(store_open(&o, &s, &failed));
		commands[i].run(s, argv + 3);
		store_free(&s);
		return 0;
	}
	fprintf(stderr, "usage: storectl LOCATION COMMAND [ARGUMENT ...]\n");
	return 64;
}
