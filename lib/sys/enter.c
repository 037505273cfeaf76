/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/slice.h"
#include "lib/sys/confine.h"
#include "lib/sys/log.h"

enum { NOFILE_MAX = 65536 };

#ifdef BUZON_SANITIZED
/* The search for leaks stops the process with ptrace, which kills a confined one: it is left out
 * under a filter, our own or inherited. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0;
}

/* A fault found ends the process by a signal, which whoever waits for it logs. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "abort_on_error=1";
}

void __asan_set_error_report_callback(void (*callback)(const char *report));

static void log_report(const char *report)
{
	struct slice rest = slice_str(report), line;

	while (slice_line(&rest, &line))
		log_error(NULL, "%.*s", SLICE_ARG(line));
}

/* Nobody reads a daemon's standard error. */
static void show_reports(void)
{
	__asan_set_error_report_callback(log_report);
}
#else
static void show_reports(void)
{
}
#endif

#define CAP_BIT(cap) (UINT64_C(1) << (cap))

/* What a root broker needs to make jobs, and what writing for users and PAM need on top. */
#define CAPS_BROKER (CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETGID) | CAP_BIT(CAP_KILL) | \
	CAP_BIT(CAP_SETPCAP))
#define CAPS_FILES (CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | \
	CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) | \
	CAP_BIT(CAP_AUDIT_WRITE))

#define CAPS_SUPERVISOR (CAP_BIT(CAP_NET_BIND_SERVICE) | CAP_BIT(CAP_SYS_RESOURCE))

static uint64_t caps_of(const struct role *role)
{
	uint64_t caps = role->flags & ROLE_KEEP_CAPS ? CAPS_BROKER : 0;

	if (role->flags & ROLE_KEEP_FILE_CAPS)
		caps |= CAPS_FILES;
	if (role->flags & ROLE_SUPERVISOR)
		caps |= CAPS_SUPERVISOR;
	return caps;
}

static enum rc set_limits(struct err *err)
{
	struct rlimit files, none = { 0, 0 };

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return err_sys(err, "getrlimit");
	files.rlim_cur = files.rlim_max < NOFILE_MAX ? files.rlim_max : NOFILE_MAX;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		return err_sys(err, "setrlimit");
	return RC_OK;
}

/* The bounding set can only be cut while CAP_SETPCAP is there; without it (rootless) there is
 * nothing that an exec could gain under no_new_privs. */
static void cut_bounding_set(uint64_t keep)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(keep & CAP_BIT(cap)))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static enum rc set_caps(uint64_t keep, struct err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2], want[2] = { 0 };

	if (syscall(SYS_capget, &head, now) != 0)
		return err_sys(err, "capget");
	for (int i = 0; i < 2; i++) {
		want[i].permitted = now[i].permitted & (uint32_t)(keep >> 32 * i);
		want[i].effective = want[i].permitted;
	}
	if (syscall(SYS_capset, &head, want) != 0)
		return err_sys(err, "capset");
	return RC_OK;
}

static enum rc set_user(const struct role *role, const struct role_env *env, struct err *err)
{
	int rc;

	if (env->is_rootless)
		return RC_OK;
	if (role->user == ROLE_USER_ROOT)	/* without the groups of who started us */
		return setgroups(0, NULL) == 0 ? RC_OK : err_sys(err, "setgroups");
	if (env->uid == 0 && (role->flags & ROLE_MAY_BE_ROOT) == 0)
		return err_set(err, RC_DENIED, "role %s does not run as root", role->name);
	rc = env->user != NULL ? initgroups(env->user, env->gid) : setgroups(0, NULL);
	if (rc != 0)
		return err_sys(err, "setgroups");
	if (setresgid(env->gid, env->gid, env->gid) != 0)
		return err_sys(err, "setgid %u", (unsigned)env->gid);
	if (setresuid(env->uid, env->uid, env->uid) != 0)
		return err_sys(err, "setuid %u", (unsigned)env->uid);
	return RC_OK;
}

/* PATH and what is missing above it. What cannot be made shows when it is used. */
static void make_path(const char *path)
{
	char part[PATH_MAX];

	for (size_t i = 1; path[i - 1] != '\0' && i < sizeof(part); i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, S_IRWXU) != 0 && errno != EEXIST && errno != EACCES)
			return;
	}
}

static void make_paths(const struct role_env *env)
{
	for (size_t i = 0; i < env->n_extra; i++)
		if (env->extra[i].is_made && access(env->extra[i].path, F_OK) != 0)
			make_path(env->extra[i].path);
}

/* Without no_new_privs a filter needs CAP_SYS_ADMIN. master has it, unless in a container whose
 * own filter then stands for ours, and gives it up; those it starts have inherited its filter. */
static enum rc install_privileged(const struct filter *filter, struct err *err)
{
	struct err why = { 0 };

	if (filter == NULL || filter_install(filter, &why) == RC_OK || why.sys_errno == EACCES)
		return RC_OK;
	return err_set(err, why.code, "%s", why.text);
}

/* Under no_new_privs the filter comes last, so that it need not allow what came before. The path
 * rules are made as the user: a broker's root has no rights in a user's directories. */
static enum rc finish(const struct role *role, const struct role_env *env,
		      const struct filter *filter, struct err *err)
{
	int ruleset = -1;
	bool is_privileged = (role->flags & ROLE_SETUID_PROGRAMS) && !env->is_rootless;
	enum rc rc = RC_OK;

	if (!is_privileged && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_sys(err, "no_new_privs");
	if (is_privileged)
		rc = install_privileged(filter, err);
	if (rc == RC_OK)
		rc = set_user(role, env, err);
	if (rc == RC_OK)
		rc = set_caps(caps_of(role), err);
	if (rc == RC_OK)
		make_paths(env);	/* rules are made for what is there */
	if (rc == RC_OK)
		rc = landlock_prepare(role, env, &ruleset, err);
	if (rc == RC_OK)
		rc = landlock_enforce(ruleset, err);
	if (rc == RC_OK && !is_privileged && filter != NULL)
		rc = filter_install(filter, err);
	return rc;
}

enum rc role_enter(const struct role *role, const struct role_env *env,
		   const struct filter *filter, struct err *err)
{
	struct filter *made = NULL;
	enum rc rc;

	show_reports();
	if (filter == NULL && !(role->flags & ROLE_NO_FILTER)) {
		made = filter_new(role, err);
		if (made == NULL)
			return RC_SYS;
		filter = made;
	}
	rc = set_limits(err);
	if (rc == RC_OK) {
		cut_bounding_set(caps_of(role) | (role->flags & ROLE_SETUID_PROGRAMS ? CAPS_FILES |
						  CAPS_BROKER : 0));
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		rc = finish(role, env, filter, err);
	}
	filter_free(&made);
	if (rc != RC_OK)
		err_context(err, "role %s", role->name);
	return rc;
}
