/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lib/sys/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "tests/unit/unit.h"

#ifdef BUZON_SANITIZED
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

enum { NOBODY = 65534 };

static char top[] = "/tmp/buzon-roles-XXXXXX";
static char data_dir[64], config_dir[64];

/* Directories that some role may use; every role is tried on every one. */
static const char *const queue_dirs[] = { "incoming", "active", "deferred", "hold", "corrupt",
					  "maildrop", "bounce", "defer", "trace", "private" };

/* Each probe returns 0 or the errno it got. */
static int probe_inet(void) { return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }
static int probe_unix(void) { return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0; }
static int probe_packet(void) { return socket(AF_PACKET, SOCK_RAW, 0) < 0 ? errno : 0; }
static int probe_rename(void) { return rename("/nonexistent/a", "/nonexistent/b") < 0 ? errno : 0; }
static int probe_exec(void)
{
	char *argv[] = { NULL };

	return execve("/nonexistent", argv, argv) < 0 ? errno : 0;
}

static int probe_open(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/nonexistent/x", O_RDONLY) < 0 ? errno : 0;
}

static int probe_fork(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		syscall(SYS_exit_group, 0);
	return pid < 0 ? errno : 0;
}

static int probe_owner(void)
{
	return fcntl(0, F_SETOWN, getpid()) < 0 ? errno : 0;
}

static int probe_chown(void) { return fchown(0, (uid_t)-1, (gid_t)-1) < 0 ? errno : 0; }
static int probe_symlink(void) { return symlink("a", "/nonexistent/b") < 0 ? errno : 0; }

static int probe_setuid(void)
{
	return syscall(SYS_setuid, getuid()) < 0 ? errno : 0;
}

static int probe_mmap_exec(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED ? errno : 0;
}

static int probe_socketpair(void)
{
	int fds[2];

	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0 ? errno : 0;
}

static int probe_memory(void)
{
	void *p = malloc(1 << 22);

	free(p);
	return p != NULL && getpid() > 0 && write(-1, "", 0) < 0 && errno == EBADF ? 0 : EPERM;
}

/* For every role and every line: the probe meets EPERM unless the role has one of the groups. */
static const struct call_case {
	const char *name;
	unsigned groups;
	int (*probe)(void);
	bool sanitizers_need;	/* allowed to all in such a build */
} call_cases[] = {
	{ "memory and pipes", CALLS_BASE, probe_memory, false },
	{ "socketpair", CALLS_SOCK, probe_socketpair, false },
	{ "a network socket", CALLS_NET, probe_inet, false },
	{ "a unix socket", CALLS_LOCAL, probe_unix, false },
	{ "open", CALLS_READ, probe_open, true },
	{ "executable memory", CALLS_MODULES | CALLS_EXEC, probe_mmap_exec, true },
	{ "rename", CALLS_WRITE, probe_rename, false },
	{ "fork", CALLS_FORK, probe_fork, false },
	{ "exec", CALLS_EXEC, probe_exec, false },
	{ "setuid", CALLS_BECOME, probe_setuid, false },
	{ "signals by descriptors", 0, probe_owner, false },
	{ "chown", 0, probe_chown, false },
	{ "symlink", 0, probe_symlink, false },
};

static long kill_ptrace(void) { return ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static long kill_unshare(void) { return unshare(CLONE_NEWUSER); }
static long kill_bpf(void) { return syscall(SYS_bpf, 0, NULL, 0); }
static long kill_mount(void) { return syscall(SYS_mount, "a", "/tmp", "tmpfs", 0, NULL); }
static long kill_uring(void) { return syscall(425, 1, NULL); }
static long kill_module(void) { return syscall(SYS_finit_module, -1, "", 0); }

static const struct {
	const char *name;
	long (*call)(void);
} killers[] = {
	{ "ptrace", kill_ptrace }, { "unshare", kill_unshare }, { "bpf", kill_bpf },
	{ "mount", kill_mount }, { "io_uring_setup", kill_uring },
	{ "finit_module", kill_module },
};

/* A process in ROLE; returns in the child only. */
static void enter(const struct role *role)
{
	struct err err = { 0 };
	struct role_env env = {
		.is_rootless = geteuid() != 0,
		.uid = NOBODY, .gid = NOBODY,
		.dirs = { top, data_dir, config_dir },
	};

	if (role_enter(role, &env, NULL, &err) != RC_OK) {
		fprintf(stderr, "%s\n", err.text);
		_exit(250);
	}
}

static int child_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int run_probe(const struct role *role, int (*probe)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		enter(role);
		_exit(probe());
	}
	return child_status(pid);
}

