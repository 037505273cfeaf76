/* SPDX-License-Identifier: ISC */
#include "auth/fields.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "lib/base/num.h"

void fields_init(struct fields *f)
{
	*f = (struct fields){ 0 };
	buf_init(&f->prefetch, FIELDS_PREFETCH_MAX);
}

void fields_done(struct fields *f)
{
	buf_done(&f->prefetch);
}

/* 4 or 16 address bytes, or 0. An IPv4 address in IPv6 clothes is IPv4. */
static size_t address_of(struct slice text, unsigned char out[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	char s[INET6_ADDRSTRLEN];

	if (!slice_to_cstr(text, s, sizeof(s)))
		return 0;
	if (inet_pton(AF_INET, s, out) == 1)
		return 4;
	if (inet_pton(AF_INET6, s, out) != 1)
		return 0;
	if (memcmp(out, mapped, sizeof(mapped)) != 0)
		return 16;
	memmove(out, out + 12, 4);
	return 4;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static bool in_net(struct slice net, struct slice addr)
{
	unsigned char a[16], b[16];
	ptrdiff_t slash = slice_chr(net, '/');
	size_t n = address_of(addr, a);
	uint32_t bits = (uint32_t)n * 8;

	if (slash >= 0) {
		if (num_u32(slice_skip(net, (size_t)slash + 1), bits, &bits) != RC_OK)
			return false;
		net = slice_sub(net, 0, (size_t)slash);
	}
	return n > 0 && address_of(net, b) == n && same_bits(a, b, bits);
}

bool fields_net_allowed(struct slice nets, struct slice addr)
{
	struct slice net;

	while (slice_token(&nets, ", ", &net))
		if (slice_is(net, "local") ? addr.n == 0 : in_net(net, addr))
			return true;
	return false;
}

static enum rc keep(char *out, size_t size, struct slice value, struct err *err)
{
	return slice_to_cstr(value, out, size) ? RC_OK : err_set(err, RC_LIMIT, "value is too long");
}

static enum rc add_prefetch(struct fields *f, struct slice name, struct slice value,
			    struct err *err)
{
	if (buf_len(&f->prefetch) > 0)
		buf_addc(&f->prefetch, '\0');
	buf_add(&f->prefetch, name);
	buf_addc(&f->prefetch, '=');
	buf_add(&f->prefetch, value);
	return buf_is_over(&f->prefetch) ? err_set(err, RC_LIMIT, "too many userdb_ fields") : RC_OK;
}

static enum rc take_expanded(struct fields *f, struct slice name, struct slice value,
			     struct err *err)
{
	bool is_no = slice_iis(value, "no");

	if (slice_is(name, "user"))
		return keep(f->user, sizeof(f->user), value, err);
	if (slice_is(name, "reason"))
		return keep(f->reason, sizeof(f->reason), value, err);
	if (slice_is(name, "allow_nets")) {
		f->has_nets = true;
		return keep(f->nets, sizeof(f->nets), value, err);
	}
	if (slice_is(name, "nologin"))
		f->is_disabled = !is_no;
	else if (slice_is(name, "nopassword"))
		f->has_no_password = !is_no;
	else if (slice_is(name, "nodelay"))
		f->no_delay = !is_no;
	else if (slice_is(name, "proxy") || slice_is(name, "proxy_maybe") || slice_is(name, "host"))
		return err_set(err, RC_PERM, "login proxying is not supported");
	return RC_OK;
}

enum rc fields_take(struct fields *f, struct slice name, struct slice value,
		    const struct expand_vars *vars, struct err *err)
{
	struct buf b;
	enum rc rc = RC_OK;

	if (value.p == NULL)
		value = SLICE_LIT("yes");
	/* its variables are the user database's to expand: home may be among them */
	if (slice_starts(name, SLICE_LIT("userdb_")))
		return add_prefetch(f, slice_skip(name, 7), value, err);
	buf_init(&b, sizeof(f->nets));
	rc = expand(value, vars, &b, err);
	if (rc == RC_OK)
		rc = take_expanded(f, name, buf_slice(&b), err);
	buf_done(&b);
	if (rc != RC_OK)
		err_context(err, "%.*s", SLICE_ARG(name));
	return rc;
}
