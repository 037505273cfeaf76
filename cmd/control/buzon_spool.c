/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/control/buzon.h"

enum owner { ROOT, MAIL, DROP };	/* root, mail_owner, mail_owner with setgid_group */

/* Below $queue_directory; "" is that directory itself. */
static const struct place {
	const char *name;
	mode_t mode;
	enum owner owner;
} places[] = {
	{ "", 0755, ROOT }, { "pid", 0755, ROOT },
	{ "incoming", 0700, MAIL }, { "active", 0700, MAIL }, { "deferred", 0700, MAIL },
	{ "hold", 0700, MAIL }, { "corrupt", 0700, MAIL }, { "bounce", 0700, MAIL },
	{ "defer", 0700, MAIL }, { "trace", 0700, MAIL }, { "private", 0700, MAIL },
	{ "maildrop", 0730, DROP }, { "public", 0710, DROP },
};
enum { N_PLACES = sizeof(places) / sizeof(places[0]) };

struct owners {
	uid_t mail;
	gid_t mail_group, drop;
};

static void path_of(const struct suite *s, const struct place *p, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s", s->queue_directory, p->name[0] != '\0' ? "/" : "", p->name);
}

static bool find_owners(const struct suite *s, struct owners *out, struct err *err)
{
	const struct passwd *pw;
	const struct group *gr;

	*out = (struct owners){ getuid(), getgid(), getgid() };
	if (s->is_rootless)
		return true;
	pw = getpwnam(s->mail_owner);
	if (pw == NULL)
		return err_set(err, RC_PERM, "there is no user %s", s->mail_owner) == RC_OK;
	out->mail = pw->pw_uid;
	out->mail_group = pw->pw_gid;
	gr = getgrnam(s->setgid_group);
	if (gr == NULL)
		return err_set(err, RC_PERM, "there is no group %s", s->setgid_group) == RC_OK;
	out->drop = gr->gr_gid;
	return true;
}

static uid_t uid_of(const struct suite *s, const struct owners *o, enum owner owner)
{
	return s->is_rootless ? getuid() : owner == ROOT ? 0 : o->mail;
}

static gid_t gid_of(const struct suite *s, const struct owners *o, enum owner owner)
{
	return s->is_rootless ? getgid() : owner == ROOT ? 0 : owner == DROP ? o->drop
								       : o->mail_group;
}

static void check_place(struct suite *s, const struct owners *o, const struct place *p)
{
	const char *remedy = s->is_rootless ? "change that, or name another directory"
					    : "run \"buzon set-permissions\"";
	char path[4096];
	struct stat st;

	path_of(s, p, path, sizeof(path));
	if (lstat(path, &st) != 0) {
		if (errno != ENOENT)
			faults_add(&s->faults, true, NULL, 0, NULL, "%s: %s", path,
				   strerror(errno));
		return;		/* start makes it */
	}
	if (!S_ISDIR(st.st_mode))
		faults_add(&s->faults, true, NULL, 0, "move it away", "%s is not a directory",
			   path);
	else if (st.st_uid != uid_of(s, o, p->owner))
		faults_add(&s->faults, true, NULL, 0, remedy,
			   "%s is not owned by %s", path,
			   p->owner == ROOT ? "root" : s->mail_owner);
	else if (p->owner == DROP && st.st_gid != gid_of(s, o, DROP))
		faults_add(&s->faults, true, NULL, 0, remedy,
			   "%s is not owned by group %s", path, s->setgid_group);
	else if ((st.st_mode & 0700) != 0700)
		faults_add(&s->faults, true, NULL, 0, remedy,
			   "%s is not writable for its owner", path);
	else if (st.st_mode & 0002 & ~p->mode)
		faults_add(&s->faults, true, NULL, 0, remedy,
			   "%s is writable for everybody", path);
}

/* The nearest parent that exists must let us make the rest. */
static void check_can_make(struct suite *s, const char *param, const char *dir)
{
	char path[4096];
	char *slash;

	snprintf(path, sizeof(path), "%s", dir);
	while (access(path, F_OK) != 0 && errno == ENOENT && (slash = strrchr(path, '/')) != NULL &&
	       slash > path)
		*slash = '\0';
	if (access(path, W_OK) != 0)
		faults_add(&s->faults, true, s->main_cf, 0,
			   "make that directory writable for you, or name another",
			   "%s: cannot make %s: %s: %s", param, dir, path, strerror(errno));
}

/* What no program could read waits for somebody to look at it. */
static void note_damaged(struct suite *s)
{
	const struct dirent *e;
	char path[4096];
	DIR *dir;

	snprintf(path, sizeof(path), "%s/corrupt", s->queue_directory);
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && e->d_name[1] != '\0')	/* not hash_queue_names' */
			faults_add(&s->faults, false, NULL, 0, "look at it, then remove it",
				   "damaged message: %s/%s", path, e->d_name);
	if (dir != NULL)
		closedir(dir);
}

