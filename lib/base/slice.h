/* lib/base/slice.h - borrowed, length-counted bytes, and the cutting and comparing of them.
 *
 * Pure: no allocation, no I/O. A slice owns nothing, is not NUL-terminated, and may hold any
 * byte. {NULL, 0} is the empty slice; functions never read p when n is 0. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_SLICE_H
#define LIB_BASE_SLICE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/char.h"
#include "lib/base/rc.h"

struct slice {
	const char *p;
	size_t n;
};

/* For printf("%.*s"). */
#define SLICE_ARG(s) (int)(s).n, (s).n > 0 ? (s).p : ""

/* A string literal as a slice: SLICE_LIT("RCPT"). */
#define SLICE_LIT(s) ((struct slice){ "" s, sizeof(s) - 1 })

static inline struct slice slice_make(const void *p, size_t n)
{
	return (struct slice){ (const char *)p, n };
}

/* S may be NULL, which gives the empty slice. */
static inline struct slice slice_str(const char *s)
{
	return (struct slice){ s, s != NULL ? strlen(s) : 0 };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII case is ignored. */
bool slice_ieq(struct slice a, struct slice b);

static inline bool slice_is(struct slice a, const char *s) { return slice_eq(a, slice_str(s)); }
static inline bool slice_iis(struct slice a, const char *s) { return slice_ieq(a, slice_str(s)); }

/* Order as memcmp, shorter first. */
int slice_cmp(struct slice a, struct slice b);

bool slice_starts(struct slice s, struct slice prefix);
bool slice_istarts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);
bool slice_iends(struct slice s, struct slice suffix);

/* Part of S from byte FROM, at most N bytes; out-of-range values are cut to S. */
struct slice slice_sub(struct slice s, size_t from, size_t n);

/* Drop the first N bytes (at most all). */
static inline struct slice slice_skip(struct slice s, size_t n) { return slice_sub(s, n, s.n); }

/* Index of the first / last C, or -1. */
ptrdiff_t slice_chr(struct slice s, char c);
ptrdiff_t slice_rchr(struct slice s, char c);

/* Index of the first occurrence of NEEDLE, or -1; an empty needle is at 0. slice_ifind
 * ignores ASCII case. */
ptrdiff_t slice_find(struct slice s, struct slice needle);
ptrdiff_t slice_ifind(struct slice s, struct slice needle);

/* Without outer blanks (SP, TAB) / white space (also CR, LF, VT, FF). */
struct slice slice_trim(struct slice s);
struct slice slice_trim_space(struct slice s);

/* Cut the longest prefix whose bytes all satisfy IS off *S and return it. */
struct slice slice_take_while(struct slice *s, bool (*is)(char));

/* Cut the part before the first SEP off *S into *RET; the separator is dropped. Without SEP
 * the whole rest is taken. False when *S was exhausted (p == NULL) before the call; an empty
 * last part after a trailing separator is returned. */
bool slice_split(struct slice *s, char sep, struct slice *ret);

/* Next token of *S separated by any byte of SEPS (runs count as one). False at the end. */
bool slice_token(struct slice *s, const char *seps, struct slice *ret);

/* Cut one line off *S: *RET is without its LF or CRLF. False when *S is empty. */
bool slice_line(struct slice *s, struct slice *ret);

bool slice_has_nul(struct slice s);

/* Copy to DST as a C string; false (and DST empty) when it does not fit in SIZE or S holds NUL. */
bool slice_to_cstr(struct slice s, char *dst, size_t size);

/* 64-bit hash of the bytes, seeded at process start; slice_ihash ignores ASCII case. */
uint64_t slice_hash(struct slice s);
uint64_t slice_ihash(struct slice s);

#endif
