/* tests/crash/crashpoint.c - preloaded: end the process at its Nth change to the file system.
 *
 * CRASH_STATE names a file with a struct state, which every process maps before it confines itself.
 * Those of the program that is named there count down together: each write, sync, rename, link,
 * unlink, mode or time change of a regular file is one step, and the process that takes the last
 * step dies before it (or, with HALF set and the step a write, after half of it). Then the count is
 * zero and nobody dies any more, so what is restarted lives, until the test sets it again. */
/* SPDX-License-Identifier: ISC */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct state {
	int32_t left;		/* steps before the end; never, when it starts at 0 */
	int32_t steps;		/* taken so far */
	int32_t half;
	int32_t fired;
	char program[32];
	char op[32];		/* what was about to be done */
};

static struct state *state;
static char program[32];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void arm(void)
{
	const char *path = getenv("CRASH_STATE");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	char exe[4096], *slash;
	ssize_t n;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return;
	state = p;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	snprintf(program, sizeof(program), "%.31s", slash != NULL ? slash + 1 : exe);
}

/* True when this is the step at which to end. */
static int is_last(const char *op)
{
	if (state == NULL || strcmp(state->program, program) != 0)
		return 0;
	__atomic_add_fetch(&state->steps, 1, __ATOMIC_SEQ_CST);
	if (state->left <= 0 || __atomic_sub_fetch(&state->left, 1, __ATOMIC_SEQ_CST) != 0)
		return 0;
	snprintf(state->op, sizeof(state->op), "%s", op);
	state->fired = 1;
	return 1;
}

static void step(const char *op)
{
	if (is_last(op))
		__builtin_trap();	/* no system call that a filter could refuse */
}

static int is_file(int fd)
{
	struct stat st;
	int saved = errno, yes = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	errno = saved;
	return yes;
}

ssize_t write(int fd, const void *p, size_t n)
{
	if (state != NULL && is_file(fd) && is_last("write")) {
		if (state->half != 0)
			(void)!REAL(write)(fd, p, n / 2);
		__builtin_trap();
	}
	return REAL(write)(fd, p, n);
}

static ssize_t half_pwrite(int fd, const void *p, size_t n, off_t at, const char *op)
{
	if (state != NULL && is_file(fd) && is_last(op)) {
		if (state->half != 0)
			(void)!REAL(pwrite)(fd, p, n / 2, at);
		__builtin_trap();
	}
	return REAL(pwrite)(fd, p, n, at);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	return half_pwrite(fd, p, n, at, "pwrite");
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return half_pwrite(fd, p, n, at, "pwrite64");
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	if (is_file(fd))
		step("writev");
	return REAL(writev)(fd, v, n);
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	if (is_file(fd))
		step("pwritev");
	return REAL(pwritev)(fd, v, n, at);
}

ssize_t copy_file_range(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned flags)
{
	step("copy_file_range");
	return REAL(copy_file_range)(in, in_at, out, out_at, n, flags);
}

#define WRAP(type, name, parameters, arguments) \
	type name parameters \
	{ \
		step(#name); \
		return REAL(name) arguments; \
	}

WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, syncfs, (int fd), (fd))
WRAP(int, rename, (const char *a, const char *b), (a, b))
WRAP(int, renameat, (int x, const char *a, int y, const char *b), (x, a, y, b))
WRAP(int, renameat2, (int x, const char *a, int y, const char *b, unsigned f), (x, a, y, b, f))
WRAP(int, link, (const char *a, const char *b), (a, b))
WRAP(int, linkat, (int x, const char *a, int y, const char *b, int f), (x, a, y, b, f))
WRAP(int, unlink, (const char *a), (a))
WRAP(int, unlinkat, (int x, const char *a, int f), (x, a, f))
WRAP(int, ftruncate, (int fd, off_t n), (fd, n))
WRAP(int, fchmod, (int fd, mode_t m), (fd, m))
WRAP(int, mkdirat, (int x, const char *a, mode_t m), (x, a, m))
WRAP(int, utimensat, (int x, const char *a, const struct timespec t[2], int f), (x, a, t, f))

int openat(int x, const char *a, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if ((flags & O_CREAT) != 0)
		step("openat");
	return REAL(openat)(x, a, flags, mode);
}
