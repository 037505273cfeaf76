/* SPDX-License-Identifier: ISC */
#include "resolver/answer.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { HEADER = 12, POINTERS_MAX = 32 };

struct cursor {
	struct slice packet;
	size_t at;
	bool bad;
};

static unsigned take_bytes(struct cursor *c, unsigned n)
{
	unsigned v = 0;

	if (c->bad || n > c->packet.n - c->at) {
		c->bad = true;
		return 0;
	}
	for (; n > 0; n--)
		v = v << 8 | (unsigned char)c->packet.p[c->at++];
	return v;
}

static bool add_label(struct slice label, char *out, size_t *n)
{
	if (*n + label.n + (*n > 0) > DNS_NAME_MAX)
		return false;
	if (*n > 0)
		out[(*n)++] = '.';
	memcpy(out + *n, label.p, label.n);
	*n += label.n;
	return true;
}

/* Read a name that may be compressed; OUT has room for DNS_NAME_MAX + 1. Pointers lead only
 * backwards, and their number is bounded. */
static void take_name(struct cursor *c, char *out, size_t *ret_n)
{
	size_t at = c->at, n = 0, limit = c->packet.n;
	bool jumped = false;

	for (unsigned hops = 0; !c->bad;) {
		unsigned len = at < limit ? (unsigned char)c->packet.p[at] : 256;

		if (len == 0) {
			at++;
			break;
		}
		if (len >= 0xc0 && at + 1 < limit) {
			size_t to = (len & 0x3f) << 8 | (unsigned char)c->packet.p[at + 1];

			if (!jumped)
				c->at = at + 2;
			c->bad = to >= at || ++hops > POINTERS_MAX;
			jumped = true;
			at = to;
		} else if (len < 64 && at + 1 + len <= limit &&
			   add_label(slice_sub(c->packet, at + 1, len), out, &n)) {
			at += 1 + len;
		} else {
			c->bad = true;
		}
	}
	if (!jumped)
		c->at = at;
	out[n] = '\0';
	*ret_n = n;
}

static bool read_text(struct slice rdata, struct answer_record *r)
{
	r->n = 0;
	while (rdata.n > 0) {
		size_t len = (unsigned char)rdata.p[0];

		if (len + 1 > rdata.n || r->n + len > sizeof(r->data))
			return false;
		memcpy(r->data + r->n, rdata.p + 1, len);
		r->n += len;
		rdata = slice_skip(rdata, len + 1);
	}
	return true;
}

static bool read_address(int family, size_t want, struct slice rdata, struct answer_record *r)
{
	if (rdata.n != want || inet_ntop(family, rdata.p, r->data, sizeof(r->data)) == NULL)
		return false;
	r->n = strlen(r->data);
	return true;
}

static bool read_host(struct cursor *c, struct answer_record *r)
{
	take_name(c, r->data, &r->n);
	return !c->bad && (r->n == 0 || answer_is_host_name(slice_make(r->data, r->n)));
}

/* C stands on RDATA of N bytes. False: this record is not passed on. */
static bool read_rdata(struct cursor *c, uint16_t type, size_t n, struct answer_record *r)
{
	struct slice rdata = slice_sub(c->packet, c->at, n);

	r->preference = 0;
	switch (type) {
	case DNS_A: return read_address(AF_INET, 4, rdata, r);
	case DNS_AAAA: return read_address(AF_INET6, 16, rdata, r);
	case DNS_MX:
		r->preference = (uint16_t)take_bytes(c, 2);
		return read_host(c, r);
	case DNS_NS:
	case DNS_PTR: return read_host(c, r) && r->n > 0;
	case DNS_TXT: return read_text(rdata, r);
	case DNS_TLSA:
		r->n = rdata.n < sizeof(r->data) ? rdata.n : 0;
		memcpy(r->data, rdata.p, r->n);
		return r->n > 3;
	default: return false;
	}
}

static void take_record(struct cursor *c, uint16_t want, unsigned *count,
			void (*take)(void *, const struct answer_record *), void *ctx)
{
	char owner[DNS_NAME_MAX + 1];
	struct answer_record r;
	struct cursor rdata;
	unsigned type, class;
	size_t n;

	take_name(c, owner, &n);
	type = take_bytes(c, 2);
	class = take_bytes(c, 2);
	r.ttl_s = take_bytes(c, 4);
	n = take_bytes(c, 2);
	if (c->bad || n > c->packet.n - c->at) {
		c->bad = true;
		return;
	}
	rdata = (struct cursor){ .packet = slice_sub(c->packet, 0, c->at + n), .at = c->at };
	c->at += n;
	if (type != want || class != 1 || *count >= ANSWER_RECORDS_MAX)
		return;
	if (read_rdata(&rdata, want, n, &r) && !rdata.bad) {
		(*count)++;
		take(ctx, &r);
	}
}

enum rc answer_parse(struct slice packet, uint16_t type,
		     void (*take)(void *ctx, const struct answer_record *r), void *ctx,
		     unsigned *ret_rcode, unsigned *ret_count)
{
	struct cursor c = { .packet = packet, .at = HEADER };
	char name[DNS_NAME_MAX + 1];
	unsigned questions, answers;
	size_t n;

	*ret_count = 0;
	if (packet.n < HEADER)
		return RC_SYNTAX;
	*ret_rcode = (unsigned char)packet.p[3] & 0x0f;
	questions = (unsigned)(unsigned char)packet.p[4] << 8 | (unsigned char)packet.p[5];
	answers = (unsigned)(unsigned char)packet.p[6] << 8 | (unsigned char)packet.p[7];
	for (; questions > 0 && !c.bad; questions--) {
		take_name(&c, name, &n);
		take_bytes(&c, 4);
	}
	for (; answers > 0 && !c.bad; answers--)
		take_record(&c, type, ret_count, take, ctx);
	return c.bad ? RC_SYNTAX : RC_OK;
}

bool answer_is_host_name(struct slice name)
{
	char last = '.';

	if (name.n == 0 || name.n > DNS_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; last = name.p[i++]) {
		char ch = name.p[i];

		if (!char_is_alnum(ch) && ch != '-' && ch != '_' && ch != '.')
			return false;
		if (ch == '.' && last == '.')
			return false;
	}
	return true;
}

enum rc answer_reverse_name(struct slice address, char *out, size_t size)
{
	unsigned char b[16];
	char text[INET6_ADDRSTRLEN];
	size_t n = 0;

	if (!slice_to_cstr(address, text, sizeof(text)))
		return RC_SYNTAX;
	if (inet_pton(AF_INET, text, b) == 1) {
		snprintf(out, size, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
		return RC_OK;
	}
	if (inet_pton(AF_INET6, text, b) != 1)
		return RC_SYNTAX;
	for (int i = 15; i >= 0 && n < size; i--)
		n += (size_t)snprintf(out + n, size - n, "%x.%x.", b[i] & 15u, b[i] >> 4);
	if (n < size)
		snprintf(out + n, size - n, "ip6.arpa");
	return RC_OK;
}
