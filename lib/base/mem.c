/* SPDX-License-Identifier: ISC */
#include "lib/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
	static const char text[] = "fatal: out of memory\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	_exit(EX_OSERR);
}

void *mem_new(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *mem_grow(void *p, size_t n, size_t size)
{
	void *q = reallocarray(p, n > 0 ? n : 1, size > 0 ? size : 1);

	if (q == NULL)
		out_of_memory();
	return q;
}

char *mem_dup(const void *p, size_t n)
{
	char *q = mem_new(n + 1, 1);

	if (n > 0)
		memcpy(q, p, n);
	return q;
}

void mem_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

bool mem_equal_secret(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char diff = 0;

	for (size_t i = 0; i < n; i++)
		diff |= x[i] ^ y[i];
	return diff == 0;
}
