/* SPDX-License-Identifier: ISC */
#include "lib/sys/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The headers of Debian 12 know Landlock up to version 2; the kernel may know more. */
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define NET_BIND_TCP (UINT64_C(1) << 0)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0)
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_NET = 4, ABI_IOCTL = 5, ABI_SCOPE = 6 };

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | \
	LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)
#define RIGHTS_ALL (RIGHTS_READ | RIGHTS_WRITE | LANDLOCK_ACCESS_FS_EXECUTE | \
	LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK | FS_IOCTL_DEV)
#define RIGHTS_OF_FILES (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE)

int confine_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static uint64_t rights_known(int abi)
{
	uint64_t rights = RIGHTS_ALL;

	if (abi < ABI_REFER)
		rights &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
	if (abi < ABI_TRUNCATE)
		rights &= ~FS_TRUNCATE;
	if (abi < ABI_IOCTL)
		rights &= ~FS_IOCTL_DEV;
	return rights;
}

static uint64_t rights_of(unsigned access)
{
	uint64_t rights = 0;

	if (access & PATH_READ)
		rights |= RIGHTS_READ;
	if (access & PATH_WRITE)
		rights |= RIGHTS_WRITE;
	if (access & PATH_EXEC)
		rights |= LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
	return rights;
}

/* A path that does not exist needs no rule. */
static enum rc add_path(int ruleset, const char *path, uint64_t rights, struct err *err)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	struct stat st;
	long rc;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			? RC_OK : err_sys(err, "open %s for Landlock", path);
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= RIGHTS_OF_FILES;
	rc = rule.allowed_access == 0 ? 0 : syscall(SYS_landlock_add_rule, ruleset,
						     LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	if (rc != 0)
		(void)!err_sys(err, "Landlock rule for %s", path);
	close(rule.parent_fd);
	return rc == 0 ? RC_OK : RC_SYS;
}

static bool is_open_to_all(const struct role *role)
{
	const struct role_path *p = role->paths;

	return p->name != NULL && p->dir == ROLE_DIR_ABSOLUTE && strcmp(p->name, "/") == 0 &&
	       p->access == (PATH_READ | PATH_WRITE | PATH_EXEC);
}

static enum rc add_role_paths(int ruleset, uint64_t known, const struct role *role,
			      const struct role_env *env, struct err *err)
{
	char path[PATH_MAX];
	enum rc rc = RC_OK;

	for (const struct role_path *p = role->paths; p->name != NULL && rc == RC_OK; p++) {
		if (p->dir == ROLE_DIR_ABSOLUTE)
			snprintf(path, sizeof(path), "%s", p->name);
		else if (env->dirs[p->dir] != NULL)
			snprintf(path, sizeof(path), "%s/%s", env->dirs[p->dir], p->name);
		else
			continue;
		rc = add_path(ruleset, path, rights_of(p->access) & known, err);
	}
	for (size_t i = 0; i < env->n_extra && rc == RC_OK; i++)
		rc = add_path(ruleset, env->extra[i].path,
			      rights_of(env->extra[i].access) & known, err);
	return rc;
}

static struct ruleset_attr handled_by(const struct role *role, int abi)
{
	struct ruleset_attr attr = { .fs = rights_known(abi) };

	if (abi >= ABI_NET && !(role->calls & CALLS_NET))
		attr.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= ABI_SCOPE && !(role->calls & CALLS_LOCAL))
		attr.scoped |= SCOPE_ABSTRACT_UNIX;
	if (abi >= ABI_SCOPE && !(role->calls & CALLS_FORK))
		attr.scoped |= SCOPE_SIGNAL;
	return attr;
}

/* Version 1 refuses every rename between directories, whatever the rules say; a role that moves
 * files lives without Landlock there. */
enum rc landlock_prepare(const struct role *role, const struct role_env *env, int *ret_fd,
			 struct err *err)
{
	int abi = confine_landlock_abi(), fd;
	struct ruleset_attr attr;
	enum rc rc;

	*ret_fd = -1;
	if (abi == 0 || is_open_to_all(role) || (abi < ABI_REFER && (role->calls & CALLS_WRITE)))
		return RC_OK;
	attr = handled_by(role, abi);
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr,
			  abi >= ABI_SCOPE ? sizeof(attr) :
			  abi >= ABI_NET ? 2 * sizeof(uint64_t) : sizeof(uint64_t), 0);
	if (fd < 0)
		return err_sys(err, "Landlock ruleset");
	rc = add_role_paths(fd, attr.fs, role, env, err);
	if (rc != RC_OK)
		close(fd);
	else
		*ret_fd = fd;
	return rc;
}

enum rc landlock_enforce(int fd, struct err *err)
{
	long rc;

	if (fd < 0)
		return RC_OK;
	rc = syscall(SYS_landlock_restrict_self, fd, 0);
	if (rc != 0)
		(void)!err_sys(err, "Landlock");
	close(fd);
	return rc == 0 ? RC_OK : RC_SYS;
}
