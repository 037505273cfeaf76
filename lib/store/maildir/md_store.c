/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/store/maildir/md.h"
#include "lib/store/maildir/md_subs.h"

enum { SUBS_MAX = 4 << 20 };

/* Dovecot's name for a folder that is being deleted; no list shows it. */
#define TRASHED "..DOVECOT-TRASHED"

static struct md_store *self(struct store *s)
{
	return (struct md_store *)s;
}

static void md_free(struct store *s)
{
	struct md_store *m = self(s);

	md_lock_drop(&m->session);
	close(m->root);
	free(m->path);
	free(m);
}

static enum rc md_name_check(const struct store *s, const char *name, struct err *err)
{
	char bad = s->separator == '.' ? '/' : '.';

	if (strchr(name, bad) != NULL)
		return err_set(err, RC_SYNTAX,
			       "Invalid mailbox name: Name must not have '%c' characters", bad);
	return RC_OK;
}

static bool holds(int dir, const char *name, mode_t type)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & S_IFMT) == type;
}

/* A folder is a directory that holds a directory cur, or says so: other hidden directories may
 * lie beside when the root is somebody's home. */
static bool is_folder(const struct md_store *m, const char *dir)
{
	int fd = fs_open_dir(m->root, dir);
	bool is;

	if (fd < 0)
		return false;
	is = holds(fd, "cur", S_IFDIR) || holds(fd, "maildirfolder", S_IFREG);
	close(fd);
	return is;
}

struct listing {
	struct md_store *m;
	struct store_names *out;
	enum rc rc;
};

static bool list_one(void *ctx, const char *dir, enum fs_type type)
{
	struct listing *l = ctx;
	char name[MD_FOLDER_MAX];
	size_t n = strlen(dir);

	if (type == FS_OTHER || dir[0] != '.' || dir[1] == '.' || n < 2 || n - 1 > STORE_NAME_MAX)
		return true;
	memcpy(name, dir + 1, n);
	for (char *p = name; *p != '\0'; p++)
		if (*p == '.')
			*p = l->m->s.separator;
	/* Only what our own rules let a client name again. */
	if (strcmp(name, "INBOX") == 0 || !store_name_is_canonical(&l->m->s, name) ||
	    !is_folder(l->m, dir))
		return true;
	l->rc = store_names_add(l->out, slice_str(name));
	return l->rc == RC_OK;
}

static enum rc md_names(struct store *s, struct store_names *out, struct err *err)
{
	struct listing l = { .m = self(s), .out = out };
	enum rc rc = store_names_add(out, SLICE_LIT("INBOX"));

	if (rc == RC_OK)
		rc = fs_each(l.m->root, list_one, &l, err);
	if (rc == RC_OK && l.rc != RC_OK)
		rc = err_set(err, l.rc, "too many mailboxes");
	return rc;
}

static enum rc md_exists(struct store *s, const char *name, struct err *err)
{
	char dir[MD_FOLDER_MAX];

	md_folder_path(self(s), name, dir);
	if (strcmp(dir, ".") == 0 || is_folder(self(s), dir))
		return RC_OK;
	return err_set(err, RC_END, "Mailbox doesn't exist: %s", name);
}

static enum rc md_create(struct store *s, const char *name, struct err *err)
{
	char dir[MD_FOLDER_MAX];

	if (md_exists(s, name, NULL) == RC_OK)
		return err_set(err, RC_PERM, "Mailbox already exists");
	md_folder_path(self(s), name, dir);
	return md_folder_make(self(s), dir, err);
}

/* The rename takes the folder out of sight in one step. */
static enum rc md_remove(struct store *s, const char *name, struct err *err)
{
	struct md_store *m = self(s);
	char dir[MD_FOLDER_MAX];
	enum rc rc = md_exists(s, name, err);

	if (rc == RC_OK)
		rc = fs_remove_tree(m->root, TRASHED, err);
	if (rc != RC_OK)
		return rc;
	md_folder_path(m, name, dir);
	if (fs_rename_new(m->root, dir, m->root, TRASHED) != 0)
		return fs_err(err, "rename(%s)", dir);
	return fs_remove_tree(m->root, TRASHED, err);
}

static enum rc md_rename(struct store *s, const char *from, const char *to, struct err *err)
{
	struct md_store *m = self(s);
	char a[MD_FOLDER_MAX], b[MD_FOLDER_MAX];

	md_folder_path(m, from, a);
	md_folder_path(m, to, b);
	if (fs_rename_new(m->root, a, m->root, b) != 0)
		return fs_err(err, "rename(%s, %s)", a, b);
	return RC_OK;
}

static enum rc read_subs(struct md_store *m, struct md_subs *out, struct fs_stamp *stamp,
			 struct err *err)
{
	char *text = NULL;
	size_t n = 0;
	enum rc rc = fs_read(m->root, MD_SUBS_FILE, SUBS_MAX, &text, &n, stamp, err);

	*out = (struct md_subs){ 0 };
	if (rc != RC_OK && rc != RC_END)
		return rc;
	rc = md_subs_parse(slice_make(text, n), out);
	free(text);
	if (rc != RC_OK)
		return err_set(err, rc, "%s cannot be read", MD_SUBS_FILE);
	return RC_OK;
}

static enum rc md_subscribed(struct store *s, struct store_names *out, struct err *err)
{
	struct md_subs subs;
	enum rc rc = read_subs(self(s), &subs, NULL, err);
	struct buf name;

