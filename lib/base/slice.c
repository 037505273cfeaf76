/* SPDX-License-Identifier: ISC */
#include "lib/base/slice.h"

#include <sys/auxv.h>

bool slice_ieq(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (char_lower(a.p[i]) != char_lower(b.p[i]))
			return false;
	return true;
}

int slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (d != 0)
		return d;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool slice_starts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n && slice_eq(slice_sub(s, 0, prefix.n), prefix);
}

bool slice_istarts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n && slice_ieq(slice_sub(s, 0, prefix.n), prefix);
}

bool slice_ends(struct slice s, struct slice suffix)
{
	return s.n >= suffix.n && slice_eq(slice_skip(s, s.n - suffix.n), suffix);
}

bool slice_iends(struct slice s, struct slice suffix)
{
	return s.n >= suffix.n && slice_ieq(slice_skip(s, s.n - suffix.n), suffix);
}

struct slice slice_sub(struct slice s, size_t from, size_t n)
{
	if (s.n == 0)
		return s;
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct slice){ s.p + from, n };
}

ptrdiff_t slice_chr(struct slice s, char c)
{
	const char *q = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return q != NULL ? q - s.p : -1;
}

ptrdiff_t slice_rchr(struct slice s, char c)
{
	const char *q = s.n > 0 ? memrchr(s.p, c, s.n) : NULL;

	return q != NULL ? q - s.p : -1;
}

ptrdiff_t slice_find(struct slice s, struct slice needle)
{
	const char *q;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return -1;
	q = memmem(s.p, s.n, needle.p, needle.n);
	return q != NULL ? q - s.p : -1;
}

ptrdiff_t slice_ifind(struct slice s, struct slice needle)
{
	if (needle.n == 0)
		return 0;
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (slice_ieq(slice_sub(s, i, needle.n), needle))
			return (ptrdiff_t)i;
	return -1;
}

static struct slice trim(struct slice s, bool (*is)(char))
{
	while (s.n > 0 && is(s.p[0]))
		s = slice_skip(s, 1);
	while (s.n > 0 && is(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct slice slice_trim(struct slice s)
{
	return trim(s, char_is_blank);
}

struct slice slice_trim_space(struct slice s)
{
	return trim(s, char_is_space);
}

struct slice slice_take_while(struct slice *s, bool (*is)(char))
{
	size_t i = 0;
	struct slice head;

	while (i < s->n && is(s->p[i]))
		i++;
	head = slice_sub(*s, 0, i);
	*s = slice_skip(*s, i);
	return head;
}

bool slice_split(struct slice *s, char sep, struct slice *ret)
{
	ptrdiff_t i;

	if (s->p == NULL)
		return false;
	i = slice_chr(*s, sep);
	if (i < 0) {
		*ret = *s;
		*s = (struct slice){ NULL, 0 };
	} else {
		*ret = (struct slice){ s->p, (size_t)i };
		*s = (struct slice){ s->p + i + 1, s->n - (size_t)i - 1 };
	}
	return true;
}

bool slice_token(struct slice *s, const char *seps, struct slice *ret)
{
	size_t i = 0, j;

	while (i < s->n && s->p[i] != '\0' && strchr(seps, s->p[i]) != NULL)
		i++;
	for (j = i; j < s->n && (s->p[j] == '\0' || strchr(seps, s->p[j]) == NULL); j++)
		;
	if (i == j)
		return false;
	*ret = slice_sub(*s, i, j - i);
	*s = slice_skip(*s, j);
	return true;
}

bool slice_line(struct slice *s, struct slice *ret)
{
	if (s->n == 0 || !slice_split(s, '\n', ret))
		return false;
	if (ret->n > 0 && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return true;
}

bool slice_has_nul(struct slice s)
{
	return slice_chr(s, '\0') >= 0;
}

bool slice_to_cstr(struct slice s, char *dst, size_t size)
{
	if (size == 0)
		return false;
	dst[0] = '\0';
	if (s.n >= size || slice_has_nul(s))
		return false;
	if (s.n > 0)
		memcpy(dst, s.p, s.n);
	dst[s.n] = '\0';
	return true;
}

/* FNV-1a with a per-process start value from the kernel, so that a stranger cannot choose
 * keys that collide. */
static uint64_t hash_seed(void)
{
	static uint64_t seed;
	const void *random = (const void *)getauxval(AT_RANDOM);

	if (seed == 0) {
		seed = 14695981039346656037u;
		if (random != NULL)
			memcpy(&seed, random, sizeof(seed));
		seed |= 1;
	}
	return seed;
}

static uint64_t hash_finish(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	return h;
}

uint64_t slice_hash(struct slice s)
{
	uint64_t h = hash_seed();

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return hash_finish(h);
}

uint64_t slice_ihash(struct slice s)
{
	uint64_t h = hash_seed();

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)char_lower(s.p[i])) * 1099511628211u;
	return hash_finish(h);
}
