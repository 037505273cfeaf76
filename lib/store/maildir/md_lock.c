/* SPDX-License-Identifier: ISC */
#include "lib/store/maildir/md_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/num.h"

enum { WAIT_FIRST_MS = 2, WAIT_MAX_MS = 200, LOCK_TEXT_MAX = 512 };

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static enum rc make(struct md_lock *l, const char *hostname, mode_t mode, struct err *err)
{
	char text[LOCK_TEXT_MAX];
	struct stat st;
	int n = snprintf(text, sizeof(text), "%ld:%s", (long)getpid(), hostname);
	enum rc rc;

	l->fd = fs_open(l->dir, l->name, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (l->fd < 0)
		return errno == EEXIST ? RC_MORE : fs_err(err, "open(%s)", l->name);
	rc = fs_write_all(l->fd, slice_make(text, (size_t)n), l->name, err);
	if (rc == RC_OK && fstat(l->fd, &st) != 0)
		rc = fs_err(err, "fstat(%s)", l->name);
	if (rc != RC_OK) {
		(void)unlinkat(l->dir, l->name, 0);
		close(l->fd);
		l->fd = -1;
		return rc;
	}
	l->ino = st.st_ino;
	l->touched_ns = fs_now_ns();
	return RC_OK;
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* A confined job may not even send signal 0; it may look into /proc, if that hides nothing. */
static bool is_dead(pid_t pid)
{
	char path[32];

	if (kill(pid, 0) == 0)
		return false;
	if (errno == ESRCH)
		return true;
	snprintf(path, sizeof(path), "/proc/%ld", (long)pid);
	return is_there("/proc/self") && is_there("/proc/1") && !is_there(path);
}

/* "PID:HOST" of this host whose process does not exist: its holder was killed. */
static bool holder_is_dead(struct slice text, const char *hostname)
{
	struct slice pid_text;
	uint32_t pid;

	if (!slice_split(&text, ':', &pid_text) || !slice_is(text, hostname) ||
	    num_u32(pid_text, INT32_MAX, &pid) != RC_OK || pid == 0)
		return false;
	return is_dead((pid_t)pid);
}

static bool is_stale(struct md_lock *l, const char *hostname, struct fs_stamp *ret_stamp)
{
	int64_t age_ns;
	char *text;
	size_t n;
	bool stale;

	if (fs_read(l->dir, l->name, LOCK_TEXT_MAX, &text, &n, ret_stamp, NULL) != RC_OK)
		return false;
	age_ns = llabs(fs_now_ns() - ret_stamp->mtime_ns);
	/* Every writer fills the file at once: an empty one belongs to nobody alive. */
	stale = age_ns > (n > 0 ? MD_LOCK_STALE_S : MD_LOCK_EMPTY_S) * 1000000000LL ||
		holder_is_dead(slice_make(text, n), hostname);
	free(text);
	return stale;
}

/* Two waiters may both think so: take the lock aside by rename, and give it back when it turns
 * out to be a new one that the other waiter had made meanwhile. */
static void remove_stale(struct md_lock *l, const struct fs_stamp *stale)
{
	struct fs_stamp got;
	char aside[96];

	snprintf(aside, sizeof(aside), "%s.stale.%ld", l->name, (long)getpid());
	if (renameat(l->dir, l->name, l->dir, aside) != 0)
		return;
	if (fs_stamp_at(l->dir, aside, &got, NULL) == RC_OK && !fs_stamp_eq(&got, stale))
		(void)fs_rename_new(l->dir, aside, l->dir, l->name);
	(void)unlinkat(l->dir, aside, 0);
}

enum rc md_lock_get(struct md_lock *l, int dir, const char *file, const char *hostname,
		    mode_t mode, unsigned timeout_ms, struct err *err)
{
	int64_t give_up = now_ms() + timeout_ms;
	unsigned wait_ms = WAIT_FIRST_MS;
	struct fs_stamp stamp;
	enum rc rc;

	*l = (struct md_lock){ .dir = dir, .fd = -1 };
	snprintf(l->name, sizeof(l->name), "%s.lock", file);
	for (;;) {
		struct timespec pause = { 0, wait_ms * 1000000L };

		rc = make(l, hostname, mode, err);
		if (rc != RC_MORE)
			return rc;
		if (is_stale(l, hostname, &stamp)) {
			remove_stale(l, &stamp);
			continue;
		}
		if (now_ms() >= give_up)
			return err_set(err, RC_TEMP, "Timeout while waiting for lock %s", l->name);
		nanosleep(&pause, NULL);
		if (wait_ms < WAIT_MAX_MS)
			wait_ms *= 2;
	}
}

void md_lock_keep(struct md_lock *l)
{
	int64_t now;

	if (l->fd < 0)
		return;
	now = fs_now_ns();
	if (now - l->touched_ns < MD_LOCK_TOUCH_S * 1000000000LL)
		return;
	l->touched_ns = now;
	(void)futimens(l->fd, NULL);
}

void md_lock_drop(struct md_lock *l)
{
	struct fs_stamp stamp;

	if (l->fd < 0)
		return;
	if (fs_stamp_at(l->dir, l->name, &stamp, NULL) == RC_OK && stamp.ino == l->ino)
		(void)unlinkat(l->dir, l->name, 0);
	close(l->fd);
	l->fd = -1;
}
