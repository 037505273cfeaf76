/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lib/sys/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/mem.h"

/* A compiled program, so that a broker makes it once for all its jobs. */
struct filter {
	struct sock_fprog prog;
};

/* A line without a name begins a group. */
static const struct {
	unsigned group;
	const char *name;
} allowed[] = {
#define GROUP(flag) { flag, NULL },
#define CALL(name) { 0, #name },
#define DANGEROUS(name)
#include "lib/sys/calls.def"
#undef GROUP
#undef CALL
#undef DANGEROUS
};

static const char *const dangerous[] = {
#define GROUP(flag)
#define CALL(name)
#define DANGEROUS(name) #name,
#include "lib/sys/calls.def"
#undef GROUP
#undef CALL
#undef DANGEROUS
};

#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* Calls allowed for certain values of one argument: (value & mask) == want. */
static const struct {
	unsigned group;		/* any of these */
	int nr;
	unsigned arg;
	uint64_t mask, want;
} limited[] = {
	{ CALLS_BASE, SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
	{ CALLS_BASE, SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
	{ CALLS_MODULES | CALLS_EXEC, SCMP_SYS(mmap), 2, PROT_EXEC, PROT_EXEC },
	{ CALLS_MODULES | CALLS_EXEC, SCMP_SYS(mprotect), 2, PROT_EXEC, PROT_EXEC },
	/* no F_SETOWN, F_SETSIG: what arrives would be a signal to any process of this user */
	{ CALLS_BASE, SCMP_SYS(fcntl), 1, UINT32_MAX & ~7u, F_DUPFD },	/* to F_SETLKW */
	{ CALLS_BASE, SCMP_SYS(fcntl), 1, UINT32_MAX & ~3u, F_OFD_GETLK },
	{ CALLS_BASE, SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD_CLOEXEC },
	{ CALLS_BASE, SCMP_SYS(fcntl), 1, UINT32_MAX, F_ADD_SEALS },
	{ CALLS_BASE, SCMP_SYS(ioctl), 1, UINT32_MAX, FIONREAD },
	{ CALLS_BASE, SCMP_SYS(ioctl), 1, UINT32_MAX, FIONBIO },
	{ CALLS_BASE, SCMP_SYS(ioctl), 1, UINT32_MAX, FICLONE },
	{ CALLS_BASE, SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME },
	{ CALLS_BASE, SCMP_SYS(prctl), 0, UINT32_MAX, PR_GET_NAME },
	{ CALLS_BASE, SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_PDEATHSIG },
	{ CALLS_BASE, SCMP_SYS(prlimit64), 2, UINT64_MAX, 0 },	/* reading only */
	{ CALLS_BASE, SCMP_SYS(tgkill), 2, UINT32_MAX, SIGABRT },
	{ CALLS_SOCK, SCMP_SYS(socketpair), 0, UINT32_MAX, AF_UNIX },
	{ CALLS_LOCAL, SCMP_SYS(socket), 0, UINT32_MAX, AF_UNIX },
	{ CALLS_NET, SCMP_SYS(socket), 0, UINT32_MAX, AF_INET },
	{ CALLS_NET, SCMP_SYS(socket), 0, UINT32_MAX, AF_INET6 },
	{ CALLS_NET, SCMP_SYS(socket), 0, UINT32_MAX, AF_NETLINK },
	{ CALLS_THREADS, SCMP_SYS(clone), 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM },
	{ CALLS_FORK, SCMP_SYS(clone), 0, NEW_NAMESPACES, 0 },
};

/* AddressSanitizer maps its shadow, reads /proc/self and asks for more than the program does. */
static unsigned groups_of(const struct role *role)
{
#ifdef BUZON_SANITIZED
	return role->calls | CALLS_MODULES;
#else
	return role->calls;
#endif
}

/* True when CALLS_FORK or CALLS_BECOME already allow NR without limits; a limited rule beside
 * an unlimited one is refused by libseccomp. */
static bool is_allowed_whole(unsigned groups, int nr)
{
	unsigned group = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		if (allowed[i].name == NULL)
			group = allowed[i].group;
		else if ((groups & group) &&
			 seccomp_syscall_resolve_name(allowed[i].name) == nr)
			return true;
	}
	return false;
}

static int add_groups(scmp_filter_ctx ctx, unsigned groups)
{
	unsigned group = 0;
	int rc = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && rc == 0; i++) {
		int nr;

		if (allowed[i].name == NULL) {
			group = allowed[i].group;
			continue;
		}
		nr = seccomp_syscall_resolve_name(allowed[i].name);
		if ((groups & group) && nr != __NR_SCMP_ERROR)
			rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
	}
	return rc;
}