static bool is_absolute(struct suite *s, const char *param, const char *dir)
{
	if (dir[0] == '/')
		return true;
	faults_add(&s->faults, true, s->main_cf, 0, "write a path that begins with /",
		   "%s: not an absolute path: \"%s\"", param, dir);
	return false;
}

void spool_check(struct suite *s)
{
	struct err err = { 0 };
	struct owners o;
	struct stat st;
	bool are_absolute;

	are_absolute = is_absolute(s, "queue_directory", s->queue_directory);
	are_absolute &= is_absolute(s, "data_directory", s->data_directory);
	if (!are_absolute)
		return;
	check_can_make(s, "queue_directory", s->queue_directory);
	check_can_make(s, "data_directory", s->data_directory);
	if (!find_owners(s, &o, &err))
		return;		/* the missing user is a fault already */
	for (size_t i = 0; i < N_PLACES; i++)
		check_place(s, &o, &places[i]);
	note_damaged(s);
	if (stat(s->data_directory, &st) == 0 && st.st_uid != uid_of(s, &o, MAIL))
		faults_add(&s->faults, true, NULL, 0, "run \"buzon set-permissions\"",
			   "data_directory %s is not owned by %s", s->data_directory,
			   s->is_rootless ? "this user" : s->mail_owner);
}

/* mkdir -p; the parents are plain. */
static int make_dir(const char *dir, mode_t mode)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return mkdir(path, mode);
}

static enum rc make_place(const char *path, mode_t mode, uid_t uid, gid_t gid, struct err *err)
{
	if (make_dir(path, mode) != 0)
		return errno == EEXIST ? RC_OK : err_sys(err, "mkdir %s", path);
	return give_directory(path, mode, uid, gid, false, err);
}

enum rc spool_create(const struct suite *s, struct err *err)
{
	struct owners o;
	enum rc rc = find_owners(s, &o, err) ? RC_OK : RC_PERM;
	char path[4096];

	for (size_t i = 0; i < N_PLACES && rc == RC_OK; i++) {
		path_of(s, &places[i], path, sizeof(path));
		rc = make_place(path, places[i].mode, uid_of(s, &o, places[i].owner),
				gid_of(s, &o, places[i].owner), err);
	}
	if (rc != RC_OK) {
		err_context(err, "queue_directory: unable to create missing queue directories");
		return rc;
	}
	rc = make_place(s->data_directory, 0700, uid_of(s, &o, MAIL), gid_of(s, &o, MAIL), err);
	if (rc != RC_OK)
		err_context(err, "data_directory");
	return rc;
}

/* The directories that main.cf names may be symbolic links, and stand where only root writes. */
static enum rc give_named(const char *dir, mode_t mode, uid_t uid, gid_t gid, struct err *err)
{
	char path[PATH_MAX];

	if (realpath(dir, path) == NULL)
		return err_sys(err, "%s", dir);
	return give_directory(path, mode, uid, gid, false, err);
}

static enum rc set_place(const struct suite *s, const struct owners *o, const struct place *p,
			 struct err *err)
{
	char path[4096];

	if (p->name[0] == '\0')
		return give_named(s->queue_directory, p->mode, uid_of(s, o, p->owner),
				  gid_of(s, o, p->owner), err);
	path_of(s, p, path, sizeof(path));
	/* files in maildrop belong to who submitted them */
	return give_directory(path, p->mode, uid_of(s, o, p->owner), gid_of(s, o, p->owner),
			      p->owner == MAIL, err);
}

static enum rc set_commands(const struct suite *s, const struct owners *o, struct err *err)
{
	static const char *const commands[] = { "postdrop", "postqueue" };
	char path[4096];

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->command_directory, commands[i]);
		if (access(path, F_OK) != 0)
			continue;
		if (chown(path, 0, o->drop) != 0 || chmod(path, 02755) != 0)
			return err_sys(err, "%s", path);
	}
	return RC_OK;
}

int command_set_permissions(struct suite *s)
{
	struct err err = { 0 };
	struct owners o;
	enum rc rc;

	if (!suite_read(s)) {
		suite_print_faults(s, false);
		return 1;
	}
	if (s->is_rootless) {
		say("fatal", "set-permissions gives files to other users: it needs root");
		return 1;
	}
	rc = spool_create(s, &err);
	if (rc == RC_OK && find_owners(s, &o, &err)) {
		for (size_t i = 0; i < N_PLACES && rc == RC_OK; i++)
			rc = set_place(s, &o, &places[i], &err);
		if (rc == RC_OK)
			rc = give_named(s->data_directory, 0, o.mail, o.mail_group, &err);
		if (rc == RC_OK)
			rc = set_commands(s, &o, &err);
	}
	if (rc != RC_OK)
		say("fatal", "%s", err.text);
	return rc == RC_OK ? 0 : 1;
}
