/* tests/unit/store/test_fixture.c - a small store as Debian's Dovecot 2.3.19 left it, flagged,
 * expunged and copied over IMAP (tests/data/maildir-dovecot). */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/store/maildir.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err failed;

#define OK(call) maildir_check((failed = (struct err){ 0 }, (call)), &failed)

static size_t source_n;		/* length of the fixture's own path */

static int copy_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + source_n;
	static char text[10000];
	size_t n;
	FILE *f;

	(void)st;
	(void)ftw;
	if (type == FTW_D)
		return mkdir(maildir_path(name), 0700) == 0 || *name == '\0' ? 0 : -1;
	f = fopen(path, "r");
	if (f == NULL)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	maildir_write(name, text);
	return 0;
}

static int setup(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[PATH_MAX];

	maildir_setup(state);
	rmdir(maildir_path("cur"));
	rmdir(maildir_path("new"));
	rmdir(maildir_path("tmp"));
	snprintf(path, sizeof(path), "%s/tests/data/maildir-dovecot",
		 srcdir != NULL ? srcdir : ".");
	source_n = strlen(path);
	return nftw(path, copy_one, 16, FTW_PHYS);
}

static void dump_box(const char *name, struct buf *out)
{
	struct store_box *b = maildir_open(name, 0);
	struct store_box_info info;

	store_box_info(b, &info);
	buf_addf(out, "%s %u %u\n", name, info.uidvalidity, info.uidnext);
	for (uint32_t seq = 1; seq <= info.count; seq++) {
		const struct store_msg *m = store_box_msg(b, seq);
		uint64_t size;

		OK(store_box_size(b, seq, STORE_SIZE_CRLF, &size, &failed));
		buf_addf(out, " %u %u %u", m->uid, (unsigned)size, m->flags);
		for (unsigned bit = 0; bit < STORE_KEYWORDS_MAX; bit++)
			if ((m->keywords >> bit & 1) != 0)
				buf_addf(out, " %s", store_box_keyword(b, bit));
		buf_addc(out, '\n');
	}
	store_box_free(&b);
}

static void test_what_dovecot_left(void **state)
{
	static const char *const files[] = { "dovecot-uidlist", "dovecot-keywords", "subscriptions",
					     ".Archive.2025/dovecot-uidlist",
					     ".Archive.2025/dovecot-keywords" };
	char *before[N_OF(files)];
	struct store_list l;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < N_OF(files); i++)
		before[i] = strdup(maildir_read(files[i]));
	buf_init(&out, 10000);
	OK(store_list(maildir_store, &l, &failed));
	for (size_t i = 0; i < l.n; i++)
		if ((l.entries[i].attrs & STORE_ENTRY_NOSELECT) == 0)
			dump_box(l.entries[i].name, &out);
	store_list_done(&l);
	OK(store_list_subscribed(maildir_store, &l, &failed));
	for (size_t i = 0; i < l.n; i++)
		buf_addf(&out, "%s ", l.entries[i].name);
	store_list_done(&l);
	assert_string_equal(buf_cstr(&out),
			    "INBOX 1795311182 6\n"
			    " 1 23 1 $Forwarded late\n 2 25 6 Junk\n 4 25 0\n 5 24 0\n"
			    "&APY-l 1795311181 1\n"
			    "Archive.2025 1795311180 3\n 1 23 1 $Forwarded\n 2 25 6 Junk\n"
			    "INBOX &APY-l Archive.2025 ");
	for (size_t i = 0; i < N_OF(files); i++) {
		assert_string_equal(maildir_read(files[i]), before[i]);
		free(before[i]);
	}
	buf_done(&out);
}

/* The next UIDVALIDITY is above all that Dovecot gave. */
static void test_its_uidvalidities_go_on(void **state)
{
	struct store_status st;

	(void)state;
	OK(store_create(maildir_store, "ours", &failed));
	OK(store_status(maildir_store, "ours", &st, &failed));
	assert_int_equal(st.uidvalidity, 1795311183);
	assert_true(maildir_has("dovecot-uidvalidity.6b02464f"));
	assert_string_equal(maildir_read("dovecot-uidvalidity"), "6b02464f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_dovecot_left, setup, maildir_teardown),
		cmocka_unit_test_setup_teardown(test_its_uidvalidities_go_on, setup,
						maildir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
