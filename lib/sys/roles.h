/* lib/sys/roles.h - the table of roles (lib/sys/roles.def) as data, and entering a role.
 *
 * role_enter() gives up what the role does not need, in an order that cannot be undone: resource
 * limits, bounding set, no_new_privs, groups and user, capabilities, Landlock rules, the system
 * call filter; with ROLE_SETUID_PROGRAMS there is no no_new_privs, and the filter comes before the
 * user. It runs before the first byte of a peer is read. A kernel without Landlock leaves that
 * layer out (confine_landlock_abi() tells, master warns once); everything else must hold or the
 * process must not serve. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_ROLES_H
#define LIB_SYS_ROLES_H

#include <sys/types.h>

#include "lib/base/buf.h"

enum role_user { ROLE_USER_ROOT, ROLE_USER_MAIL, ROLE_USER_AUTH, ROLE_USER_NET, ROLE_USER_JOB };

enum {
	CALLS_BASE = 1, CALLS_SOCK = 2, CALLS_NET = 4, CALLS_LOCAL = 8, CALLS_READ = 16,
	CALLS_WRITE = 32, CALLS_FILES = CALLS_READ | CALLS_WRITE,
	CALLS_THREADS = 64,	/* clone() of threads, no processes */
	CALLS_FORK = 128, CALLS_BECOME = 256,
	CALLS_EXEC = 512,	/* execve() */
	CALLS_MODULES = 1024,	/* shared objects may be mapped: NSS, database drivers */
	CALLS_ANY = 2048	/* all but the dangerous */
};

enum {
	ROLE_KEEP_CAPS = 1,		/* root that makes jobs: setuid, setgid, kill */
	ROLE_KEEP_FILE_CAPS = 2,	/* and reaches files of all users */
	ROLE_SETUID_PROGRAMS = 4,	/* no no_new_privs: its commands may run postdrop */
	ROLE_NO_FILTER = 8,		/* adds no filter of its own */
	ROLE_SUPERVISOR = 16,		/* binds low ports, raises limits */
	ROLE_MAY_BE_ROOT = 32,		/* a job for root's own files, without capabilities */
	ROLE_DELIVERS = 64		/* a delivery agent: who schedules mail may reach it */
};

enum { PATH_READ = 1, PATH_WRITE = 2, PATH_EXEC = 4 };

enum role_dir { ROLE_DIR_QUEUE, ROLE_DIR_DATA, ROLE_DIR_CONFIG, ROLE_DIR_ABSOLUTE };

struct role_path {
	enum role_dir dir;
	const char *name;	/* below DIR; NULL ends the list */
	unsigned access;	/* PATH_* */
};

struct role {
	const char *name;
	enum role_user user;
	unsigned calls;
	unsigned flags;
	const struct role_path *paths;
	const char *const *peers;	/* NULL-ended */
	const char *purpose;
};

const struct role *role_find(const char *name);	/* NULL: no such role */
const struct role *role_at(size_t i);		/* walk; NULL behind the last */
/* TARGET: the role of who serves SERVICE; NULL: there is no such service. */
bool role_may_connect(const struct role *role, struct slice service, const struct role *target);

/* "sockets open fork" and "rw queue/active, r /etc" for status and the manual. */
void role_describe_calls(const struct role *role, struct buf *out);
void role_describe_paths(const struct role *role, struct buf *out);

struct role_extra {
	const char *path;
	unsigned access;
	bool is_made;	/* a directory that is made as the user, with what is missing above it */
};

/* Who the process becomes and where its directories are. */
struct role_env {
	bool is_rootless;		/* keep uid and gid */
	uid_t uid;
	gid_t gid;
	const char *user;		/* whose supplementary groups a job has; NULL: none */
	const char *dirs[3];		/* by enum role_dir */
	const struct role_extra *extra;	/* more paths; missing ones are skipped */
	size_t n_extra;
};

/* A filter made beforehand: brokers make their jobs' once, so that a job costs one call. */
struct filter;
struct filter *filter_new(const struct role *role, struct err *err);
void filter_free(struct filter **f);

/* FILTER may be NULL: made here. RC_DENIED: a role that becomes a user cannot become uid 0
 * without ROLE_MAY_BE_ROOT. On failure the process is half confined and must end. */
enum rc role_enter(const struct role *role, const struct role_env *env,
		   const struct filter *filter, struct err *err);

/* 0: the kernel has no Landlock (or it is switched off). */
int confine_landlock_abi(void);

#endif
