/* SPDX-License-Identifier: ISC */
#include "lib/imap/seqset.h"

#include <stdlib.h>

#include "lib/base/num.h"

bool imap_seqset_looks_like(struct slice s)
{
	return s.n > 0 && (char_is_digit(s.p[0]) || s.p[0] == '*');
}

static enum rc parse_number(struct slice s, uint32_t *out, bool *ret_is_star)
{
	*out = 0;
	*ret_is_star = slice_is(s, "*");
	if (*ret_is_star)
		return RC_OK;
	return num_u32(s, UINT32_MAX, out) == RC_OK ? RC_OK : RC_SYNTAX;
}

static enum rc parse_range(struct slice s, struct imap_range *out)
{
	struct slice lo;
	enum rc rc;

	if (slice_chr(s, ':') < 0) {
		rc = parse_number(s, &out->lo, &out->lo_is_star);
		out->hi = out->lo;
		out->hi_is_star = out->lo_is_star;
		return rc;
	}
	(void)slice_split(&s, ':', &lo);
	rc = parse_number(lo, &out->lo, &out->lo_is_star);
	return rc == RC_OK ? parse_number(s, &out->hi, &out->hi_is_star) : rc;
}

enum rc imap_seqset_parse(struct slice s, struct arena *a, struct imap_seqset *out)
{
	struct imap_seqset set = { NULL, 0 };
	struct slice part, rest = s;
	size_t commas = 0;

	if (s.n == 0)
		return RC_SYNTAX;
	for (size_t i = 0; i < s.n; i++)
		commas += s.p[i] == ',';
	set.ranges = arena_alloc(a, (commas + 1) * sizeof(*set.ranges));
	if (set.ranges == NULL)
		return RC_LIMIT;
	while (slice_split(&rest, ',', &part)) {
		enum rc rc = parse_range(part, &set.ranges[set.n++]);

		if (rc != RC_OK)
			return rc;
	}
	*out = set;
	return RC_OK;
}

bool imap_seqset_has_zero(const struct imap_seqset *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct imap_range *r = &set->ranges[i];

		if ((r->lo == 0 && !r->lo_is_star) || (r->hi == 0 && !r->hi_is_star))
			return true;
	}
	return false;
}

static void resolve_range(struct imap_range *r, uint32_t largest)
{
	uint32_t lo = r->lo_is_star ? largest : r->lo, hi = r->hi_is_star ? largest : r->hi;

	r->lo_is_star = r->hi_is_star = false;
	r->lo = lo < hi ? lo : hi;
	r->hi = lo < hi ? hi : lo;
	if (r->lo == 0 && r->hi > 0)
		r->lo = 1;
}

static int by_start(const void *a, const void *b)
{
	const struct imap_range *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

void imap_seqset_resolve(struct imap_seqset *set, uint32_t largest)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		resolve_range(&set->ranges[i], largest);
	if (set->n > 1)
		qsort(set->ranges, set->n, sizeof(*set->ranges), by_start);
	for (size_t i = 0; i < set->n; i++) {
		struct imap_range r = set->ranges[i], *last = n > 0 ? &set->ranges[n - 1] : NULL;

		if (r.hi == 0)
			continue;
		if (last != NULL && (r.lo <= last->hi || r.lo - 1 == last->hi))
			last->hi = r.hi > last->hi ? r.hi : last->hi;
		else
			set->ranges[n++] = r;
	}
	set->n = n;
}

bool imap_seqset_has(const struct imap_seqset *set, uint32_t number)
{
	size_t lo = 0, hi = set->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (number > set->ranges[mid].hi)
			lo = mid + 1;
		else if (number < set->ranges[mid].lo)
			hi = mid;
		else
			return true;
	}
	return false;
}

uint32_t imap_seqset_largest(const struct imap_seqset *set)
{
	return set->n > 0 ? set->ranges[set->n - 1].hi : 0;
}

void imap_seqset_print(const uint32_t *numbers, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n;) {
		size_t last = i;

		while (last + 1 < n && numbers[last] != UINT32_MAX &&
		       numbers[last + 1] == numbers[last] + 1)
			last++;
		buf_addf(out, "%s%u", i > 0 ? "," : "", numbers[i]);
		if (last > i)
			buf_addf(out, ":%u", numbers[last]);
		i = last + 1;
	}
}
