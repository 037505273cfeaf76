/* lib/table/index.c - writing FILE.cdb. */
/* SPDX-License-Identifier: ISC */
#include "lib/table/index.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"

struct index_writer {
	char *path, *temp;
	int fd;
	struct timespec mtime;
	struct cdb_make make;
	bool is_started;
};

char *index_path(const char *source_path)
{
	struct buf b;

	buf_init(&b, PATH_MAX + 16);
	buf_addf(&b, "%s.cdb", source_path);
	return buf_take(&b);
}

static int cmp_time(struct timespec a, struct timespec b)
{
	if (a.tv_sec != b.tv_sec)
		return a.tv_sec < b.tv_sec ? -1 : 1;
	return a.tv_nsec < b.tv_nsec ? -1 : a.tv_nsec > b.tv_nsec;
}

bool index_is_fresh(const struct stat *index, const struct stat *source)
{
	int d = cmp_time(index->st_mtim, source->st_mtim);

	return d == 0 || (d > 0 && cmp_time(index->st_ctim, source->st_ctim) > 0);
}

static char *temp_path(const char *path)
{
	struct buf b;

	buf_init(&b, PATH_MAX + 16);
	buf_addf(&b, "%s.XXXXXX", path);
	return buf_take(&b);
}

void index_writer_abandon(struct index_writer **w)
{
	if (*w == NULL)
		return;
	/* The library frees its memory only by finishing. */
	if ((*w)->is_started)
		cdb_make_finish(&(*w)->make);
	if ((*w)->fd >= 0) {
		unlink((*w)->temp);
		close((*w)->fd);
	}
	free((*w)->path);
	free((*w)->temp);
	free(*w);
	*w = NULL;
}

static enum rc set_owner(struct index_writer *w, const struct stat *source, bool keep_mode,
			 struct err *err)
{
	mode_t mode = keep_mode ? (source->st_mode & 0666) | 0600 : 0644;

	if (geteuid() == 0 && fchown(w->fd, source->st_uid, source->st_gid) < 0)
		return err_sys(err, "cannot give %s to the owner of its source", w->temp);
	if (fchmod(w->fd, mode) < 0)
		return err_sys(err, "cannot set permissions of %s", w->temp);
	return RC_OK;
}

enum rc index_writer_new(const char *source_path, const struct stat *source, bool keep_mode,
			 struct index_writer **out, struct err *err)
{
	struct index_writer *w = mem_new(1, sizeof(*w));
	enum rc rc;

	w->mtime = source->st_mtim;
	w->path = index_path(source_path);
	w->temp = temp_path(w->path);
	w->fd = mkostemp(w->temp, O_CLOEXEC);
	if (w->fd < 0)
		rc = err_sys(err, "cannot create %s", w->temp);
	else
		rc = set_owner(w, source, keep_mode, err);
	if (rc == RC_OK && cdb_make_start(&w->make, w->fd) < 0)
		rc = err_sys(err, "cannot write %s", w->temp);
	if (rc != RC_OK) {
		index_writer_abandon(&w);
		return rc;
	}
	w->is_started = true;
	*out = w;
	return RC_OK;
}

enum rc index_writer_add(struct index_writer *w, struct slice key, struct slice value,
			 struct err *err)
{
	if (cdb_make_add(&w->make, key.p, (unsigned)key.n, value.p, (unsigned)value.n) < 0)
		return err_sys(err, "cannot write %s", w->temp);
	return RC_OK;
}

enum rc index_writer_commit(struct index_writer **wp, struct err *err)
{
	struct index_writer *w = *wp;
	enum rc rc = RC_OK;

	w->is_started = false;
	/* The index has the time of the source it was made from: a change of the source while it
	 * was being read is another time. */
	if (cdb_make_finish(&w->make) < 0 ||
	    futimens(w->fd, (struct timespec[2]){ w->mtime, w->mtime }) < 0 || fsync(w->fd) < 0)
		rc = err_sys(err, "cannot write %s", w->temp);
	else if (rename(w->temp, w->path) < 0)
		rc = err_sys(err, "cannot rename %s to %s", w->temp, w->path);
	if (rc == RC_OK) {
		close(w->fd);
		w->fd = -1;
	}
	index_writer_abandon(wp);
	return rc;
}
