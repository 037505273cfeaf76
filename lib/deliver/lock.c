/* SPDX-License-Identifier: ISC */
#include "lib/deliver/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum rc mbox_parse_locks(struct slice words, unsigned *ret_locks)
{
	struct slice word;

	*ret_locks = 0;
	while (slice_token(&words, ", \t\r\n", &word)) {
		if (slice_is(word, "fcntl"))
			*ret_locks |= MBOX_LOCK_FCNTL;
		else if (slice_is(word, "flock"))
			*ret_locks |= MBOX_LOCK_FLOCK;
		else if (slice_is(word, "dotlock"))
			*ret_locks |= MBOX_LOCK_DOT;
		else
			return RC_SYNTAX;
	}
	return *ret_locks != 0 ? RC_OK : RC_SYNTAX;
}

static void pause_ms(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* TRY until it works, fails otherwise than by being held, or the attempts are used up. */
static int attempt(const struct mbox_spec *spec, int (*try)(void *ctx), void *ctx)
{
	for (unsigned i = 1;; i++) {
		if (try(ctx) == 0)
			return 0;
		if (errno != EAGAIN || i >= spec->lock_attempts)
			return -1;
		pause_ms(spec->lock_delay_ms);
	}
}

/* Removing a stale lock is a race that the format cannot avoid: two may find the same one stale.
 * The age is asked twice with a pause, so that a fresh lock in its place is seen. */
static bool remove_stale(const char *path, int64_t stale_ms)
{
	struct stat st, again;
	struct timespec now;

	if (stat(path, &st) != 0)
		return errno == ENOENT;
	clock_gettime(CLOCK_REALTIME, &now);
	if ((int64_t)(now.tv_sec - st.st_mtime) * 1000 < stale_ms)
		return false;
	pause_ms(100);
	if (stat(path, &again) != 0 || again.st_ino != st.st_ino ||
	    again.st_mtime != st.st_mtime)
		return false;
	return unlink(path) == 0;
}

struct dot_try {
	struct dot_lock *lock;
	const struct mbox_spec *spec;
};

static int try_dot(void *ctx)
{
	struct dot_try *t = ctx;
	const char *path = t->lock->path;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST && remove_stale(path, t->spec->stale_lock_ms))
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		if (errno == EEXIST)
			errno = EAGAIN;
		return -1;
	}
	close(fd);
	t->lock->is_held = true;
	return 0;
}

int lock_dot(struct dot_lock *l, const struct mbox_spec *spec)
{
	struct dot_try t = { l, spec };
	int n = snprintf(l->path, sizeof(l->path), "%s.lock", spec->path);

	if (n >= (int)sizeof(l->path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return attempt(spec, try_dot, &t);
}

void unlock_dot(struct dot_lock *l)
{
	if (l->is_held)
		unlink(l->path);
	l->is_held = false;
}

struct file_try {
	int fd;
	unsigned locks;
};

static int try_file(void *ctx)
{
	struct file_try *t = ctx;
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if ((t->locks & MBOX_LOCK_FCNTL) != 0 && fcntl(t->fd, F_SETLK, &whole) != 0) {
		if (errno == EACCES)
			errno = EAGAIN;
		return -1;
	}
	return (t->locks & MBOX_LOCK_FLOCK) != 0 ? flock(t->fd, LOCK_EX | LOCK_NB) : 0;
}

int lock_file(int fd, const struct mbox_spec *spec)
{
	struct file_try t = { fd, spec->locks };

	return attempt(spec, try_file, &t);
}