	buf_init(&name, STORE_NAME_MAX);
	for (size_t i = 0; rc == RC_OK && i < subs.lines.n; i++) {
		buf_reset(&name);
		if (md_subs_name(&subs, subs.lines.v[i], s->separator, &name) &&
		    store_name_check(s, buf_cstr(&name), NULL) == RC_OK)
			rc = store_names_add(out, buf_slice(&name));
	}
	buf_done(&name);
	md_subs_done(&subs);
	return rc;
}

static enum rc write_subs(struct md_store *m, const struct md_subs *subs,
			  const struct fs_stamp *old, struct err *err)
{
	struct fs_replace how = { .dir = m->root, .tmp = MD_SUBS_FILE ".tmp",
				  .name = MD_SUBS_FILE, .mode = m->file_mode,
				  .sync = !m->s.no_fsync };
	struct buf out;
	enum rc rc;

	buf_init(&out, SUBS_MAX);
	md_subs_put(subs, &out);
	rc = buf_finish(&out);
	if (rc == RC_OK)
		rc = fs_replace(&how, buf_slice(&out), old, NULL, err);
	else
		rc = err_set(err, rc, "too many subscriptions");
	buf_done(&out);
	return rc;
}

static enum rc change_subs(struct md_store *m, struct slice name, bool on, struct err *err)
{
	struct fs_stamp old = { 0 };
	struct md_subs subs;
	struct buf line;
	enum rc rc = read_subs(m, &subs, &old, err);
	ptrdiff_t at;

	if (rc != RC_OK) {
		md_subs_done(&subs);
		return rc;
	}
	buf_init(&line, 4 * STORE_NAME_MAX);
	md_subs_line(&subs, name, m->s.separator, &line);
	at = store_names_find(&subs.lines, buf_slice(&line));
	if (on && at < 0) {
		rc = store_names_add(&subs.lines, buf_slice(&line));
		if (rc == RC_OK)
			rc = write_subs(m, &subs, &old, err);
	} else if (!on && at >= 0) {
		store_names_remove(&subs.lines, (size_t)at);
		rc = write_subs(m, &subs, &old, err);
	} else if (!on) {
		rc = err_set(err, RC_END, "Not subscribed: %.*s", SLICE_ARG(name));
	}
	buf_done(&line);
	md_subs_done(&subs);
	return rc;
}

static enum rc md_subscribe(struct store *s, const char *name, bool on, struct err *err)
{
	struct md_store *m = self(s);
	struct md_lock lock;
	enum rc rc = md_lock_get(&lock, m->root, MD_SUBS_FILE, s->hostname, m->file_mode,
				 s->lock_timeout_ms, err);

	if (rc != RC_OK)
		return rc;
	rc = change_subs(m, slice_str(name), on, err);
	md_lock_drop(&lock);
	return rc;
}

static enum rc md_lock_session(struct store *s, unsigned timeout_ms, struct err *err)
{
	struct md_store *m = self(s);

	if (md_lock_is_held(&m->session))
		return RC_OK;
	return md_lock_get(&m->session, m->root, "dovecot-pop3-session", s->hostname,
			   m->file_mode, timeout_ms, err);
}

static void md_keep_session(struct store *s)
{
	md_lock_keep(&self(s)->session);
}

static const struct store_ops ops = {
	.free = md_free, .name_check = md_name_check, .names = md_names, .exists = md_exists,
	.create = md_create, .remove = md_remove, .rename = md_rename,
	.subscribed = md_subscribed, .subscribe = md_subscribe,
	.lock_session = md_lock_session, .keep_session = md_keep_session,
	.box_open = md_box_open, .append_begin = md_append_begin,
};

/* The whole way; where that fails the open that follows says why. */
static void make_dirs(const char *path)
{
	char part[PATH_MAX] = "";
	struct slice rest = slice_str(path), name;

	while (slice_split(&rest, '/', &name)) {
		size_t n = (size_t)(name.p + name.n - path);

		if (name.n == 0 || n >= sizeof(part))
			continue;
		memcpy(part, path, n);
		part[n] = '\0';
		(void)mkdir(part, 0700);
	}
}

/* The root's own path is the administrator's (passwd, mail_location) and may lead through
 * links; everything below it is opened by fs_open(). */
static int open_root(const char *path, struct err *err, enum rc *ret)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		make_dirs(path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		*ret = fs_err(err, "open(%s)", path);
	return fd;
}

enum rc md_store_open(const struct store_options *o, const char *path, struct store **out,
		      struct err *err)
{
	struct md_store *m = mem_new(1, sizeof(*m));
	struct stat st;
	enum rc rc = RC_OK;

	m->s.ops = &ops;
	m->session = MD_LOCK_NONE;
	m->s.separator = o->separator != 0 ? o->separator : '.';
	m->path = mem_dup(path, strlen(path));
	m->root = open_root(path, err, &rc);
	if (m->root < 0) {
		free(m->path);
		free(m);
		return rc;
	}
	if (fstat(m->root, &st) != 0)
		rc = fs_err(err, "fstat(%s)", path);
	m->dir_mode = st.st_mode & 0777;
	m->file_mode = st.st_mode & 0666;
	*out = &m->s;
	if (rc != RC_OK)
		md_free(&m->s);
	return rc;
}