static void calls_of_no_group_fail(void **state)
{
	const struct role *role;

	(void)state;
	for (size_t r = 0; (role = role_at(r)) != NULL; r++)
		for (size_t i = 0; i < N_OF(call_cases); i++) {
			const struct call_case *c = &call_cases[i];
			bool may = (role->calls & (c->groups | CALLS_ANY)) ||
				   (role->flags & ROLE_NO_FILTER) ||
				   (IS_SANITIZED && c->sanitizers_need);
			int got = run_probe(role, c->probe);

			if (got >= 250 || (got == EPERM) == may)
				fail_msg("role %s, %s: got %d, %s", role->name, c->name, got,
					 may ? "allowed" : "should be EPERM");
		}
}

static void dangerous_calls_kill(void **state)
{
	const struct role *role;

	(void)state;
	for (size_t r = 0; (role = role_at(r)) != NULL; r++)
		for (size_t i = 0; i < N_OF(killers) && !(role->flags & ROLE_NO_FILTER); i++) {
			pid_t pid = fork();
			int got;

			if (pid == 0) {
				enter(role);
				killers[i].call();
				_exit(0);
			}
			got = child_status(pid);
			if (got != 1000 + SIGSYS)
				fail_msg("role %s, %s: status %d, want death by SIGSYS",
					 role->name, killers[i].name, got);
		}
}

static unsigned access_of(const struct role *role, enum role_dir dir, const char *name)
{
	unsigned access = 0;

	for (const struct role_path *p = role->paths; p->name != NULL; p++)
		if ((p->dir == dir && strcmp(p->name, name) == 0) ||
		    (p->dir == ROLE_DIR_ABSOLUTE && strcmp(p->name, "/") == 0))
			access |= p->access;
	return access;
}

/* 0 when NAME below the spool could be read (written) in the role; else errno. */
static int try_path(const struct role *role, const char *name, bool write_it)
{
	char path[128];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s/%s", top, name, write_it ? "new" : "old");
	if (write_it)
		unlink(path);
	pid = fork();
	if (pid == 0) {
		int flags = write_it ? O_WRONLY | O_CREAT | O_EXCL : O_RDONLY;

		enter(role);
		_exit(syscall(SYS_openat, AT_FDCWD, path, flags, 0666) < 0 ? errno : 0);
	}
	return child_status(pid);
}

static void paths_of_no_rule_are_closed(void **state)
{
	const struct role *role;

	(void)state;
	if (confine_landlock_abi() == 0)
		skip();
	for (size_t r = 0; (role = role_at(r)) != NULL; r++)
		for (size_t i = 0; i < N_OF(queue_dirs); i++) {
			unsigned access = access_of(role, ROLE_DIR_QUEUE, queue_dirs[i]);
			bool opens = role->calls & (CALLS_READ | CALLS_ANY);
			int got_r = try_path(role, queue_dirs[i], false);
			int got_w = try_path(role, queue_dirs[i], true);

			if ((got_r == 0) != (opens && (access & PATH_READ)) || got_r >= 250)
				fail_msg("role %s reads %s: %d", role->name, queue_dirs[i], got_r);
			if ((got_w == 0) != (opens && (access & PATH_WRITE)) || got_w >= 250)
				fail_msg("role %s writes %s: %d", role->name, queue_dirs[i], got_w);
		}
}

