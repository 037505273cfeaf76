/* lib/table/net.c - networks as bits. */
/* SPDX-License-Identifier: ISC */
#include "lib/table/net.h"

#include <arpa/inet.h>

#include "lib/base/num.h"

bool net_parse_address(struct slice s, struct net *out)
{
	char text[INET6_ADDRSTRLEN + 1];
	int family;

	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = slice_sub(s, 1, s.n - 2);
	if (!slice_to_cstr(s, text, sizeof(text)))
		return false;
	family = slice_chr(s, ':') >= 0 ? AF_INET6 : AF_INET;
	memset(out, 0, sizeof(*out));
	if (inet_pton(family, text, out->addr) != 1)
		return false;
	out->n_bytes = family == AF_INET ? 4 : 16;
	out->prefix = out->n_bytes * 8;
	return true;
}

static bool has_host_bits(const struct net *net)
{
	for (unsigned i = net->prefix; i < net->n_bytes * 8; i++)
		if ((net->addr[i / 8] & (0x80U >> (i % 8))) != 0)
			return true;
	return false;
}

enum rc net_parse(struct slice s, struct net *out, struct err *err)
{
	struct slice whole = s, prefix = { NULL, 0 };
	ptrdiff_t slash;

	/* [addr/len] is written as well as [addr]/len */
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = slice_sub(s, 1, s.n - 2);
	slash = slice_rchr(s, '/');
	if (slash >= 0) {
		prefix = slice_skip(s, (size_t)slash + 1);
		s = slice_sub(s, 0, (size_t)slash);
	}
	if (!net_parse_address(s, out))
		return err_set(err, RC_SYNTAX, "bad address pattern: \"%.*s\"",
			       whole.n > 60 ? 60 : (int)whole.n, whole.p);
	if (slash < 0)
		return RC_OK;
	if (num_u32(prefix, out->n_bytes * 8, &out->prefix) != RC_OK)
		return err_set(err, RC_SYNTAX, "bad net/mask pattern: \"%.*s\"",
			       whole.n > 60 ? 60 : (int)whole.n, whole.p);
	if (has_host_bits(out))
		return err_set(err, RC_SYNTAX, "non-null host address bits in \"%.*s\"",
			       whole.n > 60 ? 60 : (int)whole.n, whole.p);
	return RC_OK;
}

bool net_contains(const struct net *net, const struct net *address)
{
	unsigned whole = net->prefix / 8, bits = net->prefix % 8;
	unsigned char mask = (unsigned char)(0xff00U >> bits);

	if (net->n_bytes != address->n_bytes || memcmp(net->addr, address->addr, whole) != 0)
		return false;
	return bits == 0 || ((net->addr[whole] ^ address->addr[whole]) & mask) == 0;
}
