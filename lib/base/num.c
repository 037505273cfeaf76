/* SPDX-License-Identifier: ISC */
#include "lib/base/num.h"

static enum rc parse(struct slice s, unsigned base, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return RC_SYNTAX;
	for (size_t i = 0; i < s.n; i++) {
		int d = char_hex(s.p[i]);

		if (d < 0 || (unsigned)d >= base)
			return RC_SYNTAX;
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned)char_hex(s.p[i]);

		if (d > max || v > (max - d) / base)
			return RC_LIMIT;
		v = v * base + d;
	}
	*out = v;
	return RC_OK;
}

enum rc num_u64(struct slice s, uint64_t max, uint64_t *out)
{
	return parse(s, 10, max, out);
}

enum rc num_u32(struct slice s, uint32_t max, uint32_t *out)
{
	uint64_t v;
	enum rc rc = parse(s, 10, max, &v);

	if (rc == RC_OK)
		*out = (uint32_t)v;
	return rc;
}

enum rc num_i64(struct slice s, int64_t min, int64_t max, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t v, top = minus ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	enum rc rc = parse(slice_skip(s, minus), 10, top, &v);
	int64_t r;

	if (rc != RC_OK)
		return rc;
	r = minus ? (int64_t)(0 - v) : (int64_t)v;
	if (r < min || r > max)
		return RC_LIMIT;
	*out = r;
	return RC_OK;
}

enum rc num_hex(struct slice s, uint64_t max, uint64_t *out)
{
	return parse(s, 16, max, out);
}

enum rc num_octal(struct slice s, uint64_t max, uint64_t *out)
{
	return parse(s, 8, max, out);
}