static int probe_etc_passwd(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static void the_rest_of_the_system_is_closed(void **state)
{
	const struct role *role;

	(void)state;
	if (confine_landlock_abi() == 0)
		skip();
	for (size_t r = 0; (role = role_at(r)) != NULL; r++) {
		bool may = (access_of(role, ROLE_DIR_ABSOLUTE, "/etc") & PATH_READ) &&
			   (role->calls & (CALLS_READ | CALLS_ANY));
		int got = run_probe(role, probe_etc_passwd);

		if ((got == 0) != may)
			fail_msg("role %s opens /etc/passwd: %d", role->name, got);
	}
}

/* As root: who the process is, and what is left of root. */
static int probe_identity(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (getuid() != NOBODY || geteuid() != NOBODY || getgid() != NOBODY ||
	    getgroups(0, NULL) != 0)
		return 1;
	if (syscall(SYS_capget, &head, caps) != 0 || caps[0].permitted != 0 ||
	    caps[0].effective != 0 || caps[0].inheritable != 0)
		return 2;
	return 0;
}

static int probe_root_caps(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &head, caps) != 0 || getgroups(0, NULL) != 0)
		return 1;
	return (caps[0].permitted & (1u << CAP_SYS_ADMIN | 1u << CAP_NET_ADMIN |
				     1u << CAP_SYS_PTRACE | 1u << CAP_SYS_MODULE)) != 0;
}

static void users_and_capabilities_go(void **state)
{
	const struct role *role;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(setgroups(1, (gid_t[]){ NOBODY }), 0);	/* who started us had it */
	for (size_t r = 0; (role = role_at(r)) != NULL; r++) {
		int got = run_probe(role, role->user == ROLE_USER_ROOT ? probe_root_caps
								       : probe_identity);

		if (got != 0)
			fail_msg("role %s: %d", role->name, got);
	}
}

static int core_limit(void)
{
	struct rlimit r;

	return getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_cur == 0 && r.rlim_max == 0 ? 0 : 1;
}

static void no_core_and_no_new_privileges(void **state)
{
	const struct role *role;

	(void)state;
	for (size_t r = 0; (role = role_at(r)) != NULL; r++) {
		char line[64] = "", *p;
		FILE *f = NULL;
		int fds[2];
		pid_t pid;

		assert_int_equal(run_probe(role, core_limit), 0);
		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0) {
			enter(role);
			(void)!write(fds[1], "x", 1);
			pause();
		}
		assert_int_equal(read(fds[0], line, 1), 1);
		snprintf(line, sizeof(line), "/proc/%d/status", pid);
		f = fopen(line, "r");
		while (f != NULL && (p = fgets(line, sizeof(line), f)) != NULL)
			if (strncmp(line, "NoNewPrivs:", 11) == 0)
				break;
		fclose(f);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		close(fds[0]);
		close(fds[1]);
		if ((atoi(line + 11) == 1) != (!(role->flags & ROLE_SETUID_PROGRAMS) ||
					      geteuid() != 0))
			fail_msg("role %s: %s", role->name, line);
	}
}

static void a_job_never_becomes_root(void **state)
{
	struct err err = { 0 };
	struct role_env env = { .dirs = { top, data_dir, config_dir } };
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(role_enter(role_find("imap-job"), &env, NULL, &err) == RC_DENIED ? 0 : 1);
	assert_int_equal(child_status(pid), 0);
}

/* A kernel that does not know Landlock. */
static void hide_landlock(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { N_OF(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != 0)
		_exit(251);
}

static void without_landlock_the_rest_holds(void **state)
{
	static const char *const names[] = { "smtpd", "pickup", "imap-job" };

	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		const struct role *role = role_find(names[i]);
		pid_t pid = fork();

		if (pid == 0) {
			hide_landlock();
			if (confine_landlock_abi() != 0)
				_exit(252);
			enter(role);
			_exit(probe_exec() == EPERM && probe_inet() == EPERM ? 0 : 253);
		}
		assert_int_equal(child_status(pid), 0);
	}
}

