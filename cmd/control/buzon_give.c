/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/control/buzon.h"

enum { DEPTH_MAX = 16 };	/* more than hash_queue_depth ever makes */

struct gift {
	uid_t uid;
	gid_t gid;
};

static enum rc give_content(int dir, const struct gift *g, unsigned depth, struct err *err);

/* A second name may stand where its owner never gave us anything: a link to a file of root's. */
static bool is_ours_to_give(const struct stat *st)
{
	return S_ISDIR(st->st_mode) || (S_ISREG(st->st_mode) && st->st_nlink == 1);
}

static enum rc give_entry(int dir, const char *name, const struct gift *g, unsigned depth,
			  struct err *err)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), inside;
	enum rc rc = RC_OK;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? RC_OK : err_sys(err, "%s", name);
	if (fstat(fd, &st) == 0 && is_ours_to_give(&st) &&
	    fchownat(fd, "", g->uid, g->gid, AT_EMPTY_PATH) != 0)
		rc = err_sys(err, "chown %s", name);
	if (rc == RC_OK && S_ISDIR(st.st_mode)) {
		inside = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = inside >= 0 ? give_content(inside, g, depth + 1, err)
				 : err_sys(err, "open %s", name);
	}
	close(fd);
	return rc;
}

/* Takes DIR over. */
static enum rc give_content(int dir, const struct gift *g, unsigned depth, struct err *err)
{
	DIR *d = depth < DEPTH_MAX ? fdopendir(dir) : NULL;
	enum rc rc = RC_OK;
	struct dirent *e;

	if (d == NULL) {
		close(dir);
		return err_set(err, RC_LIMIT, "directories in more than %d levels", DEPTH_MAX);
	}
	while (rc == RC_OK && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = give_entry(dirfd(d), e->d_name, g, depth, err);
	closedir(d);
	return rc;
}

enum rc give_directory(const char *path, mode_t mode, uid_t uid, gid_t gid, bool with_content,
		       struct err *err)
{
	const struct gift g = { uid, gid };
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	enum rc rc = RC_OK;

	if (fd < 0)
		return err_sys(err, "open %s", path);
	if (fchown(fd, uid, gid) != 0)
		rc = err_sys(err, "chown %s", path);
	else if (mode != 0 && fchmod(fd, mode) != 0)
		rc = err_sys(err, "chmod %s", path);
	if (rc != RC_OK || !with_content) {
		close(fd);
		return rc;
	}
	rc = give_content(fd, &g, 0, err);
	if (rc != RC_OK)
		err_context(err, "below %s", path);
	return rc;
}
