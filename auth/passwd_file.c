/* SPDX-License-Identifier: ISC */
#include "auth/passwd_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"

/* What the file was when it was read. A file that changed just before it was read may change again
 * without a trace in its times, which have the grain of the kernel's tick. */
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
	bool is_young;
};

struct passwd_file {
	char *path;
	passwd_note_fn *note;
	struct stamp stamp;
	char *text;
	size_t text_size;
	struct passwd_entry *entries;
	size_t n, size;
	struct hash by_user;
	bool is_loaded;
};

struct passwd_file *passwd_file_new(const char *path, passwd_note_fn *note)
{
	struct passwd_file *f = mem_new(1, sizeof(*f));

	f->path = mem_dup(path, strlen(path));
	f->note = note;
	hash_init(&f->by_user, PASSWD_USERS_MAX, false);
	return f;
}

static void forget(struct passwd_file *f)
{
	mem_wipe(f->text, f->text_size);
	free(f->text);
	free(f->entries);
	hash_done(&f->by_user);
	hash_init(&f->by_user, PASSWD_USERS_MAX, false);
	f->text = NULL;
	f->entries = NULL;
	f->text_size = f->n = f->size = 0;
	f->is_loaded = false;
}

void passwd_file_free(struct passwd_file **f)
{
	if (*f == NULL)
		return;
	forget(*f);
	hash_done(&(*f)->by_user);
	free((*f)->path);
	free(*f);
	*f = NULL;
}

const char *passwd_file_path(const struct passwd_file *f)
{
	return f->path;
}

const struct passwd_entry *passwd_file_find(const struct passwd_file *f, struct slice user)
{
	return hash_get(&f->by_user, user);
}

const struct passwd_entry *passwd_file_next(const struct passwd_file *f, size_t *pos)
{
	return *pos < f->n ? &f->entries[(*pos)++] : NULL;
}

static struct stamp stamp_of(const struct stat *st)
{
	struct timespec now;
	int64_t age_ms;

	clock_gettime(CLOCK_REALTIME, &now);
	age_ms = (now.tv_sec - st->st_ctim.tv_sec) * 1000 +
		 (now.tv_nsec - st->st_ctim.tv_nsec) / 1000000;
	return (struct stamp){ st->st_dev, st->st_ino, st->st_size, st->st_mtim, st->st_ctim,
			       age_ms < 50 && age_ms > -1000 };
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_current(const struct passwd_file *f, const struct stat *st)
{
	const struct stamp *s = &f->stamp;

	return f->is_loaded && !s->is_young && s->dev == st->st_dev && s->ino == st->st_ino &&
	       s->size == st->st_size && same_time(s->mtime, st->st_mtim) &&
	       same_time(s->ctime, st->st_ctim);
}

static void note(const struct passwd_file *f, unsigned line, const char *text)
{
	if (f->note != NULL)
		f->note(f->path, line, text);
}

static void add(struct passwd_file *f, const struct passwd_entry *e, unsigned line)
{
	if (hash_get(&f->by_user, e->user) != NULL) {
		note(f, line, "user stands in the file more than once; the first line counts");
		return;
	}
	f->entries[f->n] = *e;
	if (hash_put(&f->by_user, e->user, &f->entries[f->n], NULL) != RC_OK)
		note(f, line, "too many users; this one is left out");
	else
		f->n++;
}

/* Entries do not move once the index points to them, so lines are counted first. */
static void parse(struct passwd_file *f)
{
	struct slice rest = slice_make(f->text, f->text_size), line;
	unsigned n = 0;

	while (slice_line(&rest, &line))
		f->size++;
	f->entries = mem_new(f->size + 1, sizeof(*f->entries));
	rest = slice_make(f->text, f->text_size);
	while (slice_line(&rest, &line)) {
		struct passwd_entry e;
		struct err err = { 0 };
		enum rc rc = passwd_line_parse(line, &e, &err);

		n++;
		if (rc == RC_OK)
			add(f, &e, n);
		else if (rc != RC_END)
			note(f, n, err.text);
	}
}

static enum rc read_all(int fd, char *mem, size_t size, size_t *ret_n, struct err *err)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, mem + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "read");
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_n = n;
	return RC_OK;
}

static enum rc load(struct passwd_file *f, int fd, struct err *err)
{
	struct stat st;
	char *text;
	size_t n = 0;
	enum rc rc;

	if (fstat(fd, &st) != 0)
		return err_sys(err, "fstat");
	if (!S_ISREG(st.st_mode) || st.st_size > PASSWD_FILE_MAX_BYTES)
		return err_set(err, RC_SYS, "not a plain file of at most %d bytes",
			       PASSWD_FILE_MAX_BYTES);
	text = mem_new((size_t)st.st_size + 1, 1);
	rc = read_all(fd, text, (size_t)st.st_size, &n, err);
	if (rc != RC_OK) {
		free(text);
		return rc;
	}
	forget(f);
	f->text = text;
	f->text_size = n;
	f->stamp = stamp_of(&st);
	parse(f);
	f->is_loaded = true;
	return RC_OK;
}

enum rc passwd_file_refresh(struct passwd_file *f, struct err *err)
{
	struct stat st;
	enum rc rc;
	int fd;

	if (stat(f->path, &st) == 0 && is_current(f, &st))
		return RC_OK;
	fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_sys(err, "cannot open %s", f->path);
	rc = load(f, fd, err);
	if (rc != RC_OK)
		err_context(err, "%s", f->path);
	close(fd);
	return rc;
}