static int add_limited(scmp_filter_ctx ctx, unsigned groups)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]) && rc == 0; i++) {
		if (!(groups & limited[i].group) || is_allowed_whole(groups, limited[i].nr))
			continue;
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, limited[i].nr, 1,
				      SCMP_CMP(limited[i].arg, SCMP_CMP_MASKED_EQ,
					       limited[i].mask, limited[i].want));
	}
	return rc;
}

/* clone3() hides its flags from a filter; ENOSYS sends libc to clone(). */
static int add_refusals(scmp_filter_ctx ctx, unsigned groups)
{
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	for (size_t i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]) && rc == 0; i++) {
		int nr = seccomp_syscall_resolve_name(dangerous[i]);

		if (nr != __NR_SCMP_ERROR)
			rc = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, nr, 0);
	}
	if (rc == 0 && (groups & CALLS_ANY))
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				      SCMP_CMP(0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER,
					       CLONE_NEWUSER));
	return rc;
}

#ifdef BUZON_SANITIZED
static int add_for_sanitizers(scmp_filter_ctx ctx, unsigned groups)
{
	static const char *const names[] = { "open", "openat", "readlink", "readlinkat", "prctl",
					     "sched_getparam", "getdents64", "personality" };
	int rc = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && rc == 0; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);

		if (nr != __NR_SCMP_ERROR && !is_allowed_whole(groups, nr))
			rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
	}
	return rc;
}
#endif

static int add_rules(scmp_filter_ctx ctx, unsigned groups)
{
	int rc = add_refusals(ctx, groups);

	if (rc != 0 || (groups & CALLS_ANY))
		return rc;
	rc = add_groups(ctx, groups);
	if (rc == 0)
		rc = add_limited(ctx, groups);
#ifdef BUZON_SANITIZED
	if (rc == 0)
		rc = add_for_sanitizers(ctx, groups);
#endif
	return rc;
}

/* Read the program back from libseccomp, which gives it to a descriptor only. */
static struct filter *compile(scmp_filter_ctx ctx)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	struct filter *f = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (seccomp_export_bpf(ctx, fd) == 0 && fstat(fd, &st) == 0 && st.st_size > 0) {
		f = mem_new(1, sizeof(*f));
		f->prog.len = (unsigned short)((size_t)st.st_size / sizeof(struct sock_filter));
		f->prog.filter = mem_new(f->prog.len, sizeof(struct sock_filter));
		if (pread(fd, f->prog.filter, (size_t)st.st_size, 0) != st.st_size)
			filter_free(&f);
	}
	close(fd);
	return f;
}

struct filter *filter_new(const struct role *role, struct err *err)
{
	unsigned groups = groups_of(role);
	scmp_filter_ctx ctx = seccomp_init(groups & CALLS_ANY ? SCMP_ACT_ALLOW
							      : SCMP_ACT_ERRNO(EPERM));
	struct filter *f = NULL;

	if (ctx != NULL) {
		seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
		if (add_rules(ctx, groups) == 0)
			f = compile(ctx);
		seccomp_release(ctx);
	}
	if (f == NULL)
		(void)!err_set(err, RC_SYS, "cannot make the system call filter of role %s",
			       role->name);
	return f;
}

void filter_free(struct filter **f)
{
	if (*f == NULL)
		return;
	free((*f)->prog.filter);
	free(*f);
	*f = NULL;
}

enum rc filter_install(const struct filter *f, struct err *err)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &f->prog) != 0)
		return err_sys(err, "seccomp");
	return RC_OK;
}
