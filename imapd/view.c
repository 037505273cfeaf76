/* SPDX-License-Identifier: ISC */
#include "imapd/view.h"

#include <stdlib.h>

#include "lib/base/mem.h"

enum { RECENT = STORE_FLAGS_ALL + 1, NUMBER_BITS = 7, NUMBER_MORE = 1 << NUMBER_BITS };

/* Seven bits a byte, the lowest first; the last byte has no NUMBER_MORE. */
static void put_number(uint64_t n, struct buf *out)
{
	for (; n >= NUMBER_MORE; n >>= NUMBER_BITS)
		buf_addc(out, (char)(n % NUMBER_MORE + NUMBER_MORE));
	buf_addc(out, (char)n);
}

/* Only the shortest form of a number is one. */
static bool get_number(struct slice *s, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;
	unsigned shift = 0;

	for (size_t i = 0; i < s->n && shift < 64; i++, shift += NUMBER_BITS) {
		uint64_t byte = (unsigned char)s->p[i], bits = byte % NUMBER_MORE;

		if (bits << shift >> shift != bits)
			return false;
		n |= bits << shift;
		if (byte >= NUMBER_MORE)
			continue;
		*s = slice_skip(*s, i + 1);
		*ret = n;
		return n <= max && (byte > 0 || i == 0);
	}
	return false;
}

/* COUNT messages from FIRST on; LAST_UID is that of the run before, 0 if there is none. */
static void put_run(const struct store_msg *first, uint32_t count, uint32_t last_uid,
		    struct buf *out)
{
	put_number(first->uid - last_uid - 1, out);
	put_number(count - 1, out);
	put_number(first->flags | (first->recent ? RECENT : 0U), out);
	put_number(first->keywords, out);
}

static bool follows(const struct store_msg *first, uint32_t count, const struct store_msg *m)
{
	return m->uid == first->uid + count && m->flags == first->flags &&
		m->keywords == first->keywords && m->recent == first->recent;
}

bool view_put(const struct store_msg *msgs, uint32_t n, struct buf *out)
{
	uint32_t last_uid = 0, count;

	for (uint32_t i = 0; i < n; i++)
		if (msgs[i].gone)
			return false;
	for (uint32_t i = 0; i < n; i += count) {
		for (count = 1; i + count < n; count++)
			if (!follows(&msgs[i], count, &msgs[i + count]))
				break;
		put_run(&msgs[i], count, last_uid, out);
		last_uid = msgs[i].uid + count - 1;
	}
	return true;
}

struct run {
	struct store_msg first;
	uint32_t count;
};

static bool get_run(struct slice *s, uint32_t last_uid, struct run *out)
{
	uint64_t gap, more, flags, keywords;

	if (!get_number(s, UINT32_MAX - 1, &gap) || !get_number(s, UINT32_MAX - 1, &more) ||
	    !get_number(s, STORE_FLAGS_ALL + RECENT, &flags) ||
	    !get_number(s, UINT64_MAX, &keywords) || last_uid + gap + 1 + more > UINT32_MAX)
		return false;
	*out = (struct run){
		.first = { .uid = (uint32_t)(last_uid + gap + 1), .keywords = keywords,
			   .flags = (uint8_t)(flags % RECENT), .recent = flags >= RECENT },
		.count = (uint32_t)(more + 1) };
	return true;
}

enum rc view_get(struct slice s, struct store_msg **ret, uint32_t *ret_n)
{
	struct store_msg *msgs = NULL;
	uint32_t n = 0, last_uid = 0;
	struct run r;
	enum rc rc = RC_OK;

	while (s.n > 0 && rc == RC_OK) {
		if (!get_run(&s, last_uid, &r) ||
		    (n > 0 && r.first.uid == last_uid + 1 && follows(&msgs[n - 1], 1, &r.first)))
			rc = RC_SYNTAX;
		else if (r.count > VIEW_MESSAGES_MAX - n)
			rc = RC_LIMIT;
		if (rc != RC_OK)
			break;
		msgs = mem_grow(msgs, n + (size_t)r.count, sizeof(*msgs));
		for (uint32_t i = 0; i < r.count; i++) {
			msgs[n] = r.first;
			msgs[n++].uid += i;
		}
		last_uid = r.first.uid + r.count - 1;
	}
	if (rc != RC_OK) {
		free(msgs);
		return rc;
	}
	*ret = msgs;
	*ret_n = n;
	return RC_OK;
}
