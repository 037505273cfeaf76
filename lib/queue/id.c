/* SPDX-License-Identifier: ISC */
#include "lib/queue/id.h"

#include <assert.h>
#include <stdio.h>

enum {
	SECOND_BITS = 24, USEC_DIGITS = 4, SECOND_DIGITS = 6,
	USEC_PER_SEC = 1000000, POSTFIX_SHORT_MIN = 6, HASH_DEPTH_MAX = 5
};

/* No vowels: an id never spells a word. */
static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
static_assert(sizeof(digits) - 1 == 52);

void queue_idgen_init(struct queue_idgen *g, bool is_long, uint32_t instance)
{
	*g = (struct queue_idgen){ .is_long = is_long, .instance = instance };
}

void queue_idgen_next(struct queue_idgen *g, int64_t now_us, struct queue_id *out)
{
	/* A clock set back by more than a second is believed; a small step is bridged. */
	if (now_us <= g->last_us && g->last_us - now_us < USEC_PER_SEC)
		now_us = g->last_us + 1;
	g->last_us = now_us;
	if (g->is_long)
		queue_id_long(now_us, g->instance, out);
	else
		queue_id_short(now_us, out);
}

void queue_id_short(int64_t time_us, struct queue_id *out)
{
	snprintf(out->s, sizeof(out->s), "%05X%06X", (unsigned)(time_us % USEC_PER_SEC),
		 (unsigned)(time_us / USEC_PER_SEC) & ((1u << SECOND_BITS) - 1));
}

static char *put_number(char *to, uint64_t v, unsigned base, int width)
{
	char room[16];
	int n = 0;

	for (; v > 0 || n < width; v /= base)
		room[n++] = digits[v % base];
	while (n > 0)
		*to++ = room[--n];
	return to;
}

void queue_id_long(int64_t time_us, uint32_t instance, struct queue_id *out)
{
	char *p = put_number(out->s, (uint64_t)time_us / USEC_PER_SEC, 52, SECOND_DIGITS);

	p = put_number(p, (uint64_t)time_us % USEC_PER_SEC, 52, USEC_DIGITS);
	*p++ = 'z';
	p = put_number(p, instance, 51, 1);
	*p = '\0';
}

static bool is_short(struct slice id)
{
	if (id.n < POSTFIX_SHORT_MIN || id.n >= QUEUE_ID_SIZE)
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (!char_is_digit(id.p[i]) && !(id.p[i] >= 'A' && id.p[i] <= 'F'))
			return false;
	return true;
}

bool queue_id_is_long(struct slice id)
{
	ptrdiff_t z = slice_rchr(id, 'z');

	if (z < SECOND_DIGITS + USEC_DIGITS || (size_t)z + 1 == id.n || id.n >= QUEUE_ID_SIZE)
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] == '\0' || strchr(digits, id.p[i]) == NULL)
			return false;
	return true;
}

bool queue_id_is_valid(struct slice id)
{
	return is_short(id) || queue_id_is_long(id);
}

enum rc queue_id_parse(struct slice s, struct queue_id *out)
{
	if (!queue_id_is_valid(s))
		return RC_SYNTAX;
	(void)slice_to_cstr(s, out->s, sizeof(out->s));
	return RC_OK;
}

static bool get_number(struct slice s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		v = v * 52 + (uint64_t)(strchr(digits, s.p[i]) - digits);
		if (v > max)
			return false;
	}
	*ret = v;
	return true;
}

static bool long_parts(struct slice id, uint64_t *ret_sec, uint64_t *ret_usec)
{
	size_t n_sec = (size_t)slice_rchr(id, 'z') - USEC_DIGITS;

	return get_number(slice_sub(id, 0, n_sec), INT32_MAX * (uint64_t)1024, ret_sec) &&
	       get_number(slice_sub(id, n_sec, USEC_DIGITS), USEC_PER_SEC - 1, ret_usec);
}

void queue_id_hash_chars(struct slice id, unsigned depth, char out[6])
{
	uint64_t sec, usec;
	char hex[6] = "00000";

	if (is_short(id))
		memcpy(hex, id.p, HASH_DEPTH_MAX);
	else if (queue_id_is_long(id) && long_parts(id, &sec, &usec))
		snprintf(hex, sizeof(hex), "%05X", (unsigned)usec & 0xFFFFF);
	hex[depth < HASH_DEPTH_MAX ? depth : HASH_DEPTH_MAX] = '\0';
	memcpy(out, hex, strlen(hex) + 1);
}
