/* SPDX-License-Identifier: ISC */
#include "tests/unit/store/maildir.h"

#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char maildir_root[PATH_MAX];
struct store *maildir_store;
unsigned maildir_lock_timeout_ms = 300;

const char *maildir_path(const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", maildir_root, name);
	return path;
}

void maildir_write(const char *name, const char *text)
{
	FILE *f = fopen(maildir_path(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

char *maildir_read(const char *name)
{
	static char text[100000];
	FILE *f = fopen(maildir_path(name), "r");
	size_t n;

	if (f == NULL)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

bool maildir_has(const char *name)
{
	struct stat st;

	return lstat(maildir_path(name), &st) == 0;
}

void maildir_rename(const char *from, const char *to)
{
	char a[2 * PATH_MAX];

	snprintf(a, sizeof(a), "%s", maildir_path(from));
	assert_int_equal(rename(a, maildir_path(to)), 0);
}

size_t maildir_count(const char *name)
{
	DIR *d = opendir(maildir_path(name));
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

void maildir_tick(void)
{
	usleep(15000);
}

void maildir_check(enum rc rc, const struct err *err)
{
	if (rc != RC_OK)
		fail_msg("%s: %s", rc_name(rc), err->text);
}

void maildir_open_store(char separator)
{
	char location[PATH_MAX + 20];
	struct store_options o = { .location = location, .separator = separator,
				   .hostname = "host", .no_fsync = true,
				   .lock_timeout_ms = maildir_lock_timeout_ms };
	struct err err = { 0 };

	snprintf(location, sizeof(location), "maildir:%s", maildir_root);
	store_free(&maildir_store);
	maildir_check(store_open(&o, &maildir_store, &err), &err);
}

int maildir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(maildir_root, sizeof(maildir_root), "%s/buzon-test-XXXXXX",
		 tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(maildir_root));
	mkdir(maildir_path("cur"), 0700);
	mkdir(maildir_path("new"), 0700);
	mkdir(maildir_path("tmp"), 0700);
	maildir_open_store('.');
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int maildir_teardown(void **state)
{
	(void)state;
	store_free(&maildir_store);
	return nftw(maildir_root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct store_box *maildir_open(const char *name, unsigned mode)
{
	struct store_box *b = NULL;
	struct err err = { 0 };

	maildir_check(store_box_open(maildir_store, name, mode, &b, &err), &err);
	return b;
}

uint32_t maildir_box_count(const struct store_box *b)
{
	struct store_box_info info;

	store_box_info(b, &info);
	return info.count;
}

struct store_changes maildir_refresh(struct store_box *b, unsigned how)
{
	struct store_changes c;
	struct err err = { 0 };

	maildir_check(store_box_refresh(b, how, &c, &err), &err);
	return c;
}

uint32_t maildir_append(const char *box, uint8_t flags, const char *text)
{
	struct store_append_meta meta = { .flags = flags, .internaldate = -1 };
	struct store_append *a;
	struct store_appended r;
	struct err err = { 0 };
	uint32_t uid;

	maildir_check(store_append_begin(maildir_store, box, &a, &err), &err);
	maildir_check(store_append_message(a, &meta, &err), &err);
	maildir_check(store_append_write(a, slice_str(text), &err), &err);
	maildir_check(store_append_commit(&a, &r, &err), &err);
	assert_int_equal(r.n, 1);
	uid = r.uids[0];
	store_appended_done(&r);
	return uid;
}