static int probe_raw_socket(void)
{
	return probe_packet() == 0;
}

static void raw_sockets_need_more_than_the_network(void **state)
{
	(void)state;
	assert_int_equal(run_probe(role_find("resolver"), probe_raw_socket), 0);
	assert_int_equal(run_probe(role_find("resolver"), probe_packet), EPERM);
}

static const struct {
	const char *role, *service;
	bool may;
	const char *target;
} peers[] = {
	{ "smtpd", "cleanup", true, NULL }, { "smtpd", "qmgr", false, NULL },
	{ "smtpd", "auth-worker", false, NULL }, { "smtpd", "", false, NULL },
	{ "smtpd", "clean", false, NULL }, { "smtpd", "cleanupx", false, NULL },
	{ "login", "auth-client", true, NULL }, { "login", "auth-master", false, NULL },
	{ "login", "cleanup", false, NULL }, { "qmgr", "anything", true, NULL },
	{ "qmgr", "mylocal", true, "local" }, { "qmgr", "bounce", true, "bounce" },
	{ "qmgr", "auth-worker", false, "auth-worker" }, { "qmgr", "imapd", false, "imapd" },
	{ "qmgr", "auth-client", false, "auth" }, { "smtpd", "mylocal", false, "local" },
	{ "imap-job", "auth-master", false, NULL }, { "anvil", "qmgr", false, NULL },
	{ "local", "auth-master", true, NULL },
};

static void peers_are_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(peers); i++)
		if (role_may_connect(role_find(peers[i].role), slice_str(peers[i].service),
				     peers[i].target != NULL ? role_find(peers[i].target)
							     : NULL) != peers[i].may)
			fail_msg("%s -> %s", peers[i].role, peers[i].service);
	assert_null(role_find("smtp"));
	assert_null(role_find(""));
}

static void rights_can_be_read_by_people(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	role_describe_calls(role_find("pickup"), &b);
	unit_slice_is(buf_slice(&b), "sockets open create", "calls of pickup");
	buf_reset(&b);
	role_describe_paths(role_find("resolver"), &b);
	unit_slice_is(buf_slice(&b), "r /etc, r /usr/share/dns", "paths of resolver");
	buf_done(&b);
}

static int setup(void **state)
{
	char path[128];

	(void)state;
	umask(022);
	assert_non_null(mkdtemp(top));
	assert_int_equal(chmod(top, 0755), 0);
	snprintf(data_dir, sizeof(data_dir), "%s/data", top);
	snprintf(config_dir, sizeof(config_dir), "%s/config", top);
	for (size_t i = 0; i < N_OF(queue_dirs); i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/%s", top, queue_dirs[i]);
		assert_int_equal(mkdir(path, 0777), 0);
		assert_int_equal(chmod(path, 0777), 0);
		snprintf(path, sizeof(path), "%s/%s/old", top, queue_dirs[i]);
		fd = open(path, O_WRONLY | O_CREAT, 0666);
		assert_true(fd >= 0);
		close(fd);
	}
	return 0;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	for (size_t i = 0; i < N_OF(queue_dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s/old", top, queue_dirs[i]);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%s/new", top, queue_dirs[i]);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%s", top, queue_dirs[i]);
		rmdir(path);
	}
	return rmdir(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_of_no_group_fail),
		cmocka_unit_test(dangerous_calls_kill),
		cmocka_unit_test(paths_of_no_rule_are_closed),
		cmocka_unit_test(the_rest_of_the_system_is_closed),
		cmocka_unit_test(users_and_capabilities_go),
		cmocka_unit_test(no_core_and_no_new_privileges),
		cmocka_unit_test(a_job_never_becomes_root),
		cmocka_unit_test(without_landlock_the_rest_holds),
		cmocka_unit_test(raw_sockets_need_more_than_the_network),
		cmocka_unit_test(peers_are_what_the_table_says),
		cmocka_unit_test(rights_can_be_read_by_people),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
